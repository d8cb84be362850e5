"""Browsers in which somebody has signed in before."""

import re
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from sajad_portal.lib.national_code import hashes_of, keyed_hash

from ..models import KnownDevice, Person

COOKIE, SALT = "known-device", "units.known-device"
# One browser is known to so many people at most: an office's common computer.
PEOPLE_A_BROWSER = 8
_TOKEN = re.compile(r"[\w-]{24}", re.ASCII)


def tokens_of(request: HttpRequest) -> list[str]:
    """The tokens in the browser's cookie, whoever's they are; empty for none and for a cookie that we did not sign."""
    said = request.get_signed_cookie(COOKIE, default="", salt=SALT) or ""
    return [token for token in said.split(".")[:PEOPLE_A_BROWSER] if _TOKEN.fullmatch(token)]


def device_key(token: str) -> str:
    """What is stored of a token: a copy of the table makes no browser known."""
    return keyed_hash(f"known-device {token}")


def device_keys(token: str) -> list[str]:
    """Under which it may be found while the key is changed."""
    return hashes_of(f"known-device {token}")


def known_device(person: Person | None, tokens: list[str], at: datetime) -> KnownDevice | None:
    """The one of these that is the person's. Asks as much for a name that is nobody's."""
    return (
        KnownDevice.objects.filter(
            person=person.pk if person else 0,
            key__in=[key for token in tokens for key in device_keys(token)],
            used_at__gt=at - settings.KNOWN_DEVICE_AGE,
        )
        .order_by("-used_at")
        .first()
    )
