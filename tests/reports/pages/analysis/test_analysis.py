"""The figures of the single pages again, the slow obvious way: out of revisions and reviews of random fields."""

import math
from datetime import date
from statistics import mean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.models import Call, ResultFact
from reports.pages.analysis.comparison import chosen_units, comparison_of
from reports.pages.analysis.what_if import try_out, what_if_lines
from reports.queries import form_of
from reports.queries.analysis import visible_results
from reports.queries.earlier_call import against, movers
from reports.queries.facts_cache import facts_of
from reports.queries.indicator_tree import children_of, node_of, rolled_up
from reports.queries.indicators import best_and_worst, departures_of, outliers_of, values_of
from reports.queries.unit_profile import family, profile_of, results_of
from tests.field import (
    FEW,
    FIGURES,
    MEASURES,
    Figures,
    announce_field,
    field_call,
    share_of,
    total_of,
    undone,
    value_of,
    verified_of,
)

from ...queries.test_analysis import area_percent

CODES = list(MEASURES)
NEAR = {"rel": 1e-6, "abs": 1e-6}


def near(expected: float | None):
    return None if expected is None else pytest.approx(expected, **NEAR)


def as_float(value) -> float | None:
    return None if value is None else float(value)


def field(cast, figures, **given):
    call, units = field_call(cast, len(figures), **given)
    reports = announce_field(cast, call, units, figures)
    return call, units, reports


def as_floats(values) -> list[float]:
    """Comparable: nothing is nan."""
    return [math.nan if value is None else float(value) for value in values]


def numbers(reports, code) -> dict[int, float]:
    """{report: value} of those that have one."""
    found = {}
    for report in reports:
        items = verified_of(report)
        value = None if items is None else value_of(code, items[code])
        if value is not None:
            found[report.pk] = value
    return found


# ------------------------------------------------------------------------------------------------------ the tree
def obvious_roll_up(code, reports, claims) -> float | None:
    _section, aggregate, _direction, _standard, _weight, scale, inputs, by = MEASURES[code]
    items = {r.pk: verified_of(r) for r in reports}
    live = {pk: own[code] for pk, own in items.items() if own is not None and value_of(code, own[code]) is not None}
    if aggregate == "ratio":
        bottom = sum(own["denominator"] for own in live.values())
        return sum(own["numerator"] for own in live.values()) / bottom * scale if bottom else None
    if aggregate == "sum":
        return sum(own["value"] for own in live.values()) if live else None
    if aggregate == "mean" and by:
        weights = {pk: float(claims[pk].get(by) or 0) for pk in live}
        whole = sum(weights.values())
        return sum(live[pk]["value"] * w for pk, w in weights.items()) / whole if whole else None
    return None


@FEW
@given(figures=st.lists(FIGURES, min_size=3, max_size=6))
def test_every_indicator_up_the_tree(cast, figures):
    with undone():
        call, units, reports = field(cast, figures)
        claims = {r.pk: own.claimed for r, own in zip(reports, figures, strict=True)}
        facts, definition = facts_of(call), form_of(call.form_version)
        for unit in (cast.provider, cast.a, cast.b):
            under = [r for r in reports if r.unit.path.startswith(unit.path)]
            node = node_of(cast.laleh, facts, str(unit.pk))
            found = rolled_up(node, definition.indicators)
            for code in CODES:
                expected = obvious_roll_up(code, under, claims)
                assert as_float(found[code].value) == near(expected), code
                assert found[code].sums.units == len(under)
                children, _left_out = children_of(node, definition.indicator(code))
                assert sum(child.rolled.sums.counted for child in children) == found[code].sums.counted
                for child in children:
                    below = [r for r in under if f".{child.key}." in f".{r.unit_path}"]
                    assert as_float(child.rolled.value) == near(obvious_roll_up(code, below, claims)), code


