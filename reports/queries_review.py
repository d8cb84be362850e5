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
    Max,
    OuterRef,
    Prefetch,
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
from sla.models import ClockInterval, RequestType
from units.enums import Role
from units.queries import reach

from .enums import ReportStatus, ReviewState
from .models import Report, Review, ReviewItem, Revision
from .queries import form_of, reports_at
from .queries_clocks import clocks_of
from .reviewing import reviewed_indicators

IN_REVIEW = (ReportStatus.SUBMITTED, ReportStatus.UNDER_REVIEW, ReportStatus.RETURNED)
# A working day is about this much of the calendar: only the order of the queue depends on it.
CALENDAR_DAYS = timedelta(days=1.4)
FILTERS = ("todo", "started", "answered", "settle", "unit", "done")


def in_review(person, at: datetime) -> QuerySet[Report]:
    """Reports in reviewing or with the unit for correction, that the person reviews or oversees; see `service_due`."""
    mine = Review.objects.filter(report=OuterRef("pk"), reviewer=person).exclude(state=ReviewState.RELEASED)
    overseen = reach(person, {Role.COORDINATOR}, field="unit__path")
    return (
        with_service_due(reports_at(at))
        .filter(status__in=IN_REVIEW)
        .annotate(is_mine=Exists(mine))
        .filter(Q(is_mine=True) | overseen)
        .select_related("request__request_type")
    )


def with_service_due(reports: QuerySet[Report]) -> QuerySet[Report]:
    """Annotates `service_due`: about when the service's target runs out, as it stands with the pauses so far.

    The last stretch's start less what ran before it, plus the request type's target; exact working days are for the page.
    """
    ran = ExpressionWrapper(F("ends_at") - F("starts_at"), output_field=DurationField())
    stretches = (
        ClockInterval.objects.filter(request=OuterRef("request"))
        .order_by()
        .values("request")
        .annotate(last=Max("starts_at"), ran=Coalesce(Sum(ran), Value(timedelta()), output_field=DurationField()))
    )
    targets = [
        When(request__request_type=pk, then=Value(days * CALENDAR_DAYS, DurationField()))
        for pk, days in RequestType.objects.values_list("pk", "target_working_days")
    ]
    target = Case(*targets, default=Value(timedelta(), DurationField()), output_field=DurationField())
    moment = DateTimeField()
    return (
        reports.annotate(clock_from=Coalesce(Subquery(stretches.values("last")[:1]), F("submitted_at"), output_field=moment))
        .annotate(clock_ran=Coalesce(Subquery(stretches.values("ran")[:1]), Value(timedelta()), output_field=DurationField()))
        .annotate(service_due=ExpressionWrapper(F("clock_from") - F("clock_ran") + target, output_field=moment))
    )  # fmt: skip


def _review(person, **where) -> Exists:
    return Exists(Review.objects.filter(report=OuterRef("pk"), **where, **({"reviewer": person} if person else {})))


def filters_of(person, mine: bool) -> dict[str, Q]:
    """{name: condition} of the queue's filters; `mine`: the person's own work, else everything they oversee."""
    who = person if mine else None
    open_ = _review(who, state=ReviewState.ASSIGNED)
    with_unit = Q(status=ReportStatus.RETURNED)
    reviewing = Q(status__in=[ReportStatus.SUBMITTED, ReportStatus.UNDER_REVIEW])
    waiting_others = _review(None, state=ReviewState.ASSIGNED, lead=False)
    return {
        "todo": reviewing & Q(open_),
        "started": reviewing & Q(_review(who, state=ReviewState.ASSIGNED, started_at__isnull=False)),
        "answered": Q(status=ReportStatus.SUBMITTED, correction_round__gt=0) & Q(open_),
        "settle": reviewing & Q(_review(who, state=ReviewState.ASSIGNED, lead=True)) & ~Q(waiting_others),
        "unit": with_unit,
        "done": reviewing & ~Q(open_),
    }


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
    """The queue's rows with progress, signs and targets: the same five queries for one row and for fifty."""
    reviews = (
        Review.objects.filter(report__in=reports)
        .exclude(state=ReviewState.RELEASED)
        .select_related("reviewer")
        .prefetch_related(Prefetch("items", queryset=ReviewItem.objects.only("review_id", "indicator")))
    )
    of_report = defaultdict(list)
    for review in reviews:
        of_report[review.report_id].append(review)
    last = {r.report_id: r for r in Revision.objects.filter(report__in=reports).order_by("number").only("report_id", "answers", "standing")}  # fmt: skip
    targets = clocks_of(reports, at)
    return [
        _row(report, of_report[report.pk], last.get(report.pk), person if mine else None, targets[report.request_id])
        for report in reports
    ]


def _row(report: Report, reviews: list[Review], revision: Revision | None, person, target: Reading | None) -> Row:
    definition = form_of(report.call.form_version)
    counted = [r for r in reviews if not r.lead and (person is None or r.reviewer_id == person.pk)]
    row = Row(report, target=target)
    row.done = sum(len(r.items.all()) for r in counted)
    row.total = sum(len(reviewed_indicators(definition, r.section)) for r in counted)
    row.waiting = list(dict.fromkeys(r.reviewer.get_full_name() for r in reviews if not r.lead and r.state == ReviewState.ASSIGNED))  # fmt: skip
    if revision:
        row.jumps = sum(name.startswith("comment:") for name in revision.answers)
        row.late = revision.standing == "in_grace"
    return row
