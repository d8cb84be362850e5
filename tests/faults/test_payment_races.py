"""Askers, sweeps and clicks on the same money, on PostgreSQL, against the real simulated bank.

Each guard has a twin with the guard off that must fail.
"""

import os
import signal
import subprocess
import sys
import threading

import pytest
from django.conf import settings as portal_settings
from django.db import IntegrityError, connection, transaction

from reports.actions.calls import cancel_call
from reports.invariants import broken
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sla.actions import payments as payment_verbs
from sla.actions import settling
from sla.actions.settling import settle_payment, settle_unknown
from sla.enums import PaymentReason, PaymentState
from sla.gateways.simulator import Simulator
from sla.models import Payment, ServiceRequest
from tests.calls import report_of
from tests.factories import make_service
from tests.payments import at_the_bank, paying, priced_call, priced_requests
from tests.people import make_cast

from .races import Runner, spin_until
from .test_callback_storm import credited, orders
from .test_dispute_races import lock_waiters

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

P = PaymentState


@pytest.fixture(autouse=True)
def _mail_is_the_workers_business(monkeypatch):
    """The suite runs tasks eagerly; here every settlement would send its mails before it answers."""
    monkeypatch.setattr("units.actions.events._ring", lambda: None)


# --------------------------------------------------------------------------------------------- one attempt, many askers
@pytest.fixture
def paid(bank):
    """A payment that the payer has made and of which the portal knows nothing yet."""
    cast = make_cast()
    payment = at_the_bank(priced_requests(make_service(cast), cast.a)[0], cast.reza)
    bank.visit(payment)
    return payment


def ask_all_at_once(payment: Payment, monkeypatch, askers: int = 6) -> int:
    """How often the bank is asked to confirm when that many callbacks come while the first question is under way."""
    asked, answered, real = [], [], Simulator.verify
    lock = threading.Lock()

    def slow(self, payment):
        with lock:
            asked.append(1)
        # Answer when all others have either come here too or gone home.
        spin_until(lambda: len(asked) + len(answered) >= askers)
        return real(self, payment)

    def ask():
        settle_payment(payment.order_id)
        with lock:
            answered.append(1)

    monkeypatch.setattr(Simulator, "verify", slow)
    runner = Runner()
    for _ in range(askers):
        runner.start(ask)
    runner.join()
    return len(asked)


def test_while_one_asks_the_bank_nobody_else_does(paid, monkeypatch):
    assert ask_all_at_once(paid, monkeypatch) == 1
    assert credited() == {paid.order_id: 1}
    assert list(broken()) == []


def test_twin_without_the_claim_everybody_asks_and_the_lock_still_credits_once(paid, monkeypatch):
    monkeypatch.setattr(settling, "_claim", lambda order_id: Payment.objects.get(order_id=order_id))
    assert ask_all_at_once(paid, monkeypatch) == 6, "the claim was off and nobody asked twice: this twin proves nothing"
    assert credited() == {paid.order_id: 1}


def test_twin_without_claim_and_lock_only_the_database_stops_a_second_credit(paid, monkeypatch):
    meeting = threading.Barrier(2, timeout=20)

    def unlocked(claimed, word):
        with transaction.atomic():
            payment = Payment.objects.select_related("begun_by", "request__unit", "request__request_type").get(
                pk=claimed.pk
            )
            meeting.wait()  # both have read an attempt that nobody has settled
            settling._receive(payment, word, word.said, database_now())
        return payment

    refused = []

    def ask():
        try:
            settle_payment(paid.order_id)
        except IntegrityError:
            refused.append(1)

    monkeypatch.setattr(settling, "_claim", lambda order_id: Payment.objects.get(order_id=order_id))
    monkeypatch.setattr(settling, "_conclude", unlocked)
    runner = Runner()
    for _ in range(2):
        runner.start(ask)
    runner.join()
    assert refused == [1], "the guards were off and nobody credited twice: this twin proves nothing"
    assert credited() == {paid.order_id: 1}


