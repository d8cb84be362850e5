"""What the bank says of an attempt, and what the ledger makes of it.

Claim by a conditional UPDATE, ask outside any transaction, then lock and conclude. The claim's instant is its token: where
another worker retook the claim meanwhile (this one stood still for a minute), what this one heard is dropped, and the other
asks for itself. A callback, the sweep and a second click may all come at once; money is credited once.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from sajad_portal.lib.clock import database_now
from units.actions.events import tell

from .. import gateways
from ..enums import ASKED_PAYMENTS, AgreementVerb, EntryKind, PaymentReason, PaymentState
from ..gateways import GatewayPending, GatewayRefused, GatewayUnknown, Verified
from ..models import LedgerEntry, Payment, ServiceRequest
from ..notices import payments as notices_payments
from .attempts import PREPARING, end_attempt, next_payment_state, record_attempt

CLAIM = timedelta(seconds=60)  # longer than any question to a bank; then the claim may be retaken
PATIENCE = timedelta(minutes=2)  # between two questions about a payer who is still at the bank
LONGEST_WAIT = 60  # minutes between two questions about what is not known
RUN = 25.0  # seconds of one sweep; the next goes on where it ended

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Word:
    """What the bank's answer makes of an attempt: an action of PAYMENT_TRANSITIONS."""

    action: AgreementVerb
    reason: str = ""
    said: Verified | None = None


def settle_payment(order_id: str, *, inquire_first: bool = False) -> Payment | None:
    """Find out from the bank whether this order is paid, and credit it, once. None where there is no such order.

    Needs nobody's word: a callback is only the hint to ask. May be called any number of times at once. Not inside a
    transaction. Raises nothing for a bank that is silent, refuses or lies: the attempt's state tells.
    """
    payment = _claim(order_id)
    if payment is None:
        return Payment.objects.filter(order_id=order_id).first()
    payment = _conclude(payment, _ask(payment, inquire_first))
    return give_back_money(payment) if payment.state == PaymentState.SURPLUS else payment


def settle_unknown() -> int:
    """The sweep: ask again about what is not known, about payers who did not come back, and for money to be given back.

    Returns how many attempts this run asked about. May run twice, late, or never.
    """
    at, until, done = database_now(), time.monotonic() + RUN, 0
    _expire_unsent(at)
    due = Payment.objects.filter(next_try_at__lte=at, state__in=[*ASKED_PAYMENTS, PaymentState.SURPLUS])
    for order_id, state in list(due.order_by("next_try_at", "pk").values_list("order_id", "state")[:500]):
        if time.monotonic() > until:
            break  # a bank that is down takes its time for every answer
        if state == PaymentState.SURPLUS:
            give_back_money(Payment.objects.get(order_id=order_id))
        else:
            settle_payment(order_id, inquire_first=True)
        done += 1
    return done


def give_back_money(payment: Payment) -> Payment:
    """Have the bank return money that paid nothing. Where it will not, the payment waits on the refund list."""
    at = database_now()
    # Claimed by moving its turn: nobody else asks for the same reversal within the minute.
    mine = Payment.objects.filter(pk=payment.pk, state=PaymentState.SURPLUS, next_try_at__lte=at)
    if mine.update(next_try_at=at + CLAIM, claimed_at=at) != 1:
        return Payment.objects.select_related("request__unit").get(pk=payment.pk)
    try:
        gateways.named(payment.gateway).reverse(payment)
        action = AgreementVerb.REVERSE
    except GatewayRefused:
        action = AgreementVerb.REFUSE_REVERSAL
    except GatewayUnknown as error:
        logger.warning("Not known whether order %s was given back: %s", payment.order_id, error)
        action = AgreementVerb.DOUBT
    return _conclude_reversal(payment.pk, at, action)


# ------------------------------------------------------------------------------------------------------ claim and ask
def _claim(order_id: str) -> Payment | None:
    at = database_now()
    free = Q(claimed_at=None) | Q(claimed_at__lt=at - CLAIM) | Q(claimed_at__gt=at + CLAIM)
    mine = Payment.objects.filter(free, order_id=order_id, state__in=ASKED_PAYMENTS)
    # A worker that dies now leaves the claim behind; the sweep finds the attempt a minute later.
    if mine.update(claimed_at=at, next_try_at=at + CLAIM) != 1:
        return None
    return Payment.objects.get(order_id=order_id)


