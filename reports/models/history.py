"""Figures of periods before the portal, brought in from a file: what trends show before there are reports of their own."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sla.models import Service
from units.models import Person, Unit


class HistoryFile(models.Model):
    """A file of figures of a service. The newest one stands; what it replaced is kept with its figures."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="history_files")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    figures = models.PositiveIntegerField()
    brought_at = models.DateTimeField()
    brought_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("file of earlier figures")
        verbose_name_plural = _("files of earlier figures")
        constraints = [
            models.UniqueConstraint(
                name="history_one_stands", fields=["service"], condition=Q(replaced_at__isnull=True)
            ),
        ]

    def __str__(self):
        return f"{self.service_id}: {self.name}"


class HistoryFigure(models.Model):
    """What one indicator of one unit was in one period; `value` is the canonical text of a number."""

    file = models.ForeignKey(HistoryFile, models.CASCADE, related_name="lines", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    indicator = models.CharField(max_length=255)
    period_kind = models.CharField(max_length=10)
    period_code = models.CharField(max_length=20)
    period_starts = models.DateField()
    period_ends = models.DateField()
    value = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("earlier figure")
        verbose_name_plural = _("earlier figures")
        constraints = [
            models.UniqueConstraint(name="history_figure_once", fields=["file", "unit", "indicator", "period_code"]),
        ]
        indexes = [models.Index(name="history_of_unit", fields=["unit", "period_starts"])]

    def __str__(self):
        return f"{self.unit_id}/{self.indicator}/{self.period_code}"
