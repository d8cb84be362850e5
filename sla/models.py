"""Under what terms: the service, its agreement, documents, working calendar, service requests and disputes."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from units.models import Membership, Person, Unit

from .enums import AgreementState, Answer, DisputeRule, OfferState, Outcome, RequestKind, Side, Slot, Subject
from .querysets import DisputeQuerySet, DocumentQuerySet
from .richtext import as_html


def both_or_neither(name: str, *fields: str) -> models.CheckConstraint:
    """All of the fields set, or none: who did it and when belong together."""
    none = Q(**{f"{f}__isnull": True for f in fields})
    every = Q(**{f"{f}__isnull": False for f in fields})
    return models.CheckConstraint(name=name, condition=none | every)


def in_language(persian: str, english: str) -> str:
    """The text of the page's language; Persian where no English one was written."""
    return english if english and not (get_language() or "fa").startswith("fa") else persian


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


class AgreementVersion(models.Model):
    """One version of the service-level agreement. Published ones are immutable; a published newer one supersedes it."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="agreement_versions")
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(max_length=10, choices=AgreementState.choices, default=AgreementState.DRAFT)
    edited_on = models.DateField(_("last edit"))
    dispute_rule = models.CharField(max_length=20, choices=DisputeRule.choices, default=DisputeRule.CLEAR_DAYS)
    text_hash = models.CharField(max_length=64, blank=True)  # SHA-256 over the sections, set at publishing
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("agreement version")
        constraints = [
            models.UniqueConstraint(name="agreement_number_once", fields=["service", "number"]),
            models.CheckConstraint(
                name="agreement_published_whole",
                condition=Q(state=AgreementState.DRAFT, published_at__isnull=True)
                | Q(state=AgreementState.PUBLISHED, published_at__isnull=False) & ~Q(text_hash=""),
            ),
        ]

    def __str__(self):
        return f"{self.service}، {self.number}"


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
        return self.file.name.rpartition(".")[2]


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


class ServiceRequest(models.Model):
    """One request to the service: under which version, at which price, with which clock.

    `bank_begun_at`/`bank_settled_at`: the attempt that spanned the report's deadline, if one did (DESIGN "Last moment").
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="service_requests")
    request_type = models.ForeignKey(RequestType, models.PROTECT, related_name="requests")
    agreement = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="requests")
    price_rials = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    bank_begun_at = models.DateTimeField(null=True, blank=True)
    bank_settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("service request")
        constraints = [
            models.CheckConstraint(
                name="bank_settled_after_begun",
                condition=Q(bank_settled_at__isnull=True)
                | Q(bank_begun_at__isnull=False, bank_settled_at__gte=F("bank_begun_at")),
            ),
            models.CheckConstraint(
                name="request_stops_after_creation",
                condition=Q(stopped_at__isnull=True) | Q(stopped_at__gte=F("created_at")),
            ),
        ]

    def __str__(self):
        return f"{self.request_type} {self.pk}"


class ClockInterval(models.Model):
    """A stretch [starts_at, ends_at) in which the provider's clock ran for a request. At most one is open."""

    request = models.ForeignKey(ServiceRequest, models.CASCADE, related_name="intervals")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(name="one_open_interval", fields=["request"], condition=Q(ends_at__isnull=True)),
            models.CheckConstraint(
                name="interval_ends_after_start", condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at"))
            ),
        ]

    def __str__(self):
        return f"{self.starts_at} – {self.ends_at}"


class Dispute(models.Model):
    """A difference over the agreement's interpretation or execution. `final_at` is computed once, at filing, and never moves.

    Subject noun and key name the contested act (a result version, a refusal, a return…) as plain columns.
    """

    # Annotated by `with_status(at)`.
    status: str

    request = models.OneToOneField(ServiceRequest, models.PROTECT, related_name="dispute")
    agreement = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="disputes")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="disputes")
    subject = models.CharField(max_length=20, choices=Subject.choices)
    subject_noun = models.CharField(max_length=40)
    subject_key = models.CharField(max_length=80)
    call_id = models.BigIntegerField(null=True, blank=True)
    title = models.CharField(_("title"), max_length=200)
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    filed_side = models.CharField(max_length=10, choices=Side.choices)
    rule = models.CharField(max_length=20, choices=DisputeRule.choices)
    last_day = models.DateField()
    final_at = models.DateTimeField()
    calendar = models.JSONField()  # what was counted and what was not, as it stood at filing
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(null=True, blank=True)  # when the portal recorded the end by time, and told both
    overdue_told_at = models.DateTimeField(null=True, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        constraints = [
            models.UniqueConstraint(
                name="one_open_dispute_a_subject",
                fields=["subject", "subject_noun", "subject_key", "unit"],
                condition=Q(outcome=""),
            ),
            models.CheckConstraint(name="dispute_ends_after_filing", condition=Q(final_at__gt=F("filed_at"))),
            models.CheckConstraint(
                name="dispute_outcome_has_instant",
                condition=Q(outcome="", ended_at__isnull=True) | ~Q(outcome="") & Q(ended_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="dispute_open_by_end", fields=["final_at"], condition=Q(outcome=""))]

    def __str__(self):
        return self.title


class Position(models.Model):
    """The provider's standing view. Number 0 is the contested act itself; interpretation starts with none. Append-only."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="positions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    act_noun = models.CharField(max_length=40, blank=True)
    act_key = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(name="position_number_once", fields=["dispute", "number"])]

    def __str__(self):
        return self.text[:60]


class DisputeMessage(models.Model):
    """What one side wrote; it stays as written. Append-only."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="messages")
    side = models.CharField(max_length=10, choices=Side.choices)
    text = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.text[:60]


class DisputeFile(models.Model):
    message = models.ForeignKey(DisputeMessage, models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    file = models.FileField(upload_to="disputes/%Y/")
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    def __str__(self):
        return self.name

    @property
    def extension(self) -> str:
        return self.name.rpartition(".")[2]


class Offer(models.Model):
    """What one side proposes and the other accepts or declines. An offer over a result names a prepared result version."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="offers")
    number = models.PositiveSmallIntegerField()
    side = models.CharField(max_length=10, choices=Side.choices)
    text = models.TextField()
    act_noun = models.CharField(max_length=40, blank=True)
    act_key = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=10, choices=OfferState.choices, default=OfferState.OPEN)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    reply = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="offer_number_once", fields=["dispute", "number"]),
            models.UniqueConstraint(
                name="one_open_offer_a_side", fields=["dispute", "side"], condition=Q(state=OfferState.OPEN)
            ),
            models.CheckConstraint(
                name="offer_decided_has_instant",
                condition=Q(state=OfferState.OPEN, decided_at__isnull=True)
                | ~Q(state=OfferState.OPEN) & Q(decided_at__isnull=False),
            ),
        ]

    def __str__(self):
        return self.text[:60]
