"""Acts that an offer in a dispute may carry, so that accepting it does what was agreed: which are possible, and in words."""

from sla.enums import Subject
from sla.models import Dispute
from sla.queries.requests import FEE
from sla.rules import RESULT, is_over_a_result

from ..enums import UNSENT, CallState, ReportStatus
from ..models import Report

# Nouns of positions and offers; the key of each is given beside it.
EXTENSION = "extension"  # the instant, ISO
EXCUSE = "excuse"  # the tracking code
TAKE_BACK = "take_back_return"  # the return's id
CANCEL = "cancel"  # the call's id; only a position, never an offer


def possible_acts(dispute: Dispute, report: Report) -> list[str]:
    """What an offer may carry as the report stands now; in words alone an offer is possible in any case.

    Over a result it carries a prepared version and nothing else.
    """
    if is_over_a_result(dispute):
        return [RESULT]
    takes_time = report.call.state == CallState.PUBLISHED and report.status in UNSENT
    if dispute.subject == Subject.EXTENSION:
        return [EXTENSION] if takes_time else []
    if dispute.subject == Subject.MISS:
        return [EXTENSION, EXCUSE] if takes_time else []
    if dispute.subject == Subject.RETURN:
        return [TAKE_BACK] if is_open_return(dispute, report) else []
    if dispute.subject == Subject.FEE:
        return [FEE] if is_open_fee(dispute, report) else []
    return []


def is_open_return(dispute: Dispute, report: Report) -> bool:
    """The contested return still waits for the unit's answer."""
    if report.status != ReportStatus.RETURNED:
        return False
    last = report.returns.order_by("-number").first()
    return last is not None and str(last.pk) == dispute.subject_key


def is_open_fee(dispute: Dispute, report: Report) -> bool:
    """The report's own fee, not paid and not being paid."""
    request = report.request
    return (
        str(request.pk) == dispute.subject_key
        and request.price_rials > 0
        and request.paid_at is None
        and not any(payment.is_live for payment in request.payments.all())
    )
