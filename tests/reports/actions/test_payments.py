"""A fee before a submission: who pays, until when, and what the bank's delay does to the deadline."""

from datetime import timedelta
from urllib.request import urlopen

import pytest

from reports.actions.calls import cancel_call, close_early, excuse_unit, extend_unit, publish_call
from reports.actions.closing import record_closings
from reports.actions.extensions import ask_extension, decide_extension
from reports.actions.payments import follow_payments, pay_for_extension, pay_for_report
from reports.actions.returns import return_for_correction
from reports.actions.submission import submit_report
from reports.enums import ReportState, ReportStatus, Standing
from reports.invariants import broken
from reports.models import Call, Report
from reports.queries import reports_at
from reports.rules.deadlines import last_moment
from reports.views.receipt.page import rule_words
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.jalali import format_datetime
from sla.actions.settling import settle_payment, settle_unknown
from sla.enums import PaymentState
from sla.models import Payment
from tests.calls import fill, make_call, report_of
from tests.factories import make_service, make_tariffs
from tests.payments import PRICE, back_to, paid_report, paying, priced_call
from tests.people import make_cast
from units.models import Event, Notice

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def call(cast, bank) -> Call:
    return priced_call(cast)


@pytest.fixture
def report(cast, call) -> Report:
    return fill(report_of(call, cast.a), cast.sara)


def now(report: Report) -> Report:
    return reports_at(database_now()).get(pk=report.pk)


def refusal_of(verb, *args, **kwargs) -> str:
    with pytest.raises(Refused) as refusal:
        verb(*args, **kwargs)
    return refusal.value.code


# ------------------------------------------------------------------------------------------------ the step before
def test_an_unpaid_report_is_not_submitted_and_the_way_out_is_said(report, cast):
    with pytest.raises(Refused) as refusal:
        submit_report(report=report, by=cast.reza)
    assert (refusal.value.code, "۲٬۵۰۰٬۰۰۰" in str(refusal.value)) == ("unpaid", True)
    assert (now(report).state, report.revisions.count()) == (ReportState.DRAFT, 0)


def test_a_paid_report_is_submitted(report, cast, bank):
    payment = paying(report, cast.reza)
    bank.visit(payment)
    settle_payment(payment.order_id)
    assert submit_report(report=report, by=cast.reza).standing == Standing.ON_TIME
    assert list(broken()) == []


def test_a_free_report_needs_no_payment_and_has_none(cast, bank):
    free = priced_call(cast, price=0)
    submit_report(report=fill(report_of(free, cast.a), cast.sara), by=cast.reza)
    assert (Payment.objects.count(), refusal_of(paying, report_of(free, cast.b), cast.kamran)) == (0, "free")


def test_a_payment_of_one_unit_pays_for_no_other(report, cast, call, bank):
    paid_report(cast, call, bank, cast.b)
    assert refusal_of(submit_report, report=report, by=cast.reza) == "unpaid"


def test_an_answer_to_a_return_costs_nothing_more(report, cast, bank):
    payment = paying(report, cast.reza)
    bank.visit(payment)
    settle_payment(payment.order_id)
    submit_report(report=report, by=cast.reza)
    return_for_correction(report=report, remarks={"HSG-01": "عدد را بررسی کنید."}, by=cast.laleh)
    assert refusal_of(paying, report, cast.reza) == "paid-already"
    submit_report(report=report, by=cast.reza)
    assert (Payment.objects.count(), list(broken())) == (1, [])


def test_a_report_that_is_asked_late_costs_what_the_call_costs(cast, call, bank):
    from reports.actions.calls import ask_unit

    make_tariffs(call.service, periodic_report=9)
    late = ask_unit(call=call, unit=cast.a_child, by=cast.laleh, reason="از قلم افتاده بود.")
    assert late.request.price_rials == PRICE


def test_what_costs_a_fee_is_not_published_where_no_fee_can_be_paid(cast, settings):
    settings.PAYMENT_GATEWAY = ""
    service = make_service(cast)
    make_tariffs(service, periodic_report=PRICE)
    call = make_call(cast, service=service)
    assert refusal_of(publish_call, call=call, by=cast.laleh) == "no-gateway"
    make_tariffs(service, periodic_report=0)
    assert publish_call(call=call, by=cast.laleh).price_rials == 0


