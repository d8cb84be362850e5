"""The seal read: what it covers, what has changed under it, how old what it does not cover yet is."""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from django.db.models import F, Max, Model, QuerySet, Sum, Window
from django.db.models.functions import RowNumber, TruncDate

from sajad_portal.lib.canonical import canonical_json, row_digest, sha256_of
from sajad_portal.lib.clock import TEHRAN, start_of_day, tehran_date
from sla.models import Acceptance, DisputeMessage, LedgerEntry, Position
from units.models import Event

from ..enums import ReportVerb, SealedTable
from ..models import ResultVersion, Revision, Seal, Snapshot

LEAF = struct.Struct(">q32s")  # a row's id and its digest
CHUNK = 2000


@dataclass(frozen=True)
class Covered:
    """A sealed table and those of its columns that are sealed. Named one by one: a column that a later release adds was not in
    the rows that were sealed before it."""

    model: type[Model]
    columns: tuple[str, ...]

    def rows(self) -> QuerySet:
        return self.model._default_manager.order_by("pk")

    def digests(self, rows: QuerySet) -> Iterator[tuple[int, bytes]]:
        """(id, digest) of these rows, in the order given."""
        names = ("id", *self.columns)
        for values in rows.values_list(*names).iterator(chunk_size=CHUNK):
            yield values[0], row_digest(names, values)


def _covered(model: type[Model], columns: str) -> Covered:
    return Covered(model, tuple(columns.split()))


RESULTS = _covered(
    ResultVersion,
    "report_id number kind revision_id score total missed reason dispute_id prepared_at prepared_by_id announced_at announced_by_id "
    "membership_id verification_code sha256",
)
# Tables that only grow, so that what lies beyond the last id that was sealed is new.
GROWING: dict[str, Covered] = {
    SealedTable.EVENT: _covered(Event, "at verb noun key path unit_id call_id person_id membership_id data"),
    SealedTable.REVISION: _covered(
        Revision,
        "report_id number correction_round answers values evidence sha256 receipt_code submitted_at submitted_by_id membership_id "
        "standing deadline rule",
    ),
    SealedTable.SNAPSHOT: _covered(Snapshot, "call_id number as_of taken_at submitted missed open"),
    SealedTable.ACCEPTANCE: _covered(Acceptance, "agreement_id unit_id answer reason text_hash at by_id membership_id"),
    SealedTable.MESSAGE: _covered(DisputeMessage, "dispute_id side text at by_id membership_id"),
    SealedTable.POSITION: _covered(Position, "dispute_id number text act_noun act_key at by_id membership_id"),
    SealedTable.LEDGER: _covered(LedgerEntry, "request_id payment_id kind rials at by_id data"),
}


# ------------------------------------------------------------------------------------------------------------ the chain
def hash_of_seal(seal: Seal) -> str:
    """SHA-256, hex, over what the link says, the digest of its leaves and the hash of the link before it."""
    return sha256_of(
        canonical_json(
            {
                "number": seal.number,
                "table": str(seal.table),
                "rows": seal.rows,
                "last_id": seal.last_id,
                "leaves": hashlib.sha256(seal.leaves).hexdigest(),
                "said": seal.said,
                "previous": seal.previous,
                "at": seal.at.astimezone(UTC).isoformat(timespec="microseconds"),
            }
        )
    )


def last_seal() -> Seal | None:
    return Seal.objects.defer("leaves").last()


def sealed_up_to(table: str) -> int:
    """The last id of a growing table that is sealed; 0 for none."""
    return Seal.objects.filter(table=table).aggregate(last=Max("last_id"))["last"] or 0


def announced_in(events: QuerySet[Event]) -> QuerySet[ResultVersion]:
    """The result versions whose announcement these Events tell, in the order of their ids."""
    told = {
        (key, data.get("version"))
        for key, data in events.filter(noun="report", verb=ReportVerb.ANNOUNCE).values_list("key", "data")
    }
    versions = ResultVersion.objects.filter(report__tracking_code__in={key for key, _number in told})
    found = versions.filter(announced_at__isnull=False).values_list("pk", "report__tracking_code", "number")
    return ResultVersion.objects.filter(pk__in=[pk for pk, *name in found if tuple(name) in told]).order_by("pk")


