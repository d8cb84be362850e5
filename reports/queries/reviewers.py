"""Who reviews what in a call, how far each one is, how long what waits has waited, and what nobody looks at.

The database counts; a call of ten thousand reports costs these pages as many statements as one of three.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from sajad_portal.lib.sql import Written
from units.enums import Role
from units.models import Membership, Person
from units.queries import ancestor_ids

from ..enums import IN_REVIEW, NOT_ASKED, CallState, ReportState, ReviewState
from ..models import Call, Report, Review, ReviewAssignment
from ..models import status as derivation
from ..models.querysets import WORD
from . import form_of
from .findings import assignments_of, is_reviewed_in
from .lines import hidden_reviewers

# Whole days since the submission, first and last of a bucket; the last one has no end.
AGES = ((0, 3), (4, 7), (8, 14), (15, None))
_STATUS = {name: f"report__{path}" for name, path in derivation.OF_STATUS.items()}
WAITING = Q(state=ReviewState.ASSIGNED, waits=True)
SILENT = WAITING & Q(started_at=None)


@dataclass
class Load:
    """Reviews counted. `begun`: not handed in; `waiting`: the report is there to be reviewed; `silent`: of those, not begun.

    `ages`: of those that wait, how many lie in each bucket of AGES.
    """

    total: int = 0
    begun: int = 0
    handed_in: int = 0
    waiting: int = 0
    silent: int = 0
    ages: list[int] = field(default_factory=lambda: [0] * len(AGES))

    def add(self, row: dict) -> None:
        """One row of `_counted`."""
        count, assigned = row["count"], row["state"] == ReviewState.ASSIGNED
        self.total += count
        self.begun += count if assigned and row["begun"] else 0
        self.handed_in += count if row["state"] == ReviewState.HANDED_IN else 0
        if assigned and row["waits"]:
            self.waiting += count
            self.silent += 0 if row["begun"] else count
            self.ages[row["age"]] += count


@dataclass
class AssignmentRow:
    """An assignment with its reviews counted. `named`: the reader may learn whose it is."""

    assignment: ReviewAssignment
    section: str
    load: Load = field(default_factory=Load)
    named: bool = True


@dataclass
class LoadRow:
    """What one reviewer has of one section ("": all of them). `reviewer` is None where they judge a unit in whose line the
    reader is: the figures stay, the name does not stand beside them."""

    reviewer: Person | None
    section: str
    load: Load = field(default_factory=Load)


@dataclass(frozen=True)
class SectionCoverage:
    """A section: how many reviewers the call wants, and how many of its reports have fewer."""

    section: str
    wanted: int
    short: int
    reports: int


@dataclass(frozen=True)
class Overview:
    assignments: list[AssignmentRow]
    loads: list[LoadRow]
    coverage: list[SectionCoverage]
    whole: Load


def possible_reviewers(call: Call, at: datetime) -> QuerySet[Person]:
    """People with a reviewer's role on the provider, below it or above it."""
    path = call.service.provider.path
    seats = Membership.objects.valid_at(at).filter(role=Role.REVIEWER, deputy_for=None)
    held, above = seats.filter(unit__path__startswith=path), seats.filter(unit__in=ancestor_ids(path))
    ids = [*held.values_list("person_id", flat=True), *above.values_list("person_id", flat=True)]
    return Person.objects.filter(is_active=True, pk__in=ids).order_by("sort_key", "pk")


def live_reviews(call: Call, at: datetime) -> QuerySet[Review]:
    """The call's reviews that are not released, with the `status` of their reports as of `at`; `waits`: it is submitted or
    under review. That is asked of the stored state first, because most rows need no more."""
    reviewable = IN_REVIEW if call.state == CallState.PUBLISHED else ()
    waits = Case(
        When(report__state__in=reviewable, then=Value(True)),
        When(report__state=ReportState.ANNOUNCED, then=Value(False)),
        When(status__in=reviewable, then=Value(True)),
        default=Value(False),
    )
    return (
        Review.objects.filter(report__call=call)
        .exclude(state=ReviewState.RELEASED)
        .exclude(report__state__in=NOT_ASKED)
        .annotate(status=Written(derivation.status, _STATUS, WORD, at=at))
        .annotate(waits=waits)
    )


