"""The reviewing queue: which reports wait for whom, ordered by when the service's target runs out."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from sajad_portal.lib.text import search_key
from sla.clocks import Reading
from sla.models import ClockInterval
from units.enums import Role
from units.queries import reach

from .enums import ReportStatus, ReviewState
from .models import Report, Review, Revision
from .queries import form_of
from .queries_clocks import clocks_of
from .reviewing import reviewed_indicators

REVIEWING = (ReportStatus.SUBMITTED, ReportStatus.UNDER_REVIEW)
IN_REVIEW = (*REVIEWING, ReportStatus.RETURNED)
# A working day is about this much of the calendar: only the order of the queue depends on it.
CALENDAR_DAYS = timedelta(days=1.4)

# What the reviews of a report say together, as bits of one number: PostgreSQL looks at them once, not once a question.
CONCERNED, OPEN, BEGUN, LEADS, OTHERS_OPEN = 1, 2, 4, 8, 16
WORK = range(2 * OTHERS_OPEN)


@dataclass(frozen=True)
class QueueFilter:
    """Reports in one of `statuses` whose reviews have every bit of `has` and none of `lacks`; `answered`: only corrected ones."""

    statuses: tuple[ReportStatus, ...] = REVIEWING
    has: int = 0
    lacks: int = 0
    answered: bool = False

    def holds(self, status: str, work: int, rounds: int) -> bool:
        return status in self.statuses and self._fits(work) and (rounds > 0 or not self.answered)

    @property
    def where(self) -> Q:
        """The same as a condition on `in_review`."""
        found = Q(status__in=self.statuses, work__in=[work for work in WORK if self._fits(work)])
        return found & Q(correction_round__gt=0) if self.answered else found

    def _fits(self, work: int) -> bool:
        return work & self.has == self.has and not work & self.lacks


FILTERS = {
    "todo": QueueFilter(has=OPEN),
    "started": QueueFilter(has=BEGUN),
    "answered": QueueFilter((ReportStatus.SUBMITTED,), has=OPEN, answered=True),
    "settle": QueueFilter(has=LEADS, lacks=OTHERS_OPEN),
    "unit": QueueFilter((ReportStatus.RETURNED,)),
    "done": QueueFilter(lacks=OPEN),
}


def in_review(person, at: datetime, *, mine: bool = False) -> QuerySet[Report]:
    """Reports in reviewing or with the unit for correction, that the person reviews or oversees; `mine`: reviews.

    Annotates `work` (see FILTERS): of the person's own reviews, else of everybody's. What has another status (a report taken
    back, one whose call is cancelled) is left to FILTERS, which ask for the status anyway.
    """
    reports = Report.objects.awaiting_result(at)
    own = Review.objects.filter(report=OuterRef("pk"), reviewer=person).exclude(state=ReviewState.RELEASED)
    if mine:
        reports = reports.filter(Exists(own))
    else:
        reports = reports.filter(Exists(own) | reach(person, {Role.COORDINATOR}, field="unit__path"))
    return reports.annotate(work=_work(person if mine else None))


def _work(person) -> Coalesce:
    whose = Q(reviewer=person) if person else Q(pk__isnull=False)
    is_open = whose & Q(state=ReviewState.ASSIGNED)
    bits = {
        CONCERNED: whose,
        OPEN: is_open,
        BEGUN: is_open & Q(started_at__isnull=False),
        LEADS: is_open & Q(lead=True),
        OTHERS_OPEN: Q(state=ReviewState.ASSIGNED, lead=False),
    }
    any_ = [Max(Case(When(where, then=Value(bit)), default=Value(0))) for bit, where in bits.items()]
    reviews = (
        Review.objects.filter(report=OuterRef("pk")).exclude(state=ReviewState.RELEASED).order_by().values("report")
    )
    return Coalesce(Subquery(reviews.annotate(work=sum(any_[1:], any_[0])).values("work")), 0)


def queue_counts(reports: QuerySet[Report]) -> dict[str, int]:
    """How many reports of `in_review` each of FILTERS holds: one query, which works out each report's status and work once."""
    groups = list(reports.order_by().values_list("status", "work", "correction_round").annotate(Count("pk")))
    return {name: sum(n for *group, n in groups if where.holds(*group)) for name, where in FILTERS.items()}


