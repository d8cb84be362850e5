"""Who acts on what a retired unit left open: the people of its successor, in the calls that were handed to it."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from ..enums import UNIT_ROLES
from ..models import Membership, Person, Succession, Unit
from . import memberships_of


def inherited_by(person, at: datetime | None = None) -> list[Succession]:
    """What was handed to units on which the person has a seat of its own people. No query for somebody whose units took
    nothing over, which `memberships_of` knows; kept on the person for the instant."""
    units = {m.unit_id for m in memberships_of(person, at) if m.role in UNIT_ROLES and m.takes_over}
    if not units:
        return []
    kept = getattr(person, "_inherited_at", None)
    if kept is None or kept[0] != at:
        rows = Succession.objects.standing().filter(successor__in=units).select_related("unit", "successor")
        kept = person._inherited_at = (at, list(rows.order_by("pk")))
    return kept[1]


def inherited(
    person, at: datetime | None = None, *, unit: str = "unit", call: str = "call", units: Iterable[Unit] | None = None
) -> Q:
    """A Q over rows that have a unit and a call: the matters that were handed to the person's units (or to `units` of them)."""
    only = None if units is None else {each.pk for each in units}
    found = Q(pk__in=[])
    for matter in inherited_by(person, at):
        if only is None or matter.successor_id in only:
            of_call = {f"{call}__isnull": True} if matter.call_id is None else {call: matter.call_id}
            found |= Q(**{unit: matter.unit_id}, **of_call)
    return found


def inherited_units(person, at: datetime) -> list[Unit]:
    """Retired units of which something was handed to the person's units, each once."""
    return list({matter.unit_id: matter.unit for matter in inherited_by(person, at)}.values())


def successor_of(unit: Unit, call_id: int | None) -> Unit | None:
    """Who acts on what the unit left open in this call. No query for a unit that works."""
    if unit.retired_at is None:
        return None
    rows = Succession.objects.standing().filter(unit=unit, call_id=call_id).select_related("successor")
    found = rows.first()
    return found.successor if found else None


def acting_people(unit: Unit, call_id: int | None, *roles: str, at: datetime) -> QuerySet[Person]:
    """Who holds one of the roles on the unit, or on the one that acts on what it left open in this call."""
    heirs = Succession.objects.standing().filter(unit=unit, call_id=call_id).values("successor")
    where = Q(unit=unit) if unit.retired_at is None else Q(unit=unit) | Q(unit__in=heirs)
    held = Membership.objects.valid_at(at).filter(where, role__in=roles)
    return Person.objects.filter(is_active=True, pk__in=held.values("person_id")).order_by("sort_key", "id")


def heirs_of(rows: QuerySet) -> QuerySet:
    """The ids of the units that act on these rows (a queryset of something with a unit and a call)."""
    theirs = rows.filter(unit=OuterRef("unit"), call=OuterRef("call_id"))
    return Succession.objects.standing().filter(Exists(theirs), successor__isnull=False).values("successor")
