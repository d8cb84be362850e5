"""The end of a dispute's month under load, on PostgreSQL. Each guard has a twin with the guard off that must fail."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from reports.invariants import broken
from sajad_portal.lib import clock as portal_clock
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sla.actions import agreements, dispute_ends, disputes, offers
from sla.actions.agreements import answer_agreement
from sla.actions.dispute_ends import record_dispute_ends
from sla.actions.disputes import file_dispute, state_position
from sla.actions.offers import accept_offer, make_offer
from sla.enums import Answer, OfferState, Outcome
from sla.models import Acceptance, Dispute, Offer
from tests.factories import make_service
from tests.people import make_cast
from units.models import Event, Notice

from .races import Runner, spin_until

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def lock_waiters() -> int:
    """How many sessions wait for a lock now, on a row or a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction keeps its first picture otherwise
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[0]


@pytest.fixture
def contested(clock):
    """An interpretation in dispute: the provider's view is stated and its offer lies on the table, a minute before the end."""
    cast = make_cast()
    service = make_service(cast)
    dispute = file_dispute(
        unit=cast.a, agreement=service.agreement_versions.get(), section="data", text="پرسش", by=cast.reza
    )
    state_position(dispute=dispute, text="پیوست‌ها داده نیستند.", by=cast.laleh)
    offer = make_offer(dispute=dispute, text="دو پیوست.", by=cast.laleh)
    clock.move_to(dispute.final_at - timedelta(minutes=1))
    return cast, dispute, offer


def ends_of(dispute: Dispute) -> list[str]:
    """The outcomes that were recorded, one for each event."""
    events = Event.objects.filter(noun="dispute", key=str(dispute.pk), verb="end").order_by("id")
    return [event.data["outcome"] for event in events]


# --------------------------------------------------------------------- who waits across the end is too late
def accept_after_waiting_across_the_end(contested, clock):
    """The head clicks a minute before the end and waits for the row until a minute after it."""
    cast, dispute, offer = contested
    holding, go, runner = threading.Event(), threading.Event(), Runner()

    def hold_the_row():
        with transaction.atomic():
            Dispute.objects.select_for_update().get(pk=dispute.pk)
            holding.set()
            go.wait(20)

    def let_go_after_the_end():
        spin_until(lambda: lock_waiters() > 0)
        clock.move(minutes=2)
        go.set()

    runner.start(hold_the_row)
    holding.wait(20)
    runner.start(lambda: accept_offer(offer=offer, by=cast.reza))
    runner.start(let_go_after_the_end)
    return runner.join()[1]


def test_an_acceptance_that_waited_across_the_end_is_refused(contested, clock):
    _cast, dispute, offer = contested
    assert accept_after_waiting_across_the_end(contested, clock).code == "dispute-ended"
    record_dispute_ends()
    dispute.refresh_from_db()
    assert (dispute.outcome, dispute.ended_at) == (Outcome.FINAL, dispute.final_at)
    assert Offer.objects.get(pk=offer.pk).state == OfferState.LAPSED
    assert ends_of(dispute) == ["final"]
    assert list(broken()) == []


def test_twin_a_clock_read_before_the_wait_settles_after_the_end(contested, clock, monkeypatch):
    def clock_first(dispute):
        at = database_now()
        Dispute.objects.select_for_update().values_list("pk", flat=True).get(pk=dispute.pk)
        fresh = Dispute.objects.with_status(at).select_related("unit", "agreement__service__provider", "request")
        return fresh.get(pk=dispute.pk), at

    monkeypatch.setattr(offers, "lock_dispute", clock_first)
    _cast, dispute, _offer = contested
    accept_after_waiting_across_the_end(contested, clock)
    dispute.refresh_from_db()
    assert dispute.outcome == Outcome.SETTLED, "the guard was off and nobody got in: this twin proves nothing"
    assert portal_clock.database_now() > dispute.final_at


# --------------------------------------------------------------------- acceptance and sweep at once
def sweep_while_an_acceptance_is_under_way(contested, clock):
    """The acceptance was in time and has not committed when the sweep comes, after the end."""
    cast, dispute, offer = contested
    accepted, runner = threading.Event(), Runner()
    swept = threading.Event()

    def accept_slowly():
        with transaction.atomic():
            accept_offer(offer=offer, by=cast.reza)
            clock.move(minutes=2)
            accepted.set()
            # Go on when the sweep waits for this one (guard on) or has gone past it (guard off).
            spin_until(lambda: swept.is_set() or lock_waiters() > 0)

    def sweep():
        accepted.wait(20)
        done = record_dispute_ends()
        swept.set()
        return done

    runner.start(accept_slowly)
    runner.start(sweep)
    return runner.join()[1]


def test_the_sweep_waits_for_an_acceptance_in_time_and_leaves_its_outcome(contested, clock):
    _cast, dispute, _offer = contested
    assert sweep_while_an_acceptance_is_under_way(contested, clock) == 0
    dispute.refresh_from_db()
    assert dispute.outcome == Outcome.SETTLED
    assert dispute.ended_at < dispute.final_at
    assert ends_of(dispute) == ["settled"]
    assert list(broken()) == []


