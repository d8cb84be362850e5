"""Forms: an XLSForm workbook, parsed once and frozen as a version."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from units.models import Person


class Form(models.Model):
    code = models.CharField(_("form id"), max_length=100, unique=True)
    title = models.CharField(_("title"), max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("form")

    def __str__(self):
        return self.title


class FormVersion(models.Model):
    """A frozen version: the workbook as uploaded (the downloadable guide) and what was read from it."""

    form = models.ForeignKey(Form, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=200)
    workbook = models.FileField(upload_to="forms/%Y/")
    workbook_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    definition = models.JSONField()  # xlsform.definition.FormDefinition.to_json()
    summary = models.JSONField()  # what `importform --json` prints
    indicator_count = models.PositiveSmallIntegerField()
    confirmed_at = models.DateTimeField(
        null=True, blank=True
    )  # usable; unsupported questions that matter were confirmed
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("form version")
        constraints = [
            models.UniqueConstraint(name="form_version_once", fields=["form", "number"]),
            models.UniqueConstraint(name="form_workbook_once", fields=["form", "sha256"]),
        ]

    def __str__(self):
        return f"{self.title} ({self.number})"
