"""Paying a fee in a real browser at the simulated bank: accepted → paid → submitted; cancelled and paid again; another amount;
and the bank that is down in the last minutes."""

import re
from copy import deepcopy

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.actions.calls import publish_call
from reports.actions.closing import record_closings
from reports.actions.payments import follow_payments
from reports.enums import ReportStatus, Standing
from reports.invariants import broken
from reports.models import Report, Revision
from reports.queries import reports_at
from sajad_portal.lib.clock import database_now
from sla.actions.settling import settle_unknown
from sla.enums import Answer, PaymentState
from sla.models import Acceptance, Payment
from tests.calls import at_closing, fill, make_call, report_of
from tests.factories import make_service, make_tariffs
from tests.faults.races import spin_until
from tests.papers import unsaid
from tests.payments import PRICE, ledger_of, priced_call

from .walking import check, press, says, words


def page_of(name: str, report: Report) -> str:
    return reverse(f"reports:{name}", args=[report.tracking_code])


def status(report: Report) -> str:
    return reports_at(database_now()).get(pk=report.pk).status


@pytest.fixture(autouse=True)
def _the_way_to_the_bank(bank, settings):
    """Chrome holds the redirect after a form to the policy too; a start with this gateway names its address itself."""
    policy = deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"].append(bank.url)
    settings.CONTENT_SECURITY_POLICY = policy


def choose(page, label: str) -> None:
    """On the bank's page."""
    page.get_by_role("button", name=label, exact=True).click()
    page.wait_for_load_state()


def to_the_bank(page, report: Report) -> Payment:
    page.goto(page_of("report", report))
    press(page, "Pay the fee")
    expect(page.locator("h1")).to_have_text("پرداخت")
    expect(page.locator("body")).to_contain_text("۲٬۵۰۰٬۰۰۰")
    return Payment.objects.latest("pk")


def test_refused_then_accepted_paid_at_the_bank_and_submitted(open_page, live_server, cast):
    service = make_service(cast)
    make_tariffs(service, periodic_report=PRICE)
    call = publish_call(call=make_call(cast, service=service), by=cast.laleh)
    report = fill(report_of(call, cast.a), cast.sara)
    reza = open_page(reverse("sla:agreement_answer", args=[call.agreement_id]), as_=cast.reza)

    # Refused, with a reason; then accepted after all.
    reza.get_by_text(words("Refuse"), exact=True).first.click()
    reza.locator("main textarea[name=reason]").fill("بند هزینه‌ها روشن نیست.")
    press(reza, "Record the refusal")
    spin_until(lambda: Acceptance.objects.filter(unit=cast.a, answer=Answer.REFUSED).exists())
    reza.goto(page_of("report_sign", report))
    says(reza, words("The agreement comes first"))
    reza.goto(reverse("sla:agreement_answer", args=[call.agreement_id]))
    press(reza, "Accept the agreement")
    spin_until(lambda: Acceptance.objects.filter(unit=cast.a, answer=Answer.ACCEPTED).exists())

    # The fee stands before the signature, with the row it comes from.
    reza.goto(page_of("report_sign", report))
    says(reza, words("The fee comes first"))
    says(reza, "سطر ۲ جدول تعرفهٔ")
    check(reza)
    press(reza, "Pay the fee")
    choose(reza, "پرداخت")
    expect(reza).to_have_url(re.compile(r"/payments/return/"))
    expect(reza.locator("h1")).to_have_text(words("The fee is paid"))
    check(reza)
    payment = Payment.objects.get()
    assert (payment.state, ledger_of(payment)) == (PaymentState.PAID, [("credit", PRICE)])

    # Back to the report; signed and submitted; the receipt says what was paid.
    reza.get_by_role("link", name=words("To the report")).click()
    says(reza, payment.reference)
    check(reza)
    reza.goto(page_of("report_sign", report))
    press(reza, "Sign and submit the report")
    expect(reza).to_have_url(re.compile("receipt"))
    says(reza, payment.order_id)
    check(reza)
    assert Revision.objects.get().standing == Standing.ON_TIME
    assert list(broken()) == []


