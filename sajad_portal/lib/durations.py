"""Spans of time in words, and how near a deadline is."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .clock import TEHRAN, tehran_date
from .jalali import format_date, format_time, to_jalali, weekday_name
from .numbers import format_number

SOON, NOW = timedelta(days=3), timedelta(days=1)
# Beyond this the hours say nothing.
DAYS_ONLY = 14


class Parts(NamedTuple):
    days: int
    hours: int
    minutes: int
    seconds: int


def parts(span: timedelta) -> Parts:
    """Whole days, hours, minutes, seconds of a span; a negative one counts as nothing left."""
    total = max(0, int(span.total_seconds()))
    return Parts(total // 86400, total % 86400 // 3600, total % 3600 // 60, total % 60)


def _days(number: int, language: str) -> str:
    return ngettext("%(n)s day", "%(n)s days", number) % {"n": format_number(number, language=language)}


def _hours(number: int, language: str) -> str:
    return ngettext("%(n)s hour", "%(n)s hours", number) % {"n": format_number(number, language=language)}


def _minutes(number: int, language: str) -> str:
    return ngettext("%(n)s minute", "%(n)s minutes", number) % {"n": format_number(number, language=language)}


def span_words(span: timedelta, language: str) -> str:
    """The two largest units: ‘3 days and 11 hours’, ‘47 minutes’, ‘less than a minute’."""
    days, hours, minutes, _seconds = parts(span)
    words = []
    if days:
        words.append(_days(days, language))
    if hours and days < DAYS_ONLY:
        words.append(_hours(hours, language))
    if minutes and not days:
        words.append(_minutes(minutes, language))
    if not words:
        return _("less than a minute")
    return words[0] if len(words) == 1 else _("%(first)s and %(second)s") % {"first": words[0], "second": words[1]}


def full_words(span: timedelta, language: str) -> str:
    """Days, hours and minutes, all said: what a screen reader is told of a countdown."""
    days, hours, minutes, _seconds = parts(span)
    return _("%(days)s, %(hours)s and %(minutes)s") % {
        "days": _days(days, language),
        "hours": _hours(hours, language),
        "minutes": _minutes(minutes, language),
    }


def nearness(at: datetime, now: datetime) -> str:
    """`passed`, `now` (under a day), `soon` (under three days) or ``: what colours a deadline."""
    left = at - now
    return "passed" if left <= timedelta() else "now" if left < NOW else "soon" if left < SOON else ""


def until_words(at: datetime, language: str) -> str:
    """The instant a deadline ends, as people say it. Midnight in Tehran is the end of the day before."""
    day, time = _end(at, language)
    return (
        _("until %(day)s, %(time)s") % {"day": day, "time": time}
        if time
        else _("until the end of %(day)s") % {"day": day}
    )


def end_words(at: datetime, language: str) -> str:
    """As until_words, of a deadline that has passed."""
    day, time = _end(at, language)
    return _("%(day)s, at %(time)s") % {"day": day, "time": time} if time else _("the end of %(day)s") % {"day": day}


def _end(at: datetime, language: str) -> tuple[str, str]:
    """(day, time) in words; the time is empty where the deadline is the end of that day."""
    local = at.astimezone(TEHRAN)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return _day(local.date() - timedelta(days=1), language), ""
    return _day(local.date(), language), format_time(local, language)


def _day(day, language: str) -> str:
    return f"{weekday_name(day, language)} {format_date(day, 'short', language)}"


def moment_words(at: datetime, now: datetime, language: str) -> str:
    """When something happened: today and yesterday by name, this year without its year."""
    day, today = tehran_date(at), tehran_date(now)
    clock = format_time(at, language)
    if day == today:
        return _("today, %(time)s") % {"time": clock}
    if day == today - timedelta(days=1):
        return _("yesterday, %(time)s") % {"time": clock}
    style = "short" if to_jalali(day)[0] == to_jalali(today)[0] else "long"
    return _("%(day)s, %(time)s") % {"day": format_date(day, style, language), "time": clock}
