"""Two people over one general request at once, on PostgreSQL. Each guard has a twin with the guard off that must fail."""

import threading

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from reports.invariants import broken
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sla.actions import request_decisions, settling
from sla.actions import requests as request_verbs
from sla.actions.request_decisions import (
    accept_decision_offer,
    contest_decision,
    decide_request,
    offer_decision,
)
from sla.actions.request_fees import accept_lower_fee, contest_request_fee, offer_lower_fee
from sla.actions.requests import pay_for_request, withdraw_general_request
from sla.actions.settling import settle_payment
from sla.enums import Decision, GeneralState, PaymentState
from sla.models import Dispute, GeneralRequest, LedgerEntry, Payment, RequestDecision, ServiceRequest
from tests.factories import make_membership, make_person
from tests.general import FEE, again, contested_request, filed, make_general_type, priced
from tests.payments import back_to
from tests.people import make_cast
from units.enums import Role

from .races import Runner, spin_until
from .test_dispute_races import lock_waiters

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WHY = "دلیل ما در پیوست است."


@pytest.fixture(autouse=True)
def _mail_is_the_workers_business(monkeypatch):
    monkeypatch.setattr("units.actions.events._ring", lambda: None)


@pytest.fixture
def waiting():
    """A request of unit A that waits for the provider, and a second coordinator."""
    cast = make_cast()
    general = filed(cast, make_general_type(cast))
    second = make_person("second", "زهرا دوم")
    make_membership(second, cast.provider, Role.COORDINATOR)
    return cast, general, second


class GuardOff:
    """`lock_request` without the lock: both have read the row before either writes, and the second writes after the first
    has committed."""

    def __init__(self, monkeypatch):
        self.meeting, self.written = threading.Barrier(2, timeout=20), threading.Event()
        self.mine = threading.local()
        monkeypatch.setattr(request_verbs, "lock_request", self.read)
        monkeypatch.setattr(request_decisions, "lock_request", self.read)

    def read(self, general):
        at = database_now()
        fresh = GeneralRequest.objects.with_status().select_related(
            "unit", "request_type__service__provider", "request__agreement"
        ).get(pk=general.pk)  # fmt: skip
        self.meeting.wait()
        if not self.mine.first:
            self.written.wait(20)
        return fresh, at

    def begin(self, first: bool):
        self.mine.first = first

    def done(self):
        if self.mine.first:
            self.written.set()


def at_once(*verbs, guard: GuardOff | None = None) -> list:
    """What each returned, refused with, or what the database said in the end."""
    runner = Runner()

    def tried(verb):
        if guard:
            guard.begin(verb is verbs[0])
        try:
            return verb()
        except IntegrityError as error:
            return str(error)
        finally:
            if guard:
                guard.done()

    for verb in verbs:
        runner.start(tried, verb)
    return runner.join()


# ----------------------------------------------------------------------------------------------- two coordinators decide
def decide_from_two_desks(waiting, guard=None) -> list:
    cast, general, second = waiting
    return at_once(
        lambda: decide_request(general=general, decision=Decision.GRANTED, reason=WHY, by=cast.laleh),
        lambda: decide_request(general=general, decision=Decision.REFUSED, reason=WHY, by=second),
        guard=guard,
    )


def test_of_two_coordinators_one_decides_and_the_other_hears_it(waiting):
    found = decide_from_two_desks(waiting)
    assert sorted(type(one).__name__ for one in found) == ["Refused", "RequestDecision"]
    assert [one.code for one in found if isinstance(one, Refused)] == ["decided-already"]
    assert RequestDecision.objects.count() == 1
    assert list(broken()) == []


def test_twin_without_the_lock_only_the_database_keeps_the_second_decision_out(waiting, monkeypatch):
    found = decide_from_two_desks(waiting, GuardOff(monkeypatch))
    assert ["decision_anew_by_agreement" in one for one in found if isinstance(one, str)] == [True], (
        "the guard was off and nobody decided twice: this twin proves nothing"
    )


# -------------------------------------------------------------------------------------------- withdrawn while decided
def withdraw_while_it_is_decided(waiting, guard=None) -> list:
    cast, general, _second = waiting
    return at_once(
        lambda: decide_request(general=general, decision=Decision.GRANTED, reason=WHY, by=cast.laleh),
        lambda: withdraw_general_request(general=general, by=cast.reza),
        guard=guard,
    )


def test_a_request_is_decided_or_withdrawn_and_never_both(waiting):
    _cast, general, _second = waiting
    found = withdraw_while_it_is_decided(waiting)
    assert [one.code for one in found if isinstance(one, Refused)] == ["wrong-state"]
    assert again(general).state in (GeneralState.DECIDED, GeneralState.WITHDRAWN)
    assert list(broken()) == []


def test_twin_without_the_lock_only_the_database_keeps_the_second_state_out(waiting, monkeypatch):
    found = withdraw_while_it_is_decided(waiting, GuardOff(monkeypatch))
    assert ["general_state_has_instants" in one for one in found if isinstance(one, str)] == [True], (
        "the guard was off and nothing went wrong: this twin proves nothing"
    )


# ---------------------------------------------------------------------------------- the fee comes while it is withdrawn
@pytest.fixture
def at_bank(bank):
    """The payer has paid at the bank, and the portal does not know yet."""
    cast = make_cast()
    general = filed(cast, priced(make_general_type(cast)))
    payment = pay_for_request(general=general, by=cast.reza, return_url=back_to)
    bank.visit(payment)
    return cast, general, payment


