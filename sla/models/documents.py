"""Documents of a service; the working calendar’s weeks and holidays."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.language import in_language
from units.models import Person

from ..enums import Slot
from .querysets import DocumentQuerySet
from .services import Service


class Document(models.Model):
    """A version of a document in one of the service's fixed slots. Published ones stay reachable for ever."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="documents")
    slot = models.CharField(_("slot"), max_length=20, choices=Slot.choices)
    number = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=200)
    file = models.FileField(_("file"), upload_to="documents/%Y/")
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        constraints = [models.UniqueConstraint(name="document_number_once", fields=["service", "slot", "number"])]

    def __str__(self):
        return f"{self.title} ({self.number})"

    @property
    def extension(self) -> str:
        return (self.file.name or "").rpartition(".")[2]


class WorkingWeek(models.Model):
    """From its day on the weekend and the working hours are these; of two for one day the later one counts. Append-only.

    Before the first of them the settings hold. `weekend`: Python's weekday numbers as digits, in order (`34`: Thursday, Friday).
    """

    starts = models.DateField(_("holds from"))
    weekend = models.CharField(_("weekend"), max_length=6, blank=True)
    opens = models.PositiveSmallIntegerField(_("from"))
    closes = models.PositiveSmallIntegerField(_("to"))
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("working week")
        ordering = ["starts", "id"]
        constraints = [
            models.CheckConstraint(
                name="working_hours_of_a_day", condition=Q(closes__lte=24) & Q(opens__lt=F("closes"))
            ),
            models.CheckConstraint(name="weekend_of_days", condition=Q(weekend__regex=r"^0?1?2?3?4?5?6?$")),
        ]

    def __str__(self):
        return f"{self.starts}: {self.opens}–{self.closes}"

    @property
    def days_off(self) -> list[int]:
        return [int(digit) for digit in self.weekend]

    @property
    def hours(self) -> tuple[int, int]:
        return self.opens, self.closes


class Holiday(models.Model):
    """A day on which no deadline ends. Seeded from the `holidays` package, edited by administrators with an audit trail."""

    day = models.DateField(_("day"), unique=True)
    title = models.CharField(_("title"), max_length=150)
    title_en = models.CharField(_("English title"), max_length=150, blank=True)
    source = models.CharField(
        max_length=20, choices=[("calendar", _("Official calendar")), ("closure", _("Announced closure"))]
    )
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("holiday")
        ordering = ["day"]

    def __str__(self):
        return f"{self.day} {self.title}"

    @property
    def title_here(self) -> str:
        return in_language(self.title, self.title_en)
