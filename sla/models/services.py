"""The service and its request types."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from units.models import Unit

from ..enums import RequestKind
from .shared import in_language


class Service(models.Model):
    """What the provider offers and on which page it stands (شناسنامهٔ خدمت)."""

    slug = models.SlugField(unique=True)
    code = models.CharField(_("service id"), max_length=20, unique=True)
    title = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    description = models.TextField(_("definition"))
    description_en = models.TextField(blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=[("G2G", "G2G"), ("G2B", "G2B"), ("G2C", "G2C")])
    provider = models.ForeignKey(Unit, models.PROTECT, related_name="services")
    recipients = models.CharField(_("recipients"), max_length=200)
    recipients_en = models.CharField(max_length=200, blank=True)
    window = models.CharField(_("single window"), max_length=100, default="my.saorg.ir")
    hours = models.CharField(_("hours"), max_length=200, blank=True)
    contact = models.CharField(_("contact"), max_length=200, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("service")

    def __str__(self):
        return self.title

    @property
    def title_here(self) -> str:
        return in_language(self.title, self.title_en)

    @property
    def description_here(self) -> str:
        return in_language(self.description, self.description_en)

    @property
    def recipients_here(self) -> str:
        return in_language(self.recipients, self.recipients_en)


class RequestType(models.Model):
    service = models.ForeignKey(Service, models.PROTECT, related_name="request_types")
    kind = models.CharField(max_length=20, choices=RequestKind.choices)
    code = models.SlugField()
    title = models.CharField(_("title"), max_length=150)
    title_en = models.CharField(max_length=150, blank=True)
    target_working_days = models.PositiveSmallIntegerField(_("target, working days"))

    class Meta:
        verbose_name = _("request type")
        constraints = [models.UniqueConstraint(name="request_type_once", fields=["service", "code"])]

    def __str__(self):
        return self.title

    @property
    def title_here(self) -> str:
        return in_language(self.title, self.title_en)
