"""What the bank says of an attempt, from server to server, and what the ledger makes of it: credited once, or not at all."""

from datetime import timedelta

import pytest
from django.db import transaction

from reports.invariants import broken
from sla.actions import settling
from sla.actions.clocks import void_clocks
from sla.actions.settling import settle_payment, settle_unknown
from sla.enums import AgreementVerb, EntryKind, PaymentReason, PaymentState
from sla.gateways import http
from sla.gateways.answers import Verified
from sla.models import LedgerEntry, Payment, ServiceRequest
from sla.queries.payments import balance
from tests.factories import make_service, make_tariffs
from tests.payments import PRICE, at_the_bank, ledger_of, priced_requests
from units.models import Event, Notice

P = PaymentState


@pytest.fixture
def request_a(cast, bank) -> ServiceRequest:
    return priced_requests(make_service(cast), cast.a)[0]


@pytest.fixture
def payment(request_a, cast) -> Payment:
    return at_the_bank(request_a, cast.reza)


def fresh(payment: Payment) -> Payment:
    return Payment.objects.select_related("request").get(pk=payment.pk)


# -------------------------------------------------------------------------------------------------------- settling
def test_a_confirmed_payment_is_credited_once_and_pays_the_request(payment, cast, bank, request_a):
    bank.visit(payment)

    settled = settle_payment(payment.order_id)

    request_a.refresh_from_db()
    assert (settled.state, settled.received_rials, settled.claimed_at) == (P.PAID, PRICE, None)
    assert ledger_of(payment) == [(EntryKind.CREDIT, PRICE)]
    assert (request_a.paid_at, request_a.bank_begun_at, request_a.bank_settled_at) == (
        settled.settled_at, payment.begun_at, settled.settled_at,
    )  # fmt: skip
    assert balance(request_a) == PRICE
    assert [e.verb for e in Event.objects.filter(noun="payment").order_by("id")] == ["begin", "redirect", "settle"]
    assert list(broken()) == []


def test_settling_again_changes_nothing(payment, bank):
    bank.visit(payment)
    first = settle_payment(payment.order_id)
    assert [settle_payment(payment.order_id) for _ in range(3)] == [first] * 3
    assert ledger_of(payment) == [(EntryKind.CREDIT, PRICE)]
    assert Event.objects.filter(noun="payment", verb="settle").count() == 1


def test_the_units_own_people_are_told_once(payment, bank, cast):
    bank.visit(payment)
    settle_payment(payment.order_id)
    settle_payment(payment.order_id)
    told = Notice.objects.filter(event__verb="settle", channel="portal").values_list("person__username", flat=True)
    assert sorted(told) == ["reza", "sara"]


def test_nobody_has_such_an_order(db):
    assert settle_payment("0000-0000-0000-0000-0000") is None


def test_while_the_payer_is_at_the_bank_nothing_is_concluded(payment):
    assert settle_payment(payment.order_id).state == P.REDIRECTED
    assert not LedgerEntry.objects.exists()


def test_a_cancelled_visit_ends_the_attempt(payment, bank):
    bank.visit(payment, "cancelled")
    found = settle_payment(payment.order_id)
    assert (found.state, found.reason) == (P.FAILED, PaymentReason.NOT_PAID)


def test_doubt_is_recorded_once_however_often_the_bank_is_silent(payment, bank):
    bank.mood("down")
    for _ in range(3):
        settle_payment(payment.order_id)
    assert Event.objects.filter(noun="payment", verb=AgreementVerb.DOUBT).count() == 1


def test_whoever_was_left_in_doubt_is_told_that_it_failed(payment, bank):
    bank.mood("down")
    assert settle_payment(payment.order_id).state == P.UNKNOWN
    bank.mood("well")
    bank.visit(payment, "cancelled")
    assert settle_payment(payment.order_id).state == P.FAILED
    told = Notice.objects.filter(event__verb="fail", channel="portal").values_list("person__username", flat=True)
    assert list(told) == ["reza"]


@pytest.mark.parametrize("trouble", ["verify_timeout", "verify_500", "garbage"])
def test_a_bank_that_answers_nothing_readable_leaves_it_unknown_and_is_asked_again(payment, bank, clock, trouble):
    bank.visit(payment, trouble)
    found = settle_payment(payment.order_id)
    assert (found.state, found.reason, found.claimed_at) == (P.UNKNOWN, PaymentReason.UNREADABLE, None)
    assert settle_unknown() == 0  # not before its time

    clock.move(minutes=1, seconds=1)
    assert settle_unknown() == 1
    assert (fresh(payment).state, ledger_of(payment)) == (P.PAID, [(EntryKind.CREDIT, PRICE)])
    assert list(broken()) == []


