"""The functions of analysis against the slow obvious way, on random numbers."""

import math
from decimal import Decimal
from fractions import Fraction
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.analysis.places import Place, changes, places, places_by
from reports.analysis.rollup import Sums, UnitFigure, child_of, gather, roll_up
from reports.analysis.spread import classes, modified_z, outliers, quantile, spread
from reports.analysis.strengths import gaps, strengths, weaknesses
from reports.analysis.weighing import Rule, rank_intervals, ranks, shares_by, totals
from reports.scoring import score_indicator, score_report
from reports.xlsform.definition import Indicator

QUICK = settings(max_examples=60, deadline=None)
TOTALS = st.dictionaries(st.integers(0, 60), st.decimals(0, 100, places=1), max_size=25)
VALUES = st.lists(st.floats(-1000, 1000).map(lambda x: round(x, 2)), min_size=1, max_size=40)


# ------------------------------------------------------------------------------------------------------ places
@QUICK
@given(totals=TOTALS)
def test_a_place_is_one_more_than_those_that_are_better(totals):
    for key, place in places(totals).items():
        others = [t for k, t in totals.items() if k != key]
        assert place.rank == 1 + sum(t > totals[key] for t in others)
        assert place.of == len(totals)
        assert place.ahead_of == (Decimal(100 * sum(t < totals[key] for t in others)) / len(others) if others else None)


def test_equal_totals_share_a_place_and_the_next_stays_empty():
    found = places({"a": Decimal(9), "b": Decimal(7), "c": Decimal(7), "d": Decimal(4)})
    assert [found[key].rank for key in "abcd"] == [1, 2, 2, 4]
    assert found["b"] == Place(2, 4, Decimal(100) / 3)


@QUICK
@given(totals=TOTALS, data=st.data())
def test_places_among_peers_are_places_of_each_kind_alone(totals, data):
    kinds = {key: data.draw(st.sampled_from("xyz")) for key in totals}
    found = places_by(totals, kinds)
    for kind in "xyz":
        alone = places({key: total for key, total in totals.items() if kinds[key] == kind})
        assert {key: found[key] for key in alone} == alone


@QUICK
@given(before=TOTALS, now=TOTALS)
def test_a_rise_is_counted_among_those_that_were_there_before(before, now):
    both = before.keys() & now.keys()
    found = changes(before, now)
    assert found.keys() == both
    for key, change in found.items():
        was = sum(before[k] > before[key] for k in both)
        assert change.points == now[key] - before[key]
        assert change.places == was - sum(now[k] > now[key] for k in both)


# ------------------------------------------------------------------------------------------------------ spread
@QUICK
@given(values=VALUES)
def test_quartiles_interpolate_as_numpy_does(values):
    found = spread(values)
    assert found.count == len(values)
    expected = np.quantile(values, [0, 0.25, 0.5, 0.75, 1])
    assert [found.low, found.q1, found.median, found.q3, found.high] == pytest.approx(list(expected))
    assert found.mean == pytest.approx(sum(values) / len(values))
    assert quantile(sorted(values), 0.5) == pytest.approx(median(values))


def test_no_values_have_no_spread():
    assert (spread([]), classes([]), modified_z({})) == (None, [], {})


@QUICK
@given(values=VALUES)
def test_every_value_lies_in_exactly_one_class(values):
    found = classes(values)
    assert sum(c.count for c in found) == len(values)
    assert all(math.isclose(a.high, b.low) for a, b in zip(found, found[1:], strict=False))
    assert len(found) <= 13
    for c in found:
        inside = [v for v in values if c.low - 1e-9 < v < c.high - 1e-9]
        edge = [v for v in values if math.isclose(v, c.low, abs_tol=1e-9) or math.isclose(v, c.high, abs_tol=1e-9)]
        assert len(inside) - len(edge) <= c.count <= len(inside) + len(edge)


@QUICK
@given(values=VALUES)
def test_the_modified_z_score_is_iglewicz_and_hoaglin(values):
    found = modified_z(dict(enumerate(values)))
    middle = median(values)
    away = [abs(v - middle) for v in values]
    mad, mean = median(away), sum(away) / len(away)
    if len(values) < 5 or mean == 0:
        assert found == {}
    else:
        scale = mad / 0.6745 if mad else mean * 1.253314
        assert list(found.values()) == pytest.approx([(v - middle) / scale for v in values], rel=1e-6, abs=1e-9)


