"""Signing in and out, the language, one's own account."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views import i18n
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.asking import asked_by_script
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.language import current_language
from sajad_portal.lib.national_code import decrypt
from sajad_portal.lib.refusals import typed_in

from ..actions.people import change_profile
from ..actions.sign_in import SignInRefused, check_sign_in
from ..actions.throttle import count_attempt, throttle_key
from ..backends import enter
from ..forms.accounts import ProfileForm, SignInForm
from ..gateways.window import KEPT_WORD, address_to_leave
from ..models import Person
from ..pages.frame import THEMES, SignedInRequest
from ..queries import memberships_of, seats_offered_to, seats_to_come
from ..queries.events import sign_ins_of

YEAR = 365 * 86400
PASSWORD_WINDOW = timedelta(minutes=15)


def csrf_failure(request, reason=""):
    """A form older than its session: say so and offer the page again, instead of Django's bare 403."""
    if asked_by_script(request):
        said = _("This page is older than your session. Load it again; what you typed stays in this browser.")
        return JsonResponse({"code": "stale-page", "message": said}, status=403)
    return render(request, "account/stale.html", {"typed": typed_in(request)}, status=403)


@access("public")
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """A page; with `X-In-Place: 1` what a page that somebody is typing in needs: 204 and a fresh token, or JSON."""
    in_place = bool(request.headers.get("X-In-Place"))
    after = after_sign_in(request)
    if request.user.is_authenticated and request.method == "GET" and not in_place:
        return redirect(after)
    form = SignInForm(request.POST or None)
    refusal, status = None, 200
    if request.method == "POST" and not settings.PASSWORD_DOOR:
        raise Forbidden(_("Names and passwords are not taken here. Sign in by single sign-on."), code="door-closed")
    if request.method == "POST" and form.is_valid():
        try:
            person = check_sign_in(
                request=request, name=form.cleaned_data["name"], password=form.cleaned_data["password"]
            )
        except SignInRefused as refused:
            refusal, status = refused, refused.status
        else:
            return _signed_in(request, person, form.cleaned_data["remember"], after, in_place)
    elif request.method == "POST":
        status = 400
    if in_place and request.method == "POST":
        return _in_place_refusal(form, refusal, status)
    context = {
        "form": form,
        "refusal": refusal,
        "after": after,
        "door": (settings.OIDC_DOOR_EN if current_language() == "en" else settings.OIDC_DOOR)
        if settings.OIDC_ISSUER
        else "",
        "takes_passwords": settings.PASSWORD_DOOR,
    }
    return render(request, "account/sign_in.html", context, status=status)


def after_sign_in(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    # `redirect` would take a bare word for the name of a view.
    return wanted if safe and wanted.startswith(("/", "http")) else resolve_url(settings.LOGIN_REDIRECT_URL)


def _signed_in(request: HttpRequest, person: Person, remember: bool, after: str, in_place: bool) -> HttpResponse:
    expected = request.POST.get("person", "")
    if in_place and expected and expected != str(person.pk):
        said = _("This page belongs to somebody else’s session. Sign in as the same person, or open the page anew.")
        return JsonResponse({"code": "other-person", "message": said}, status=409)
    answer = entered = enter(request, person, after)
    if not remember:
        request.session.set_expiry(0)
    if in_place:
        answer = _entered_in_place(request, person)
        answer.cookies.update(entered.cookies)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        _remember_language(answer, person.language)
    return answer


def _entered_in_place(request: HttpRequest, person: Person) -> HttpResponse:
    if request.user != person:  # a second factor is still asked for, which that page cannot show
        said = _("One more step is needed. Sign in on a new page and come back here; what you typed is kept.")
        return JsonResponse({"code": "another-step", "message": said}, status=409)
    answer = HttpResponse(status=204)
    answer["X-CSRFToken"] = get_token(request)
    return answer


def _in_place_refusal(form: SignInForm, refusal: SignInRefused | None, status: int) -> HttpResponse:
    if refusal:
        return JsonResponse({"code": refusal.code, "message": f"{refusal} {refusal.advice}"}, status=status)
    message = " ".join(str(error) for found in form.errors.values() for error in found)
    return JsonResponse({"code": "invalid", "message": message}, status=status)


@access("public", before_factor=True)
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    token = decrypt(request.session[KEPT_WORD]) if KEPT_WORD in request.session else ""
    logout(request)
    if token and (
        address := address_to_leave(token, request.build_absolute_uri(resolve_url(settings.LOGOUT_REDIRECT_URL)))
    ):
        # A page, not a redirect: a browser holds a form's redirect to the CSP, and the provider may end sessions on another host.
        answer = render(request, "account/window_left.html", {"address": address})
        answer["Refresh"] = f"0; url={address}"
        return answer
    messages.success(request, _("You have signed out."))
    return redirect(settings.LOGOUT_REDIRECT_URL)


@access("public", before_factor=True)
def set_language(request: HttpRequest) -> HttpResponse:
    """Django's own view; for somebody signed in the choice also goes to their profile, so that mails follow it."""
    wanted = request.POST.get("language", "")
    person = request.user
    if request.method == "POST" and person.is_authenticated and wanted in dict(settings.LANGUAGES):
        change_profile(person=person, mobile=person.mobile, email=person.email, language=wanted, by=person)
    return i18n.set_language(request)


@access("signed-in")
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def account(request: SignedInRequest) -> HttpResponse:
    """One's own profile, memberships and last sign-ins."""
    person = request.user
    told = {"mobile": person.mobile, "email": person.email, "language": person.language}
    if request.POST.get("password"):
        count_attempt(throttle_key("password", str(person.pk)), 10, PASSWORD_WINDOW).insist()
    form = ProfileForm(request.POST or None, initial=told, person=person)
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        change_profile(
            person=person, mobile=clean["mobile"], email=clean["email"], language=clean["language"], by=person
        )
        with override(clean["language"]):
            messages.success(request, _("Your profile was saved."))
        answer = redirect("units:account")
        _remember_language(answer, clean["language"])
        return answer
    at = database_now()
    return render(
        request,
        "account/account.html",
        {
            "form": form,
            "memberships": [*memberships_of(person, at), *seats_to_come(person, at)],
            "offers": seats_offered_to(person, at),
            "sign_ins": sign_ins_of(person)[:5],
        },
        status=400 if form.errors else 200,
    )


@access("signed-in", before_factor=True)
@require_POST
def theme(request: SignedInRequest) -> HttpResponse:
    """Light or dark, without a script; the cookie is the one that the button in the band writes."""
    answer = redirect("units:account")
    if request.POST.get("theme") in THEMES:
        answer.set_cookie("theme", request.POST["theme"], max_age=YEAR, samesite="Lax", secure=settings.PRODUCTION)
    return answer


def _remember_language(answer: HttpResponse, language: str) -> None:
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax", secure=settings.PRODUCTION)
