"""What stands in the report of a period, for whoever orders it: their reach, the field's anonymous figures."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from sajad_portal.lib import periods
from sla.queries.services import service_beside
from units.models import Person

from ...analysis.rollup import RolledUp
from ...models import Call, ResultFact
from ...queries import form_of
from ...queries.analysis import Standings, analysed_calls, standings, visible_results
from ...queries.facts_cache import Facts, facts_of
from ...queries.indicator_tree import TreePlace, node_of, rolled_up
from ...queries.indicators import IndicatorLine, NamedValue, best_and_worst, indicator_lines
from ...queries.peers import GroupNames, peers_told
from ...queries.unit_profile import Profile, family, profile_of
from ...xlsform.definition import Indicator
from ..analysis.league import LeagueRow, league_rows

# One page a unit: more than so many make no paper that anybody turns; the workbook has them all.
MOST_PROFILES = 500
MOST_RANKED = 1500
BATCH = 500


@dataclass(frozen=True)
class Chapter:
    """An area: each indicator with its spread, its figure for all together, and who is best and furthest from it."""

    key: str
    label: str
    lines: list["ChapterLine"]


@dataclass(frozen=True)
class ChapterLine:
    indicator: Indicator
    label: str
    unit: str
    percent: bool
    line: IndicatorLine
    rolled: RolledUp
    best: list[NamedValue]
    worst: list[NamedValue]


@dataclass(frozen=True)
class Content:
    """`results`: of the units that the person may see, by place."""

    call: Call
    period: str
    service: str  # where there are several
    facts: Facts
    standings: Standings
    results: list[ResultFact]
    node: TreePlace
    chapters: list[Chapter]
    kinds: list[tuple[str, object]]
    names: GroupNames
    apart: str  # by what the groups of peers are made, in words; "" where all are ranked together

    @property
    def ranked(self) -> list[LeagueRow]:
        return period_rows(self.facts, self.results[:MOST_RANKED], self.names)

    @property
    def left_out(self) -> int:
        """Units whose page the paper does not hold."""
        return max(0, len(self.results) - MOST_PROFILES)


def period_rows(facts: Facts, results: list[ResultFact], names: GroupNames) -> list[LeagueRow]:
    return [
        row
        for start in range(0, len(results), BATCH)
        for row in league_rows(facts, results[start : start + BATCH], names)
    ]


def content_of(person: Person, call_pk: int, language: str) -> Content:
    call = analysed_calls(person).get(pk=call_pk)
    facts = facts_of(call)
    visible = visible_results(person).filter(call=call)
    node = node_of(person, facts, "")
    field, names = standings(facts), GroupNames(call)
    return Content(
        call=call, period=periods.label(call.period_kind, call.period_starts, call.period_ends),
        service=service_beside(call), facts=facts, standings=field, results=_in_order(visible, field), node=node,
        chapters=_chapters(facts, node, visible, language),
        kinds=[(name, own) for group, name in names.among(field.spreads) if (own := field.peers(group))], names=names, apart=peers_told(call.peers),
    )  # fmt: skip


def _in_order(visible: QuerySet[ResultFact], field: Standings) -> list[ResultFact]:
    """By place; group by group where they are ranked apart."""
    return list(visible.order_by(*(["peers"] if field.apart else []), "-sort_total", "pk"))


def _chapters(facts: Facts, node: TreePlace, visible, language: str) -> list[Chapter]:
    definition, lines = form_of(facts.call.form_version), indicator_lines(facts)
    rolled = rolled_up(node, definition.indicators)
    chapters = []
    for place, section in enumerate(definition.sections, 1):
        found = []
        for indicator in definition.indicators_of(section.name):
            best, worst = best_and_worst(visible, facts, indicator, 3)
            found.append(
                ChapterLine(
                    indicator, indicator.label_in(language), indicator.unit_in(language), indicator.unit == "٪",
                    lines[indicator.code], rolled[indicator.code], best, worst,
                )
            )  # fmt: skip
        if found:
            chapters.append(Chapter(f"area-{place}", section.label_in(language), found))
    return chapters


def profiles_of(person: Person, content: Content, language: str) -> Iterator[Profile]:
    """One a unit, in the order of the league; the results of some hundred units at a time."""
    wanted = content.results[:MOST_PROFILES]
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        earlier: dict[int, list[ResultFact]] = {}
        found = visible_results(person).filter(unit__in=[fact.unit_id for fact in some])
        found = found.select_related("call__form_version", "call__agreement", "report").defer(
            "call__form_version__summary"
        )
        for result in found.order_by("-period_starts", "-pk"):
            earlier.setdefault(result.unit_id, []).append(result)
        for fact in some:
            results = earlier[fact.unit_id]
            own = next(result for result in results if result.pk == fact.pk)
            yield profile_of(own.unit, own, family(results, own), language)
