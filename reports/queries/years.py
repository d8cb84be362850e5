"""The announced results of a year, within a person's reach: who was late, who rose, who was best, how long results took.

A call belongs to the year, Jalali or academic, in which its period ends. The same number of statements for any number of
units, results and indicators.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Case, CharField, Count, F, IntegerField, Max, Min, Q, QuerySet, Value, When

from sajad_portal.lib import periods
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.periods import Period, PeriodKind
from sla.enums import Verdict
from sla.models import ServiceRequest
from sla.queries.clocks import verdict_of
from sla.queries.measures import AnsweredRequest, Figures, answered, summary

from ..analysis.moves import Move, Point, moves
from ..analysis.spread import median
from ..enums import CallState, FactState, Standing
from ..models import Call, IndicatorFact, ResultFact
from . import visible_calls
from .analysis import LEAST_PEERS, visible_results

KINDS = (PeriodKind.YEAR, PeriodKind.ACADEMIC)
# How a report stood to its deadline; the rest are a `Standing`.
MISSED = "missed"
LATE = Standing.IN_GRACE.value


# ------------------------------------------------------------------------------------------------------- which year
def year_of(code: str) -> Period | None:
    """The Jalali (1405-Y) or academic (1405-A) year of that code; None for anything else."""
    try:
        found = periods.from_code(code)
    except (Refused, OverflowError):
        return None
    return found if found.kind in KINDS else None


def years_with_results(calls: Iterable[Call]) -> list[Period]:
    """The years in which these calls' periods end, the newest first, Jalali years before academic ones."""
    found = {
        year.code: year for call in calls for year in (periods.containing(kind, call.period_ends) for kind in KINDS)
    }
    return sorted(found.values(), key=lambda year: (KINDS.index(year.kind), -year.starts.toordinal()))


def calls_of(calls: Iterable[Call], year: Period) -> list[Call]:
    """Those of `calls` that belong to the year, the oldest period first."""
    return sorted((c for c in calls if c.period_ends in year), key=lambda call: (call.period_starts, call.pk))


def unannounced(person, year: Period) -> int:
    """How many calls of the year that the person sees have no result yet."""
    of = visible_calls(person).filter(state=CallState.PUBLISHED, first_announced_at=None)
    return of.filter(period_ends__gte=year.starts, period_ends__lte=year.ends).count()


def results_of_year(person, calls: Sequence[Call]) -> QuerySet[ResultFact]:
    """Results within reach, with `timing`: how the report stood to its deadline."""
    stood = Case(
        When(missed=True, then=Value(MISSED)), default=F("version__revision__standing"), output_field=CharField()
    )
    return visible_results(person).filter(call__in=calls).annotate(**{"timing": stood})


# -------------------------------------------------------------------------------------------------- late or missed
@dataclass(frozen=True)
class UnitTiming:
    """How often a unit was late (in the grace period) or missed its deadline, of its results of the year."""

    code: str
    name: str
    results: int
    late: int
    missed: int
    service: int | None = None

    @property
    def both(self) -> int:
        return self.late + self.missed


def unit_timings(results: QuerySet[ResultFact], *, by_service: bool = False) -> list[UnitTiming]:
    """Of the units that were late or missed a deadline, who did the most often first; `by_service`, under each of them."""
    apart = {"service": F("call__agreement__service_id") if by_service else Value(None, IntegerField())}
    rows = results.order_by().values("unit__code", "unit__name", "unit__sort_key", **apart).annotate(
        n=Count("pk"), late=Count("pk", filter=Q(timing=LATE)), gone=Count("pk", filter=Q(timing=MISSED))
    )  # fmt: skip
    rows = rows.filter(Q(late__gt=0) | Q(gone__gt=0))
    ordered = sorted(rows, key=lambda row: (-row["late"] - row["gone"], -row["gone"], row["unit__sort_key"]))
    return [UnitTiming(r["unit__code"], r["unit__name"], r["n"], r["late"], r["gone"], r["service"]) for r in ordered]


# ---------------------------------------------------------------------------------------------------- rose and fell
def score_moves(results: QuerySet[ResultFact]) -> list[Move]:
    """From a unit's first result of the year to its last on the same form, kind of period and service; missed ones left out."""
    rows = results.order_by().filter(missed=False, total__isnull=False).values_list(
        "unit_id", "call__form_version__form_id", "call__period_kind", "call__agreement__service_id", "period_starts",
        "total", "report_id",
    )  # fmt: skip
    return moves(
        Point(unit, tuple(kin), at, total, report) for unit, *kin, at, total, report in rows if total is not None
    )


# ------------------------------------------------------------------------------------------------- best and worst
@dataclass(frozen=True)
class Extreme:
    """A value and whose it was first; `ties`: how many results have that value."""

    fact: ResultFact
    value: Decimal
    ties: int

    @property
    def others(self) -> int:
        return self.ties - 1


