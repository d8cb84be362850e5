"""Programs of other agencies: their tokens, the terms that they accepted, the seats that people lent them, what they are told."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from units.models import Event, Membership, Person, Unit

from ..enums import ClientState
from .documents import Document
from .services import Service
from .shared import both_or_neither


class Client(models.Model):
    """A program that asks the portal in the name of people who bound it to a seat of theirs. Of itself it may do nothing.

    The token is shown once; stored is a hash of it, and the beginning by which it is found (`prefix`, which is no secret).
    `scopes`: values of `ClientScope`.
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="clients")
    name = models.CharField(_("name"), max_length=150)
    # Whose program it is: a unit of the portal, or an organisation that is none.
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.CharField(_("organization"), max_length=200, blank=True)
    scopes = models.JSONField(default=list)
    # Where `queries.clients.with_seats` has fetched them: the seats for which it acts now.
    in_force: "list[ClientSeat]"

    prefix = models.CharField(max_length=12, unique=True)
    token_hash = models.CharField(max_length=64)
    token_made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("program")
        constraints = [
            models.CheckConstraint(name="client_expires_after_start", condition=Q(expires_at__gt=F("created_at"))),
            models.CheckConstraint(
                name="client_of_a_unit_or_an_organisation",
                condition=Q(unit__isnull=False, organisation="") | Q(unit__isnull=True) & ~Q(organisation=""),
            ),
            both_or_neither("client_revoked_by_somebody", "revoked_at", "revoked_by"),
        ]

    def __str__(self):
        return self.name

    @property
    def of(self) -> str:
        return self.unit.name if self.unit else self.organisation

    def state_at(self, at: datetime) -> ClientState:
        if self.revoked_at is not None:
            return ClientState.REVOKED
        return ClientState.EXPIRED if self.expires_at <= at else ClientState.ACTIVE


class ClientTerms(models.Model):
    """The client accepted this version of the general terms. Append-only; the Event beside it says when and by which token."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="terms")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="client_accepts_once", fields=["client", "document"])]

    def __str__(self):
        return f"{self.client_id}: {self.document_id}"


class ClientSeat(models.Model):
    """A person bound the client to a seat of their own: it acts for them there, until they unbind it or the seat ends."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="seats")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    bound_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="client_bound_once", fields=["client", "membership"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="client_seat_ends_after_start", condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("bound_at"))
            ),
        ]

    def __str__(self):
        return f"{self.client_id}: {self.membership_id}"


class ClientAnswer(models.Model):
    """What was answered under an Idempotency-Key, for a day: the same request gets it again, and nothing is done twice.

    `status` 0: the first request is still being answered.
    """

    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="client_answer_once", fields=["client", "key"])]

    def __str__(self):
        return f"{self.client_id}: {self.key}"


class Webhook(models.Model):
    """An address that is told what happens to things that the client may read. `secret`: what its messages
    are signed with, as it is: the portal itself must sign."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="webhooks")
    address = models.CharField(_("address"), max_length=500)
    secret = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    # Paused by a person, or by the portal after a message was given up.
    paused_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    # The newest event that was looked at for it.
    seen_event = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("webhook")
        constraints = [
            models.CheckConstraint(
                name="webhook_paused_after_start", condition=Q(paused_at__isnull=True) | Q(paused_at__gte=F("made_at"))
            )
        ]

    def __str__(self):
        return self.address


class WebhookMessage(models.Model):
    """One event to one webhook; the outbox of programs. A task sends it, with back-off, and gives up in the end."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="messages")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)  # what the receiver answered last
    trouble = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="webhook_message_once", fields=["webhook", "event"])]
        indexes = [
            models.Index(
                name="webhook_message_due",
                fields=["next_attempt_at"],
                condition=Q(sent_at__isnull=True, given_up_at__isnull=True),
            )
        ]

    def __str__(self):
        return f"{self.webhook_id}: {self.event_id}"