# ----------------------------------------------------------------------------------------------------- who and when
@pytest.mark.parametrize("who", ["sara", "mina", "kamran", "omid", "laleh", "nader", "stranger"])
def test_where_the_head_signs_only_the_head_pays(report, cast, who):
    with pytest.raises(Forbidden):
        paying(report, getattr(cast, who))


def test_where_no_signature_is_wanted_the_expert_pays_too(cast, bank):
    call = priced_call(cast, needs_sign_off=False)
    assert paying(report_of(call, cast.a), cast.sara).begun_by == cast.sara


def test_before_the_opening_nothing_is_payable(cast, bank):
    call = priced_call(cast, opens_at=database_now() + HOUR)
    assert refusal_of(paying, report_of(call, cast.a), cast.reza) == "not-open"


def test_it_is_payable_until_the_last_moment_and_not_after(report, cast, call, clock):
    clock.move_to(call.closes_at + call.grace - 2 * SECOND)
    payment = paying(report, cast.reza)
    assert payment.state == PaymentState.REDIRECTED
    clock.move_to(call.closes_at + call.grace)
    assert refusal_of(paying, report_of(call, cast.b), cast.kamran) == "closed"


def test_nothing_is_payable_for_an_excused_unit_or_in_a_cancelled_call(report, cast, call):
    excuse_unit(report=report_of(call, cast.b), by=cast.laleh, reason="ادغام شد.")
    assert refusal_of(paying, report_of(call, cast.b), cast.kamran) == "closed"
    cancel_call(call=call, by=cast.laleh, reason="اشتباه بود.")
    assert refusal_of(paying, report, cast.reza) == "cancelled"


def test_an_order_that_was_at_the_bank_when_the_call_was_cancelled_is_given_back(report, cast, call, bank):
    payment = paying(report, cast.reza)
    cancel_call(call=call, by=cast.laleh, reason="اشتباه بود.")
    bank.visit(payment)
    assert settle_payment(payment.order_id).state == PaymentState.REVERSED
    assert list(broken()) == []


# ------------------------------------------------------------------------------- the attempt that spans the deadline
@pytest.fixture
def spanning(report, cast, call, bank, clock):
    """Begun ten minutes before the last moment; the payer paid, and the bank does not say so."""
    clock.move_to(call.closes_at + call.grace - 10 * MINUTE)
    payment = paying(report, cast.reza)
    bank.visit(payment)
    bank.mood("down")
    assert settle_payment(payment.order_id).state == PaymentState.UNKNOWN
    return payment


def settled_after(payment: Payment, bank, clock, **offset) -> Payment:
    """The bank is well again, that long after the last moment."""
    report = Report.objects.select_related("call", "request").get(request=payment.request_id)
    clock.move_to(last_moment(report) + timedelta(**offset))
    bank.mood("well")
    settle_unknown()
    return Payment.objects.get(pk=payment.pk)


def test_a_settlement_after_the_deadline_gives_two_hours_from_it(report, spanning, cast, call, bank, clock):
    base = call.closes_at + call.grace
    found = settled_after(spanning, bank, clock, minutes=30)

    assert (found.state, found.settled_at > base) == (PaymentState.PAID, True)
    assert last_moment(now(report)) == now(report).last_moment == found.settled_at + 2 * HOUR
    assert now(report).is_open
    revision = submit_report(report=report, by=cast.reza)
    assert revision.standing == Standing.EXTENDED
    assert revision.deadline == found.settled_at + 2 * HOUR
    assert (revision.rule["kind"], revision.rule["settled_at"]) == ("bank", found.settled_at.isoformat())
    assert format_datetime(revision.deadline, "long") in rule_words(revision)
    assert list(broken()) == []


def test_the_two_hours_end_and_there_is_no_second_grace(report, spanning, cast, bank, clock):
    found = settled_after(spanning, bank, clock, minutes=30)
    clock.move_to(found.settled_at + 2 * HOUR - SECOND)
    assert now(report).is_open
    clock.move_to(found.settled_at + 2 * HOUR)
    assert refusal_of(submit_report, report=report, by=cast.reza) == "closed"
    assert now(report).status == ReportStatus.MISSED


