"""Weekend and working hours, from which day on, and what was known of them at an instant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from sajad_portal.lib.clock import tehran_date
from sajad_portal.lib.jalali import weekday_name

from ..calendar.workdays import Hours, Week, WorkingCalendar
from ..models import ClockInterval, Dispute, WorkingWeek

MONDAY = date(2026, 6, 15)


def calendar_with(
    holidays: Mapping[date, str], rows: Iterable[WorkingWeek], late: Mapping[date, datetime] | None = None
) -> WorkingCalendar:
    """The calendar of these days off and weeks. Before the first week the settings hold."""
    return WorkingCalendar(frozenset(settings.WEEKEND_DAYS), holidays, first_hours(), weeks_of(rows), late or {})


def first_hours() -> Hours:
    """The working hours in which working time is measured, whatever they are today."""
    start, end = settings.WORKING_HOURS
    return start, end


def hours_now(at: datetime) -> Hours:
    """The working hours of today."""
    return calendar_with({}, weeks_known()).hours_on(tehran_date(at))


def weeks_of(rows: Iterable[WorkingWeek]) -> tuple[Week, ...]:
    """In the order of days; of two for one day the later one."""
    newest = {row.starts: row for row in sorted(rows, key=lambda row: row.pk)}
    return tuple(Week(day, frozenset(row.days_off), row.hours) for day, row in sorted(newest.items()))


def weeks_known(at: datetime | None = None) -> list[WorkingWeek]:
    """Every week that was set, up to `at`."""
    rows = WorkingWeek.objects.all()
    return list(rows if at is None else rows.filter(set_at__lte=at))


@dataclass(frozen=True)
class ShownWeek:
    """A week as the calendar's page tells it. `starts`: None for what held before the first one; `row`: who set it."""

    starts: date | None
    days: list[int]
    hours: Hours
    row: WorkingWeek | None = None
    holds: bool = False

    @property
    def weekend(self) -> list[str]:
        return day_names(self.days)


def shown_weeks(day: date) -> list[ShownWeek]:
    """Every week that holds from some day on, the latest first; the one that holds on `day` is marked."""
    rows = {row.starts: row for row in sorted(weeks_known(), key=lambda row: row.pk)}
    begun = [starts for starts in rows if starts <= day]
    holding = max(begun) if begun else None
    told = [
        ShownWeek(starts, row.days_off, row.hours, row, starts == holding)
        for starts, row in sorted(rows.items(), reverse=True)
    ]
    return [*told, ShownWeek(None, [*settings.WEEKEND_DAYS], first_hours(), None, holding is None)]


def day_names(days: Iterable[int]) -> list[str]:
    """The names of these days of the week, from Saturday on, in the active language."""
    return [weekday_name(date.fromordinal(MONDAY.toordinal() + n)) for n in sorted(days, key=lambda n: (n + 2) % 7)]


def earliest_start(at: datetime) -> date:
    """The first day from which another week or target can hold: today where no clock ever ran and no month was ever
    counted, else tomorrow: nothing that has been measured moves."""
    today = tehran_date(at)
    measured = ClockInterval.objects.exists() or Dispute.objects.exists()
    return date.fromordinal(today.toordinal() + 1) if measured else today
