"""What became of the open matters of a unit that has ended."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .querysets import SuccessionQuerySet


class Succession(models.Model):
    """Who acts on what a retired unit left open in one call: from `at` until `ended_at` the people of `successor`, beside
    whoever still has a seat on the unit itself; nobody else where `successor` is empty, which is a decision too.

    `call_id` None: what belongs to no call (a dispute over the agreement's meaning). The matter keeps its unit; a chain of
    mergers ends one row and begins another.
    """

    unit = models.ForeignKey("units.Unit", models.PROTECT, related_name="successions")
    call_id = models.BigIntegerField(null=True, blank=True)
    successor = models.ForeignKey("units.Unit", models.PROTECT, null=True, blank=True, related_name="inherited")
    reason = models.CharField(_("reason"), max_length=500)
    at = models.DateTimeField()
    by = models.ForeignKey("units.Person", models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SuccessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("succession")
        constraints = [
            models.CheckConstraint(
                name="succession_to_another_unit", condition=Q(successor__isnull=True) | ~Q(successor=F("unit"))
            ),
            models.CheckConstraint(name="succession_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="succession_ends_after_start", condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("at"))
            ),
            models.UniqueConstraint(
                name="one_succession_a_unit_and_call",
                fields=["unit", "call_id"],
                condition=Q(ended_at__isnull=True, call_id__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_succession_outside_calls",
                fields=["unit"],
                condition=Q(ended_at__isnull=True, call_id__isnull=True),
            ),
        ]
        indexes = [
            models.Index(name="succession_of_successor", fields=["successor"], condition=Q(ended_at__isnull=True))
        ]

    def __str__(self):
        return f"{self.unit_id} → {self.successor_id} ({self.call_id})"