def test_the_closing_that_was_recorded_meanwhile_reopens_by_itself(report, spanning, cast, call, bank, clock):
    clock.move_to(call.closes_at + call.grace + MINUTE)
    record_closings()
    assert now(report).status == ReportStatus.MISSED
    settled_after(spanning, bank, clock, minutes=30)
    assert (now(report).status, now(report).is_open) == (ReportStatus.DRAFT, True)
    submit_report(report=report, by=cast.reza)
    clock.move(hours=3)
    record_closings()
    assert list(broken()) == []


def test_until_the_bank_has_spoken_the_report_is_closed_and_no_second_payment_begins(
    report, spanning, cast, call, clock
):
    clock.move_to(call.closes_at + call.grace + MINUTE)
    assert refusal_of(submit_report, report=report, by=cast.reza) == "closed"
    assert refusal_of(paying, report, cast.reza) == "closed"


def test_a_settlement_before_the_last_moment_moves_nothing(report, cast, call, bank, clock):
    base = call.closes_at + call.grace
    clock.move_to(base - 10 * MINUTE)
    payment = paying(report, cast.reza)
    bank.visit(payment)
    settle_payment(payment.order_id)
    assert last_moment(now(report)) == base
    clock.move_to(base)
    assert refusal_of(submit_report, report=report, by=cast.reza) == "closed"


def test_an_attempt_that_failed_gives_nothing(report, cast, call, bank, clock):
    base = call.closes_at + call.grace
    clock.move_to(base - 10 * MINUTE)
    payment = paying(report, cast.reza)
    bank.visit(payment, "cancelled")
    clock.move_to(base + 30 * MINUTE)
    assert settle_payment(payment.order_id).state == PaymentState.FAILED
    assert (last_moment(now(report)), now(report).is_open) == (base, False)


def test_money_that_was_given_back_gives_nothing_either(report, cast, call, bank, clock):
    base = call.closes_at + call.grace
    clock.move_to(base - 10 * MINUTE)
    payment = paying(report, cast.reza)
    bank.visit(payment, "wrong_amount")
    clock.move_to(base + 30 * MINUTE)
    assert settle_payment(payment.order_id).state == PaymentState.REVERSED
    assert last_moment(now(report)) == base


def test_an_extension_moves_the_base_and_a_settlement_before_it_then_moves_nothing(report, spanning, cast, bank, clock):
    found = settled_after(spanning, bank, clock, minutes=30)
    until = found.settled_at + timedelta(days=1)
    extend_unit(report=report, until=until, by=cast.laleh, reason="بانک قطع بود.")
    assert last_moment(now(report)) == until + report.call.grace


def test_an_early_close_makes_an_attempt_span_that_was_begun_in_time(report, cast, call, bank, clock):
    payment = paying(report, cast.reza)
    clock.move(minutes=5)
    close_early(call=call, by=cast.laleh, reason="زودتر پایان یافت.")
    clock.move(minutes=40)
    bank.visit(payment)
    found = settle_payment(payment.order_id)
    assert last_moment(now(report)) == found.settled_at + 2 * HOUR


def test_the_unit_is_told_once_that_its_report_is_open_again(report, spanning, cast, bank, clock):
    settled_after(spanning, bank, clock, minutes=30)
    assert [follow_payments(), follow_payments()] == [1, 0]
    assert Event.objects.filter(noun="report", verb="hold_open").count() == 1
    told = Notice.objects.filter(event__verb="hold_open", channel="portal").values_list("person__username", flat=True)
    assert sorted(told) == ["reza", "sara"]
    assert list(broken()) == []


# ---------------------------------------------------------------------------------------------- extension requests
@pytest.fixture
def asked(cast, bank, clock):
    call = priced_call(cast, price=0, extension=400_000)
    return ask_extension(
        report=report_of(call, cast.a), until=call.closes_at + timedelta(days=2), reason="سیل آمد.", by=cast.reza
    )


def test_an_extension_request_that_costs_a_fee_waits_for_it(asked, cast):
    assert (asked.request.price_rials, asked.request.intervals.count()) == (400_000, 0)
    assert not Notice.objects.filter(event__verb="ask_extension").exists()
    decide = {"asked": asked, "granted_until": asked.asked_until, "reason": "موافقت شد.", "by": cast.laleh}
    assert refusal_of(decide_extension, **decide) == "unpaid"


