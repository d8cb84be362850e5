"""Targets met and missed: the answered requests of a period by type and month, and the clocks that run now."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from sajad_portal.lib.clock import tehran_date
from sajad_portal.lib.jalali import from_jalali
from sla.enums import Verdict
from sla.models import RequestType, ServiceRequest
from sla.queries.clocks import Reading, ended_by_time, read_clocks, verdict_of
from sla.queries.measures import FEWEST, AnsweredRequest, Figures, MeasuredMonth, answered, summary

from ...enums import ReportState, ReportStatus
from ...models import Report
from ...queries.clocks import resumed_by_time
from .scope import Scope, Window

OPEN = (Verdict.RUNNING, Verdict.PAUSED, Verdict.OVERDUE)


@dataclass(frozen=True)
class TargetLine:
    """The answered requests of one type in one month, or in the whole period (`month` None)."""

    request_type: RequestType
    month: MeasuredMonth | None
    figures: Figures
    today: int  # the target for what is filed today, or on the last day of a period that is over

    @property
    def target(self) -> float:
        """What the answered requests were opened under, on average; today's where none was answered."""
        return self.today if self.figures.target is None else self.figures.target

    @property
    def first_day(self):
        return from_jalali(*self.month, 1) if self.month else None

    @property
    def code(self) -> str:
        return f"{self.month[0]}-M{self.month[1]:02}" if self.month else ""

    @property
    def met(self) -> int:
        return self.figures.within or 0

    @property
    def missed(self) -> int:
        return self.figures.count - self.met


@dataclass(frozen=True)
class TypeLines:
    """One request type: the whole period, its months (the oldest first), and what is open now."""

    whole: TargetLine
    months: list[TargetLine]
    open: Counter = field(default_factory=Counter)
    title: str = ""

    @property
    def key(self) -> str:
        """Which type, for an address."""
        return type_key(self.whole.request_type)

    @property
    def running(self) -> int:
        return self.open[Verdict.RUNNING]

    @property
    def paused(self) -> int:
        return self.open[Verdict.PAUSED]

    @property
    def overdue(self) -> int:
        return self.open[Verdict.OVERDUE]


def type_key(request_type: RequestType) -> str:
    """A code is its service's own: two services may have the same."""
    return f"{request_type.service.slug}.{request_type.code}"


def requests_in(scope: Scope) -> QuerySet[ServiceRequest]:
    return ServiceRequest.objects.filter(scope.of("unit__path", "request_type__service"))


def answered_in(scope: Scope, window: Window, at: datetime) -> list[AnsweredRequest]:
    return answered(requests_in(scope), at, since=window.starts, before=window.ends)


def open_clocks(scope: Scope, at: datetime, only: Q | None = None) -> dict[int, tuple[ServiceRequest, Reading]]:
    """{request id: (request, reading)} of every request that was submitted and waits for its answer, as of `at`."""
    ended = ended_by_time(at)
    waiting = list(
        requests_in(scope)
        .filter(only or Q(), stopped_at=None, voided_at=None, intervals__isnull=False)
        .exclude(pk__in=list(ended))
        .select_related("request_type", "unit")
        .distinct()
    )
    given_back = Report.objects.with_status(at).filter(
        Q(state=ReportState.RETURNED, status=ReportStatus.UNDER_REVIEW)
        | Q(status=ReportStatus.SUBMITTED) & ~Q(state=ReportState.SUBMITTED),
        scope.of("unit__path"),
    )
    found = read_clocks(waiting, at, resumed=resumed_by_time(given_back))
    return {request.pk: (request, found[request.pk]) for request in waiting}


def target_lines(
    scope: Scope, answers: Iterable[AnsweredRequest], opened: Iterable[tuple[ServiceRequest, Reading]], day: date
) -> list[TypeLines]:
    """A group a request type that occurs, in the order of the types."""
    types = {
        kind.pk: kind
        for kind in RequestType.objects.select_related("service")
        .prefetch_related("targets")
        .order_by("service__title", "pk")
    }
    times: dict[int, dict[MeasuredMonth, list[tuple[timedelta, int]]]] = defaultdict(lambda: defaultdict(list))
    for one in answers:
        times[one.type_id][one.month].append(one.time)
    waiting: dict[int, Counter] = defaultdict(Counter)
    for request, reading in opened:
        waiting[request.request_type_id][reading.verdict] += 1
    return [
        TypeLines(
            _line(request_type, None, [time for of_month in times[pk].values() for time in of_month], day),
            [_line(request_type, month, times[pk][month], day) for month in sorted(times[pk])],
            waiting[pk],
            scope.called(request_type),
        )
        for pk, request_type in types.items()
        if pk in times or pk in waiting
    ]


def _line(
    request_type: RequestType, month: MeasuredMonth | None, times: list[tuple[timedelta, int]], day: date
) -> TargetLine:
    return TargetLine(request_type, month, summary(times), request_type.target_on(day))


@dataclass(frozen=True)
class TargetTotals:
    """Over all types: how many answered, met, missed; how many wait, and how many of them past their target."""

    answered: int
    met: int
    waiting: int
    overdue: int

    @property
    def missed(self) -> int:
        return self.answered - self.met

    @property
    def share(self) -> float | None:
        """Percent within the target, from FEWEST answers on: of fewer the count says it."""
        return 100 * self.met / self.answered if self.answered >= FEWEST else None


def target_totals(lines: Iterable[TypeLines]) -> TargetTotals:
    lines = list(lines)
    return TargetTotals(
        sum(line.whole.figures.count for line in lines),
        sum(line.whole.met for line in lines),
        sum(sum(line.open[verdict] for verdict in OPEN) for line in lines),
        sum(line.overdue for line in lines),
    )


def months_of(lines: Iterable[TypeLines]) -> list[tuple]:
    """[(first day, met, missed)] of each month, all types together, the oldest first: what the chart draws."""
    met: Counter = Counter()
    missed: Counter = Counter()
    for line in (month for of_type in lines for month in of_type.months):
        met[line.month] += line.met
        missed[line.month] += line.missed
    return [(from_jalali(year, month, 1), met[year, month], missed[year, month]) for year, month in sorted(met)]


def with_verdict(answers: Iterable[AnsweredRequest], verdict: str) -> list[int]:
    """Ids of the answered requests that met or missed their target; of all where the verdict is neither."""
    return [
        one.request_id
        for one in answers
        if verdict not in (Verdict.MET, Verdict.MISSED) or verdict_of(one.working, one.target) == verdict
    ]


def days_since(at: datetime, now: datetime) -> int:
    return (tehran_date(now) - tehran_date(at)).days
