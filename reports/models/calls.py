"""Calls: who is asked for what, from when to when, on which terms."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.periods import PeriodKind
from sla.models import AgreementVersion, Document, RequestType, TariffRow, both_or_neither
from units.models import Person

from ..enums import CallState
from .forms import FormVersion
from .querysets import CallQuerySet


class Call(models.Model):
    """Headquarters asks units for a report of one period. The window [opens_at, closes_at) is never the period.

    `audience`: {"subtree": unit id | null, "kinds": [...], "units": [ids]}; frozen into reports at publishing.
    """

    # Annotated by `with_phase(at)`.
    phase: str
    last_event: int | None  # annotated by the page of a call's progress

    title = models.CharField(_("title"), max_length=200)
    period_kind = models.CharField(_("period"), max_length=10, choices=PeriodKind.choices)
    period_code = models.CharField(_("period code"), max_length=20, db_index=True)
    period_starts = models.DateField()
    period_ends = models.DateField()
    form_version = models.ForeignKey(FormVersion, models.PROTECT, related_name="calls", verbose_name=_("form version"))
    agreement = models.ForeignKey(
        AgreementVersion, models.PROTECT, related_name="calls", verbose_name=_("agreement version")
    )
    request_type = models.ForeignKey(RequestType, models.PROTECT, related_name="calls", verbose_name=_("request type"))
    audience = models.JSONField(default=dict)
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    grace = models.DurationField(_("grace"), default=timedelta())
    correction_days = models.PositiveSmallIntegerField(_("days for correction"), default=5)
    correction_rounds = models.PositiveSmallIntegerField(_("rounds of correction"), default=2)
    objection_days = models.PositiveSmallIntegerField(_("days for objection"), default=10)
    review_until = models.DateTimeField(_("review until"))
    needs_sign_off = models.BooleanField(_("the head signs off"), default=True)
    reviewers_per_section = models.PositiveSmallIntegerField(_("reviewers a section"), default=1)
    # Who is ranked with whom (`queries/peers.py`): "all", "unit_kind", "unit_attribute:NAME"; "" leaves it to the form.
    peers = models.CharField(_("peers"), max_length=80, blank=True, default="", db_default="")
    # Room for evidence: of each unit, and of all together. Null: what the settings say (`queries/quotas.py`).
    unit_quota_mb = models.PositiveIntegerField(null=True, blank=True)
    unit_quota_files = models.PositiveIntegerField(null=True, blank=True)
    quota_mb = models.PositiveIntegerField(null=True, blank=True)
    quota_files = models.PositiveIntegerField(null=True, blank=True)
    # Whether units learn their reviewers' names, from the announcement on. Before it nobody in a unit's line does.
    shows_reviewers = models.BooleanField(_("reviewers’ names are shown to the unit"), default=False)
    price_rials = models.PositiveBigIntegerField(default=0)
    tariff = models.ForeignKey(TariffRow, models.PROTECT, null=True, blank=True, related_name="calls")
    state = models.CharField(max_length=10, choices=CallState.choices, default=CallState.DRAFT)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    closed_early_at = models.DateTimeField(null=True, blank=True)
    first_announced_at = models.DateTimeField(null=True, blank=True)
    opening_recorded_at = models.DateTimeField(null=True, blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints = [
            models.CheckConstraint(name="call_closes_after_opening", condition=Q(closes_at__gt=F("opens_at"))),
            models.CheckConstraint(name="call_period_in_order", condition=Q(period_ends__gte=F("period_starts"))),
            models.CheckConstraint(name="call_grace_not_negative", condition=Q(grace__gte=timedelta())),
            models.CheckConstraint(name="call_review_after_closing", condition=Q(review_until__gte=F("closes_at"))),
            models.CheckConstraint(
                name="call_draft_unpublished", condition=~Q(state=CallState.DRAFT) | Q(published_at__isnull=True)
            ),
            models.CheckConstraint(
                name="call_published_has_instant", condition=Q(state=CallState.DRAFT) | Q(published_at__isnull=False)
            ),
            models.CheckConstraint(
                name="call_cancelled_has_instant",
                condition=Q(state=CallState.CANCELLED, cancelled_at__isnull=False)
                | ~Q(state=CallState.CANCELLED) & Q(cancelled_at__isnull=True),
            ),
            both_or_neither("call_cancelled_by_somebody", "cancelled_at", "cancelled_by"),
        ]
        indexes = [models.Index(name="call_by_closing", fields=["state", "closes_at"])]

    def __str__(self):
        return self.title

    @property
    def service(self):
        return self.agreement.service


class CallDocument(models.Model):
    """A document version that publishing pinned: the rules of this call, for ever."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="pinned")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(name="pinned_once", fields=["call", "document"])]

    def __str__(self):
        return f"{self.call}: {self.document}"


class Snapshot(models.Model):
    """Completeness as it stood when last moments passed: who had submitted what, and who was still open. Append-only.

    `submitted`: [[tracking code, revision sha256], …]; `open`: [tracking code, …] of reports whose last moment lies later;
    `missed`: [tracking code, …].
    """

    call = models.ForeignKey(Call, models.PROTECT, related_name="snapshots")
    number = models.PositiveSmallIntegerField()
    as_of = models.DateTimeField()  # the last moment that it records
    taken_at = models.DateTimeField()
    submitted = models.JSONField()
    missed = models.JSONField()
    open = models.JSONField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(name="snapshot_number_once", fields=["call", "number"])]

    def __str__(self):
        return f"{self.call} {self.number}"
