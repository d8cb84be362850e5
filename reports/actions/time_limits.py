"""What the verbs over a call's time ask of a date, and of whom it is for: asked by the verb under its lock, and by the page that
tells the consequence before, so that nobody confirms what is then refused."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from units.models import Unit

from ..enums import UNSENT, CallPhase, ReportStatus
from ..models import Call, Report
from ..rules.deadlines import deadline
from .locking import next_report_state


def require_later_closing(call: Call, closes_at: datetime, at: datetime) -> None:
    if closes_at <= max(call.closes_at, at):
        raise Refused(_("The new closing must lie after the present one and in the future."), code="not-later")


def require_earlier_closing(call: Call, closes_at: datetime | None, at: datetime) -> datetime:
    """The instant at which it closes: `closes_at`, or now where none is given or that has passed."""
    closes_at = max(closes_at or at, at)
    if call.opens_at >= closes_at:
        raise Refused(_("The call has not opened yet. Cancel it instead."), code="not-open-yet")
    if closes_at >= call.closes_at:
        raise Refused(_("That is not earlier than the present closing."), code="not-earlier")
    return closes_at


def require_askable(call: Call, unit: Unit, until: datetime | None, at: datetime) -> None:
    """The unit of a late asking, with a deadline of its own (None: the call's)."""
    if unit.retired_at and unit.retired_at <= at:
        raise Refused(_("This unit is retired. Ask its successor."), code="retired")
    if Report.objects.filter(call=call, unit=unit).exists():
        raise Refused(_("This unit has been asked already."), code="asked-already")
    if call.phase in (CallPhase.GRACE, CallPhase.CLOSED) and not until:
        raise Refused(_("The call has closed. Give the unit a deadline of its own."), code="needs-deadline")
    if until and until <= max(call.closes_at, at):
        raise Refused(_("The unit’s own deadline must lie after the closing and in the future."), code="not-later")


def require_more_time(report: Report, until: datetime, at: datetime) -> None:
    if report.status not in UNSENT:
        raise Refused(
            _("This report is “%(status)s”; more time would change nothing for it.")
            % {"status": ReportStatus(report.status).label},
            code="not-waiting",
        )
    if until <= max(deadline(report), at):
        raise Refused(_("The extension must lie after the present deadline and in the future."), code="not-later")


def require_more_time_for_all(reports: Iterable[Report], until: datetime, at: datetime) -> None:
    """All or none; the refusal names the unit."""
    for report in reports:
        with_name(report, lambda report=report: require_more_time(report, until, at))


def require_excusable(reports: Iterable[Report]) -> None:
    for report in reports:
        with_name(report, lambda report=report: next_report_state(report, "excuse"))


def with_name(report: Report, ask) -> None:
    """Of several units: whose report the refusal is about."""
    try:
        ask()
    except Refused as refusal:
        raise Refused(f"{report.unit_name}: {refusal}", code=refusal.code) from refusal
