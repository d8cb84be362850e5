"""What has been kept long enough is removed, and an Event says how much of what."""

from django.db import transaction

from sajad_portal.lib.clock import database_now
from sla.actions.client_answers import forget_old_answers
from sla.actions.webhooks import forget_old_messages
from units.actions.events import record
from units.enums import KeepingVerb

from ..queries.keeping import PASSING, Passing

AT_ONCE = 2000  # rows a transaction: nobody waits for a lock of it
MOST = 100_000  # rows of one table a sweep; the next one goes on


def remove_passed() -> int:
    """A sweep: remove the rows of `PASSING` whose days are over, and what was kept for programs; how many. It may run twice, late or never: each portion and
    the Event that tells of it are one transaction."""
    return sum(_remove(passing) for passing in PASSING) + forget_old_answers() + forget_old_messages()


def _remove(passing: Passing) -> int:
    removed = 0
    while removed < MOST and (portion := _remove_portion(passing)):
        removed += portion
    return removed


@transaction.atomic
def _remove_portion(passing: Passing) -> int:
    at = database_now()
    due = passing.due(at).order_by("pk").values_list("pk", flat=True)
    rows = passing.model._default_manager.filter(pk__in=list(due[:AT_ONCE]))
    _all, removed = rows.delete()
    count = removed.get(passing.model._meta.label, 0)
    if count:
        record(
            KeepingVerb.REMOVE_PASSED, noun="keeping", key=passing.model._meta.db_table, at=at, by=None,
            data={"rows": count, "days": passing.days},
        )  # fmt: skip
    return count
