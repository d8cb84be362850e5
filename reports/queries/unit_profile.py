"""A unit's profile: its results over the periods, area by area and indicator by indicator, against its peers' medians."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from units.models import Unit

from ..analysis.places import Place
from ..analysis.strengths import Gap, gaps, strengths, weaknesses
from ..enums import FactState
from ..models import Call, IndicatorFact, ResultFact
from ..scoring.departures import Departure, departure
from ..xlsform.definition import FormDefinition, Indicator
from . import form_of
from .analysis import PeerFigures, intervals, peer_figures, standings, visible_results
from .facts_cache import Facts, facts_of_each

PERIODS = 8
S = FactState


@dataclass(frozen=True)
class AreaLine:
    """A section's points in percent of its weight; `peers` and `before` likewise, None where there is none."""

    label: str
    percent: float | None
    peers: float | None
    before: float | None

    @property
    def is_below(self) -> bool:
        return self.percent is not None and self.peers is not None and self.percent < self.peers


@dataclass(frozen=True)
class Multiple:
    """One indicator over the periods, oldest first; None where nothing was scored. `departs`: from the unit's own past."""

    indicator: Indicator
    label: str
    unit: str
    percent: bool
    values: list[Decimal | None]
    standard: Decimal | None
    state: str
    departs: Departure | None

    @property
    def last(self) -> Decimal | None:
        return self.values[-1] if self.values else None


@dataclass(frozen=True)
class VerifiedDifference:
    """What the unit claimed beside what was verified, where they differ."""

    label: str
    unit: str
    percent: bool
    claimed: Decimal | None
    verified: Decimal | None

    @property
    def change(self) -> Decimal | None:
        return None if self.claimed is None or self.verified is None else self.verified - self.claimed


@dataclass(frozen=True)
class Named:
    """A gap with the indicator's name."""

    label: str
    gap: Gap

    @property
    def own(self) -> float:
        return self.gap.own * 100

    @property
    def peers(self) -> float:
        return self.gap.peers * 100


@dataclass(frozen=True)
class Profile:
    unit: Unit
    fact: ResultFact
    results: list[ResultFact]  # of the family, oldest first, this one last
    place: Place | None
    among_peers: Place | None
    apart: bool  # its call ranks groups of peers by themselves: both places are the same
    span: tuple[int, int] | None
    peers: PeerFigures | None
    medians: list[float | None]  # of the peers' totals, a period each
    areas: list[AreaLine]
    strong: list[Named]
    weak: list[Named]
    sections: list[tuple[str, list[Multiple]]]
    verified: list[VerifiedDifference]
    claims: int  # how many indicators have both a claimed and a verified value

    @property
    def below(self) -> list[str]:
        return [line.label for line in self.areas if line.is_below]

    @property
    def is_ranked(self) -> bool:
        """Whether its place says anything: it is not the only one."""
        return self.place is not None and self.place.of > 1

    @property
    def is_ranked_among_peers(self) -> bool:
        return self.among_peers is not None and self.among_peers.of > 1

    @property
    def change(self) -> Decimal | None:
        """Points against the result before; None where one of them is missing."""
        if len(self.results) < 2 or self.fact.missed or self.fact.total is None:
            return None
        before = self.results[-2]
        return None if before.missed or before.total is None else self.fact.total - before.total


def results_of(person, unit: Unit) -> list[ResultFact]:
    """The unit's results that the person may see, the newest period first."""
    found = (
        visible_results(person)
        .filter(unit=unit)
        .select_related("call__form_version", "call__agreement__service", "report")
    )
    return list(found.defer("call__form_version__summary").order_by("-period_starts", "-pk"))


def family(results: Sequence[ResultFact], fact: ResultFact) -> list[ResultFact]:
    """Of `results` (newest first), those on the same form, kind of period and service up to this one; oldest first."""

    def kin(call: Call) -> tuple:
        return call.form_version.form_id, call.period_kind, call.agreement.service_id

    same = [r for r in results if kin(r.call) == kin(fact.call) and r.period_starts <= fact.period_starts]
    return [r for r in reversed(same[:PERIODS]) if r.pk != fact.pk] + [fact]


