"""What must be true of seats: accepted within their time and by their person, consented to by somebody else.

That no seat is accepted without the consent it needs, and none after its end, the database itself refuses to be otherwise.
"""

from collections.abc import Iterator

from django.db.models import F

from units.enums import UnitVerb
from units.models import Event, Membership


def seats_are_accepted_by_their_person() -> Iterator[str]:
    """What was stored before seats were accepted is accepted from its start, and has no Event of it."""
    owners = dict(Membership.objects.values_list("pk", "person_id"))
    accepted = set()
    answers = Event.objects.filter(noun="membership", verb__in=[UnitVerb.ACCEPT, UnitVerb.DECLINE, UnitVerb.LEAVE])
    for key, verb, person in answers.order_by("id").values_list("key", "verb", "person_id").iterator(chunk_size=5000):
        if owners.get(int(key)) != person:
            yield f"membership {key}: {verb} by somebody else"
        if verb == UnitVerb.ACCEPT:
            accepted.add(int(key))
    for pk in Membership.objects.filter(accepted_at__gt=F("starts_at")).order_by("pk").values_list("pk", flat=True):
        if pk not in accepted:
            yield f"membership {pk}: accepted, and no event tells of it"


def consents_are_told_of() -> Iterator[str]:
    told = Event.objects.filter(noun="membership", verb=UnitVerb.CONSENT).values_list("key", "person_id")
    given = {(int(key), person) for key, person in told}
    consented = Membership.objects.filter(consented_at__isnull=False).order_by("pk")
    for pk, person in consented.values_list("pk", "consented_by_id"):
        if (pk, person) not in given:
            yield f"membership {pk}: consented to, and no event tells of it"


SEAT_CHECKS = (seats_are_accepted_by_their_person, consents_are_told_of)
