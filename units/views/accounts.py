"""The accounts, for an administrator: found, corrected, closed, opened again, signed out."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.lists import Column, Listing

from ..actions.accounts import close_account, correct_account, reopen_account
from ..actions.factors import name_of
from ..actions.national_codes import record_search
from ..actions.sessions import end_sessions
from ..forms.people import AccountClosingForm, AccountForm
from ..models import Membership, Person
from ..pages.frame import SignedInRequest
from ..pages.history import told
from ..queries.accounts import (
    accounts_matching,
    accounts_visible_to,
    closing_of,
    events_of_account,
    headed_alone,
    seats_of_account,
    sessions_of,
)
from ..queries.factors import SECOND, factors_of, open_reset_of
from ..rules import (
    administers,
    can_close_account,
    can_confirm_factor_reset,
    can_correct_address,
    can_propose_factor_reset,
)

SIZE = 50
OPEN, CLOSED, WAITING, ADMINISTRATORS = "open", "closed", "waiting", "administrators"
STATES = [
    ("", gettext_lazy("All")),
    (OPEN, gettext_lazy("Open")),
    (WAITING, gettext_lazy("Without a password yet")),
    (CLOSED, gettext_lazy("Closed accounts")),
    (ADMINISTRATORS, gettext_lazy("Administrators")),
]
NARROWED: dict[str, dict[str, Any]] = {
    "": {},
    OPEN: {"is_active": True},
    WAITING: {"is_active": True, "password__startswith": "!"},
    CLOSED: {"is_active": False},
    ADMINISTRATORS: {"is_superuser": True},
}
ACCOUNTS = Listing(
    Column("name", gettext_lazy("Name"), by=("sort_key",), fixed=True),
    Column("seats", gettext_lazy("Seats")),
    Column("mobile", gettext_lazy("Mobile"), by=("mobile", "sort_key")),
    Column("email", gettext_lazy("E-mail"), by=("email", "sort_key"), optional=True),
    Column("seen", gettext_lazy("Last seen"), by=("last_seen_at",), falls=True, blank=True),
    Column("state", gettext_lazy("Account")),
    sort="name",
)


@access("administers")
@never_cache
@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    _insist(request)
    listed = ACCOUNTS.of(request)
    state = listed.choose("state", _("Account"), STATES)
    words = listed.search(_("Name, user name, mobile or national code"))
    record_search(words=words, by=request.user)
    seats = Membership.objects.current_at(database_now()).select_related("unit").order_by("pk")
    found = accounts_matching(accounts_visible_to(request.user).filter(**NARROWED[state]), words)
    page = listed.page(found.prefetch_related(Prefetch("memberships", seats, to_attr="seats")), size=SIZE)
    return render(request, "units/accounts.html", {"listing": listed, "page": page})


@access("administers")
@never_cache
@require_safe
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    return _page(request, _account(request, pk))


@access("administers")
@never_cache
@require_POST
def correct(request: SignedInRequest, pk: int) -> HttpResponse:
    person = _account(request, pk)
    form = AccountForm(request.POST, person=person, address=can_correct_address(request.user, person))
    if not form.is_valid():
        return _page(request, person, form=form)
    try:
        _person, changed = correct_account(person=person, by=request.user, **form.told())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, person, form=form)
    said = _("The account was corrected.") if changed else _("Nothing was different.")
    if "email" in changed:
        said = _("The account was corrected. Links that went to the former e-mail no longer work; send a new one.")
    messages.success(request, said)
    return redirect("units:person", pk)


@access("administers")
@never_cache
@require_POST
def close(request: SignedInRequest, pk: int) -> HttpResponse:
    person = _account(request, pk)
    form = AccountClosingForm(request.POST)
    if not form.is_valid():
        return _page(request, person, close_form=form)
    close_account(person=person, reason=form.cleaned_data["reason"], by=request.user)
    said = _("The account of %(person)s is closed and signed out everywhere.")
    messages.success(request, said % {"person": person.get_full_name()})
    return redirect("units:person", pk)


@access("administers")
@require_POST
def reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    person = reopen_account(person=_account(request, pk), by=request.user)
    said = _("The account of %(person)s is open again: its password and its seats hold as before.")
    messages.success(request, said % {"person": person.get_full_name()})
    return redirect("units:person", pk)


@access("administers")
@require_POST
def sign_out_everywhere(request: SignedInRequest, pk: int) -> HttpResponse:
    person = end_sessions(person=_account(request, pk), by=request.user)
    if person.pk == request.user.pk:
        update_session_auth_hash(request, person)
    messages.success(request, _("All sessions of %(person)s have ended.") % {"person": person.get_full_name()})
    return redirect("units:person", pk)


def _insist(request: SignedInRequest) -> None:
    if not administers(request.user):
        raise Forbidden(_("Accounts are looked after by administrators. People of a unit stand on the unit’s page."))


def _account(request: SignedInRequest, pk: int) -> Person:
    _insist(request)
    return get_object_or_404(accounts_visible_to(request.user), pk=pk)


def _page(
    request: SignedInRequest,
    person: Person,
    form: AccountForm | None = None,
    close_form: AccountClosingForm | None = None,
) -> HttpResponse:
    at = database_now()
    may_close = can_close_account(request.user, person)
    factors, reset = factors_of(person), open_reset_of(person)
    context = {
        "person": person,
        "form": form or AccountForm(person=person, address=can_correct_address(request.user, person)),
        "close_form": close_form or AccountClosingForm(),
        "may_close": may_close,
        "may_address": can_correct_address(request.user, person),
        "oneself": person.pk == request.user.pk,
        "closing": None if person.is_active else closing_of(person),
        "waits": not person.has_usable_password(),
        "seats": seats_of_account(person, at),
        "alone": headed_alone(person, at) if may_close or not person.is_active else [],
        "sessions": sessions_of(person, at),
        "factor_kinds": [name_of(factor) for factor in factors if factor.type in SECOND],
        "reset": reset,
        "may_propose_reset": bool(factors) and can_propose_factor_reset(request.user, person),
        "may_confirm_reset": reset is not None and can_confirm_factor_reset(request.user, reset),
        "told": told(events_of_account(person), request.user, at, manages=True),
    }
    return render(request, "units/account.html", context, status=400 if form or close_form else 200)
