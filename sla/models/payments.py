"""Money: attempts at the bank, the ledger, refunds, and the bank's statements of a day. Integer rials."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from units.models import Membership, Person, who_acted

from ..enums import (
    ENDED_PAYMENTS,
    LIVE_PAYMENTS,
    RECEIVED_PAYMENTS,
    EntryKind,
    PaymentReason,
    PaymentState,
    RefundState,
)
from .requests import ServiceRequest
from .services import Service
from .shared import both_or_neither

S = PaymentState


class Payment(models.Model):
    """One attempt to pay one request's fee at the bank. What was paid is told by the ledger alone.

    `claimed_at`: since when somebody asks the bank about it; the instant is the claim's token (`actions/settling.py`).
    `received_rials` and `reference` are the bank's words, from its answer to our own question.
    """

    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="payments")
    order_id = models.CharField(_("order number"), max_length=40, unique=True)
    amount_rials = models.PositiveBigIntegerField(_("amount"))
    gateway = models.CharField(max_length=20)
    terminal = models.CharField(max_length=40)
    token = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=12, choices=PaymentState.choices, default=PaymentState.BEGUN)
    reason = models.CharField(max_length=20, choices=PaymentReason.choices, blank=True)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()  # after it the bank takes nothing for the token any more
    redirected_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)  # how often the bank was asked in vain
    next_try_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    received_rials = models.PositiveBigIntegerField(null=True, blank=True)
    reference = models.CharField(_("bank reference"), max_length=80, blank=True)
    card_masked = models.CharField(max_length=30, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reversed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.CheckConstraint(name="payment_state_known", condition=Q(state__in=S.values)),
            models.CheckConstraint(name="payment_of_something", condition=Q(amount_rials__gt=0)),
            models.CheckConstraint(
                name="payment_redirected_whole",
                condition=Q(state=S.BEGUN, redirected_at__isnull=True, token="")
                | Q(state__in=ENDED_PAYMENTS)
                | Q(state__in=[S.REDIRECTED, S.UNKNOWN, *RECEIVED_PAYMENTS], redirected_at__isnull=False)
                & ~Q(token=""),
            ),
            models.CheckConstraint(
                name="payment_received_whole",
                condition=Q(state__in=RECEIVED_PAYMENTS, settled_at__isnull=False, received_rials__gt=0)
                & ~Q(reference="")
                | ~Q(state__in=RECEIVED_PAYMENTS)
                & Q(settled_at__isnull=True, received_rials__isnull=True, reference=""),
            ),
            models.CheckConstraint(
                name="payment_paid_in_full", condition=~Q(state=S.PAID) | Q(received_rials=F("amount_rials"))
            ),
            models.CheckConstraint(
                name="payment_ended_has_instant",
                condition=Q(state__in=ENDED_PAYMENTS, ended_at__isnull=False)
                | ~Q(state__in=ENDED_PAYMENTS) & Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="payment_reversed_has_instant",
                condition=Q(state=S.REVERSED, reversed_at__isnull=False)
                | ~Q(state=S.REVERSED) & Q(reversed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="payment_unpaid_has_reason",
                condition=~Q(state__in=[*ENDED_PAYMENTS, S.SURPLUS, S.REVERSED]) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="payment_in_order",
                condition=(Q(redirected_at__isnull=True) | Q(redirected_at__gte=F("begun_at")))
                & (Q(settled_at__isnull=True) | Q(settled_at__gte=F("begun_at"))),
            ),
            models.UniqueConstraint(name="one_paid_payment_a_request", fields=["request"], condition=Q(state=S.PAID)),
            models.UniqueConstraint(
                name="one_live_payment_a_request", fields=["request"], condition=Q(state__in=LIVE_PAYMENTS)
            ),
            models.UniqueConstraint(
                name="payment_reference_once", fields=["gateway", "reference"], condition=~Q(reference="")
            ),
        ]
        indexes = [
            models.Index(name="payment_of_request", fields=["request", "-id"]),
            models.Index(name="payment_newest", fields=["-begun_at", "-id"]),
            models.Index(name="payment_to_ask", fields=["next_try_at"], condition=Q(next_try_at__isnull=False)),
        ]

    def __str__(self):
        return self.order_id

    @property
    def who(self) -> str:
        """The name that stands under it, “X for Y” where a deputy acted."""
        return who_acted(self.begun_by, self.membership)

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_PAYMENTS


class LedgerEntry(models.Model):
    """One movement of money, for ever (append-only). The balance of a request: credits + surpluses − reversals − refunds."""

    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="ledger")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="ledger")
    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    rials = models.PositiveBigIntegerField(_("rials"))
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")  # null: the portal itself
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="entry_kind_known", condition=Q(kind__in=EntryKind.values)),
            models.CheckConstraint(name="entry_of_something", condition=Q(rials__gt=0)),
            models.UniqueConstraint(
                name="money_comes_in_once_a_payment",
                fields=["payment"],
                condition=Q(kind__in=[EntryKind.CREDIT, EntryKind.SURPLUS]),
            ),
            models.UniqueConstraint(
                name="money_goes_out_once_a_payment",
                fields=["payment"],
                condition=Q(kind__in=[EntryKind.REVERSAL, EntryKind.REFUND]),
            ),
        ]
        indexes = [models.Index(name="entry_newest", fields=["-at", "-id"])]

    def __str__(self):
        return f"{self.kind} {self.rials}"


class Refund(models.Model):
    """Money that goes back by hand: one coordinator proposes, another agrees, then the paying out is recorded."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    rials = models.PositiveBigIntegerField(_("rials"))
    reason = models.TextField(_("reason"))
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    consented_at = models.DateTimeField(null=True, blank=True)
    consented_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    paid_out_at = models.DateTimeField(null=True, blank=True)
    paid_out_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    reference = models.CharField(_("reference of the paying out"), max_length=80, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decline_reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="refund_of_something", condition=Q(rials__gt=0)),
            models.CheckConstraint(name="refund_has_reason", condition=~Q(reason="")),
            models.UniqueConstraint(
                name="one_live_refund_a_payment", fields=["payment"], condition=Q(declined_at__isnull=True)
            ),
            both_or_neither("refund_consented_by_somebody", "consented_at", "consented_by"),
            both_or_neither("refund_paid_out_by_somebody", "paid_out_at", "paid_out_by"),
            both_or_neither("refund_declined_by_somebody", "declined_at", "declined_by"),
            models.CheckConstraint(
                name="refund_needs_two_people",
                condition=Q(consented_by__isnull=True) | ~Q(consented_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="refund_paid_out_after_consent",
                condition=Q(paid_out_at__isnull=True, reference="")
                | Q(consented_at__isnull=False, paid_out_at__gte=F("consented_at")) & ~Q(reference=""),
            ),
            models.CheckConstraint(
                name="refund_declined_or_paid_out",
                condition=Q(declined_at__isnull=True, decline_reason="")
                | Q(paid_out_at__isnull=True) & ~Q(decline_reason=""),
            ),
        ]

    def __str__(self):
        return f"{self.payment}: {self.rials}"

    @property
    def state(self) -> RefundState:
        if self.declined_at:
            return RefundState.DECLINED
        if self.paid_out_at:
            return RefundState.PAID_OUT
        return RefundState.CONSENTED if self.consented_at else RefundState.PROPOSED


class Reconciliation(models.Model):
    """One comparison of the bank's statement of a day with the ledger, as it came out (append-only); it may be run again.

    `differences`: [{"kind": "only_bank" | "only_ledger" | "amount" | "order" | "terminal", "order_id", "reference",
    "bank_rials", "ledger_rials"}]. `references`: every reference on the statement.
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="reconciliations")
    gateway = models.CharField(max_length=20)
    day = models.DateField(_("day"))  # in Tehran
    source_name = models.CharField(max_length=200)  # the file's name, or the gateway where the statement was fetched
    sha256 = models.CharField(max_length=64)
    lines = models.PositiveIntegerField()
    matched = models.PositiveIntegerField()
    differences = models.JSONField(default=list)
    references = models.JSONField(default=list)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="reconciliation_matches_lines", condition=Q(matched__lte=F("lines"))),
        ]
        indexes = [models.Index(name="reconciliation_of_day", fields=["service", "-day", "-id"])]

    def __str__(self):
        return f"{self.gateway} {self.day}"

    @property
    def is_clean(self) -> bool:
        return not self.differences