# ------------------------------------------------------------------------------------------------------ what if
@FEW
@given(figures=st.lists(FIGURES, min_size=2, max_size=5), data=st.data())
def test_the_league_under_other_weights_and_standards(cast, figures, data):
    with undone():
        call, units, reports = field(cast, figures)
        weights = {code: data.draw(st.integers(0, 40)) for code in CODES}
        standards = {code: data.draw(st.integers(1, 120)) for code in CODES}
        typed = {f"weight-{c}": str(w) for c, w in weights.items()} | {
            f"standard-{c}": str(s) for c, s in standards.items()
        }
        lines = what_if_lines(facts_of(call), typed, "fa")
        assert not any(line.errors for line in lines)
        tried = {row.fact.pk: row for row in try_out(cast.laleh, facts_of(call), lines)}
        items = {r.pk: own for r in reports if (own := verified_of(r)) is not None and total_of(own) is not None}
        expected = {pk: total_of(own, weights, standards) for pk, own in items.items()}
        expected = {pk: total for pk, total in expected.items() if total is not None}
        assert {pk: float(row.total) for pk, row in tried.items()} == pytest.approx(expected, **NEAR)
        for pk, row in tried.items():
            assert row.place.rank == 1 + sum(other - expected[pk] > 1e-7 for other in expected.values())
            assert float(row.now_total) == pytest.approx(total_of(items[pk]), **NEAR)


def test_trying_out_stores_nothing(cast, django_assert_num_queries):
    call, _units, _reports = field(cast, [Figures({"cnt": "7", "avg": "20"}), Figures({"cnt": "9", "avg": "9"})])
    before = list(ResultFact.objects.values())
    try_out(cast.laleh, facts_of(call), what_if_lines(facts_of(call), {"weight-CNT": "0"}, "fa"))
    assert list(ResultFact.objects.values()) == before


@pytest.mark.parametrize(
    ("name", "text"), [("weight-CNT", "-1"), ("weight-CNT", "ده"), ("standard-CNT", "0"), ("standard-CNT", "")]
)
def test_what_is_no_weight_or_standard_is_named_beside_it(cast, name, text):
    call, _units, _reports = field(cast, [Figures({"cnt": "7"})])
    wrong = [line for line in what_if_lines(facts_of(call), {name: text}, "fa") if line.errors]
    assert [(line.indicator.code, *line.errors) for line in wrong] == [("CNT", name.partition("-")[0])]


def test_persian_digits_are_numbers(cast):
    call, _units, _reports = field(cast, [Figures({"cnt": "7"})])
    line = next(x for x in what_if_lines(facts_of(call), {"weight-CNT": "۱۲٫۵"}, "fa") if x.indicator.code == "CNT")
    assert (line.typed_weight, line.errors) == ("12.5", {})


# --------------------------------------------------------------------------------------------------- one indicator
@FEW
@given(figures=st.lists(FIGURES, min_size=2, max_size=7))
def test_the_spread_the_best_and_the_outliers_of_an_indicator(cast, figures):
    with undone():
        call, units, reports = field(cast, figures)
        facts, visible = facts_of(call), visible_results(cast.laleh).filter(call=call)
        for code in CODES:
            expected, found = numbers(reports, code), values_of(facts, code)
            assert found.values == pytest.approx(expected, **NEAR)
            items = [own for r in reports if (own := verified_of(r)) is not None]
            assert found.not_applicable == sum(own[code]["na"] for own in items)
            assert found.missing == len(items) - found.not_applicable - len(expected)
            if expected:
                assert found.whole.median == pytest.approx(median(expected.values()), **NEAR)
            best, worst = best_and_worst(visible, facts, form_of(call.form_version).indicator(code), 2)
            falling = MEASURES[code][2] == "down"
            order = sorted(expected.values(), reverse=not falling)
            assert [float(row.value) for row in best] == pytest.approx(order[:2], **NEAR)
            assert [float(row.value) for row in worst] == pytest.approx(order[2:][::-1][:2], **NEAR)
            assert {row.fact.pk for row in outliers_of(visible, facts, code)} == obvious_outliers(expected)