def test_once_paid_its_clock_runs_from_that_instant_and_the_coordinators_are_told_once(
    asked, cast, bank, client, clock
):
    payment = pay_for_extension(asked=asked, by=cast.reza, return_url=back_to)
    clock.move(minutes=1)
    client.get(bank.visit(payment).replace("http://testserver", ""))  # the payer’s browser comes back
    asked.request.refresh_from_db()

    assert asked.request.paid_at == asked.request.intervals.get().starts_at
    assert (follow_payments(), follow_payments()) == (0, 0)
    told = Notice.objects.filter(event__verb="ask_extension_paid", channel="portal")
    assert [notice.person for notice in told] == [cast.laleh]
    decide_extension(asked=asked, granted_until=asked.asked_until, reason="موافقت شد.", by=cast.laleh)
    assert list(broken()) == []


def test_the_sweep_opens_it_where_nobody_came_back(asked, cast, bank, clock):
    payment = pay_for_extension(asked=asked, by=cast.reza, return_url=back_to)
    bank.visit(payment, "silent")
    clock.move(minutes=3)
    settle_unknown()
    assert (follow_payments(), follow_payments()) == (1, 0)
    assert asked.request.intervals.count() == 1
    assert list(broken()) == []
    asked.request.intervals.all()._raw_delete("default")
    assert list(broken()) == [
        f"request {asked.request.pk}: its fee came and started its clock, of which nothing is left"
    ]


@pytest.mark.parametrize("who", ["sara", "kamran", "laleh", "stranger"])
def test_only_the_head_pays_for_an_extension_request(asked, cast, who):
    with pytest.raises(Forbidden):
        pay_for_extension(asked=asked, by=getattr(cast, who), return_url=back_to)


# ------------------------------------------------------------------------------------------------------- the pages
def test_paying_sends_the_head_to_the_bank_with_no_more_than_the_sites_name(report, cast, client_for, bank, settings):
    answer = client_for(cast.reza).post(f"/reports/{report.tracking_code}/pay/")
    payment = Payment.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{settings.BANK_URL}/pay/{payment.token}")
    assert answer["Referrer-Policy"] == "strict-origin"


def test_two_tabs_go_to_the_same_order(report, cast, client_for):
    client = client_for(cast.reza)
    first, second = (client.post(f"/reports/{report.tracking_code}/pay/")["Location"] for _ in range(2))
    assert (first, Payment.objects.count()) == (second, 1)


def test_a_stranger_finds_no_report_to_pay_for_and_a_reader_may_not(report, cast, client_for):
    address = f"/reports/{report.tracking_code}/pay/"
    found = [client_for(who).post(address).status_code for who in (cast.kamran, cast.stranger, cast.omid, cast.sara)]
    assert found == [404, 404, 403, 403]


def test_paying_is_no_link(report, cast, client_for):
    page = client_for(cast.reza).get(f"/reports/{report.tracking_code}/pay/")

    assert (page.status_code, page.url) == (302, f"/reports/{report.tracking_code}/")
    assert not Payment.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("outcome", "before"), [("early", PaymentState.REDIRECTED), ("duplicate", PaymentState.PAID)])
def test_a_bank_that_calls_by_itself_too_early_or_twice_changes_nothing(live_server, bank, outcome, before):
    cast = make_cast()
    report = report_of(priced_call(cast), cast.a)
    payment = pay_for_report(
        report=report, by=cast.reza, return_url=lambda order_id: f"{live_server.url}/payments/return/{order_id}/"
    )
    address = bank.visit(payment, outcome)
    assert Payment.objects.get().state == before
    with urlopen(address, timeout=20) as page:
        assert page.status == 200
    assert Payment.objects.get().state == PaymentState.PAID
    assert list(broken()) == []


def test_the_payer_comes_back_to_what_the_ledger_says(report, cast, client_for, bank):
    client = client_for(cast.reza)
    client.post(f"/reports/{report.tracking_code}/pay/")
    page = client.get(bank.visit(Payment.objects.get()).replace("http://testserver", ""))
    assert (page.status_code, page.context["payment"].state) == (200, PaymentState.PAID)
    assert f"/reports/{report.tracking_code}/" in page.content.decode()
