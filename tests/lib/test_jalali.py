"""The Jalali calendar at the edge."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from sajad_portal.lib.clock import TEHRAN
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import (
    format_date,
    format_datetime,
    format_time,
    from_jalali,
    is_leap,
    month_length,
    month_name,
    next_month,
    parse_date,
    parse_datetime,
    to_jalali,
    weekday_name,
)
from sajad_portal.lib.numbers import persian_digits


@pytest.mark.parametrize("year", [1399, 1403, 1408, 1412, 1436, 1441])
def test_leap_years_are_those_of_the_official_calendar(year):
    assert is_leap(year)
    assert month_length(year, 12) == 30


@pytest.mark.parametrize("year", [1400, 1404, 1405, 1407, 1437])
def test_common_years_end_on_29_esfand(year):
    assert not is_leap(year)
    assert month_length(year, 12) == 29


@pytest.mark.parametrize(
    ("jalali", "gregorian"),
    [
        ((1403, 12, 30), date(2025, 3, 20)),
        ((1404, 1, 1), date(2025, 3, 21)),
        ((1405, 1, 1), date(2026, 3, 21)),
        ((1405, 2, 23), date(2026, 5, 13)),
        ((1357, 11, 22), date(1979, 2, 11)),
    ],
)
def test_days_are_those_of_the_official_calendar(jalali, gregorian):
    assert from_jalali(*jalali) == gregorian
    assert to_jalali(gregorian) == jalali


@given(st.dates(date(1921, 4, 1), date(2122, 3, 1)))
def test_a_day_survives_its_conversion(day):
    assert from_jalali(*to_jalali(day)) == day
    assert parse_date(format_date(day, "numeric")) == day


@given(st.integers(1300, 1499))
def test_a_year_is_as_long_as_its_months(year):
    days = (from_jalali(year + 1, 1, 1) - from_jalali(year, 1, 1)).days
    assert days == sum(month_length(year, month) for month in range(1, 13)) == 365 + is_leap(year)


@pytest.mark.parametrize(
    "typed",
    [
        "1405/9/4",
        "۱۴۰۵/۰۹/۰۴",
        "1405-09-04",
        "1405.9.4",
        "\u200f۱۴۰۵/۹/۴\u200e",
        "\ufeff1405/9/4",
        "۴ آذر ۱۴۰۵",
        "چهارشنبه ۴ آذر ۱۴۰۵",
        "4 azar 1405",
        "Wednesday 4 Azar, 1405",
        " ۱۴۰۵ / ۹ / ۴ ",
        "١٤٠٥/٩/٤",
    ],
)
def test_a_date_is_read_however_it_is_typed(typed):
    assert parse_date(typed) == date(2026, 11, 25)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "۴ آذر",
        "1405/9",
        "1405/13/1",
        "1405/0/1",
        "1405/7/31",
        "1405/1/0",
        "1404/12/30",
        "1250/1/1",
        "2026/11/25",
        "1405/09/04 10:00",
    ],
)
def test_a_date_that_does_not_exist_is_refused(typed):
    with pytest.raises(Refused) as refused:
        parse_date(typed)
    assert refused.value.code == "not-a-date"


def test_30_esfand_is_refused_in_a_common_year_with_its_reason_and_taken_in_a_leap_year():
    assert parse_date("1403/12/30") == date(2025, 3, 20)
    with translation.override("en"), pytest.raises(Refused, match="29 days"):
        parse_date("1404/12/30")


@pytest.mark.parametrize("typed", ["05/9/4", "09/09/05", "۰۵/۰۹/۰۴", "31/1/1"])
def test_two_digits_that_may_be_a_day_are_asked_about(typed):
    with translation.override("fa"), pytest.raises(Refused, match="چهار رقم") as refused:
        parse_date(typed)
    year = int(typed.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))[:2]) + 1400
    assert persian_digits(year) in str(refused.value)


def test_two_digits_that_can_be_no_day_are_a_year_of_the_nearer_century():
    assert to_jalali(parse_date("45/1/1"))[0] == 1445
    assert to_jalali(parse_date("99/1/1"))[0] == 1399


@given(
    st.dates(date(1921, 3, 21), date(2121, 3, 20)),
    st.sampled_from(["numeric", "long", "full"]),
    st.sampled_from(["fa", "en"]),
)
def test_a_date_as_the_portal_writes_it_is_read_again(day, style, language):
    assert parse_date(format_date(day, style, language)) == day


@given(
    st.dates(date(1925, 1, 1), date(2100, 1, 1)),
    st.times(),
    st.sampled_from(["numeric", "long"]),
    st.sampled_from(["fa", "en"]),
)
def test_a_moment_as_the_portal_writes_it_is_read_again(day, hour, style, language):
    at = datetime.combine(day, hour.replace(second=0, microsecond=0, fold=0), TEHRAN)
    assert parse_datetime(format_datetime(at, style, language)) == at


def test_a_date_and_time_are_of_tehran():
    at = parse_datetime("۱۴۰۵/۹/۴ ۱۴:۳۰")
    assert at == datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
    assert parse_datetime("1405/9/4").astimezone(TEHRAN).time().isoformat() == "00:00:00"
    assert parse_datetime("1405/9/4 24:00") == parse_datetime("1405/9/5 00:00")


def test_summer_time_of_old_years_is_known():
    assert parse_datetime("1401/5/1 12:00").utcoffset() == timedelta(hours=4, minutes=30)
    assert parse_datetime("1405/5/1 12:00").utcoffset() == timedelta(hours=3, minutes=30)


@pytest.mark.parametrize(
    "typed", ["", "1405/9/4 25:00", "1405/9/4 10:60", "1405/9/4 24:01", "1405/9/4 10", "1405/9/4 10:00 x"]
)
def test_a_time_that_does_not_exist_is_refused(typed):
    with pytest.raises(Refused):
        parse_datetime(typed)


@pytest.mark.parametrize(
    ("style", "fa", "en"),
    [
        ("numeric", "۱۴۰۵/۰۹/۰۴", "1405/09/04"),
        ("short", "۴ آذر", "4 Azar"),
        ("long", "۴ آذر ۱۴۰۵", "4 Azar 1405"),
        ("full", "چهارشنبه ۴ آذر ۱۴۰۵", "Wednesday 4 Azar 1405"),
    ],
)
def test_a_date_is_written_in_the_readers_language(style, fa, en):
    day = date(2026, 11, 25)
    assert (format_date(day, style, "fa"), format_date(day, style, "en")) == (fa, en)


def test_an_instant_is_shown_on_its_day_in_tehran():
    late = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
    assert format_datetime(late, "numeric", "en") == "1405/09/04, 00:30"
    assert format_date(late, "numeric", "en") == "1405/09/04"
    assert format_time(late, "fa", seconds=True) == "۰۰:۳۰:۰۰"


def test_the_active_language_is_taken_where_none_is_given():
    with translation.override("en"):
        assert month_name(9) == "Azar"
    with translation.override("fa"):
        assert (month_name(9), weekday_name(date(2026, 11, 25))) == ("آذر", "چهارشنبه")


def test_esfand_is_followed_by_farvardin_of_the_next_year():
    assert next_month(1405, 12) == (1406, 1)
    assert next_month(1405, 2) == (1405, 3)
