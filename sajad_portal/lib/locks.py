"""Advisory locks. On a call: submitters share it, whoever closes, extends or cancels holds it alone.

Advisory, not FOR SHARE: under a stream of submitters row locks starve the closer. On SQLite a write transaction is
alone from its start (transaction_mode IMMEDIATE), so there is nothing to take.
"""

from django.db import connection

CALL = 1405
TREE = 1406


def share_call(call_id: int) -> None:
    """Hold the call open for one submission, until the transaction ends."""
    _advisory("pg_advisory_xact_lock_shared", call_id)


def hold_call(call_id: int) -> None:
    """Hold the call alone: closing, extending, cancelling. Waits for submissions that are under way."""
    _advisory("pg_advisory_xact_lock", call_id)


def hold_tree() -> None:
    """Hold the tree of units alone: paths are computed from what stands above, so two moves at once could tie a knot."""
    _advisory("pg_advisory_xact_lock", 0, TREE)


def _advisory(function: str, key: int, space: int = CALL) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("An advisory lock lives in a transaction.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s, %s)", [space, key])
