"""Facts of results as analysis reads them: who stands where in a call, and all its indicators as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from django.db.models import Count, F, FloatField, Q, QuerySet
from django.db.models.functions import Cast

from units.enums import HEADQUARTERS_ROLES
from units.queries import memberships_of, reach

from ..analysis.places import Place, places, places_by
from ..analysis.spread import Spread, median, spread
from ..analysis.weighing import Intervals, Rule, rank_intervals
from ..enums import CallState, FactState
from ..models import Call, FactStamp, IndicatorFact, ResultFact
from ..scoring import formula_of
from ..scoring.functions import exact, read_bands
from ..xlsform.definition import Indicator
from . import form_of, visible_calls
from .facts_cache import Facts, cached
from .peers import are_apart

# A median over fewer peers says more about single units than about the field.
LEAST_PEERS = 4


# ------------------------------------------------------------------------------------------------- who sees what
def visible_results(person) -> QuerySet[ResultFact]:
    """Results within reach: the subtree of each membership, as for reports. What is named on a page comes from here."""
    return ResultFact.objects.select_related("unit", "report").filter(results_in_reach(person))


def results_in_reach(person) -> Q:
    """The same as a condition over results."""
    return Q() if person.is_superuser else reach(person, field="unit__path")


def sees_the_field(person) -> bool:
    """Headquarters reads a field's distribution; units read their own figures and anonymous medians."""
    return person.is_superuser or any(m.role in HEADQUARTERS_ROLES for m in memberships_of(person))


def analysed_calls(person) -> QuerySet[Call]:
    """The calls with announced results that the person may see, the newest period first. One whose form scores nothing has no
    figures to compare."""
    return reported_calls(person).filter(form_version__indicator_count__gt=0)


def reported_calls(person) -> QuerySet[Call]:
    """The calls with announced results that the person may see, scored or not, the newest period first."""
    found = visible_calls(person).filter(state=CallState.PUBLISHED, first_announced_at__isnull=False)
    return found.order_by("-period_starts", "-pk")


def family_of(call: Call) -> Q:
    """Conditions over results, by the call: of the same form, kind of period and service. What periods are compared in."""
    return Q(
        call__form_version__form=call.form_version.form_id,
        call__period_kind=call.period_kind,
        call__agreement__service=call.agreement.service_id,
    )


def earlier_analysed_calls(call: Call, most: int) -> list[Call]:
    """Analysed calls of the family that end before this one begins, the newest first."""
    of = Call.objects.filter(
        form_version__form=call.form_version.form_id, period_kind=call.period_kind,
        agreement__service=call.agreement.service_id, period_ends__lt=call.period_starts,
        first_announced_at__isnull=False,
    )  # fmt: skip
    found = of.select_related("form_version", "agreement").defer("form_version__summary")
    return list(found.order_by("-period_starts", "-pk")[:most])


# ------------------------------------------------------------------------------------------------------ standings
@dataclass(frozen=True)
class Standings:
    """Who stands where in a call, by report id. `groups`: of peers; `spreads`: of the totals of each, missed ones and those without
    a score left out. `whole`: of all of them, from LEAST_PEERS on: below, a median would tell of single units. Where the call ranks
    its groups `apart`, `places` are those within the group."""

    totals: dict[int, Decimal]
    places: dict[int, Place]
    among_peers: dict[int, Place]
    kinds: dict[int, str]
    groups: dict[int, str]
    apart: bool
    spreads: dict[str, Spread]
    whole: Spread | None
    missed: int
    unscored: int

    def peers(self, group: str) -> Spread | None:
        """The spread of a group of peers, where there are enough of them to say nothing about one."""
        found = self.spreads.get(group)
        return found if found and found.count >= LEAST_PEERS else None


def standings(facts: Facts) -> Standings:
    return cached(facts, "standings", lambda: _standings(facts.call))


