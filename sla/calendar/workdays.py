"""Working days and the deadlines that are counted in days. Pure: the calendar is an argument."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from sajad_portal.lib.clock import TEHRAN, end_of_day, tehran_date

ONE_DAY = timedelta(days=1)
# A calendar without a single working day in this many days is a mistake, not a calendar.
_LIMIT = 400


# Whole hours in Tehran, from and to.
Hours = tuple[int, int]


@dataclass(frozen=True)
class Week:
    """The weekend and the working hours from a day on."""

    starts: date
    weekend: frozenset[int]
    hours: Hours


@dataclass(frozen=True)
class WorkingCalendar:
    """`weekend`: Python weekday numbers (Monday 0); `holidays`: Gregorian day → its name; `hours`: from, to.

    `later`: what holds instead from some day on, in the order of days. Working time is measured in hours of the first
    working day (`hours`): a whole working day of other hours is as long as one of these, so that a target in working days
    stays a target in working days when the hours change.
    """

    weekend: frozenset[int]
    holidays: Mapping[date, str] = field(default_factory=dict)
    hours: Hours = (8, 16)
    later: tuple[Week, ...] = ()
    late: Mapping[date, datetime] = field(
        default_factory=dict
    )  # holidays that were told of after they had passed, and when

    def known_at(self, at: datetime) -> "WorkingCalendar":
        """As it was known then: without the days off that were told of later. What was counted by then stays."""
        unknown = {day for day, told_at in self.late.items() if told_at > at}
        if not unknown:
            return self
        known = {day: name for day, name in self.holidays.items() if day not in unknown}
        return replace(self, holidays=known, late={d: t for d, t in self.late.items() if d not in unknown})

    def weekend_on(self, day: date) -> frozenset[int]:
        week = self._week(day)
        return week.weekend if week else self.weekend

    def hours_on(self, day: date) -> Hours:
        week = self._week(day)
        return week.hours if week else self.hours

    def is_workday(self, day: date) -> bool:
        return day.weekday() not in self.weekend_on(day) and day not in self.holidays

    def why_off(self, day: date) -> str:
        """`weekend`, the holiday's name, or an empty text on a working day."""
        if day in self.holidays:
            return self.holidays[day]
        return "weekend" if day.weekday() in self.weekend_on(day) else ""

    def weekends(self) -> frozenset[int]:
        """Every day of the week that is off at some time."""
        return self.weekend.union(*(week.weekend for week in self.later))

    def counted(self, day: date, time: timedelta) -> timedelta:
        """So much time of that day's hours, in hours of the first working day; less than a microsecond is left out."""
        own, first = _length(self.hours_on(day)), _length(self.hours)
        return time if own == first else time * first // own

    def lasting(self, day: date, time: timedelta) -> timedelta:
        """The other way: how long that day takes to count so much; up to the microsecond."""
        own, first = _length(self.hours_on(day)), _length(self.hours)
        return time if own == first else -(-time * own // first)

    def _week(self, day: date) -> Week | None:
        place = bisect_right(self.later, day, key=lambda week: week.starts) if self.later else 0
        return self.later[place - 1] if place else None


def _length(hours: Hours) -> int:
    return hours[1] - hours[0]


def roll_forward(day: date, calendar: WorkingCalendar) -> date:
    """The day itself, or the first working day after it."""
    for _turn in range(_LIMIT):
        if calendar.is_workday(day):
            return day
        day += ONE_DAY
    raise ValueError(f"No working day within {_LIMIT} days: check the weekend and the holidays.")


def end_after_days(at: datetime, days: int, calendar: WorkingCalendar) -> datetime:
    """The exclusive end of a time limit of `days` calendar days that begins at `at`.

    The day of `at` (in Tehran) is not counted; the limit runs to the end of the last day, which rolls over days off.
    """
    return end_of_day(roll_forward(tehran_date(at) + timedelta(days=days), calendar))


def working_time(start: datetime, end: datetime, calendar: WorkingCalendar) -> timedelta:
    """How much of [start, end) lies within the working hours of working days, in hours of the calendar's first working day.

    Zero where `end` does not lie after `start`. Counted between instants, because a day on which summer time begins or
    ends is 23 or 25 hours long.
    """
    total, day, last = timedelta(), tehran_date(start), tehran_date(end)
    # In UTC: Python subtracts two times of one zone by the hands of their clocks.
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    while day <= last:
        if calendar.is_workday(day):
            opens, closes = working_hours(day, calendar.hours_on(day))
            first, until = max(start, opens), min(end, closes)
            if until > first:
                total += calendar.counted(day, until - first)
        day += ONE_DAY
    return total


def after_working_time(at: datetime, span: timedelta, calendar: WorkingCalendar) -> datetime:
    """The first instant (UTC) by which `span` of working time has passed since `at`."""
    at, left, day, idle = at.astimezone(UTC), span, tehran_date(at), 0
    while idle < _LIMIT:
        opens, closes = working_hours(day, calendar.hours_on(day))
        first = max(at, opens)
        open_still = closes - first if calendar.is_workday(day) and closes > first else timedelta()
        room = calendar.counted(day, open_still)
        if left <= room:
            return first + calendar.lasting(day, left) if left else at
        idle = 0 if room else idle + 1
        left -= room
        day += ONE_DAY
    raise ValueError(f"No working day within {_LIMIT} days: check the weekend and the holidays.")


def before_working_time(at: datetime, span: timedelta, calendar: WorkingCalendar) -> datetime:
    """The last instant (UTC) from which `span` of working time passes until `at`."""
    at, left, day, idle = at.astimezone(UTC), span, tehran_date(at), 0
    while idle < _LIMIT:
        opens, closes = working_hours(day, calendar.hours_on(day))
        last = min(at, closes)
        open_already = last - opens if calendar.is_workday(day) and last > opens else timedelta()
        room = calendar.counted(day, open_already)
        if left <= room:
            return last - calendar.lasting(day, left) if left else at
        idle = 0 if room else idle + 1
        left -= room
        day -= ONE_DAY
    raise ValueError(f"No working day within {_LIMIT} days: check the weekend and the holidays.")


class WorkingSums:
    """Working time between any two instants of a span of days, each in constant time: for figures over many requests.

    The same measure as `working_time`; a property test holds them together.
    """

    def __init__(self, first: date, last: date, calendar: WorkingCalendar):
        self._first, self._calendar = first, calendar
        self._before = [timedelta()]
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            opens, closes = working_hours(day, calendar.hours_on(day))
            whole = calendar.counted(day, closes - opens) if calendar.is_workday(day) else timedelta()
            self._before.append(self._before[-1] + whole)

    def between(self, start: datetime, end: datetime) -> timedelta:
        return max(timedelta(), self._until(end) - self._until(start))

    def _until(self, at: datetime) -> timedelta:
        """Working time from the span's first day to `at`, which lies within the span."""
        day = tehran_date(at)
        done = self._before[(day - self._first).days]
        if not self._calendar.is_workday(day):
            return done
        opens, closes = working_hours(day, self._calendar.hours_on(day))
        return done + self._calendar.counted(day, max(timedelta(), min(at.astimezone(UTC), closes) - opens))


def working_hours(day: date, hours: Hours) -> tuple[datetime, datetime]:
    """The instants [opens, closes) of a day's working hours, in UTC."""
    return _wall(day, hours[0]), _wall(day, hours[1])


def _wall(day: date, hour: int) -> datetime:
    """When the clocks of Tehran show that hour of that day; 24 is its end. UTC."""
    at = end_of_day(day) if hour == 24 else datetime.combine(day, time(hour), TEHRAN)
    return at.astimezone(UTC)