@dataclass(frozen=True)
class Extremes:
    """Of one indicator of a form over the year: `count` values, the best and the worst of them."""

    form: int
    code: str
    count: int
    best: Extreme
    worst: Extreme

    @property
    def is_even(self) -> bool:
        """Nobody is better than anybody: there is one value, or all are equal."""
        return self.best.value == self.worst.value


def extremes(results: QuerySet[ResultFact]) -> list[Extremes]:
    """By (form, indicator). Of equal ones the newest report is named. Three statements, none of which sorts the facts of a year."""
    of = ("call__form_version__form_id", "indicator")
    facts = IndicatorFact.objects.order_by().filter(
        result__in=results.order_by().values("pk"), state=FactState.SCORED, value__isnull=False
    )
    ends = list(
        facts.values_list(*of).annotate(
            n=Count("pk"), low=Min("value"), high=Max("value"), direction=Max("direction")
        )
    )  # fmt: skip
    wanted = {value for _form, _code, _n, low, high, _direction in ends for value in (low, high)}
    held = facts.filter(value__in=wanted).values_list(*of, "value").annotate(ties=Count("pk"), newest=Max("result_id"))
    found = {(form, code, value): (ties, newest) for form, code, value, ties, newest in held}
    rows = {(form, code, value) for form, code, _n, low, high, _direction in ends for value in (low, high)}
    named = results.select_related("call__agreement__service").in_bulk({found[row][1] for row in rows})

    def end(form: int, code: str, value: Decimal) -> Extreme:
        ties, newest = found[form, code, value]
        return Extreme(named[newest], value, ties)

    return [
        Extremes(form, code, n, *(end(form, code, value) for value in ((low, high) if way == "down" else (high, low))))
        for form, code, n, low, high, way in ends
    ]


# ---------------------------------------------------------------------------------------------- times against targets
def answers_of_year(results: QuerySet[ResultFact], at: datetime) -> list[AnsweredRequest]:
    """The reports of these results whose clock ran and stopped: each with its working time and its target."""
    requests = ServiceRequest.objects.filter(report__in=results.order_by().values("pk"))
    return answered(requests, at, before=at)


def request_ids(answers: Iterable[AnsweredRequest], verdict: str) -> list[int]:
    """Of those that met their target, or missed it."""
    return [one.request_id for one in answers if verdict_of(one.working, one.target) == verdict]


# ---------------------------------------------------------------------------------------------------- period by period
@dataclass(frozen=True)
class CallLine:
    """One call of the year. `middle`: the median of the totals from LEAST_PEERS on; a single result's own total."""

    call: Call | None
    timings: Counter = field(default_factory=Counter)
    middle: float | None = None
    times: Figures = field(default_factory=Figures)

    @property
    def key(self) -> str:
        """As addresses name it."""
        return str(self.call.pk) if self.call else ""

    @property
    def results(self) -> int:
        return sum(self.timings.values())

    @property
    def is_single(self) -> bool:
        return self.results == 1

    @property
    def late(self) -> int:
        return self.timings[LATE]

    @property
    def missed(self) -> int:
        return self.timings[MISSED]

    @property
    def within(self) -> int:
        return self.times.within or 0

    @property
    def beyond(self) -> int:
        return self.times.count - self.within


def call_lines(
    calls: Sequence[Call], results: QuerySet[ResultFact], answers: Iterable[AnsweredRequest]
) -> tuple[list[CallLine], CallLine]:
    """(a line for each call with results, the oldest first; all of them together, without a middle where calls differ)."""
    timings: dict[int, Counter] = defaultdict(Counter)
    totals: dict[int, list[float]] = defaultdict(list)
    of_request: dict[int, int] = {}
    rows = results.order_by().values_list("call_id", "timing", "total", "report__request_id")
    for call, timing, total, request in rows:
        timings[call][timing] += 1
        of_request[request] = call
        if total is not None and timing != MISSED:
            totals[call].append(float(total))
    times: dict[int, list] = defaultdict(list)
    for one in answers:
        times[of_request[one.request_id]].append(one.time)
    lines = [
        CallLine(call, timings[call.pk], _middle(totals[call.pk]), summary(times[call.pk]))
        for call in calls
        if call.pk in timings
    ]
    every = [time for of_call in times.values() for time in of_call]
    return lines, CallLine(None, sum(timings.values(), Counter()), None, summary(every))


def _middle(totals: Sequence[float]) -> float | None:
    return median(totals) if len(totals) == 1 or len(totals) >= LEAST_PEERS else None


# --------------------------------------------------------------------------------------------------- behind a figure
def narrowed(results: QuerySet[ResultFact], timing: str, verdict: str, at: datetime) -> QuerySet[ResultFact]:
    """The results behind a figure. `timing`: one of `Standing`, `missed`, or `behind` (late or missed); `verdict` of the time."""
    if timing:
        results = results.filter(timing__in=[LATE, MISSED] if timing == "behind" else [timing])
    if verdict in (Verdict.MET, Verdict.MISSED):
        ids = request_ids(answers_of_year(results, at), verdict)
        results = results.filter(report__request__in=ids)
    return results
