"""Beginning to pay a fee: an order number that nobody can guess, a token from the bank, and the payer is sent there.

No row is locked and no transaction is open while the bank is asked. What the bank took is found out in `settling.py`.
"""

import logging
from collections.abc import Callable, Collection
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.codes import ORDER_GROUPS, new_code
from sajad_portal.lib.errors import Forbidden, Refused
from units.enums import Role
from units.models import Person
from units.rules import acting_membership

from .. import gateways
from ..enums import AgreementVerb, PaymentReason, PaymentState
from ..gateways import GatewayRefused, GatewayUnknown
from ..models import Payment, ServiceRequest
from ..queries.payments import live_attempt
from .attempts import PREPARING, end_attempt, next_payment_state, record_attempt
from .settling import settle_payment

FIRST_LOOK = timedelta(minutes=2)  # then the bank is asked about a payer who has not come back
MARGIN = timedelta(minutes=2)  # by which a bank's clock may differ from ours

logger = logging.getLogger(__name__)


def begin_payment(
    *,
    request: ServiceRequest,
    by: Person,
    return_url: Callable[[str], str],
    roles: Collection[str] = (Role.HEAD,),
) -> Payment:
    """An attempt whose payer can be sent to `gateways.bank_page(payment)`; a second click gets the same one.

    `return_url` makes the bank's way back out of the order number. Refused: free, paid-already, under-way (an attempt whose
    outcome is not known), not-payable, no-gateway, bank-unavailable. Forbidden for anybody but the unit's own `roles`.
    Whether the matter is still open is asked by the caller (`reports.actions.payments`).
    """
    look_up(request)
    with transaction.atomic():
        payment = open_attempt(request=request, by=by, roles=roles)
    return send_to_bank(payment, return_url)


def look_up(request: ServiceRequest) -> None:
    """Ask the bank what became of an attempt that may still pay. Not inside a transaction."""
    payment = live_attempt(request)
    if payment is not None and payment.state != PaymentState.BEGUN:
        settle_payment(payment.order_id, inquire_first=True)


def open_attempt(*, request: ServiceRequest, by: Person, roles: Collection[str], call_id: int | None = None) -> Payment:
    """Part of beginning: the attempt's row, with the request locked; or the one whose payer is expected at the bank. `call_id`: of
    the call in which it is owed, whose matters may have been handed to another unit."""
    request = ServiceRequest.objects.select_for_update(of=("self",)).select_related("unit").get(pk=request.pk)
    at = database_now()
    membership = acting_membership(by, request.unit, call_id, roles, at)
    if membership is None:
        raise Forbidden(_("The head of the unit pays this fee. Ask the head."))
    _check_payable(request)
    live = live_attempt(request)
    if live is not None and live.state == PaymentState.BEGUN and live.begun_at <= at - PREPARING:
        end_attempt(live, AgreementVerb.EXPIRE, PaymentReason.NEVER_SENT)
        live = None
    if live is not None:
        if live.state == PaymentState.REDIRECTED and live.claimed_at is None and at < live.expires_at - MARGIN:
            return live  # the bank waits for its payer: one order in two tabs is paid once
        raise Refused(
            _(
                "A payment of this fee is under way, and the bank has not said yet how it ended. Look again in a minute; "
                "until then do not pay a second time."
            ),
            code="under-way",
        )
    gateway = gateways.current()
    payment = Payment.objects.create(
        request=request, order_id=new_code(groups=ORDER_GROUPS), amount_rials=request.price_rials, gateway=gateway.name,
        terminal=gateway.terminal, begun_at=at, begun_by=by, membership=membership,
        expires_at=at + timedelta(minutes=gateway.minutes) + MARGIN,
    )  # fmt: skip
    record_attempt(
        AgreementVerb.BEGIN, payment, at=at, by=by, membership=membership,
        data={"request": request.pk, "rials": payment.amount_rials, "gateway": gateway.name},
    )  # fmt: skip
    return payment


def _check_payable(request: ServiceRequest) -> None:
    if not request.price_rials:
        raise Refused(_("This costs nothing; there is nothing to pay."), code="free")
    if request.paid_at:
        raise Refused(_("The fee is paid already. Nothing more is to be paid."), code="paid-already")
    if request.voided_at or request.stopped_at:
        raise Refused(_("This request has ended; its fee can no longer be paid."), code="not-payable")


def send_to_bank(payment: Payment, return_url: Callable[[str], str]) -> Payment:
    """Have the bank give a token, unless the attempt has one. Refused (`bank-unavailable`) where it does not.

    Not inside a transaction. An attempt that got no token has failed: nobody was sent to the bank with it.
    """
    if payment.state != PaymentState.BEGUN:
        return payment
    order = gateways.BankOrder(
        number=payment.pk, order_id=payment.order_id, amount_rials=payment.amount_rials,
        return_url=return_url(payment.order_id), at=payment.begun_at,
    )  # fmt: skip
    try:
        started = gateways.named(payment.gateway).request(order)
    except (GatewayRefused, GatewayUnknown) as error:
        logger.warning("No token for order %s: %s", payment.order_id, error)
        with transaction.atomic():
            fresh = Payment.objects.select_for_update().get(pk=payment.pk)
            if fresh.state == PaymentState.BEGUN:
                end_attempt(fresh, AgreementVerb.FAIL, PaymentReason.NO_TOKEN)
        raise Refused(
            _("The bank cannot be reached now, and nothing was paid. Try again in a few minutes."),
            code="bank-unavailable",
        ) from error
    with transaction.atomic():
        fresh = Payment.objects.select_for_update().get(pk=payment.pk)
        at = database_now()
        if fresh.state != PaymentState.BEGUN:  # it took so long that somebody has given the attempt up
            raise Refused(
                _("The bank took too long to answer, and nothing was paid. Try again."), code="bank-unavailable"
            )
        fresh.state = next_payment_state(fresh, "redirect")
        fresh.token, fresh.redirected_at = started.token, max(at, fresh.begun_at)
        fresh.next_try_at = fresh.redirected_at + FIRST_LOOK
        fresh.save(update_fields=["state", "token", "redirected_at", "next_try_at"])
        record_attempt(AgreementVerb.REDIRECT, fresh, at=at, by=fresh.begun_by, membership=fresh.membership, data={})
    return fresh
