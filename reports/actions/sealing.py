"""Sealing: the rows that only grow get a link of the chain each few minutes, by one sealer, outside the verbs' transactions."""

import time
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.core.mail import get_connection
from django.db import connection, transaction
from django.db.models import Max

from sajad_portal.lib.clock import database_now, start_of_day, tehran_date
from sajad_portal.lib.locks import try_seal
from units.actions.events import claim_once
from units.models import Once

from ..enums import SealedTable
from ..models import Seal
from ..notices.seals import head_mail
from ..queries.seals import GROWING, LEAF, RESULTS, announced_in, hash_of_seal, last_seal, sealed_up_to

ROWS_A_SEAL = 1000
PATIENCE = 20.0  # seconds for writers under way to end; the next sweep comes in minutes


def seal_rows() -> int:
    """Seal what has been written since; how many rows. 0 where another sealer is at work, or writers do not come to an end."""
    settled = _settled_ids()
    return sum(sum(_seal_table(table, last)) for table, last in settled.items())


def _settled_ids() -> dict[str, int]:
    """{table: id}: up to it no row will come any more. {} where that could not be waited for.

    Ids are drawn before their transaction commits, so a smaller one may come after a larger. Who inserts holds the table's
    lock from before the id is drawn until the commit: when everybody who held one after we had read the last ids is gone,
    nothing below those is still to come. On SQLite who writes is alone.
    """
    last = {table: covered.rows().aggregate(last=Max("pk"))["last"] or 0 for table, covered in GROWING.items()}
    if connection.vendor != "postgresql":
        return last
    writers, until = _writers(), time.monotonic() + PATIENCE
    while writers & _writers():
        if time.monotonic() > until:
            return {}
        time.sleep(0.1)
    return last


def _writers() -> set[tuple[int, str]]:
    """(process, transaction) of everybody else who may have inserted into a sealed table and has not ended."""
    names = [covered.model._meta.db_table for covered in GROWING.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND relation IN (SELECT name::regclass FROM unnest(%s::text[]) name) AND pid <> pg_backend_pid()",
            [names],
        )
        return set(cursor.fetchall())


def _seal_table(table: str, last: int) -> Iterator[int]:
    """Link by link up to `last`; the rows of each."""
    while sealed := _seal_portion(table, last):
        yield sealed


@transaction.atomic
def _seal_portion(table: str, last: int) -> int:
    if not try_seal():
        return 0
    covered, after = GROWING[table], sealed_up_to(table)
    rows = covered.rows().filter(pk__gt=after, pk__lte=last)
    leaves = list(islice(covered.digests(rows), ROWS_A_SEAL))
    if not leaves:
        return 0
    _append(table, leaves, leaves[-1][0])
    if table == SealedTable.EVENT:
        announced = list(RESULTS.digests(announced_in(rows.filter(pk__lte=leaves[-1][0]))))
        if announced:
            _append(SealedTable.RESULT, announced, announced[-1][0])
    return len(leaves)


def _append(table: str, leaves: list[tuple[int, bytes]], last_id: int, said: dict | None = None) -> Seal:
    previous = last_seal()
    seal = Seal(
        number=previous.number + 1 if previous else 1,
        table=table,
        rows=len(leaves),
        last_id=last_id,
        leaves=b"".join(LEAF.pack(*leaf) for leaf in leaves),
        said=said or {},
        previous=previous.sha256 if previous else "",
        at=database_now(),
    )
    seal.sha256 = hash_of_seal(seal)
    seal.save(force_insert=True)
    return seal


@transaction.atomic
def seal_restore(*, source: str, published: int) -> Seal:
    """Tell in the chain that this database was restored: `source` says from which backup, `published` is the number of the last
    head that was made public before. Links of that number that the backup does not have are missing for good.
    """
    if not try_seal():
        raise RuntimeError("Another sealer is at work. Try again in a moment.")
    last = last_seal()
    missing = max(0, published - (last.number if last else 0))
    return _append(SealedTable.RESTORED, [], 0, {"from": source, "published": published, "missing": missing})


def mail_head() -> int:
    """Once a day, to the addresses of `SEAL_MAIL_TO`: yesterday's head. How many mails left; a failure is tried again.

    Whoever rewrites the database afterwards cannot rewrite these mails.
    """
    at = database_now()
    head = _head_before(start_of_day(tehran_date(at)))
    if head is None or not settings.SEAL_MAIL_TO:
        return 0
    key = f"seal-mail:{tehran_date(at)}"
    if not claim_once(key, at):
        return 0
    try:
        return get_connection().send_messages([head_mail(head, address) for address in settings.SEAL_MAIL_TO]) or 0
    except Exception:
        Once.objects.filter(key=key).delete()  # the next sweep tries again
        raise


def _head_before(at: datetime) -> Seal | None:
    return Seal.objects.filter(at__lt=at).defer("leaves").last()