def test_what_an_asker_heard_whose_claim_was_retaken_is_dropped(paid, clock):
    mine = settling._claim(paid.order_id)
    word = settling._ask(mine, False)
    clock.move(seconds=61)  # it stood still for a minute
    theirs = settling._claim(paid.order_id)
    assert settling._conclude(mine, word).state == P.REDIRECTED
    assert settling._conclude(theirs, settling._ask(theirs, False)).state == P.PAID
    assert settling._conclude(mine, word).state == P.PAID
    assert credited() == {paid.order_id: 1}
    assert list(broken()) == []


SETTLE = "import django; django.setup(); from sla.actions.settling import settle_payment; settle_payment({!r})"


def test_a_worker_that_is_killed_between_claim_and_settlement_is_picked_up(paid, bank, settings, clock, tmp_path):
    found = connection.settings_dict
    where = f"{found['USER']}:{found['PASSWORD']}@" if found["USER"] else ""
    bank.mood("mute")
    worker = subprocess.Popen(
        [sys.executable, "-c", SETTLE.format(paid.order_id)],
        cwd=portal_settings.BASE_DIR,
        env={
            **os.environ, "DJANGO_SETTINGS_MODULE": "sajad_portal.settings", "DEBUG": "1", "READ_DOT_ENV": "0",
            "DATABASE_URL": f"postgres://{where}{found['HOST']}:{found['PORT']}/{found['NAME']}", "VAR_DIR": str(tmp_path),
            "PAYMENT_GATEWAY": "simulator", "BANK_URL": settings.BANK_URL, "BANK_SECRET": settings.BANK_SECRET,
            "BANK_TIMEOUT": "60",
        },
    )  # fmt: skip
    spin_until(lambda: Payment.objects.get(pk=paid.pk).claimed_at is not None)
    worker.send_signal(signal.SIGKILL)
    assert worker.wait(20) == -signal.SIGKILL
    bank.mood("well")

    assert (settle_payment(paid.order_id).state, settle_unknown()) == (P.REDIRECTED, 0)  # its claim still holds
    clock.move(seconds=61)
    assert settle_unknown() == 1
    assert credited() == {paid.order_id: 1}
    assert list(broken()) == []


def test_four_sweeps_at_once_credit_everything_once(bank, clock):
    found = orders(bank, 40)
    clock.move(minutes=2, seconds=1)
    runner = Runner()
    for _ in range(4):
        runner.start(settle_unknown)
    runner.join()
    assert credited() == {payment.order_id: 1 for payment in found["paid"]}
    assert list(broken()) == []


# ------------------------------------------------------------------------------------------ two attempts, one request
def two_paid_attempts(bank, clock) -> list[Payment]:
    """The first one's time was over when the second began; the payer paid both."""
    cast = make_cast()
    request = priced_requests(make_service(cast), cast.a)[0]
    first = at_the_bank(request, cast.reza)
    clock.move_to(first.expires_at)
    settle_unknown()
    second = at_the_bank(request, cast.reza)
    for payment in (first, second):
        bank.visit(payment)
    return [first, second]


def settle_both_at_once(attempts: list[Payment], monkeypatch) -> None:
    meeting, real = threading.Barrier(2, timeout=20), Simulator.verify

    def together(self, payment):
        said = real(self, payment)
        meeting.wait()  # both know that the bank has the money
        return said

    monkeypatch.setattr(Simulator, "verify", together)
    runner = Runner()
    for payment in attempts:
        runner.start(settle_payment, payment.order_id)
    runner.join()


def states(attempts: list[Payment]) -> list[str]:
    return sorted(Payment.objects.filter(pk__in=[p.pk for p in attempts]).values_list("state", flat=True))


def test_of_two_paid_attempts_that_settle_at_once_one_pays_and_one_is_given_back(bank, clock, monkeypatch):
    attempts = two_paid_attempts(bank, clock)
    settle_both_at_once(attempts, monkeypatch)
    assert states(attempts) == [P.PAID, P.REVERSED]
    assert sum(credited().values()) == 1
    assert list(broken()) == []


