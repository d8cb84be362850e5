"""Scores: bounded, monotone, exact, and the weight of what does not apply shared out."""

from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from reports.scoring import ACCEPTED, REFUSED, score_indicator, score_report, share_weights
from reports.scoring.functions import decimal_text, exact, read_bands
from reports.scoring.words import explain
from reports.xlsform import Indicator, parse_form
from sajad_portal.lib.errors import Refused
from tests.forms import SMALL_ANSWERS, small_form


@dataclass(frozen=True)
class Measure:
    """An indicator as scoring sees it, with one value unless inputs say otherwise."""

    code: str = "A-1"
    section: str = "a"
    weight: str = "10"
    standard: str = "80"
    floor: str = "40"
    direction: str = "up"
    score: str = "default"
    bands: str = ""
    levels: str = ""
    scale: str = "1"
    source: str = ""
    inputs: dict = field(default_factory=lambda: {"value": "v"})


def points(measure: Measure, value: str | None = None, **more) -> Fraction:
    inputs = more.pop("inputs", {} if value is None else {"value": value})
    return score_indicator(measure, inputs=inputs, **more).points


# -------------------------------------------------------------------- formulas
@pytest.mark.parametrize(
    ("direction", "value", "earned"),
    [
        ("up", "80", "10"),
        ("up", "40", "5"),
        ("up", "100", "10"),
        ("up", "0", "0"),
        ("up", "-5", "0"),
        ("down", "80", "10"),
        ("down", "160", "5"),
        ("down", "40", "10"),
        ("down", "0", "10"),
        ("down", "-5", "10"),
    ],
)
def test_the_default_score_is_the_cabinets_form(direction, value, earned):
    assert points(Measure(direction=direction), value) == Fraction(earned)


@pytest.mark.parametrize(
    ("direction", "floor", "value", "earned"),
    [
        ("up", "40", "40", "0"),
        ("up", "40", "60", "5"),
        ("up", "40", "80", "10"),
        ("up", "40", "90", "10"),
        ("up", "40", "10", "0"),
        ("down", "120", "120", "0"),
        ("down", "120", "100", "5"),
        ("down", "120", "80", "10"),
        ("down", "120", "0", "10"),
    ],
)
def test_a_linear_score_runs_from_floor_to_standard(direction, floor, value, earned):
    assert points(Measure(score="linear", direction=direction, floor=floor), value) == Fraction(earned)


@pytest.mark.parametrize(
    ("direction", "bands", "value", "earned"),
    [
        ("up", "90=100; 75=60", "95", "10"),
        ("up", "90=100; 75=60", "90", "10"),
        ("up", "90=100; 75=60", "89.99", "6"),
        ("up", "90=100; 75=60", "10", "0"),
        ("down", "5=100؛ ۲۰=۵۰", "5", "10"),
        ("down", "5=100؛ ۲۰=۵۰", "6", "5"),
        ("down", "5=100؛ ۲۰=۵۰", "21", "0"),
    ],
)
def test_bands_give_steps(direction, bands, value, earned):
    assert points(Measure(score="bands", direction=direction, bands=bands), value) == Fraction(earned)


def test_a_rubric_gives_the_reviewers_points_within_the_weight():
    measure = Measure(score="manual", standard="")
    assert points(measure, manual_points="7.5") == Fraction("7.5")
    assert points(measure, manual_points="99") == 10
    assert points(measure, manual_points="-1") == 0
    assert score_indicator(measure, inputs={}).state == "not-yet-judged"


@pytest.mark.parametrize(("on_time", "earned"), [(True, 10), (False, 0), (None, 0)])
def test_timeliness_is_all_or_nothing(on_time, earned):
    assert points(Measure(source="timeliness", inputs={}), on_time=on_time) == earned


def test_a_ratio_is_recomputed_from_its_inputs_exactly():
    measure = Measure(inputs={"numerator": "n", "denominator": "d"}, scale="100", standard="90", weight="3")
    score = score_indicator(measure, inputs={"numerator": "1", "denominator": "3"})
    assert score.value == Fraction(100, 3)
    assert score.points == Fraction(100, 270) * 3


