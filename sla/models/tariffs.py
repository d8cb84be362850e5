"""Tariffs: what a request costs in a Jalali fiscal year, by the tables of the annual budget."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from units.models import Person

from .services import RequestType, Service


class TariffTable(models.Model):
    """One version of a service's tariffs of a Jalali fiscal year; the highest number is in force. Append-only.

    `sha256` is that of the file it was read from.
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="tariff_tables")
    year = models.PositiveSmallIntegerField(_("fiscal year"))
    number = models.PositiveSmallIntegerField(_("version"))
    source_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("tariff table")
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(name="tariff_number_once", fields=["service", "year", "number"]),
            models.CheckConstraint(name="tariff_year_is_jalali", condition=Q(year__gte=1300, year__lte=1500)),
        ]

    def __str__(self):
        return f"{self.year}/{self.number}"


class TariffRow(models.Model):
    """What one type of request costs by one table. Zero is free, like no row at all. Append-only.

    `line`: the row of the file it stood in (the header is 1).
    """

    table = models.ForeignKey(TariffTable, models.PROTECT, related_name="rows")
    request_type = models.ForeignKey(RequestType, models.PROTECT, related_name="tariffs")
    rials = models.PositiveBigIntegerField(_("rials"))
    deposit_id = models.CharField(_("deposit id"), max_length=30, blank=True)
    line = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("tariff")
        ordering = ["line"]
        constraints = [models.UniqueConstraint(name="one_tariff_a_request_type", fields=["table", "request_type"])]

    def __str__(self):
        return f"{self.table}: {self.request_type} {self.rials}"
