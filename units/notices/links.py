"""Links that let a person set a password: valid for a time, once, the newest alone, and not after the password has changed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import base36_to_int, urlsafe_base64_decode, urlsafe_base64_encode

from sajad_portal.lib.clock import TEHRAN, database_now

from ..models import Person


@dataclass(frozen=True)
class PasswordLink:
    """Whose link it is; which seat the first password accepts, None where the link names none; the instant it ends at."""

    person: Person
    seat: int | None
    until: datetime


def lifetime_of(seat: int | None) -> timedelta:
    """An invitation names the seat that its first password accepts; any other link is a reset."""
    return settings.INVITATION_LIFETIME if seat else settings.RESET_LIFETIME


class _Tokens(PasswordResetTokenGenerator):
    """Signs the seat too, so that a link to one seat does not become one to another, and the number of the person's newest
    link, so that older ones open nothing. The time is the database's.
    """

    def __init__(self, seat: int | None, number: int):
        super().__init__()
        self.seat, self.number = seat, number

    def _make_hash_value(self, user, timestamp):
        return f"{super()._make_hash_value(user, timestamp)}:{self.seat or ''}:{self.number}"

    def _now(self) -> datetime:
        return database_now().astimezone(TEHRAN).replace(tzinfo=None)

    def time_left(self, token: str) -> timedelta:
        """Of a token that `check_token` found to be ours."""
        age = self._num_seconds(self._now()) - base36_to_int(token.partition("-")[0])
        return lifetime_of(self.seat) - timedelta(seconds=age)


def password_link(person: Person, seat: int | None = None, number: int | None = None) -> str:
    """A fresh link, absolute. Made when it is shown or mailed, and kept by nobody but the browser that opens it: a copy of the
    mails' table opens no account.

    `number`: which link of the person's it is; a mail that leaves late carries that of its event. None: the newest.
    """
    named = f"{person.pk}.{seat}" if seat else str(person.pk)
    uid = urlsafe_base64_encode(force_bytes(named))
    path = reverse(
        "units:password_link",
        args=[uid, _Tokens(seat, person.link_number if number is None else number).make_token(person)],
    )
    return f"{settings.SITE_URL}{path}"


def read_password_link(uid: str, token: str) -> PasswordLink | None:
    """None for a wrong, used or expired link, and for a closed account."""
    try:
        keys = [int(part) for part in urlsafe_base64_decode(uid).decode("ascii").split(".")]
    except (ValueError, OverflowError):
        return None
    if len(keys) > 2 or not all(0 < key < 2**63 for key in keys):
        return None
    person = Person.objects.filter(pk=keys[0], is_active=True).first()
    seat = keys[1] if len(keys) == 2 else None
    if person is None:
        return None
    tokens = _Tokens(seat, person.link_number)
    if not tokens.check_token(person, token) or (left := tokens.time_left(token)) <= timedelta():
        return None
    return PasswordLink(person, seat, database_now() + left)
