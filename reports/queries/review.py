"""The reviewing queue: which reports wait for whom, ordered by when the service's target runs out."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.db.models import (
    CharField,
    Count,
    DateTimeField,
    Exists,
    IntegerField,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
)

from sajad_portal.lib.codes import TRACKING_GROUPS, clean_code, search_words
from sajad_portal.lib.sql import Dialect, Written
from sla.queries.clocks import Reading
from units.enums import Role
from units.queries import reach
from units.queries.lines import line_seats

from ..enums import IN_REVIEW, CallState, ReportStatus, ReviewState
from ..models import Report, Review
from ..models.querysets import ReportQuerySet
from . import asked_of
from .clocks import clocks_of
from .findings import covers, hands_of, reviewed_indicators
from .lines import barred_reports
from .results import differing, differing_items

# What the reviews of a report say together, as bits of one number: PostgreSQL looks at them once, not once a question. Of one
# person's own reviews, or of everybody's; then each report is a concern, also one that nobody reviews yet.
CONCERNED, OPEN, BEGUN, LEADS, OTHERS_OPEN = 1, 2, 4, 8, 16
WORK = range(2 * OTHERS_OPEN)


@dataclass(frozen=True)
class QueueFilter:
    """Reports in one of `statuses` whose reviews have every bit of `has` and none of `lacks`; `answered`: only corrected ones."""

    statuses: tuple[ReportStatus, ...] = IN_REVIEW
    has: int = 0
    lacks: int = 0
    answered: bool = False

    def holds(self, status: str, work: int, rounds: int) -> bool:
        return status in self.statuses and self._fits(work) and (rounds > 0 or not self.answered)

    @property
    def where(self) -> Q:
        """The same as a condition."""
        found = Q(status__in=self.statuses, work__in=[work for work in WORK if self._fits(work)])
        return found & Q(correction_round__gt=0) if self.answered else found

    def _fits(self, work: int) -> bool:
        has = self.has | CONCERNED
        return work & has == has and not work & self.lacks


FILTERS = {
    "todo": QueueFilter(has=OPEN),
    "started": QueueFilter(has=BEGUN),
    "answered": QueueFilter((ReportStatus.SUBMITTED,), has=OPEN, answered=True),
    "settle": QueueFilter(has=LEADS, lacks=OTHERS_OPEN),
    "unit": QueueFilter((ReportStatus.RETURNED,)),
    "done": QueueFilter(lacks=OPEN),
}


def in_review(person, at: datetime, part: str, *, mine: bool) -> ReportQuerySet:
    """One part of the queue (of FILTERS): of what the person reviews (`mine`), else of what they review or oversee."""
    return _waiting(person, at, mine).filter(FILTERS[part].where)


def queue_counts(person, at: datetime, *, mine: bool) -> dict[str, int]:
    """How many reports each part of the queue holds: one query, which works out each report's status and work once."""
    rows = _waiting(person, at, mine).order_by().values_list("status", "work", "correction_round")
    groups = list(rows.annotate(Count("pk")))
    return {name: sum(n for *group, n in groups if part.holds(*group)) for name, part in FILTERS.items()}


def _waiting(person, at: datetime, mine: bool) -> ReportQuerySet:
    """Everything without a result, with `work`. Only FILTERS make it the person's own: where PostgreSQL is asked for their
    reviews by themselves, it reads all that they ever handed in."""
    reports = Report.objects.awaiting_result(at)
    if line_seats(person, at):  # what is in their own line they neither review nor oversee
        reports = reports.exclude(barred_reports(person, at))
    if not mine:
        own = Review.objects.filter(report=OuterRef("pk"), reviewer__in=hands_of(person, at)).exclude(
            state=ReviewState.RELEASED
        )
        reports = reports.filter(Exists(own) | reach(person, {Role.COORDINATOR}, field="unit__path"))
    return reports.annotate(work=_work(hands_of(person, at) if mine else []))


def _work(people: list[int]) -> Written:
    write = _own_work(len(people)) if people else _all_work
    return Written(write, {"report": "pk"}, IntegerField(), **{f"person{n}": pk for n, pk in enumerate(people)})


@cache
def _own_work(people: int) -> Callable[[Dialect], str]:
    """Of the reviews of so many people: one's own, and of whom one stands in for."""
    whose = ", ".join(f"{{person{n}}}" for n in range(people))
    return lambda _sql: _work_where(f"rv.reviewer_id IN ({whose})")


def _all_work(_sql: Dialect) -> str:
    return _work_where("TRUE", none=CONCERNED)


def _work_where(whose: str, none: int = 0) -> str:
    """Of the report's reviews that are not released; `none` where there is no such review."""
    is_open = f"{whose} AND rv.state = '{ReviewState.ASSIGNED}'"
    bits = {
        CONCERNED: whose,
        OPEN: is_open,
        BEGUN: f"{is_open} AND rv.started_at IS NOT NULL",
        LEADS: f"{is_open} AND rv.lead",
        OTHERS_OPEN: f"rv.state = '{ReviewState.ASSIGNED}' AND NOT rv.lead",
    }
    found = " + ".join(f"MAX(CASE WHEN {where} THEN {bit} ELSE 0 END)" for bit, where in bits.items())
    return (
        f"COALESCE((SELECT {found} FROM reports_review rv "  # noqa: S608
        f"WHERE rv.report_id = {{report}} AND rv.state <> '{ReviewState.RELEASED}'), {none})"
    )


