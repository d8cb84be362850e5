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
    """A frozen version: the workbook as uploaded (the downloadable guide), the files beside it and what was read from them."""

    form = models.ForeignKey(Form, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=200)
    workbook = models.FileField(upload_to="forms/%Y/")
    workbook_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)  # of the workbook
    reader = models.PositiveSmallIntegerField()  # the edition that read it: xlsform.definition.READER
    # The workbook, the files beside it and the reader (`queries.terms.identity_of`): what is the same gives the same version.
    identity = models.CharField(max_length=64)
    definition = models.JSONField()  # xlsform.definition.FormDefinition.to_json()
    definition_sha256 = models.CharField(max_length=64)  # what a process keeps a definition by
    summary = models.JSONField()  # what `importform --json` prints
    indicator_count = models.PositiveSmallIntegerField()
    base = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="overlaid", verbose_name=_("laid over")
    )
    overlay = models.JSONField(
        default=dict, blank=True
    )  # {code: {attribute: text}} that a coordinator laid over `base`
    confirmed_at = models.DateTimeField(
        null=True, blank=True
    )  # usable; unsupported questions that matter were confirmed
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("form version")
        constraints = [
            models.UniqueConstraint(name="form_version_once", fields=["form", "number"]),
            models.UniqueConstraint(name="form_identity_once", fields=["form", "identity"]),
        ]

    def __str__(self):
        return f"{self.title} ({self.number})"


class FormFile(models.Model):
    """A file uploaded beside a workbook that names it: a list of choices, a table to look things up in, a picture. Versions of
    one form that have the same file name one copy of it in the store."""

    version = models.ForeignKey(FormVersion, models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    file = models.FileField(upload_to="forms/%Y/")
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(name="form_file_once", fields=["version", "name"])]

    def __str__(self):
        return self.name
