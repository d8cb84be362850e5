"""Working days, and limits that are counted in days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sajad_portal.lib.clock import TEHRAN, end_of_day, tehran_date
from sajad_portal.lib.jalali import from_jalali
from sla.queries import days_deadline
from sla.workdays import WorkingCalendar, WorkingSums, end_after_days, roll_forward, working_days_between, working_time
from tests.factories import make_holiday
from tests.instants import tehran

IRAN = frozenset({3, 4})
PLAIN = WorkingCalendar(IRAN)
HOURS = (8, 16)


def test_thursday_and_friday_are_no_working_days():
    assert [PLAIN.is_workday(date(2026, 6, 13) + timedelta(n)) for n in range(7)] == [True] * 5 + [False] * 2


def test_a_day_off_rolls_over_the_weekend_and_the_holidays_that_follow_it():
    calendar = WorkingCalendar(IRAN, {date(2026, 6, 20): "تعطیل رسمی"})
    assert roll_forward(date(2026, 6, 18), calendar) == date(2026, 6, 21)


def test_a_working_day_stays_where_it_is():
    assert roll_forward(date(2026, 6, 17), PLAIN) == date(2026, 6, 17)


def test_a_week_without_a_working_day_is_named_as_a_mistake():
    with pytest.raises(ValueError, match="No working day"):
        roll_forward(date(2026, 6, 17), WorkingCalendar(frozenset(range(7))))


def test_the_first_day_of_a_limit_is_not_counted_and_the_last_one_ends_at_midnight():
    # Saturday 23 Khordad 1405 and five days: the end of Thursday, so of Saturday.
    assert end_after_days(tehran(1405, 3, 23), 4, PLAIN) == end_of_day(from_jalali(1405, 3, 27))
    assert end_after_days(tehran(1405, 3, 23), 5, PLAIN) == end_of_day(from_jalali(1405, 3, 30))


def test_a_limit_given_one_minute_before_midnight_in_tehran_counts_from_that_day():
    late = tehran(1405, 3, 23, 23, 59).astimezone(UTC)
    assert end_after_days(late, 1, PLAIN) == end_of_day(from_jalali(1405, 3, 24))


@pytest.mark.django_db
def test_days_deadline_reads_the_holidays_of_the_portal():
    at = tehran(1405, 3, 23)
    assert days_deadline(at, 3) == end_of_day(from_jalali(1405, 3, 26))
    make_holiday(from_jalali(1405, 3, 26))
    assert days_deadline(at, 3) == end_of_day(from_jalali(1405, 3, 27))


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(1, 60),
    st.sets(st.integers(0, 120)),
)
def test_a_limit_ends_on_a_working_day_and_never_early(at, days, off):
    start = tehran_date(at)
    calendar = WorkingCalendar(IRAN, {start + timedelta(n): "تعطیل" for n in off})
    end = end_after_days(at, days, calendar)
    last = tehran_date(end - timedelta(microseconds=1))
    assert calendar.is_workday(last)
    assert last >= start + timedelta(days=days)
    assert not any(calendar.is_workday(start + timedelta(n)) for n in range(days, (last - start).days))


def test_working_time_counts_only_working_hours_of_working_days():
    # Wednesday 15:00 to Saturday 09:00: an hour on Wednesday, an hour on Saturday.
    assert working_time(tehran(1405, 3, 20, 15), tehran(1405, 3, 23, 9), PLAIN, HOURS) == timedelta(hours=2)


def test_working_time_of_a_night_is_nothing():
    assert working_time(tehran(1405, 3, 23, 18), tehran(1405, 3, 24, 7), PLAIN, HOURS) == timedelta()


def test_working_days_between_counts_the_last_day_and_not_the_first():
    assert working_days_between(from_jalali(1405, 3, 23), from_jalali(1405, 3, 30), PLAIN) == 5


def _slow_minutes(start, end, calendar):
    """Obviously right: one minute after the other."""
    count, at = 0, start
    while at < end:
        local = at.astimezone(TEHRAN)
        count += calendar.is_workday(local.date()) and HOURS[0] <= local.hour < HOURS[1]
        at += timedelta(minutes=1)
    return timedelta(minutes=count)


@given(
    st.datetimes(datetime(2021, 9, 10), datetime(2023, 4, 10), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 4 * 24 * 60),
    st.sets(st.integers(0, 5)),
)
def test_working_time_equals_a_slow_count_minute_by_minute_across_summer_time(start, minutes, off):
    start = start.replace(second=0, microsecond=0)
    end = start + timedelta(minutes=minutes)
    calendar = WorkingCalendar(IRAN, {tehran_date(start) + timedelta(n): "تعطیل" for n in off})
    assert working_time(start, end, calendar, HOURS) == _slow_minutes(start, end, calendar)


@given(
    st.datetimes(datetime(2021, 9, 10), datetime(2023, 4, 10), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 90 * 24 * 60),
    st.sets(st.integers(0, 90)),
)
def test_working_sums_measure_what_working_time_measures(start, minutes, off):
    end = start + timedelta(minutes=minutes)
    calendar = WorkingCalendar(IRAN, {tehran_date(start) + timedelta(n): "تعطیل" for n in off})
    sums = WorkingSums(tehran_date(start) - timedelta(days=3), tehran_date(end), calendar, HOURS)
    assert sums.between(start, end) == working_time(start, end, calendar, HOURS)
