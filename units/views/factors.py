"""One's own second factors; and, for administrators, a lost one of somebody else."""

import json

from allauth.account.internal import flows  # noqa: F401 without it, the next import goes in a circle
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sajad_portal.lib.access import DECIDING, access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.national_code import decrypt, encrypt

from ..actions.factor_resets import confirm_factor_reset, propose_factor_reset, withdraw_factor_reset
from ..actions.factors import add_app, add_key, note_codes_kept, remove_factor, rename_key, renew_codes
from ..actions.proof import note_factor
from ..models import FactorReset, Person
from ..pages.frame import SignedInRequest
from ..queries.accounts import accounts_visible_to
from ..queries.factors import APP, CODES, KEY, SECOND, codes_left, factors_of, has_factor, open_reset_of
from ..queries.organisation import organisation, portal_name
from ..rules import administers, is_asked_for_factor, must_have_factor

SETTING_UP = "factor_being_set_up"  # in the session, encrypted: of an app that is being set up


@access("signed-in", before_factor=True)
@never_cache
@require_safe
def factors(request: SignedInRequest) -> HttpResponse:
    person, at = request.user, database_now()
    found = factors_of(person)
    codes = next((factor for factor in found if factor.type == CODES), None)
    context = {
        "app": next((factor for factor in found if factor.type == APP), None),
        "keys": [factor for factor in found if factor.type == KEY],
        "codes": codes,
        "codes_left": codes_left(found),
        "codes_unseen": codes is not None and not codes.wrap().did_view,
        "has_factor": any(factor.type in SECOND for factor in found),
        "asked": is_asked_for_factor(person, at),
        "must": must_have_factor(person, at),
        "since": organisation().factor_from,
        "reset": open_reset_of(person),
    }
    return render(request, "account/factors.html", context)


@access("signed-in", fresh=DECIDING, to_read=True, before_factor=True)
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def set_up_app(request: SignedInRequest) -> HttpResponse:
    """A secret as QR code and in letters; it counts once the app shows a right code for it."""
    secret = decrypt(request.session.get(SETTING_UP, "")) if SETTING_UP in request.session else ""
    refusal = None
    if request.method == "POST" and secret:
        try:
            add_app(person=request.user, secret=secret, code=request.POST.get("code", ""), by=request.user)
        except Refused as refused:
            refusal = refused
        else:
            del request.session[SETTING_UP]
            return _set_up(request)
    if not secret:
        secret = generate_totp_secret()
        request.session[SETTING_UP] = encrypt(secret)
    context = {
        "address": get_adapter().build_totp_url(request.user, secret),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "refusal": refusal,
    }
    return render(request, "account/factor_app.html", context, status=refusal.status if refusal else 200)


@access("signed-in", fresh=DECIDING, to_read=True, before_factor=True)
@never_cache
@require_http_methods(["GET", "POST"])
def set_up_key(request: SignedInRequest) -> HttpResponse:
    refusal, name = None, request.POST.get("name", "")
    if request.method == "POST":
        try:
            credential = _registered(request.POST.get("credential", ""))
            add_key(person=request.user, name=name, credential=credential, by=request.user)
        except Refused as refused:
            refusal = refused
        else:
            return _set_up(request)
    asking = webauthn.begin_registration(request.user, passwordless=False)
    context = {"asking": asking, "refusal": refusal, "name": name}
    return render(request, "account/factor_key.html", context, status=refusal.status if refusal else 200)


def _registered(answer: str) -> dict:
    """What the key answered, once it fits what it was asked. Raises Refused."""
    try:
        credential = json.loads(answer or "{}")
        webauthn.parse_registration_response(credential)
        webauthn.complete_registration(credential)
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(
            _("The key gave no answer that fits. Press the button again and touch the key when it blinks."),
            code="wrong-key",
            status=400,
        ) from error
    return credential


def _set_up(request: SignedInRequest) -> HttpResponse:
    note_factor(request.session, True)
    found = next((factor for factor in factors_of(request.user) if factor.type == CODES), None)
    if found is not None and not found.wrap().did_view:
        messages.success(request, _("It is set up. Now put the recovery codes away."))
        return redirect("units:factor_codes")
    messages.success(request, _("It is set up. The next sign-in asks for it."))
    return redirect("units:factors")


