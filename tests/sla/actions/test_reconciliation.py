"""The bank's statement of a day beside the ledger."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from sajad_portal.lib.clock import TEHRAN, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.jalali import format_date
from sajad_portal.lib.tables import FileRefused
from sla.actions.reconciliation import compare_with_ledger, reconcile_day, reconcile_lately
from sla.actions.settling import settle_payment
from sla.models import Payment, Reconciliation
from tests.factories import make_service
from tests.payments import PRICE, at_the_bank, priced_requests
from units.models import Event, Notice

HEADER = "order_id,reference,amount,terminal,time\n"


@pytest.fixture
def service(cast, bank):
    return make_service(cast)


@pytest.fixture
def paid(cast, service, bank):
    """Two orders that were paid today."""
    found = []
    for request in priced_requests(service, cast.a, 2):
        payment = at_the_bank(request, cast.reza)
        bank.visit(payment)
        found.append(settle_payment(payment.order_id))
    return found


def line(payment, **changes) -> str:
    cells = {
        "order_id": payment.order_id, "reference": payment.reference, "amount": payment.received_rials,
        "terminal": payment.terminal, "time": payment.settled_at.astimezone(TEHRAN).isoformat(timespec="seconds"),
    } | changes  # fmt: skip
    return ",".join(str(cell) for cell in cells.values()) + "\n"


def reconcile(cast, service, text: str, day=None) -> Reconciliation:
    return reconcile_day(service=service, day=day or today(), by=cast.laleh, data=text.encode(), name="bank.csv")


def today():
    return tehran_date(datetime.now(UTC))


def kinds(found: Reconciliation) -> list[tuple[str, str]]:
    return [(row["kind"], row["reference"]) for row in found.differences]


def test_a_statement_that_names_the_same_orders_has_no_difference(cast, service, paid):
    found = reconcile(cast, service, HEADER + "".join(line(p) for p in paid))
    assert (found.lines, found.matched, found.differences, found.is_clean) == (2, 2, [], True)
    assert (found.day, found.source_name, len(found.sha256)) == (today(), "bank.csv", 64)
    assert Event.objects.filter(noun="reconciliation", verb="reconcile").count() == 1


def test_what_differs_is_named_by_its_kind(cast, service, paid):
    first, second = paid
    wrong = line(first, amount=PRICE - 1) + line(first, reference="777", order_id="UNKNOWN")
    found = reconcile(cast, service, HEADER + wrong)
    assert found.matched == 0
    assert kinds(found) == [("amount", first.reference), ("only_bank", "777"), ("only_ledger", second.reference)]
    assert found.differences[0] == {
        "kind": "amount", "order_id": first.order_id, "reference": first.reference, "bank_rials": PRICE - 1,
        "ledger_rials": PRICE,
    }  # fmt: skip


@pytest.mark.parametrize(("column", "kind"), [("order_id", "order"), ("terminal", "terminal")])
def test_another_order_or_terminal_is_a_difference(cast, service, paid, column, kind):
    first, second = paid
    found = reconcile(cast, service, HEADER + line(first, **{column: "9"}) + line(second))
    assert kinds(found) == [(kind, first.reference)]


def test_the_statement_can_be_fetched_from_the_bank_and_run_again(cast, service, paid, bank):
    found = reconcile_day(service=service, day=today(), by=cast.laleh)
    ours = {row["reference"] for row in found.differences} & {p.reference for p in paid}
    assert (found.matched >= 2, ours, found.source_name) == (True, set(), "simulator")
    again = reconcile_day(service=service, day=today(), by=cast.laleh)
    assert (again.pk != found.pk, Reconciliation.objects.count()) == (True, 2)


def test_a_payment_settled_after_midnight_may_stand_in_the_statement_of_the_day_before(cast, service, paid):
    first, _second = paid
    Payment.objects.filter(pk=first.pk).update(settled_at=first.settled_at + timedelta(days=1))
    reconcile(cast, service, HEADER + "".join(line(p) for p in paid))

    assert compare_with_ledger(service, "simulator", today() + timedelta(days=1), []) == (0, [])


def test_without_the_other_days_statement_it_is_missed(service, paid):
    first, _second = paid
    Payment.objects.filter(pk=first.pk).update(settled_at=first.settled_at + timedelta(days=1))
    _matched, differences = compare_with_ledger(service, "simulator", today() + timedelta(days=1), [])
    assert [(row["kind"], row["reference"]) for row in differences] == [("only_ledger", first.reference)]


def test_a_day_that_lies_ahead_and_a_bank_that_is_not_well_are_refused(cast, service, bank):
    with pytest.raises(Refused) as refusal:
        reconcile_day(service=service, day=today() + timedelta(days=1), by=cast.laleh)
    assert refusal.value.code == "day-ahead"
    bank.mood("down")
    with pytest.raises(Refused) as refusal:
        reconcile_day(service=service, day=today(), by=cast.laleh)
    assert (refusal.value.code, Reconciliation.objects.count()) == ("no-statement", 0)


@pytest.mark.parametrize("who", ["sara", "reza", "omid", "nader", "stranger", "admin"])
def test_only_a_coordinator_of_the_provider_reconciles(cast, service, who):
    with pytest.raises(Forbidden):
        reconcile_day(service=service, day=today(), by=getattr(cast, who), data=HEADER.encode())


def test_everything_that_is_wrong_in_a_file_is_named_at_once(cast, service, paid):
    first, _second = paid
    yesterday = (first.settled_at - timedelta(days=1)).isoformat()
    rows = [
        line(first, amount="1.5"), line(first, reference=""), line(first, time="soon"), line(first, time=yesterday),
    ]  # fmt: skip
    with pytest.raises(FileRefused) as refusal:
        reconcile(cast, service, HEADER + "".join(rows))
    assert [(p.row, p.column) for p in refusal.value.problems] == [
        (2, "amount"), (3, "reference"), (4, "time"), (5, "time"),
    ]  # fmt: skip
    assert not Reconciliation.objects.exists()


def test_a_reference_that_stands_in_the_file_twice_is_refused(cast, service, paid):
    with pytest.raises(FileRefused):
        reconcile(cast, service, HEADER + line(paid[0]) * 2)


def test_persian_headings_and_digits_are_read(cast, service, paid):
    first, second = paid
    header = "شماره سفارش,شماره مرجع,مبلغ,پایانه,زمان\n"
    found = reconcile(cast, service, header + line(first, amount="۲۵۰۰۰۰۰") + line(second))
    assert (found.matched, found.differences) == (2, [])


def test_a_file_without_its_columns_is_refused_by_name(cast, service):
    with pytest.raises(FileRefused) as refusal:
        reconcile(cast, service, "order_id,reference\n")
    assert [p.column for p in refusal.value.problems] == ["amount", "terminal", "time"]


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_portals_own_list_of_payments_can_be_sent_as_a_statement(cast, service, paid, client_for, language):
    client = client_for(cast.laleh)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    listed = client.get("/payments/export.csv?state=paid").content
    found = reconcile_day(service=service, day=today(), by=cast.laleh, data=listed, name="payments.csv")
    assert (found.lines, found.matched, found.differences) == (2, 2, [])


@pytest.mark.parametrize("amount", ["2500000.00", "2,500,000", "۲/۵۰۰/۰۰۰", "2 500 000"])
def test_an_amount_is_read_as_banks_and_spreadsheets_write_it(cast, service, paid, amount):
    first, second = paid
    found = reconcile(cast, service, HEADER + line(first, amount=f'"{amount}"') + line(second))
    assert found.differences == []


@pytest.mark.parametrize("style", ["%H:%M", "%H:%M:%S", "%H:%M:%S.250000"])
def test_a_jalali_time_is_read_with_seconds_or_without(cast, service, paid, style):
    first, second = paid
    at = first.settled_at.astimezone(TEHRAN)
    found = reconcile(cast, service, HEADER + line(first, time=f"{format_date(at, 'numeric', 'en')} {at.strftime(style)}") + line(second))  # fmt: skip
    assert found.differences == []


def test_a_number_that_a_spreadsheet_has_shortened_is_refused_and_makes_no_difference_for_ever(cast, service, paid):
    first, second = paid
    with pytest.raises(FileRefused) as refusal:
        reconcile(cast, service, HEADER + line(first, reference="2.45292E+11") + line(second))
    assert [(p.row, p.column) for p in refusal.value.problems] == [(2, "reference")]
    assert not Reconciliation.objects.exists()


def test_rows_are_counted_as_a_spreadsheet_counts_them(cast, service, paid):
    first, _second = paid
    with pytest.raises(FileRefused) as refusal:
        reconcile(cast, service, HEADER + "\n,,,,\n" + line(first) + "\n" + line(first))
    assert [(p.row, p.column) for p in refusal.value.problems] == [(6, "reference")]


# --------------------------------------------------------------------------------------------------------- the sweep
def test_the_portal_compares_each_day_that_ended_once(cast, service, paid, clock):
    clock.move(days=2)
    assert reconcile_lately() == 2
    assert reconcile_lately() == 0
    assert {(found.day, found.by, found.source_name) for found in Reconciliation.objects.all()} == {
        (today(), None, "simulator"), (today() + timedelta(days=1), None, "simulator"),
    }  # fmt: skip
    of_the_day = Reconciliation.objects.get(day=today())
    assert (of_the_day.matched >= 2, [row["reference"] for row in of_the_day.differences if row["kind"] == "only_ledger"]) == (True, [])  # fmt: skip


def test_coordinators_are_told_where_the_days_differ(cast, service, paid, clock):
    Payment.objects.filter(pk=paid[0].pk).update(terminal="9")
    clock.move(days=1)
    reconcile_lately()
    found = Reconciliation.objects.get()
    assert ("terminal", paid[0].reference) in kinds(found)
    told = Notice.objects.filter(event__verb="reconcile", channel="portal")
    assert [(notice.person, notice.url) for notice in told] == [
        (cast.laleh, f"/payments/reconciliation/?run={found.pk}")
    ]


def test_a_bank_that_is_down_is_asked_again_by_the_next_sweep(service, paid, bank, clock):
    clock.move(days=1)
    bank.mood("down")
    assert reconcile_lately() == 0
    bank.mood("well")
    assert reconcile_lately() == 1


def test_without_a_gateway_and_without_payments_nothing_is_compared(cast, bank, clock, monkeypatch):
    make_service(cast)
    clock.move(days=1)
    assert reconcile_lately() == 0
    monkeypatch.setattr(settings, "PAYMENT_GATEWAY", "")
    assert reconcile_lately() == 0