# ----------------------------------------------------------------------------------------------------------- verifying
def broken_seals(published: Iterable[tuple[int, str]] = ()) -> Iterator[str]:
    """One line for each link that does not hold, each row that is not as it was sealed, and each `published` head (number, hash)
    that the chain does not have. Reads everything that is sealed."""
    yield from _broken_chain()
    for table, covered in GROWING.items():
        rows = covered.rows().filter(pk__lte=sealed_up_to(table))
        yield from _compared(table, _leaves(table), covered.digests(rows))
    # Ids of results do not come in the order of their announcements.
    sealed = sorted(_leaves(SealedTable.RESULT))
    waiting = announced_in(Event.objects.filter(pk__gt=sealed_up_to(SealedTable.EVENT))).values("pk")
    rows = ResultVersion.objects.filter(announced_at__isnull=False).exclude(pk__in=waiting).order_by("pk")
    yield from _compared(SealedTable.RESULT, iter(sealed), RESULTS.digests(rows))
    for number, head in published:
        if not Seal.objects.filter(number=number, sha256=head.lower()).exists():
            yield f"seal {number}: the published head {head} is not in the chain"


def _broken_chain() -> Iterator[str]:
    number, previous = 0, ""
    for seal in Seal.objects.order_by("number").iterator(chunk_size=100):
        number += 1
        if seal.number != number:
            yield f"seal {number}: gone"
            number = seal.number
        elif seal.previous != previous:
            yield f"seal {seal.number}: does not follow the one before it"
        if hash_of_seal(seal) != seal.sha256 or len(seal.leaves) != seal.rows * LEAF.size:
            yield f"seal {seal.number}: changed"
        previous = seal.sha256


def _leaves(table: str) -> Iterator[tuple[int, bytes]]:
    for seal in Seal.objects.filter(table=table).order_by("number").iterator(chunk_size=100):
        yield from LEAF.iter_unpack(bytes(seal.leaves)[: len(seal.leaves) // LEAF.size * LEAF.size])


def _compared(
    table: str, sealed: Iterator[tuple[int, bytes]], stored: Iterator[tuple[int, bytes]]
) -> Iterator[str]:  # fmt: skip
    """Both in the order of ids."""
    leaf, row = next(sealed, None), next(stored, None)
    while leaf or row:
        if leaf and (row is None or leaf[0] < row[0]):
            yield f"{table} {leaf[0]}: sealed, and gone"
            leaf = next(sealed, None)
        elif row and (leaf is None or row[0] < leaf[0]):
            yield f"{table} {row[0]}: not sealed where it stands, so put in later"
            row = next(stored, None)
        elif leaf and row:
            if leaf[1] != row[1]:
                yield f"{table} {row[0]}: not as it was sealed"
            leaf, row = next(sealed, None), next(stored, None)


# ------------------------------------------------------------------------------------------------------------- figures
@dataclass(frozen=True)
class SealFigures:
    """How far the seal reaches: links and rows under it, Events that are not, the instant of the oldest of those."""

    seals: int
    rows: int
    head: str
    waiting: int
    waiting_since: datetime | None


def seal_figures() -> SealFigures:
    waiting = Event.objects.filter(pk__gt=sealed_up_to(SealedTable.EVENT)).order_by("pk")
    oldest = waiting.values_list("at", flat=True).first()
    last = last_seal()
    rows = Seal.objects.aggregate(all=Sum("rows"))["all"] or 0
    return SealFigures(last.number if last else 0, rows, last.sha256 if last else "", waiting.count(), oldest)


def heads_of_days(days: int) -> list[tuple[Seal, list[Seal]]]:
    """The last link of each day (Tehran) that has one, of the last `days` up to the newest, newest first; with the restores told
    that day."""
    last = last_seal()
    if last is None:
        return []
    recent = Seal.objects.filter(at__gte=start_of_day(_day_of(last) - timedelta(days=days))).defer("leaves")
    place = Window(RowNumber(), partition_by=TruncDate("at", tzinfo=TEHRAN), order_by=F("number").desc())
    told = {day: list(group) for day, group in groupby(recent.filter(table=SealedTable.RESTORED), key=_day_of)}
    heads = recent.annotate(place=place).filter(place=1).order_by("-number")
    return [(head, told.get(_day_of(head), [])) for head in heads]


def _day_of(seal: Seal) -> date:
    return tehran_date(seal.at)
