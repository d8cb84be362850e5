"""Periods of performance: their dates, and codes that sort."""

from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from sajad_portal.lib import periods
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import from_jalali
from sajad_portal.lib.periods import PeriodKind

REGULAR = [kind for kind in PeriodKind if kind != PeriodKind.FREE]
kinds = st.sampled_from(REGULAR)
years = st.integers(1390, 1450)
days = st.dates(from_jalali(1390, 1, 1), from_jalali(1450, 1, 1))


@st.composite
def regular_periods(draw, kind=None):
    kind = kind or draw(kinds)
    return periods.regular(kind, draw(years), draw(st.integers(1, periods.count_in_year(kind))))


@pytest.mark.parametrize(
    ("kind", "year", "index", "code", "starts", "ends"),
    [
        (PeriodKind.MONTH, 1405, 2, "1405-M02", (1405, 2, 1), (1405, 2, 31)),
        (PeriodKind.MONTH, 1403, 12, "1403-M12", (1403, 12, 1), (1403, 12, 30)),
        (PeriodKind.MONTH, 1404, 12, "1404-M12", (1404, 12, 1), (1404, 12, 29)),
        (PeriodKind.QUARTER, 1405, 1, "1405-Q1", (1405, 1, 1), (1405, 3, 31)),
        (PeriodKind.QUARTER, 1405, 4, "1405-Q4", (1405, 10, 1), (1405, 12, 29)),
        (PeriodKind.HALF, 1405, 1, "1405-H1", (1405, 1, 1), (1405, 6, 31)),
        (PeriodKind.HALF, 1408, 2, "1408-H2", (1408, 7, 1), (1408, 12, 30)),
        (PeriodKind.YEAR, 1405, 1, "1405-Y", (1405, 1, 1), (1405, 12, 29)),
        (PeriodKind.ACADEMIC, 1405, 1, "1405-A", (1405, 7, 1), (1406, 6, 31)),
    ],
)
def test_a_period_has_its_code_and_its_dates(kind, year, index, code, starts, ends):
    period = periods.regular(kind, year, index)
    assert (period.code, period.starts, period.ends) == (code, from_jalali(*starts), from_jalali(*ends))


@given(regular_periods())
def test_a_code_names_its_period(period):
    assert periods.from_code(period.code) == period


@given(days, days)
def test_free_dates_are_named_by_their_code(one, other):
    period = periods.free(min(one, other), max(one, other))
    assert periods.from_code(period.code) == period
    assert len(period.code) <= 20


@given(kinds.flatmap(lambda kind: st.tuples(regular_periods(kind), regular_periods(kind))))
def test_codes_of_a_kind_sort_by_time(pair):
    one, other = pair
    assert (one.code < other.code) == (one.starts < other.starts)


@given(days, days, st.integers(0, 400), st.integers(0, 400))
def test_codes_of_free_dates_sort_by_time(one, other, length, other_length):
    first = periods.free(one, one + timedelta(days=length))
    second = periods.free(other, other + timedelta(days=other_length))
    assert (first.code < second.code) == ((first.starts, first.ends) < (second.starts, second.ends))


@given(kinds, days)
def test_every_day_lies_in_exactly_one_period_of_a_kind(kind, day):
    period = periods.containing(kind, day)
    after = periods.following(period)
    assert day in period
    assert day not in after


@given(regular_periods())
def test_the_following_period_begins_the_day_after(period):
    after = periods.following(period)
    assert (after.kind, after.starts) == (period.kind, period.ends + timedelta(days=1))
    assert periods.containing(period.kind, after.starts - timedelta(days=1)) == period


@given(days, st.integers(0, 400))
def test_free_dates_that_follow_begin_the_day_after_and_are_as_long(day, length):
    period = periods.free(day, day + timedelta(days=length))
    after = periods.following(period)
    assert after.starts == period.ends + timedelta(days=1)
    assert abs((after.ends - after.starts) - (period.ends - period.starts)) <= timedelta(days=6)


def test_free_dates_of_whole_months_are_followed_by_whole_months():
    bimonthly = periods.free(from_jalali(1405, 5, 1), from_jalali(1405, 6, 31))
    assert periods.following(bimonthly) == periods.free(from_jalali(1405, 7, 1), from_jalali(1405, 8, 30))


def test_free_dates_that_end_before_they_start_are_refused():
    with pytest.raises(Refused) as refusal:
        periods.free(from_jalali(1405, 2, 2), from_jalali(1405, 2, 1))
    assert refusal.value.code == "period-order"


@pytest.mark.parametrize("code", ["", "1405", "1405-Q5", "1405-M13", "1405-M2", "1404-1230-14050101", "Q1-1405"])
def test_a_code_of_no_period_is_refused(code):
    with pytest.raises(Refused) as refusal:
        periods.from_code(code)
    assert refusal.value.code == "not-a-period"


def test_a_code_is_read_in_persian_digits_and_small_letters():
    assert periods.from_code(" ۱۴۰۵-q1 ") == periods.regular(PeriodKind.QUARTER, 1405, 1)


def test_periods_around_a_day_come_latest_first():
    day = from_jalali(1405, 1, 10)
    codes = [period.code for period in periods.around(PeriodKind.QUARTER, day, before=2, after=1)]
    assert codes == ["1405-Q2", "1405-Q1", "1404-Q4", "1404-Q3"]


@pytest.mark.parametrize(
    ("code", "persian", "english"),
    [
        ("1405-M02", "اردیبهشت ۱۴۰۵", "Ordibehesht 1405"),
        ("1405-Q2", "سه‌ماههٔ دوم ۱۴۰۵", "Second quarter of 1405"),
        ("1405-H1", "نیمهٔ اول ۱۴۰۵", "First half of 1405"),
        ("1405-Y", "سال ۱۴۰۵", "Year 1405"),
        ("1405-A", "سال تحصیلی ۱۴۰۵–۱۴۰۶", "Academic year 1405–1406"),
        ("1405-0201-14050315", "۱ اردیبهشت ۱۴۰۵ تا ۱۵ خرداد ۱۴۰۵", "1 Ordibehesht 1405 to 15 Khordad 1405"),
    ],
)
def test_a_period_is_called_as_people_call_it(code, persian, english):
    period = periods.from_code(code)
    with translation.override("fa"):
        assert period.label() == persian
    with translation.override("en"):
        assert period.label() == english


def test_a_day_before_mehr_belongs_to_the_academic_year_before():
    assert periods.containing(PeriodKind.ACADEMIC, from_jalali(1406, 6, 31)).code == "1405-A"
    assert date(2026, 9, 23) in periods.containing(PeriodKind.ACADEMIC, from_jalali(1405, 7, 1))