def _ask(payment: Payment, inquire_first: bool) -> Word:
    try:
        gateway = gateways.named(payment.gateway)
        if inquire_first:
            state = gateway.inquire(payment).state
            if state in ("pending", "not_found"):
                return Word(AgreementVerb.WAIT)
            if state in ("unpaid", "reversed"):
                return Word(
                    AgreementVerb.FAIL, PaymentReason.NOT_PAID if state == "unpaid" else PaymentReason.TAKEN_BACK
                )
        return match(payment, gateway.verify(payment))
    except GatewayPending:
        return Word(AgreementVerb.WAIT)
    except GatewayRefused:
        return Word(AgreementVerb.FAIL, PaymentReason.NOT_PAID)
    except GatewayUnknown as error:
        logger.warning("Nothing is known of order %s: %s", payment.order_id, error)
        return Word(AgreementVerb.DOUBT, PaymentReason.UNREADABLE)


def match(payment: Payment, said: Verified) -> Word:
    """Whether the bank's words are about this order. What it did not say matches nothing; it is asked again."""
    if not (said.order_id and said.terminal and said.reference) or said.amount_rials is None:
        return Word(AgreementVerb.DOUBT, PaymentReason.INCOMPLETE)
    if said.order_id != payment.order_id:
        return Word(AgreementVerb.FAIL, PaymentReason.OTHER_ORDER)
    if said.terminal != payment.terminal:
        return Word(AgreementVerb.FAIL, PaymentReason.OTHER_TERMINAL)
    if said.amount_rials != payment.amount_rials:
        return Word(AgreementVerb.EXCEED, PaymentReason.OTHER_AMOUNT, said)
    return Word(AgreementVerb.SETTLE, said=said)


# ---------------------------------------------------------------------------------------------------------- conclude
def _conclude(claimed: Payment, word: Word) -> Payment:
    with transaction.atomic():
        # The request first: two attempts that were both paid meet here, and the second finds the fee paid.
        request = ServiceRequest.objects.select_for_update(of=("self",)).select_related(
            "unit", "agreement__service__provider", "request_type"
        ).get(pk=claimed.request_id)  # fmt: skip
        payment = Payment.objects.select_for_update(of=("self",)).select_related("begun_by").get(pk=claimed.pk)
        payment.request = request
        if payment.claimed_at != claimed.claimed_at or payment.state not in ASKED_PAYMENTS:
            return payment  # retaken, or concluded by whoever retook it
        at = max(database_now(), payment.begun_at)
        if word.said is not None:
            word = _in_the_ledger(payment, word, word.said)
        if word.said is not None:
            _receive(payment, word, word.said, at)
        elif word.action == AgreementVerb.FAIL:
            _fail(payment, word.reason)
        elif word.action == AgreementVerb.WAIT and at >= payment.expires_at and payment.state != PaymentState.EXPIRED:
            end_attempt(payment, AgreementVerb.EXPIRE, PaymentReason.TIME_OVER)
        else:
            _ask_later(payment, word, at)
    return payment


def _in_the_ledger(payment: Payment, word: Word, said: Verified) -> Word:
    """What the bank confirmed, beside what the ledger holds already. The request is locked."""
    request = payment.request
    if Payment.objects.filter(gateway=payment.gateway, reference=said.reference).exclude(pk=payment.pk).exists():
        return Word(AgreementVerb.FAIL, PaymentReason.USED_REFERENCE)
    if (
        word.action == AgreementVerb.SETTLE and payment.amount_rials != request.price_rials
    ):  # lowered since, by agreement
        return Word(AgreementVerb.EXCEED, PaymentReason.OTHER_AMOUNT, said)
    if word.action == AgreementVerb.SETTLE and request.paid_at:
        return Word(AgreementVerb.EXCEED, PaymentReason.PAID_TWICE, said)
    if word.action == AgreementVerb.SETTLE and request.voided_at:
        return Word(AgreementVerb.EXCEED, PaymentReason.VOIDED, said)
    return word


