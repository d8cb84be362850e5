"""What of a report can be contested besides its result: an extension not granted, a return, a fee, a missed deadline.

Each act has its own objection days: the call's, counted from the act with the days off that were known then, so that a
closure decided later moves no limit that a page has shown. Reads only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sajad_portal.lib.numbers import format_number, local_digits
from sla.enums import DisputeStatus, Subject
from sla.models import Dispute, ServiceRequest
from sla.queries import days_deadline_then

from ..enums import ExtensionDecision, ReportStatus
from ..models import ExtensionRequest, Report, ReturnRound
from ..notices import until
from ..notices.extensions import decided_in_words
from ..rules import last_moment
from . import form_of

OPEN = (DisputeStatus.NEGOTIATING, DisputeStatus.AWAITING_POSITION)
# Subject → the noun of the contested act, as the dispute keeps it. Its key is the row's id.
NOUNS = {
    Subject.EXTENSION: "extension_request",
    Subject.RETURN: "return",
    Subject.FEE: "service_request",
    Subject.MISS: "report",
}
# A report that left the call, or whose call was cancelled, has nothing left to differ over.
GONE = (ReportStatus.EXCUSED, ReportStatus.CANCELLED)


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
        return self.dispute is not None and self.dispute.status in OPEN

    def is_contestable(self, at: datetime) -> bool:
        """Within its days, and neither in dispute nor settled."""
        return self.dispute is None and self.at <= at < self.until

    @property
    def name(self) -> str:
        """What it is, in the active language."""
        if self.subject == Subject.EXTENSION:
            return _("Extension not granted as asked")
        if self.subject == Subject.RETURN:
            return _("Return for correction, round %(n)s") % {"n": local_digits(self.row.number)}
        if self.subject == Subject.FEE:
            return _("Fee of %(rials)s rials") % {"rials": _figure(self.row.price_rials)}
        return _("Missed deadline")


def acts_of(report: Report, at: datetime) -> list[Act]:
    """Every act of the report that has objection days, the newest first, whether or not they have passed."""
    if report.status in GONE:
        return []
    disputes = _disputes_of(report, at)
    found = []
    for subject, row, moment, text in _rows(report, at):
        until_ = days_deadline_then(moment, report.call.objection_days)
        found.append(Act(subject, row.pk, moment, until_, text, row, disputes.get((subject, str(row.pk)))))
    return sorted(found, key=lambda act: act.at, reverse=True)


def act_of(report: Report, subject: str, key: int, at: datetime) -> Act | None:
    return next((act for act in acts_of(report, at) if (act.subject, act.key) == (subject, key)), None)


def _rows(report: Report, at: datetime) -> Iterable[tuple]:
    """(subject, row, instant of the act, its words)."""
    asked = list(report.extension_requests.select_related("request__request_type", "request__tariff__table"))
    for request in asked:
        if request.decision in (ExtensionDecision.REFUSED, ExtensionDecision.PARTLY):
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
    return "\n".join([*lines, *(f"{code}: {remark}" for code, remark in round_.remarks.items())])


def _disputes_of(report: Report, at: datetime) -> dict[tuple[str, str], Dispute]:
    """(subject, key) → the newest dispute over it; a withdrawn one leaves the act as if nobody had contested it."""
    found = disputes_of_report(report, at).exclude(status=DisputeStatus.WITHDRAWN).order_by("filed_at", "pk")
    return {(dispute.subject, dispute.subject_key): dispute for dispute in found}


def disputes_of_report(report: Report, at: datetime):
    """Every dispute over something of this report, its result included, with status."""
    return Dispute.objects.with_status(at).filter(call_id=report.call_id, unit_id=report.unit_id)


# ------------------------------------------------------------------------------------------------------ in words
def facts_of(report: Report, subject: str, key: int) -> list[tuple[str, str]]:
    """What is contested, as names and values of a page. Empty where the row is none of this report's."""
    language = "fa" if (get_language() or "fa").startswith("fa") else "en"
    if subject == Subject.EXTENSION:
        asked = report.extension_requests.filter(pk=key).first()
        return _of_extension(asked) if asked else []
    if subject == Subject.RETURN:
        round_ = report.returns.filter(pk=key).select_related("returned_by").first()
        return _of_return(report, round_, language) if round_ else []
    if subject == Subject.MISS and key == report.pk:
        return [
            (_("Deadline"), until(report.deadline)),
            (_("Last moment, with the grace"), until(report.last_moment)),
            (_("What came by then"), _("nothing was submitted")),
        ]
    if subject == Subject.FEE:
        requests = ServiceRequest.objects.select_related("request_type", "tariff__table")
        request = requests.filter(pk=key, unit_id=report.unit_id).first()
        return _of_fee(request) if request else []
    return []


def _of_extension(asked: ExtensionRequest) -> list[tuple[str, str]]:
    return [
        (_("Asked until"), until(asked.asked_until)),
        (_("Reason given by the unit"), asked.reason),
        (_("Decision"), decided_in_words(asked)),
    ]


def _of_return(report: Report, round_: ReturnRound, language: str) -> list[tuple[str, str]]:
    definition = form_of(report.call.form_version)
    rows = [(_("Due"), until(round_.due_at))]
    if round_.note:
        rows.append((_("Note"), round_.note))
    for code, remark in round_.remarks.items():
        indicator = definition.indicator(code)
        rows.append((indicator.label_in(language) if indicator else code, remark))
    return rows


def _of_fee(request: ServiceRequest) -> list[tuple[str, str]]:
    rows = [
        (_("For"), request.request_type.title_here),
        (_("Amount"), _("%(rials)s rials") % {"rials": _figure(request.price_rials)}),
    ]
    if request.tariff:
        table = request.tariff.table
        told = {
            "line": local_digits(request.tariff.line),
            "year": local_digits(table.year),
            "number": local_digits(table.number),
        }
        rows.append((_("Source"), _("row %(line)s of the tariffs of %(year)s, version %(number)s") % told))
    return rows


def _figure(number: int) -> str:
    return format_number(number, language="fa" if (get_language() or "fa").startswith("fa") else "en")
