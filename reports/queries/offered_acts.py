"""Acts that an offer in a dispute may carry, so that accepting it does what was agreed: which are possible, and in words."""

from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sajad_portal.lib.numbers import format_number
from sla.enums import Subject
from sla.models import Dispute
from sla.rules import RESULT, is_over_a_result

from ..enums import CallState, ReportStatus
from ..models import Report
from ..notices import until

# Nouns of positions and offers; the key of each is given beside it.
EXTENSION = "extension"  # the instant, ISO
EXCUSE = "excuse"  # the tracking code
TAKE_BACK = "take_back_return"  # the return's id
FEE = "fee"  # the new price in rials
CANCEL = "cancel"  # the call's id; only a position, never an offer

WAITING = (ReportStatus.NOT_STARTED, ReportStatus.DRAFT, ReportStatus.AWAITING_SIGN_OFF, ReportStatus.MISSED)


def possible_acts(dispute: Dispute, report: Report) -> list[str]:
    """What an offer may carry as the report stands now; in words alone an offer is possible in any case.

    Over a result it carries a prepared version and nothing else.
    """
    if is_over_a_result(dispute):
        return [RESULT]
    takes_time = report.call.state == CallState.PUBLISHED and report.status in WAITING
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


def words_of(act_noun: str, act_key: str) -> str:
    """What the act is, as one sentence in the active language; empty for none and for a result, which has its own page."""
    if act_noun == EXTENSION:
        return _("More time: until %(until)s.") % {"until": until(datetime.fromisoformat(act_key))}
    if act_noun == EXCUSE:
        return _("The unit is excused and leaves the denominators of the call.")
    if act_noun == TAKE_BACK:
        return _("The return is taken back; what was submitted stands and the review goes on.")
    if act_noun == FEE:
        language = "fa" if (get_language() or "fa").startswith("fa") else "en"
        if int(act_key) == 0:
            return _("The fee is waived.")
        return _("The fee is lowered to %(rials)s rials.") % {"rials": format_number(int(act_key), language=language)}
    if act_noun == CANCEL:
        return _("The call is cancelled.")
    return ""


def label_of(act_noun: str) -> str:
    """The choice on the page where an offer is written."""
    return {
        EXTENSION: _("The unit gets more time, until the date below"),
        EXCUSE: _("The unit is excused from this call"),
        TAKE_BACK: _("The return is taken back"),
        FEE: _("The fee is lowered to the amount below"),
    }[act_noun]
