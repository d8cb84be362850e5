"""One indicator of a call: how its values spread, what became of them, who lies apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ..analysis.spread import Spread, outliers, spread
from ..enums import FactState
from ..models import IndicatorFact, ResultFact
from ..scoring.departures import PERIODS, Departure, departure
from ..xlsform.definition import Indicator
from . import form_of
from .analysis import LEAST_PEERS, Matrix, earlier_analysed_calls, matrix, standings
from .facts_cache import Facts, cached

NAMED = 5
APART = 10


@dataclass(frozen=True)
class Values:
    """What a call's reports have for one indicator, by report id. `kinds` of those with a value."""

    values: dict[int, float]
    kinds: dict[int, str]
    missing: int
    not_applicable: int

    @property
    def whole(self) -> Spread | None:
        return spread(self.values.values())

    def by_kind(self) -> dict[str, Spread]:
        """Of the kinds with enough units to say nothing about one."""
        apart: dict[str, list[float]] = {}
        for report, value in self.values.items():
            apart.setdefault(self.kinds[report], []).append(value)
        return {kind: spread(found) for kind, found in apart.items() if len(found) >= LEAST_PEERS}


def values_of(facts: Facts, code: str) -> Values:
    return cached(facts, f"values {code}", lambda: _values(facts, code))


def _values(facts: Facts, code: str) -> Values:
    rows = IndicatorFact.objects.filter(call=facts.call, indicator=code, result__missed=False)
    values, kinds, missing, excluded = {}, {}, 0, 0
    for report, kind, state, value in rows.values_list("result_id", "result__kind", "state", "value"):
        if state == FactState.NOT_APPLICABLE:
            excluded += 1
        elif state == FactState.SCORED and value is not None:
            values[report], kinds[report] = float(value), kind
        else:
            missing += 1
    return Values(values, kinds, missing, excluded)


@dataclass(frozen=True)
class IndicatorLine:
    """An indicator in the list of a call: its spread and the median share of its weight that was earned, in percent."""

    indicator: Indicator
    spread: Spread | None
    share: float | None
    missing: int
    not_applicable: int


def indicator_lines(facts: Facts) -> dict[str, IndicatorLine]:
    """Every indicator of the call, without a spread where too few have a value."""
    return cached(facts, "indicator lines", lambda: _lines(facts, matrix(facts)))


def _lines(facts: Facts, field: Matrix) -> dict[str, IndicatorLine]:
    definition, shares = form_of(facts.call.form_version), field.shares
    found = {}
    for column, code in enumerate(field.codes):
        values, applies = field.values[:, column], field.applies[:, column]
        known = values[~np.isnan(values)]
        weighing = applies & (field.weights[:, column] > 0)
        enough = len(known) >= LEAST_PEERS
        found[code] = IndicatorLine(
            definition.own_indicator(code), spread(known.tolist()) if enough else None,
            float(np.median(shares[weighing, column]) * 100) if weighing.sum() >= LEAST_PEERS else None,
            int((applies & np.isnan(values)).sum()), int((~applies).sum()),
        )  # fmt: skip
    return found


# ---------------------------------------------------------------------------------------------------------- trend
def trend_of(every: Sequence[Facts], code: str) -> list[Spread | None]:
    """The indicator's spread in each of the calls."""
    spreads = (values_of(facts, code).whole for facts in every)
    return [found if found and found.count >= LEAST_PEERS else None for found in spreads]


# ----------------------------------------------------------------------------------------------- who is named
@dataclass(frozen=True)
class NamedValue:
    fact: ResultFact
    value: Decimal
    points: Decimal
    weight: Decimal


def best_and_worst(
    visible, facts: Facts, indicator: Indicator, most: int = NAMED
) -> tuple[list[NamedValue], list[NamedValue]]:
    """Of the results in `visible`, those with the best and with the worst values; nobody stands in both."""
    rows = IndicatorFact.objects.filter(
        call=facts.call, indicator=indicator.code, state=FactState.SCORED, value__isnull=False, result__in=visible
    ).select_related("result__unit", "result__report")
    order = ("value", "pk") if indicator.direction == "down" else ("-value", "pk")
    turned = ("-value", "-pk") if indicator.direction == "down" else ("value", "-pk")
    best = list(rows.order_by(*order)[:most])
    worst = list(rows.exclude(pk__in=[row.pk for row in best]).order_by(*turned)[:most])
    return [_named(row) for row in best], [_named(row) for row in worst]


def _named(row: IndicatorFact) -> NamedValue:
    return NamedValue(row.result, row.value, row.points, row.weight)


@dataclass(frozen=True)
class Apart:
    """One that lies apart: `score` by the modified z-score, or `departure` from its own past."""

    fact: ResultFact
    value: float
    score: float | None = None
    departure: Departure | None = None


def outliers_of(visible, facts: Facts, code: str) -> list[Apart]:
    """By the modified z-score over the whole field, or its own group where the call ranks groups apart; of those, who is in
    `visible`."""
    found = cached(facts, f"outliers {code}", lambda: _outliers(facts, code))
    seen = {fact.pk: fact for fact in visible.filter(pk__in=list(found)[:500])}
    values = values_of(facts, code).values
    return [Apart(seen[pk], values[pk], score=score) for pk, score in found.items() if pk in seen][:APART]


def _outliers(facts: Facts, code: str) -> dict[int, float]:
    field, values = standings(facts), values_of(facts, code).values
    if not field.apart:
        return outliers(values)
    of_group: dict[str, dict[int, float]] = {}
    for report, value in values.items():
        of_group.setdefault(field.groups[report], {})[report] = value
    found = {report: score for own in of_group.values() for report, score in outliers(own).items()}
    return dict(sorted(found.items(), key=lambda pair: -abs(pair[1])))


def departures_of(visible, facts: Facts, code: str) -> list[Apart]:
    """Who departs from its own past (`scoring.departures`); the farthest in proportion first."""
    found = cached(facts, f"departures {code}", lambda: _departures(facts, code))
    seen = {fact.pk: fact for fact in visible.filter(pk__in=list(found)[:500])}
    values = values_of(facts, code).values
    return [Apart(seen[pk], values[pk], departure=gone) for pk, gone in found.items() if pk in seen][:APART]


def _departures(facts: Facts, code: str) -> dict[int, Departure]:
    """{report id: departure}: the last periods of the family, as the entry page looks at them."""
    now = IndicatorFact.objects.filter(call=facts.call, indicator=code, state=FactState.SCORED, value__isnull=False)
    earlier = earlier_analysed_calls(facts.call, PERIODS)
    past: dict[int, list[Decimal]] = {}
    rows = IndicatorFact.objects.filter(
        call__in=[call.pk for call in earlier], indicator=code, state=FactState.SCORED, value__isnull=False
    )
    for unit, value in rows.order_by("result__period_starts").values_list("result__unit_id", "value"):
        past.setdefault(unit, []).append(value)
    found = {}
    for report, unit, value in now.values_list("result_id", "result__unit_id", "value"):
        gone = departure(value, past.get(unit, []))
        if gone is not None:
            found[report] = gone
    return dict(
        sorted(found.items(), key=lambda pair: -(pair[1].share if pair[1].share is not None else Decimal(10**9)))
    )
