"""Whom to call: units that have not submitted, by how long nothing has happened, with who works there."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce

from units.enums import UNIT_ROLES
from units.models import Membership, Person

from ...enums import UNSUBMITTED
from ...models import Call, Report
from .sections import reports_under

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Contact:
    """Somebody to call. Whoever sees a unit reads its people's numbers, there (units/member.html) as here."""

    person: Person
    role: str


@dataclass
class Silent:
    report: Report
    contacts: list[Contact] = field(default_factory=list)


def not_submitted(call: Call, person, at: datetime, under: str = "") -> QuerySet[Report]:
    """Reports that can still come, with `activity`: when something was last saved; long ago where nothing ever was."""
    return (
        reports_under(call, person, at, under)
        .filter(status__in=UNSUBMITTED)
        .annotate(activity=Coalesce("last_saved_at", Value(NEVER)))
    )


def with_contacts(reports: Iterable[Report], at: datetime) -> list[Silent]:
    """The reports with their units' heads, then experts. One query."""
    rows = [Silent(report) for report in reports]
    seats = (
        Membership.objects.valid_at(at)
        .filter(unit__in=[row.report.unit_id for row in rows], role__in=UNIT_ROLES, person__is_active=True)
        .select_related("person")
        .order_by("role", "person__sort_key", "id")
    )
    held: dict[int, list[Membership]] = defaultdict(list)
    for seat in seats:
        held[seat.unit_id].append(seat)
    for row in rows:
        row.contacts = [Contact(seat.person, seat.title) for seat in held[row.report.unit_id]]
    return rows
