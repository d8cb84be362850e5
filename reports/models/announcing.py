"""Orders to announce many results: who wants which ones announced, how far it is, and what was refused and why."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from units.models import Person

from ..enums import AnnouncedWhich, OrderState
from .background import BackgroundWork
from .calls import Call


class AnnouncementOrder(BackgroundWork):
    """One press of "announce all of these". `reports` are the ids that were confirmed, in the order in which they are
    announced: what becomes ready later is not among them. The first `done` of them are dealt with, in portions that each
    stand for themselves. `refused` [{report, unit, why}]: tracking code, name and reason of each that was not announced.
    """

    call = models.ForeignKey(Call, models.PROTECT, related_name="announcement_orders")
    which = models.CharField(max_length=10, choices=AnnouncedWhich.choices)
    reports = models.JSONField(default=list)
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    announced = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)
    ended_at = models.DateTimeField(null=True, blank=True)

    # Neither ended nor given up.
    OPEN = Q(ended_at__isnull=True, failed_at__isnull=True)

    class Meta:
        verbose_name = _("order to announce")
        verbose_name_plural = _("orders to announce")
        constraints = [
            models.CheckConstraint(
                name="announcing_ended_or_failed", condition=Q(ended_at__isnull=True) | Q(failed_at__isnull=True)
            ),
            models.CheckConstraint(
                name="announcing_ended_is_whole", condition=Q(ended_at__isnull=True) | Q(done=F("total"))
            ),
            models.CheckConstraint(
                name="announcing_counts", condition=Q(done__lte=F("total"), announced__lte=F("done"), total__gt=0)
            ),
            models.UniqueConstraint(
                name="announcing_ordered_once",
                fields=["call", "which"],
                condition=Q(ended_at__isnull=True, failed_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(name="announcing_of_call", fields=["call", "-requested_at"]),
            models.Index(
                name="announcing_to_do",
                fields=["requested_at"],
                condition=Q(ended_at__isnull=True, failed_at__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.call_id}: {self.which} ({self.key})"

    def state_at(self, at: datetime) -> OrderState:
        if self.failed_at:
            return OrderState.FAILED
        if self.ended_at:
            return OrderState.ENDED
        return OrderState.RUNNING if self.is_moving(at) else OrderState.WAITING

    @property
    def percent(self) -> int:
        return 100 if self.ended_at else min(99, self.done * 100 // self.total)
