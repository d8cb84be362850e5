"""What a stranger who holds a code is told: where a report stands and when, never what is in it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.codes import TRACKING_GROUPS, VERIFICATION_GROUPS, clean_code
from sajad_portal.lib.numbers import local_number
from sla.enums import Outcome
from sla.models import Dispute

from ...enums import IN_REVIEW, UNSUBMITTED, ReportStatus, Timeliness
from ...models import Report, ResultVersion
from ...queries import form_of, reports_at
from ...queries.reports import timeliness_of
from ...queries.results import versions_of
from ..result.letter import became_final

S = ReportStatus


@dataclass(frozen=True)
class PublicStep:
    """A date of the report's course; `todo` lies ahead."""

    icon: str
    title: str
    at: datetime
    todo: bool = False


@dataclass(frozen=True)
class Tracked:
    code: str
    status: str
    what_next: str
    steps: list[PublicStep]


def tracked_report(text: str, at: datetime) -> Tracked | None:
    """The report with this tracking code, or None. The same for every reader."""
    code = clean_code(text, groups=TRACKING_GROUPS)
    report = reports_at(at).filter(tracking_code=code).first() if code else None
    if report is None:
        return None
    return Tracked(report.tracking_code, report.status, what_next(report), _steps(report, at))


def what_next(report: Report) -> str:
    """Whose turn it is, and what they do; by when stands in `ahead`."""
    if report.status == S.MISSED:
        scored = form_of(report.call.form_version).is_scored
        return (
            _("No report came within the deadline; a result of 0 is announced.")
            if scored
            else _("No report came within the deadline; that is what its result says.")
        )
    window = report.call.objection_days
    then = ngettext("Then the unit has %(n)s day to object.", "Then the unit has %(n)s days to object.", window) % {
        "n": local_number(window)
    }
    return {
        S.NOT_STARTED: _("The unit writes its report until the deadline."),
        S.DRAFT: _("The unit writes its report until the deadline."),
        S.AWAITING_SIGN_OFF: _("The head of the unit signs and submits."),
        S.SUBMITTED: _("A reviewer takes it up and verifies it; then the result is announced.") + " " + then,
        S.UNDER_REVIEW: _("Reviewers verify it; then the result is announced.") + " " + then,
        S.RETURNED: _("The unit corrects it until the date below."),
        S.ANNOUNCED: _("The head of the unit may object until the date below; then the result is final."),
        S.CONTESTED: _("The two sides negotiate until the date below."),
        S.FINAL: _("Nothing more; the result is final."),
        S.EXCUSED: _("Nothing more; the unit was excused."),
        S.CANCELLED: _("Nothing more; the call was cancelled."),
    }[S(report.status)]


def _steps(report: Report, at: datetime) -> list[PublicStep]:
    versions = versions_of(report)
    missed = timeliness_of(report, at) == Timeliness.MISSED
    found = [PublicStep("s-missed", _("Deadline missed"), report.last_moment)] if missed else []
    found += [PublicStep("s-submitted", _("Submitted"), r.submitted_at) for r in report.revisions.order_by("number")]
    for round_ in report.returns.all():
        found.append(PublicStep("s-returned", _("Returned for correction"), round_.returned_at))
        if round_.withdrawn_at:
            found.append(PublicStep("arrow-return-left", _("The return was taken back"), round_.withdrawn_at))
    found += [PublicStep("s-announced", _("Result announced"), v.announced_at) for v in versions if v.announced_at]
    for objection in report.objections.select_related("dispute"):
        found += _of_dispute(objection.dispute)
    found.sort(key=lambda step: step.at)
    return found + ahead(report)


def _of_dispute(dispute: Dispute) -> list[PublicStep]:
    """When it was contested, and how that ended; what the two sides said is theirs."""
    found = [PublicStep("s-contested", _("Contested"), dispute.filed_at)]
    if dispute.outcome == Outcome.SETTLED:
        found.append(PublicStep("check2", _("Settled by agreement"), dispute.end))
    elif dispute.outcome == Outcome.WITHDRAWN:
        found.append(PublicStep("arrow-return-left", _("Objection withdrawn"), dispute.end))
    return found


def ahead(report: Report) -> list[PublicStep]:
    """The next date of its course; none where nothing more comes."""
    if report.status in (*IN_REVIEW, S.MISSED):
        return [PublicStep("s-announced", _("Result, as planned by the call"), report.call.review_until, todo=True)]
    if report.status == S.FINAL:
        return [PublicStep("s-final", _("Final"), became_final(report))]
    if report.status in UNSUBMITTED:
        return [PublicStep("clock", _("Deadline"), report.deadline, todo=True)]
    if report.status == S.RETURNED:
        return [PublicStep("clock", _("End of the correction"), report.correction_due, todo=True)]
    if report.status == S.ANNOUNCED:
        return [PublicStep("s-final", _("Final, if nobody objects"), report.objections_end, todo=True)]
    if report.status == S.CONTESTED:
        dispute = report.objections.select_related("dispute").order_by("-dispute__filed_at").first()
        return (
            [PublicStep("s-final", _("End of the negotiation"), dispute.dispute.final_at, todo=True)] if dispute else []
        )
    return []


@dataclass(frozen=True)
class VerifiedLetter:
    """A letter that the portal wrote: which version, when, and whether it still stands."""

    version: ResultVersion
    report: Report
    standing: ResultVersion

    @property
    def stands(self) -> bool:
        return self.version == self.standing


def verified_letter(text: str, at: datetime) -> VerifiedLetter | None:
    """The announced version with this verification code, or None. An offer that was never announced is no letter."""
    code = clean_code(text, groups=VERIFICATION_GROUPS)
    version = ResultVersion.objects.filter(verification_code=code, announced_at__isnull=False).first() if code else None
    if version is None:
        return None
    report = reports_at(at).get(pk=version.report_id)
    return VerifiedLetter(version, report, versions_of(report)[-1])