def test_the_longer_the_bank_is_silent_the_longer_the_wait_but_never_over_an_hour(payment, bank, clock):
    bank.visit(payment, "verify_500", times=99)
    waits = []
    for _ in range(9):
        found = settle_payment(payment.order_id)
        waits.append(round((found.next_try_at - clock.now()).total_seconds() / 60))
        clock.move_to(found.next_try_at)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_silence_alone_never_ends_an_attempt(payment, bank, clock):
    bank.visit(payment)
    bank.mood("down")
    settle_payment(payment.order_id)
    clock.move(days=3)
    settle_unknown()
    assert fresh(payment).state == P.UNKNOWN

    bank.mood("well")
    clock.move(hours=2)
    settle_unknown()
    assert fresh(payment).state == P.PAID


def test_a_payer_who_never_came_back_is_found_by_the_sweep(payment, bank, clock):
    bank.visit(payment, "silent")
    clock.move(minutes=2, seconds=1)
    assert settle_unknown() == 1
    assert fresh(payment).state == P.PAID


def test_a_payer_who_paid_nothing_in_the_banks_time_leaves_an_expired_attempt(payment, clock):
    clock.move_to(payment.expires_at)
    settle_unknown()
    assert (fresh(payment).state, fresh(payment).reason) == (P.EXPIRED, PaymentReason.TIME_OVER)


def test_money_that_came_for_an_expired_attempt_still_pays_the_fee(payment, bank, clock):
    clock.move_to(payment.expires_at)
    settle_unknown()
    bank.visit(payment)
    assert settle_payment(payment.order_id).state == P.PAID
    assert list(broken()) == []


def test_of_two_attempts_that_were_both_paid_the_second_is_given_back(payment, cast, bank, clock, request_a):
    clock.move_to(payment.expires_at)
    settle_unknown()
    second = at_the_bank(request_a, cast.reza)
    bank.visit(payment)
    bank.visit(second)

    assert settle_payment(payment.order_id).state == P.PAID
    found = settle_payment(second.order_id)

    assert (found.state, found.reason) == (P.REVERSED, PaymentReason.PAID_TWICE)
    assert ledger_of(second) == [(EntryKind.SURPLUS, PRICE), (EntryKind.REVERSAL, PRICE)]
    assert balance(request_a) == PRICE
    assert bank.ask("inquire", token=second.token, terminal=second.terminal) == {"state": "reversed"}
    assert list(broken()) == []


def test_an_order_of_a_request_that_was_voided_meanwhile_is_given_back(payment, bank, clock, request_a):
    bank.visit(payment)
    void_clocks([request_a.pk], clock.now())
    found = settle_payment(payment.order_id)
    assert (found.state, found.reason) == (P.REVERSED, PaymentReason.VOIDED)
    assert list(broken()) == []


