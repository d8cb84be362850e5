"""By when the initial result is promised: one date, wherever it stands."""

from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.deadlines import until
from sajad_portal.lib.jalali import format_date
from sajad_portal.lib.numbers import local_digits
from sla.enums import Verdict
from sla.queries.clocks import Reading

from ...models import Report


def result_due(report: Report, reading: Reading, at: datetime) -> str:
    """The service's target is the promise, and its day the only one that is named while it can be kept; afterwards the call's own
    plan, if that still lies ahead."""
    if reading.runs_out is not None:
        return _("The initial result is due by %(day)s.") % {"day": format_date(reading.runs_out, "full")}
    if reading.verdict == Verdict.OVERDUE and report.call.review_until > at:
        return _("The target has passed; the result is now planned by %(until)s.") % {
            "until": until(report.call.review_until)
        }
    if reading.verdict == Verdict.OVERDUE:
        return _("The target has passed and the initial result is not out yet.")
    return _("The initial result is due within %(days)s working days in which headquarters holds the report.") % {
        "days": local_digits(reading.target_days)
    }