def settle_while_it_is_withdrawn(at_bank) -> Payment:
    """The withdrawal has not committed when the bank's word comes."""
    cast, general, payment = at_bank
    withdrawn, settled, runner = threading.Event(), threading.Event(), Runner()

    def withdraw_slowly():
        with transaction.atomic():
            withdraw_general_request(general=general, by=cast.reza)
            withdrawn.set()
            spin_until(lambda: settled.is_set() or lock_waiters() > 0)

    def settle():
        withdrawn.wait(20)
        try:
            return settle_payment(payment.order_id)
        finally:
            settled.set()

    runner.start(withdraw_slowly)
    runner.start(settle)
    runner.join()
    return Payment.objects.get(pk=payment.pk)


def test_money_that_meets_a_withdrawal_is_given_back(at_bank):
    payment = settle_while_it_is_withdrawn(at_bank)
    assert payment.state in (PaymentState.SURPLUS, PaymentState.REVERSED)
    assert not LedgerEntry.objects.filter(kind="credit").exists()
    assert list(broken()) == []


def test_twin_a_settlement_that_reads_without_the_lock_takes_the_fee_of_a_withdrawn_request(at_bank, monkeypatch):
    def unlocked(claimed, word):
        with transaction.atomic():
            payment = Payment.objects.select_related(
                "begun_by", "request__unit", "request__request_type", "request__agreement__service__provider"
            ).get(pk=claimed.pk)  # fmt: skip
            settling._receive(payment, settling._in_the_ledger(payment, word, word.said), word.said, database_now())
        return payment

    monkeypatch.setattr(settling, "_conclude", unlocked)
    payment = settle_while_it_is_withdrawn(at_bank)
    assert payment.state == PaymentState.PAID, "the guard was off and nothing went wrong: this twin proves nothing"
    assert GeneralRequest.objects.get().state == GeneralState.WITHDRAWN


# ------------------------------------------------------------------------------------- the fee is lowered while it is paid
LOWER = 100_000


@pytest.fixture
def lowering(bank):
    """The fee of a filed request is contested, and the provider has offered a lower one."""
    cast = make_cast()
    general = again(filed(cast, priced(make_general_type(cast))))
    dispute = contest_request_fee(general=general, text=WHY, by=cast.reza)
    return cast, general, offer_lower_fee(dispute=dispute, rials=LOWER, text=WHY, by=cast.laleh)


def pay_while_it_is_lowered(lowering) -> tuple[int, int]:
    """The head pays in one tab while the lower fee, accepted in the other, has not committed: what the bank is asked for, and
    what the request costs then."""
    cast, general, offer = lowering
    lowered, begun, runner = threading.Event(), threading.Event(), Runner()

    def accept_slowly():
        with transaction.atomic():
            accept_lower_fee(offer=offer, by=cast.reza)
            lowered.set()
            spin_until(lambda: begun.is_set() or lock_waiters() > 0)

    def pay():
        lowered.wait(20)
        try:
            return pay_for_request(general=general, by=cast.reza, return_url=back_to)
        finally:
            begun.set()

    runner.start(accept_slowly)
    runner.start(pay)
    runner.join()
    return Payment.objects.get().amount_rials, ServiceRequest.objects.get(pk=general.request_id).price_rials


def test_a_payment_that_meets_a_lower_fee_is_of_the_lower_fee(lowering):
    assert pay_while_it_is_lowered(lowering) == (LOWER, LOWER)
    assert list(broken()) == []


def test_twin_a_payment_that_does_not_wait_is_of_the_fee_that_stands_no_more(lowering, monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)
    assert pay_while_it_is_lowered(lowering) == (FEE, LOWER)


# ------------------------------------------------------------------------------------- two clicks on an offer, two sides
@pytest.fixture
def offered():
    cast = make_cast()
    general, dispute = contested_request(cast, make_general_type(cast))
    return cast, general, offer_decision(dispute=dispute, decision=Decision.GRANTED, text=WHY, by=cast.laleh)


def test_two_clicks_on_accepting_decide_anew_once(offered):
    cast, general, offer = offered
    at_once(*[lambda: accept_decision_offer(offer=offer, by=cast.reza)] * 2)
    assert general.decisions.count() == 2
    assert list(broken()) == []


def test_both_sides_contesting_at_once_open_one_dispute(waiting):
    cast, general, second = waiting
    decide_request(general=general, decision=Decision.REFUSED, reason=WHY, by=cast.laleh)
    found = at_once(
        *[lambda by=person: contest_decision(general=general, text=WHY, by=by) for person in (cast.reza, second) * 2]
    )
    assert Dispute.objects.count() == 1
    assert {one.code for one in found if isinstance(one, Refused)} <= {"dispute-open"}
    assert list(broken()) == []


def test_twin_where_nobody_looks_first_the_database_keeps_a_second_dispute_out(waiting, monkeypatch):
    cast, general, second = waiting
    decide_request(general=general, decision=Decision.REFUSED, reason=WHY, by=cast.laleh)
    contest_decision(general=general, text=WHY, by=cast.reza)
    monkeypatch.setattr(request_decisions, "dispute_over", lambda decision, at: None)
    with pytest.raises(Refused) as refusal:
        contest_decision(general=general, text=WHY, by=second)
    assert refusal.value.code == "dispute-open"
    assert Dispute.objects.count() == 1
