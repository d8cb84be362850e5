"""The audit trail and the outbox: written in the transaction of the change they tell of."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils import translation

from sajad_portal.lib.doorbell import ring
from sajad_portal.lib.verbs import AnyVerb

from ..models import Event, Membership, Notice, Once, Person
from ..notices import Message, channels_of

# The program through which somebody acts now, as it stands in the data of what is recorded: {"id", "name"}.
_client: ContextVar[dict | None] = ContextVar("client", default=None)


@contextmanager
def through_client(client: dict) -> Iterator[None]:
    """Whatever is recorded inside is done by a person through this client, and says so."""
    token = _client.set(client)
    try:
        yield
    finally:
        _client.reset(token)


def _said(data: dict | None) -> dict:
    client = _client.get()
    return (data or {}) if client is None else {**(data or {}), "client": client}


def record(
    verb: AnyVerb,
    *,
    noun: str,
    key,
    at: datetime,
    by: Person | None,
    membership: Membership | None = None,
    path: str = "",
    unit_id: int | None = None,
    call_id: int | None = None,
    data: dict | None = None,
) -> Event:
    """Append one Event. `by=None` is the portal itself (a task). RuntimeError outside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("An event is written in the transaction of the change it tells of.")
    return Event.objects.create(
        verb=str(verb), noun=noun, key=str(key), at=at, person=by, membership=membership,
        path=path, unit_id=unit_id, call_id=call_id, data=_said(data),
    )  # fmt: skip


def claim_once(key: str, at: datetime) -> bool:
    """Whether this caller is the one who does `key`. A second worker, or a second run, gets False."""
    try:
        with transaction.atomic():
            Once.objects.create(key=key, at=at)
    except IntegrityError:
        return False
    return True


def record_many(events: Iterable[Event]) -> int:
    """Append unsaved Events of one bulk change (an import). RuntimeError outside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("An event is written in the transaction of the change it tells of.")
    events = list(events)
    for event in events:
        event.data = _said(event.data)
    return len(Event.objects.bulk_create(events, batch_size=500))


def tell(event: Event, messages: Iterable[Message]) -> int:
    """Put messages on the outbox: one row for each event × person × channel; a second call adds nothing.

    Nobody is told whose account is closed.
    """
    return tell_many([(event, messages)])


def tell_many(told: Iterable[tuple[Event, Iterable[Message]]]) -> int:
    """The same for the events of one bulk change, in as few statements as there are hundreds of rows."""
    said: dict[tuple[Callable, str], tuple[str, str]] = {}
    rows = [row for event, messages in told for row in _notices(event, messages, said)]
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    if any(row.urgent for row in rows):
        transaction.on_commit(_ring)
    return len(rows)


def _notices(
    event: Event, messages: Iterable[Message], said: dict[tuple[Callable, str], tuple[str, str]]
) -> list[Notice]:
    """`said` keeps what was said by {(words, language)}: messages may share their words, and one wording is made once."""
    rows, seen = [], set()
    for message in messages:
        for person in message.people:
            if person.pk in seen or not person.is_active:
                continue
            seen.add(person.pk)
            wording = (message.words, person.language)
            if wording not in said:
                with translation.override(person.language):
                    said[wording] = message.words()
            subject, body = said[wording]
            rows += [
                Notice(
                    event=event, person=person, channel=channel, subject=subject[:300], body=body,
                    url=message.url, urgent=message.urgent, created_at=event.at, next_attempt_at=event.at,
                )
                for channel in channels_of(person)
            ]  # fmt: skip
    return rows


def _ring() -> None:
    ring("units.tasks.send_notices")
