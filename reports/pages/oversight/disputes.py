"""Disputes by outcome and age, and the provider's views that are overdue."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from sla.enums import DisputeStatus
from sla.models import Dispute
from sla.models.querysets import DisputeQuerySet

from .clocks import days_since
from .scope import Scope, Window

YOUNG = 10
AGES = (_("up to 10 days"), _("later, within the month"), _("after the month"))


@dataclass(frozen=True)
class DisputesByAge:
    """Disputes of one status: how many of each age (AGES), from filing to their end or until now."""

    status: str
    word: str
    ages: list[int]

    @property
    def total(self) -> int:
        return sum(self.ages)


def disputes_in(scope: Scope, window: Window, at: datetime) -> DisputeQuerySet:
    return Dispute.objects.with_status(at).filter(scope.of("unit__path", "agreement__service"), window.of("filed_at"))


def disputes_by_age(scope: Scope, window: Window, at: datetime) -> list[DisputesByAge]:
    """A row a status, in the order of a dispute's life."""
    counts: Counter = Counter()
    rows = disputes_in(scope, window, at).values_list("status", "filed_at", "ended_at", "final_at")
    for status, filed_at, ended_at, final_at in rows.iterator(chunk_size=2000):
        counts[status, column_of(filed_at, end_of(status, ended_at, final_at, at), final_at)] += 1
    return [
        DisputesByAge(status, str(label), [counts[status, place] for place in range(len(AGES))])
        for status, label in DisputeStatus.choices
    ]


def end_of(status: str, ended_at: datetime | None, final_at: datetime, at: datetime) -> datetime:
    """When the dispute ended, by time too; now, where it has not."""
    return ended_at or (final_at if status == DisputeStatus.FINAL else at)


def column_of(filed_at: datetime, end: datetime, final_at: datetime) -> int:
    """Its place among AGES. The month is the dispute's own: it rolls over days off."""
    return 2 if end > final_at else 0 if days_since(filed_at, end) <= YOUNG else 1


def overdue_positions(scope: Scope, at: datetime) -> DisputeQuerySet:
    """Whose month has passed while the provider stated no view: the longest overdue first."""
    found = Dispute.objects.with_status(at).filter(
        scope.of("unit__path", "agreement__service"), status=DisputeStatus.AWAITING_POSITION
    )
    return found.select_related("unit").order_by("final_at", "pk")