def test_a_denominator_of_zero_earns_nothing_until_it_is_agreed_not_to_apply():
    measure = Measure(inputs={"numerator": "n", "denominator": "d"})
    inputs = {"numerator": "0", "denominator": "0"}
    score = score_indicator(measure, inputs=inputs)
    assert (score.state, score.points, score.effective_weight) == ("zero-denominator", 0, 10)
    agreed = score_indicator(measure, inputs=inputs, not_applicable=ACCEPTED)
    assert (agreed.state, agreed.effective_weight) == ("not-applicable", 0)
    refused = score_indicator(measure, inputs=inputs, not_applicable=REFUSED)
    assert (refused.state, refused.points, refused.effective_weight) == ("not-applicable-refused", 0, 10)


@pytest.mark.parametrize("value", ["", "x", "NaN", "Infinity", "1e9999999"])
def test_what_is_no_number_is_missing_and_earns_nothing(value):
    score = score_indicator(Measure(direction="down"), inputs={"value": value})
    assert (score.state, score.points) == ("missing", 0)


def test_a_band_may_earn_nothing_or_all():
    assert read_bands("90=100; 50=0") == [(50, 0), (90, 100)]


@pytest.mark.parametrize("bands", ["", "90", "90=101", "90=-1", "5=10; 5=20", "90=50; 60=80"])
def test_bands_that_make_no_sense_are_refused(bands):
    with pytest.raises(Refused):
        read_bands(bands)


# ------------------------------------------------------------- not applicable
def four() -> list[Measure]:
    return [
        Measure("A-1", "a", "30"),
        Measure("A-2", "a", "10"),
        Measure("B-1", "b", "40"),
        Measure("C-1", "c", "20"),
    ]


def test_what_does_not_apply_gives_its_weight_to_its_own_area():
    assert share_weights(four(), ["A-1"]) == {"A-1": 0, "A-2": 40, "B-1": 40, "C-1": 20}


def test_an_area_that_does_not_apply_gives_its_weight_to_all_others():
    assert share_weights(four(), ["A-1", "A-2"]) == {
        "A-1": 0,
        "A-2": 0,
        "B-1": 40 + Fraction(40 * 40, 60),
        "C-1": 20 + Fraction(40 * 20, 60),
    }


def test_an_area_given_weight_shares_it_in_its_own_proportion():
    shared = share_weights(four(), ["B-1", "A-1"])
    assert shared == {"A-1": 0, "A-2": Fraction(200, 3), "B-1": 0, "C-1": Fraction(100, 3)}


def test_where_nothing_applies_there_is_no_score():
    score = score_report(four(), {}, not_applicable=dict.fromkeys(("A-1", "A-2", "B-1", "C-1"), ACCEPTED))
    assert (score.total, score.weight) == (None, 0)
    assert score.to_json()["total"] is None


def test_an_area_applies_as_long_as_one_of_its_indicators_does():
    score = score_report(four(), {"v": "80"}, not_applicable=dict.fromkeys(("A-1", "B-1"), ACCEPTED))
    assert {area.section: area.not_applicable for area in score.areas} == {"a": False, "b": True, "c": False}


def test_a_refused_claim_keeps_its_weight_and_earns_nothing():
    score = score_report([Measure("A-1"), Measure("A-2")], {"v": "80"}, not_applicable={"A-1": REFUSED})
    assert score.total == 50


# --------------------------------------------------------------------- reports
def test_the_small_form_is_scored_by_hand():
    score = score_report(parse_form(small_form()).indicators, SMALL_ANSWERS, on_time=True)
    assert {each.code: each.points for each in score.indicators} == {
        "HSG-01": 50,
        "HSG-02": 16,
        "WLF-01": 16,
        "MGT-01": 10,
    }
    assert score.total == 92
    assert {area.section: area.percent for area in score.areas} == {
        "housing": Fraction(6600, 70),
        "welfare": Fraction(2600, 30),
    }


def test_a_missed_report_scores_zero():
    assert score_report(parse_form(small_form()).indicators, {}, on_time=False).total == 0