def test_one_that_lies_apart_is_found_and_the_rest_are_not():
    found = outliers({"a": 10, "b": 11, "c": 9, "d": 10.5, "e": 9.5, "f": 42})
    assert list(found) == ["f"]


# ------------------------------------------------------------------------------------------------------ rolling up
AMOUNTS = st.one_of(st.none(), st.decimals(0, 900, places=1))


@st.composite
def figures(draw):
    """Units of a tree three deep, each with its part."""
    steps = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    state = draw(st.sampled_from(["scored", "scored", "scored", "missing", "not_applicable"]))
    top, bottom = draw(AMOUNTS), draw(AMOUNTS)
    value = top / bottom * 100 if top is not None and bottom else draw(AMOUNTS)
    return UnitFigure("1." + "".join(f"{s}." for s in steps), state, value, top, bottom, draw(AMOUNTS))


@QUICK
@given(
    rows=st.lists(figures(), max_size=20),
    aggregate=st.sampled_from(["ratio", "sum", "mean", "none"]),
    weighs=st.booleans(),
)
def test_rolling_up_sums_first_and_divides_then(rows, aggregate, weighs):
    whole, apart = gather(rows, "1.")
    found = roll_up(aggregate, Decimal(100), weighs, whole)
    counting = [r for r in rows if r.state == "scored" and r.value is not None]
    if aggregate == "sum" and counting:
        expected = sum(r.value for r in counting)
    elif aggregate == "ratio" and (parts := [r for r in counting if r.numerator is not None and r.denominator]):
        expected = sum(r.numerator for r in parts) / sum(r.denominator for r in parts) * 100
    elif aggregate == "mean" and weighs and (parts := [r for r in counting if r.weight]):
        expected = sum(r.value * r.weight for r in parts) / sum(r.weight for r in parts)
        assert found.left_out == len(counting) - len(parts)
    else:
        expected = None
    assert (None if found.value is None else float(found.value)) == (
        None if expected is None else pytest.approx(float(expected))
    )
    assert (found.why == "") == (expected is not None)
    assert whole.units == len(rows)
    assert sum(part.counted for part in apart.values()) == whole.counted


@QUICK
@given(rows=st.lists(figures(), max_size=20))
def test_what_lies_under_a_child_is_what_its_path_leads_to(rows):
    _whole, apart = gather(rows, "1.")
    for path, part in apart.items():
        assert part.units == sum(child_of(r.path, "1.") == path for r in rows)
        if path != "1.":  # what the unit itself reports stands beside its children
            assert part.units == sum(r.path.startswith(path) for r in rows)


def test_a_ratio_is_not_the_mean_of_ratios():
    rows = [UnitFigure("1.2.", "scored", Decimal(90), Decimal(9), Decimal(10)), UnitFigure("1.3.", "scored", Decimal(10), Decimal(9), Decimal(90))]  # fmt: skip
    assert roll_up("ratio", Decimal(100), False, gather(rows, "1.")[0]).value == 18


@pytest.mark.parametrize(("aggregate", "why"), [("mean", "no-weight"), ("none", "not-added"), ("sum", "nothing")])
def test_what_is_not_rolled_up_says_why(aggregate, why):
    assert roll_up(aggregate, None, False, Sums()).why == why


# ------------------------------------------------------------------------------------------------------ strengths
@QUICK
@given(
    own=st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 1)),
    peers=st.dictionaries(st.sampled_from("abcdef"), st.lists(st.floats(0, 1), max_size=7)),
)
def test_strengths_and_weaknesses_are_gaps_to_the_peers_median(own, peers):
    weights = dict(zip("abcdef", [5, 10, 20, 30, 20, 15], strict=True))
    found = gaps(own, peers, weights)
    assert {g.code for g in found} == {c for c in own if peers.get(c)}
    for gap in found:
        assert gap.points == pytest.approx((own[gap.code] - median(peers[gap.code])) * weights[gap.code])
    assert [g.points for g in strengths(found)] == sorted((g.points for g in found if g.points >= 0.01), reverse=True)[
        :5
    ]
    assert [g.points for g in weaknesses(found)] == sorted(g.points for g in found if g.points <= -0.01)[:5]


