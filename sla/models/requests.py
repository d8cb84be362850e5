"""Service requests with their clocks."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from units.models import Unit

from .agreements import AgreementVersion
from .services import RequestType
from .tariffs import TariffRow


class ServiceRequest(models.Model):
    """One request to the service: under which version, at which price, with which clock.

    `tariff`: the row that the frozen price comes from; None where the tables held none, which is free.

    `paid_at`: when the ledger took the fee; `bank_begun_at`/`bank_settled_at`: from when to when the attempt that paid it
    ran. Whether it spanned the report's deadline is for the last moment to say (`reports.rules.deadlines.last_moment`).
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="service_requests")
    request_type = models.ForeignKey(RequestType, models.PROTECT, related_name="requests")
    agreement = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="requests")
    # Of its type when it was opened: a later target moves nothing that was promised.
    target_working_days = models.PositiveSmallIntegerField()
    price_rials = models.PositiveBigIntegerField(default=0)
    tariff = models.ForeignKey(TariffRow, models.PROTECT, null=True, blank=True, related_name="requests")
    created_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    bank_begun_at = models.DateTimeField(null=True, blank=True)
    bank_settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("service request")
        constraints = [
            models.CheckConstraint(
                name="bank_settled_after_begun",
                condition=Q(bank_settled_at__isnull=True)
                | Q(bank_begun_at__isnull=False, bank_settled_at__gte=F("bank_begun_at")),
            ),
            models.CheckConstraint(
                name="request_stops_after_creation",
                condition=Q(stopped_at__isnull=True) | Q(stopped_at__gte=F("created_at")),
            ),
            models.CheckConstraint(
                name="request_free_is_never_paid", condition=Q(paid_at__isnull=True) | Q(price_rials__gt=0)
            ),
        ]

    def __str__(self):
        return f"{self.request_type} {self.pk}"

    @property
    def bank_span(self) -> tuple[datetime, datetime] | None:
        """From when to when the attempt that paid ran; None where none did (bank_settled_after_begun: never one alone)."""
        return (self.bank_begun_at, self.bank_settled_at) if self.bank_begun_at and self.bank_settled_at else None


class ClockInterval(models.Model):
    """A stretch [starts_at, ends_at) in which the provider's clock ran for a request. At most one is open."""

    request = models.ForeignKey(ServiceRequest, models.CASCADE, related_name="intervals")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(name="one_open_interval", fields=["request"], condition=Q(ends_at__isnull=True)),
            models.CheckConstraint(
                name="interval_ends_after_start", condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at"))
            ),
        ]

    def __str__(self):
        return f"{self.starts_at} – {self.ends_at}"
