"""The audit trail of people and units."""

from django.db.models import Q, QuerySet

from ..enums import UnitVerb
from ..models import Event, Membership, Unit

WHO = ("person", "membership__deputy_for__person")  # what `Event.who` reads


def events_of_unit(unit: Unit) -> QuerySet[Event]:
    """What happened to the unit and to its people, newest first; not what its reports went through."""
    return (
        Event.objects.filter(unit_id=unit.pk, noun__in=["unit", "membership", "person"])
        .select_related(*WHO)
        .order_by("-id")
    )


def events_of_member(membership: Membership, *, account: bool) -> list[Event]:
    """What happened to this membership, and (`account`) to the account while somebody of the unit saw to it."""
    about = Q(noun="membership", key=str(membership.pk))
    if account:
        about |= Q(noun="person", key=str(membership.person_id), unit_id=membership.unit_id)
    return list(Event.objects.filter(about).select_related(*WHO).order_by("-id")[:20])


def sign_ins_of(person) -> QuerySet[Event]:
    return Event.objects.filter(noun="person", key=str(person.pk), verb=UnitVerb.SIGN_IN).order_by("-id")


def history(noun: str, key) -> QuerySet[Event]:
    return Event.objects.filter(noun=noun, key=str(key)).select_related(*WHO).order_by("id")