def test_cancelled_at_the_bank_it_says_so_and_is_paid_again(open_page, live_server, cast):
    report = report_of(priced_call(cast), cast.a)
    reza = open_page("/account/", as_=cast.reza)

    first = to_the_bank(reza, report)
    choose(reza, "انصراف و بازگشت")
    expect(reza.locator("h1")).to_have_text(words("The fee was not paid"))
    check(reza)
    reza.get_by_role("link", name=words("Back to the report, to pay again")).click()
    says(reza, words("To be paid"))
    second = to_the_bank(reza, report)
    choose(reza, "پرداخت")
    expect(reza.locator("h1")).to_have_text(words("The fee is paid"))

    states = dict(Payment.objects.values_list("order_id", "state"))
    assert states == {first.order_id: PaymentState.FAILED, second.order_id: PaymentState.PAID}
    reza.goto(reverse("reports:payments"))
    for payment in (first, second):
        says(reza, payment.order_id)
    check(reza)
    reza.goto(reverse("reports:payment", args=[first.order_id]))
    check(reza)
    receipt = reza.request.get(reverse("reports:payment_receipt", args=[second.order_id]))
    assert unsaid(receipt.body(), second.order_id) == []
    assert list(broken()) == []


def test_another_amount_is_not_credited_and_the_fee_is_still_to_be_paid(open_page, live_server, cast):
    report = report_of(priced_call(cast), cast.a)
    reza = open_page("/account/", as_=cast.reza)

    payment = to_the_bank(reza, report)
    choose(reza, "مبلغ دیگر")

    payment.refresh_from_db()
    assert payment.reason == "other_amount"
    assert "credit" not in dict(ledger_of(payment))
    assert Report.objects.get(pk=report.pk).request.paid_at is None
    says(reza, "مبلغ")
    reza.goto(page_of("report", report))
    says(reza, words("To be paid"))
    laleh = open_page(reverse("reports:payments"), as_=cast.laleh)
    says(laleh, payment.order_id)
    check(laleh)
    laleh.goto(reverse("reports:movements"))
    check(laleh)
    assert list(broken()) == []


def test_the_bank_is_down_in_the_last_minutes_and_the_report_is_taken_for_two_hours_after_it_came_back(
    open_page, live_server, cast, clock, bank
):
    call = priced_call(cast)
    report = fill(report_of(call, cast.a), cast.sara)
    reza = open_page("/account/", as_=cast.reza)

    # Two minutes before the last moment the head is at the bank; then the bank falls silent.
    clock.move_to(at_closing(call, minutes=28))
    payment = to_the_bank(reza, report)
    bank.mood("mute")
    choose(reza, "پرداخت")
    expect(reza.locator("h1")).to_have_text(words("The bank’s word is awaited"))
    says(reza, "دو ساعت")
    assert Payment.objects.get().state == PaymentState.UNKNOWN
    reza.goto(page_of("report_sign", report))
    says(reza, words("The bank’s word comes first"))
    check(reza)

    # The call closes; for the page the report is missed, and the payment is not forgotten.
    clock.move_to(at_closing(call, minutes=50))
    record_closings()
    assert status(report) == ReportStatus.MISSED
    reza.goto(page_of("report", report))
    says(reza, words("Awaiting the bank’s word"))

    # The bank comes back and confirms: two hours from then.
    bank.mood("well")
    assert settle_unknown() == 1
    follow_payments()
    payment.refresh_from_db()
    assert payment.state == PaymentState.PAID
    reza.goto(page_of("report", report))
    says(reza, "با عنوان «تمدیدشده»")
    check(reza)
    clock.move_to(payment.settled_at.replace(microsecond=0))
    clock.move(hours=1, minutes=59)
    reza.goto(page_of("report_sign", report))
    press(reza, "Sign and submit the report")
    expect(reza).to_have_url(re.compile("receipt"))
    says(reza, words("Within the extension"))
    says(reza, "پرداختی که پیش از پایان مهلت شروع شده بود")

    revision = Revision.objects.get()
    assert revision.standing == Standing.EXTENDED
    assert at_closing(call, minutes=30) < revision.submitted_at < revision.deadline
    assert list(broken()) == []