def with_rows(reports: QuerySet[Report]) -> QuerySet[Report]:
    """With `service_due` and what `rows_of` shows of a report, and nothing more.

    The request is fetched after the page's rows are found: joined, it would be read for every report that waits.
    """
    last = Revision.objects.filter(report=OuterRef("pk")).order_by("-number")
    return (
        with_service_due(reports)
        .annotate(
            last_answers=Subquery(last.values("answers")[:1]), last_standing=Subquery(last.values("standing")[:1])
        )
        .select_related("call__form_version", "call__request_type")
        .prefetch_related("request")
        .only(
            *(
                "unit_name",
                "unit_sort_key",
                "tracking_code",
                "state",
                "submitted_at",
                "correction_round",
                "correction_due_at",
            ),
            *("request", "call__title", "call__form_version__sha256", "call__request_type__target_working_days"),
        )
    )


def with_service_due(reports: QuerySet[Report]) -> QuerySet[Report]:
    """Annotates `service_due`: about when the service's target runs out, as it stands with the pauses so far.

    The last stretch's start less what ran before it, plus the target of the request type, which is the published call's own;
    exact working days are for the page.
    """
    moment = DateTimeField()
    ran = Sum(ExpressionWrapper(F("ends_at") - F("starts_at"), output_field=DurationField()))
    begun = ExpressionWrapper(Max("starts_at") - Coalesce(ran, Value(timedelta())), output_field=moment)
    stretches = ClockInterval.objects.filter(request=OuterRef("request")).order_by().values("request")
    since = Coalesce(Subquery(stretches.annotate(begun=begun).values("begun")), F("submitted_at"), output_field=moment)
    # Wrapped, because SQLite multiplies a duration by no smaller kind of whole number.
    days = ExpressionWrapper(F("call__request_type__target_working_days"), output_field=IntegerField())
    target = ExpressionWrapper(days * Value(CALENDAR_DAYS), output_field=DurationField())
    return reports.annotate(service_due=ExpressionWrapper(since + target, output_field=moment))


def counts_of(reports: QuerySet[Report], filters: dict[str, Q]) -> dict[str, int]:
    """How many reports each filter holds: one query."""
    found = reports.order_by().aggregate(**{f"n_{name}": Count("pk", filter=where) for name, where in filters.items()})
    return {name: found[f"n_{name}"] for name in filters}


def search_reports(reports: QuerySet[Report], words: str) -> QuerySet[Report]:
    """Each word somewhere in the unit's name or code, the tracking code or the call's title."""
    for word in search_key(words).split():
        reports = reports.filter(
            Q(unit__search_key__contains=word) | Q(tracking_code__icontains=word) | Q(call__title__icontains=word)
        )
    return reports


# --------------------------------------------------------------------------------------------------- what a row shows
@dataclass
class Row:
    report: Report
    done: int = 0
    total: int = 0
    waiting: list[str] = field(default_factory=list)  # names of who has not handed in
    jumps: int = 0
    late: bool = False
    disputed: bool = False
    target: Reading | None = None


def rows_of(reports: list[Report], person, mine: bool, at: datetime) -> list[Row]:
    """The rows of `with_rows` with progress, signs and targets: the same three queries for one row and for fifty."""
    reviews = (
        Review.objects.filter(report__in=reports)
        .exclude(state=ReviewState.RELEASED)
        .select_related("reviewer")
        .only("report", "section", "lead", "state", "reviewer__first_name", "reviewer__last_name")
        .annotate(found=Count("items"))
        .order_by("pk")
    )
    of_report = defaultdict(list)
    for review in reviews:
        of_report[review.report_id].append(review)
    for report in reports:
        report.request.request_type = report.call.request_type
    targets = clocks_of(reports, at)
    return [
        _row(report, of_report[report.pk], person if mine else None, targets[report.request_id]) for report in reports
    ]


def _row(report: Report, reviews: list, person, target: Reading | None) -> Row:
    definition = form_of(report.call.form_version)
    counted = [r for r in reviews if not r.lead and (person is None or r.reviewer_id == person.pk)]
    row = Row(report, target=target)
    row.done = sum(r.found for r in counted)
    row.total = sum(len(reviewed_indicators(definition, r.section)) for r in counted)
    row.waiting = list(dict.fromkeys(r.reviewer.get_full_name() for r in reviews if not r.lead and r.state == ReviewState.ASSIGNED))  # fmt: skip
    row.jumps = sum(name.startswith("comment:") for name in report.last_answers or ())
    row.late = report.last_standing == "in_grace"
    return row
