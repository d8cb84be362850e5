"""Who reviews what in a call, how far each one is, and what nobody looks at."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from units.enums import Role
from units.models import Membership, Person
from units.queries import ancestor_ids

from .enums import ReportState, ReviewState
from .models import Call, Report, Review, ReviewAssignment
from .queries import form_of
from .reviewing import assignments_of

IDLE = (ReportState.EXCUSED, ReportState.CANCELLED)


@dataclass
class AssignmentRow:
    """An assignment with its reviews counted. `waiting`: submitted and not handed in; `silent`: of those, not begun."""

    assignment: ReviewAssignment
    section: str
    total: int = 0
    handed_in: int = 0
    waiting: int = 0
    silent: int = 0


@dataclass(frozen=True)
class Coverage:
    """A section: how many reviewers the call wants, and how many of its reports have fewer."""

    section: str
    wanted: int
    short: int
    reports: int


def possible_reviewers(call: Call, at: datetime) -> QuerySet[Person]:
    """People with a reviewer's role on the provider, below it or above it."""
    path = call.service.provider.path
    held = Membership.objects.valid_at(at).filter(role=Role.REVIEWER, unit__path__startswith=path)
    above = Membership.objects.valid_at(at).filter(role=Role.REVIEWER, unit__in=ancestor_ids(path))
    ids = [*held.values_list("person_id", flat=True), *above.values_list("person_id", flat=True)]
    return Person.objects.filter(is_active=True, pk__in=ids).order_by("sort_key", "pk")


def overview(call: Call, language: str) -> tuple[list[AssignmentRow], list[Coverage]]:
    """Assignments with their progress, and each section's coverage. Three queries, whatever the size."""
    definition = form_of(call.form_version)
    labels = {s.name: s.label_in(language) for s in definition.sections}
    rows = [AssignmentRow(a, labels.get(a.section, "")) for a in assignments_of(call)]
    reviews = Review.objects.filter(report__call=call).exclude(state=ReviewState.RELEASED)
    reviews = reviews.exclude(report__state__in=IDLE).values_list(
        "reviewer_id",
        "section",
        "lead",
        "state",
        "started_at",
        "report_id",
        "report__unit_path",
        "report__submitted_at",
    )
    looked_at: Counter[tuple[int, str]] = Counter()
    for reviewer_id, section, lead, state, started_at, report_id, path, submitted_at in reviews:
        if not lead:
            looked_at[report_id, section] += 1
        row = _row_of(rows, reviewer_id, section, path)
        if row is None:
            continue
        row.total += 1
        row.handed_in += state == ReviewState.HANDED_IN
        row.waiting += state == ReviewState.ASSIGNED and submitted_at is not None
        row.silent += state == ReviewState.ASSIGNED and submitted_at is not None and started_at is None
    reports = list(Report.objects.filter(call=call).exclude(state__in=IDLE).values_list("pk", flat=True))
    weighed = {i.section for i in definition.indicators if not i.source}
    return rows, [
        _coverage(call, labels[s.name], s.name, reports, looked_at) for s in definition.sections if s.name in weighed
    ]


def _row_of(rows: list[AssignmentRow], reviewer_id: int, section: str, path: str) -> AssignmentRow | None:
    above = set(ancestor_ids(path))
    return next(
        (
            row
            for row in rows
            if row.assignment.reviewer_id == reviewer_id
            and row.assignment.section == section
            and row.assignment.unit_id in above
        ),
        None,
    )


def _coverage(call: Call, label: str, section: str, reports: list[int], looked_at: Counter) -> Coverage:
    wanted = call.reviewers_per_section
    short = sum(looked_at[pk, section] + (looked_at[pk, ""] if section else 0) < wanted for pk in reports)
    return Coverage(label, wanted, short, len(reports))
