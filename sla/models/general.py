"""General requests: what a unit asks of the provider by itself, the questions about it, and what was decided."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.errors import promised
from units.models import Membership, Person, Unit, who_acted

from ..enums import NOT_AS_ASKED, Decision, GeneralState
from .disputes import Dispute
from .querysets import GeneralRequestQuerySet
from .requests import ServiceRequest
from .services import RequestType
from .shared import ThreadFile, ThreadMessage, both_or_neither

S = GeneralState


class GeneralRequest(models.Model):
    """What a unit asks by one of the types of kind general. `request` (terms, price, clock) is opened when it is filed.

    `contest_days`: its type's when it was filed. `asked_at`: since when a question of the provider waits for the unit, and
    the clock stands still.
    """

    # Annotated by `with_status()`.
    status: str

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="general_requests")
    request_type = models.ForeignKey(RequestType, models.PROTECT, related_name="general_requests")
    request = models.OneToOneField(ServiceRequest, models.PROTECT, null=True, blank=True, related_name="general")
    state = models.CharField(max_length=10, choices=GeneralState.choices, default=S.DRAFT)
    reason = models.TextField(_("reason"), blank=True)
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    filed_at = models.DateTimeField(null=True, blank=True)
    filed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    contest_days = models.PositiveSmallIntegerField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    objects = GeneralRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("general request")
        constraints = [
            models.CheckConstraint(
                name="general_state_has_instants",
                condition=Q(state=S.DRAFT, filed_at__isnull=True, decided_at__isnull=True, withdrawn_at__isnull=True)
                | Q(state=S.FILED, filed_at__isnull=False, decided_at__isnull=True, withdrawn_at__isnull=True)
                | Q(state=S.DECIDED, filed_at__isnull=False, decided_at__isnull=False, withdrawn_at__isnull=True)
                | Q(state=S.WITHDRAWN, decided_at__isnull=True, withdrawn_at__isnull=False),
            ),
            both_or_neither("general_filed_whole", "filed_at", "filed_by", "membership", "request"),
            both_or_neither("general_withdrawn_by_somebody", "withdrawn_at", "withdrawn_by"),
            models.CheckConstraint(name="general_filed_has_reason", condition=Q(filed_at__isnull=True) | ~Q(reason="")),
            models.CheckConstraint(
                name="general_asked_while_filed", condition=Q(asked_at__isnull=True) | Q(state=S.FILED)
            ),
            models.CheckConstraint(
                name="general_in_order",
                condition=(Q(filed_at__isnull=True) | Q(filed_at__gte=F("drafted_at")))
                & (Q(decided_at__isnull=True) | Q(decided_at__gte=F("filed_at"))),
            ),
        ]
        indexes = [
            models.Index(name="general_of_unit", fields=["unit", "-id"]),
            models.Index(name="general_newest", fields=["-drafted_at", "-id"]),
            models.Index(name="general_to_decide", fields=["filed_at"], condition=Q(state=S.FILED)),
        ]

    def __str__(self):
        return f"{self.request_type}: {self.unit}"

    @property
    def who(self) -> str:
        """The name that stands under it, “X for Y” where a deputy acted."""
        return who_acted(self.filed_by, self.membership) if self.filed_by else self.drafted_by.get_full_name()

    @property
    def opened(self) -> ServiceRequest:
        """The service request of one that was filed."""
        return promised(self.request, "general_filed_whole")


class RequestDecision(models.Model):
    """What was decided: number 1 by the provider, a later one by an offer that ended a dispute. The last stands. Append-only.

    `contest_until` (exclusive): until when it may be contested, as it was told when it was decided; None: it may not.
    """

    general = models.ForeignKey(GeneralRequest, models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    decision = models.CharField(max_length=10, choices=Decision.choices)
    reason = models.TextField(_("reason"))
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    contest_until = models.DateTimeField(null=True, blank=True)
    dispute = models.OneToOneField(Dispute, models.PROTECT, null=True, blank=True, related_name="decision")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="decision_number_once", fields=["general", "number"]),
            models.CheckConstraint(name="decision_known", condition=Q(decision__in=Decision.values)),
            models.CheckConstraint(name="decision_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="decision_anew_by_agreement",
                condition=Q(number=1, dispute__isnull=True)
                | Q(number__gt=1, dispute__isnull=False, contest_until__isnull=True),
            ),
            models.CheckConstraint(
                name="decision_contested_afterwards",
                condition=Q(contest_until__isnull=True) | Q(contest_until__gt=F("at"), decision__in=NOT_AS_ASKED),
            ),
        ]

    def __str__(self):
        return f"{self.general_id}: {self.decision}"

    @property
    def who(self) -> str:
        """The name that stands under it, “X for Y” where a deputy acted."""
        return who_acted(self.by, self.membership)

    @property
    def contest_end(self) -> datetime:
        return promised(self.contest_until, "a decision that may be contested")


class RequestMessage(ThreadMessage):
    """A question of the provider, or what the unit wrote."""

    general = models.ForeignKey(GeneralRequest, models.PROTECT, related_name="messages")


class RequestFile(ThreadFile):
    """A file of the request itself, or of one message of its thread. One of a draft may be taken out again."""

    general = models.ForeignKey(GeneralRequest, models.PROTECT, related_name="files")
    message = models.ForeignKey(RequestMessage, models.PROTECT, null=True, blank=True, related_name="files")
    file = models.FileField(upload_to="requests/%Y/")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]


class RequestRoom(models.Model):
    """The room that the open requests of a unit have for files together, where somebody gave it more than every unit has.

    `reached_at`: since when a file found no room, until more is given.
    """

    unit = models.OneToOneField(Unit, models.PROTECT, primary_key=True, related_name="request_room")
    mb = models.PositiveIntegerField(null=True, blank=True)
    files = models.PositiveIntegerField(null=True, blank=True)
    reached_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            both_or_neither("request_room_given_whole", "mb", "files"),
            models.CheckConstraint(
                name="request_room_is_some", condition=Q(mb__isnull=True) | Q(mb__gt=0, files__gt=0)
            ),
        ]

    def __str__(self):
        return str(self.unit)
