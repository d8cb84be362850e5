"""Acts to contest, for tests: an extension refused, a return, a missed deadline, a fee; each made through its verb."""

from datetime import timedelta

from django.db import transaction

from reports.actions.contests import contest_act
from reports.actions.extensions import ask_extension, decide_extension
from reports.actions.returns import return_for_correction
from reports.enums import ReportVerb
from reports.models import Call, ExtensionRequest, Report, ReturnRound
from sajad_portal.lib.clock import database_now
from sla.enums import Subject
from sla.models import Dispute, ServiceRequest
from units.actions.events import record

from .calls import at_closing, report_of, submitted_report
from .people import Cast
from .reviews import assign

WHY = "دلیل ما در پیوست است."


def refused_extension(cast: Cast, call: Call, *, granted_until=None) -> ExtensionRequest:
    """Unit A's head asks for five more days; refused, or granted in part."""
    report = report_of(call, cast.a)
    until = max(call.closes_at, database_now()) + timedelta(days=5)
    asked = ask_extension(report=report, until=until, reason="سیل راه را بست.", by=cast.reza)
    return decide_extension(asked=asked, granted_until=granted_until, reason="راه باز بود.", by=cast.laleh)


def returned_report(cast: Cast, call: Call) -> tuple[Report, ReturnRound]:
    """Unit A's report, submitted and returned with one remark."""
    assign(cast, call)
    report, _revision = submitted_report(cast, call)
    round_ = return_for_correction(
        report=report, remarks={"HSG-01": "فهرست اسکان را پیوست کنید"}, by=cast.omid, note="ناقص است"
    )
    return report_of(call, cast.a), round_


def missed_report(cast: Cast, call: Call, clock) -> Report:
    """Unit A missed the call; half an hour after the last moment."""
    clock.move_to(at_closing(call, hours=1))
    return report_of(call, cast.a)


def with_fee(report: Report, rials: int = 500_000) -> Report:
    """The call was published free: that this report costs is what a dispute agreed on."""
    with transaction.atomic():
        ServiceRequest.objects.filter(pk=report.request_id).update(price_rials=rials)
        record(
            ReportVerb.LOWER_FEE, noun="report", key=report.tracking_code, at=database_now(), by=None, call_id=report.call_id,
            data={"before": 2 * rials, "after": rials},
        )  # fmt: skip
    return Report.objects.select_related("call", "unit", "request").get(pk=report.pk)


def contested(cast: Cast, report: Report, subject: Subject, key: int, by=None, text: str = WHY) -> Dispute:
    return contest_act(report=report, subject=subject, key=key, text=text, by=by or cast.reza)
