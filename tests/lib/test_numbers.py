"""Numbers as people in Iran type and read them."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import (
    TwoReadings,
    format_number,
    legible,
    local_digits,
    parse_number,
    parse_whole,
    persian_digits,
    plain,
    round_half_up,
)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12٫5", "12.5"),
        ("۱۲/۵", "12.5"),
        ("−3", "-3"),
        ("3−", "-3"),
        ("–3", "-3"),
        ("1,234", "1234"),
        ("۱٬۲۳۴٬۵۶۷٫۸۹", "1234567.89"),
        ("۱،۲۳۴", "1234"),
        ("1 234 567", "1234567"),
        ("٣٫٥", "3.5"),
        ("+7", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("\u200f۱۲\u200f", "12"),
        ("007", "7"),
        ("0", "0"),
        ("۱/۲۳۴/۵۶۷", "1234567"),
        ("1/234/567.5", "1234567.5"),
        ("0/500", "0.5"),
        ("0/125", "0.125"),
        ("1234/567", "1234.567"),
        ("500/00", "500"),
        ("500.000", "500"),
        ("۵۰۰٫۱۲۵", "500.125"),
        ("1\u00a0234\u202f567", "1234567"),
        ("- 3", "-3"),
        ("\u2066۱۲\u2069", "12"),
    ],
)
def test_a_number_is_read_however_it_is_typed(typed, value):
    assert parse_number(typed) == Decimal(value)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "دوازده",
        "12a",
        "1,23",
        "12,34,567",
        "1.2.3",
        "1/2/3",
        "--3",
        "3-4",
        "1e5",
        "½",
        "٪۵",
        "0x10",
        "Infinity",
        "NaN",
        "1_000",
        "12 5",
        "1 23 456",
        "1,234 567",
        "1/23/456",
        "1.234.567",
        "- -3",
    ],
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(Refused) as refused:
        parse_number(typed)
    assert refused.value.code == "not-a-number"


def test_the_letter_that_slipped_in_is_named():
    with pytest.raises(Refused) as refused:
        parse_number("12o")
    assert "o" in str(refused.value)


def test_a_number_longer_than_any_amount_is_refused():
    assert parse_number("9" * 18) == int("9" * 18)
    with pytest.raises(Refused) as refused:
        parse_number("9" * 19)
    assert refused.value.code == "too-long"


def test_a_whole_number_has_no_fraction():
    assert parse_whole("۱۲٫۰") == 12
    with pytest.raises(Refused) as refused:
        parse_whole("12.5")
    assert refused.value.code == "not-whole"


@pytest.mark.parametrize("between", ["/", ".", "٫", ",", "٬", "،", " ", "\u00a0", "\u202f"])
def test_groups_of_three_in_a_whole_number_are_thousands_whatever_stands_between_them(between):
    assert parse_whole(f"500{between}000") == 500_000
    assert parse_whole(f"۱{between}۲۳۴{between}۵۶۷") == 1_234_567
    assert parse_whole(f"−12{between}000") == -12_000


@pytest.mark.parametrize("typed", ["500/5", "0/500", "1/50", "12.5", "0.125", "1234.567", "500000.25"])
def test_other_groups_in_a_whole_number_are_a_fraction_and_refused(typed):
    with pytest.raises(Refused) as refused:
        parse_whole(typed)
    assert refused.value.code == "not-whole"


@pytest.mark.parametrize(
    ("typed", "many", "few"),
    [("۵۰۰/۰۰۰", "500000", "500"), ("1/234", "1234", "1.234"), ("−12/500", "-12500", "-12.5"), ("7/000", "7000", "7")],
)
def test_a_slash_before_three_digits_is_two_numbers_and_the_person_chooses(typed, many, few):
    with pytest.raises(TwoReadings) as refused:
        parse_number(typed)
    assert refused.value.code == "two-readings"
    assert refused.value.readings == (Decimal(many), Decimal(few))
    assert [value for value, _shown in refused.value.offered] == [many, few]


def test_both_readings_are_told_in_the_readers_digits():
    with translation.override("fa"), pytest.raises(TwoReadings) as refused:
        parse_number("۵۰۰/۰۰۰")
    assert "۵۰۰٬۰۰۰" in str(refused.value)
    assert [shown for _value, shown in refused.value.offered] == ["۵۰۰٬۰۰۰", "۵۰۰"]


@given(st.integers(min_value=-(10**15), max_value=10**15), st.sampled_from("/.٫,٬، "))
def test_a_whole_number_grouped_by_anything_is_itself(value, between):
    assert parse_whole(f"{value:,}".replace(",", between)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [("12.50", "12.5"), ("1200", "1200"), ("-0", "0"), ("1E+3", "1000"), ("0.000001", "0.000001"), ("-3.0", "-3")],
)
def test_a_stored_number_is_plain(value, text):
    assert plain(Decimal(value)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6))
def test_what_is_shown_can_be_typed_back(value):
    assert parse_number(format_number(value)) == value
    assert parse_number(plain(value)) == value


@pytest.mark.parametrize(
    ("value", "places", "fa", "en"),
    [
        (Decimal("1234567.5"), None, "۱٬۲۳۴٬۵۶۷٫۵", "1,234,567.5"),
        (Decimal("-3"), None, "−۳", "−3"),
        (Decimal("2.345"), 2, "۲٫۳۵", "2.35"),
        (Decimal("2"), 2, "۲٫۰۰", "2.00"),
        (None, None, "—", "—"),
        ("", None, "—", "—"),
    ],
)
def test_a_number_is_shown_in_the_readers_digits(value, places, fa, en):
    assert (format_number(value, places), format_number(value, places, language="en")) == (fa, en)


def test_a_rise_shows_its_sign():
    assert format_number(3, sign=True) == "+۳"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("-0.1434316353887399463806970509", "-0.14"), ("12", "12"), ("33.33333333333333", "33.33"), ("0", "0"),
        ("0.0012345", "0.0012"), ("-0.004", "-0.0040"), ("0.005", "0.01"), ("0.00000099", "0.00000099"),
    ],
)  # fmt: skip
def test_what_was_worked_out_is_shown_with_the_digits_that_say_something(value, shown):
    assert legible(Decimal(value)) == Decimal(shown)


def test_halves_are_rounded_up():
    assert round_half_up(Decimal("87.325")) == Decimal("87.33")
    assert round_half_up(Decimal("-0.5"), 0) == Decimal("-1")


def test_numbers_in_sentences_follow_the_language():
    assert persian_digits("1405-Q1") == "۱۴۰۵-Q۱"
    with translation.override("fa"):
        assert local_digits(12) == "۱۲"
    with translation.override("en"):
        assert local_digits(12) == "12"
