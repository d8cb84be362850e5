"""An attempt at the bank as the verbs of money change it: parts of `payments` and `settling`, whose row is locked."""

from datetime import timedelta

from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from units.actions.events import record
from units.models import Event, Membership, Person

from ..enums import PAYMENT_TRANSITIONS, AgreementVerb, PaymentState
from ..models import Payment

PREPARING = timedelta(minutes=1)  # a token is had within it, or its worker has died


def next_payment_state(payment: Payment, action: str) -> PaymentState:
    """What the attempt becomes. Refused where its state does not admit the action."""
    target = PAYMENT_TRANSITIONS.get((PaymentState(payment.state), action))
    if target is None:
        raise Refused(
            _("This is not possible: the payment is “%(state)s” now.") % {"state": payment.get_state_display()},
            code="wrong-state",
        )
    return target


def end_attempt(payment: Payment, action: AgreementVerb, reason: str) -> Event:
    """Part of a verb: the attempt, whose row is locked, ends without money."""
    at = max(database_now(), payment.begun_at)
    payment.state, payment.reason = next_payment_state(payment, action), reason
    payment.ended_at, payment.claimed_at, payment.next_try_at = at, None, None
    payment.save(update_fields=["state", "reason", "ended_at", "claimed_at", "next_try_at"])
    return record_attempt(action, payment, at=at, by=None, membership=None, data={"reason": str(reason)})


def record_attempt(
    verb: AgreementVerb, payment: Payment, *, at, by: Person | None, membership: Membership | None, data: dict
) -> Event:
    unit = payment.request.unit
    return record(
        verb, noun="payment", key=payment.order_id, at=at, by=by, membership=membership, path=unit.path,
        unit_id=unit.pk, data=data,
    )  # fmt: skip
