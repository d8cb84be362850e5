"""The tree of units: who sees which, what lies above and below, who heads it."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Case, Count, F, OuterRef, Subquery, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber

from ..enums import Role
from ..models import Membership, Person, Unit
from ..models.querysets import MembershipQuerySet, UnitQuerySet
from . import ROLES, ancestor_ids, memberships_of, reach


def visible_units(person) -> UnitQuerySet:
    """The subtree of each membership; everything for a superuser, who sets the tree up."""
    if person.is_superuser:
        return Unit.objects.all()
    return Unit.objects.filter(reach(person))


def top_units(person) -> UnitQuerySet:
    """Where the person's tree begins: the units of their memberships that lie below no other; for a superuser the roots."""
    if person.is_superuser:
        return Unit.objects.filter(parent__isnull=True)
    paths = {m.unit.path for m in memberships_of(person)}
    return Unit.objects.filter(path__in=[p for p in paths if not any(p != q and p.startswith(q) for q in paths)])


def with_counts(units: UnitQuerySet, at: datetime) -> UnitQuerySet:
    """Annotates `child_count` (active ones) and `people_count` (who hold a valid membership there)."""
    children = Unit.objects.filter(parent=OuterRef("pk")).active_at(at).order_by().values("parent")
    people = Membership.objects.valid_at(at).filter(unit=OuterRef("pk")).order_by().values("unit")
    return units.annotate(
        child_count=Coalesce(Subquery(children.annotate(n=Count("pk")).values("n")), 0),
        people_count=Coalesce(Subquery(people.annotate(n=Count("person", distinct=True)).values("n")), 0),
    )


def branches(parents: Iterable[Unit], at: datetime, limit: int) -> dict[int, list[Unit]]:
    """The first `limit` active children of each parent, with counts, in one query."""
    place = Window(RowNumber(), partition_by=F("parent"), order_by=[F("sort_key").asc(), F("id").asc()])
    rows = with_counts(Unit.objects.select_related("kind").filter(parent__in=[p.pk for p in parents]).active_at(at), at)
    found: dict[int, list[Unit]] = {}
    for unit in rows.annotate(place=place).filter(place__lte=limit).order_by("sort_key", "id"):
        found.setdefault(unit.parent_id, []).append(unit)
    return found


def heads_of(units: Iterable[Unit], at: datetime) -> dict[int, list[Person]]:
    """The valid heads of each unit, in one query."""
    found: dict[int, list[Person]] = {}
    held = Membership.objects.valid_at(at).filter(
        unit__in=[u.pk for u in units], role=Role.HEAD, person__is_active=True
    )
    for membership in held.select_related("person").order_by("person__sort_key", "id"):
        found.setdefault(membership.unit_id, []).append(membership.person)
    return found


def ancestors_of(units: Iterable[Unit]) -> dict[int, list[Unit]]:
    """The units above each, from the root down, in one query."""
    above = {unit.pk: ancestor_ids(unit.path)[:-1] for unit in units}
    known = Unit.objects.in_bulk({pk for chain in above.values() for pk in chain})
    return {pk: [known[i] for i in chain if i in known] for pk, chain in above.items()}


def members_of(unit: Unit, at: datetime) -> MembershipQuerySet:
    """Who works there now with an open account, heads first; `role_place`: where the role stands among ROLES."""
    return _in_order(Membership.objects.valid_at(at).filter(person__is_active=True), unit)


def seats_on(unit: Unit, at: datetime) -> MembershipQuerySet:
    """The same, with the seats that wait to be accepted; `is_valid` tells them apart."""
    return _in_order(Membership.objects.current_at(at), unit)


def _in_order(seats: MembershipQuerySet, unit: Unit) -> MembershipQuerySet:
    places = [When(role=role, then=Value(place)) for place, role in enumerate(ROLES)]
    held = seats.filter(unit=unit).select_related("person", "deputy_for__person")
    return held.annotate(role_place=Case(*places)).order_by("role_place", "person__sort_key", "id")
