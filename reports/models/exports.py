"""Files that are made in the background: who asked for what, how far it is, where the file lies and until when."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sla.models import both_or_neither
from units.models import Person

from ..enums import ExportState
from .background import BackgroundWork


class Export(BackgroundWork):
    """One file for one person. Its state follows from its instants; its file is deleted once it has expired.

    `kind` names an entry of `rules.exports.EXPORT_KINDS`, `parameters` are what that needs. `scope`: the unit paths whose data
    went in ([""]: all); at download each must still be within the reach of the person. `fingerprint` is over kind,
    parameters and language: the same question asked twice while it is being made is one export.
    """

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=250)
    parameters = models.JSONField(default=dict)
    language = models.CharField(max_length=5)
    fingerprint = models.CharField(max_length=64)
    scope = models.JSONField(default=list)
    requested_by = models.ForeignKey(Person, models.CASCADE, related_name="exports")
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    file = models.FileField(upload_to="exports/", blank=True)
    name = models.CharField(max_length=200, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    # Neither made nor given up.
    OPEN = Q(ready_at__isnull=True, failed_at__isnull=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        constraints = [
            both_or_neither("export_ready_expires", "ready_at", "expires_at"),
            models.CheckConstraint(
                name="export_ready_or_failed", condition=Q(ready_at__isnull=True) | Q(failed_at__isnull=True)
            ),
            models.CheckConstraint(
                name="export_expires_later", condition=Q(ready_at__isnull=True) | Q(expires_at__gt=F("ready_at"))
            ),
            models.CheckConstraint(
                name="export_ready_has_file",
                condition=Q(ready_at__isnull=True) | Q(removed_at__isnull=False) | ~Q(file=""),
            ),
            models.UniqueConstraint(
                name="export_asked_once",
                fields=["requested_by", "fingerprint"],
                condition=Q(ready_at__isnull=True, failed_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(name="export_of_person", fields=["requested_by", "-requested_at"]),
            models.Index(
                name="export_to_make",
                fields=["requested_at"],
                condition=Q(ready_at__isnull=True, failed_at__isnull=True),
            ),
            models.Index(
                name="export_to_remove",
                fields=["expires_at"],
                condition=Q(ready_at__isnull=False, removed_at__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.title} ({self.key})"

    def state_at(self, at: datetime) -> ExportState:
        if self.failed_at:
            return ExportState.FAILED
        if self.ready_at and self.expires_at:  # both or neither: export_ready_expires
            return ExportState.EXPIRED if self.removed_at or at >= self.expires_at else ExportState.READY
        return ExportState.RUNNING if self.is_moving(at) else ExportState.WAITING

    @property
    def percent(self) -> int:
        return 100 if self.ready_at else min(99, self.done * 100 // self.total) if self.total else 0
