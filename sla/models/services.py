"""The service, its request types, and their targets."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.language import in_language
from units.models import Person, Unit

from ..enums import SINGLE_KINDS, Beginning, Filers, Nature, RequestKind
from .shared import both_or_neither


class Service(models.Model):
    """What the provider offers and on which page it stands (شناسنامهٔ خدمت). Provider, slug and code never change."""

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
    window = models.CharField(_("single window"), max_length=100)
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
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("service")
        constraints = [
            both_or_neither("service_closed_by_somebody", "closed_at", "closed_by"),
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
    """What can be asked of a service. A service has at most one extension type and one objection type: the portal itself
    files by them. One in use is closed, never deleted.

    `target_working_days`: the target that it was made with; each later one is a `RequestTarget`, from its day on.
    `filers`, `needs_files`, `contest_days` are of general requests. `contest_days`: for how many days a refusal or a part
    grant may be contested; None: it may not.
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="request_types")
    kind = models.CharField(max_length=20, choices=RequestKind.choices)
    code = models.SlugField()
    title = models.CharField(_("title"), max_length=150)
    title_en = models.CharField(max_length=150, blank=True)
    description = models.TextField(_("description"), blank=True)
    description_en = models.TextField(blank=True)
    filers = models.CharField(_("who files"), max_length=10, choices=Filers.choices, default=Filers.HEADS)
    needs_files = models.BooleanField(_("files are required"), default=False)
    contest_days = models.PositiveSmallIntegerField(_("days to contest"), null=True, blank=True)
    target_working_days = models.PositiveSmallIntegerField(_("target, working days"))
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("request type")
        constraints = [
            models.UniqueConstraint(name="request_type_once", fields=["service", "code"]),
            models.UniqueConstraint(
                name="one_type_of_a_single_kind", fields=["service", "kind"], condition=Q(kind__in=SINGLE_KINDS)
            ),
            both_or_neither("request_type_closed_by_somebody", "closed_at", "closed_by"),
            models.CheckConstraint(name="request_type_filers_known", condition=Q(filers__in=Filers.values)),
            models.CheckConstraint(
                name="request_type_contest_is_a_time",
                condition=Q(contest_days__isnull=True) | Q(contest_days__gte=1, contest_days__lte=365),
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

    def target_on(self, day: date) -> int:
        """Working days to the answer for what is filed on that day. Reads `targets` (prefetch it for lists)."""
        holding = [target for target in self.targets.all() if target.starts <= day]
        return max(holding, key=lambda t: (t.starts, t.pk)).working_days if holding else self.target_working_days


class RequestTarget(models.Model):
    """From its day on what is filed has this target; of two for one day the later one counts. Append-only."""

    request_type = models.ForeignKey(RequestType, models.PROTECT, related_name="targets")
    working_days = models.PositiveSmallIntegerField(_("target, working days"))
    starts = models.DateField(_("holds from"))
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("target")
        ordering = ["starts", "id"]
        constraints = [models.CheckConstraint(name="target_is_a_time", condition=Q(working_days__gte=1))]

    def __str__(self):
        return f"{self.request_type}: {self.working_days}"
