"""Advisory locks. On a call: submitters share it, whoever closes, extends or cancels holds it alone.

Advisory, not FOR SHARE: under a stream of submitters row locks starve the closer. On SQLite a write transaction is
alone from its start (transaction_mode IMMEDIATE), so there is nothing to take.

Whoever cannot have a lock at once waits for `lock_timeout` at most (waits.py). Of the threads of one process only
`LOCK_WAITERS` do: a lost holder once had every thread of every web server wait for one call, and nobody could sign in.
The others try for a moment. Who waited in vain is told so by `lib.refusals`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

CALL = 1405
TREE = 1406
SEAL = 1407
A_MOMENT = "300ms"  # longer than closing, extending or moving a unit usually takes

_places = threading.Lock()
_waiting = 0


def share_call(call_id: int) -> None:
    """Hold the call open for one submission, until the transaction ends."""
    _advisory("_shared", call_id)


def hold_call(call_id: int) -> None:
    """Hold the call alone: closing, extending, cancelling. Waits for submissions that are under way."""
    _advisory("", call_id)


def hold_tree() -> None:
    """Hold the tree of units alone: paths are computed from what stands above, so two moves at once could tie a knot."""
    _advisory("", 0, TREE)


def try_seal() -> bool:
    """Be the one sealer until the transaction ends, or not: nobody waits for it."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [SEAL])
        return bool(cursor.fetchone()[0])


def _advisory(kind: str, key: int, space: int = CALL) -> None:
    """Raises OperationalError (LockNotAvailable) where it waited in vain."""
    if not connection.in_atomic_block:
        raise RuntimeError("An advisory lock lives in a transaction.")
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock{kind}(%s, %s)", [space, key])
        if cursor.fetchone()[0]:
            return
        with _place_to_wait() as patient:
            if not patient:
                cursor.execute(f"SET LOCAL lock_timeout = '{A_MOMENT}'")
            cursor.execute(f"SELECT pg_advisory_xact_lock{kind}(%s, %s)", [space, key])
            if not patient:
                cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


@contextmanager
def _place_to_wait() -> Iterator[bool]:
    """Whether this thread may wait: not so many of its process do already."""
    global _waiting
    with _places:
        patient = _waiting < settings.LOCK_WAITERS
        _waiting += patient
    try:
        yield patient
    finally:
        with _places:
            _waiting -= patient