def _receive(payment: Payment, word: Word, said: Verified, at: datetime) -> None:
    """Money came in: the fee, or what is to be given back."""
    request, before = payment.request, payment.state
    paid = word.action == AgreementVerb.SETTLE
    payment.state, payment.reason = next_payment_state(payment, word.action), word.reason
    payment.settled_at, payment.received_rials, payment.reference = at, said.amount_rials, said.reference
    payment.card_masked, payment.ended_at, payment.claimed_at, payment.tries = said.card_masked, None, None, 0
    payment.next_try_at = None if paid else at
    try:
        with transaction.atomic():
            payment.save()
    except IntegrityError:  # the same reference at the same instant for another order: only one of them has it
        payment.refresh_from_db(from_queryset=Payment.objects.select_related("request__unit", "begun_by"))
        return _fail(payment, PaymentReason.USED_REFERENCE)
    LedgerEntry.objects.create(
        request=request, payment=payment, kind=EntryKind.CREDIT if paid else EntryKind.SURPLUS,
        rials=said.amount_rials, at=at, by=None,
        data={"order_id": said.order_id, "terminal": said.terminal, "reference": said.reference},
    )  # fmt: skip
    if paid:
        request.paid_at, request.bank_begun_at, request.bank_settled_at = at, payment.begun_at, at
        request.save(update_fields=["paid_at", "bank_begun_at", "bank_settled_at"])
    event = record_attempt(
        word.action, payment, at=at, by=None, membership=None,
        data={"rials": said.amount_rials, "reference": said.reference, "reason": str(word.reason), "before": before},
    )  # fmt: skip
    tell(event, notices_payments.paid(payment, at) if paid else notices_payments.surplus(payment, at))
    return None


def _fail(payment: Payment, reason: str) -> None:
    waited = payment.state == PaymentState.UNKNOWN
    event = end_attempt(payment, AgreementVerb.FAIL, reason)
    if waited:  # they were left in doubt, so they are told
        tell(event, notices_payments.not_paid(payment, event.at))


def _ask_later(payment: Payment, word: Word, at: datetime) -> None:
    """Nothing is concluded: after a minute, then two, four … at most an hour, the sweep asks again."""
    before, payment.state = payment.state, next_payment_state(payment, word.action)
    payment.claimed_at = None
    if word.action == AgreementVerb.WAIT:
        payment.tries, payment.next_try_at = 0, at + PATIENCE
    else:
        payment.reason = word.reason
        payment.next_try_at = at + timedelta(minutes=min(LONGEST_WAIT, 2 ** min(payment.tries, 10)))
        payment.tries += 1
    if payment.state == PaymentState.EXPIRED and word.action == AgreementVerb.WAIT:
        payment.next_try_at = None  # the bank waits for nobody after the time it gave
    payment.save(update_fields=["state", "reason", "claimed_at", "tries", "next_try_at"])
    if payment.state != before:
        record_attempt(word.action, payment, at=at, by=None, membership=None, data={"reason": str(word.reason)})


def _expire_unsent(at: datetime) -> None:
    """Attempts whose worker died before it had a token: nobody was sent to the bank with them."""
    for pk in Payment.objects.filter(state=PaymentState.BEGUN, begun_at__lt=at - 2 * PREPARING).values_list(
        "pk", flat=True
    ):
        with transaction.atomic():
            payment = Payment.objects.select_for_update().get(pk=pk)
            if payment.state == PaymentState.BEGUN:
                end_attempt(payment, AgreementVerb.EXPIRE, PaymentReason.NEVER_SENT)


def _conclude_reversal(pk: int, claim: datetime, action: AgreementVerb) -> Payment:
    with transaction.atomic():
        payment = Payment.objects.select_for_update(of=("self",)).select_related(
            "request__unit", "request__agreement__service__provider", "begun_by"
        ).get(pk=pk)  # fmt: skip
        if payment.claimed_at != claim or payment.state != PaymentState.SURPLUS:
            return payment
        assert payment.settled_at, "payment_received_whole"
        at = max(database_now(), payment.settled_at)
        payment.claimed_at = None
        if action == AgreementVerb.DOUBT:
            payment.next_try_at = at + timedelta(minutes=min(LONGEST_WAIT, 2 ** min(payment.tries, 10)))
            payment.tries += 1
            payment.save(update_fields=["claimed_at", "next_try_at", "tries"])
            return payment
        payment.next_try_at = None
        if action == AgreementVerb.REVERSE:
            payment.state, payment.reversed_at = next_payment_state(payment, AgreementVerb.REVERSE), at
            LedgerEntry.objects.create(
                request=payment.request, payment=payment, kind=EntryKind.REVERSAL, rials=payment.received_rials, at=at,
                by=None, data={"reference": payment.reference},
            )  # fmt: skip
        payment.save(update_fields=["claimed_at", "next_try_at", "state", "reversed_at"])
        event = record_attempt(action, payment, at=at, by=None, membership=None, data={"rials": payment.received_rials})
        found = notices_payments.given_back if action == AgreementVerb.REVERSE else notices_payments.to_be_refunded
        tell(event, found(payment, at))
    return payment
