"""The demo's money: a fee for the universities' yearly report, paid by those that sent theirs. No bank is asked: attempts
are written as the verbs would have left them, refunds go through the verbs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sajad_portal.lib.clock import database_now, end_of_day, start_of_day, tehran_date
from sajad_portal.lib.codes import ORDER_GROUPS, new_code
from sajad_portal.lib.errors import promised
from sla.actions.reconciliation import LATELY, compare_once
from sla.actions.request_types import add_request_type
from sla.actions.tariffs import publish_tariffs
from sla.enums import AgreementVerb, EntryKind, PaymentReason, PaymentState
from sla.gateways import StatementLine, configured, current
from sla.models import LedgerEntry, Payment, RequestType, Service, ServiceRequest
from sla.queries.tariffs import fiscal_year
from units.enums import Role
from units.models import Event, Membership, Person

from ..actions.calls import excuse_unit
from ..actions.refunds import propose_refund
from ..models import Call, Report
from .stories import at_time

# The yearly report of a university is a request type of its own: it has a tariff, the departments' reports have none.
YEARLY = ("university-report", "گزارش سالانهٔ دانشگاه", "Yearly report of a university", 30)
FEE = 2_500_000
DEPOSIT_ID = "350141205277940300000000000014"
HEADER = "نوع درخواست,مبلغ (ریال),شناسهٔ واریز,یادداشت\n"


def yearly_type(service: Service, by: Person) -> RequestType:
    code, title, title_en, days = YEARLY
    return add_request_type(service=service, code=code, title=title, title_en=title_en, target_working_days=days, by=by)


def tell_tariffs(demo, before: datetime) -> None:
    """Two versions of the year in which the open calls are published: the first has a slip of a digit, the second mends it."""
    if not configured():
        return  # without a bank nothing that costs is published
    for days, typed, note in ((60, "۲۵٬۰۰۰٬۰۰۰", ""), (55, "۲٬۵۰۰٬۰۰۰", "اصلاح رقم نسخهٔ ۱")):
        row = f"{YEARLY[1]},{typed},{DEPOSIT_ID},{note}\n"
        with at_time(before - timedelta(days=days) + timedelta(hours=10, minutes=20)):
            publish_tariffs(
                service=demo.service, year=fiscal_year(before), data=(HEADER + row).encode("utf-8-sig"),
                name=f"tariffs-{fiscal_year(before)}.csv", by=demo.people["laleh"],
            )  # fmt: skip


@dataclass
class Attempt:
    """What one attempt at the bank leaves behind."""

    report: Report
    payer: Membership
    begun_at: datetime
    minutes: float = 3.0  # at the bank
    state: PaymentState = PaymentState.PAID

    @property
    def told_at(self) -> datetime:
        return self.begun_at + timedelta(minutes=self.minutes)

    def payment(self) -> Payment:
        gateway, rng = current(), Random(self.report.pk)  # noqa: S311 figures of a demo
        payment = Payment(
            request=self.report.request, order_id=new_code(groups=ORDER_GROUPS), amount_rials=self.report.request.price_rials,
            gateway=gateway.name, terminal=gateway.terminal, token=new_code(groups=6), state=self.state,
            begun_at=self.begun_at, begun_by=self.payer.person, membership=self.payer,
            expires_at=self.begun_at + timedelta(minutes=gateway.minutes + 2),
            redirected_at=self.begun_at + timedelta(seconds=1),
        )  # fmt: skip
        if self.state == PaymentState.PAID:
            payment.settled_at, payment.received_rials = self.told_at, payment.amount_rials
            payment.reference = f"{rng.randrange(10**11, 10**12)}"
            payment.card_masked = f"603799******{rng.randrange(1000, 10000)}"
        elif self.state == PaymentState.FAILED:
            payment.ended_at, payment.reason = self.told_at, PaymentReason.NOT_PAID
        elif self.state == PaymentState.UNKNOWN:
            # Asked in vain so often that the next question lies most of an hour ahead.
            payment.reason, payment.tries, payment.next_try_at = PaymentReason.UNREADABLE, 6, self.told_at + UNASKED
        return payment


UNASKED = timedelta(minutes=85)
VERBS = {
    PaymentState.PAID: AgreementVerb.SETTLE,
    PaymentState.FAILED: AgreementVerb.FAIL,
    PaymentState.UNKNOWN: AgreementVerb.DOUBT,
}


def write_attempts(attempts: list[Attempt]) -> list[Payment]:
    """The rows of all attempts with their ledger and their Events, in the order given."""
    payments = Payment.objects.bulk_create([attempt.payment() for attempt in attempts], batch_size=500)
    paid = [payment for payment in payments if payment.state == PaymentState.PAID]
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            request_id=payment.request_id, payment=payment, kind=EntryKind.CREDIT, rials=payment.received_rials,
            at=payment.settled_at,
            data={"order_id": payment.order_id, "terminal": payment.terminal, "reference": payment.reference},
        )
        for payment in paid
    )  # fmt: skip
    for payment in paid:
        request = payment.request
        request.paid_at, request.bank_begun_at, request.bank_settled_at = (
            payment.settled_at, payment.begun_at, payment.settled_at,
        )  # fmt: skip
    ServiceRequest.objects.bulk_update(
        [payment.request for payment in paid], ["paid_at", "bank_begun_at", "bank_settled_at"]
    )
    Event.objects.bulk_create(
        event for attempt, payment in zip(attempts, payments, strict=True) for event in _events(attempt, payment)
    )
    return payments


def _events(attempt: Attempt, payment: Payment) -> list[Event]:
    unit = attempt.report.unit

    def of(verb: AgreementVerb, at: datetime, by: Membership | None, **data) -> Event:
        return Event(
            at=at, verb=verb, noun="payment", key=payment.order_id, path=unit.path, unit_id=unit.pk,
            person=by.person if by else None, membership=by, data=data,
        )  # fmt: skip

    begun = of(
        AgreementVerb.BEGIN, payment.begun_at, attempt.payer, request=payment.request_id, rials=payment.amount_rials,
        gateway=payment.gateway,
    )  # fmt: skip
    told: dict[str, object] = {"reason": str(payment.reason)}
    if payment.state == PaymentState.PAID:
        told |= {"rials": payment.received_rials, "reference": payment.reference, "before": PaymentState.REDIRECTED}
    return [
        begun, of(AgreementVerb.REDIRECT, promised(payment.redirected_at, "Attempt.payment"), attempt.payer),
        of(VERBS[PaymentState(payment.state)], attempt.told_at, None, **told),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------------ the open call
def pay_for(sent: dict[Report, datetime]) -> None:
    """Each of these reports is paid by its unit's expert an hour before it is sent. Nothing where they are free."""
    if any(report.request.price_rials for report in sent):
        write_attempts([Attempt(report, _expert(report), at - timedelta(hours=1)) for report, at in sent.items()])


