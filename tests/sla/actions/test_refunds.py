"""Money that goes back: who is owed it, two people's consent, the ledger afterwards."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from reports.actions.calls import cancel_call, excuse_unit, extend_unit
from reports.actions.refunds import consent_refund, decline_refund, propose_refund, record_payout
from reports.actions.submission import submit_report
from reports.invariants import broken
from reports.queries.refunds import refundable
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.enums import EntryKind, PaymentState, RefundState
from sla.gateways import GatewayRefused
from sla.gateways.simulator import Simulator
from sla.models import Payment, Refund
from sla.queries.payments import balance
from tests.calls import fill, report_of
from tests.factories import make_membership, make_person
from tests.payments import PRICE, ledger_of, paid_report, paying, priced_call
from units.actions.people import NewPerson, confirm_person, create_person
from units.enums import Role
from units.models import Event, Notice

REASON = "واحد معاف شد."


@pytest.fixture
def call(cast):
    return priced_call(cast)


@pytest.fixture
def paid(cast, call, bank):
    return paid_report(cast, call, bank)


@pytest.fixture
def mahsa(cast):
    """The second coordinator of the provider."""
    person = make_person("mahsa", "مهسا توکلی")
    make_membership(person, cast.provider, Role.COORDINATOR)
    return person


@pytest.fixture
def owed(cast, paid):
    """A payment that is owed back: the unit was excused before it submitted."""
    report, payment = paid
    excuse_unit(report=report, by=cast.laleh, reason=REASON)
    return payment


def owing() -> list[Payment]:
    return list(refundable(database_now()))


# --------------------------------------------------------------------------------------------- what is owed back
def test_a_fee_of_an_open_report_is_not_owed_back(paid):
    assert owing() == []


def test_a_fee_of_a_report_that_was_submitted_is_not_owed_back_when_its_time_is_over(cast, paid, clock, call):
    report, _payment = paid
    submit_report(report=fill(report, cast.sara), by=cast.reza)
    clock.move_to(call.closes_at + timedelta(hours=1))
    assert owing() == []


def test_a_fee_of_a_missed_report_is_owed_back_at_its_last_moment(paid, clock, call):
    _report, payment = paid
    clock.move_to(call.closes_at + call.grace - timedelta(seconds=1))
    assert owing() == []
    clock.move(seconds=2)
    assert owing() == [payment]


def test_a_fee_of_a_unit_that_was_excused_is_owed_back(owed):
    assert owing() == [owed]


def test_fees_of_a_cancelled_call_are_owed_back_also_where_something_was_submitted(cast, paid, call):
    report, payment = paid
    submit_report(report=fill(report, cast.sara), by=cast.reza)
    cancel_call(call=call, by=cast.laleh, reason="فراخوان اشتباه بود.")
    assert owing() == [payment]


def test_money_that_the_bank_would_not_give_back_is_owed_back(cast, call, bank, monkeypatch, settings):
    from sla.actions.settling import settle_payment

    def no(self, payment):
        raise GatewayRefused("no reversal")

    monkeypatch.setattr(Simulator, "reverse", no)
    payment = paying(report_of(call, cast.a), cast.reza)
    bank.visit(payment, "wrong_amount")
    found = settle_payment(payment.order_id)
    assert (owing(), found.received_rials) == ([found], 1000)


# ------------------------------------------------------------------------------------------------- two people
def test_an_account_that_the_proposer_opened_is_no_second_person_until_an_administrator_confirmed_it(cast, owed):
    puppet = create_person(new=NewPerson("sock", first_name="نخ", last_name="عروسک"), by=cast.laleh)
    make_membership(puppet, cast.provider, Role.COORDINATOR)
    refund = propose_refund(payment=owed, reason=REASON, by=cast.laleh)
    with pytest.raises(Forbidden) as refused:
        consent_refund(refund=refund, by=puppet)
    assert refused.value.code == "no-second-person"

    confirm_person(person=puppet, by=cast.admin)

    assert consent_refund(refund=refund, by=puppet).consented_by == puppet


def test_a_puppet_proposes_nothing_that_its_maker_agrees_to(cast, owed):
    puppet = create_person(new=NewPerson("sock", first_name="نخ", last_name="عروسک"), by=cast.laleh)
    make_membership(puppet, cast.provider, Role.COORDINATOR)

    with pytest.raises(Forbidden):
        consent_refund(refund=propose_refund(payment=owed, reason=REASON, by=puppet), by=cast.laleh)


def test_one_proposes_another_agrees_and_the_paying_out_is_in_the_ledger(cast, owed, mahsa):
    refund = propose_refund(payment=owed, reason=REASON, by=cast.laleh)
    assert (refund.state, refund.rials, owing()) == (RefundState.PROPOSED, PRICE, [])
    consent_refund(refund=refund, by=mahsa)
    paid_out = record_payout(refund=refund, reference="حواله ۴۵۱۲", by=cast.laleh)

    owed.refresh_from_db()
    assert (paid_out.state, owed.state) == (RefundState.PAID_OUT, PaymentState.REFUNDED)
    assert ledger_of(owed) == [(EntryKind.CREDIT, PRICE), (EntryKind.REFUND, PRICE)]
    assert (balance(owed.request), owed.request.paid_at) == (0, None)
    verbs = Event.objects.filter(noun="payment", verb__endswith="_refund").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["propose_refund", "consent_refund", "pay_out_refund"]
    assert list(broken()) == []


def test_nobody_agrees_to_their_own_proposal(cast, owed):
    refund = propose_refund(payment=owed, reason=REASON, by=cast.laleh)
    with pytest.raises(Forbidden):
        consent_refund(refund=refund, by=cast.laleh)
    assert Refund.objects.get().consented_at is None


def test_the_database_refuses_one_person_on_both_sides(cast, owed):
    refund = propose_refund(payment=owed, reason=REASON, by=cast.laleh)
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(consented_at=refund.proposed_at, consented_by=cast.laleh)


def test_nothing_is_paid_out_without_consent(cast, owed, mahsa):
    refund = propose_refund(payment=owed, reason=REASON, by=cast.laleh)
    with pytest.raises(Refused) as refusal:
        record_payout(refund=refund, reference="1", by=mahsa)
    assert refusal.value.code == "wrong-state"


def test_a_payment_is_refunded_once(cast, owed, mahsa):
    refund = propose_refund(payment=owed, reason=REASON, by=cast.laleh)
    with pytest.raises(Refused) as refusal:
        propose_refund(payment=owed, reason=REASON, by=mahsa)
    assert refusal.value.code == "proposed-already"
    consent_refund(refund=refund, by=mahsa)
    record_payout(refund=refund, reference="1", by=cast.laleh)
    for again in (
        lambda: record_payout(refund=refund, reference="2", by=mahsa),
        lambda: propose_refund(payment=owed, reason=REASON, by=mahsa),
    ):
        with pytest.raises(Refused):
            again()
    assert (Refund.objects.count(), list(broken())) == (1, [])


def test_a_declined_refund_may_be_proposed_anew(cast, owed, mahsa):
    refund = propose_refund(payment=owed, reason=REASON, by=cast.laleh)
    decline_refund(refund=refund, reason="شماره حساب نادرست است.", by=mahsa)
    assert (Refund.objects.get().state, owing()) == (RefundState.DECLINED, [owed])
    assert Notice.objects.filter(event__verb="decline_refund", channel="portal").get().person == cast.laleh
    propose_refund(payment=owed, reason=REASON, by=mahsa)
    assert (Refund.objects.count(), list(broken())) == (2, [])


@pytest.mark.parametrize("who", ["sara", "reza", "omid", "nader", "stranger", "admin"])
def test_nobody_but_a_coordinator_of_the_provider_takes_part(cast, owed, mahsa, who):
    person = getattr(cast, who)
    with pytest.raises(Forbidden):
        propose_refund(payment=owed, reason=REASON, by=person)
    refund = propose_refund(payment=owed, reason=REASON, by=cast.laleh)
    for verb in (
        lambda: consent_refund(refund=refund, by=person),
        lambda: decline_refund(refund=refund, reason=REASON, by=person),
        lambda: record_payout(refund=refund, reference="1", by=person),
    ):
        with pytest.raises(Forbidden):
            verb()


def test_a_reason_and_a_reference_are_needed(cast, owed, mahsa):
    with pytest.raises(Refused) as refusal:
        propose_refund(payment=owed, reason="  ", by=cast.laleh)
    assert refusal.value.code == "no-reason"
    refund = consent_refund(refund=propose_refund(payment=owed, reason=REASON, by=cast.laleh), by=mahsa)
    with pytest.raises(Refused) as refusal:
        record_payout(refund=refund, reference=" ", by=cast.laleh)
    assert refusal.value.code == "no-reference"


def test_a_fee_that_is_not_owed_back_is_not_refunded(cast, paid):
    with pytest.raises(Refused) as refusal:
        propose_refund(payment=paid[1], reason=REASON, by=cast.laleh)
    assert refusal.value.code == "not-owed"


def test_a_refund_stops_where_the_report_was_extended_and_is_open_again(cast, paid, clock, call, mahsa):
    report, payment = paid
    clock.move_to(call.closes_at + timedelta(hours=1))
    refund = propose_refund(payment=payment, reason=REASON, by=cast.laleh)
    consent_refund(refund=refund, by=mahsa)
    extend_unit(report=report, until=database_now() + timedelta(days=1), by=cast.laleh, reason="مهلت تازه")
    with pytest.raises(Refused) as refusal:
        record_payout(refund=refund, reference="1", by=cast.laleh)
    assert refusal.value.code == "not-owed"
    submit_report(report=fill(report_of(call, cast.a), cast.sara), by=cast.reza)
    assert list(broken()) == []


def test_a_report_that_is_opened_again_after_its_refund_owes_its_fee_again(cast, paid, clock, call, mahsa, bank):
    from sla.actions.settling import settle_payment

    report, payment = paid
    clock.move_to(call.closes_at + timedelta(hours=1))
    refund = consent_refund(refund=propose_refund(payment=payment, reason=REASON, by=cast.laleh), by=mahsa)
    record_payout(refund=refund, reference="1", by=cast.laleh)
    extend_unit(report=report, until=database_now() + timedelta(days=1), by=cast.laleh, reason="مهلت تازه")
    fill(report_of(call, cast.a), cast.sara)
    with pytest.raises(Refused) as refusal:
        submit_report(report=report, by=cast.reza)
    assert refusal.value.code == "unpaid"
    again = paying(report_of(call, cast.a), cast.reza)
    bank.visit(again)
    settle_payment(again.order_id)
    submit_report(report=report, by=cast.reza)
    assert list(broken()) == []
