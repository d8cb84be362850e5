"""Paying for a report or an extension request, and what a payment that has settled sets going.

The ledger is `sla`'s; whether the matter is still open is asked here, under the lock, before the bank is asked for a token.
"""

from collections.abc import Callable

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sla.actions.filing import settled_requests, take_up
from sla.actions.payments import look_up, open_attempt, send_to_bank
from sla.actions.requests import settle_general_request
from sla.models import GeneralRequest, Payment
from sla.queries.payments import is_paid
from units.actions.events import claim_once, record, tell
from units.enums import Role
from units.models import Person

from ..enums import UNSUBMITTED, ReportVerb
from ..models import ExtensionRequest, Report
from ..notices import extensions as notices_calls
from ..notices import payments as notices_payments
from ..rules import submitting_roles
from ..rules.deadlines import is_open
from ..rules.payments import held_open_by_bank
from .locking import lock_report
from .submission import too_late


def pay_for_report(*, report: Report, by: Person, return_url: Callable[[str], str]) -> Payment:
    """An attempt to pay the report's fee; its payer goes to `sla.gateways.bank_page(payment)`.

    Refused: what `sla.actions.payments.begin_payment` refuses; `closed`, `not-open`, `cancelled` outside the report's time;
    `not-payable` during a correction and after the submission.
    """
    look_up(report.request)
    with transaction.atomic():
        report, at = lock_report(report)
        if not is_paid(report.request):
            if is_open(report, at) and report.status not in UNSUBMITTED:
                raise Refused(_("The report is submitted; no fee is taken for it now."), code="not-payable")
            if not is_open(report, at):
                raise too_late(report, at)
        payment = open_attempt(request=report.request, by=by, roles=submitting_roles(report), call_id=report.call_id)
    return send_to_bank(payment, return_url)


def pay_for_extension(*, asked: ExtensionRequest, by: Person, return_url: Callable[[str], str]) -> Payment:
    """An attempt to pay an extension request's fee: until it is paid, nobody decides it."""
    look_up(asked.request)
    with transaction.atomic():
        lock_report(asked.report)
        asked = ExtensionRequest.objects.select_for_update(of=("self",)).select_related("request").get(pk=asked.pk)
        if asked.decided_at:
            raise Refused(_("This request has been decided already."), code="not-payable")
        payment = open_attempt(request=asked.request, by=by, roles={Role.HEAD}, call_id=asked.report.call_id)
    return send_to_bank(payment, return_url)


# ------------------------------------------------------------------------------- what follows a payment that has settled
def follow_payment(payment: Payment) -> None:
    """What the settlement of this attempt sets going, at once; the sweep does the same for what was missed."""
    _follow(request_ids=[payment.request_id])


def follow_payments() -> int:
    """The sweep: requests whose fee has come, and reports that a settlement holds open. Once each."""
    return _follow(request_ids=None)


def _follow(request_ids: list[int] | None) -> int:
    settled = settled_requests(request_ids)
    asked = ExtensionRequest.objects.filter(request__in=settled, decided_at__isnull=True)
    general = GeneralRequest.objects.filter(request__in=settled)
    spanned = Report.objects.with_last_moment().filter(
        request__bank_settled_at__isnull=False, last_moment__gt=F("base")
    )
    held = spanned.filter(last_moment__gt=database_now())
    if request_ids is not None:
        held = held.filter(request__in=request_ids)
    done = sum(_open_extension(pk) for pk in asked.values_list("pk", flat=True))
    done += sum(settle_general_request(pk) for pk in general.values_list("pk", flat=True))
    return done + sum(_tell_of_more_time(pk) for pk in held.values_list("pk", flat=True))


def _open_extension(pk: int) -> bool:
    """The fee has come: the clock starts at that instant, and the coordinators are told."""
    with transaction.atomic():
        asked = ExtensionRequest.objects.select_related("report__unit", "request").get(pk=pk)
        report, at = lock_report(asked.report)
        asked.refresh_from_db(fields=["decided_at"])
        if asked.decided_at or not take_up(asked.request, at):
            return False
        event = record(
            ReportVerb.ASK_EXTENSION_PAID, noun="report", key=report.tracking_code, at=at, by=None, path=report.unit_path,
            unit_id=report.unit_id, call_id=report.call_id, data={"request": pk},
        )  # fmt: skip
        tell(event, notices_calls.extension_asked(asked, report, at))
    return True


def _tell_of_more_time(pk: int) -> bool:
    """The bank settled after the deadline: the report is open for two hours from then. True by the timestamps; told once."""
    with transaction.atomic():
        report, at = lock_report(Report.objects.get(pk=pk))
        if not (span := report.request.bank_span) or not held_open_by_bank(report):
            return False
        begun_at, settled_at = span
        if not claim_once(f"report:{pk}:bank:{settled_at.isoformat()}", at):
            return False
        event = record(
            ReportVerb.HOLD_OPEN, noun="report", key=report.tracking_code, at=at, by=None, path=report.unit_path,
            unit_id=report.unit_id, call_id=report.call_id,
            data={
                "begun_at": begun_at.isoformat(), "settled_at": settled_at.isoformat(),
                "until": report.last_moment.isoformat(),
            },
        )  # fmt: skip
        tell(event, notices_payments.more_time(report, at))
    return True