def tell_money(demo, call: Call) -> None:
    """Around the universities that paid and sent: one tried in vain, one whose bank is silent, one to be refunded."""
    if not call.price_rials:
        return
    reports = list(call.reports.select_related("unit", "request", "call").order_by("unit__code"))
    by_code = {report.unit.code: report for report in reports}
    silent, excused = [report for report in reports if report.unit.code != "UM"][12:14]
    now = demo.now
    write_attempts(
        [
            Attempt(by_code["UM"], _expert(by_code["UM"]), now - timedelta(days=1, hours=2), state=PaymentState.FAILED),
            Attempt(silent, _expert(silent), now - timedelta(minutes=40), 5, PaymentState.UNKNOWN),
            Attempt(excused, _expert(excused), now - timedelta(days=6)),
        ]
    )
    with at_time(now - timedelta(days=3)):
        excuse_unit(
            report=excused, by=demo.people["laleh"], reason="دانشگاه در میانهٔ سال در دانشگاه دیگری ادغام شده است."
        )
    with at_time(now - timedelta(days=2)):
        propose_refund(
            payment=Payment.objects.get(request=excused.request), by=demo.people["samira"],
            reason="واحد پس از پرداخت معاف شد و گزارشی نمی‌فرستد.",
        )  # fmt: skip


def compare_days(demo) -> None:
    """The portal compared each day of the last week with the bank's statement early on the next, and both agreed."""
    if not configured():
        return
    gateway = current()
    for ago in range(LATELY, 0, -1):
        day = tehran_date(demo.now) - timedelta(days=ago)
        paid = Payment.objects.filter(
            gateway=gateway.name, settled_at__gte=start_of_day(day), settled_at__lt=end_of_day(day)
        )
        lines = [
            StatementLine(each.order_id, each.reference, each.amount_rials, each.terminal, each.settled_at)
            for each in paid.order_by("settled_at", "pk")
        ]
        with at_time(end_of_day(day) + timedelta(minutes=40)):
            compare_once(demo.service, gateway.name, day, lines)


def _expert(report: Report) -> Membership:
    held = Membership.objects.valid_at(database_now()).filter(unit=report.unit, role=Role.REPORTER)
    return held.select_related("person")[0]
