"""The Jalali calendar at the edge. Stored: Gregorian dates and UTC instants. The only module that imports jdatetime."""

import re
from datetime import date, datetime, timedelta

import jdatetime
from django.utils.translation import gettext as _

from .clock import TEHRAN
from .errors import Refused
from .language import current_language
from .numbers import local_digits, persian_digits
from .text import latin_digits, normalise, search_key

MONTHS = ("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند")
MONTHS_EN = (
    "Farvardin",
    "Ordibehesht",
    "Khordad",
    "Tir",
    "Mordad",
    "Shahrivar",
    "Mehr",
    "Aban",
    "Azar",
    "Dey",
    "Bahman",
    "Esfand",
)
# Python's weekday(): Monday 0.
WEEKDAYS = ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه")
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FIRST_YEAR, LAST_YEAR = 1300, 1500
_DATE = re.compile(r"^(\d{2}|\d{4})\s*[/\-.]\s*(\d{1,2})\s*[/\-.]\s*(\d{1,2})$")
_TIME = re.compile(r"^(\d{1,2}):(\d{2})$")
_MOMENT = re.compile(r"^(?P<date>.*\d)(?:[،,]\s*|\s+)(?:ساعت\s+)?(?P<time>\S*:\S*)$")
_TOO_MANY = re.compile(r"^\d+[/\-.]\d+[/\-.]\d+\s+\S")
_WORDED = re.compile(r"^(?P<weekday>\D+ )?(?P<day>\d{1,2}) (?P<month>\D+?),? (?P<year>\d{4})$")
_MONTH_KEYS = {search_key(name): number % 12 + 1 for number, name in enumerate((*MONTHS, *MONTHS_EN))}
_WEEKDAY_KEYS = {"", *map(search_key, (*WEEKDAYS, *WEEKDAYS_EN))}


def to_jalali(day: date) -> tuple[int, int, int]:
    """(year, month, day) of a Gregorian date."""
    j = jdatetime.date.fromgregorian(date=day)
    return j.year, j.month, j.day


def from_jalali(year: int, month: int, day: int) -> date:
    """The Gregorian date; ValueError where the Jalali date does not exist."""
    return jdatetime.date(year, month, day).togregorian()


def is_leap(year: int) -> bool:
    return jdatetime.date(year, 1, 1).isleap()


def month_length(year: int, month: int) -> int:
    return 31 if month <= 6 else 30 if month <= 11 or is_leap(year) else 29


def next_month(year: int, month: int) -> tuple[int, int]:
    return (year, month + 1) if month < 12 else (year + 1, 1)


def parse_date(text: str) -> date:
    """A Jalali date as typed (`۱۴۰۵/۹/۴`, `1405-09-04`) or as the portal writes one (`چهارشنبه ۴ آذر ۱۴۰۵`), as a Gregorian date.

    Two digits are a year only where they can be no day: 85/9/4 is 1385. Raises Refused with the way out.
    """
    raw = latin_digits(normalise(text))
    found = _DATE.match(raw)
    year, month, day = (int(part) for part in found.groups()) if found else _in_words(raw)
    if year < 100:
        if year <= 31:
            raise Refused(
                _("Write the year with four digits, so that it is not taken for a day: %(date)s?")
                % {"date": local_digits(f"{year + 1400}/{month:02}/{day:02}")},
                code="not-a-date",
            )
        year += 1400 if year < 50 else 1300
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(_("The year must be a Jalali year between 1300 and 1500, such as 1405."), code="not-a-date")
    if not 1 <= month <= 12:
        raise Refused(_("The month must be from 1 to 12; for example 1405/09/04."), code="not-a-date")
    last = month_length(year, month)
    if not 1 <= day <= last:
        if month == 12 and day == 30:
            raise Refused(
                _("Esfand of %(year)s has 29 days; it is not a leap year.") % {"year": local_digits(year)},
                code="not-a-date",
            )
        raise Refused(
            _("%(month)s of %(year)s has %(last)s days.")
            % {"month": month_name(month), "year": local_digits(year), "last": local_digits(last)},
            code="not-a-date",
        )
    return from_jalali(year, month, day)