def profile_of(unit: Unit, fact: ResultFact, results: list[ResultFact], language: str) -> Profile:
    definition = form_of(fact.call.form_version)
    rows: dict[int, dict[str, IndicatorFact]] = {result.pk: {} for result in results}
    for row in IndicatorFact.objects.filter(result__in=list(rows)):
        rows[row.result_id][row.indicator] = row
    every = facts_of_each([result.call for result in results])
    here = every[-1]
    all_of = standings(here)
    # Units that cannot be ranked have no peers to be measured by either.
    peers = None if fact.missed else peer_figures(here, fact.peers)
    own = rows[fact.pk]
    found = _gaps(own, peers)
    return Profile(
        unit=unit, fact=fact, results=results, place=all_of.places.get(fact.pk), among_peers=all_of.among_peers.get(fact.pk), apart=all_of.apart,
        span=intervals(here).get(fact.pk), peers=peers, medians=[_median(facts, result.peers) for facts, result in zip(every, results, strict=True)],
        areas=_areas(definition, own, rows[results[-2].pk] if len(results) > 1 else {}, peers, language),
        strong=_named(definition, strengths(found), language), weak=_named(definition, weaknesses(found), language),
        sections=_multiples(definition, [rows[r.pk] for r in results], language),
        verified=_differences(definition, own, language),
        claims=sum(row.claimed_value is not None and row.value is not None for row in own.values()),
    )  # fmt: skip


def _median(facts: Facts, group: str) -> float | None:
    peers = standings(facts).peers(group)
    return peers.median if peers else None


def area_percents(rows: dict[str, IndicatorFact]) -> dict[str, float | None]:
    """{section: points in percent of its weight}; None where nothing in it counts."""
    points: dict[str, Decimal] = {}
    weights: dict[str, Decimal] = {}
    for row in rows.values():
        points[row.section] = points.get(row.section, Decimal(0)) + row.points
        weights[row.section] = weights.get(row.section, Decimal(0)) + row.weight
    return {name: float(100 * points[name] / whole) if whole else None for name, whole in weights.items()}


def _areas(definition: FormDefinition, own, before, peers: PeerFigures | None, language: str) -> list[AreaLine]:
    now, then = area_percents(own), area_percents(before)
    names = [s for s in definition.sections if s.name in now]
    return [
        AreaLine(
            s.label_in(language), now[s.name], peers.areas.get(s.name) if peers else None, then.get(s.name)
        )
        for s in names
    ]  # fmt: skip


def _gaps(own: dict[str, IndicatorFact], peers: PeerFigures | None) -> list[Gap]:
    if peers is None:
        return []
    counting = {code: row for code, row in own.items() if row.state != S.NOT_APPLICABLE and row.weight}
    shares = {code: float(row.points / row.weight) for code, row in counting.items()}
    return gaps(shares, peers.indicators, {code: float(row.weight) for code, row in counting.items()})


def _named(definition: FormDefinition, found: list[Gap], language: str) -> list[Named]:
    return [Named(_label(definition, gap.code, language), gap) for gap in found]


def _label(definition: FormDefinition, code: str, language: str) -> str:
    indicator = definition.indicator(code)
    return indicator.label_in(language) if indicator else code


def _multiples(definition: FormDefinition, periods: list[dict[str, IndicatorFact]], language: str):
    sections = []
    for section in definition.sections:
        found = [_multiple(i, periods, language) for i in definition.indicators_of(section.name)]
        if found:
            sections.append((section.label_in(language), found))
    return sections


def _multiple(indicator: Indicator, periods: list[dict[str, IndicatorFact]], language: str) -> Multiple:
    rows = [rows.get(indicator.code) for rows in periods]
    values = [row.value if row is not None and row.state == S.SCORED else None for row in rows]
    last = rows[-1]
    return Multiple(
        indicator=indicator,
        label=indicator.label_in(language),
        unit=indicator.unit_in(language),
        percent=indicator.unit == "٪",
        values=values,
        standard=last.standard if last is not None else None,
        state=last.state if last is not None else S.MISSING,
        departs=None if indicator.source else departure(values[-1], values[:-1]),
    )


def _differences(definition: FormDefinition, own: dict[str, IndicatorFact], language: str) -> list[VerifiedDifference]:
    found = []
    for indicator in definition.indicators:
        row = own.get(indicator.code)
        if row is None or row.claimed_value == row.value or row.claimed_value is None or row.state == S.NOT_APPLICABLE:
            continue
        found.append(
            VerifiedDifference(
                indicator.label_in(language), indicator.unit_in(language), indicator.unit == "٪", row.claimed_value, row.value
            )
        )  # fmt: skip
    return found
