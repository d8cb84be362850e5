"""Threads that meet at one instant, without sleeping: they wait for what the database or a partner says."""

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.db import connection, connections

from reports.actions import locking
from reports.queries import reports_at
from sajad_portal.lib import clock
from sajad_portal.lib.errors import Refused

PATIENCE = 60  # seconds until a test that hangs says so


class Runner:
    """Threads with a database connection each; what they return or raise is kept in order."""

    def __init__(self):
        self.threads: list[threading.Thread] = []
        self.results: list = []

    def start(self, work: Callable, *args) -> threading.Thread:
        slot = len(self.results)
        self.results.append(None)

        def run():
            try:
                self.results[slot] = work(*args)
            except Refused as refusal:
                self.results[slot] = refusal
            except BaseException as error:  # shown by join
                self.results[slot] = error
            finally:
                connections.close_all()

        thread = threading.Thread(target=run, daemon=True)
        self.threads.append(thread)
        thread.start()
        return thread

    def join(self, patience: float = PATIENCE) -> list:
        for thread in self.threads:
            thread.join(patience)
            assert not thread.is_alive(), "a thread hangs"
        for result in self.results:
            if isinstance(result, BaseException) and not isinstance(result, Refused):
                raise result
        return self.results


def spin_until(condition: Callable[[], bool]) -> None:
    """Ask again until it is so; each question is a round trip to the database or a flag, so nothing sleeps."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return
    raise AssertionError("it never came true")


def spin_past(instant: datetime) -> None:
    spin_until(lambda: clock.database_now() >= instant)


def advisory_waiters() -> int:
    """How many sessions wait for a call's lock now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database "
            "WHERE locktype = 'advisory' AND NOT granted AND d.datname = current_database()"
        )
        return cursor.fetchone()[0]


@contextmanager
def without_locks(monkeypatch: pytest.MonkeyPatch):
    """The guard off: a submitter locks neither the call nor its report, and the closer does not hold the call."""

    def read_only(report, *, alone: bool = False):
        at = clock.database_now()
        return reports_at(at).get(pk=report.pk), at

    with monkeypatch.context() as patch:
        patch.setattr("reports.actions.submission.lock_report", read_only)
        patch.setattr("reports.actions.closing.hold_call", lambda call_id: None)
        yield


@contextmanager
def clock_read_before_the_wait(monkeypatch: pytest.MonkeyPatch):
    """The guard off: the verdict is the time at which a submitter began to wait, as `now()` of a transaction would be."""
    mine = threading.local()
    real_share, real_now = locking.share_call, clock.database_now

    def share(call_id: int) -> None:
        mine.at = real_now()
        real_share(call_id)

    with monkeypatch.context() as patch:
        patch.setattr(locking, "share_call", share)
        patch.setattr(locking, "database_now", lambda: getattr(mine, "at", None) or real_now())
        yield
