"""What of a report can be contested besides its result: an extension not granted, a return, a fee, a missed deadline.

Each act has its own objection days: the call's, counted from the act with the days off that were known then, so that a
closure decided later moves no limit that a page has shown. Reads only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import local_digits, local_number
from sla.enums import NOT_AS_ASKED, OPEN_DISPUTE, DisputeStatus, Subject
from sla.models import Dispute, GeneralRequest, ServiceRequest
from sla.queries import days_deadline_then
from sla.queries.requests import PRICED, dispute_over_fee, fee_contest_until
from sla.rules.requests import fee_stands

from ..enums import NOT_ASKED, ReportStatus
from ..models import ExtensionRequest, Report, ReturnRound
from ..queries import asked_of
from ..xlsform.tables import ROW, TABLE
from .deadlines import last_moment

# Subject → the noun of the contested act, as the dispute keeps it. Its key is the row's id.
NOUNS = {
    Subject.EXTENSION: "extension_request",
    Subject.RETURN: "return",
    Subject.FEE: PRICED,
    Subject.MISS: "report",
}
# A report that left the call, or whose call was cancelled, has nothing left to differ over.


@dataclass(frozen=True)
class Act:
    """Something done to a unit that it, or the provider, may contest. `until` (exclusive) ends its objection days.

    `text`: the words in which it was done; they are position 0. `dispute`: the newest one over it that was not withdrawn.
    """

    subject: Subject
    key: int
    at: datetime
    until: datetime
    text: str
    row: ExtensionRequest | ReturnRound | ServiceRequest | Report
    dispute: Dispute | None

    @property
    def noun(self) -> str:
        return NOUNS[self.subject]

    @property
    def is_disputed(self) -> bool:
        return self.dispute is not None and self.dispute.status in OPEN_DISPUTE

    def is_contestable(self, at: datetime) -> bool:
        """Within its days, and neither in dispute nor settled."""
        return self.dispute is None and self.at <= at < self.until

    @property
    def name(self) -> str:
        """What it is, in the active language."""
        if self.subject == Subject.EXTENSION:
            return _("Extension not granted as asked")
        if isinstance(self.row, ReturnRound):
            return _("Return for correction, round %(n)s") % {"n": local_digits(self.row.number)}
        if isinstance(self.row, ServiceRequest):
            return _("Fee of %(rials)s rials") % {"rials": local_number(self.row.price_rials)}
        return _("Missed deadline")


def acts_of(report: Report, at: datetime) -> list[Act]:
    """Every act of the report that has objection days, the newest first, whether or not they have passed."""
    if report.status in NOT_ASKED:
        return []
    disputes = _disputes_of(report, at)
    found = []
    for subject, row, moment, text in _rows(report, at):
        until_ = days_deadline_then(moment, report.call.objection_days)
        found.append(Act(subject, row.pk, moment, until_, text, row, disputes.get((subject, str(row.pk)))))
    return sorted(found, key=lambda act: act.at, reverse=True)


def act_of(report: Report, subject: str, key: int, at: datetime) -> Act | None:
    return next((act for act in acts_of(report, at) if (act.subject, act.key) == (subject, key)), None)


def fee_of(general: GeneralRequest, at: datetime) -> Act | None:
    """The fee of a general request that was filed and not withdrawn."""
    if not fee_stands(general):
        return None
    request, dispute = general.opened, dispute_over_fee(general, at)
    return Act(Subject.FEE, request.pk, request.created_at, fee_contest_until(general), "", request, dispute)


def _rows(report: Report, at: datetime) -> Iterable[tuple]:
    """(subject, row, instant of the act, its words)."""
    asked = list(report.extension_requests.select_related("request__request_type", "request__tariff__table"))
    for request in asked:
        if request.decision in NOT_AS_ASKED:
            yield Subject.EXTENSION, request, request.decided_at, request.decision_reason
    returns = report.returns.filter(withdrawn_at__isnull=True).select_related("returned_by")
    for round_ in returns if report.correction_round else ():
        yield Subject.RETURN, round_, round_.returned_at, words_of_return(round_)
    if report.status == ReportStatus.MISSED:
        yield Subject.MISS, report, last_moment(report), ""
    # The report's fee is asked for from the opening on, an extension request's at once.
    if report.request.price_rials and report.call.opens_at <= at:
        yield Subject.FEE, report.request, max(report.request.created_at, report.call.opens_at), ""
    for request in asked:
        if request.request.price_rials:
            yield Subject.FEE, request.request, request.request.created_at, ""


def words_of_return(round_: ReturnRound) -> str:
    """The note and the remarks as the unit got them."""
    lines = [round_.note] if round_.note else []

    def named(code: str) -> str:
        judged = asked_of(round_.report).judged_as(code) if code.startswith((ROW, TABLE)) else None
        return judged.label_in(current_language()) if judged else code

    return "\n".join([*lines, *(f"{named(code)}: {remark}" for code, remark in round_.remarks.items())])


def _disputes_of(report: Report, at: datetime) -> dict[tuple[str, str], Dispute]:
    """(subject, key) → the newest dispute over it; a withdrawn one leaves the act as if nobody had contested it."""
    found = disputes_of_report(report, at).exclude(status=DisputeStatus.WITHDRAWN).order_by("filed_at", "pk")
    return {(dispute.subject, dispute.subject_key): dispute for dispute in found}


def disputes_of_report(report: Report, at: datetime):
    """Every dispute over something of this report, its result included, with status."""
    return Dispute.objects.with_status(at).filter(call_id=report.call_id, unit_id=report.unit_id)


# ------------------------------------------------------------------------------------------------------ in words