def open_reviews(call: Call, reviewer: Person, at: datetime) -> QuerySet[Review]:
    """What one reviewer could hand over: not handed in, and the report's result is not announced."""
    return (
        live_reviews(call, at)
        .filter(reviewer=reviewer, state=ReviewState.ASSIGNED)
        .exclude(report__state=ReportState.ANNOUNCED)
        .select_related("report__unit", "report__call")
    )


def overview(call: Call, language: str, at: datetime, reader: Person) -> Overview:
    """Assignments and loads with their progress, and each section's coverage. Four queries, whatever the size, and one more
    for a reader who reports somewhere. The figures are the same for every reader."""
    definition = form_of(call.form_version)
    labels = {s.name: s.label_in(language) for s in definition.sections}
    unnamed = hidden_reviewers(call, reader, at)
    given = list(assignments_of(call))
    rows = {a.pk: AssignmentRow(a, labels.get(a.section, ""), named=a.reviewer_id not in unnamed) for a in given}
    loads: dict[tuple[int, str], Load] = defaultdict(Load)
    whole = Load()
    for counted in _counted(call, at, given):
        loads[counted["reviewer_id"], counted["section"]].add(counted)
        whole.add(counted)
        if counted["assignment"] in rows:
            rows[counted["assignment"]].load.add(counted)
    people = Person.objects.in_bulk({reviewer for reviewer, _section in loads} - unnamed)
    found = [LoadRow(people.get(key), labels.get(section, ""), load) for (key, section), load in loads.items()]
    found.sort(key=lambda row: (-row.load.waiting, row.reviewer.sort_key if row.reviewer else "", row.section))
    return Overview(list(rows.values()), found, _coverage(call, definition, labels), whole)


def _counted(call: Call, at: datetime, assignments: Iterable[ReviewAssignment]) -> QuerySet:
    """Counts by reviewer, section, the assignment that covers the report's frozen path (None: taken over singly), how far
    the review is and, where it waits, how old that is."""
    covering = [
        When(
            Q(reviewer=a.reviewer_id, section=a.section)
            & (Q(report__unit_path__startswith=f"{a.unit_id}.") | Q(report__unit_path__contains=f".{a.unit_id}.")),
            then=Value(a.pk),
        )
        for a in assignments
    ]
    ages = [When(report__submitted_at__lte=at - timedelta(days=AGES[n][0]), then=Value(n)) for n in (3, 2, 1)]
    return (
        live_reviews(call, at)
        .annotate(
            assignment=Case(*covering, default=None, output_field=IntegerField()),
            begun=Case(When(started_at=None, then=Value(False)), default=Value(True)),
            age=Case(*ages, default=0, output_field=IntegerField()),
        )
        .order_by()
        .values("reviewer_id", "section", "assignment", "state", "begun", "waits", "age")
        .annotate(count=Count("pk"))
    )


def _coverage(call: Call, definition, labels: dict[str, str]) -> list[SectionCoverage]:
    judged = {each.section for each in definition.judged}
    names = [s.name for s in definition.sections if s.name in judged]
    looks = Q(reviews__lead=False) & ~Q(reviews__state=ReviewState.RELEASED)
    each = {
        f"n{n}": Count("reviews", filter=looks & Q(reviews__section__in={name, ""})) for n, name in enumerate(names)
    }
    theirs = {f"reports{n}": Count("pk", filter=is_reviewed_in(name)) for n, name in enumerate(names)}
    reports = Report.objects.filter(call=call).exclude(state__in=NOT_ASKED).annotate(**each)
    wanted = call.reviewers_per_section
    short = {
        f"short{n}": Count("pk", filter=Q(**{f"n{n}__lt": wanted}) & is_reviewed_in(name))
        for n, name in enumerate(names)
    }
    found = reports.aggregate(**theirs, **short)
    return [
        SectionCoverage(labels[name], wanted, found[f"short{n}"], found[f"reports{n}"]) for n, name in enumerate(names)
    ]