def obvious_outliers(values: dict[int, float]) -> set[int]:
    if len(values) < 5:
        return set()
    middle = median(values.values())
    away = [abs(v - middle) for v in values.values()]
    spread = median(away) / 0.6745 or mean(away) * 1.253314
    return {pk for pk, v in values.items() if spread and abs(v - middle) / spread > 3.5}


# -------------------------------------------------------------------------------------------- over the periods
def next_call(cast, call: Call, units, figures) -> tuple[Call, list]:
    """The same call one quarter on."""
    later, _units = field_call(
        cast, 0, units=units, service=call.service, period_code="1405-Q3", period_starts=date(2026, 9, 23), period_ends=date(2026, 12, 21)
    )  # fmt: skip
    return later, announce_field(cast, later, units, figures)


@pytest.fixture
def service(cast):
    from tests.factories import make_service

    return make_service(cast)


@FEW
@given(before=st.lists(FIGURES, min_size=4, max_size=5), data=st.data())
def test_a_period_against_the_one_before(cast, service, before, data):
    now = [data.draw(FIGURES) for _each in before]
    with undone():
        call, units, reports = field(cast, before, service=service)
        later, later_reports = next_call(cast, call, units, now)
        found = against(facts_of(later), facts_of(call), "fa")
        then = {
            r.unit_id: total
            for r in reports
            if (own := verified_of(r)) is not None and (total := total_of(own)) is not None
        }
        here = {
            r.unit_id: total
            for r in later_reports
            if (own := verified_of(r)) is not None and (total := total_of(own)) is not None
        }
        both = then.keys() & here.keys()
        assert found.both == len(both)
        if len(both) >= 4:
            assert found.before.median == pytest.approx(median(then[u] for u in both), **NEAR)
            assert found.now.median == pytest.approx(median(here[u] for u in both), **NEAR)
        units_of = {r.pk: r.unit_id for r in later_reports}
        assert {units_of[pk]: float(c.points) for pk, c in found.moves.items()} == pytest.approx(
            {u: here[u] - then[u] for u in both}, **NEAR
        )
        risen, fallen = movers(cast.laleh, facts_of(later), found)
        assert all(mover.change.points > 0 for mover in risen)
        assert all(mover.change.points < 0 for mover in fallen)
        for code in CODES:
            old, new = numbers(reports, code), numbers(later_reports, code)
            sides = {r.unit_id for r in reports if verified_of(r) is not None} & {
                r.unit_id for r in later_reports if verified_of(r) is not None
            }
            label = form_of(later.form_version).indicator(code).label_in("fa")
            pair = next(p for p in found.indicators if p.label == label)
            for value, source, rows in ((pair.before, old, reports), (pair.now, new, later_reports)):
                known = [source[r.pk] for r in rows if r.unit_id in sides and r.pk in source]
                assert value == (pytest.approx(median(known), **NEAR) if len(known) >= 4 else None)


@FEW
@given(before=FIGURES, now=FIGURES, others=st.lists(FIGURES, min_size=4, max_size=5))
def test_a_units_profile(cast, service, before, now, others):
    with undone():
        call, units, reports = field(cast, [before, *others], service=service)
        later, later_reports = next_call(cast, call, units, [now, *others])
        unit, own = units[0], verified_of(later_reports[0])
        results = results_of(cast.laleh, unit)
        profile = profile_of(unit, results[0], family(results, results[0]), "fa")
        assert [r.call_id for r in profile.results] == [call.pk, later.pk]
        if own is None:
            assert (profile.place, profile.strong, profile.weak, profile.change) == (None, [], [], None)
            return
        for line, area in zip(profile.areas, ("first", "second", "third"), strict=True):
            assert line.percent == (pytest.approx(p, **NEAR) if (p := area_percent(area, own)) is not None else None)
        earlier = verified_of(reports[0])
        if total_of(own) is not None and earlier is not None and total_of(earlier) is not None:
            assert float(profile.change) == pytest.approx(total_of(own) - total_of(earlier), **NEAR)
        for _area, rows in profile.sections:
            for row in rows:
                values = [
                    None if past is None else value_of(row.indicator.code, past[row.indicator.code])
                    for past in (earlier, own)
                ]
                assert as_floats(row.values) == pytest.approx(as_floats(values), nan_ok=True, **NEAR)
        claimed = {code for code in CODES if differs(code, now, own)}
        labels = {form_of(later.form_version).indicator(code).label_in("fa") for code in claimed}
        assert {line.label for line in profile.verified} == labels
        _check_gaps(profile, own, later_reports)


