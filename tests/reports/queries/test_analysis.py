"""Every figure of analysis again, the slow obvious way: out of the revisions and the reviews of random fields."""

from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.models import ResultFact
from reports.queries.analysis import intervals, matrix, peer_figures, standings
from reports.queries.facts_cache import facts_of
from tests.field import (
    FEW,
    FIGURES,
    MEASURES,
    announce_field,
    field_call,
    share_of,
    total_of,
    undone,
    value_of,
    verified_of,
)

CODES = list(MEASURES)


def totals_of(reports) -> dict[int, float]:
    """{report: total} of those that came and have a score."""
    found = {r.pk: verified_of(r) for r in reports}
    totals = {pk: total_of(items) for pk, items in found.items() if items is not None}
    return {pk: total for pk, total in totals.items() if total is not None}


def better(totals, pk, among=None) -> int:
    return sum(t - totals[pk] > 1e-7 for k, t in totals.items() if among is None or k in among)


@FEW
@given(figures=st.lists(FIGURES, min_size=1, max_size=7))
def test_places_totals_and_medians_of_a_call(cast, figures):
    with undone():
        call, units = field_call(cast, len(figures))
        reports = announce_field(cast, call, units, figures)
        found, totals = standings(facts_of(call)), totals_of(reports)
        assert {pk: float(t) for pk, t in found.totals.items()} == pytest.approx(totals, abs=1e-6)
        assert {pk: place.rank for pk, place in found.places.items()} == {pk: better(totals, pk) + 1 for pk in totals}
        assert found.missed == sum(f.missed for f in figures)
        assert found.unscored == len(figures) - found.missed - len(totals)
        assert (found.whole is None) is (len(totals) < 4)
        if len(totals) >= 4:
            assert found.whole.median == pytest.approx(median(totals.values()), abs=1e-6)
        kinds = {r.pk: r.unit_kind for r in reports}
        for pk, place in found.among_peers.items():
            peers = {k for k in totals if kinds[k] == kinds[pk]}
            assert (place.rank, place.of) == (better(totals, pk, peers) + 1, len(peers))


@FEW
@given(figures=st.lists(FIGURES, min_size=4, max_size=6))
def test_what_peers_earned_with_each_indicator_and_area(cast, figures):
    with undone():
        call, units = field_call(cast, len(figures))
        reports = announce_field(cast, call, units, figures)
        found = peer_figures(facts_of(call), units[0].kind_id)
        items = [verified for r in reports if (verified := verified_of(r)) is not None]
        if len(items) < 4:
            assert found is None
            return
        for code in CODES:
            # The weight of an area in which nothing applies goes to the others; there is nothing to earn in it.
            shares = [share_of(code, value_of(code, own[code])) for own in items if not own[code]["na"]]
            assert sorted(found.indicators[code]) == pytest.approx(sorted(shares), abs=1e-6)
        for area in ("first", "second", "third"):
            percents = [p for own in items if (p := area_percent(area, own)) is not None]
            assert found.areas.get(area) == (pytest.approx(median(percents), abs=1e-6) if percents else None)


def area_percent(area: str, items: dict) -> float | None:
    codes = [c for c in CODES if MEASURES[c][0] == area and not items[c]["na"]]
    weight = sum(MEASURES[c][4] for c in codes)
    earned = sum(MEASURES[c][4] * share_of(c, value_of(c, items[c])) for c in codes)
    return 100 * earned / weight if weight else None


@FEW
@given(figures=st.lists(FIGURES, min_size=2, max_size=5))
def test_the_interval_of_a_rank_under_a_thousand_weightings(cast, figures):
    with undone():
        call, units = field_call(cast, len(figures))
        reports = announce_field(cast, call, units, figures)
        found = intervals(facts_of(call))
        items = {
            r.pk: verified
            for r in reports
            if (verified := verified_of(r)) is not None and total_of(verified) is not None
        }
        seen = {pk: [] for pk in items}
        factors = np.random.default_rng(1381).uniform(0.75, 1.25, size=(1000, len(CODES)))
        for row in factors[:1000]:
            weights = {code: MEASURES[code][4] * factor for code, factor in zip(CODES, row, strict=True)}
            totals = {pk: total_of(own, weights) for pk, own in items.items()}
            for pk in totals:
                seen[pk].append(better(totals, pk) + 1)
        assert found == {pk: (sorted(ranks)[49], sorted(ranks)[949]) for pk, ranks in seen.items()}


@FEW
@given(figures=st.lists(FIGURES, min_size=1, max_size=4))
def test_the_matrix_holds_what_was_verified(cast, figures):
    with undone():
        call, units = field_call(cast, len(figures))
        reports = announce_field(cast, call, units, figures)
        found = matrix(facts_of(call))
        assert found.codes == tuple(CODES)
        for report in reports:
            items = verified_of(report)
            where = np.flatnonzero(found.reports == report.pk)
            assert len(where) == (items is not None)
            for row in where:
                values = [value_of(code, items[code]) for code in CODES]
                assert found.values[row].tolist() == pytest.approx(
                    [np.nan if v is None else v for v in values], nan_ok=True
                )
                assert found.applies[row].tolist() == [not items[code]["na"] for code in CODES]


class TestKeeping:
    def test_what_is_kept_is_computed_again_after_an_announcement(self, cast):
        from tests.field import Figures

        figures = Figures({"cnt": "10", "day": "4", "avg": "50", "rat_n": "1", "rat_d": "1", "wmn": "4"})
        call, units = field_call(cast, 2)
        announce_field(cast, call, units[:1], [figures])
        assert standings(facts_of(call)) is standings(facts_of(call))
        assert len(standings(facts_of(call)).totals) == 1
        announce_field(cast, call, units[1:], [figures])
        assert len(standings(facts_of(call)).totals) == 2

    def test_a_figure_during_whose_making_an_announcement_came_is_not_kept(self, cast):
        from reports.actions.facts import rebuild_facts
        from reports.queries.facts_cache import cached
        from tests.field import Figures

        call, units = field_call(cast, 1)
        announce_field(cast, call, units, [Figures({"cnt": "10"})])
        facts = facts_of(call)

        def slow():
            rebuild_facts([call])  # somebody's change lands while this one counts
            return "half seen"

        assert cached(facts, "slow", slow) == "half seen"
        assert cached(facts, "slow", lambda: "again") == "again"
        assert cached(facts_of(call), "slow", lambda: "whole") == "whole"
        assert cached(facts_of(call), "slow", lambda: "never asked") == "whole"

    def test_a_call_without_results_has_no_standings(self, cast):
        call, _units = field_call(cast, 1)
        found = standings(facts_of(call))
        assert (found.totals, found.whole, found.missed) == ({}, None, 0)
        assert not ResultFact.objects.exists()
