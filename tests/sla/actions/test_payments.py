"""A fee at the bank: begun by whom and when, the way back, and what the database refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.payments import MARGIN
from sla.actions.settling import settle_payment, settle_unknown
from sla.enums import EntryKind, PaymentReason, PaymentState
from sla.gateways import bank_page
from sla.models import LedgerEntry, Payment, ServiceRequest
from tests.factories import make_membership, make_service
from tests.payments import PRICE, at_the_bank, back_to, priced_requests
from units.enums import Role
from units.models import Event

P = PaymentState


@pytest.fixture
def request_a(cast, bank) -> ServiceRequest:
    return priced_requests(make_service(cast), cast.a)[0]


@pytest.fixture
def payment(request_a, cast) -> Payment:
    return at_the_bank(request_a, cast.reza)


def fresh(payment: Payment) -> Payment:
    return Payment.objects.select_related("request").get(pk=payment.pk)


# ------------------------------------------------------------------------------------------------------- beginning
def test_an_attempt_has_a_number_that_nobody_can_guess_and_a_token_of_the_bank(payment, request_a):
    assert (payment.state, payment.amount_rials, payment.gateway) == (P.REDIRECTED, PRICE, "simulator")
    assert len(payment.order_id.replace("-", "")) * 5 >= 96
    assert bank_page(payment).endswith(f"/pay/{payment.token}")
    assert not LedgerEntry.objects.exists()


def test_the_amount_is_the_requests_frozen_price_and_no_parameter(payment, request_a):
    ServiceRequest.objects.filter(pk=request_a.pk).update(price_rials=PRICE - 1)

    assert fresh(payment).amount_rials == PRICE


def test_what_is_free_has_no_payment(cast, bank):
    (free,) = priced_requests(make_service(cast), cast.a, price=0)
    with pytest.raises(Refused) as refusal:
        at_the_bank(free, cast.reza)
    assert (refusal.value.code, Payment.objects.count()) == ("free", 0)


@pytest.mark.parametrize("who", ["sara", "mina", "kamran", "omid", "laleh", "nader", "stranger", "admin"])
def test_only_the_head_of_exactly_this_unit_pays(request_a, cast, who):
    with pytest.raises(Forbidden):
        at_the_bank(request_a, getattr(cast, who))
    assert not Payment.objects.exists()


def test_a_head_whose_membership_has_ended_pays_no_more(request_a, cast, clock):
    membership = cast.membership(cast.reza)
    membership.ends_at = clock.now()
    membership.save(update_fields=["ends_at"])
    with pytest.raises(Forbidden):
        at_the_bank(request_a, cast.reza)


def test_a_paid_request_is_never_paid_again(payment, cast, bank, request_a):
    bank.visit(payment)
    with pytest.raises(Refused) as refusal:  # the bank is asked first, and says that it is paid
        at_the_bank(request_a, cast.reza)
    assert (refusal.value.code, fresh(payment).state, Payment.objects.count()) == ("paid-already", P.PAID, 1)


def test_a_second_click_goes_on_with_the_same_order(payment, cast, request_a):
    make_membership(cast.stranger, cast.a, Role.HEAD)

    assert at_the_bank(request_a, cast.reza) == at_the_bank(request_a, cast.stranger) == payment
    assert Event.objects.filter(noun="payment", verb="begin").count() == 1


def test_nobody_is_sent_to_a_page_of_the_bank_that_is_about_to_expire(payment, cast, clock, request_a):
    clock.move_to(payment.expires_at - MARGIN - timedelta(seconds=10))
    assert at_the_bank(request_a, cast.reza) == payment
    clock.move_to(payment.expires_at - MARGIN)
    with pytest.raises(Refused) as refusal:
        at_the_bank(request_a, cast.reza)
    assert refusal.value.code == "under-way"


def test_while_the_outcome_of_an_attempt_is_not_known_no_other_begins(payment, cast, bank, request_a):
    bank.visit(payment)
    bank.mood("down")
    with pytest.raises(Refused) as refusal:
        at_the_bank(request_a, cast.reza)
    assert (refusal.value.code, fresh(payment).state) == ("under-way", P.UNKNOWN)


def test_after_a_cancelled_visit_the_next_attempt_is_a_new_order(payment, cast, bank, request_a):
    bank.visit(payment, "cancelled")

    again = at_the_bank(request_a, cast.reza)

    assert (fresh(payment).state, fresh(payment).reason) == (P.FAILED, PaymentReason.NOT_PAID)
    assert (again.state, again.order_id != payment.order_id) == (P.REDIRECTED, True)


def test_a_bank_that_gives_no_token_takes_nobody_and_says_try_again(request_a, cast, bank):
    bank.mood("down")
    with pytest.raises(Refused) as refusal:
        at_the_bank(request_a, cast.reza)
    assert refusal.value.code == "bank-unavailable"
    failed = Payment.objects.get()
    assert (failed.state, failed.reason, failed.token) == (P.FAILED, PaymentReason.NO_TOKEN, "")

    bank.mood("well")
    assert at_the_bank(request_a, cast.reza).state == P.REDIRECTED


def test_a_bank_that_keeps_silent_gives_no_token_either(request_a, cast, bank):
    bank.mood("mute")
    with pytest.raises(Refused) as refusal:
        at_the_bank(request_a, cast.reza)
    assert refusal.value.code == "bank-unavailable"


@pytest.mark.parametrize("ended", ["voided_at", "stopped_at"])
def test_a_request_that_has_ended_takes_no_fee(request_a, cast, clock, ended):
    ServiceRequest.objects.filter(pk=request_a.pk).update(**{ended: clock.now()})
    with pytest.raises(Refused) as refusal:
        at_the_bank(request_a, cast.reza)
    assert refusal.value.code == "not-payable"


def test_without_a_gateway_nothing_can_be_paid(request_a, cast, settings):
    settings.PAYMENT_GATEWAY = ""
    with pytest.raises(Refused) as refusal:
        at_the_bank(request_a, cast.reza)
    assert refusal.value.code == "no-gateway"


def test_a_worker_that_died_before_it_had_a_token_blocks_nobody(payment, cast, clock, request_a):
    Payment.objects.filter(pk=payment.pk).update(state=P.BEGUN, token="", redirected_at=None, next_try_at=None)
    with pytest.raises(Refused) as refusal:
        at_the_bank(request_a, cast.reza)
    assert refusal.value.code == "under-way"

    clock.move(minutes=1)
    assert at_the_bank(request_a, cast.reza) != payment
    assert (fresh(payment).state, fresh(payment).reason) == (P.EXPIRED, PaymentReason.NEVER_SENT)


def test_the_sweep_ends_what_was_never_sent_to_the_bank(payment, clock):
    Payment.objects.filter(pk=payment.pk).update(state=P.BEGUN, token="", redirected_at=None, next_try_at=None)
    clock.move(minutes=3)
    settle_unknown()
    assert fresh(payment).reason == PaymentReason.NEVER_SENT


# ---------------------------------------------------------------------------------------------------- the callback
def test_the_callback_is_a_hint_whatever_it_claims(payment, client, request_a):
    claims = {
        "status": "OK",
        "amount": PRICE,
        "reference": "123456789012",
        "State": "OK",
        "RefNum": "1",
        "ResCode": "0",
    }
    address = reverse("reports:payment_return", args=[payment.order_id])
    assert [client.get(address, claims).status_code, client.post(address, claims).status_code] == [200, 302]
    assert (fresh(payment).state, LedgerEntry.objects.count()) == (P.REDIRECTED, 0)


def test_a_callback_that_says_it_failed_does_not_fail_what_was_paid(payment, bank, client):
    bank.visit(payment)
    client.post(reverse("reports:payment_return", args=[payment.order_id]), {"status": "NOK", "ResCode": "-1"})
    assert fresh(payment).state == P.PAID


def test_a_form_that_the_banks_page_sends_leads_to_the_page_itself(payment, bank, client):
    bank.visit(payment)
    address = reverse("reports:payment_return", args=[payment.order_id])
    answer = client.post(address, {"status": "OK"})
    assert (answer["Location"], fresh(payment).state) == (address, P.PAID)


def test_the_way_back_needs_no_session_and_shows_a_stranger_no_more_than_the_outcome(payment, bank, client, cast):
    bank.visit(payment)
    page = client.get(reverse("reports:payment_return", args=[payment.order_id]))
    assert page.status_code == 200
    assert cast.a.name not in page.content.decode()
    assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_an_order_that_is_not_there_is_404_and_guessing_is_slowed_down(client, db):
    address = reverse("reports:payment_return", args=["0000-0000-0000-0000-0000"])
    assert [client.get(address).status_code for _ in range(31)] == [404] * 30 + [429]


def test_beyond_the_count_a_page_still_tells_and_the_bank_is_left_in_peace(payment, client, monkeypatch):
    address = reverse("reports:payment_return", args=[payment.order_id])
    asked = []
    monkeypatch.setattr(
        "reports.views.payments.paying.settle_payment", lambda order_id: asked.append(order_id) or fresh(payment)
    )
    assert {client.get(address).status_code for _ in range(65)} == {200}
    assert len(asked) == 60


# ----------------------------------------------------------------------------------------- what the database refuses
def refused_by_the_database(change) -> bool:
    try:
        with transaction.atomic():
            change()
    except IntegrityError:
        return True
    return False


def test_the_database_keeps_one_paid_payment_one_live_attempt_and_each_reference_once(payment, bank, cast, request_a):
    bank.visit(payment)
    settle_payment(payment.order_id)
    paid = fresh(payment)
    copy = {
        f.name: getattr(paid, f.name) for f in Payment._meta.fields if f.name not in ("id", "order_id", "reference")
    }  # fmt: skip
    other = priced_requests(request_a.agreement.service, cast.a)[0]
    live = copy | {"state": P.REDIRECTED, "settled_at": None, "received_rials": None, "request": other}
    Payment.objects.create(order_id="L1", reference="", **live)

    assert refused_by_the_database(lambda: Payment.objects.create(order_id="X", reference="other", **copy))
    assert refused_by_the_database(lambda: Payment.objects.create(order_id="L2", reference="", **live))
    assert refused_by_the_database(
        lambda: Payment.objects.create(order_id="Y", reference=paid.reference, **(copy | {"request": other}))
    )
    assert refused_by_the_database(
        lambda: LedgerEntry.objects.create(
            request=request_a, payment=paid, kind=EntryKind.CREDIT, rials=1, at=paid.settled_at
        )
    )


@pytest.mark.parametrize(
    "change",
    [
        {"state": P.PAID},
        {"state": P.FAILED},
        {"state": P.SURPLUS},
        {"state": "lost"},
        {"amount_rials": 0},
        {"token": ""},
        {"settled_at": "2026-01-01T00:00Z"},
        {"reference": "1"},
        {"redirected_at": "2026-01-01T00:00Z"},
    ],
    ids=str,
)
def test_the_database_refuses_a_state_without_what_belongs_to_it(payment, change):
    assert refused_by_the_database(lambda: Payment.objects.filter(pk=payment.pk).update(**change))


def test_the_ledger_is_written_once_for_ever(payment, bank):
    from django.db import DatabaseError

    bank.visit(payment)
    settle_payment(payment.order_id)
    for change in (lambda rows: rows.update(rials=1), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(LedgerEntry.objects.all())


def test_an_attempts_next_look_lies_after_it_was_sent(payment):
    assert payment.next_try_at == payment.redirected_at + timedelta(minutes=2)
    assert back_to(payment.order_id).endswith(f"{payment.order_id}/")
