"""The fee of a general request that was withdrawn is owed back; of one that was decided it is not."""

import pytest

from reports.actions.refunds import consent_refund, propose_refund, record_payout
from reports.invariants import broken
from reports.queries.payments import matter_of, statement_row, why_owed
from reports.queries.refunds import barred_requests, owed_back, refundable
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.request_decisions import decide_request
from sla.actions.requests import withdraw_general_request
from sla.enums import Decision, PaymentState
from sla.models import Payment
from tests.factories import make_membership, make_person
from tests.general import filed, make_general_type, paid, priced
from units.enums import Role

WHY = "پس گرفته شد"


@pytest.fixture
def general(cast, bank):
    general = filed(cast, priced(make_general_type(cast)))
    paid(cast, general, bank)
    return general


@pytest.fixture
def second(cast):
    person = make_person("second", "زهرا دوم")
    make_membership(person, cast.provider, Role.COORDINATOR)
    return person


def test_a_withdrawn_request_is_paid_back_by_two_people(cast, general, second):
    assert not owed_back(database_now()).exists()
    withdraw_general_request(general=general, by=cast.reza)
    payment = refundable(database_now()).get()
    assert why_owed(payment)

    refund = consent_refund(refund=propose_refund(payment=payment, reason=WHY, by=cast.laleh), by=second)
    record_payout(refund=refund, reference="۱۲۳", by=cast.laleh)
    assert Payment.objects.get().state == PaymentState.REFUNDED
    assert statement_row(general.opened).standing == "refunded"
    assert list(broken()) == []


def test_the_fee_of_a_decided_request_stands(cast, general):
    decide_request(general=general, decision=Decision.REFUSED, reason=WHY, by=cast.laleh)
    with pytest.raises(Refused) as refusal:
        propose_refund(payment=Payment.objects.get(), reason=WHY, by=cast.laleh)
    assert refusal.value.code == "not-owed"


def test_nobody_in_the_units_line_gives_its_money_back(cast, general, second):
    make_membership(second, cast.a, Role.REPORTER)
    withdraw_general_request(general=general, by=cast.reza)

    assert barred_requests(second, database_now(), [general.request_id]) == {general.request_id}
    assert barred_requests(cast.laleh, database_now(), [general.request_id]) == set()
    with pytest.raises(Forbidden):
        propose_refund(payment=Payment.objects.get(), reason=WHY, by=second)


def test_the_ledger_leads_to_the_request(general):
    assert matter_of(general.opened).url == f"/requests/{general.pk}/"
