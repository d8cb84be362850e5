"""Knowing a browser again. No Event: signing in has one, and what is stored gives nobody a right."""

import secrets

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden

from ..models import KnownDevice, Person
from ..queries.devices import PEOPLE_A_BROWSER, device_key, device_keys, known_device

# Who knew the password once may have collected tokens; each is worth a few tries, so that only so many are kept.
DEVICES_A_PERSON = 10


@transaction.atomic
def remember_device(*, person: Person, tokens: list[str], by: Person) -> list[str]:
    """The browser that brought `tokens` is known to the person from now on. What its cookie holds then: theirs first.

    Raises Forbidden for anybody but the person.
    """
    if by.pk != person.pk:
        raise Forbidden(_("Nobody makes a browser known for somebody else."), code="not-yours")
    # Two sign-ins at once would each leave one too many.
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    at = database_now()
    if device := known_device(person, tokens, at):
        own = next(token for token in tokens if device.key in device_keys(token))
        KnownDevice.objects.filter(pk=device.pk).update(used_at=at, key=device_key(own))
    else:
        own = secrets.token_urlsafe(18)
        KnownDevice.objects.create(person=person, key=device_key(own), used_at=at)
        kept = KnownDevice.objects.filter(person=person).order_by("-used_at", "-id")[:DEVICES_A_PERSON]
        KnownDevice.objects.filter(person=person).exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    return [own, *(token for token in tokens if token != own)][:PEOPLE_A_BROWSER]


def forget_old_devices() -> int:
    """Housekeeping: browsers in which nobody has signed in for long."""
    return KnownDevice.objects.filter(used_at__lte=database_now() - settings.KNOWN_DEVICE_AGE).delete()[0]
