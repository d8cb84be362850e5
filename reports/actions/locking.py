"""How every verb begins: lock, re-read, look the clock up, look the transition up. Lock order: call, report, the rest."""

from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.locks import hold_call, share_call
from sajad_portal.lib.text import normalise
from sla.models import Service

from ..enums import CALL_TRANSITIONS, REPORT_TRANSITIONS, CallState, ReportState, ReportStatus
from ..models import Call, Report
from ..queries import loaded, reports_at


def lock_report(report: Report, *, alone: bool = False) -> tuple[Report, datetime]:
    """Lock call (shared; `alone`: exclusively) and report, then read the clock and the report as of that instant.

    The clock comes last: a submitter that waited for the closer must be judged by the time after the wait.
    """
    (hold_call if alone else share_call)(report.call_id)
    state = Report.objects.select_for_update().values_list("state", flat=True).get(pk=report.pk)
    at = database_now()
    # Under the lock the state stays what it is, so whether there can be disputes over a result is known.
    fresh = reports_at(at) if state == ReportState.ANNOUNCED else loaded(Report.objects.before_result(at))
    return fresh.get(pk=report.pk), at


def hold_service(pk: int) -> None:
    """`close_service` waits, and sees the call that comes; a call that waited sees that the service was closed."""
    Service.objects.select_for_update(no_key=True).get(pk=pk)


def lock_call(call: Call) -> tuple[Call, datetime]:
    """Hold the call alone: nobody submits while it changes."""
    hold_call(call.pk)
    Call.objects.select_for_update().values_list("pk", flat=True).get(pk=call.pk)
    at = database_now()
    fresh = Call.objects.with_phase(at).select_related("agreement__service__provider", "form_version", "request_type")
    return fresh.get(pk=call.pk), at


def next_report_state(report: Report, action: str) -> str:
    """The stored state after `action`. Refused where the report, as time has made it, does not allow it."""
    target = REPORT_TRANSITIONS.get((ReportStatus(report.status), action))
    if target is None:
        raise Refused(
            _("This is not possible: the report is “%(status)s” now. Reload the page to see where it stands.")
            % {"status": ReportStatus(report.status).label},
            code="wrong-state",
        )
    return ReportState(target)


def next_call_state(call: Call, action: str) -> str:
    target = CALL_TRANSITIONS.get((CallState(call.state), action))
    if target is None:
        raise Refused(
            _("This is not possible: the call is “%(state)s” now. Reload the page to see where it stands.")
            % {"state": CallState(call.state).label},
            code="wrong-state",
        )
    return CallState(target)


def require(found, message: str | None = None):
    """The membership that allows the verb, or Forbidden."""
    if not found:
        raise Forbidden(message or _("Your membership does not allow this. Ask the coordinator who may do it."))
    return found


def require_reason(reason: str) -> str:
    """A reason that is kept and shown. Refused when it is empty."""
    reason = normalise(reason)
    if len(reason) < 3:
        raise Refused(_("Write the reason; it is kept in the record and shown to those concerned."), code="no-reason")
    return reason
