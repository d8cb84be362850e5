"""Rows of a league table: each unit's place, its peers', its change against the period before, how firm its place is."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...analysis.places import Place
from ...models import ResultFact
from ...queries.analysis import earlier_totals, intervals, standings
from ...queries.facts_cache import Facts
from ...queries.peers import GroupNames


@dataclass(frozen=True)
class LeagueRow:
    """`place` is None for who is not ranked. `change`: points against the unit's last result. `best` to `worst`: where
    the place lies in nine of ten weightings."""

    fact: ResultFact
    group: str  # of peers, in words
    place: Place | None
    among_peers: Place | None
    peers_median: float | None
    change: Decimal | None
    best: int | None
    worst: int | None

    @property
    def is_firm(self) -> bool:
        """Whether no weighting moves it."""
        return self.best is not None and self.best == self.worst


def league_rows(facts: Facts, page: Sequence[ResultFact], names: GroupNames) -> list[LeagueRow]:
    """`names` of the groups of peers. One query, however many rows; places and intervals are kept with the facts."""
    all_of = standings(facts)
    spans = intervals(facts)
    earlier = earlier_totals(facts.call, [fact.unit_id for fact in page])
    return [_row(fact, names[fact.peers], all_of, spans, earlier) for fact in page]


def _row(fact: ResultFact, group: str, all_of, spans, earlier) -> LeagueRow:
    before, span = earlier.get(fact.unit_id), spans.get(fact.pk, (None, None))
    ranked = fact.pk in all_of.places
    peers = all_of.peers(fact.peers)
    return LeagueRow(
        fact=fact,
        group=group,
        place=all_of.places.get(fact.pk),
        among_peers=all_of.among_peers.get(fact.pk),
        peers_median=peers.median if peers else None,
        change=fact.total - before.total if ranked and before else None,
        best=span[0],
        worst=span[1],
    )
