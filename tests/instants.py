"""Instants as people name them."""

from datetime import datetime, timedelta

from sajad_portal.lib.clock import start_of_day
from sajad_portal.lib.jalali import from_jalali


def tehran(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    """A Jalali day and a time in Tehran."""
    return start_of_day(from_jalali(year, month, day)) + timedelta(hours=hour, minutes=minute)
