"""What must be true of seats: accepted within their time and by their person, consented to by somebody else; of deputies; and of
the browsers that people are known by.

That no seat is accepted without the consent it needs, and none after its end, the database itself refuses to be otherwise.
"""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from units.actions.devices import DEVICES_A_PERSON
from units.enums import UnitVerb
from units.models import Event, KnownDevice, Membership

from .saying import holds


@holds(_("A seat is accepted, declined and left by its own person, and its acceptance has an Event."))
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


@holds(_("The consent to a seat has its Event."))
def consents_are_told_of() -> Iterator[str]:
    told = Event.objects.filter(noun="membership", verb=UnitVerb.CONSENT).values_list("key", "person_id")
    given = {(int(key), person) for key, person in told}
    consented = Membership.objects.filter(consented_at__isnull=False).order_by("pk")
    for pk, person in consented.values_list("pk", "consented_by_id"):
        if (pk, person) not in given:
            yield f"membership {pk}: consented to, and no event tells of it"


@holds(_("A deputy was named by whom they stand in for, who is no deputy."))
def deputies_are_named_by_whom_they_stand_in_for() -> Iterator[str]:
    named = Event.objects.filter(noun="membership", verb=UnitVerb.NAME_DEPUTY).values_list("key", "person_id")
    by = {(int(key), person) for key, person in named}
    deputies = Membership.objects.filter(deputy_for__isnull=False).order_by("pk")
    for pk, giver, giver_deputy in deputies.values_list("pk", "deputy_for__person_id", "deputy_for__deputy_for_id"):
        if giver_deputy is not None:
            yield f"membership {pk}: stands in for a deputy"
        if (pk, giver) not in by:
            yield f"membership {pk}: a deputy whom the seat's own person did not name"


@holds(_("A seat has one deputy at a time."))
def a_seat_has_one_deputy_at_a_time() -> Iterator[str]:
    deputies = Membership.objects.filter(deputy_for__isnull=False, starts_at__lt=F("ends_at"))
    others = deputies.filter(deputy_for=OuterRef("deputy_for"), pk__gt=OuterRef("pk"))
    meets = others.filter(starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at"))
    for pk, giver in deputies.filter(Exists(meets)).order_by("pk").values_list("pk", "deputy_for_id"):
        yield f"membership {pk}: seat {giver} has two deputies at one time"


@holds(_("Nothing was done in a deputy’s seat outside its time."))
def nothing_is_done_in_a_seat_outside_its_time() -> Iterator[str]:
    """Of deputies: before the seat was accepted, or after it or the one it stands in for had ended."""
    seat, giver = "membership__", "membership__deputy_for__"
    acts = Event.objects.filter(membership__deputy_for__isnull=False).exclude(noun="membership")
    early = (
        Q(**{f"{seat}accepted_at__isnull": True}) | Q(at__lt=F(f"{seat}accepted_at")) | Q(at__lt=F(f"{seat}starts_at"))
    )
    late = Q(at__gte=F(f"{seat}ends_at")) | Q(at__gte=F(f"{giver}ends_at"))
    for event in acts.filter(early | late).order_by("pk"):
        yield f"event {event.pk}: {event.verb} in a deputy's seat outside its time"


@holds(_("A person is known by a few browsers only."))
def known_browsers_are_few() -> Iterator[str]:
    """Each is worth a few tries at the person's password, to whoever stole its cookie."""
    many = KnownDevice.objects.values("person_id").annotate(n=Count("id")).filter(n__gt=DEVICES_A_PERSON)
    for row in many.order_by("person_id"):
        yield f"person {row['person_id']}: known by {row['n']} browsers, at most {DEVICES_A_PERSON} are kept"


SEAT_CHECKS = (
    seats_are_accepted_by_their_person,
    consents_are_told_of,
    deputies_are_named_by_whom_they_stand_in_for,
    a_seat_has_one_deputy_at_a_time,
    nothing_is_done_in_a_seat_outside_its_time,
    known_browsers_are_few,
)
