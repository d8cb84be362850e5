"""The announced results of a year, within a person's reach: who was late, who rose, how long results took.

A call belongs to the year, Jalali or academic, in which its period ends. The same number of statements for any number of
units, results and indicators. Best and worst of each indicator: `extremes.py`.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, QuerySet

from sajad_portal.lib import periods
from sajad_portal.lib.clock import tehran_date
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.periods import Period, PeriodKind
from sla.enums import Verdict
from sla.models import ServiceRequest
from sla.queries import working_calendar
from sla.queries.clocks import verdict_of
from sla.queries.measures import AnsweredRequest, Figures, answered, summary
from units.models import Unit

from ..analysis.moves import Move, Point, fallen, moves, risen
from ..analysis.spread import median
from ..enums import CallState, Timeliness
from ..models import Call, ResultFact
from ..models.querysets import timeliness_at
from . import visible_calls
from .analysis import LEAST_PEERS, visible_results
from .facts_cache import cached
from .parts import SeenPart

KINDS = (PeriodKind.YEAR, PeriodKind.ACADEMIC)
BEHIND = (Timeliness.IN_GRACE, Timeliness.MISSED)


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


def results_of_year(person, calls: Sequence[Call], at: datetime) -> QuerySet[ResultFact]:
    """Results within reach, with `timeliness`: how the report stood to its deadline."""
    return with_timeliness(visible_results(person).filter(call__in=calls), at)


def with_timeliness(results: QuerySet[ResultFact], at: datetime) -> QuerySet[ResultFact]:
    """By the one rule for reports."""
    return results.annotate(timeliness=timeliness_at(at, "report__"))


# ------------------------------------------------------------------------------------------------- what a year reads
class YearRow(NamedTuple):
    """One result of the year. `total`: None where the report was missed or has no score."""

    call: int
    unit: int
    report: int
    request: int
    timeliness: str
    total: Decimal | None


def year_rows(parts: Sequence[SeenPart], at: datetime) -> list[YearRow]:
    """Every result of these parts, in one query."""
    results = with_timeliness(ResultFact.objects.filter(_of_parts(parts)).order_by(), at)
    rows = results.values_list("call_id", "unit_id", "pk", "report__request_id", "timeliness", "total", "missed")
    return [
        YearRow(call, unit, pk, request, timeliness, None if missed else total)
        for call, unit, pk, request, timeliness, total, missed in rows
    ]


def _of_parts(parts: Sequence[SeenPart]) -> Q:
    found = Q(call__in=[part.call.pk for part in parts if part.ids is None])
    some = [pk for part in parts for pk in part.ids or ()]
    return found | Q(pk__in=some) if some else found


# -------------------------------------------------------------------------------------------------- late or missed
@dataclass(frozen=True)
class UnitTiming:
    """How often a unit was late (in the grace period) or missed its deadline, of its results of the year."""

    code: str
    name: str
    results: int
    late: int
    missed: int

    @property
    def both(self) -> int:
        return self.late + self.missed


class Behind(NamedTuple):
    """The same by the unit's key, as it is kept: a unit may get another name."""

    unit: int
    results: int
    late: int
    missed: int


def units_behind(rows: Iterable[YearRow]) -> list[Behind]:
    """The units that were late or missed a deadline."""
    counted: dict[int, Counter] = defaultdict(Counter)
    for row in rows:
        counted[row.unit][row.timeliness] += 1
    return [
        Behind(unit, sum(n.values()), n[Timeliness.IN_GRACE], n[Timeliness.MISSED])
        for unit, n in counted.items()
        if any(n[timeliness] for timeliness in BEHIND)
    ]


def unit_timings(behind: Sequence[Behind]) -> list[UnitTiming]:
    """By name, who was late or missed the most often first. One query."""
    found = Unit.objects.filter(pk__in=[each.unit for each in behind]).order_by()
    named = {pk: (code, name, key) for pk, code, name, key in found.values_list("pk", "code", "name", "sort_key")}
    ordered = sorted(behind, key=lambda u: (-u.late - u.missed, -u.missed, named[u.unit][2]))
    return [UnitTiming(named[u.unit][0], named[u.unit][1], u.results, u.late, u.missed) for u in ordered]


# ---------------------------------------------------------------------------------------------------- rose and fell
def score_moves(calls: Iterable[Call], rows: Iterable[YearRow]) -> list[Move]:
    """From a unit's first result of the year to its last on the same form, kind of period and service; missed ones left out."""
    kin = {
        call.pk: ((call.form_version.form_id, call.period_kind, call.agreement.service_id), call.period_starts)
        for call in calls
    }
    return moves(Point(row.unit, *kin[row.call], row.total, row.report) for row in rows if row.total is not None)


