"""Who is barred from a report, because they are in its unit's line or were while the report was open.

A report is open from its call's opening until its final instant: the result that is final, the excuse, the cancelling.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from units.enums import UNIT_ROLES, Role
from units.models import Membership, Person, Succession
from units.queries import ancestor_ids, people_with
from units.queries.lines import LineSeat, line_seats, of_its_line

from ..models import Call, Report, Review


def closed_for_good(report: Report) -> datetime | None:
    """The report's final instant; None while it has none. A result whose finality no sweep has latched yet has none."""
    ends = (report.excused_at, report.call.cancelled_at, report.final_at)
    return min((end for end in ends if end is not None), default=None)


def is_barred(person, report: Report, at: datetime) -> bool:
    """Whether the person judges nothing of this report, decides nothing about it and does not learn who judges it."""
    return of_its_line(
        person, report.unit, report.call_id, at, since=report.call.opens_at, until=closed_for_good(report),
        then=report.unit_path,
    )  # fmt: skip


def barred_reports(person, at: datetime, prefix: str = "") -> Q:
    """`is_barred` for lists: a Q over reports, or over rows that `prefix` leads from to their report."""
    found = Q(pk__in=[])
    for seat in line_seats(person, at):
        found |= _met(seat, prefix) & _open_in(seat, at, prefix)
        if seat.lasts_at(at):
            found |= _handed_to(seat, prefix)
    return found


def _handed_to(seat: LineSeat, prefix: str) -> Q:
    """A retired unit's report on which a unit in the seat's line acts."""
    heirs = Succession.objects.standing().filter(
        Q(successor__path__startswith=seat.path) | Q(successor__in=ancestor_ids(seat.path)),
        unit=OuterRef(f"{prefix}unit"), call_id=OuterRef(f"{prefix}call"),
    )  # fmt: skip
    return Q(Exists(heirs))


def _met(seat: LineSeat, prefix: str) -> Q:
    return (
        Q(**{f"{prefix}unit__path__startswith": seat.path})
        | Q(**{f"{prefix}unit__in": ancestor_ids(seat.path)})
        | Q(**{f"{prefix}unit_path__startswith": f"{seat.unit_id}."})
        | Q(**{f"{prefix}unit_path__contains": f".{seat.unit_id}."})
    )


def _open_in(seat: LineSeat, at: datetime, prefix: str) -> Q:
    """The seat lasts, or the report was open at some time of it."""
    if seat.lasts_at(at):
        return Q()
    found = Q(**{f"{prefix}call__opens_at__lt": seat.until})
    for end in ("excused_at", "call__cancelled_at", "final_at"):
        found &= Q(**{f"{prefix}{end}__isnull": True}) | Q(**{f"{prefix}{end}__gt": seat.since})
    return found


# -------------------------------------------------------------------------------------------- who judges the unit
def learns_reviewers(person, report: Report, at: datetime) -> bool:
    """Whether the person may learn who judges this report. In its unit's line nobody does, unless the call says that names
    are shown to units, and then once the result is announced."""
    return shown_to_unit(report) or not is_barred(person, report, at)


def shown_to_unit(report: Report) -> bool:
    return report.call.shows_reviewers and report.announced_at is not None


def judges_of(report: Report) -> set[int]:
    """Ids of those who review or reviewed this report, or led its review."""
    return set(report.reviews.values_list("reviewer_id", flat=True))


def names_hidden(person, at: datetime, prefix: str = "") -> Q:
    """Reports whose reviewers the person does not learn: the other side of `learns_reviewers`, for lists."""
    shown = Q(**{f"{prefix}call__shows_reviewers": True, f"{prefix}announced_at__isnull": False})
    return barred_reports(person, at, prefix) & ~shown


def hidden_reviewers(call: Call, person, at: datetime) -> set[int]:
    """Ids of those who judge a report of this call whose reviewers the person does not learn: the person sees no figure of the
    call beside their names, or the rest would tell whom the unit has."""
    if not line_seats(person, at):
        return set()
    hidden = Review.objects.filter(names_hidden(person, at, "report__"), report__call=call)
    return set(hidden.values_list("reviewer_id", flat=True))


def hides_reviewers(call: Call, person, at: datetime) -> bool:
    """Whether the call asks for a report whose reviewers the person does not learn."""
    return barred_in(call, person, at).filter(names_hidden(person, at)).exists()


# --------------------------------------------------------------------------------------------------- who is left
def once_in_line(report: Report, at: datetime) -> set[int]:
    """Ids of the people who were in the report's line while it was open and are not any more."""
    seats = Membership.objects.begun_by(at).filter(
        Q(unit__path__startswith=report.unit.path)
        | Q(unit__in=[*ancestor_ids(report.unit.path), *ancestor_ids(report.unit_path)]),
        role__in=UNIT_ROLES, ends_at__lte=at, ends_at__gt=report.call.opens_at,
    )  # fmt: skip
    people = Person.objects.filter(pk__in=seats.values("person_id"))
    return {person.pk for person in people if is_barred(person, report, at)}


def free_coordinators(report: Report, at: datetime) -> list[Person]:
    """The provider's coordinators who are not barred from the report, by name: whom to ask."""
    return [p for p in _coordinators(report.call, at) if not is_barred(p, report, at)]


def free_of_call(call: Call, at: datetime) -> list[Person]:
    """Those who are barred from no report of the call."""
    return [p for p in _coordinators(call, at) if not barred_in(call, p, at).exists()]


def barred_in(call: Call, person, at: datetime) -> QuerySet[Report]:
    """The reports of the call from which the person is barred."""
    if not line_seats(person, at):
        return Report.objects.none()
    return Report.objects.filter(barred_reports(person, at), call=call)


def _coordinators(call: Call, at: datetime) -> Iterable[Person]:
    return people_with(call.service.provider, Role.COORDINATOR, at=at)