def test_the_total_is_out_of_a_hundred_whatever_the_weights_sum_to():
    assert score_report([Measure(weight="3"), Measure("A-2", weight="4")], {"v": "40"}).total == 50


def test_a_stored_score_is_plain_data_with_exact_fractions_beside_rounded_ones():
    stored = score_report([Measure(weight="3", standard="9")], {"v": "1"}).to_json()
    assert (stored["total"], stored["total_exact"]) == ("11.11", "100/9")
    assert stored["indicators"][0] | {} == {
        "code": "A-1", "section": "a", "state": "scored", "formula": "default-up", "direction": "up",
        "points_exact": "1/3", "weight": "3", "effective_weight": "3", "points": "0.3333333333", "share": "0.1111111111",
        "value": "1", "standard": "9", "floor": "40", "numerator": None, "denominator": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.125", "0.13"), ("-0.125", "-0.13"), ("87.325", "87.33"), ("0.001", "0"), ("-0.001", "0"), ("100", "100")],
)
def test_display_rounds_half_up(value, text):
    assert decimal_text(Fraction(value), 2) == text


def test_every_score_explains_itself_in_a_sentence():
    score = score_report(parse_form(small_form()).indicators, SMALL_ANSWERS, on_time=True)
    with translation.override("en"):
        sentences = [explain(each, "en") for each in score.to_json()["indicators"]]
    assert sentences == [
        "Value 80 against a standard of at least 80: 50 of 50 points.",
        "Value 12.5 against a standard of at most 10: 16 of 20 points.",
        "Value 4 against a standard of at least 5: 16 of 20 points.",
        "Sent on time: all of 10 points.",
    ]


@pytest.mark.parametrize(
    ("measure", "more"),
    [
        (Measure(), {"not_applicable": ACCEPTED}),
        (Measure(), {"not_applicable": REFUSED}),
        (Measure(), {}),
        (Measure(inputs={"numerator": "n", "denominator": "d"}), {"inputs": {"numerator": "1", "denominator": "0"}}),
        (Measure(score="manual"), {}),
        (Measure(score="manual"), {"manual_points": "3"}),
        (Measure(score="linear"), {"inputs": {"value": "50"}}),
        (Measure(score="bands", bands="1=100"), {"inputs": {"value": "50"}}),
        (Measure(source="timeliness"), {"on_time": False}),
        (Measure(standard=""), {"inputs": {"value": "50"}}),
    ],
)
@pytest.mark.parametrize("language", ["fa", "en"])
def test_no_state_is_left_without_a_sentence(measure, more, language):
    score = score_indicator(measure, **{"inputs": {}, **more})
    with translation.override(language):
        assert explain(score.to_json(), language)


# ------------------------------------------------------------------ properties
NUMBERS = st.one_of(
    st.decimals(-1000, 1000, places=3).map(str),
    st.sampled_from(["", "0", "-0", "1e30", "-1e30", "NaN", "x", "0.000000001"]),
)
WEIGHTS = st.decimals(0, 100, places=2).map(str)
DIRECTIONS = st.sampled_from(["up", "down"])
FUNCTIONS = st.sampled_from(["default", "linear", "bands", "levels", "manual", "rubric"])
MEASURES = st.builds(
    Measure,
    code=st.text(alphabet="ABC123", min_size=1, max_size=4),
    section=st.sampled_from("abcd"),
    weight=st.one_of(WEIGHTS, NUMBERS),
    standard=NUMBERS,
    floor=NUMBERS,
    direction=DIRECTIONS,
    score=FUNCTIONS,
    bands=st.sampled_from(["", "90=100; 75=60", "broken"]),
    levels=st.sampled_from(["", "90=100; 75=60", "80=40|some; 0=0", "broken"]),
    scale=NUMBERS,
    source=st.sampled_from(["", "", "timeliness"]),
    inputs=st.sampled_from([{"value": "v"}, {"numerator": "n", "denominator": "d"}, {}]),
)
REPORTS = st.lists(MEASURES, max_size=8, unique_by=lambda measure: measure.code)
VALUES = st.fixed_dictionaries({"v": NUMBERS, "n": NUMBERS, "d": NUMBERS})
CLAIMS = st.sampled_from(["", "", ACCEPTED, REFUSED])