# ------------------------------------------------------------------------------------------- recovery codes
@access("signed-in", fresh=DECIDING, to_read=True, before_factor=True)
@never_cache
@require_http_methods(["GET", "POST"])
def recovery_codes(request: SignedInRequest) -> HttpResponse:
    """Shown until the person says that they are put away; a form makes new ones."""
    if request.method == "POST":
        renew_codes(person=request.user, by=request.user)
        return redirect("units:factor_codes")
    found = _unseen(request)
    if found is None:
        return redirect("units:factors")
    return render(request, "account/factor_codes.html", {"codes": found.wrap().get_unused_codes()})


@access("signed-in", fresh=DECIDING, to_read=True, before_factor=True)
@never_cache
@require_safe
def codes_file(request: SignedInRequest) -> HttpResponse:
    found = _unseen(request)
    if found is None:
        return redirect("units:factors")
    head = _("Recovery codes of %(name)s for %(portal)s. Each is good once.")
    lines = [head % {"name": request.user.username, "portal": portal_name()}, "", *found.wrap().get_unused_codes(), ""]
    answer = HttpResponse("\r\n".join(lines), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@access("signed-in", fresh=DECIDING, before_factor=True)
@require_POST
def codes_kept(request: SignedInRequest) -> HttpResponse:
    if (found := _unseen(request)) is not None:
        note_codes_kept(codes=found, by=request.user)
        messages.success(request, _("The codes are not shown again. Keep them where your telephone is not."))
    return redirect("units:factors")


def _unseen(request: SignedInRequest) -> Authenticator | None:
    found = next((factor for factor in factors_of(request.user) if factor.type == CODES), None)
    return None if found is None or found.wrap().did_view else found


# ------------------------------------------------------------------------------------------- renamed, removed
@access("signed-in", fresh=DECIDING, before_factor=True)
@require_POST
def rename_one(request: SignedInRequest, pk: int) -> HttpResponse:
    rename_key(factor=_own(request, pk), name=request.POST.get("name", ""), by=request.user)
    messages.success(request, _("The key has its new name."))
    return redirect("units:factors")


@access("signed-in", fresh=DECIDING, before_factor=True)
@require_POST
def remove_one(request: SignedInRequest, pk: int) -> HttpResponse:
    remove_factor(factor=_own(request, pk), by=request.user)
    note_factor(request.session, has_factor(request.user))
    messages.success(request, _("It is removed. Signing in no longer asks for it."))
    return redirect("units:factors")


def _own(request: SignedInRequest, pk: int) -> Authenticator:
    return get_object_or_404(Authenticator, pk=pk, user=request.user)


# ------------------------------------------------------------------------------------------- a lost one of somebody else
@access("can_propose_factor_reset", fresh=DECIDING)
@require_POST
def reset_propose(request: SignedInRequest, pk: int) -> HttpResponse:
    person = _account(request, pk)
    propose_factor_reset(person=person, reason=request.POST.get("reason", ""), by=request.user)
    messages.success(request, _("It is proposed. The other administrators are told; one of them confirms it."))
    return redirect("units:person", pk)


@access("can_confirm_factor_reset", fresh=DECIDING)
@require_POST
def reset_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    confirm_factor_reset(reset=_reset(request, pk), by=request.user)
    messages.success(
        request, _("The second factor is removed, all sessions of the person have ended, and they are told.")
    )
    return redirect("units:person", pk)


@access("administers", fresh=DECIDING)
@require_POST
def reset_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    withdraw_factor_reset(reset=_reset(request, pk), by=request.user)
    messages.success(request, _("The proposal is taken back; the second factor stays."))
    return redirect("units:person", pk)


def _account(request: SignedInRequest, pk: int) -> Person:
    if not administers(request.user):
        raise Forbidden(_("Accounts are looked after by administrators. People of a unit stand on the unit’s page."))
    return get_object_or_404(accounts_visible_to(request.user), pk=pk)


def _reset(request: SignedInRequest, pk: int) -> FactorReset:
    found = open_reset_of(_account(request, pk))
    if found is None:
        raise Refused(_("This proposal is over already."), code="already-ended")
    return found