def test_twin_without_the_requests_lock_the_second_sum_is_kept_and_not_given_back(bank, clock, monkeypatch):
    meeting, real = threading.Barrier(2, timeout=20), settling._in_the_ledger

    def unlocked(payment, word, said):
        found = real(payment, word, said)
        meeting.wait()  # both have seen a request that nobody has paid
        return found

    def without_lock(**how):
        return ServiceRequest.objects.all()

    monkeypatch.setattr(ServiceRequest.objects, "select_for_update", without_lock)
    monkeypatch.setattr(settling, "_in_the_ledger", unlocked)
    attempts = two_paid_attempts(bank, clock)
    settle_both_at_once(attempts, monkeypatch)
    assert states(attempts) == [P.FAILED, P.PAID], "the lock was off and both were right: this twin proves nothing"


# ------------------------------------------------------------------------------------------------------ two tabs
def pay_in_two_tabs(bank, monkeypatch, *, lock: bool) -> list:
    """Both clicks come at once; what each got: an order number, or why not."""
    cast = make_cast()
    report = report_of(priced_call(cast), cast.a)
    meeting = threading.Barrier(2, timeout=20)
    if not lock:
        real = payment_verbs.live_attempt

        def look(request):
            found = real(request)
            if connection.in_atomic_block:
                meeting.wait()  # both have seen that nothing is under way
            return found

        monkeypatch.setattr("reports.actions.payments.lock_report", lambda found: (found, database_now()))
        monkeypatch.setattr("reports.actions.payments.is_open", lambda found, at: True)
        type(report).status = "draft"
        monkeypatch.setattr(ServiceRequest.objects, "select_for_update", lambda **how: ServiceRequest.objects.all())
        monkeypatch.setattr(payment_verbs, "live_attempt", look)

    def click():
        try:
            return paying(report, cast.reza).order_id
        except Refused as refusal:
            return refusal.code
        except IntegrityError:
            return "the database"

    runner = Runner()
    for _ in range(2):
        runner.start(click)
    try:
        return runner.join()
    finally:
        if not lock:
            del type(report).status


def test_two_tabs_that_pay_at_once_have_one_order(bank, monkeypatch):
    got = pay_in_two_tabs(bank, monkeypatch, lock=True)
    (only,) = Payment.objects.values_list("order_id", flat=True)
    assert set(got) <= {only, "under-way"}
    assert only in got
    assert list(broken()) == []


def test_twin_without_the_lock_only_the_database_stops_the_second_order(bank, monkeypatch):
    got = pay_in_two_tabs(bank, monkeypatch, lock=False)
    assert "the database" in got, "the lock was off and nobody collided: this twin proves nothing"
    assert Payment.objects.count() == 1


# ------------------------------------------------------------------------------------- a settlement and a cancelled call
def test_a_settlement_and_a_cancelled_call_at_once_leave_no_money_unaccounted_for(bank, monkeypatch):
    cast = make_cast()
    call = priced_call(cast)
    attempts = [paying(report_of(call, unit), head) for unit, head in ((cast.a, cast.reza), (cast.b, cast.kamran))]
    for payment in attempts:
        bank.visit(payment)
    holding, runner = threading.Event(), Runner()

    def cancel_slowly():
        with transaction.atomic():
            cancel_call(call=call, by=cast.laleh, reason="اشتباه بود.")
            holding.set()
            spin_until(lambda: lock_waiters() > 0)  # a settlement waits for a request that is being voided

    runner.start(cancel_slowly)
    holding.wait(20)
    for payment in attempts:
        runner.start(settle_payment, payment.order_id)
    runner.join()

    found = Payment.objects.filter(pk__in=[p.pk for p in attempts])
    assert {(p.state, p.reason) for p in found} == {(P.REVERSED, PaymentReason.VOIDED)}
    assert list(broken()) == []