@given(MEASURES, NUMBERS, NUMBERS, NUMBERS, CLAIMS, st.sampled_from([None, True, False]), st.one_of(st.none(), NUMBERS))
def test_no_input_raises_and_points_stay_within_the_weight(measure, value, over, under, claim, on_time, given_points):
    score = score_indicator(
        measure,
        inputs={"value": value, "numerator": over, "denominator": under},
        not_applicable=claim,
        on_time=on_time,
        manual_points=given_points,
    )
    assert 0 <= score.points <= score.weight
    assert 0 <= score.share <= 1


@given(
    st.sampled_from(["default", "linear", "bands"]), DIRECTIONS, st.decimals("0.01", 1000, places=2), st.decimals("0.01", 500, places=2),
    st.decimals(-2000, 2000, places=2), st.decimals(-2000, 2000, places=2),
)  # fmt: skip
def test_a_better_value_never_earns_less(function, direction, standard, gap, one, other):
    floor = standard - gap if direction == "up" else standard + gap
    bands = "10=20; 50=60; 90=100" if direction == "up" else "10=100; 50=60; 90=20"
    measure = Measure(score=function, direction=direction, standard=str(standard), floor=str(floor), bands=bands)
    low, high = sorted((one, other))
    worse, better = (low, high) if direction == "up" else (high, low)
    assert points(measure, str(worse)) <= points(measure, str(better))


@given(DIRECTIONS, st.decimals("0.01", 1000, places=2), WEIGHTS)
def test_reaching_the_standard_earns_the_whole_weight(direction, standard, weight):
    measure = Measure(direction=direction, standard=str(standard), weight=weight)
    assert points(measure, str(standard)) == Fraction(weight)


@given(st.lists(st.tuples(st.sampled_from("abc"), WEIGHTS, st.booleans()), min_size=1, max_size=10))
def test_shared_weights_sum_to_what_they_were(rows):
    measures = [Measure(f"M{index}", section, weight) for index, (section, weight, _out) in enumerate(rows)]
    excluded = [f"M{index}" for index, (_section, _weight, out) in enumerate(rows) if out]
    shared = share_weights(measures, excluded)
    total = sum((Fraction(each.weight) for each in measures), Fraction(0))
    counts = any(Fraction(each.weight) for each in measures if each.code not in excluded)
    assert sum(shared.values(), Fraction(0)) == (total if counts else 0)
    assert all(shared[code] == 0 for code in excluded)
    for each in measures:
        if each.code not in excluded and counts:
            assert shared[each.code] >= Fraction(each.weight)


@given(
    REPORTS,
    VALUES,
    st.dictionaries(st.text(alphabet="ABC123", max_size=4), CLAIMS),
    st.sampled_from([None, True, False]),
)
def test_a_total_is_from_0_to_100_or_there_is_none(measures, values, claims, on_time):
    score = score_report(measures, values, not_applicable=claims, on_time=on_time)
    if score.total is None:
        assert score.weight == 0
    else:
        assert 0 <= score.total <= 100
        assert score.points == sum((area.points for area in score.areas), Fraction(0))
    score.to_json()


@given(
    REPORTS, VALUES, st.dictionaries(st.text(alphabet="ABC123", max_size=4), CLAIMS), st.randoms(use_true_random=False)
)
def test_the_order_of_indicators_changes_nothing(measures, values, claims, random):
    shuffled = list(measures)
    random.shuffle(shuffled)
    one = score_report(measures, values, not_applicable=claims)
    other = score_report(shuffled, values, not_applicable=claims)
    assert one.total == other.total
    assert {each.code: each for each in one.indicators} == {each.code: each for each in other.indicators}


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_exact_takes_any_decimal(value):
    assert exact(value) == (Fraction(value) if value.is_finite() else None)


def test_a_forms_indicator_is_what_scoring_asks_for():
    indicator = Indicator("A", {}, "a", {"value": "v"}, weight="10", standard="80")
    assert points(indicator, "40") == 5
