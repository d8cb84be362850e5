"""Periods of performance on the Jalali calendar: what a call asks about, never when it may be answered.

A period has a code that sorts: within a kind by time, across kinds by year. Pure: dates in, dates out.

=========  ==================  =========================
kind       code                covers
=========  ==================  =========================
month      1405-M02            Ordibehesht 1405
quarter    1405-Q1             1 Farvardin – 31 Khordad
half       1405-H2             1 Mehr – the end of Esfand
year       1405-Y              the Jalali year
academic   1405-A              1 Mehr 1405 – 31 Shahrivar 1406
free       1405-0201-14050315  1 Ordibehesht – 15 Khordad
=========  ==================  =========================
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .errors import Refused
from .jalali import format_date, from_jalali, month_length, month_name, to_jalali
from .language import current_language
from .numbers import persian_digits
from .text import latin_digits


class PeriodKind(TextChoices):
    MONTH = "month", gettext_lazy("Month")
    QUARTER = "quarter", gettext_lazy("Quarter")
    HALF = "half", gettext_lazy("Half-year")
    YEAR = "year", gettext_lazy("Year")
    ACADEMIC = "academic", gettext_lazy("Academic year")
    FREE = "free", gettext_lazy("Free dates")


# Months a kind spans, and with which month of the Jalali year the first one of a year begins.
SPAN = {
    PeriodKind.MONTH: 1,
    PeriodKind.QUARTER: 3,
    PeriodKind.HALF: 6,
    PeriodKind.YEAR: 12,
    PeriodKind.ACADEMIC: 12,
}
FIRST_MONTH = {PeriodKind.ACADEMIC: 7}
_MARK = {
    PeriodKind.MONTH: "M",
    PeriodKind.QUARTER: "Q",
    PeriodKind.HALF: "H",
    PeriodKind.YEAR: "Y",
    PeriodKind.ACADEMIC: "A",
}
_KIND = {mark: kind for kind, mark in _MARK.items()}
_REGULAR = re.compile(r"^(\d{4})-(?:(M)(\d{2})|([QH])(\d)|([YA]))$")
_FREE = re.compile(r"^(\d{4})-(\d{2})(\d{2})-(\d{4})(\d{2})(\d{2})$")


@dataclass(frozen=True)
class Period:
    """`starts` and `ends` are Gregorian dates, both included."""

    kind: PeriodKind
    code: str
    starts: date
    ends: date

    def __contains__(self, day: date) -> bool:
        return self.starts <= day <= self.ends

    def label(self, language: str | None = None) -> str:
        """As people call it: «سه‌ماههٔ دوم ۱۴۰۵»."""
        return label(self.kind, self.starts, self.ends, language)


def count_in_year(kind: PeriodKind) -> int:
    """How many periods of that kind a year has: 12, 4, 2 or 1."""
    return 12 // SPAN[kind]


def regular(kind: PeriodKind, year: int, index: int = 1) -> Period:
    """The `index`-th period (from 1) of that kind in that Jalali year. ValueError where there is none."""
    if kind not in SPAN or not 1 <= index <= count_in_year(kind):
        raise ValueError(f"A year has no {kind} number {index}.")
    span = SPAN[kind]
    first = FIRST_MONTH.get(kind, 1) + (index - 1) * span - 1
    last = first + span - 1
    starts = from_jalali(year + first // 12, first % 12 + 1, 1)
    end_year, end_month = year + last // 12, last % 12 + 1
    ends = from_jalali(end_year, end_month, month_length(end_year, end_month))
    return Period(kind, _code(kind, year, index), starts, ends)


def _code(kind: PeriodKind, year: int, index: int) -> str:
    mark = _MARK[kind]
    number = f"{index:02}" if kind == PeriodKind.MONTH else str(index) if count_in_year(kind) > 1 else ""
    return f"{year:04}-{mark}{number}"


def free(starts: date, ends: date) -> Period:
    """Any dates. Raises Refused where the end lies before the start."""
    if ends < starts:
        raise Refused(
            _("The period ends on %(end)s, before it starts on %(start)s. Correct one of the two dates.")
            % {"end": format_date(ends), "start": format_date(starts)},
            code="period-order",
        )
    year, month, day = to_jalali(starts)
    code = f"{year:04}-{month:02}{day:02}-" + "{:04}{:02}{:02}".format(*to_jalali(ends))
    return Period(PeriodKind.FREE, code, starts, ends)


def containing(kind: PeriodKind, day: date) -> Period:
    """The regular period of that kind in which the day lies."""
    year, month, _day = to_jalali(day)
    first = FIRST_MONTH.get(kind, 1)
    if month < first:
        year, month = year - 1, month + 12
    return regular(kind, year, (month - first) // SPAN[kind] + 1)


def following(period: Period) -> Period:
    """The next period of the same kind; free dates move on by whole months where they are whole, else by their length."""
    after = period.ends + timedelta(days=1)
    if period.kind != PeriodKind.FREE:
        return containing(period.kind, after)
    start_year, start_month, start_day = to_jalali(period.starts)
    next_year, next_month, next_day = to_jalali(after)
    if start_day == next_day == 1:
        months = (next_year - start_year) * 12 + next_month - start_month
        last = next_month - 1 + months - 1
        year, month = next_year + last // 12, last % 12 + 1
        return free(after, from_jalali(year, month, month_length(year, month)))
    return free(after, after + (period.ends - period.starts))


def from_code(text: str) -> Period:
    """The period that a code names. Raises Refused where it names none."""
    code = latin_digits(text or "").strip().upper()
    try:
        if found := _REGULAR.match(code):
            mark = found[2] or found[4] or found[6]
            return regular(_KIND[mark], int(found[1]), int(found[3] or found[5] or 1))
        if found := _FREE.match(code):
            parts = [int(part) for part in found.groups()]
            return free(from_jalali(*parts[:3]), from_jalali(*parts[3:]))
    except ValueError:
        pass
    raise Refused(
        _("“%(code)s” is no period. Write it like 1405-Q1, 1405-M02, 1405-H1, 1405-Y or 1405-A.") % {"code": text},
        code="not-a-period",
    )


def around(kind: PeriodKind, day: date, *, before: int, after: int) -> Iterator[Period]:
    """Regular periods of that kind, latest first: `after` later ones, the one of `day`, `before` earlier ones."""
    period = containing(kind, day)
    for _step in range(after):
        period = following(period)
    for _step in range(before + after + 1):
        yield period
        period = containing(kind, period.starts - timedelta(days=1))


def label(kind: str, starts: date, ends: date, language: str | None = None) -> str:
    """The period in words, in the active language (or `language` for month names and digits)."""
    year, month, _day = to_jalali(starts)
    digits = persian_digits if _is_persian(language) else str
    parts = {"year": digits(year), "next": digits(year + 1)}
    if kind == PeriodKind.MONTH:
        return f"{month_name(month, language)} {parts['year']}"
    if kind == PeriodKind.QUARTER:
        return _quarter((month - 1) // 3) % parts
    if kind == PeriodKind.HALF:
        return (_("First half of %(year)s") if month < 7 else _("Second half of %(year)s")) % parts
    if kind == PeriodKind.YEAR:
        return _("Year %(year)s") % parts
    if kind == PeriodKind.ACADEMIC:
        return _("Academic year %(year)s–%(next)s") % parts
    return _("%(start)s to %(end)s") % {
        "start": format_date(starts, language=language),
        "end": format_date(ends, language=language),
    }


def _quarter(number: int) -> str:
    return (
        _("First quarter of %(year)s"),
        _("Second quarter of %(year)s"),
        _("Third quarter of %(year)s"),
        _("Fourth quarter of %(year)s"),
    )[number]


def _is_persian(language: str | None) -> bool:
    return (language or current_language()).startswith("fa")
