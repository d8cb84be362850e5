"""Jalali months as rows of days, for the calendar that shows which days were counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from .jalali import WEEKDAYS, WEEKDAYS_EN, from_jalali, month_length, month_name, next_month, to_jalali
from .numbers import persian_digits

# Python's weekday() in the order of an Iranian week, which begins on Saturday.
WEEK = (5, 6, 0, 1, 2, 3, 4)


@dataclass(frozen=True)
class DayMark:
    """What a day of the calendar says. `kind`: counted, past, today, skip-day, end (may be two, with a space)."""

    kind: str
    small: str = ""  # under the number: a count, ‘filed’, ‘end’
    label: str = ""  # what a screen reader is told


@dataclass(frozen=True)
class Day:
    number: str
    day: date
    mark: DayMark | None


@dataclass(frozen=True)
class Month:
    title: str
    heads: list[tuple[str, str]]  # (short, full) names of the week's days
    weeks: list[list[Day | None]]


def months(first: date, last: date, marks: Mapping[date, DayMark], language: str) -> list[Month]:
    """Every Jalali month from that of `first` to that of `last`; the weeks of the last one end with the week of `last`."""
    digits = persian_digits if language == "fa" else str
    names = WEEKDAYS if language == "fa" else WEEKDAYS_EN
    heads = [(names[n][0] if language == "fa" else names[n][:2], names[n]) for n in WEEK]
    year, month, _day = to_jalali(first)
    end_year, end_month, _day = to_jalali(last)
    grid = []
    while (year, month) <= (end_year, end_month):
        length = month_length(year, month)
        opening = from_jalali(year, month, 1)
        cells: list[Day | None] = [None] * WEEK.index(opening.weekday())
        for number in range(1, length + 1):
            day = from_jalali(year, month, number)
            cells.append(Day(digits(str(number)), day, marks.get(day)))
        cells += [None] * (-len(cells) % 7)
        weeks = [cells[i : i + 7] for i in range(0, len(cells), 7)]
        if (year, month) == (end_year, end_month):
            weeks = [week for week in weeks if next(cell.day for cell in week if cell) <= last]
        grid.append(Month(f"{month_name(month, language)} {digits(str(year))}", heads, weeks))
        year, month = next_month(year, month)
    return grid
