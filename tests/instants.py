"""Instants as people name them."""

from datetime import datetime, timedelta

from sajad_portal.lib.clock import TEHRAN, start_of_day
from sajad_portal.lib.jalali import from_jalali


def tehran(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    """A Jalali day and a time in Tehran."""
    return start_of_day(from_jalali(year, month, day)) + timedelta(hours=hour, minutes=minute)


def in_the_last_working_hour_before(instant: datetime) -> datetime:
    """Half a working hour before it, counted minute by minute: 8 to 16 o'clock, Thursdays and Fridays off."""
    at, minutes = instant, 0
    while minutes < 30:
        at -= timedelta(minutes=1)
        local = at.astimezone(TEHRAN)
        minutes += local.weekday() not in (3, 4) and 8 <= local.hour < 16
    return at
