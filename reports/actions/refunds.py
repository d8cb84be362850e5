"""Refunds: one coordinator of the provider proposes, another agrees, then the paying out is recorded.

What is owed back is asked again at each step, with call and report locked: a report that was extended meanwhile and
submitted owes its fee again.
"""

from collections.abc import Callable

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sla.actions import refunds
from sla.actions.request_decisions import why_no_decider
from sla.actions.requests import lock_request
from sla.models import GeneralRequest, Payment, Refund
from sla.rules import speaking_membership
from sla.rules.requests import request_decider
from units.models import Person

from ..models import Report
from ..queries.refunds import owed_back
from .deciding import require_decider
from .locking import lock_report, require


def propose_refund(*, payment: Payment, reason: str, by: Person) -> Refund:
    """Propose to give a payment's whole sum back. Refused: not-owed, proposed-already, no-reason."""
    with transaction.atomic():
        at, payment, membership = _lock(payment, by)
        return refunds.add_refund(payment, reason=reason, at=at, by=by, membership=membership)


def consent_refund(*, refund: Refund, by: Person) -> Refund:
    """Another coordinator agrees. Refused: not-owed, wrong-state; Forbidden to the proposer."""
    return _step(refund, by, lambda found, **who: refunds.agree_to_refund(found, **who))


def record_payout(*, refund: Refund, reference: str, by: Person) -> Refund:
    """The money has been paid out under this reference. Refused: not-owed, wrong-state, no-reference."""
    return _step(refund, by, lambda found, **who: refunds.pay_out_refund(found, reference=reference, **who))


def decline_refund(*, refund: Refund, reason: str, by: Person) -> Refund:
    """Turn a refund down before it is paid out, with a reason. Refused: wrong-state, no-reason."""
    return _step(
        refund, by, lambda found, **who: refunds.turn_down_refund(found, reason=reason, **who), owed_or_not=True
    )


def _step(refund: Refund, by: Person, part: Callable[..., Refund], *, owed_or_not: bool = False) -> Refund:
    with transaction.atomic():
        at, _payment, membership = _lock(refund.payment, by, owed_or_not=owed_or_not)
        return part(refunds.lock_refund(refund), at=at, by=by, membership=membership)


def _lock(payment: Payment, by: Person, *, owed_or_not: bool = False):
    """Call and report, or the general request, then request and payment; then whether the person may, and whether the money
    is owed back."""
    report = Report.objects.filter(
        Q(request=payment.request_id) | Q(extension_requests__request=payment.request_id)
    ).first()  # fmt: skip
    if report is not None:
        report, _then = lock_report(report)
    general = None if report else GeneralRequest.objects.filter(request=payment.request_id).first()
    if general is not None:
        general, _then = lock_request(general)
    payment = refunds.lock_payment(payment)
    at = database_now()
    if report is not None:
        membership = require_decider(by, report, at)
    elif general is not None:
        deciding = request_decider(by, general, at)
        if deciding is None:
            raise why_no_decider(by, general, at)
        membership = deciding
    else:
        membership = require(
            speaking_membership(by, payment.request.agreement.service, payment.request.unit, at),
            _("Refunds are for coordinators of the provider who do not report in the line of the unit."),
        )
    if not owed_or_not and not owed_back(at).filter(pk=payment.pk).exists():
        raise Refused(
            _("This money is not owed back: the fee stands for a report, or a request, that is open or was answered."),
            code="not-owed",
        )
    return at, payment, membership
