"""Disputes: thread, offers, positions."""

from datetime import datetime
from functools import cached_property

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.errors import promised
from units.models import Membership, Person, Unit, who_acted

from ..enums import SUBJECT_NAMES, DisputeRule, OfferState, Outcome, Side, Subject
from .agreements import AgreementVersion
from .querysets import DisputeQuerySet
from .requests import ServiceRequest
from .shared import ThreadFile, ThreadMessage


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
    # Who made what is contested, as it was at filing (the reviewers of a score): they may write and decide nothing.
    without_vote = models.ManyToManyField(Person, related_name="+", blank=True)

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

    @property
    def name(self) -> str:
        """What it is about, in the active language."""
        return SUBJECT_NAMES[Subject(self.subject)] % {"title": self.title}

    @property
    def end(self) -> datetime:
        """When a dispute with an outcome ended."""
        return promised(self.ended_at, "dispute_outcome_has_instant")

    @cached_property
    def voteless(self) -> frozenset[int]:
        """Ids of `without_vote`, which never changes: a page asks for them once."""
        return frozenset(self.without_vote.values_list("pk", flat=True))


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

    @property
    def who(self) -> str:
        """The name that stands under it, “X for Y” where a deputy acted."""
        return who_acted(self.by, self.membership)


class DisputeMessage(ThreadMessage):
    """What one side wrote about a dispute."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="messages")


class DisputeFile(ThreadFile):
    message = models.ForeignKey(DisputeMessage, models.PROTECT, related_name="files")
    file = models.FileField(upload_to="disputes/%Y/")


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
    membership = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+"
    )  # null: made before it was kept
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

    @property
    def who(self) -> str:
        """The name that stands under it, “X for Y” where a deputy acted."""
        return who_acted(self.by, self.membership)