def test_an_attempt_begun_at_a_price_that_was_lowered_since_is_given_back(payment, bank, clock, request_a):
    clock.move_to(payment.expires_at)
    settle_unknown()
    lower = make_tariffs(request_a.agreement.service, periodic_report=PRICE // 2).rows.get()
    ServiceRequest.objects.filter(pk=request_a.pk).update(price_rials=lower.rials, tariff=lower)
    bank.visit(payment)
    assert settle_payment(payment.order_id).reason == PaymentReason.OTHER_AMOUNT
    assert (balance(request_a), list(broken())) == (0, [])


def test_what_the_bank_will_not_give_back_waits_on_the_refund_list(payment, bank, monkeypatch, clock, request_a, cast):
    from sla.gateways import GatewayRefused
    from sla.gateways.simulator import Simulator

    def no(self, payment):
        raise GatewayRefused("no reversal")

    monkeypatch.setattr(Simulator, "reverse", no)
    void_clocks([request_a.pk], clock.now())
    bank.visit(payment)
    found = settle_payment(payment.order_id)
    assert (found.state, found.next_try_at, ledger_of(payment)) == (P.SURPLUS, None, [(EntryKind.SURPLUS, PRICE)])
    told = Notice.objects.filter(event__verb="refuse_reversal", channel="portal")
    assert [n.person for n in told] == [cast.laleh]
    assert list(broken()) == []


def test_a_reversal_is_asked_for_when_its_turn_has_come_and_not_before(payment, bank, clock, cast, request_a):
    bank.visit(payment)
    void_clocks([request_a.pk], clock.now())
    claimed = settling._claim(payment.order_id)
    settling._conclude(claimed, settling._ask(claimed, False))
    Payment.objects.filter(pk=payment.pk).update(next_try_at=clock.now() + timedelta(minutes=1))
    other = at_the_bank(priced_requests(request_a.agreement.service, cast.b)[0], cast.kamran)
    bank.visit(other)
    void_clocks([other.request_id], clock.now())
    claimed = settling._claim(other.order_id)
    settling._conclude(claimed, settling._ask(claimed, False))
    assert settling.give_back_money(payment).state == P.SURPLUS
    assert (fresh(other).state, fresh(other).claimed_at) == (P.SURPLUS, None)
    clock.move(minutes=1)
    assert settling.give_back_money(payment).state == P.REVERSED


def test_no_reversal_is_asked_for_while_it_is_not_known_whether_the_payer_paid(payment, bank, clock):
    bank.mood("down")
    settle_payment(payment.order_id)
    clock.move(minutes=2)
    bank.mood("well")
    assert fresh(payment).next_try_at < clock.now()

    settling.give_back_money(payment)

    assert fresh(payment).state == P.UNKNOWN


def test_an_attempt_that_is_being_prepared_is_left_to_whoever_prepares_it(payment, clock):
    Payment.objects.filter(pk=payment.pk).update(state=P.BEGUN, token="", redirected_at=None, next_try_at=None)
    settle_unknown()
    assert fresh(payment).state == P.BEGUN
    clock.move(minutes=10)
    settle_unknown()
    assert (fresh(payment).state, fresh(payment).reason) == (P.EXPIRED, PaymentReason.NEVER_SENT)


def test_a_bank_that_still_waited_is_asked_again_a_minute_after_its_first_silence(payment, bank, clock):
    settle_payment(payment.order_id)  # its payer is still there
    bank.visit(payment, "verify_500")
    found = settle_payment(payment.order_id)
    assert round((found.next_try_at - clock.now()).total_seconds()) == 60


def test_a_reversal_of_which_nothing_is_known_is_asked_for_again(payment, bank, clock, request_a):
    bank.visit(payment)
    void_clocks([request_a.pk], clock.now())
    claimed = settling._claim(payment.order_id)
    settling._conclude(claimed, settling._ask(claimed, False))
    bank.mood("down")
    clock.move(seconds=1)
    settle_unknown()
    assert (fresh(payment).state, fresh(payment).next_try_at > clock.now()) == (P.SURPLUS, True)

    bank.mood("well")
    clock.move(minutes=2)
    settle_unknown()
    assert (fresh(payment).state, list(broken())) == (P.REVERSED, [])


# ------------------------------------------------------------------------------------------- receipts of others
@pytest.mark.parametrize(
    ("forgery", "state", "reason"),
    [
        ("wrong_amount", P.REVERSED, PaymentReason.OTHER_AMOUNT),
        ("over_amount", P.REVERSED, PaymentReason.OTHER_AMOUNT),
        ("other_order", P.FAILED, PaymentReason.OTHER_ORDER),
        ("other_terminal", P.FAILED, PaymentReason.OTHER_TERMINAL),
        ("missing_amount", P.UNKNOWN, PaymentReason.INCOMPLETE),
        ("replayed_reference", P.FAILED, PaymentReason.USED_REFERENCE),
    ],
)
def test_no_answer_that_does_not_match_pays(payment, bank, cast, request_a, forgery, state, reason):
    other = at_the_bank(priced_requests(request_a.agreement.service, cast.b)[0], cast.kamran)
    bank.visit(other)
    assert settle_payment(other.order_id).state == P.PAID
    bank.visit(payment, forgery)

    found = settle_payment(payment.order_id)

    request_a.refresh_from_db()
    assert (found.state, found.reason, request_a.paid_at) == (state, reason, None)
    assert not LedgerEntry.objects.filter(kind=EntryKind.CREDIT, payment=payment).exists()
    assert fresh(other).state == P.PAID
    assert list(broken()) == []


WHOLE = {"order_id": "O-1", "amount_rials": 1000, "terminal": "T", "reference": "R"}


@pytest.mark.parametrize("missing", WHOLE)
def test_what_the_bank_does_not_say_matches_nothing(missing):
    order = Payment(order_id="O-1", amount_rials=1000, terminal="T")
    said = Verified(**{**WHOLE, missing: None if missing == "amount_rials" else ""})
    assert settling.match(order, Verified(**WHOLE)).action == "settle"
    assert settling.match(order, said) == settling.Word("doubt", PaymentReason.INCOMPLETE)


@pytest.mark.parametrize("taken", [999, 1001])
def test_another_sum_than_the_price_is_no_payment_whether_less_or_more(taken):
    order, said = Payment(order_id="O-1", amount_rials=1000, terminal="T"), Verified(**{**WHOLE, "amount_rials": taken})
    assert settling.match(order, said) == settling.Word("exceed", PaymentReason.OTHER_AMOUNT, said)


# ------------------------------------------------------------------------------------------ no lock while the bank thinks
def test_a_bank_is_never_asked_inside_a_transaction(bank, settings, transactional_db):
    with transaction.atomic(), pytest.raises(RuntimeError):
        http.ask_bank(f"{settings.BANK_URL}/api/verify", {})


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_in_any_question_to_the_bank(bank, clock):
    """The whole way through, outside any transaction of the test: begin, settle, unknown, sweep, reverse."""
    from tests.people import make_cast

    cast = make_cast()
    first, second = priced_requests(make_service(cast), cast.a, 2)
    payment = at_the_bank(first, cast.reza)
    bank.visit(payment, "garbage")
    settle_payment(payment.order_id)
    clock.move(minutes=2)
    settle_unknown()
    other = at_the_bank(second, cast.reza)
    bank.visit(other, "wrong_amount")
    assert (fresh(payment).state, settle_payment(other.order_id).state) == (P.PAID, P.REVERSED)
