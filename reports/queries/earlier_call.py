"""A call against an earlier one: the units that have a result in both, their medians, and who moved most."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ..analysis.places import PlaceChange, changes
from ..analysis.spread import Spread, spread
from ..models import ResultFact
from . import form_of
from .analysis import LEAST_PEERS, Matrix, matrix, standings, visible_results
from .facts_cache import Facts, cached

MOVERS = 8


@dataclass(frozen=True)
class Pair:
    """A median then and now; None where too few have one."""

    label: str
    unit: str
    percent: bool
    before: float | None
    now: float | None

    @property
    def change(self) -> float | None:
        return None if self.before is None or self.now is None else self.now - self.before


@dataclass(frozen=True)
class Against:
    """`both`: how many units have a result in both calls; medians are over those. `moves` by report id of the later."""

    both: int
    before: Spread | None
    now: Spread | None
    areas: list[Pair]
    indicators: list[Pair]
    moves: dict[int, PlaceChange]


def against(now: Facts, before: Facts, language: str) -> Against:
    name = f"against {before.call.pk} {before.stamp} {language}"
    return cached(now, name, lambda: _against(now, before, language))


def _against(now: Facts, before: Facts, language: str) -> Against:
    later, earlier = matrix(now), matrix(before)
    _units, here, there = np.intersect1d(later.units, earlier.units, return_indices=True)
    totals_now, totals_before = _by_unit(now), _by_unit(before)
    moved = changes(totals_before, totals_now, _groups(now))
    reports = dict(ResultFact.objects.filter(call=now.call).values_list("unit", "report"))
    definition = form_of(now.call.form_version)
    areas = []
    for section in definition.sections:
        if section.name in later.section_names and section.name in earlier.section_names:
            pair = _area_median(earlier, section.name, there), _area_median(later, section.name, here)
            areas.append(Pair(section.label_in(language), "٪", True, *pair))
    indicators = [
        Pair(
            i.label_in(language), i.unit_in(language), i.unit == "٪",
            _median(earlier, i.code, there), _median(later, i.code, here),
        )
        for i in definition.indicators
        if i.code in earlier.codes
    ]  # fmt: skip
    return Against(
        both=len(moved),
        before=_spread(change.before for change in moved.values()),
        now=_spread(change.now for change in moved.values()),
        areas=areas,
        indicators=indicators,
        moves={reports[unit]: change for unit, change in moved.items()},
    )


def _by_unit(facts: Facts) -> dict[int, Decimal]:
    totals = standings(facts).totals
    units = ResultFact.objects.filter(call=facts.call).values_list("report", "unit")
    return {unit: totals[report] for report, unit in units if report in totals}


def _groups(facts: Facts) -> dict[int, str] | None:
    """{unit: its group of peers}, where the call ranks them apart."""
    if not standings(facts).apart:
        return None
    return dict(ResultFact.objects.filter(call=facts.call).values_list("unit", "peers"))


def _spread(totals: Iterable[Decimal]) -> Spread | None:
    found = [float(total) for total in totals]
    return spread(found) if len(found) >= LEAST_PEERS else None


def _median(field: Matrix, code: str, rows: np.ndarray) -> float | None:
    values = field.values[rows, field.codes.index(code)]
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) >= LEAST_PEERS else None


def _area_median(field: Matrix, section: str, rows: np.ndarray) -> float | None:
    of = field.sections == field.section_names.index(section)
    weights = field.weights[rows][:, of].sum(axis=1)
    points = field.points[rows][:, of].sum(axis=1)
    percents = 100 * points[weights > 0] / weights[weights > 0]
    return float(np.median(percents)) if len(percents) >= LEAST_PEERS else None


@dataclass(frozen=True)
class Mover:
    fact: ResultFact
    change: PlaceChange


def movers(person, facts: Facts, found: Against) -> tuple[list[Mover], list[Mover]]:
    """Who rose and who fell most in points, of the units that the person may see."""
    visible = visible_results(person).filter(call=facts.call)
    seen = set(visible.order_by().values_list("pk", flat=True))
    order = sorted((pk for pk in found.moves if pk in seen), key=lambda pk: found.moves[pk].points)
    fallen = [pk for pk in order[:MOVERS] if found.moves[pk].points < 0]
    risen = [pk for pk in reversed(order[-MOVERS:]) if found.moves[pk].points > 0]
    facts_of = {fact.pk: fact for fact in visible.filter(pk__in=[*fallen, *risen])}
    return [Mover(facts_of[pk], found.moves[pk]) for pk in risen], [
        Mover(facts_of[pk], found.moves[pk]) for pk in fallen
    ]
