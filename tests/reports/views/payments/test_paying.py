"""What a unit sees of money: prices with their source, the fee where it is due, its statement, its attempts; and that nobody
else sees it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from reports.actions.extensions import ask_extension
from sla.actions.settling import settle_payment
from sla.enums import PaymentState
from sla.models import Payment
from tests.calls import fill, published_call, report_of
from tests.papers import unsaid
from tests.payments import at_the_bank, paid_report, paying, priced_call, priced_requests

SHOWN = "۲٬۵۰۰٬۰۰۰"


def page(name: str, *args) -> str:
    return reverse(f"reports:{name}", args=args)


def text_of(answer) -> str:
    return answer.content.decode()


# ------------------------------------------------------------------------------------------- prices and their source
def test_a_price_stands_beside_its_row_on_call_report_and_service_page(client_for, cast, call, report):
    source = "سطر ۲ جدول تعرفهٔ"
    for person, address in [
        (cast.laleh, page("call", call.pk)),
        (cast.reza, page("report", report.tracking_code)),
        (cast.reza, page("service", call.service.slug)),
        (cast.omid, page("report", report.tracking_code)),
    ]:
        text = text_of(client_for(person).get(address))
        assert SHOWN in text, address
        assert source in text, address


def test_where_there_is_no_row_each_page_says_free_and_why(client_for, cast):
    call = published_call(cast)
    report = report_of(call, cast.a)
    for address in (
        page("call", call.pk), page("report", report.tracking_code), page("service", call.service.slug),
    ):  # fmt: skip
        text = text_of(client_for(cast.reza).get(address))
        assert "رایگان" in text
        assert "سطری برای این درخواست نیست" in text
    assert 'id="fee"' not in text_of(client_for(cast.reza).get(page("report", report.tracking_code)))


# --------------------------------------------------------------------------------------------- the fee where it is due
def test_the_head_is_led_to_the_bank_from_the_reports_page(client_for, cast, report):
    client = client_for(cast.reza)
    assert page("report_pay", report.tracking_code) in text_of(client.get(page("report", report.tracking_code)))

    answer = client.post(page("report_pay", report.tracking_code))

    assert answer["Location"].endswith(f"/pay/{Payment.objects.get().token}")


def test_the_fee_stands_before_the_signature(client_for, cast, report, bank):
    fill(report, cast.sara)
    client = client_for(cast.reza)

    text = text_of(client.get(page("report_sign", report.tracking_code)))
    assert page("report_pay", report.tracking_code) in text
    assert 'name="seen"' not in text

    paid_report(cast, report.call, bank)
    assert 'name="seen"' in text_of(client.get(page("report_sign", report.tracking_code)))


def test_an_expert_reads_the_fee_but_is_not_offered_to_pay_what_the_head_pays(client_for, cast, report):
    text = text_of(client_for(cast.sara).get(page("report", report.tracking_code)))
    assert SHOWN in text
    assert page("report_pay", report.tracking_code) not in text
    assert client_for(cast.sara).post(page("report_pay", report.tracking_code)).status_code == 403


def test_where_no_signature_is_wanted_the_expert_pays_too(client_for, cast, bank):
    call = priced_call(cast, needs_sign_off=False)
    report = report_of(call, cast.a)

    assert page("report_pay", report.tracking_code) in text_of(
        client_for(cast.sara).get(page("report", report.tracking_code))
    )


def test_a_paid_fee_shows_its_receipt_and_offers_no_second_payment(client_for, cast, report, paid):
    text = text_of(client_for(cast.reza).get(page("report", report.tracking_code)))
    assert page("payment_receipt", paid.order_id) in text
    assert page("report_pay", report.tracking_code) not in text


def test_a_payment_that_is_not_known_says_what_a_late_word_of_the_bank_means(client_for, cast, report, bank):
    payment = paying(report, cast.reza)
    bank.visit(payment, "verify_500")
    assert settle_payment(payment.order_id).state == PaymentState.UNKNOWN

    text = text_of(client_for(cast.reza).get(page("report", report.tracking_code)))

    assert "دو ساعت" in text
    assert page("report_pay", report.tracking_code) not in text


def test_the_entry_page_tells_the_fee_in_a_line(client_for, cast, report):
    text = text_of(client_for(cast.reza).get(page("report_edit", report.tracking_code, "housing")))
    assert SHOWN in text
    assert f"{page('report', report.tracking_code)}#fee" in text


def test_the_reviewer_reads_the_price_and_no_payment(client_for, cast, report, paid):
    text = text_of(client_for(cast.omid).get(page("report", report.tracking_code)))
    assert SHOWN in text
    assert paid.order_id not in text
    assert paid.reference not in text


def test_a_request_for_more_time_says_what_it_costs_and_is_paid_on_its_page(client_for, cast, call, report, bank):
    client, address = client_for(cast.reza), page("extension_ask", report.tracking_code)
    assert "۴۰۰٬۰۰۰" in text_of(client.get(address))

    asked = ask_extension(report=report, until=call.closes_at + timedelta(days=2), reason="سیل", by=cast.reza)

    assert page("extension_pay", asked.pk) in text_of(client.get(address))
    assert client.post(page("extension_pay", asked.pk))["Location"].endswith(f"/pay/{Payment.objects.get().token}")


def test_receipt_and_letter_of_a_report_say_what_was_paid(client_for, cast, report, paid):
    from reports.actions.submission import submit_report

    fill(report, cast.sara)
    submit_report(report=report, by=cast.reza)

    assert paid.reference in text_of(client_for(cast.reza).get(page("report_receipt", report.tracking_code)))
    assert paid.reference not in text_of(client_for(cast.omid).get(page("report_receipt", report.tracking_code)))


# ------------------------------------------------------------------------------------------------------- who sees it
@pytest.mark.parametrize(
    ("who", "status"),
    [("reza", 200), ("sara", 200), ("laleh", 200), ("nader", 200), ("omid", 403), ("stranger", 403), ("admin", 403)],
)
def test_payments_are_for_the_unit_the_providers_coordinators_and_auditors(client_for, cast, paid, who, status):
    client = client_for(getattr(cast, who))
    assert client.get(page("payments")).status_code == status
    attempt = 200 if status == 200 else 404
    assert client.get(page("payment", paid.order_id)).status_code == attempt
    assert client.get(page("payment_receipt", paid.order_id)).status_code == attempt
    assert client.get(page("payments_csv")).status_code == status
    assert client.get(page("payments_xlsx")).status_code == status


def test_another_unit_sees_nothing_of_it(client_for, cast, paid):
    client = client_for(cast.kamran)
    assert client.get(page("payment", paid.order_id)).status_code == 404
    for address in (page("payments"), page("payments_csv")):
        assert paid.order_id not in text_of(client.get(address))


@pytest.mark.parametrize("name", ["movements", "refunds", "reconciliation"])
def test_the_ledger_refunds_and_reconciliation_are_not_for_units(client_for, cast, paid, name):
    assert client_for(cast.reza).get(page(name)).status_code == 403
    assert client_for(cast.nader).get(page(name)).status_code == 200


# -------------------------------------------------------------------------------------------------- a unit's statement
def test_the_statement_shows_what_is_due_and_what_was_paid(client_for, cast, call, paid):
    text = text_of(client_for(cast.reza).get(page("payments")))
    assert call.title in text
    assert paid.order_id in text
    assert page("payment_receipt", paid.order_id) in text
    due = text_of(client_for(cast.kamran).get(page("payments")))
    assert "پرداخت‌نشده" in due


def test_a_unit_without_fees_is_told_that_it_owes_nothing(client_for, cast):
    published_call(cast)
    assert "رایگان" in text_of(client_for(cast.reza).get(page("payments")))


def test_the_statement_asks_as_much_for_three_requests_as_for_one(
    client_for, cast, bank, django_assert_max_num_queries, call
):
    client = client_for(cast.reza)
    settle_payment(paying(report_of(call, cast.a), cast.reza).order_id)
    numbers = []
    for _round in range(2):
        with django_assert_max_num_queries(40) as queries:
            client.get(page("payments"))
        numbers.append(len(queries))
        for request in priced_requests(call.service, cast.a, 2):
            at_the_bank(request, cast.reza)
    assert numbers[0] == numbers[1]


# ---------------------------------------------------------------------------------------------- an attempt, its receipt
@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        ("paid", "هزینه پرداخت شده است"),
        ("cancelled", "هزینه پرداخت نشد"),
        ("wrong_amount", "پول"),
        ("verify_500", "در انتظار پاسخ بانک"),
    ],
)
def test_the_page_of_an_attempt_says_how_it_stands(client_for, cast, report, bank, outcome, says):
    payment = paying(report, cast.reza)
    bank.visit(payment, outcome)
    settle_payment(payment.order_id)

    assert says in text_of(client_for(cast.reza).get(page("payment", payment.order_id)))


def test_a_payment_that_arrived_has_a_receipt_on_paper(client_for, cast, report, paid):
    answer = client_for(cast.reza).get(page("payment_receipt", paid.order_id))
    assert answer["Content-Type"] == "application/pdf"
    assert unsaid(answer.content, paid.order_id, cast.a.name, report.tracking_code, paid.reference) == []
    assert answer["Cache-Control"] == "private, no-store"


def test_an_attempt_without_money_has_no_receipt(client_for, cast, report):
    payment = paying(report, cast.reza)
    assert client_for(cast.reza).get(page("payment_receipt", payment.order_id)).status_code == 404


def test_whoever_comes_back_in_another_browser_reads_how_it_went_and_no_names(client, cast, report, bank):
    payment = paying(report, cast.reza)
    bank.visit(payment)

    text = text_of(client.get(page("payment_return", payment.order_id)))

    assert "هزینه پرداخت شده است" in text
    assert report.tracking_code not in text
    assert cast.a.name not in text
    assert cast.reza.get_full_name() not in text