def test_twin_a_sweep_that_reads_and_then_writes_overrules_the_settlement(contested, clock, monkeypatch):
    def read_then_write(pk, at):
        dispute = Dispute.objects.get(pk=pk)
        if dispute.outcome:
            return False
        dispute.outcome, dispute.ended_at, dispute.recorded_at = Outcome.FINAL, dispute.final_at, at
        dispute.save(update_fields=["outcome", "ended_at", "recorded_at"])
        return True

    monkeypatch.setattr(dispute_ends, "_record_end", read_then_write)
    _cast, dispute, offer = contested
    assert sweep_while_an_acceptance_is_under_way(contested, clock) == 1
    dispute.refresh_from_db()
    assert dispute.outcome == Outcome.FINAL, "the guard was off and nothing was overruled: this twin proves nothing"
    assert Offer.objects.get(pk=offer.pk).state == OfferState.ACCEPTED


def test_four_sweeps_at_once_record_the_end_once_and_tell_each_side_once(contested, clock):
    cast, dispute, _offer = contested
    clock.move(minutes=2)
    runner = Runner()
    for _ in range(4):
        runner.start(record_dispute_ends)
    assert sorted(runner.join()) == [0, 0, 0, 1]
    assert ends_of(dispute) == ["final"]
    told = Notice.objects.filter(event__verb="end", channel="portal").values_list("person__username", flat=True)
    assert sorted(told) == [cast.laleh.username, cast.reza.username]
    assert list(broken()) == []


def test_acceptances_and_sweeps_across_the_instant_give_one_outcome(contested, clock):
    cast, dispute, offer = contested
    clock.move(seconds=59.5)
    runner = Runner()
    over = dispute.final_at + timedelta(seconds=0.2)

    def accept_until_over():
        while database_now() < over:
            try:
                accept_offer(offer=offer, by=cast.reza)
            except Refused:
                continue

    def sweep_until_over():
        while database_now() < over:
            record_dispute_ends()
        record_dispute_ends()

    for work in (accept_until_over, sweep_until_over) * 3:
        runner.start(work)
    runner.join()
    dispute.refresh_from_db()
    assert len(ends_of(dispute)) == 1
    assert (dispute.outcome == Outcome.SETTLED) == (dispute.ended_at < dispute.final_at)
    assert list(broken()) == []


# --------------------------------------------------------------------- two clicks
def accept_twice_at_once(contested, monkeypatch, *, lock: bool):
    """Both heads of the click read the dispute; with the lock the second reads it after the first has committed."""
    cast, dispute, offer = contested
    runner, real = Runner(), disputes.lock_dispute
    meeting = threading.Barrier(2, timeout=20)

    def without_lock(dispute):
        at = database_now()
        fresh = Dispute.objects.with_status(at).select_related("unit", "agreement__service__provider", "request")
        found = fresh.get(pk=dispute.pk)
        meeting.wait()
        return found, at

    monkeypatch.setattr(offers, "lock_dispute", real if lock else without_lock)
    if not lock:  # both have read the open offer before either writes
        real_settle = offers.settle_dispute
        monkeypatch.setattr(offers, "settle_dispute", lambda *a, **k: (meeting.wait(), real_settle(*a, **k)))
    for _ in range(2):
        runner.start(lambda: accept_offer(offer=offer, by=cast.reza))
    runner.join()
    return ends_of(dispute)


def test_two_clicks_on_accepting_end_the_dispute_once(contested, monkeypatch):
    assert accept_twice_at_once(contested, monkeypatch, lock=True) == ["settled"]
    assert list(broken()) == []


def test_twin_two_clicks_without_the_lock_end_it_twice(contested, monkeypatch):
    assert accept_twice_at_once(contested, monkeypatch, lock=False) == ["settled", "settled"]


def test_two_clicks_on_accepting_the_agreement_give_one_acceptance(monkeypatch):
    cast = make_cast()
    agreement = make_service(cast).agreement_versions.get()
    runner = Runner()
    for _ in range(6):
        runner.start(lambda: answer_agreement(agreement=agreement, unit=cast.a, answer=Answer.ACCEPTED, by=cast.reza))
    assert len({given.pk for given in runner.join()}) == 1
    assert Acceptance.objects.count() == Event.objects.filter(noun="agreement", verb="accept").count() == 1
    assert list(broken()) == []


def test_where_nobody_looks_first_the_database_keeps_a_second_acceptance_out(monkeypatch):
    from django.db import IntegrityError

    cast = make_cast()
    agreement = make_service(cast).agreement_versions.get()
    monkeypatch.setattr(agreements, "acceptance_of", lambda unit, agreement: None)
    monkeypatch.setattr(agreements.Acceptance.objects, "filter", lambda **where: Acceptance.objects.none())
    answer_agreement(agreement=agreement, unit=cast.a, answer=Answer.ACCEPTED, by=cast.reza)
    with pytest.raises(IntegrityError):
        answer_agreement(agreement=agreement, unit=cast.a, answer=Answer.ACCEPTED, by=cast.reza)
