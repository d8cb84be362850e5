"""The fee of a report or of another request as its page shows it: what it costs, whether it is paid, what to do now."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from sla.enums import PaymentState
from sla.models import GeneralRequest, Payment, ServiceRequest
from sla.queries.tariffs import Price, price_of_request
from sla.rules.requests import can_pay_request

from ...models import ExtensionRequest, Report
from ...queries.payments import latest_attempt
from ...queries.prices import price_of_extension, price_of_report
from ...rules.deadlines import deadline
from ...rules.payments import can_pay, can_pay_extension, held_open_by_bank, sees_payments_of, sees_payments_of_request


@dataclass(frozen=True)
class Fee:
    """`state`: free; paid; at_bank (the payer may still pay there); doubt (the bank's word is awaited); due; over.

    `until`: by when it is to be paid, where something ends. `held_until`: the bank's delay keeps the report open so long.
    """

    price: Price
    state: str
    payment: Payment | None = None
    may_pay: bool = False
    pay_url: str = ""
    until: datetime | None = None
    held_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state in ("due", "at_bank", "doubt")


def fee_of_report(report: Report, person, at: datetime) -> Fee | None:
    """None for who sees no payments: they read the price alone."""
    price = price_of_report(report)
    if price.is_free:
        return Fee(price, "free")
    if not sees_payments_of(person, report, at):
        return None
    return _fee(
        report.request, price, may_pay=can_pay(person, report, at), until=deadline(report),
        pay_url=reverse("reports:report_pay", args=[report.tracking_code]),
        held_until=report.last_moment if held_open_by_bank(report) else None,
    )  # fmt: skip


def fee_of_extension(asked: ExtensionRequest, report: Report, person, at: datetime) -> Fee | None:
    """The same for a request for more time of this report."""
    price = price_of_extension(asked)
    if price.is_free:
        return Fee(price, "free")
    if not sees_payments_of(person, report, at):
        return None
    address = reverse("reports:extension_pay", args=[asked.pk])
    return _fee(asked.request, price, may_pay=can_pay_extension(person, asked, at), pay_url=address)


def fee_of_request(general: GeneralRequest, person, at: datetime) -> Fee | None:
    """The same for a general request that was filed."""
    price = price_of_request(general.opened)
    if price.is_free:
        return Fee(price, "free")
    if not sees_payments_of_request(person, general, at):
        return None
    address = reverse("reports:request_pay", args=[general.pk])
    return _fee(general.opened, price, may_pay=can_pay_request(person, general, at), pay_url=address)


def _fee(
    request: ServiceRequest, price: Price, *, may_pay: bool, pay_url: str, until: datetime | None = None,
    held_until: datetime | None = None,
) -> Fee:  # fmt: skip
    payment = latest_attempt(request)
    if request.paid_at:
        state = "paid"
    elif payment and payment.state == PaymentState.UNKNOWN:
        state = "doubt"
    elif payment and payment.is_live:
        state = "at_bank"
    else:
        state = "due" if may_pay else "over"
    return Fee(price, state, payment, may_pay, pay_url, until, held_until)
