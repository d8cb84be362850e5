"""When a dispute's month of negotiation ends, and how it was counted. Pure.

Filing is the notice. `30_clear_days`: neither the day of filing nor the day of action is counted, thirty whole days lie
between them. `jalali_month`: the same day of the next Jalali month, or that month's last day where it has none. A last
day on a weekend day or a holiday rolls on to the next working day; days off on the way are counted. Computed once, with
the calendar as it stands: what is decided later about a day changes the page's words, never the instant.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sajad_portal.lib.clock import end_of_day, tehran_date
from sajad_portal.lib.jalali import from_jalali, month_length, next_month, to_jalali

from ..enums import DisputeRule
from .workdays import ONE_DAY, WorkingCalendar, roll_forward

CLEAR_DAYS = 30
# How far ahead a calendar must reach to decide any dispute.
REACH = timedelta(days=120)


@dataclass(frozen=True)
class DisputeEnd:
    """`last_day`: negotiation goes on until its end. `final_at`: the first instant after it in Tehran (exclusive).

    `snapshot`: JSON-ready {"rule", "filed_on", "nominal", "last_day", "weekend", "days": [{"day", "kind", "n", "off"}]} with
    every day from filing to the last day; kind: filing | counted | skipped | end; n: its number among the counted days;
    off: `weekend`, a holiday's name, or nothing. Where the weekend changed on the way, "weeks" [{"starts", "weekend"}] too.
    """

    last_day: date
    final_at: datetime
    snapshot: dict


def compute(filed_at: datetime, rule: str, calendar: WorkingCalendar) -> DisputeEnd:
    """ValueError for a rule that is none of `DisputeRule`, or a calendar without working days."""
    filed_on = tehran_date(filed_at)
    nominal = _nominal(filed_on, DisputeRule(rule))
    last_day = roll_forward(nominal, calendar)
    days = []
    for number in range((last_day - filed_on).days + 1):
        day = filed_on + timedelta(days=number)
        kind = _kind(day, filed_on, nominal, last_day)
        days.append(
            {
                "day": day.isoformat(),
                "kind": kind,
                "n": number if kind == "counted" else None,
                "off": calendar.why_off(day),
            }
        )
    snapshot = {
        "rule": str(rule),
        "filed_on": filed_on.isoformat(),
        "nominal": nominal.isoformat(),
        "last_day": last_day.isoformat(),
        "weekend": sorted(calendar.weekend_on(filed_on)),
        "days": days,
    }
    changes = [week for week in calendar.later if filed_on < week.starts <= last_day]
    if changes:
        snapshot["weeks"] = [{"starts": w.starts.isoformat(), "weekend": sorted(w.weekend)} for w in changes]
    return DisputeEnd(last_day, end_of_day(last_day), snapshot)


def same_day_next_month(day: date) -> date:
    """The same day of the next Jalali month; that month's last day where it has none (31 Shahrivar → 30 Mehr)."""
    year, month, number = to_jalali(day)
    year, month = next_month(year, month)
    return from_jalali(year, month, min(number, month_length(year, month)))


def _nominal(filed_on: date, rule: DisputeRule) -> date:
    """The last day before the calendar is asked."""
    if rule == DisputeRule.CLEAR_DAYS:
        return filed_on + CLEAR_DAYS * ONE_DAY + ONE_DAY
    return same_day_next_month(filed_on)


def _kind(day: date, filed_on: date, nominal: date, last_day: date) -> str:
    if day == filed_on:
        return "filing"
    if day == last_day:
        return "end"
    return "counted" if day < nominal else "skipped"
