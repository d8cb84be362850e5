"""What was answered to a request that bears an Idempotency-Key: kept for a day, given again, never done twice.

No Event: what was done has its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused

from ..models import Client, ClientAnswer

KEPT_FOR = timedelta(hours=24)
# Whoever claimed a key and died answers no more: far longer than any request may take.
ABANDONED_AFTER = timedelta(minutes=2)


@dataclass(frozen=True)
class KeptAnswer:
    status: int
    headers: dict[str, str]
    body: str


def claim_answer(client: Client, key: str, request_sha256: str) -> KeptAnswer | None:
    """None: the caller answers this request, and then calls `keep_answer` or `drop_answer`. Else what was answered before.

    Refused (422) where the key stood on another request, (409) while the first is still being answered. The unique constraint is
    the race's judge: of any number of simultaneous ones, one row is made.
    """
    at = database_now()
    ClientAnswer.objects.filter(client=client, key=key).filter(at__lt=at - KEPT_FOR).delete()
    try:
        with transaction.atomic():
            ClientAnswer.objects.create(client=client, key=key, request_sha256=request_sha256, at=at)
    except IntegrityError:
        return _earlier(client, key, request_sha256, at)
    return None


def _earlier(client: Client, key: str, request_sha256: str, at: datetime) -> KeptAnswer | None:
    found = ClientAnswer.objects.filter(client=client, key=key).first()
    if found is not None and found.request_sha256 != request_sha256:
        raise Refused(
            _("This Idempotency-Key stood on another request. Take a new key for a new request."),
            code="key-used",
            status=422,
        )
    if found is not None and found.status:
        return KeptAnswer(found.status, found.headers, found.body)
    abandoned = ClientAnswer.objects.filter(client=client, key=key, status=0, at__lt=at - ABANDONED_AFTER)
    if abandoned.update(at=at) == 1:
        return None
    raise Refused(
        _("The first request with this Idempotency-Key is still being answered. Ask again in a moment."),
        code="in-progress",
    )


def keep_answer(client: Client, key: str, answer: KeptAnswer) -> None:
    rows = ClientAnswer.objects.filter(client=client, key=key, status=0)
    rows.update(status=answer.status, headers=answer.headers, body=answer.body)


def drop_answer(client: Client, key: str) -> None:
    """Nothing was done: the same request may be tried again under the same key."""
    ClientAnswer.objects.filter(client=client, key=key, status=0).delete()


def forget_old_answers() -> int:
    """Housekeeping: keys whose day is over."""
    return ClientAnswer.objects.filter(at__lt=database_now() - KEPT_FOR).delete()[0]
