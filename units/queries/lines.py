"""In whose line a person is: for which units they report or reported, which they head or headed, and when.

In a unit's line is who reports for it or heads it, for a unit above it or one below it. A seat as coordinator, reviewer or
auditor puts nobody there, and a seat that was never accepted counts nowhere.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import F, Q

from ..enums import UNIT_ROLES
from ..models import Membership, Unit
from . import ancestor_ids, reporting_seats_of
from .successions import successor_of


class LineSeat(NamedTuple):
    """A seat as expert or head, in effect in [since, until); `until` is None while no end is set."""

    unit_id: int
    path: str
    since: datetime
    until: datetime | None

    def lasts_at(self, at: datetime) -> bool:
        return self.until is None or self.until > at


def line_seats(person, at: datetime) -> list[LineSeat]:
    """Every such seat of the person that took effect by `at`, ended ones too. Read with `memberships_of`."""
    return seats_of(reporting_seats_of(person, at)) if person.is_authenticated else []


def seats_of(memberships: Iterable[Membership]) -> list[LineSeat]:
    """Of accepted memberships as expert or head, with their units; one that ended before it was accepted never took effect."""
    seats = [
        LineSeat(seat.unit_id, seat.unit.path, max(seat.starts_at, seat.accepted_at), seat.ends_at)
        for seat in memberships
        if seat.accepted_at is not None
    ]
    return [seat for seat in seats if seat.until is None or seat.until > seat.since]


def in_line_of(
    person, path: str, at: datetime, *, since: datetime | None = None, until: datetime | None = None, then: str = ""
) -> bool:
    """THE rule: whether the person is in the line of the unit of this path at `at`, or was at any time in [since, until).

    Without `since` only `at` counts. `then`: where the unit stood in the tree at that time, where that is kept: who
    reported above it then is in its line, wherever the unit has moved since. `reports.queries.lines.barred_reports` says
    the same in SQL; a property test holds the two together.
    """
    return any(_meets(seat, path, then) and _overlaps(seat, at, since, until) for seat in line_seats(person, at))


def of_its_line(
    person, unit: Unit, call_id: int | None, at: datetime, *, since: datetime | None = None, until: datetime | None = None,
    then: str = "",
) -> bool:  # fmt: skip
    """`in_line_of` this unit, or now of the one that acts on what it left open in this call."""
    if in_line_of(person, unit.path, at, since=since, until=until, then=then):
        return True
    heir = successor_of(unit, call_id)
    return heir is not None and in_line_of(person, heir.path, at)


def once_in_line_of(unit: Unit, at: datetime, since: datetime) -> set[int]:
    """Ids of the people who were in the unit's line at some time from `since` on and left it by `at`."""
    seats = Membership.objects.begun_by(at).filter(
        Q(unit__path__startswith=unit.path) | Q(unit__in=ancestor_ids(unit.path)),
        role__in=UNIT_ROLES, ends_at__lte=at, ends_at__gt=since, accepted_at__lt=F("ends_at"),
    )  # fmt: skip
    return set(seats.values_list("person_id", flat=True))


def _meets(seat: LineSeat, path: str, then: str) -> bool:
    return path.startswith(seat.path) or seat.path.startswith(path) or seat.unit_id in ancestor_ids(then)


def _overlaps(seat: LineSeat, at: datetime, since: datetime | None, until: datetime | None) -> bool:
    if seat.until is None or seat.until > at:
        return True
    return since is not None and seat.until > since and (until is None or seat.since < until)
