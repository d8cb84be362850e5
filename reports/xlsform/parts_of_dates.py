"""Dates of which a form asks only the month or the year: the day that is stored is the first of it, in the portal's calendar."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import format_month, from_jalali, parse_date, to_jalali
from sajad_portal.lib.numbers import persian_digits

MONTH, YEAR = "month-year", "year"
_TYPED = {MONTH: re.compile(r"^(\d{4})\s*[/\-.]\s*(\d{1,2})$"), YEAR: re.compile(r"^(\d{4})()$")}


def part_of_date(appearance: str) -> str:
    return next((part for part in appearance.split() if part in (MONTH, YEAR)), "")


def first_of(part: str, text: str, whole: Callable[[str], date | datetime]) -> date:
    """The first day of the month or year that was typed, or in which the day lies that was. Raises Refused.

    `whole` reads a day, and refuses what is none.
    """
    found = _TYPED[part].match(text)
    with suppress(Refused):
        if found:
            return parse_date(f"{found[1]}/{found[2] or 1}/1")
        year, month, _day = to_jalali(_day_of(whole(text)))
        return from_jalali(year, month if part == MONTH else 1, 1)
    if part == MONTH:
        raise Refused(_("Write the month as year/month, such as 1405/09."), code="not-a-date")
    raise Refused(_("Write the year, such as 1405."), code="not-a-date")


def part_told(moment: date | datetime, part: str, language: str, *, words: bool) -> str:
    """`words`: the month by its name, else as a person types it. "" before the calendar begins."""
    try:
        year, month, _day = to_jalali(_day_of(moment))
    except ValueError:
        return ""
    if part == MONTH and words:
        return format_month(moment, language)
    text = f"{year}/{month:02}" if part == MONTH else str(year)
    return persian_digits(text) if language == "fa" else text


def _day_of(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
