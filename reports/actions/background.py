"""Parts of the verbs that work in the background: claiming an order, showing that one is alive, giving it up.

A worker may die, a message may be lost, two workers may wake at once: the row is the order, `beat_at` with `attempts` is
the claim, and a claim that was lost writes nothing.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from sajad_portal.lib.clock import database_now

from ..models.background import DEAD_AFTER, BackgroundWork

BEAT_EVERY = timedelta(seconds=2)


class ClaimLost(Exception):
    """Another worker has this order now."""


def due_orders(model: type[BackgroundWork], at: datetime) -> QuerySet:
    """The orders that are in nobody's hands, or in those of a worker that is taken for dead."""
    free = Q(beat_at__isnull=True) | Q(beat_at__lte=at - DEAD_AFTER)
    return model._default_manager.filter(model.OPEN).filter(free)


def claim_order(model: type[BackgroundWork], pk: int) -> bool:
    """Whether this worker has the order now. The conditional UPDATE is the claim: a second worker changes 0 rows."""
    at = database_now()
    return due_orders(model, at).filter(pk=pk).update(beat_at=at, attempts=F("attempts") + 1) == 1


def claimed_order(order: BackgroundWork) -> QuerySet:
    """The order's row, as long as it is this worker's: whoever took over has raised `attempts`."""
    model = type(order)
    return model._default_manager.filter(model.OPEN, pk=order.pk, attempts=order.attempts)


class Beats:
    """Progress of one making: a row every two seconds at most, and the end of it where the claim is lost."""

    def __init__(self, order: BackgroundWork, at: datetime):
        self.order, self.last = order, at

    def __call__(self, done: int, total: int) -> None:
        at = database_now()
        if done < total and at - self.last < BEAT_EVERY and done:
            return
        if claimed_order(self.order).update(done=done, total=total, beat_at=at) != 1:
            raise ClaimLost(self.order.key)
        self.last = at
