"""Iran's official holidays out of the `holidays` package, by Jalali year. Pure.

What the package says is a start, not the truth: lunar holidays after the last year that it knows are estimates (it says
so, and so does the title kept here), and closures announced later are not in it. That is why the calendar is edited.
"""

from dataclasses import dataclass
from datetime import date

import holidays

from sajad_portal.lib.jalali import from_jalali, is_leap
from sajad_portal.lib.numbers import persian_digits
from sajad_portal.lib.text import normalise

# The package spells a few names as one word or with Latin digits.
_MENDED = {"عیدنوروز": "عید نوروز", "رسول اکرم؛شهادت": "رسول اکرم؛ شهادت"}


@dataclass(frozen=True)
class OfficialHoliday:
    day: date
    title: str
    title_en: str


def official_holidays(jalali_year: int) -> list[OfficialHoliday]:
    """The holidays of one Jalali year, which lies in two Gregorian ones, in the order of days."""
    first = from_jalali(jalali_year, 1, 1)
    last = from_jalali(jalali_year, 12, 30 if is_leap(jalali_year) else 29)
    years = (first.year, last.year)
    persian = holidays.country_holidays("IR", years=years, language="fa_IR")
    english = holidays.country_holidays("IR", years=years, language="en_US")
    return [
        OfficialHoliday(day, _mended(title), english[day][:150])
        for day, title in sorted(persian.items())
        if first <= day <= last
    ]


def _mended(title: str) -> str:
    title = normalise(title)
    for wrong, right in _MENDED.items():
        title = title.replace(wrong, right)
    return persian_digits(title.replace("; ", "؛ "))[:150]
