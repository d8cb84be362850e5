"""When a dispute's month ends. Dates are Jalali."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sajad_portal.lib.clock import TEHRAN, end_of_day, start_of_day, tehran_date
from sajad_portal.lib.jalali import from_jalali, to_jalali
from sla.calendar.dispute_end import compute
from sla.calendar.workdays import WorkingCalendar
from sla.enums import DisputeRule
from tests.instants import tehran

CLEAR, MONTH = DisputeRule.CLEAR_DAYS, DisputeRule.JALALI_MONTH
NO_WEEKEND = WorkingCalendar(frozenset())
IRAN = frozenset({3, 4})
NOWRUZ = {(1, 1): "نوروز", (1, 2): "عید نوروز", (1, 3): "عید نوروز", (1, 4): "عید نوروز", (1, 13): "روز طبیعت"}


def iran(*years: int) -> WorkingCalendar:
    """Weekends and Nowruz of these Jalali years."""
    days = {from_jalali(year, *day): name for year in years for day, name in NOWRUZ.items()}
    return WorkingCalendar(IRAN, days)


def last_day(filed: tuple[int, int, int], rule: str, calendar: WorkingCalendar) -> tuple[int, int, int]:
    return to_jalali(compute(tehran(*filed), rule, calendar).last_day)


def test_the_agreements_own_date_ends_a_month_later_at_midnight_in_tehran():
    end = compute(tehran(1405, 2, 23), CLEAR, iran(1405))
    assert to_jalali(end.last_day) == (1405, 3, 23)
    assert end.final_at == tehran(1405, 3, 24, 0)
    assert end.final_at.isoformat() == "2026-06-14T00:00:00+03:30"


@pytest.mark.parametrize(
    ("filed", "rule", "expected"),
    [
        # Months of 31 days: thirty clear days and the same day of the next month meet.
        ((1405, 2, 23), CLEAR, (1405, 3, 23)),
        ((1405, 2, 23), MONTH, (1405, 3, 23)),
        ((1405, 1, 31), CLEAR, (1405, 2, 31)),
        ((1405, 1, 31), MONTH, (1405, 2, 31)),
        # Out of the last month of 31 days into one of 30.
        ((1405, 6, 30), MONTH, (1405, 7, 30)),
        ((1405, 6, 31), MONTH, (1405, 7, 30)),
        ((1405, 6, 31), CLEAR, (1405, 8, 1)),
        # Months of 30 days: clear days run one day further.
        ((1405, 8, 12), CLEAR, (1405, 9, 13)),
        ((1405, 8, 12), MONTH, (1405, 9, 12)),
        ((1405, 8, 30), CLEAR, (1405, 10, 1)),
        ((1405, 8, 30), MONTH, (1405, 9, 30)),
        # Esfand of a common year has 29 days.
        ((1405, 11, 29), MONTH, (1405, 12, 29)),
        ((1405, 11, 30), MONTH, (1405, 12, 29)),
        ((1405, 11, 30), CLEAR, (1406, 1, 2)),
        ((1405, 12, 29), MONTH, (1406, 1, 29)),
        ((1405, 12, 29), CLEAR, (1406, 1, 31)),
        # Esfand of a leap year has 30.
        ((1403, 11, 30), MONTH, (1403, 12, 30)),
        ((1403, 11, 30), CLEAR, (1404, 1, 1)),
        ((1403, 12, 30), MONTH, (1404, 1, 30)),
        ((1403, 12, 30), CLEAR, (1404, 1, 31)),
        ((1408, 11, 30), MONTH, (1408, 12, 30)),
    ],
)  # fmt: skip
def test_month_ends_before_any_day_off_is_asked_about(filed, rule, expected):
    assert last_day(filed, rule, NO_WEEKEND) == expected


@pytest.mark.parametrize(
    ("filed", "rule", "expected"),
    [
        # 1405/09/13 is a Friday: Saturday the 14th.
        ((1405, 8, 12), CLEAR, (1405, 9, 14)),
        # 1405/09/12 is a Thursday: over Friday to Saturday.
        ((1405, 8, 12), MONTH, (1405, 9, 14)),
        # 1406/01/02 is in Nowruz: the 5th and 6th are a Thursday and a Friday.
        ((1405, 11, 30), CLEAR, (1406, 1, 7)),
        # 1404/01/01 is Nowruz, a Friday: to the 5th, a Tuesday.
        ((1403, 11, 30), CLEAR, (1404, 1, 5)),
        # Nature's day, 1406/01/13, is a Friday already.
        ((1405, 12, 13), MONTH, (1406, 1, 14)),
        # The last day of Esfand is a working day here.
        ((1405, 11, 30), MONTH, (1405, 12, 29)),
    ],
)  # fmt: skip
def test_a_last_day_off_rolls_on_to_the_next_working_day(filed, rule, expected):
    assert last_day(filed, rule, iran(1404, 1405, 1406)) == expected


def test_days_off_on_the_way_are_counted():
    closed = {from_jalali(1405, 3, day): "تعطیل" for day in range(1, 20)}
    assert last_day((1405, 2, 23), CLEAR, WorkingCalendar(IRAN, closed)) == (1405, 3, 23)


def test_a_closure_announced_after_filing_is_not_in_the_snapshot():
    before = compute(tehran(1405, 2, 23), CLEAR, iran(1405))
    after = compute(tehran(1405, 2, 23), CLEAR, WorkingCalendar(IRAN, {from_jalali(1405, 3, 23): "تعطیل عمومی"}))
    assert before.snapshot["days"][-1]["off"] == ""
    assert to_jalali(after.last_day) == (1405, 3, 24)


def test_filing_a_minute_before_midnight_counts_from_that_day_in_tehran():
    late = tehran(1405, 2, 23, 23, 59).astimezone(UTC)
    assert compute(late, CLEAR, iran(1405)).final_at == compute(tehran(1405, 2, 23, 0), CLEAR, iran(1405)).final_at


def test_the_month_ends_at_midnight_also_in_the_years_of_summer_time():
    # Filed in winter time, ending in summer time: 1401/01/02 had 23 hours.
    end = compute(tehran(1400, 12, 1), CLEAR, NO_WEEKEND)
    assert end.final_at.astimezone(TEHRAN).isoformat().endswith("T00:00:00+04:30")


def test_the_snapshot_says_of_every_day_what_became_of_it():
    days = compute(tehran(1405, 8, 12), CLEAR, iran(1405)).snapshot["days"]
    kinds = [day["kind"] for day in days]
    assert kinds == ["filing", *["counted"] * 30, "skipped", "end"]
    assert [day["n"] for day in days if day["kind"] == "counted"] == list(range(1, 31))
    assert days[31]["off"] == "weekend"


def test_an_unknown_rule_is_an_error():
    with pytest.raises(ValueError, match="fortnight"):
        compute(tehran(1405, 2, 23), "fortnight", NO_WEEKEND)


# ------------------------------------------------------------------------------------------------ properties
INSTANTS = st.datetimes(datetime(2021, 3, 21), datetime(2040, 3, 20), timezones=st.just(UTC))  # noqa: DTZ001
OFF = st.sets(st.integers(0, 60), max_size=25)


def _calendar(filed_at, off):
    start = tehran_date(filed_at)
    return WorkingCalendar(IRAN, {start + timedelta(days=n): "تعطیل" for n in off})


@given(INSTANTS, st.sampled_from(DisputeRule), OFF)
def test_a_dispute_ends_after_filing_on_a_working_day_at_midnight(filed_at, rule, off):
    calendar = _calendar(filed_at, off)
    end = compute(filed_at, rule, calendar)
    assert end.final_at > filed_at + timedelta(days=28)
    assert calendar.is_workday(end.last_day)
    assert end.final_at == start_of_day(end.last_day + timedelta(days=1)) == end_of_day(end.last_day)


@given(INSTANTS, OFF)
def test_thirty_clear_days_equal_a_slow_count_day_by_day(filed_at, off):
    calendar = _calendar(filed_at, off)
    day, whole_days = tehran_date(filed_at), 0
    while whole_days < 30:
        day += timedelta(days=1)
        whole_days += 1
    day += timedelta(days=1)  # the day of action
    while not calendar.is_workday(day):
        day += timedelta(days=1)
    assert compute(filed_at, CLEAR, calendar).last_day == day


def _slow_next_month(filed_on: date) -> date:
    """Walk day by day into the next month, up to the day's number or the month's end."""
    _year, month, number = to_jalali(filed_on)
    day = filed_on
    while to_jalali(day)[1] == month:
        day += timedelta(days=1)
    while to_jalali(day)[2] < number and to_jalali(day + timedelta(days=1))[2] != 1:
        day += timedelta(days=1)
    return day


@given(INSTANTS)
def test_a_jalali_month_equals_a_slow_walk_through_the_calendar(filed_at):
    end = compute(filed_at, MONTH, NO_WEEKEND)
    assert end.last_day == _slow_next_month(tehran_date(filed_at))


@given(INSTANTS, st.sampled_from(DisputeRule), OFF)
def test_the_snapshot_covers_every_day_once_and_counts_without_a_gap(filed_at, rule, off):
    end = compute(filed_at, rule, _calendar(filed_at, off))
    days = [date.fromisoformat(day["day"]) for day in end.snapshot["days"]]
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert (days[0], days[-1]) == (tehran_date(filed_at), end.last_day)
    numbers = [day["n"] for day in end.snapshot["days"] if day["kind"] == "counted"]
    assert numbers == list(range(1, len(numbers) + 1))
