"""What coordinators and auditors see of money: the ledger with its filters and exports, refunds, and what of it waits on the
desk. A day's reconciliation: `test_reconciliation.py`."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from reports.actions.calls import cancel_call
from reports.actions.deciders import name_decider
from reports.actions.refunds import consent_refund, propose_refund
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.jalali import format_date
from sla.actions.settling import settle_payment
from sla.models import LedgerEntry, Payment, Refund
from tests.calls import report_of
from tests.factories import make_membership, make_person
from tests.payments import PRICE, at_the_bank, paid_report, paying, priced_requests
from units.enums import Role

SHOWN = "۲٬۵۰۰٬۰۰۰"


def page(name: str, *args) -> str:
    return reverse(f"reports:{name}", args=args)


def text_of(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def second(cast):
    """A second coordinator of the provider."""
    person = make_person("shirin", "شیرین مرادی")
    make_membership(person, cast.provider, Role.COORDINATOR)
    return person


# ---------------------------------------------------------------------------------------------------------- the ledger
@pytest.fixture
def many(cast, call, bank) -> list[Payment]:
    """Three attempts on the list: one paid, one cancelled at the bank, one under way."""
    first = paid_report(cast, call, bank)[1]
    second = paying(report_of(call, cast.b), cast.kamran)
    bank.visit(second, "cancelled")
    second = settle_payment(second.order_id)
    third = paying(report_of(call, cast.b), cast.kamran)
    return [first, second, third]


def test_the_ledger_is_narrowed_by_state_words_and_days(client_for, cast, many):
    client = client_for(cast.laleh)
    paid, failed, under_way = (payment.order_id for payment in many)
    today, tomorrow = (format_date(database_now() + timedelta(days=d), "numeric") for d in (0, 1))

    def shown(**query) -> set[str]:
        text = text_of(client.get(page("payments"), query))
        return {order for order in (paid, failed, under_way) if order in text}

    assert shown() == {paid, failed, under_way}
    assert shown(state="paid") == {paid}
    assert shown(state="unpaid") == {failed}
    assert shown(state="waiting") == {under_way}
    assert shown(q="تغذیه") == {failed, under_way}
    assert shown(q=many[0].reference) == {paid}
    assert shown(q=paid.lower()) == {paid}
    assert shown(first=today, last=today) == {paid, failed, under_way}
    assert shown(first=tomorrow) == set()


def test_a_day_that_cannot_be_read_says_so_and_narrows_nothing(client_for, cast, many):
    text = text_of(client_for(cast.laleh).get(page("payments"), {"first": "۱۴۰۵/۱۳/۰۱"}))
    assert many[0].order_id in text
    assert "ماه" in text


def test_the_totals_are_those_of_the_rows_that_are_shown(client_for, cast, many):
    client = client_for(cast.laleh)
    assert client.get(page("payments")).context["totals"].held == PRICE
    assert client.get(page("payments"), {"state": "unpaid"}).context["totals"].held == 0


def test_the_movements_are_the_ledgers_lines(client_for, cast, many):
    answer = client_for(cast.nader).get(page("movements"))
    assert [(entry.payment, rials) for entry, _matter, rials in answer.context["rows"]] == [(many[0], PRICE)]


def test_the_ledger_asks_as_much_for_three_rows_as_for_one(client_for, cast, call, bank):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, numbers = client_for(cast.laleh), []
    for name in ("payments", "movements", "refunds"):
        settle_payment(_visited(bank, priced_requests(call.service, cast.a)[0], cast.reza).order_id)
        with CaptureQueriesContext(connection) as one:
            client.get(page(name))
        for request in priced_requests(call.service, cast.a, 2):
            settle_payment(_visited(bank, request, cast.reza).order_id)
        with CaptureQueriesContext(connection) as three:
            client.get(page(name))
        numbers.append((name, len(one), len(three)))
    assert [(name, one) for name, one, _three in numbers] == [(name, three) for name, _one, three in numbers]


def _visited(bank, request, by) -> Payment:
    payment = at_the_bank(request, by)
    bank.visit(payment)
    return payment


def test_the_export_as_csv_is_what_the_page_shows_and_runs_no_formula(client_for, cast, many):
    cast.a.name = "=cmd()"
    cast.a.save()

    answer = client_for(cast.laleh).get(page("payments_csv"), {"state": "paid"})

    assert answer.content.startswith("\ufeff".encode())
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert len(rows) == 1
    row = dict(zip(header, rows[0], strict=True))
    assert (row["واحد"], row["مبلغ (ریال)"], row["شمارهٔ سفارش"]) == ("'=cmd()", str(PRICE), many[0].order_id)


def test_the_export_as_xlsx_holds_attempts_and_movements_as_text_and_numbers(client_for, cast, many):
    cast.a.name = "+cmd()"
    cast.a.save()

    book = load_workbook(io.BytesIO(client_for(cast.laleh).get(page("payments_xlsx")).content))

    attempts, movements = book.worksheets
    assert (attempts.max_row, movements.max_row) == (4, 2)
    assert (attempts["B2"].value, attempts["B2"].data_type) == ("+cmd()", "s")
    assert movements["C2"].value == PRICE
    assert attempts.sheet_view.rightToLeft


def test_a_unit_exports_its_own_only(client_for, cast, many):
    rows = list(csv.reader(io.StringIO(client_for(cast.kamran).get(page("payments_csv")).content.decode("utf-8-sig"))))
    assert {row[6] for row in rows[1:]} == {many[1].order_id, many[2].order_id}


# -------------------------------------------------------------------------------------------------------------- refunds
@pytest.fixture
def owed(cast, call, paid) -> Payment:
    cancel_call(call=call, by=cast.laleh, reason="بودجه تأمین نشد")
    return paid


def test_what_is_owed_back_is_proposed_by_one_agreed_by_another_and_paid_out(client_for, cast, owed, second):
    laleh, shirin = client_for(cast.laleh), client_for(second)
    assert page("refund_propose", owed.order_id) in text_of(laleh.get(page("refunds")))

    laleh.post(page("refund_propose", owed.order_id), {"reason": "فراخوان لغو شد"})
    refund = Refund.objects.get()
    assert page("refund_consent", refund.pk) not in text_of(laleh.get(page("refunds")))
    assert laleh.post(page("refund_consent", refund.pk)).status_code == 403

    assert page("refund_consent", refund.pk) in text_of(shirin.get(page("refunds")))
    shirin.post(page("refund_consent", refund.pk))
    shirin.post(page("refund_payout", refund.pk), {"reference": "PAYA-140509"})

    refund.refresh_from_db()
    assert (refund.proposed_by, refund.consented_by, refund.reference) == (cast.laleh, second, "PAYA-140509")
    assert LedgerEntry.objects.filter(kind="refund").count() == 1
    assert "PAYA-140509" in text_of(shirin.get(page("refunds")))


def test_a_refund_is_declined_with_a_reason_and_may_be_proposed_again(client_for, cast, owed, second):
    refund = propose_refund(payment=owed, reason="لغو", by=cast.laleh)
    shirin = client_for(second)

    refused = shirin.post(page("refund_decline", refund.pk), {"reason": " "})
    assert refused.status_code == 409
    assert Refund.objects.get().declined_at is None

    shirin.post(page("refund_decline", refund.pk), {"reason": "مبلغ درست نیست"})
    assert page("refund_propose", owed.order_id) in text_of(shirin.get(page("refunds")))


def test_an_auditor_reads_the_refunds_and_decides_nothing(client_for, cast, owed, second):
    refund = propose_refund(payment=owed, reason="لغو", by=cast.laleh)
    nader = client_for(cast.nader)

    text = text_of(nader.get(page("refunds")))
    assert owed.order_id in text
    assert page("refund_consent", refund.pk) not in text
    for name, args in (("refund_consent", refund.pk), ("refund_payout", refund.pk), ("refund_decline", refund.pk)):
        assert nader.post(page(name, args), {"reason": "نه", "reference": "x"}).status_code == 403


def test_who_is_named_for_a_unit_has_the_refunds_of_that_unit_and_no_other(client_for, cast, call, bank, paid):
    other = paid_report(cast, call, bank, cast.b)[1]
    cancel_call(call=call, by=cast.laleh, reason="بودجه تأمین نشد")
    omid = client_for(cast.omid)
    assert omid.get(page("refunds")).status_code == 403

    make_membership(cast.laleh, cast.a, Role.REPORTER)  # the only coordinator comes into the line of unit A
    name_decider(
        unit=cast.a, service=call.service, person=cast.omid, by=cast.admin, reason="همهٔ راهبران در خط این واحدند."
    )
    omid = client_for(cast.omid)
    shown = text_of(omid.get(page("refunds")))
    assert page("refund_propose", paid.order_id) in shown
    assert other.order_id not in shown
    assert page("reconciliation") not in shown
    assert omid.get(page("reconciliation")).status_code == 403

    assert omid.post(page("refund_propose", other.order_id), {"reason": "لغو"}).status_code == 404
    omid.post(page("refund_propose", paid.order_id), {"reason": "لغو"})
    assert Refund.objects.get().proposed_by == cast.omid


@pytest.mark.parametrize(("who", "code"), [("reza", 403), ("omid", 404), ("stranger", 404)])
def test_nobody_else_touches_a_refund(client_for, cast, owed, who, code):
    refund = propose_refund(payment=owed, reason="لغو", by=cast.laleh)
    assert client_for(getattr(cast, who)).post(page("refund_consent", refund.pk)).status_code == code
    assert Refund.objects.get().consented_at is None


# -------------------------------------------------------------------------------------------------------------- the desk
def test_the_fee_waits_on_the_heads_desk_until_it_is_paid(client_for, cast, call, bank):
    address = f"{page('report', report_of(call, cast.a).tracking_code)}#fee"
    assert address in text_of(client_for(cast.reza).get(page("desk")))
    assert address not in text_of(client_for(cast.sara).get(page("desk")))

    paid_report(cast, call, bank)
    assert address not in text_of(client_for(cast.reza).get(page("desk")))


def test_refunds_wait_on_the_desk_of_whoever_agrees_and_not_of_who_proposed(client_for, cast, owed, second):
    waits = "موافقت یا رد ۱ بازپرداخت"
    refund = propose_refund(payment=owed, reason="لغو", by=cast.laleh)
    assert waits in text_of(client_for(second).get(page("desk")))
    assert waits not in text_of(client_for(cast.laleh).get(page("desk")))

    consent_refund(refund=refund, by=second)
    assert "واریز و ثبت ۱ بازپرداخت" in text_of(client_for(cast.laleh).get(page("desk")))


def test_a_payment_without_the_banks_word_is_on_the_coordinators_desk_after_a_quarter_of_an_hour(
    client_for, cast, report, bank, clock
):
    payment = paying(report, cast.reza)
    bank.visit(payment, "verify_500")
    settle_payment(payment.order_id)
    says = "۱ پرداخت بی‌پاسخ از بانک"
    assert says not in text_of(client_for(cast.laleh).get(page("desk")))

    clock.move(minutes=16)
    assert says in text_of(client_for(cast.laleh).get(page("desk")))


def test_the_navigation_leads_there_whoever_pays_or_oversees(client_for, cast):
    for who, there in (("reza", True), ("laleh", True), ("nader", True), ("omid", False)):
        text = text_of(client_for(getattr(cast, who)).get("/account/"))
        assert (f'href="{page("payments")}"' in text) is there, who
