"""Money that goes back by hand, with two people's consent.

Parts of the verbs of `reports.actions.refunds`, called inside their transaction: what is owed back depends on reports. The
caller has locked the request and says `at` and as whom the person acts.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.text import normalise
from units.actions.events import record, tell
from units.models import Membership, Person
from units.rules import is_second_person

from ..enums import AgreementVerb, EntryKind, PaymentState, RefundState
from ..models import LedgerEntry, Payment, Refund, ServiceRequest
from ..notices import payments as notices_payments
from .attempts import next_payment_state


def lock_refund(refund: Refund) -> Refund:
    """Request, payment and refund locked, in this order, and re-read."""
    lock_payment(refund.payment)
    return (
        Refund.objects.select_for_update(of=("self",))
        .select_related("payment__request__unit", "payment__request__agreement__service__provider", "proposed_by")
        .get(pk=refund.pk)
    )


def lock_payment(payment: Payment) -> Payment:
    ServiceRequest.objects.select_for_update().values_list("pk", flat=True).get(pk=payment.request_id)
    return (
        Payment.objects.select_for_update(of=("self",))
        .select_related("request__unit", "request__agreement__service__provider")
        .get(pk=payment.pk)
    )


def add_refund(payment: Payment, *, reason: str, at: datetime, by: Person, membership: Membership) -> Refund:
    """Propose to give the whole sum back. Refused (`proposed-already`) while one is proposed, agreed or paid out."""
    try:
        with transaction.atomic():
            refund = Refund.objects.create(
                payment=payment, rials=payment.received_rials, reason=_reason(reason), proposed_at=at, proposed_by=by
            )
    except IntegrityError as error:
        raise Refused(
            _("A refund of this payment is proposed already. Look at the list of refunds."), code="proposed-already"
        ) from error
    event = _record(
        AgreementVerb.PROPOSE_REFUND, refund, at=at, by=by, membership=membership, data={"reason": refund.reason}
    )
    tell(event, notices_payments.refund_proposed(refund, at))
    return refund


def agree_to_refund(refund: Refund, *, at: datetime, by: Person, membership: Membership) -> Refund:
    """The second person. Forbidden to whoever proposed it."""
    if refund.proposed_by_id == by.pk:
        raise Forbidden(_("You proposed this refund; another coordinator of the provider agrees to it."))
    if not is_second_person(by, refund.proposed_by):
        raise Forbidden(
            _(
                "One of you opened the other’s account; until an administrator has confirmed the person, somebody else agrees."
            ),
            code="no-second-person",
        )
    _require(refund, RefundState.PROPOSED)
    refund.consented_at, refund.consented_by = at, by
    refund.save(update_fields=["consented_at", "consented_by"])
    _record(AgreementVerb.CONSENT_REFUND, refund, at=at, by=by, membership=membership, data={})
    return refund


def turn_down_refund(refund: Refund, *, reason: str, at: datetime, by: Person, membership: Membership) -> Refund:
    """Not this one; another may be proposed."""
    _require(refund, RefundState.PROPOSED, RefundState.CONSENTED)
    refund.declined_at, refund.declined_by, refund.decline_reason = at, by, _reason(reason)
    refund.save(update_fields=["declined_at", "declined_by", "decline_reason"])
    event = _record(
        AgreementVerb.DECLINE_REFUND,
        refund,
        at=at,
        by=by,
        membership=membership,
        data={"reason": refund.decline_reason},
    )
    if refund.proposed_by_id != by.pk:
        tell(event, notices_payments.refund_declined(refund, at))
    return refund


def pay_out_refund(refund: Refund, *, reference: str, at: datetime, by: Person, membership: Membership) -> Refund:
    """The money has left: the ledger says so, and the fee counts as unpaid from now on."""
    _require(refund, RefundState.CONSENTED)
    reference = normalise(reference)
    if not reference or len(reference) > 80:
        raise Refused(_("Write the reference of the paying out, as the bank gave it."), code="no-reference")
    payment = refund.payment
    was_the_fee = payment.state == PaymentState.PAID
    refund.paid_out_at, refund.paid_out_by, refund.reference = at, by, reference
    refund.save(update_fields=["paid_out_at", "paid_out_by", "reference"])
    payment.state = next_payment_state(payment, "refund")
    payment.save(update_fields=["state"])
    LedgerEntry.objects.create(
        request=payment.request, payment=payment, kind=EntryKind.REFUND, rials=refund.rials, at=at, by=by,
        data={"refund": refund.pk, "reference": reference},
    )  # fmt: skip
    if was_the_fee:
        ServiceRequest.objects.filter(pk=payment.request_id).update(paid_at=None)
    event = _record(
        AgreementVerb.PAY_OUT_REFUND, refund, at=at, by=by, membership=membership, data={"reference": reference}
    )
    tell(event, notices_payments.refund_paid_out(refund, at))
    return refund


def _require(refund: Refund, *states: RefundState) -> None:
    if refund.state not in states:
        raise Refused(
            _("This is not possible: the refund is “%(state)s” now.") % {"state": refund.state.label},
            code="wrong-state",
        )


def _reason(text: str) -> str:
    text = normalise(text)
    if len(text) < 3:
        raise Refused(_("Write the reason; it is kept in the record and shown to those concerned."), code="no-reason")
    return text


def _record(verb: AgreementVerb, refund: Refund, *, at: datetime, by: Person, membership: Membership, data: dict):
    payment = refund.payment
    unit = payment.request.unit
    return record(
        verb, noun="payment", key=payment.order_id, at=at, by=by, membership=membership, path=unit.path,
        unit_id=unit.pk, data={"refund": refund.pk, "rials": refund.rials, **data},
    )  # fmt: skip
