"""The one clock. The verdict on every deadline is the database's time, not a web host's.

Tests move time with `shifted(...)`; production refuses to start with an offset (settings.TEST_CLOCK_OFFSET).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

TEHRAN = ZoneInfo("Asia/Tehran")

_shift = timedelta()


def database_now() -> datetime:
    """The database's wall clock as an aware UTC datetime (microseconds on PostgreSQL, milliseconds on SQLite).

    `clock_timestamp()`, not `now()`: inside a transaction `now()` is the transaction's start, which a submitter that
    waited for the lock carries past the deadline. Call it in a statement AFTER the lock is held.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            at = cursor.fetchone()[0].astimezone(UTC)
        else:
            cursor.execute("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")
            at = datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)
    return at + timedelta(seconds=settings.TEST_CLOCK_OFFSET) + _shift


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Move the clock of this process by `by` (tests only; shifts add up)."""
    global _shift
    if settings.PRODUCTION:
        raise RuntimeError("A production portal keeps the database's time.")
    _shift += by
    try:
        yield
    finally:
        _shift -= by


def start_of_day(day: date) -> datetime:
    """00:00 of that Gregorian day in Tehran: what a date that starts something means."""
    return datetime.combine(day, time.min, TEHRAN)


def end_of_day(day: date) -> datetime:
    """The first instant after that day in Tehran: what a date that ends something means (exclusive)."""
    return start_of_day(day + timedelta(days=1))


def tehran_date(at: datetime) -> date:
    """The Gregorian date in Tehran at that instant."""
    return at.astimezone(TEHRAN).date()


def last_day_before(end: datetime) -> date:
    """The last day, in Tehran, that an exclusive end instant still covers."""
    return tehran_date(end - timedelta(microseconds=1))
