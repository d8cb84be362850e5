"""Agreement versions, their sections, and what heads answered."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.language import in_language
from units.models import Membership, Person, Unit, who_acted

from ..enums import AgreementState, Answer, DisputeRule
from ..text.richtext import as_html
from .headers import HEADER_FIELDS, Header
from .querysets import AgreementQuerySet
from .services import Service

# What a published version cannot be without.
_HEADER_SAID = ~Q(service_title="") & ~Q(definition="") & ~Q(recipients="") & ~Q(provider_name="") & ~Q(window="")


class AgreementVersion(models.Model):
    """One version of the service-level agreement. Published ones are immutable; a published newer one supersedes it.

    The columns of the header clause are empty in a draft and frozen at publishing: `header` reads either.
    """

    # Annotated by `with_status()`.
    status: str

    service = models.ForeignKey(Service, models.PROTECT, related_name="agreement_versions")
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(max_length=10, choices=AgreementState.choices, default=AgreementState.DRAFT)
    edited_on = models.DateField(_("last edit"))
    dispute_rule = models.CharField(max_length=20, choices=DisputeRule.choices, default=DisputeRule.CLEAR_DAYS)
    service_title = models.CharField(max_length=200, blank=True)
    service_title_en = models.CharField(max_length=200, blank=True)
    definition = models.TextField(blank=True)
    definition_en = models.TextField(blank=True)
    recipients = models.CharField(max_length=200, blank=True)
    recipients_en = models.CharField(max_length=200, blank=True)
    provider_name = models.CharField(max_length=200, blank=True)
    provider_name_en = models.CharField(max_length=200, blank=True)
    window = models.CharField(max_length=100, blank=True)
    text_hash = models.CharField(
        max_length=64, blank=True
    )  # SHA-256 of the whole text (sla.text.canonical), at publishing
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement version")
        constraints = [
            models.UniqueConstraint(name="agreement_number_once", fields=["service", "number"]),
            models.CheckConstraint(
                name="agreement_published_whole",
                condition=Q(state=AgreementState.DRAFT, published_at__isnull=True)
                | Q(state=AgreementState.PUBLISHED, published_at__isnull=False) & ~Q(text_hash=""),
            ),
            models.CheckConstraint(
                name="agreement_header_frozen",
                condition=Q(state=AgreementState.DRAFT, **dict.fromkeys(HEADER_FIELDS, ""))
                | Q(state=AgreementState.PUBLISHED) & _HEADER_SAID,
            ),
        ]

    def __str__(self):
        return f"{self.service}، {self.number}"

    @property
    def header(self) -> Header:
        """What the agreement is about: the version's own once published, the service's card while it is a draft."""
        return Header.kept(self) if self.state == AgreementState.PUBLISHED else Header.of(self.service)


class AgreementSection(models.Model):
    """A keyed section; its body is sanitised rich text."""

    agreement = models.ForeignKey(AgreementVersion, models.CASCADE, related_name="sections")
    key = models.SlugField()
    position = models.PositiveSmallIntegerField()
    heading = models.CharField(max_length=150)
    body = models.TextField()
    heading_en = models.CharField(max_length=150, blank=True)
    body_en = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="section_key_once", fields=["agreement", "key"]),
            models.UniqueConstraint(name="section_position_once", fields=["agreement", "position"]),
        ]

    def __str__(self):
        return self.heading

    @property
    def heading_here(self) -> str:
        return in_language(self.heading, self.heading_en)

    @property
    def html(self):
        """The body in the page's language, as markup that is safe to print."""
        return as_html(in_language(self.body, self.body_en))


class Acceptance(models.Model):
    """A head's answer to one version, over the hash of its text, for the unit; it survives the head. Append-only."""

    agreement = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="acceptances")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="acceptances")
    answer = models.CharField(max_length=10, choices=Answer.choices)
    reason = models.TextField(blank=True)
    text_hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("acceptance")
        constraints = [
            models.UniqueConstraint(
                name="accepted_once", fields=["agreement", "unit"], condition=Q(answer=Answer.ACCEPTED)
            ),
            models.CheckConstraint(name="refusal_has_reason", condition=Q(answer=Answer.ACCEPTED) | ~Q(reason="")),
        ]

    def __str__(self):
        return f"{self.unit}: {self.get_answer_display()}"

    @property
    def who(self) -> str:
        """The name that stands under it, “X for Y” where a deputy acted."""
        return who_acted(self.by, self.membership)
