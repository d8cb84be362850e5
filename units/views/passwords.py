"""Changing the password, and setting one from a link."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.address import client_address
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.text import latin_digits, normalise

from ..actions.people import ask_for_reset, set_password
from ..actions.throttle import count_attempt, throttle_key
from ..backends import enter
from ..forms.accounts import PasswordChangeForm, PasswordForm, ResetForm
from ..models import Person
from ..notices.links import read_password_link
from ..pages.frame import SignedInRequest
from ..queries.heartbeats import worker_silent_since

LINKS = "password-links"  # in the session: {uid: token} of what was opened in it
QUARTER = timedelta(minutes=15)


@access("signed-in")
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def password_change(request: SignedInRequest) -> HttpResponse:
    form = PasswordChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        count_attempt(throttle_key("password", str(request.user.pk)), 10, QUARTER).insist()
        if not request.user.check_password(form.cleaned_data["current"]):
            form.add_error("current", _("This is not your present password."))
        elif person := _set(form, request.user, "change"):
            update_session_auth_hash(request, person)
            messages.success(request, _("The password was changed. Your other sessions have ended."))
            return redirect("units:account")
    return render(request, "account/password_change.html", {"form": form}, status=400 if form.errors else 200)


@access("public")
@never_cache
@require_http_methods(["GET", "POST"])
def password_reset(request: HttpRequest) -> HttpResponse:
    """Mails a link. Says the same whether or not there is such an account."""
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        count_attempt(throttle_key("reset-from", client_address(request)), 20, QUARTER).insist()
        who = latin_digits(normalise(name)).casefold()
        if count_attempt(throttle_key("reset", who), 3, timedelta(hours=1)).allowed:
            ask_for_reset(name=name)
        return redirect("units:password_reset_sent")
    return render(request, "account/password_reset.html", {"form": form}, status=400 if form.errors else 200)


@access("public")
@require_safe
def password_reset_sent(request: HttpRequest) -> HttpResponse:
    context = {"silent_since": worker_silent_since(database_now()), "reset": settings.RESET_LIFETIME}
    return render(request, "account/password_reset_sent.html", context)


@access("public")
@never_cache
@require_safe
def open_password_link(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """The first answer to a link moves its token from the address, which logs, histories and other sites read, into the session.

    It uses nothing up: whoever scans mails for bad links opens this one in a session of their own.
    """
    if read_password_link(uid, token) is None:
        answer = _expired(request)
    else:
        request.session[LINKS] = {**request.session.get(LINKS, {}), uid: token}
        answer = redirect("units:password_set", uid)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@access("public")
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def password_set(request: HttpRequest, uid: str) -> HttpResponse:
    """From an invitation or a reset that was opened in this session: a new password, and in.

    The address says whose link it is, so that two that are opened side by side are not mixed up. Its referrer policy is the
    portal's own, for with `no-referrer` a browser sends `Origin: null` with the form, which is refused as foreign.
    """
    token = request.session.get(LINKS, {}).get(uid)
    link = read_password_link(uid, token) if token else None
    if link is None:
        return _expired(request, opened=bool(token))
    person = link.person
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (changed := _set(form, person, "link", link.seat)):
        request.session.pop(LINKS)
        answer = enter(request, changed, resolve_url("reports:desk"))
        request.session.set_expiry(0)
        messages.success(request, _("The password is set and you are signed in."))
        return answer
    context = {"form": form, "person": person, "until": link.until, "invited": not person.has_usable_password()}
    return render(request, "account/password_set.html", context, status=400 if form.errors else 200)


def _expired(request: HttpRequest, *, opened: bool = True) -> HttpResponse:
    context = {"opened": opened, "invitation": settings.INVITATION_LIFETIME, "reset": settings.RESET_LIFETIME}
    return render(request, "account/link_expired.html", context, status=410)


@sensitive_variables()
def _set(form: PasswordForm, person: Person, how: str, seat: int | None = None) -> Person | None:
    try:
        return set_password(person=person, password=form.cleaned_data["new"], by=person, how=how, seat=seat)
    except ValidationError as weak:
        form.add_error("new", weak)
        return None
