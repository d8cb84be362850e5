"""Callbacks by the thousand, honest and forged, on PostgreSQL, through the real view and against the real simulated bank."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from reports.invariants import broken
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.codes import new_code
from sla.actions import settling
from sla.actions.settling import Word, settle_payment
from sla.enums import EntryKind, PaymentState
from sla.gateways.simulator import Simulator
from sla.models import LedgerEntry, Payment
from tests.factories import make_service
from tests.payments import PRICE, at_the_bank, back_to, priced_requests
from tests.people import make_cast

from .races import Runner

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

P = PaymentState
LONG = 900  # seconds for thousands of requests on a machine that does other work too
# What a payer or a forger does, for one order in every so many; all others pay honestly.
FORGERIES = ("wrong_amount", "other_order", "missing_amount", "other_terminal", "replayed_reference")
OTHERS = ("garbage", "cancelled", "", "unsent")  # "": the payer has not paid yet; "unsent": there is no token yet


@pytest.fixture(autouse=True)
def _mail_is_the_workers_business(monkeypatch):
    """The suite runs tasks eagerly; here every settlement would send its mails before it answers."""
    monkeypatch.setattr("units.actions.events._ring", lambda: None)


# ----------------------------------------------------------------------------------- callbacks, five times, shuffled
def orders(bank, count: int) -> dict[str, list[Payment]]:
    """`count` orders at the bank, each visited in its way: {outcome: [payment]}."""
    cast = make_cast()
    requests = priced_requests(make_service(cast), cast.a, count)
    held, at, way = cast.membership(cast.reza), database_now(), Simulator()
    rows = [
        Payment(
            request=request, order_id=new_code(groups=5), amount_rials=PRICE, gateway="simulator", terminal=way.terminal,
            begun_at=at, begun_by=cast.reza, membership=held, expires_at=at + timedelta(minutes=17),
        )
        for request in requests
    ]  # fmt: skip
    ways = [*FORGERIES, *OTHERS]
    plan = [(ways[i // 10 % len(ways)] if i % 10 == 9 else "paid") for i in range(count)]

    def go_to_the_bank(mine: list[tuple[Payment, str]]):
        for payment, outcome in mine:
            if outcome == "unsent":
                continue
            answer = bank.ask(
                "token", order_id=payment.order_id, amount=PRICE, terminal=payment.terminal,
                return_url=back_to(payment.order_id),
            )  # fmt: skip
            payment.state, payment.token, payment.redirected_at = P.REDIRECTED, answer["token"], at
            payment.next_try_at = at + timedelta(minutes=2)
            if outcome:
                bank.visit(payment, outcome, times=10**6)

    pairs = list(zip(rows, plan, strict=True))
    # The newest honest receipt is the one that forgers copy: made last, and credited before they come.
    honest, rest = [p for p in pairs if p[1] == "paid"], [p for p in pairs if p[1] != "paid"]
    copied = honest.pop()
    runner = Runner()
    for start in range(4):
        runner.start(go_to_the_bank, honest[start::4])
    runner.join(LONG)
    go_to_the_bank([copied, *rest])
    Payment.objects.bulk_create(rows)
    settle_payment(copied[0].order_id)
    found: dict[str, list[Payment]] = {}
    for payment, outcome in pairs:
        found.setdefault(outcome, []).append(payment)
    return found


def call_back(found: dict[str, list[Payment]], threads: int = 6, times: int = 5) -> Counter:
    """Every order's callback `times` times, shuffled, through middleware and view; what they claim is forged. Statuses."""
    every = [payment for some in found.values() for payment in some]
    chance = random.Random(1405)
    calls = every * times
    chance.shuffle(calls)
    handler, factory = WSGIHandler(), RequestFactory()

    def ring(mine: list[Payment]) -> Counter:
        seen: Counter = Counter()
        for i, payment in enumerate(mine):
            other = every[(i * 7) % len(every)]
            claims = {"status": "OK", "order_id": other.order_id, "amount": "1", "RefNum": other.token}
            ask = factory.post if i % 2 else factory.get
            seen[handler.get_response(ask(f"/payments/return/{payment.order_id}/", claims)).status_code] += 1
        return seen

    runner = Runner()
    for start in range(threads):
        runner.start(ring, calls[start::threads])
    return sum(runner.join(LONG), Counter())


def credited() -> Counter:
    return Counter(LedgerEntry.objects.filter(kind=EntryKind.CREDIT).values_list("payment__order_id", flat=True))


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.full)])
def test_callbacks_in_any_order_and_number_credit_each_paid_order_once_and_no_forged_one(bank, count):
    found = orders(bank, count)

    answers = call_back(found)
    assert (set(answers), answers.total()) == ({200, 302}, count * 5)

    assert credited() == {payment.order_id: 1 for payment in found["paid"]}
    ends = {
        way: {Payment.objects.get(pk=p.pk).state for p in some} for way, some in found.items() if way != "paid"
    }  # fmt: skip
    assert ends == {
        "wrong_amount": {P.REVERSED}, "other_order": {P.FAILED}, "missing_amount": {P.UNKNOWN}, "other_terminal": {P.FAILED},
        "replayed_reference": {P.FAILED}, "garbage": {P.UNKNOWN}, "cancelled": {P.FAILED}, "": {P.REDIRECTED},
        "unsent": {P.BEGUN},
    }  # fmt: skip
    assert list(broken()) == []


def test_twin_without_the_match_a_forged_receipt_pays(bank, monkeypatch):
    monkeypatch.setattr(settling, "match", lambda payment, said: Word("settle", said=said))
    cast = make_cast()
    payment = at_the_bank(priced_requests(make_service(cast), cast.a)[0], cast.reza)
    bank.visit(payment, "other_terminal")

    call_back({"": [payment]}, threads=1)

    assert credited() == {payment.order_id: 1}, "the guard was off and nothing was credited: this twin proves nothing"
    assert list(broken()) == [
        f"payment {payment.order_id}: credited with the receipt of another order, terminal or amount"
    ]
