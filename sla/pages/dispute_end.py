"""How a dispute's month was counted, in words and as a calendar: out of the snapshot that filing took."""

from collections import Counter
from datetime import date

from django.utils.translation import gettext as _

from sajad_portal.lib.jalali import format_date, month_name, to_jalali, weekday_name
from sajad_portal.lib.months import DayMark
from sajad_portal.lib.numbers import local_number

from ..enums import DisputeRule


def counting_steps(snapshot: dict) -> list[str]:
    """The counting as a person would explain it, one sentence a step, in the active language."""
    days = snapshot["days"]
    filed, nominal, last = (date.fromisoformat(snapshot[key]) for key in ("filed_on", "nominal", "last_day"))
    counted = [date.fromisoformat(day["day"]) for day in days if day["kind"] == "counted"]
    if snapshot["rule"] == DisputeRule.CLEAR_DAYS:
        said = [
            _("The day of filing (%(day)s) is not counted.") % {"day": _short(filed)},
            _("%(parts)s: from %(first)s to %(last)s, %(total)s whole days. Days off on the way are counted.")
            % {
                "parts": _by_month(counted),
                "first": _short(counted[0]),
                "last": _short(counted[-1]),
                "total": local_number(len(counted)),
            },
            _("The day of action (%(day)s) is not counted.") % {"day": _short(nominal)},
        ]
    elif to_jalali(filed)[2] == to_jalali(nominal)[2]:
        said = [
            _("One Jalali month from %(first)s ends on the same day of the next month, %(last)s.")
            % {"first": _short(filed), "last": _short(nominal)}
        ]
    else:
        said = [
            _("One Jalali month from %(first)s: the next month has no such day, so it ends on its last, %(last)s.")
            % {"first": _short(filed), "last": _short(nominal)}
        ]
    if last != nominal:
        said.append(
            _("%(day)s is %(why)s; the end moves to the first working day, %(weekday)s %(last)s.")
            % {"day": _short(nominal), "why": _why(days, nominal), "weekday": weekday_name(last), "last": _short(last)}
        )
    said.append(_("Negotiation goes on until the end of %(day)s, 24:00 in Tehran.") % {"day": _full(last)})
    return said


def marks(snapshot: dict, today: date) -> dict[date, DayMark]:
    """What each day of the calendar says: filed, its number among the counted days, a day off, the end."""
    found = {}
    for entry in snapshot["days"]:
        day, kind = date.fromisoformat(entry["day"]), entry["kind"]
        if kind == "filing":
            mark = DayMark("skip-day", _("filed"), _("the day of filing, not counted"))
        elif kind == "end":
            mark = DayMark("end", _("end"), _("the last day of negotiation"))
        elif kind == "skipped":
            mark = DayMark("skip-day", _("day off"), _("a day off, not counted"))
        else:
            mark = DayMark(
                "past" if day < today else "counted",
                local_number(entry["n"]),
                _("day %(number)s of the count") % {"number": local_number(entry["n"])},
            )
        if day == today:
            mark = DayMark(f"{mark.kind} today", mark.small, _("%(mark)s, today") % {"mark": mark.label})
        found[day] = mark
    return found


def _by_month(days: list[date]) -> str:
    """‘18 days of Aban and 12 days of Azar’."""
    counts = Counter(to_jalali(day)[:2] for day in days)
    parts = [
        _("%(number)s days of %(month)s") % {"number": local_number(number), "month": month_name(month)}
        for (_year, month), number in sorted(counts.items())
    ]
    joined = parts[0]
    for part in parts[1:]:
        joined = _("%(first)s and %(second)s") % {"first": joined, "second": part}
    return joined


def _why(days: list[dict], day: date) -> str:
    off = next(entry["off"] for entry in days if entry["day"] == day.isoformat())
    if off == "weekend":
        return _("a %(weekday)s") % {"weekday": weekday_name(day)}
    return _("a day off (%(name)s)") % {"name": off}


def _short(day: date) -> str:
    return format_date(day, "short")


def _full(day: date) -> str:
    return format_date(day, "full")