def with_rows(reports: ReportQuerySet) -> ReportQuerySet:
    """With `service_due` and what `rows_of` shows of a report, and nothing more.

    The request is fetched after the page's rows are found: joined, it would be read for every report that waits.
    """
    return (
        reports.annotate(
            service_due=Written(_service_due, _OF_SERVICE_DUE, DateTimeField()),
            last_answers=Written(_last_answers, {"report": "pk"}, JSONField()),
            last_standing=Written(_last_standing, {"report": "pk"}, CharField()),
        )
        .select_related("call__form_version", "unit")
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
                *("unit__code", "unit_kind", "unit_attributes"),  # what is asked of it
            ),
            *("request", "call__title", "call__form_version__definition_sha256"),
        )
    )


_OF_SERVICE_DUE = {
    "request": "request_id",
    "submitted": "submitted_at",
    "days": "request__target_working_days",
}


def _service_due(sql: Dialect) -> str:
    """About when the service's target runs out, as it stands with the pauses so far.

    The last stretch's start less what ran before it, plus the target that the request was opened under;
    five working days are about seven of the calendar, exact ones are for the page.
    """
    ran = f"COALESCE(SUM({sql.between('ci.ends_at', 'ci.starts_at')}), 0 * {sql.day})"
    begun = sql.minus("MAX(ci.starts_at)", ran)
    stretches = f"(SELECT {begun} FROM sla_clockinterval ci WHERE ci.request_id = {{request}})"  # noqa: S608
    return sql.plus(f"COALESCE({stretches}, {{submitted}})", f"{{days}} * 7 * {sql.day} / 5")


def _last_answers(_sql: Dialect) -> str:
    return _of_last_submission("answers")


def _last_standing(_sql: Dialect) -> str:
    return _of_last_submission("standing")


def _of_last_submission(column: str) -> str:
    return (
        f"(SELECT lr.{column} FROM reports_revision lr WHERE lr.report_id = {{report}} ORDER BY lr.number DESC LIMIT 1)"  # noqa: S608
    )


def counts_by_filter(reports: QuerySet[Report], filters: dict[str, Q]) -> dict[str, int]:
    """How many reports each filter holds: one query."""
    found = reports.order_by().aggregate(**{f"n_{name}": Count("pk", filter=where) for name, where in filters.items()})
    return {name: found[f"n_{name}"] for name in filters}


def search_reports(reports: ReportQuerySet, words: str) -> ReportQuerySet:
    """Each word somewhere in the unit's name or code, the tracking code or the call's title."""
    for word in search_words(words):
        code = clean_code(word, groups=TRACKING_GROUPS)
        reports = reports.filter(
            Q(unit__search_key__contains=word) | Q(tracking_code__contains=code) | Q(call__title__icontains=word)
        )
    return reports


# --------------------------------------------------------------------------------------------------- what a row shows
@dataclass
class QueueRow:
    report: Report
    done: int = 0
    total: int = 0
    waiting: list[str] = field(default_factory=list)  # names of who has not handed in
    jumps: int = 0
    late: bool = False
    disputed: bool = False
    target: Reading | None = None


def queue_rows(reports: list[Report], person, mine: bool, at: datetime) -> list[QueueRow]:
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
    targets, hands = clocks_of(reports, at), hands_of(person, at)
    return [
        _row(report, of_report[report.pk], hands if mine else None, targets[report.request_id]) for report in reports
    ]


def _row(report: Report, reviews: list, people: list[int] | None, target: Reading | None) -> QueueRow:
    definition = asked_of(report)
    counted = [r for r in reviews if not r.lead and (people is None or r.reviewer_id in people)]
    row = QueueRow(report, target=target)
    row.done = sum(r.found for r in counted)
    row.total = sum(len(reviewed_indicators(definition, r.section)) for r in counted)
    row.waiting = list(dict.fromkeys(r.reviewer.get_full_name() for r in reviews if not r.lead and r.state == ReviewState.ASSIGNED))  # fmt: skip
    row.jumps = sum(name.startswith("comment:") for name in report.last_answers or ())
    row.late = report.last_standing == "in_grace"
    return row


# ------------------------------------------------------------------------------------------------------ what to settle
@dataclass(frozen=True)
class ToSettle:
    """A report whose reviewers differ about these indicators, and which the person leads there."""

    report: Report
    codes: list[str]  # in the order of the form


def to_settle(person, at: datetime, most: int) -> list[ToSettle]:
    """Where everybody has handed in, two differ, and the person's lead has to settle it; what is due first stands first, at
    most so many. Two statements, one where nothing is found."""
    waiting = Review.objects.filter(report=OuterRef("report"), lead=False, state=ReviewState.ASSIGNED)
    leads = (
        Review.objects.filter(
            Exists(differing("report")), reviewer__in=hands_of(person, at), lead=True, state=ReviewState.ASSIGNED,
            report__state__in=IN_REVIEW, report__call__state=CallState.PUBLISHED,
        )
        .exclude(Exists(waiting.filter(Q(section="") | Q(section=OuterRef("section")))))
        .exclude(Exists(waiting), section="")
        .exclude(barred_reports(person, at, "report__"))
        .select_related("report__call__form_version")
        .defer("report__call__form_version__definition", "report__call__form_version__summary")
        .order_by("report__call__review_until", "pk")
    )  # fmt: skip
    led: dict[int, list[Review]] = defaultdict(list)
    for review in leads[:most]:
        led[review.report_id].append(review)
    if not led:
        return []
    apart: dict[int, set[str]] = defaultdict(set)
    rows = differing_items().filter(review__report__in=led)
    for report_id, code in rows.values_list("review__report", "indicator"):
        apart[report_id].add(code)
    found = []
    for pk, reviews in led.items():
        report = reviews[0].report
        codes = [
            indicator.code
            for indicator in asked_of(report).indicators
            if indicator.code in apart[pk] and any(covers(review.section, indicator) for review in reviews)
        ]
        if codes:
            found.append(ToSettle(report, codes))
    return found
