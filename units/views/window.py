"""Signing in by the provider of single sign-on: sent there, and back. It opens no account and gives no seat."""

import logging
from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.address import client_address
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.national_code import encrypt

from ..actions.people import find_person
from ..actions.throttle import count_attempt, throttle_key
from ..backends import enter_by_window
from ..gateways.window import KEPT_WORD, AuthorizationRequest, WindowDown, WindowRefused, address_to_ask, word_for
from ..models import Person
from .account import after_sign_in

logger = logging.getLogger(__name__)
ASKED, AFTER = "window_asked", "window_after"
QUARTER = timedelta(minutes=15)


@access("public", before_factor=True)
@never_cache
@require_safe
def window(request: HttpRequest) -> HttpResponse:
    """Away to the provider, with what its answer must fit."""
    _insist_there_is_one()
    count_attempt(throttle_key("window", client_address(request)), 200, QUARTER).insist()
    asked = AuthorizationRequest.anew()
    try:
        address = address_to_ask(asked, _back(request))
    except (WindowDown, WindowRefused) as error:
        return _down(request, error)
    request.session[ASKED] = [asked.state, asked.nonce, asked.verifier]
    request.session[AFTER] = after_sign_in(request)
    return redirect(address)


@access("public", before_factor=True)
@never_cache
@require_safe
def window_back(request: HttpRequest) -> HttpResponse:
    """The provider's answer. What was asked is taken out first: an answer counts once."""
    _insist_there_is_one()
    stored, after = request.session.pop(ASKED, None), request.session.pop(AFTER, "/")
    if not stored or request.GET.get("state") != stored[0]:
        return _refused(request, _("This answer belongs to no sign-in of this browser. Begin again."))
    if request.GET.get("error") or not request.GET.get("code"):
        return _refused(request, _("You were not signed in there. Try again, or sign in another way."))
    try:
        word = word_for(request.GET["code"], AuthorizationRequest(*stored), _back(request))
    except WindowDown as error:
        return _down(request, error)
    except WindowRefused as error:
        logger.warning("Single sign-on was refused: %s", error)
        return _refused(request, _("What came back could not be trusted, so nobody was signed in. Begin again."))
    person = _person_of(word.code)
    if person is None:
        said = _(
            "You are known there, but no account here has your national code. The head of your unit or a coordinator invites you."
        )
        return _refused(request, said, status=403)
    if not person.is_active:
        return _refused(
            request, _("This account is closed. An administrator of the portal can open it again."), status=403
        )
    answer = enter_by_window(request, person, after, with_factor=word.of_two_factors)
    request.session[KEPT_WORD] = encrypt(word.token)
    if request.user == person:
        request.session.set_expiry(0)
    return answer


def _person_of(code: str) -> Person | None:
    try:
        return find_person(national_code=code) if code.strip() else None
    except Refused:  # what the provider calls a national code is none
        return None


def _insist_there_is_one() -> None:
    if not settings.OIDC_ISSUER:
        raise Http404


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("units:window_back"))


def _refused(request: HttpRequest, said: str, status: int = 400) -> HttpResponse:
    return render(request, "account/window.html", {"said": said, "down": False}, status=status)


def _down(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("Single sign-on does not answer: %s", error)
    said = _("Single sign-on does not answer just now. Nothing is wrong with your account; try again in a few minutes.")
    return render(request, "account/window.html", {"said": said, "down": True}, status=503)
