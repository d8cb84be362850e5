"""Whom an administrator named to decide about one unit's reports, because every coordinator of the provider is in its line.

Kept in the trail of events itself, like an administrator's confirmation of a person: the newest word on a unit and its
provider stands. Who may be named, and when, is asked by the verbs (`reports.actions.deciders`).
"""

from datetime import datetime
from typing import NamedTuple

from ..enums import Role, UnitVerb
from ..models import Event, Membership, Unit
from . import ancestor_ids, memberships_of

# With these, over the unit, one may be named: who sees its reports and may judge. They act with that seat.
NAMEABLE = (Role.COORDINATOR, Role.REVIEWER)


class Naming(NamedTuple):
    provider_id: int
    unit_id: int
    person_id: int
    at: datetime
    reason: str


def namings(at: datetime, **about) -> list[Naming]:
    """Those that stand at `at`; `about` narrows the events (`unit_id=…`). One query; there are as many as were ever given."""
    told = Event.objects.filter(
        noun="unit", verb__in=[UnitVerb.NAME_DECIDER, UnitVerb.END_DECIDER], at__lte=at, **about
    )
    last: dict[tuple[int, int], Event] = {}
    for event in told.order_by("id"):
        last[event.data["provider"], event.unit_id or 0] = event
    return [
        Naming(provider, unit, event.data["person"], event.at, event.data["reason"])
        for (provider, unit), event in last.items()
        if event.verb == UnitVerb.NAME_DECIDER
    ]


def nameable_seat(person, path: str, at: datetime) -> Membership | None:
    """The seat over the unit of this path with which the person may be named, and acts."""
    above = set(ancestor_ids(path))
    return next((m for m in memberships_of(person, at) if m.unit_id in above and m.role in NAMEABLE), None)


def named_membership(person, provider_id: int, unit: Unit, at: datetime) -> Membership | None:
    """With which the person decides about exactly this unit for the provider, as long as they are named and hold that seat."""
    seat = nameable_seat(person, unit.path, at)
    return seat if seat is not None and unit.pk in named_units(person, provider_id, at) else None


def named_units(person, provider_id: int, at: datetime) -> set[int]:
    """Ids of the units for which the person is named by this provider."""
    return {naming.unit_id for naming in namings_of(person, at) if naming.provider_id == provider_id}


def namings_of(person, at: datetime) -> list[Naming]:
    """For which units, and for whom, the person is named. One query for each instant, for who could be named at all."""
    if not any(m.role in NAMEABLE for m in memberships_of(person, at)):
        return []
    kept = getattr(person, "_namings", None)
    if kept is None or kept[0] != at:
        kept = person._namings = (at, [n for n in namings(at) if n.person_id == person.pk])
    return kept[1]
