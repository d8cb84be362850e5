"""Counting tries: signing in, resetting a password, tracking, verifying. The count is in the database, so that it holds
over all web hosts and survives a cache that is lost.

No Event: a try is not a change, and the table is emptied by time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Max, Sum, Value, When
from django.utils.translation import gettext as _

from sajad_portal.lib import durations
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.language import current_language
from sajad_portal.lib.national_code import keyed_hash

from ..models import Throttle

FORGOTTEN_AFTER = timedelta(days=2)


@dataclass(frozen=True)
class Tally:
    """`count` tries out of `limit` in the window that ends at `until`; the last one that is allowed closes the door."""

    count: int
    limit: int
    at: datetime
    until: datetime
    window: timedelta

    @property
    def allowed(self) -> bool:
        return self.count <= self.limit

    @property
    def left(self) -> int:
        return max(0, self.limit - self.count)

    @property
    def wait(self) -> timedelta:
        return max(timedelta(), self.until - self.at)

    def insist(self) -> None:
        """Raises Refused (429) with the time to wait where the tries are used up."""
        if self.allowed:
            return
        language = current_language()
        raise Refused(
            _("There were too many tries from here. Wait %(wait)s and try again.")
            % {"wait": durations.span_words(max(self.wait, timedelta(minutes=1)), language)},
            code="too-many-tries",
            status=429,
        )


def throttle_key(kind: str, *parts: str) -> str:
    """A key for `count_attempt` that tells nothing to who reads the table: parts (a name, an address) are hashed."""
    return f"{kind}:{keyed_hash(chr(0).join(parts))}"


def count_attempt(key: str, limit: int, window: timedelta) -> Tally:
    """Count one more try under `key` (at most 100 characters) and say whether it is allowed.

    Of any number of simultaneous tries at most `limit` are allowed in one window. A window begins with its first try
    and begins anew with the last allowed one, so that the door stays closed for the whole `window`.
    RuntimeError inside a transaction: a rollback would forget the try.
    """
    with transaction.atomic(durable=True):
        at = (
            database_now()
        )  # refuses inside a transaction; each statement below commits by itself, so that tries see each other
    current = Throttle.objects.filter(key=key, window_starts_at__gt=at - window)
    newest = current.order_by("-window_starts_at").values("pk")[:1]
    last_allowed = When(count=limit - 1, then=Value(at))
    counted = Throttle.objects.filter(pk__in=list(newest.values_list("pk", flat=True))).update(
        count=F("count") + 1, window_starts_at=Case(last_allowed, default=F("window_starts_at"))
    )
    if not counted:
        # Two first tries at once make two rows; the sum below counts both.
        try:
            with transaction.atomic():
                Throttle.objects.create(key=key, window_starts_at=at, count=1)
        except IntegrityError:  # in the same microsecond, then
            Throttle.objects.filter(key=key, window_starts_at=at).update(count=F("count") + 1)
    found = current.aggregate(total=Sum("count"), newest=Max("window_starts_at"))
    return Tally(found["total"] or 1, limit, at, (found["newest"] or at) + window, window)


def give_back(key: str) -> None:
    """Take one try back: it was no failure."""
    newest = (
        Throttle.objects.filter(key=key, count__gt=0).order_by("-window_starts_at").values_list("pk", flat=True)[:1]
    )
    Throttle.objects.filter(pk__in=list(newest), count__gt=0).update(count=F("count") - 1)


def forget_attempts(key: str) -> None:
    """Forget all tries under the key: the right password was given."""
    Throttle.objects.filter(key=key).delete()


def forget_old_attempts() -> int:
    """Housekeeping: rows whose window is long over."""
    return Throttle.objects.filter(window_starts_at__lt=database_now() - FORGOTTEN_AFTER).delete()[0]