def _standings(call: Call) -> Standings:
    rows = ResultFact.objects.filter(call=call).values_list("report_id", "kind", "peers", "total", "missed")
    totals, kinds, groups, missed, unscored = {}, {}, {}, 0, 0
    for report, kind, group, total, was_missed in rows:
        kinds[report], groups[report] = kind, group
        if was_missed:
            missed += 1
        elif total is None:
            unscored += 1
        else:
            totals[report] = total
    of_group: dict[str, list[float]] = {}
    for report, total in totals.items():
        of_group.setdefault(groups[report], []).append(float(total))
    among_peers, apart = places_by(totals, groups), are_apart(call)
    return Standings(
        totals, among_peers if apart else places(totals), among_peers, kinds, groups, apart,
        {group: spread(all_of) for group, all_of in of_group.items()},
        spread(float(total) for total in totals.values()) if len(totals) >= LEAST_PEERS else None, missed, unscored,
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------------- matrix
@dataclass(frozen=True)
class Matrix:
    """Every indicator of every report that came: n reports, k indicators in the form's order.

    `values` (n, k): nan where nothing was scored. `points` and `weights` (n, k): out of the weight it had in that report. `asked`
    (n, k): False where it is for other kinds of units; then it does not apply either. `base` (k,): the form's own weights.
    `sections` (k,): numbers into `section_names`. `groups` (n,): of peers, one for all where they are ranked together.
    """

    reports: np.ndarray
    units: np.ndarray
    groups: np.ndarray
    peers: np.ndarray
    codes: tuple[str, ...]
    section_names: tuple[str, ...]
    sections: np.ndarray
    base: np.ndarray
    rules: tuple[Rule, ...]
    values: np.ndarray
    points: np.ndarray
    weights: np.ndarray
    applies: np.ndarray
    asked: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        """(n, k): the part of its weight that each earned; 0 where it has none."""
        return np.divide(self.points, self.weights, out=np.zeros_like(self.points), where=self.weights > 0)


def matrix(facts: Facts) -> Matrix:
    return cached(facts, "matrix", lambda: _matrix(facts.call), large=True)


def _matrix(call: Call) -> Matrix:
    definition = form_of(call.form_version)
    codes = tuple(indicator.code for indicator in definition.indicators)
    names = tuple(dict.fromkeys(indicator.section for indicator in definition.indicators))
    came = list(
        ResultFact.objects.filter(call=call, missed=False).order_by("report").values_list("report", "unit", "peers")
    )
    row = {report: i for i, (report, _unit, _peers) in enumerate(came)}
    column = {code: i for i, code in enumerate(codes)}
    shape = (len(came), len(codes))
    values, points, weights = np.full(shape, np.nan), np.zeros(shape), np.zeros(shape)
    applies, asked = np.zeros(shape, bool), np.zeros(shape, bool)
    for report, code, state, value, earned, weight in _cells(call):
        at = row.get(report), column.get(code)
        if None in at:
            continue
        points[at], weights[at] = earned, weight
        asked[at], applies[at] = True, state != FactState.NOT_APPLICABLE
        if state == FactState.SCORED and value is not None:
            values[at] = value
    peers = np.array([group for _report, _unit, group in came], dtype=object)
    return Matrix(
        np.array([report for report, _unit, _peers in came], dtype=np.int64), np.array([unit for _report, unit, _peers in came], dtype=np.int64),
        peers if are_apart(call) else np.full(len(came), "", dtype=object), peers,
        codes, names, np.array([names.index(i.section) for i in definition.indicators], dtype=np.int64),
        np.array([float(exact(i.weight) or 0) for i in definition.indicators]), tuple(rule_of(i) for i in definition.indicators),
        values, points, weights, applies, asked,
    )  # fmt: skip


def _cells(call: Call):
    """(report, code, state, value, points, weight) with floating-point numbers, which arrays are made of anyway."""

    def number(name: str) -> Cast:
        return Cast(name, FloatField())

    rows = IndicatorFact.objects.filter(call=call).order_by()
    found = rows.values_list("result_id", "indicator", "state", number("value"), number("points"), number("weight"))
    return found.iterator(chunk_size=20_000)


def rule_of(indicator: Indicator, standard: float | None = None) -> Rule:
    """How the indicator is scored, for arrays; with another `standard` where one is tried."""
    down = indicator.direction == "down"
    own, floor = exact(indicator.standard), exact(indicator.floor)
    formula = formula_of(indicator)
    bands = read_bands(indicator.bands, "down" if down else "up") if formula == "bands" else ()
    return Rule(
        formula, standard if standard is not None else None if own is None else float(own),
        None if floor is None else float(floor), tuple((float(at), float(share) / 100) for at, share in bands), down,
    )  # fmt: skip


# ----------------------------------------------------------------------------------------------- what peers earned
@dataclass(frozen=True)
class PeerFigures:
    """Anonymous medians of a group of peers: of the share of each indicator and area, each in percent or 0 to 1."""

    count: int
    total: float | None
    indicators: dict[str, list[float]]  # shares, 0 to 1
    areas: dict[str, float]  # percent


def peer_figures(facts: Facts, group: str) -> PeerFigures | None:
    """None where the group has fewer than LEAST_PEERS reports."""
    found = cached(facts, f"peers {group}", lambda: _peer_figures(matrix(facts), standings(facts), group))
    return found if found.count >= LEAST_PEERS else None


def _peer_figures(field: Matrix, all_of: Standings, group: str) -> PeerFigures:
    mine = field.peers == group
    shares, applies = field.shares[mine], field.applies[mine] & (field.weights[mine] > 0)
    points, weights = field.points[mine], field.weights[mine]
    indicators = {code: shares[:, i][applies[:, i]].tolist() for i, code in enumerate(field.codes)}
    areas = {}
    for number, name in enumerate(field.section_names):
        of = field.sections == number
        whole = weights[:, of].sum(axis=1)
        percents = 100 * points[:, of].sum(axis=1)[whole > 0] / whole[whole > 0]
        if (middle := median(percents.tolist())) is not None:
            areas[name] = middle
    found = all_of.spreads.get(group)
    return PeerFigures(int(mine.sum()), found.median if found else None, indicators, areas)


# ------------------------------------------------------------------------------------------------------ robustness
# Up to so many units a page ranks them itself; of more, it reads what the sweep has made.
AT_ONCE = 1500


def intervals(facts: Facts) -> dict[int, tuple[int, int]]:
    """{report id: (best, worst) rank in nine draws of ten}, for those with a score; {} until the sweep has made them."""
    return cached(facts, "intervals", lambda: _intervals(facts)) or {}


def _intervals(facts: Facts) -> dict[int, tuple[int, int]] | None:
    if facts.has_intervals:
        stored = FactStamp.objects.filter(call=facts.call, intervals_for=facts.stamp).values_list(
            "intervals", flat=True
        )
        packed = stored.first()
        if packed is not None:
            return unpacked(bytes(packed))
    if len(standings(facts).totals) > AT_ONCE:
        return None
    return intervals_in(matrix(facts))


def intervals_in(field: Matrix) -> dict[int, tuple[int, int]]:
    """Of the ranks within each group, where they are ranked apart."""
    found: dict[int, tuple[int, int]] = {}
    shares = field.shares
    for group in dict.fromkeys(field.groups.tolist()):
        of = field.groups == group
        spans: Intervals = rank_intervals(
            shares[of], field.applies[of], field.base, field.sections, asked=field.asked[of]
        )
        rows = zip(field.reports[of].tolist(), spans.best.tolist(), spans.worst.tolist(), strict=True)
        found |= {report: (best, worst) for report, best, worst in rows if best}
    return found


def packed(found: dict[int, tuple[int, int]]) -> bytes:
    """Three whole numbers of eight bytes for each report."""
    return np.array([(report, *span) for report, span in found.items()], dtype="<i8").tobytes()


def unpacked(data: bytes) -> dict[int, tuple[int, int]]:
    rows = np.frombuffer(data, dtype="<i8").reshape(-1, 3).tolist()
    return {report: (best, worst) for report, best, worst in rows}


def without_intervals() -> list[Call]:
    """Calls whose facts have changed since their intervals were made."""
    old = FactStamp.objects.exclude(intervals_for=F("stamp")).order_by("call_id")
    return [stamp.call for stamp in old.select_related("call__form_version", "call__agreement")]


# ------------------------------------------------------------------------------------------------- earlier results
@dataclass(frozen=True)
class EarlierResult:
    """A unit's last result of the family before this call."""

    total: Decimal
    period_starts: date


def earlier_totals(call: Call, units: Sequence[int]) -> dict[int, EarlierResult]:
    """{unit id: its last result before the call}; one without a total, or missed, gives none. One query."""
    rows = ResultFact.objects.filter(family_of(call), unit__in=units, call__period_ends__lt=call.period_starts)
    found: dict[int, EarlierResult] = {}
    for unit, total, missed, starts in rows.order_by("period_starts").values_list(
        "unit_id", "total", "missed", "period_starts"
    ):
        found.pop(unit, None)
        if total is not None and not missed:
            found[unit] = EarlierResult(total, starts)
    return found


def result_counts(calls: Sequence[Call]) -> dict[int, tuple[int, int]]:
    """{call id: (results, of them missed)}."""
    rows = ResultFact.objects.filter(call__in=calls).values("call").order_by()
    counted = rows.annotate(n=Count("pk"), gone=Count("pk", filter=Q(missed=True)))
    return {row["call"]: (row["n"], row["gone"]) for row in counted}