# ---------------------------------------------------------------------------------------------- times against targets
def answers_of_year(results: Q, at: datetime) -> list[AnsweredRequest]:
    """The reports of the results under this condition whose clock ran and stopped: each with its working time and its target."""
    found = ResultFact.objects.filter(results).order_by()
    return answered(ServiceRequest.objects.filter(report__in=found.values("pk")), at, before=at)


def request_ids(answers: Iterable[AnsweredRequest], verdict: str) -> list[int]:
    """Of those that met their target, or missed it."""
    return [one.request_id for one in answers if verdict_of(one.working, one.target) == verdict]


# ---------------------------------------------------------------------------------------------------- period by period
@dataclass(frozen=True)
class CallLine:
    """One call of the year, None for all of them. `totals`: how many results have one; `middle`: their median, from LEAST_PEERS
    on: one of fewer would tell of single units."""

    call: Call | None = None
    timings: Counter = field(default_factory=Counter)
    totals: int = 0
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
    def late(self) -> int:
        return self.timings[Timeliness.IN_GRACE]

    @property
    def missed(self) -> int:
        return self.timings[Timeliness.MISSED]

    @property
    def within(self) -> int:
        return self.times.within or 0

    @property
    def beyond(self) -> int:
        return self.times.count - self.within


def call_lines(rows: Iterable[YearRow], answers: Iterable[AnsweredRequest]) -> tuple[dict[int, CallLine], CallLine]:
    """({call id: its line}, all of them together, without a middle, for calls differ)."""
    timings: dict[int, Counter] = defaultdict(Counter)
    totals: dict[int, list[float]] = defaultdict(list)
    of_request: dict[int, int] = {}
    for row in rows:
        timings[row.call][row.timeliness] += 1
        of_request[row.request] = row.call
        if row.total is not None:
            totals[row.call].append(float(row.total))
    times: dict[int, list] = defaultdict(list)
    for one in answers:
        times[of_request[one.request_id]].append(one.time)
    lines = {
        call: CallLine(None, n, len(totals[call]), _middle(totals[call]), summary(times[call]))
        for call, n in timings.items()
    }
    every = [time for of_call in times.values() for time in of_call]
    return lines, CallLine(timings=sum(timings.values(), Counter()), times=summary(every))


def _middle(totals: Sequence[float]) -> float | None:
    return median(totals) if len(totals) >= LEAST_PEERS else None


# ----------------------------------------------------------------------------------------------------- what is kept
@dataclass(frozen=True)
class YearFigures:
    """What a year's page tells, by keys: titles and names are read when somebody looks. `moved`: whether any unit has results
    of two periods; `risen` and `fallen`: who moved most."""

    lines: Mapping[int, CallLine]
    whole: CallLine
    behind: Sequence[Behind]
    moved: bool
    risen: Sequence[Move]
    fallen: Sequence[Move]

    def lines_of(self, calls: Iterable[Call]) -> list[CallLine]:
        return [replace(self.lines[call.pk], call=call) for call in calls if call.pk in self.lines]


def year_figures(parts: Sequence[SeenPart], at: datetime, most: int) -> YearFigures:
    """`most` of those who rose and fell. Kept under the stamps of all calls, for everybody who sees the same of them, as long as
    the working calendar says the same: times count in it (two queries)."""
    if not parts:
        return YearFigures({}, CallLine(), [], False, [], [])
    calendar = working_calendar(tehran_date(min(part.call.opens_at for part in parts)), tehran_date(at))
    of = [(part.call.pk, part.facts.stamp, part.key) for part in parts]
    name = hashlib.sha256(repr((of, calendar, most)).encode()).hexdigest()
    return cached(parts[-1].facts, f"year {name}", lambda: _year_figures(parts, at, most))


def _year_figures(parts: Sequence[SeenPart], at: datetime, most: int) -> YearFigures:
    rows = year_rows(parts, at)
    lines, whole = call_lines(rows, answers_of_year(_of_parts(parts), at))
    found = score_moves([part.call for part in parts], rows)
    return YearFigures(lines, whole, units_behind(rows), bool(found), risen(found, most), fallen(found, most))


# --------------------------------------------------------------------------------------------------- behind a figure
def narrowed(results: QuerySet[ResultFact], timing: str, verdict: str, at: datetime) -> QuerySet[ResultFact]:
    """The results behind a figure. `timing`: one of `Timeliness`, or `behind` (late or missed); `verdict` of the time."""
    if timing:
        results = results.filter(timeliness__in=BEHIND if timing == "behind" else [timing])
    if verdict in (Verdict.MET, Verdict.MISSED):
        ids = request_ids(answers_of_year(Q(pk__in=results.order_by().values("pk")), at), verdict)
        results = results.filter(report__request__in=ids)
    return results
