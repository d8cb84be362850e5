"""When a value departs from its own past: by the indicator's own spread where four values or more tell of one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.scoring.departures import as_number, departure

figures = st.decimals(min_value=-10_000, max_value=10_000, places=2)
pasts = st.lists(figures, min_size=4, max_size=8)
# So near each other that most values depart from them.
steady_pasts = st.lists(st.decimals(min_value=-10, max_value=10, places=2), min_size=4, max_size=8)


def numbers(*texts):
    return [None if text is None else Decimal(text) for text in texts]


@pytest.mark.parametrize(
    ("value", "earlier", "departs"),
    [
        ("10", [], False),
        ("100", ["10"], False),  # one period is no history
        ("12.5", ["10", "10"], False),  # exactly a quarter away
        ("12.51", ["10", "10", "10"], True),
        ("7.4", ["10", "10"], True),
        ("1", ["0", "0"], True),
        ("0", ["0", "0"], False),
        ("-13", ["-10", "-10"], True),
        ("16", [None, "8", None, "8"], True),
        ("16", ["8", None, "8", "8"], True),  # three values are too few for a spread
    ],
)
def test_up_to_three_values_it_is_a_quarter_of_their_mean(value, earlier, departs):
    assert (departure(Decimal(value), numbers(*earlier)) is not None) is departs


@pytest.mark.parametrize(
    ("value", "departs"),
    [("15.2", False), ("15.21", True), ("0", True), ("9.9", False)],
)
def test_from_four_on_it_is_three_and_a_half_robust_deviations(value, departs):
    # Median 11, each 0.595 away from it: 3.5 × 1.4826 × 1.363 (for four values) × 0.595 = 4.208.
    past = numbers("10.405", "10.405", "11.595", "11.595")
    found = departure(Decimal(value), past)

    assert (found is not None) is departs


def test_a_figure_that_swings_may_swing_and_one_that_stands_still_may_not():
    swinging, still = numbers("60", "100", "140", "80", "120"), numbers("99", "100", "101", "100", "100")

    assert departure(Decimal(160), swinging) is None
    assert departure(Decimal(160), still) is not None
    assert departure(Decimal(75), swinging) is None
    assert departure(Decimal(75), still) is not None


@pytest.mark.parametrize(("value", "departs"), [("105", False), ("105.01", True), ("95", False), ("94.99", True)])
def test_what_never_moved_is_left_a_twentieth(value, departs):
    found = departure(Decimal(value), numbers("100", "100", "100", "100"))

    assert (found is not None) is departs


def test_where_half_are_equal_the_mean_deviation_measures():
    # Mean absolute deviation 5: 3.5 × 1.2533 × 5 = 21.93.
    past = numbers("100", "100", "100", "120")

    assert departure(Decimal("121.93"), past) is None
    assert departure(Decimal("121.94"), past) is not None


def test_anything_departs_from_a_past_that_was_always_zero():
    found = departure(Decimal("0.1"), numbers("0", "0", "0", "0"))

    assert (found.share, found.higher, found.low, found.high) == (None, True, 0, 0)
    assert departure(Decimal(0), numbers("0", "0", "0", "0")) is None


def test_only_the_last_eight_count():
    assert departure(Decimal(12), numbers("9000", *["10", "12"] * 4)) is None
    assert departure(Decimal(9000), numbers("9000", *["10", "12"] * 4)).count == 8


def test_one_wild_value_of_the_past_hides_nothing():
    assert departure(Decimal(160), numbers("100", "104", "96", "102", "5000")) is not None


def test_the_usual_range_of_what_was_never_negative_begins_at_zero():
    found = departure(Decimal(500), numbers("0", "10", "20", "30"))

    assert found.low == 0
    assert found.high == Decimal("15") + Decimal("3.5") * Decimal("1.4826") * Decimal("1.363") * 10


class TestProperties:
    @given(pasts)
    def test_the_median_of_the_past_never_departs(self, past):
        middle = sorted(past)
        half = len(middle) // 2
        assert departure((middle[half] + middle[~half]) / 2, past) is None

    @given(pasts, figures, st.integers(-50, 50).filter(bool))
    def test_another_unit_of_measure_changes_no_finding(self, past, value, factor):
        there = departure(value, past)
        scaled = departure(value * factor, [one * factor for one in past])
        assert (there is None) is (scaled is None)

    @given(st.permutations([1, 4, 9, 16, 25]), figures)
    def test_the_order_of_the_past_changes_nothing(self, past, value):
        assert departure(value, [Decimal(n) for n in past]) == departure(value, [Decimal(n) for n in (1, 4, 9, 16, 25)])

    @given(steady_pasts, figures, st.decimals(min_value=0, max_value=10_000, places=2))
    def test_farther_on_the_same_side_departs_too(self, past, value, more):
        middle = sorted(past)
        half = len(middle) // 2
        farther = value + more if value >= (middle[half] + middle[~half]) / 2 else value - more
        assert (departure(value, past) is not None) <= (departure(farther, past) is not None)

    @given(pasts, figures)
    def test_whatever_departs_lies_outside_the_usual_range(self, past, value):
        if found := departure(value, past):
            assert value > found.high if found.higher else value < found.low
            assert found.higher is (value > found.middle)

    @given(st.lists(figures, min_size=4, max_size=8), st.decimals(min_value="0.9501", max_value="1.0499", places=4))
    def test_within_a_twentieth_of_the_median_nothing_departs(self, past, factor):
        middle = sorted(past)
        half = len(middle) // 2
        assert departure((middle[half] + middle[~half]) / 2 * factor, past) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12.5", Decimal("12.5")),
        ("-3", Decimal(-3)),
        ("", None),
        (None, None),
        ("yes", None),
        ("NaN", None),
        ("Infinity", None),
    ],
)
def test_an_answer_that_is_a_finite_number_is_read_as_one_and_no_other(text, number):
    assert as_number(text) == number
