"""Working days, and limits that are counted in days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sajad_portal.lib.clock import TEHRAN, end_of_day, start_of_day, tehran_date
from sajad_portal.lib.jalali import from_jalali
from sla.calendar.workdays import (
    Week,
    WorkingCalendar,
    WorkingSums,
    after_working_time,
    before_working_time,
    end_after_days,
    roll_forward,
    working_time,
)
from sla.queries import days_deadline
from tests.factories import make_holiday
from tests.instants import tehran

IRAN = frozenset({3, 4})
PLAIN = WorkingCalendar(IRAN)
HOURS = (8, 16)


def plain(hours):
    return WorkingCalendar(IRAN, hours=hours)


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
    assert working_time(tehran(1405, 3, 20, 15), tehran(1405, 3, 23, 9), PLAIN) == timedelta(hours=2)


def test_working_time_of_a_night_is_nothing():
    assert working_time(tehran(1405, 3, 23, 18), tehran(1405, 3, 24, 7), PLAIN) == timedelta()


# --------------------------------------------------------------------------- against a slow and obvious count
# Years with summer time (it ended with 1402) and years without; its changes, each at midnight.
YEARS = st.datetimes(datetime(2019, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
CHANGES = [
    datetime(year, month, day, 20, 30, tzinfo=UTC)
    for year, month, day in [(2020, 3, 20), (2020, 9, 20), (2021, 3, 21), (2021, 9, 21), (2022, 3, 21), (2022, 9, 21)]
]
NEAR_A_CHANGE = st.builds(
    lambda change, hours: change + timedelta(hours=hours), st.sampled_from(CHANGES), st.integers(-40, 40)
)
STARTS = st.one_of(YEARS, NEAR_A_CHANGE).map(lambda at: at.replace(second=0, microsecond=0))
DAYS = st.sampled_from([(8, 16), (7, 14), (0, 24), (0, 1), (22, 24), (23, 24), (0, 12)])
WEEKENDS = st.sampled_from([IRAN, frozenset({4}), frozenset({4, 5}), frozenset()])


def calendar_around(at, weekend, off, hours):
    return WorkingCalendar(weekend, {tehran_date(at) + timedelta(n): "تعطیل" for n in off}, hours)


def slow_minutes(start, end, calendar):
    """Obviously right: one minute after the other, as the clock on the wall in Tehran shows it."""
    count, at = 0, start
    while at < end:
        local = at.astimezone(TEHRAN)
        count += calendar.is_workday(local.date()) and calendar.hours[0] <= local.hour < calendar.hours[1]
        at += timedelta(minutes=1)
    return timedelta(minutes=count)


@given(STARTS, st.integers(0, 5 * 24 * 60), st.sets(st.integers(0, 6)), WEEKENDS, DAYS)
def test_working_time_equals_a_slow_count_minute_by_minute(start, minutes, off, weekend, hours):
    end, calendar = start + timedelta(minutes=minutes), calendar_around(start, weekend, off, hours)
    assert working_time(start, end, calendar) == slow_minutes(start, end, calendar)


@given(STARTS, st.integers(0, 5 * 24 * 60), DAYS)
def test_it_is_the_same_whatever_zone_the_instants_are_written_in(start, minutes, hours):
    end = start + timedelta(minutes=minutes)
    there = working_time(start.astimezone(TEHRAN), end.astimezone(TEHRAN), plain(hours))
    assert there == working_time(start, end, plain(hours))


@given(STARTS, st.integers(0, 90 * 24 * 60), st.sets(st.integers(0, 90)), WEEKENDS, DAYS)
def test_working_sums_measure_what_working_time_measures(start, minutes, off, weekend, hours):
    end, calendar = start + timedelta(minutes=minutes), calendar_around(start, weekend, off, hours)
    sums = WorkingSums(tehran_date(start) - timedelta(days=3), tehran_date(end), calendar)
    assert sums.between(start, end) == working_time(start, end, calendar)


@given(YEARS, st.lists(st.timedeltas(timedelta(), timedelta(days=9)), min_size=2, max_size=2), DAYS)
def test_time_that_is_cut_in_two_adds_up_to_the_microsecond(start, parts, hours):
    middle, end = start + parts[0], start + parts[0] + parts[1]
    whole = working_time(start, end, plain(hours))
    assert whole == working_time(start, middle, plain(hours)) + working_time(middle, end, plain(hours))
    assert timedelta() <= whole <= end - start


@given(STARTS, st.timedeltas(timedelta(microseconds=1), timedelta(days=30)), DAYS)
def test_time_that_runs_backwards_is_none(start, span, hours):
    assert working_time(start, start - span, plain(hours)) == timedelta()


@given(STARTS, st.timedeltas(timedelta(), timedelta(hours=60)), st.sets(st.integers(0, 12)), WEEKENDS, DAYS)
def test_a_target_runs_out_when_that_much_working_time_has_passed(start, span, off, weekend, hours):
    calendar = calendar_around(start, weekend, off, hours)
    end = after_working_time(start, span, calendar)
    assert working_time(start, end, calendar) == span
    if span:
        assert working_time(start, end - timedelta(microseconds=1), calendar) < span


@given(STARTS, st.timedeltas(timedelta(), timedelta(hours=60)), st.sets(st.integers(0, 12)), WEEKENDS, DAYS)
def test_looking_back_it_began_when_that_much_working_time_was_left(end, span, off, weekend, hours):
    calendar = calendar_around(end - timedelta(days=12), weekend, off, hours)
    start = before_working_time(end, span, calendar)
    assert working_time(start, end, calendar) == span
    if span:
        assert working_time(start + timedelta(microseconds=1), end, calendar) < span


def test_the_night_in_which_the_clocks_were_set_back_is_an_hour_longer():
    # The last day of Shahrivar 1401 had its hour before midnight twice, and 2 Farvardin 1401 began at one o’clock.
    everyday = WorkingCalendar(frozenset(), hours=(0, 24))
    long, short = from_jalali(1401, 6, 30), from_jalali(1401, 1, 2)
    assert working_time(start_of_day(long), end_of_day(long), everyday) == timedelta(hours=25)
    assert working_time(start_of_day(short), end_of_day(short), everyday) == timedelta(hours=23)


def test_since_summer_time_ended_every_day_is_as_long():
    everyday = WorkingCalendar(frozenset(), hours=(0, 24))
    days = [
        from_jalali(year, month, day)
        for year in (1402, 1403, 1405)
        for month, day in ((1, 1), (1, 2), (6, 30), (6, 31))
    ]
    lengths = {working_time(start_of_day(day), end_of_day(day), everyday) for day in days}
    assert lengths == {timedelta(hours=24)}


def test_a_calendar_without_a_working_day_is_named_as_a_mistake_here_too():
    with pytest.raises(ValueError, match="No working day"):
        after_working_time(tehran(1405, 3, 23), timedelta(hours=1), WorkingCalendar(frozenset(range(7))))


@pytest.mark.parametrize(("day", "time"), [(date(2026, 6, 13), 4), (date(2026, 6, 15), 2)])
def test_half_a_day_of_the_first_weeks_hours_is_half_of_whatever_a_day_lasts_later(day, time):
    """From Monday on a day has four hours instead of eight, and counts as a whole one."""
    calendar = WorkingCalendar(IRAN, later=(Week(date(2026, 6, 15), IRAN, (8, 12)),))
    assert calendar.lasting(day, timedelta(hours=4)) == timedelta(hours=time)
    assert calendar.counted(day, timedelta(hours=time)) == timedelta(hours=4)
