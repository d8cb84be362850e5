"""ODK's functions of dates, on Tehran's wall clock. Each is `f(token, context)`; importing the module registers them."""

from datetime import datetime
from decimal import Decimal

from sajad_portal.lib.clock import TEHRAN

from .values import ARITHMETIC, NAN, days, iso, moment_of, parse_moment, parse_time, part_of_day, to_text
from .xpath import function, value_of

_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "fa": [
        "ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر",
    ],
}  # fmt: skip
_DAYS = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "fa": ["دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه"],
}


@function("today", 0)
def _today(self, context=None):
    return context.at.astimezone(TEHRAN).date().isoformat()


@function("now", 0)
def _now(self, context=None):
    return context.at.astimezone(TEHRAN).isoformat(timespec="seconds")


@function("date", 1)
def _date(self, context=None):
    moment = moment_of(value_of(self[0], context))
    return iso(moment)[:10]


@function("date-time", 1)
def _date_time(self, context=None):
    return iso(moment_of(value_of(self[0], context)))


@function("decimal-date-time", 1)
def _decimal_date_time(self, context=None):
    moment = moment_of(value_of(self[0], context))
    return NAN if moment is None else days(moment)


@function("decimal-time", 1)
def _decimal_time(self, context=None):
    raw = to_text(value_of(self[0], context))
    if context.edition == 1:
        return _decimal_time_of_the_first_edition(raw)
    moment = parse_moment(raw)
    of_day = moment.time() if isinstance(moment, datetime) else parse_time(raw)
    return NAN if of_day is None else part_of_day(of_day)


def _decimal_time_of_the_first_edition(raw: str) -> Decimal:
    parts = raw[:8].split(":")
    if len(parts) < 2 or not all(part.isdigit() for part in parts):
        return NAN
    seconds = sum(int(part) * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    return ARITHMETIC.divide(Decimal(seconds), Decimal(86400))


def _format(self, context):
    """%Y %y %m %n %b %d %e %a %H %h %M %S %3, Gregorian, as ODK writes them; names of months and days in the reader's language."""
    moment, pattern = moment_of(value_of(self[0], context)), to_text(value_of(self[1], context))
    if moment is None:
        return ""
    hour, minute, second = (getattr(moment, part, 0) for part in ("hour", "minute", "second"))
    thousandth = getattr(moment, "microsecond", 0) // 1000 if context.edition > 1 else 0
    marks = {
        "Y": f"{moment.year:04}", "y": f"{moment.year % 100:02}", "m": f"{moment.month:02}", "n": str(moment.month),
        "b": _MONTHS[context.language][moment.month - 1], "d": f"{moment.day:02}", "e": str(moment.day), "a": _DAYS[context.language][moment.weekday()],
        "H": f"{hour:02}", "h": str(hour), "M": f"{minute:02}", "S": f"{second:02}", "3": f"{thousandth:03}", "%": "%",
    }  # fmt: skip
    out, index = [], 0
    while index < len(pattern):
        if pattern[index] == "%" and index + 1 < len(pattern):
            out.append(marks.get(pattern[index + 1], ""))
            index += 2
        else:
            out.append(pattern[index])
            index += 1
    return "".join(out)


function("format-date", 2)(lambda self, context=None: _format(self, context))
function("format-date-time", 2)(lambda self, context=None: _format(self, context))
