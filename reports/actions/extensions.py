"""More time: a head asks and a coordinator decides; or a coordinator gives it to several units at once."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sla.actions.filing import answer, file_under
from sla.enums import Decision, RequestKind
from sla.models import RequestType
from sla.queries.payments import is_paid
from units.actions.events import record, tell
from units.enums import Role
from units.models import Membership, Person

from ..enums import WITH_RESULT, ReportStatus, ReportVerb
from ..models import Call, ExtensionRequest, Report
from ..notices import extensions as notices_calls
from ..queries import reports_at
from ..rules import can_ask_extension, unit_membership
from ..rules.deadlines import deadline
from .calls import grant_extension
from .deciding import require_decider
from .locking import lock_call, lock_report, next_call_state, require, require_reason
from .time_limits import with_name


def ask_extension(*, report: Report, until: datetime, reason: str, by: Person) -> ExtensionRequest:
    """The head asks for time until `until` (exclusive), before or after the closing, until the result is announced.

    Refused: not-later, asked-already, submitted, announced, no-reason, no-gateway. Opens a service request of its own, whose
    price is frozen now by the tariffs of this fiscal year and whose clock runs, once that is paid, until the decision.
    """
    with transaction.atomic():
        report, at = lock_report(report)
        membership = require(
            unit_membership(by, report, at, {Role.HEAD}), _("Only the head of the unit asks for more time.")
        )
        reason = require_reason(reason)
        if not can_ask_extension(by, report, at):
            raise Refused(_why_not(report), code="not-waiting")
        if until <= max(deadline(report), at):
            raise Refused(
                _("The time you ask for must lie after the present deadline and in the future."), code="not-later"
            )
        if (earlier := report.extension_requests.filter(decided_at=None).select_related("request").first()) is not None:
            if (earlier.asked_by_id, earlier.asked_until, earlier.reason) == (by.pk, until, reason):
                return earlier  # the same click twice
            raise Refused(
                _("Your earlier request still waits for a decision. It can be asked again after that.")
                if is_paid(earlier.request)
                else _("You have asked already, and the fee of that request is not paid. Pay it; then it is decided."),
                code="asked-already",
            )
        request = file_under(
            unit=report.unit, request_type=_request_type(report), agreement=report.call.agreement, at=at
        )
        asked = ExtensionRequest.objects.create(
            report=report,
            request=request,
            asked_at=at,
            asked_by=by,
            membership=membership,
            asked_until=until,
            reason=reason,
        )
        event = _record(
            ReportVerb.ASK_EXTENSION, report, at=at, by=by, membership=membership,
            data={"request": asked.pk, "until": until.isoformat(), "reason": reason},
        )  # fmt: skip
        if is_paid(request):  # else the coordinators are told once the fee has come
            tell(event, notices_calls.extension_asked(asked, report, at))
    return asked


def decide_extension(
    *, asked: ExtensionRequest, granted_until: datetime | None, reason: str, by: Person
) -> ExtensionRequest:
    """Grant the request wholly or in part (`granted_until`), or refuse it (None). Always with a reason. Once only."""
    with transaction.atomic():
        report, at = lock_report(asked.report, alone=True)
        asked = ExtensionRequest.objects.select_for_update(of=("self",)).select_related("request").get(pk=asked.pk)
        membership = require_decider(by, report, at)
        reason = require_reason(reason)
        if asked.decided_at:
            raise Refused(_("This request has been decided already."), code="decided-already")
        if not is_paid(asked.request):
            raise Refused(
                _("The fee of this request is not paid yet. It can be decided once the unit has paid."), code="unpaid"
            )
        asked.decided_at, asked.decided_by, asked.decision_reason = at, by, reason
        asked.granted_until = granted_until
        if granted_until is None:
            asked.decision = Decision.REFUSED
        else:
            asked.decision = _measure(asked, granted_until)
            grant_extension(report, granted_until, at=at, by=by, membership=membership, reason=reason)
        asked.save()
        answer(asked.request, at)
        event = _record(
            ReportVerb.DECIDE_EXTENSION, report, at=at, by=by, membership=membership,
            data={
                "request": asked.pk, "decision": asked.decision, "reason": reason,
                "until": granted_until.isoformat() if granted_until else None,
            },
        )  # fmt: skip
        if granted_until is None:
            tell(event, notices_calls.extension_refused(asked, report, at))
    return asked


def extend_units(*, call: Call, reports: list[Report], until: datetime, reason: str, by: Person) -> list[Report]:
    """Move the last moment of several units of one call, all of them or, where one cannot be extended, none; nor where one of
    them is in the line of whoever decides."""
    with transaction.atomic():
        call, at = lock_call(call)
        reason = require_reason(reason)
        next_call_state(call, "extend_unit")
        ids = [report.pk for report in reports]
        list(Report.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
        fresh = list(reports_at(at).filter(pk__in=ids, call=call).order_by("pk"))
        if not fresh:
            raise Refused(_("Choose at least one unit."), code="nobody-chosen")
        for report in fresh:
            membership = require_decider(by, report, at)
            give = partial(grant_extension, report, until, at=at, by=by, membership=membership, reason=reason)
            with_name(report, give)
    return fresh


def _measure(asked: ExtensionRequest, granted_until: datetime) -> str:
    return Decision.GRANTED if granted_until >= asked.asked_until else Decision.PARTLY


def _request_type(report: Report) -> RequestType:
    found = report.call.service.request_types.filter(kind=RequestKind.EXTENSION).order_by("id").first()
    if found is None:
        raise Refused(
            _("The service has no request type for extensions. Ask the coordinator to extend your unit directly."),
            code="no-request-type",
        )
    return found


def _why_not(report: Report) -> str:
    status = ReportStatus(report.status)
    if status in WITH_RESULT:
        return _("The result of this report is announced; no extension is possible any more.")
    return _("This report is “%(status)s”; more time would change nothing for it.") % {"status": status.label}


def _record(verb: ReportVerb, report: Report, *, at: datetime, by: Person, membership: Membership, data: dict):
    return record(
        verb, noun="report", key=report.tracking_code, at=at, by=by, membership=membership, path=report.unit_path,
        unit_id=report.unit_id, call_id=report.call_id, data=data,
    )  # fmt: skip
