"""Signing in: who has this name and this password, and the steps from there to a session."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import (
    get_authentication_records,
    perform_login,
    perform_password_login,
    record_authentication,
)
from allauth.account.models import Login
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from sajad_portal.lib.address import client_address
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.national_code import decrypt, encrypt

from .actions.devices import remember_device
from .actions.people import note_sign_in
from .actions.proof import note_factor, note_proof
from .models import Person
from .queries import person_named
from .queries.devices import COOKIE, SALT, tokens_of
from .queries.organisation import portal_name


class NameOrNationalCodeBackend(ModelBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        if not username or password is None:
            return None
        person = person_named(username) or Person()  # the same work for an unknown name: timing tells nobody who exists
        return person if person.check_password(password) and self.user_can_authenticate(person) else None


class PortalAdapter(DefaultAccountAdapter):
    """What allauth is told of this portal. It opens no account, sends no mail, counts no tries: the portal's verbs do."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        raise NotImplementedError("Mails leave by the outbox: record an event and tell.")

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say what happened."""

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponse:
        return redirect("units:sign_in")

    def login(self, request: HttpRequest, user: Person) -> None:
        """The last step: the session is theirs."""
        note_sign_in(person=user, by=user, address=client_address(request))
        factor = any(step.get("method") == "mfa" for step in get_authentication_records(request, user))
        super().login(request, user)
        note_proof(request.session, database_now())
        note_factor(request.session, factor)

    def post_login(self, request: HttpRequest, user: Person, **told: Any) -> HttpResponse:
        """Where they go; from now on their browser is known, and its cookie says so."""
        response = super().post_login(request, user, **told)
        tokens = remember_device(person=user, tokens=tokens_of(request), by=user)
        response.set_signed_cookie(
            COOKIE,
            ".".join(tokens),
            salt=SALT,
            max_age=settings.KNOWN_DEVICE_AGE,
            secure=settings.PRODUCTION,
            httponly=True,
            samesite="Lax",
        )
        return response


class FactorAdapter(DefaultMFAAdapter):
    """What allauth is told of second factors: secrets lie under FIELD_KEY, and nothing is mailed but by the outbox."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises ValueError where no key reads it: an empty secret would have codes that anybody works out."""
        found = decrypt(encrypted_text)
        if not found:
            raise ValueError("A second factor is stored under another FIELD_KEY.")
        return found

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("Mails leave by the outbox: record an event and tell.")

    def _get_site_name(self) -> str:
        return portal_name()

    def _get_user_identifier(self, user: Person) -> str:
        return user.username


def enter(request: HttpRequest, person: Person, after: str) -> HttpResponse:
    """Lead somebody who has proved to be `person` through what is still asked of them, to the address `after`.

    The one way into a session. `request.user` is `person` when no step is left; else the answer leads to the next one.
    """
    return perform_password_login(request, {"username": person.username}, Login(user=person, redirect_url=after))


def enter_by_window(request: HttpRequest, person: Person, after: str, *, with_factor: bool) -> HttpResponse:
    """The same for whom the provider of single sign-on has vouched for; `with_factor`: by two factors, and the settings take that."""
    login = Login(user=person, redirect_url=after)
    record_authentication(request, person, "socialaccount", provider="openid_connect")
    if with_factor:
        record_authentication(request, person, "mfa", type="provider")
        login.state = {"stages": {AuthenticateStage.key: {"handled": True}}}
    return perform_login(request, login)
