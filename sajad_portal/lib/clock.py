"""The one clock. The verdict on every deadline is the database's time, not a web host's.

Tests move time with `shifted(...)`; production refuses to start with an offset (settings.TEST_CLOCK_OFFSET).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import DateTimeField, Func

TEHRAN = ZoneInfo("Asia/Tehran")

_shift = timedelta()
_request = threading.local()


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
    now = as_told(at)
    if getattr(_request, "open", False):
        _request.reading = now
    return now


class DatabaseClock(Func):
    """The database's wall clock inside a query that is asked anyway; what it gave goes through `as_told`."""

    template = "clock_timestamp()"
    output_field = DateTimeField()

    def as_sqlite(self, compiler, connection, **context):
        return super().as_sql(compiler, connection, template="strftime('%%%%Y-%%%%m-%%%%d %%%%H:%%%%M:%%%%f', 'now')")


def as_told(at: datetime) -> datetime:
    """A reading of the database's clock as the portal tells the time: moved where a test moves it."""
    return at.astimezone(UTC) + timedelta(seconds=settings.TEST_CLOCK_OFFSET) + _shift


def last_reading() -> datetime | None:
    """What the clock said last while this request is answered; None where it was not asked yet, and outside a request.

    For what a page shows and filters by, so that all of it is as of one instant. A verb reads the clock under its lock.
    """
    return getattr(_request, "reading", None)


@contextmanager
def one_request() -> Iterator[None]:
    """Readings are remembered inside (`last_reading`), and nothing of them is left for whatever the thread does next."""
    _request.open, _request.reading = True, None
    try:
        yield
    finally:
        _request.open, _request.reading = False, None


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
