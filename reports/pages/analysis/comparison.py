"""Chosen units of a call side by side: totals, areas, every indicator."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sajad_portal.lib.text import search_key
from units.models import Unit

from ...analysis.places import Place
from ...enums import FactState
from ...models import Call, IndicatorFact, ResultFact
from ...queries import form_of
from ...queries.analysis import intervals, standings, visible_results
from ...queries.facts_cache import Facts
from ...queries.unit_profile import area_percents
from ..charts import colours

MOST = 6
NOT_ASKED = "not_asked"
OFFERED = 8


@dataclass(frozen=True)
class ComparedUnit:
    fact: ResultFact
    place: Place | None
    span: tuple[int, int] | None
    paint: str


@dataclass(frozen=True)
class ComparedArea:
    label: str
    percents: list[float | None]


@dataclass(frozen=True)
class ComparedCell:
    """`state` says why there is no value; NOT_ASKED of an indicator for other kinds of units."""

    value: Decimal | None
    points: Decimal
    state: str
    is_best: bool


@dataclass(frozen=True)
class ComparedRow:
    code: str
    label: str
    unit: str
    percent: bool
    cells: list[ComparedCell]


@dataclass(frozen=True)
class UnitComparison:
    columns: list[ComparedUnit]
    areas: list[ComparedArea]
    sections: list[tuple[str, list[ComparedRow]]]
    mixed: bool  # of groups of peers that the call does not rank together: no places, and nobody is best


def chosen_units(person, call: Call, codes: Sequence[str]) -> list[ResultFact]:
    """The results of the units of these codes that the person may see, in the order asked."""
    found = {fact.unit.code: fact for fact in visible_results(person).filter(call=call, unit__code__in=codes)}
    return [found[code] for code in codes if code in found]


def found_units(person, call: Call, words: str, without: Sequence[str]) -> list[Unit]:
    """Units with a result that the words name, a few of them; an exact code is the only one."""
    results = visible_results(person).filter(call=call).exclude(unit__code__in=without)
    exact = results.filter(unit__code__iexact=words).first()
    if exact is not None:
        return [exact.unit]
    for word in search_key(words).split():
        results = results.filter(unit__search_key__contains=word)
    return [fact.unit for fact in results.order_by("unit__sort_key", "pk")[:OFFERED]]


def comparison_of(facts: Facts, chosen: Sequence[ResultFact], language: str) -> UnitComparison:
    rows: dict[int, dict[str, IndicatorFact]] = {fact.pk: {} for fact in chosen}
    for row in IndicatorFact.objects.filter(result__in=list(rows)):
        rows[row.result_id][row.indicator] = row
    all_of, spans = standings(facts), intervals(facts) if chosen else {}
    mixed = all_of.apart and len({fact.peers for fact in chosen}) > 1
    columns = [
        ComparedUnit(fact, None, None, paint)
        if mixed
        else ComparedUnit(fact, all_of.places.get(fact.pk), spans.get(fact.pk), paint)
        for fact, paint in zip(chosen, colours(len(chosen)), strict=True)
    ]
    definition = form_of(facts.call.form_version)
    percents = [area_percents(rows[fact.pk]) for fact in chosen]
    areas, sections = [], []
    for section in definition.sections:
        indicators = definition.indicators_of(section.name)
        if not indicators:
            continue
        label = section.label_in(language)
        areas.append(ComparedArea(label, [own.get(section.name) for own in percents]))
        lines = [_line(i, [rows[fact.pk].get(i.code) for fact in chosen], language, mixed) for i in indicators]
        sections.append((label, lines))
    return UnitComparison(columns, areas, sections, mixed)


def _line(indicator, rows: list[IndicatorFact | None], language: str, mixed: bool) -> ComparedRow:
    shares = [row.points / row.weight if row is not None and row.weight else None for row in rows]
    best = max((share for share in shares if share is not None), default=None)
    worst = min((share for share in shares if share is not None), default=None)
    cells = [
        ComparedCell(
            value=row.value if row is not None and row.state == FactState.SCORED else None,
            points=row.points if row is not None else Decimal(0),
            state=row.state if row is not None else NOT_ASKED,
            is_best=not mixed and share is not None and share == best != worst,
        )
        for row, share in zip(rows, shares, strict=True)
    ]
    return ComparedRow(
        indicator.code, indicator.label_in(language), indicator.unit_in(language), indicator.unit == "٪", cells
    )