# ------------------------------------------------------------------------------------------------------ weights
@st.composite
def fields(draw):
    """(shares, applies, weights, sections) of a few units."""
    n, k = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    numbers = st.lists(st.integers(0, 8), min_size=k, max_size=k)
    shares = np.array([draw(numbers) for _ in range(n)]) / 8
    applies = np.array([draw(st.lists(st.booleans(), min_size=k, max_size=k)) for _ in range(n)])
    weights = np.array(draw(st.lists(st.integers(0, 9), min_size=k, max_size=k)), float)
    sections = np.array(draw(st.lists(st.integers(0, 2), min_size=k, max_size=k)))
    return shares, applies, weights, sections


def scored(shares, applies, weights, sections) -> list[float | None]:
    """The same by `scoring.score_report`: manual points are the share of the weight."""
    rows = [
        Indicator(code=str(i), label={}, section=str(s), inputs={}, weight=str(w), score="manual")
        for i, (w, s) in enumerate(zip(weights, sections, strict=True))
    ]
    found = []
    for own, mine in zip(shares, applies, strict=True):
        points = {
            str(i): str(Decimal(str(share)) * Decimal(str(w)))
            for i, (share, w) in enumerate(zip(own, weights, strict=True))
        }
        claims = {str(i): "accepted" for i, yes in enumerate(mine) if not yes}
        total = score_report(rows, {}, not_applicable=claims, manual_points=points).total
        found.append(None if total is None else float(total))
    return found


@QUICK
@given(field=fields())
def test_totals_share_the_weight_of_what_does_not_apply_as_scoring_does(field):
    for total, expected in zip(totals(*field), scored(*field), strict=True):
        assert math.isnan(total) if expected is None else total == pytest.approx(expected)


@QUICK
@given(values=st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_ranks_of_an_array_are_places(values):
    expected = places({i: Decimal(v) for i, v in enumerate(values)})
    assert list(ranks(np.array(values, float))) == [expected[i].rank for i in range(len(values))]


@settings(max_examples=15, deadline=None)
@given(field=fields())
def test_the_interval_of_a_rank_holds_nine_draws_of_ten(field):
    shares, applies, weights, sections = field
    draws = 40
    factors = np.random.default_rng(7).uniform(0.75, 1.25, size=(draws, len(weights)))
    seen = {unit: [] for unit in range(len(shares))}
    for row in factors:
        under = [None if t is None else round(t, 8) for t in scored(shares, applies, weights * row, sections)]
        for unit, own in enumerate(under):
            if own is not None:
                seen[unit].append(1 + sum(other is not None and other - own > 1e-7 for other in under))
    found = rank_intervals(shares, applies, weights, sections, draws=draws, seed=7)
    for unit, ranks_seen in seen.items():
        expected = (sorted(ranks_seen)[1], sorted(ranks_seen)[37]) if ranks_seen else (0, 0)
        assert (found.best[unit], found.worst[unit]) == expected


def test_the_same_seed_makes_the_same_intervals():
    shares = np.random.default_rng(1).uniform(size=(30, 5))
    field = shares, np.ones((30, 5), bool), np.full(5, 20.0), np.zeros(5)
    first, second = rank_intervals(*field), rank_intervals(*field)
    assert (first.best == second.best).all()
    assert (first.worst == second.worst).all()
    assert (first.best <= first.worst).all()


@QUICK
@given(
    value=st.one_of(st.none(), st.decimals(-20, 200, places=1)),
    formula=st.sampled_from(["default", "linear", "bands"]),
    direction=st.sampled_from(["up", "down"]),
    standard=st.decimals(1, 100, places=1),
    floor=st.decimals(0, 120, places=1),
)
def test_shares_of_an_array_are_those_of_the_score_functions(value, formula, direction, standard, floor):
    bands = "90=20; 75=60; 40=100" if direction == "down" else "90=100; 75=60; 40=20"
    indicator = Indicator(
        code="x", label={}, section="", inputs={"value": "x"}, weight="8", score=formula, direction=direction,
        standard=str(standard), floor=str(floor), bands=bands,
    )  # fmt: skip
    expected = score_indicator(indicator, inputs={"value": "" if value is None else str(value)})
    pairs = ((40, 1.0), (75, 0.6), (90, 0.2)) if direction == "down" else ((40, 0.2), (75, 0.6), (90, 1.0))
    rule = Rule(expected.formula, float(standard), float(floor), pairs, direction == "down")
    found = shares_by(rule, np.array([math.nan if value is None else float(value)]), np.array([0.0]))
    assert found[0] == pytest.approx(float(expected.points / Fraction(8)))
