"""Texts that a form puts together, as a reader sees them. What is stored and exported stays as the form made it."""

import re
from datetime import date, datetime

from sajad_portal.lib.jalali import format_date, format_datetime
from sajad_portal.lib.numbers import persian_digits

from .values import parse_moment

# Beside no letter, digit or sign that would make it a part of something else.
_IN_TEXT = re.compile(
    r"(?<![\w./-])(?:(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)"
    r"|(?P<day>\d{4}-\d\d-\d\d)|(?P<figures>(?P<year>(?:19|20|21)\d\d)(?P<sign>[/.])(?P<month>\d\d?)(?P=sign)(?P<date>\d\d?)))(?![\w/-]|\.\d)",
    re.ASCII,
)
_FIGURES = re.compile(r"(?<![A-Za-z0-9_-])\d+(?:[.:/]\d+)*(?![A-Za-z0-9_-])", re.ASCII)
_FRACTION = re.compile(r"^\d+\.\d+$", re.ASCII)


def shown_text(text: str, language: str) -> str:
    """A text that the form put together, for a reader: its Gregorian days (as `today()`, `now()` and `format-date` give them) in
    the portal's calendar, and on a Persian page its figures in Persian digits. What stands beside a Latin letter or a hyphen is
    a code and stays; a day that is none stays."""

    def day(found: re.Match) -> str:
        try:
            if found["figures"]:
                return format_date(date(*(int(found[part]) for part in ("year", "month", "date"))), "numeric", language)
            moment = parse_moment(found[0])
            if isinstance(moment, datetime):
                return format_datetime(moment, "long", language)
            return format_date(moment, "long", language) if moment else found[0]
        except ValueError:
            return found[0]

    def figure(found: re.Match) -> str:
        return persian_digits(found[0].replace(".", "٫") if _FRACTION.match(found[0]) else found[0])

    written = _IN_TEXT.sub(day, text)
    return _FIGURES.sub(figure, written) if language == "fa" else written
