"""Fees for tests: what costs something, and attempts at the simulated bank, made through the verbs."""

from datetime import timedelta

from reports.actions.payments import pay_for_report
from reports.models import Call, Report
from sajad_portal.lib.clock import database_now
from sla.actions.clocks import open_requests
from sla.actions.payments import begin_payment
from sla.enums import RequestKind
from sla.models import LedgerEntry, Payment, Service, ServiceRequest, TariffRow
from units.models import Person, Unit

from .calls import accept, make_call, report_of
from .factories import make_service, make_tariffs
from .people import Cast

PRICE = 2_500_000


def back_to(order_id: str) -> str:
    """What the portal's view gives the bank as the way back."""
    return f"http://testserver/payments/return/{order_id}/"


def priced_call(cast: Cast, *, price: int = PRICE, extension: int = 0, **fields) -> Call:
    """A published call that costs `price` rials; its units have accepted the agreement. `extension`: what asking for time costs."""
    from reports.actions.calls import publish_call

    service = make_service(cast)
    make_tariffs(
        service, **{RequestKind.PERIODIC_REPORT: price, **({RequestKind.EXTENSION: extension} if extension else {})}
    )
    call = publish_call(call=make_call(cast, service=service, **fields), by=cast.laleh)
    for unit, head in ((cast.a, cast.reza), (cast.b, cast.kamran)):
        accept(call, unit, head)
    return call


def priced_requests(service: Service, unit: Unit, count: int = 1, price: int = PRICE) -> list[ServiceRequest]:
    """Requests of the unit that cost something, without a report: for tests of the money alone."""
    rows = TariffRow.objects.filter(table__service=service, request_type__kind=RequestKind.PERIODIC_REPORT, rials=price)
    tariff = rows.first() or make_tariffs(service, periodic_report=price).rows.get()
    return open_requests(
        units=[unit] * count, request_type=tariff.request_type, agreement=service.agreement_versions.get(number=1),
        price_rials=price, tariff=tariff, at=database_now() - timedelta(minutes=1),
    )  # fmt: skip


def at_the_bank(request: ServiceRequest, by: Person) -> Payment:
    """An attempt whose payer stands at the bank's page."""
    return begin_payment(request=request, by=by, return_url=back_to)


def paying(report: Report, by: Person) -> Payment:
    """The same for a report."""
    return pay_for_report(report=report, by=by, return_url=back_to)


def paid_report(cast: Cast, call: Call, bank, unit: Unit | None = None) -> tuple[Report, Payment]:
    """A report whose fee is paid, nothing of it written yet."""
    from sla.actions.settling import settle_payment

    unit = unit or cast.a
    report = report_of(call, unit)
    payment = paying(report, cast.reza if unit == cast.a else cast.kamran)
    bank.visit(payment)
    return report, settle_payment(payment.order_id)


def ledger_of(payment: Payment) -> list[tuple[str, int]]:
    """[(kind, rials)] of one attempt, in the order of time."""
    return list(LedgerEntry.objects.filter(payment=payment).values_list("kind", "rials"))
