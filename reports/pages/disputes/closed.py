"""Why something cannot be contested, or not by this person or not any more, in one or two sentences."""

from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.deadlines import until
from sajad_portal.lib.language import current_language
from sajad_portal.lib.states import REPORT
from sla.enums import DisputeStatus

from ...enums import NOT_ASKED, ReportStatus
from ...models import Report
from ...queries.results import versions_of
from ...rules import can_contest, contesting_side, side_over_report
from ...rules.contestable_acts import Act
from ..result.letter import status_sentence


def why_not_contest(person, report: Report, at: datetime) -> str:
    """Of the result; "" where the person may contest it now."""
    if can_contest(person, report, at):
        return ""
    versions = versions_of(report)
    if report.status in NOT_ASKED or not versions:
        words = _("There is no announced result to contest; the report is “%(status)s”.")
        return words % {"status": REPORT[report.status].word}
    if report.status != ReportStatus.ANNOUNCED:
        return status_sentence(report, versions[-1], versions[-1], current_language())
    if side_over_report(person, report, at) is not None and contesting_side(person, report, at) is None:
        return _("You made some of this score, so another coordinator contests it for the provider.")
    return _("The head of the unit, or a coordinator of the provider, contests it until %(until)s.") % {
        "until": until(report.objections_end)
    }


def why_not_contest_act(person, act: Act, report: Report, at: datetime) -> str:
    """Of another act than the result; "" where the person may contest it now."""
    if act.dispute is not None:
        return _("There is a dispute over this already: “%(status)s”. What it ends with stands.") % {
            "status": DisputeStatus(act.dispute.status).label
        }
    if act.until <= at:
        return _("The days for objecting to it ended with %(until)s; it stands as it is.") % {"until": until(act.until)}
    if side_over_report(person, report, at) is None:
        return _("The head of the unit, or a coordinator of the provider, contests it until %(until)s.") % {
            "until": until(act.until)
        }
    return ""