def differs(code, figures: Figures, own) -> bool:
    """Claimed with a value, verified with another or none; what does not apply is no difference."""
    if own[code]["na"]:
        return False
    claimed = {
        "na": False,
        **{role: float(text) for role, name in MEASURES[code][6].items() if (text := figures.claimed.get(name))},
    }
    before, after = value_of(code, claimed), value_of(code, own[code])
    return before is not None and (after is None or abs(before - after) > 1e-9)


def _check_gaps(profile, own, reports) -> None:
    came = [items for r in reports if (items := verified_of(r)) is not None]
    if len(came) < 4:
        assert not profile.strong
        return
    weights = effective(own)
    for named in [*profile.strong, *profile.weak]:
        code = named.gap.code
        shares = [share_of(code, value_of(code, items[code])) for items in came if not items[code]["na"]]
        gap = share_of(code, value_of(code, own[code])) - median(shares)
        assert named.gap.points == pytest.approx(gap * weights[code] * 100 / sum(weights.values()), **NEAR)


def effective(own) -> dict[str, float]:
    """Each indicator's weight with what it took over within its area; areas take over from whole areas in proportion."""
    live = [c for c in CODES if not own[c]["na"]]
    areas = {MEASURES[c][0] for c in live}
    counting = sum(MEASURES[c][4] for c in CODES if MEASURES[c][0] in areas)
    found = {}
    for code in live:
        area = MEASURES[code][0]
        whole = sum(MEASURES[c][4] for c in CODES if MEASURES[c][0] == area)
        left = sum(MEASURES[c][4] for c in live if MEASURES[c][0] == area)
        found[code] = MEASURES[code][4] * whole / left * 100 / counting
    return found


def test_a_value_far_from_the_units_own_past_is_found(cast, service):
    calm = [Figures({"cnt": "10", "avg": "5"}), Figures({"cnt": "10", "avg": "5"})]
    call, units, _reports = field(cast, calm, service=service)
    second, _r = next_call(cast, call, units, calm)
    third, _units = field_call(
        cast, 0, units=units, service=service, period_code="1405-Q4", period_starts=date(2026, 12, 22), period_ends=date(2027, 3, 20)
    )  # fmt: skip
    announce_field(cast, third, units, [Figures({"cnt": "20", "avg": "5"}), Figures({"cnt": "12", "avg": "5"})])
    visible = visible_results(cast.laleh).filter(call=third)
    found = departures_of(visible, facts_of(third), "CNT")
    assert [(row.fact.unit_id, row.departure.middle, row.departure.share) for row in found] == [(units[0].pk, 10, 1)]
    assert departures_of(visible, facts_of(third), "AVG") == []


# ------------------------------------------------------------------------------------------------------ side by side
@FEW
@given(figures=st.lists(FIGURES, min_size=2, max_size=3))
def test_units_side_by_side(cast, figures):
    with undone():
        call, units, reports = field(cast, figures)
        chosen = chosen_units(cast.laleh, call, [u.code for u in reversed(units)])
        found = comparison_of(facts_of(call), chosen, "fa")
        assert [column.fact.unit_id for column in found.columns] == [u.pk for u in reversed(units)]
        items = [verified_of(r) for r in reversed(reports)]
        for row in (row for _area, rows in found.sections for row in rows):
            values = [None if own is None else value_of(row.code, own[row.code]) for own in items]
            cells = as_floats(cell.value for cell in row.cells)
            assert cells == pytest.approx(as_floats(values), nan_ok=True, **NEAR)
