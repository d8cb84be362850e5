"""The service and its request types."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from units.models import Unit

from ..enums import Beginning, Nature, RequestKind
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
    nature = models.CharField(_("nature"), max_length=20, choices=Nature.choices, blank=True)
    begins_with = models.CharField(_("how it starts"), max_length=20, choices=Beginning.choices, blank=True)
    required_documents = models.TextField(_("required documents"), blank=True)  # one a line
    required_documents_en = models.TextField(blank=True)
    hours = models.CharField(_("hours"), max_length=200, blank=True)
    hours_en = models.CharField(max_length=200, blank=True)
    contact = models.CharField(_("telephone"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    address_en = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("service")
        constraints = [
            models.CheckConstraint(name="service_nature_known", condition=Q(nature__in=["", *Nature.values])),
            models.CheckConstraint(
                name="service_beginning_known", condition=Q(begins_with__in=["", *Beginning.values])
            ),
        ]

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

    @property
    def hours_here(self) -> str:
        return in_language(self.hours, self.hours_en)

    @property
    def address_here(self) -> str:
        return in_language(self.address, self.address_en)

    @property
    def papers_here(self) -> list[str]:
        """The required documents, one a line."""
        text = in_language(self.required_documents, self.required_documents_en)
        return [line.strip() for line in text.splitlines() if line.strip()]


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