def _in_words(raw: str) -> tuple[int, int, int]:
    """(year, month, day) of `4 آذر 1405`, with or without its weekday."""
    found = _WORDED.match(search_key(raw))
    month = _MONTH_KEYS.get(found["month"]) if found else None
    if found is None or month is None or (found["weekday"] or "").replace(" ", "").rstrip("،,") not in _WEEKDAY_KEYS:
        raise Refused(_("Write the date as year/month/day, such as 1405/09/04."), code="not-a-date")
    return int(found["year"]), month, int(found["day"])


def split_time(text: str) -> tuple[str, str]:
    """The date and the time (`HH:MM`, "" for none) of a moment as typed or as the portal writes it."""
    raw = latin_digits(normalise(text))
    found = _MOMENT.match(raw)
    return (found["date"], found["time"]) if found else (raw, "")


def parse_datetime(text: str) -> datetime:
    """A Jalali date with an optional `HH:MM` (00:00 without), Tehran time, aware. Raises Refused."""
    day_text, time_text = split_time(text)
    if not day_text or _TOO_MANY.match(day_text):
        raise Refused(_("Write the date and time as 1405/09/04 14:30."), code="not-a-date")
    day = parse_date(day_text)
    hour = minute = 0
    if time_text:
        found = _TIME.match(time_text)
        if not found or int(found[1]) > 24 or int(found[2]) > 59 or (int(found[1]) == 24 and int(found[2])):
            raise Refused(_("Write the time as hour:minute, such as 14:30."), code="not-a-time")
        hour, minute = int(found[1]), int(found[2])
    midnight = datetime(day.year, day.month, day.day, tzinfo=TEHRAN)
    return (midnight.replace(hour=hour, minute=minute)) if hour < 24 else midnight + timedelta(days=1)


def month_name(month: int, language: str | None = None) -> str:
    return (MONTHS if _language(language) == "fa" else MONTHS_EN)[month - 1]


def weekday_name(day: date, language: str | None = None) -> str:
    return (WEEKDAYS if _language(language) == "fa" else WEEKDAYS_EN)[day.weekday()]


def format_date(day: date | datetime, style: str = "long", language: str | None = None) -> str:
    """`numeric` ۱۴۰۵/۰۹/۰۴ · `short` ۴ آذر · `long` ۴ آذر ۱۴۰۵ · `full` چهارشنبه ۴ آذر ۱۴۰۵ · `weekday` چهارشنبه ۴ آذر. Instants are Tehran dates."""
    if isinstance(day, datetime):
        day = day.astimezone(TEHRAN).date()
    language = _language(language)
    year, month, dom = to_jalali(day)
    if style == "numeric":
        text = f"{year:04}/{month:02}/{dom:02}"
    else:
        text = f"{dom} {month_name(month, language)}"
        if style in ("long", "full"):
            text += f" {year}"
        if style in ("full", "weekday"):
            text = f"{weekday_name(day, language)} {text}"
    return persian_digits(text) if language == "fa" else text


def format_month(day: date | datetime, language: str | None = None) -> str:
    """خرداد ۱۴۰۵: the Jalali month in which the day or, in Tehran, the instant lies."""
    language = _language(language)
    year, month, _dom = to_jalali(day.astimezone(TEHRAN).date() if isinstance(day, datetime) else day)
    text = f"{month_name(month, language)} {year}"
    return persian_digits(text) if language == "fa" else text


def format_time(at: datetime, language: str | None = None, *, seconds: bool = False) -> str:
    text = at.astimezone(TEHRAN).strftime("%H:%M:%S" if seconds else "%H:%M")
    return persian_digits(text) if _language(language) == "fa" else text


def format_datetime(at: datetime, style: str = "long", language: str | None = None, *, seconds: bool = False) -> str:
    comma = "، " if _language(language) == "fa" else ", "
    return format_date(at, style, language) + comma + format_time(at, language, seconds=seconds)


def _language(language: str | None) -> str:
    if language is None:
        language = current_language()
    return "fa" if language.startswith("fa") else "en"
