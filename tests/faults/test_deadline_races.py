"""The closing instant under load, on PostgreSQL. Each guard has a twin with the guard off that must fail."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from reports.actions import closing, submission
from reports.actions.calls import cancel_call, close_early, extend_unit
from reports.actions.closing import record_closing, record_closings, record_lapsed_corrections
from reports.actions.locking import lock_report
from reports.actions.returns import return_for_correction
from reports.actions.submission import recall_submission, submit_report
from reports.enums import ReportState
from reports.invariants import broken
from reports.models import Call, Report, ReturnRound, Revision, Snapshot
from reports.queries import reports_at
from sajad_portal.lib import clock
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.locks import hold_call
from tests.calls import accept, fill, published_call, report_of, with_closing
from tests.factories import make_membership, make_person, make_unit
from tests.people import make_cast
from units.enums import Role
from units.models import Event

from .races import PATIENCE, Runner, advisory_waiters, clock_read_before_the_wait, spin_past, spin_until, without_locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WRITERS = 24


def gather(count: int):
    """(cast, call, [(report, head)…]): a call to `count` units, each with a head and a complete draft."""
    cast = make_cast()
    units = [make_unit(parent=cast.provider) for _ in range(count)]
    heads = [make_person() for _ in units]
    call = published_call(cast, audience={"units": [u.pk for u in units]}, grace=timedelta(0))
    for unit, head in zip(units, heads, strict=True):
        make_membership(head, unit, Role.HEAD)
        accept(call, unit, head)
        fill(report_of(call, unit), head)
    return cast, call, [(report_of(call, unit), head) for unit, head in zip(units, heads, strict=True)]


@pytest.fixture
def crowd():
    return gather(WRITERS)


@pytest.fixture
def pair():
    return gather(2)


def closes_in(call: Call, **ahead) -> Call:
    """Bring the closing near; the verb would take the lock that the test is about."""
    return with_closing(call, database_now() + timedelta(**ahead))


def accepted(call: Call) -> set[tuple[str, str]]:
    """What the reports say was accepted in the call's window: the last revision of each."""
    found = Revision.objects.filter(report__call=call, correction_round=0).order_by("number")
    return set(dict(found.values_list("report__tracking_code", "sha256")).items())


def snapshot_of(call: Call) -> set[tuple[str, str]]:
    return {tuple(row) for row in Snapshot.objects.get(call=call).submitted}


def submit_and_recall_until_closed(report: Report, head) -> int:
    """A restless head: submits, takes back, submits again, until the call has closed. Returns how often."""
    times = 0
    while True:
        try:
            submit_report(report=report, by=head)
            times += 1
            recall_submission(report=report, by=head)
        except Refused as refusal:
            if refusal.code not in ("closed", "not-recallable"):
                raise
            return times


def test_24_writers_across_the_instant_leave_nothing_after_it_and_the_snapshot_holds_what_was_accepted(crowd):
    _cast, call, pairs = crowd
    runner = Runner()
    for report, head in pairs:
        runner.start(submit_and_recall_until_closed, report, head)

    def close_in_the_thick_of_it():
        spin_until(lambda: Revision.objects.filter(report__call=call).count() > WRITERS)
        spin_past(closes_in(call, seconds=0.5).closes_at)
        return record_closings()

    runner.start(close_in_the_thick_of_it)
    counts = runner.join()[:WRITERS]
    call.refresh_from_db()
    assert sum(counts) > WRITERS
    assert not Revision.objects.filter(report__call=call, submitted_at__gte=call.closes_at).exists()
    assert snapshot_of(call) == accepted(call)
    assert list(broken()) == []


def wait_behind_the_closer(crowd) -> list:
    """All submitters queue, before the closing, behind somebody who holds the call until after it."""
    _cast, call, pairs = crowd
    holding, runner = threading.Event(), Runner()

    def hold_across_the_closing():
        with transaction.atomic():
            hold_call(call.pk)
            holding.set()
            spin_until(lambda: advisory_waiters() == WRITERS)
            spin_past(closes_in(call, seconds=0.1).closes_at)

    runner.start(hold_across_the_closing)
    holding.wait(PATIENCE)
    for report, head in pairs:
        runner.start(lambda report=report, head=head: submit_report(report=report, by=head))
    return runner.join()[1:]


def test_who_began_to_wait_before_the_closing_and_was_served_after_it_is_refused(crowd):
    results = wait_behind_the_closer(crowd)
    call = crowd[1]
    assert {getattr(r, "code", "accepted") for r in results} == {"closed"}
    record_closings()
    assert accepted(call) == snapshot_of(call) == set()
    assert list(broken()) == []


def test_twin_a_clock_read_before_the_wait_lets_latecomers_in(crowd, monkeypatch):
    with clock_read_before_the_wait(monkeypatch):
        results = wait_behind_the_closer(crowd)
    assert {getattr(r, "code", "accepted") for r in results} == {"accepted"}


def submit_slowly_while_the_call_closes(pair, monkeypatch, close) -> Call:
    """One submitter has read the clock in time and is still working when the closer comes."""
    _cast, call, pairs = pair
    report, head = pairs[0]
    call = closes_in(call, seconds=1.5)
    inside, closed, runner = threading.Event(), threading.Event(), Runner()
    real_assess = submission.assess

    def slow_assess(*args, **kwargs):
        inside.set()
        # Go on when the closer waits for this one (lock on) or has finished without it (lock off).
        spin_until(lambda: closed.is_set() or advisory_waiters() > 0)
        return real_assess(*args, **kwargs)

    def closer():
        inside.wait(PATIENCE)
        spin_past(call.closes_at)
        close(call)
        closed.set()

    with monkeypatch.context() as patch:
        patch.setattr(submission, "assess", slow_assess)
        runner.start(lambda: submit_report(report=report, by=head))
        runner.start(closer)
        results = runner.join()
    assert isinstance(results[0], Revision)
    return call


def test_the_snapshot_waits_for_a_submission_that_is_under_way(pair, monkeypatch):
    call = submit_slowly_while_the_call_closes(pair, monkeypatch, lambda call: record_closing(call.pk))
    assert len(accepted(call)) == 1
    assert snapshot_of(call) == accepted(call)
    assert list(broken()) == []


def test_twin_without_the_locks_the_snapshot_misses_a_submission(pair, monkeypatch):
    with without_locks(monkeypatch):
        call = submit_slowly_while_the_call_closes(pair, monkeypatch, lambda call: record_closing(call.pk))
    assert len(accepted(call)) == 1
    assert snapshot_of(call) != accepted(call)
    assert [row for row in broken() if "snapshot" in row]


def test_an_early_closing_waits_for_the_submission_that_is_under_way_and_stands_for_the_rest(pair, monkeypatch):
    cast, call, pairs = pair
    call = closes_in(call, days=1)
    inside, runner = threading.Event(), Runner()
    real_assess = submission.assess

    def slow_assess(*args, **kwargs):
        inside.set()
        spin_until(lambda: advisory_waiters() > 0)
        return real_assess(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(submission, "assess", slow_assess)
        runner.start(lambda: submit_report(report=pairs[0][0], by=pairs[0][1]))
        inside.wait(PATIENCE)
        runner.start(lambda: close_early(call=call, by=cast.laleh, reason="قطعی برق"))
        runner.join()
    call.refresh_from_db()
    revision = Revision.objects.get(report=pairs[0][0])
    assert revision.submitted_at < call.closes_at <= database_now()
    with pytest.raises(Refused, match="."):
        submit_report(report=pairs[1][0], by=pairs[1][1])
    record_closings()
    assert snapshot_of(call) == accepted(call) == {(pairs[0][0].tracking_code, revision.sha256)}
    assert list(broken()) == []


def test_an_extension_that_races_with_the_closing_sweep_leaves_the_report_open(pair):
    cast, call, pairs = pair
    call = closes_in(call, seconds=0.3)
    report, head = pairs[0]
    until = database_now() + timedelta(days=2)
    spin_past(call.closes_at)
    runner = Runner()
    runner.start(record_closings)
    runner.start(lambda: extend_unit(report=report, until=until, by=cast.laleh, reason="بیماری کارشناس"))
    runner.start(record_closings)
    runner.join()
    fresh = reports_at(database_now()).get(pk=report.pk)
    assert fresh.is_open
    assert submit_report(report=report, by=head).standing == "extended"
    assert Snapshot.objects.filter(call=call).count() == 1
    assert list(broken()) == []


def test_cancelling_waits_for_the_submission_that_is_under_way_and_leaves_every_report_cancelled(pair, monkeypatch):
    cast, call, pairs = pair
    call = closes_in(call, days=1)
    inside, runner = threading.Event(), Runner()
    real_assess = submission.assess

    def slow_assess(*args, **kwargs):
        inside.set()
        spin_until(lambda: advisory_waiters() > 0)
        return real_assess(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(submission, "assess", slow_assess)
        runner.start(lambda: submit_report(report=pairs[0][0], by=pairs[0][1]))
        inside.wait(PATIENCE)
        runner.start(lambda: cancel_call(call=call, by=cast.laleh, reason="فرم نادرست بود"))
        runner.join()
    assert set(Report.objects.filter(call=call).values_list("state", flat=True)) == {ReportState.CANCELLED}
    assert Revision.objects.filter(report__call=call).count() == 1
    with pytest.raises(Refused):
        submit_report(report=pairs[1][0], by=pairs[1][1])
    assert list(broken()) == []


def test_two_sweeps_at_once_take_one_snapshot_and_tell_once(pair):
    _cast, call, _pairs = pair
    call = closes_in(call, seconds=0.2)
    spin_past(call.closes_at)
    runner = Runner()
    for _ in range(4):
        runner.start(record_closings)
    assert sorted(runner.join()) == [0, 0, 0, 2]
    assert Snapshot.objects.filter(call=call).count() == 1
    assert list(broken()) == []


# ------------------------------------------------------------------------------------------- a return that lapses
def lapse_twice_at_once(pair, monkeypatch, look) -> list:
    """Two sweeps have both found the return unanswered before either records it; `look` is how they take the report."""
    cast, call, pairs = pair
    report, head = pairs[0]
    submit_report(report=report, by=head)
    round_ = return_for_correction(report=report, remarks={"HSG-01": "فهرست را پیوست کنید"}, by=cast.laleh)
    both, runner = threading.Barrier(2), Runner()

    def sweep():
        try:
            return record_lapsed_corrections()
        except (ReturnRound.DoesNotExist, DatabaseError) as error:
            return type(error).__name__

    with monkeypatch.context() as patch, clock.shifted(round_.due_at - database_now()):
        patch.setattr(closing, "lock_report", lambda report: look(report, lambda: both.wait(PATIENCE)))
        for _ in range(2):
            runner.start(sweep)
        return runner.join()


def test_two_sweeps_at_once_record_one_lapse_of_a_return(pair, monkeypatch):
    def look(report, meet):
        meet()
        return lock_report(report)

    assert sorted(lapse_twice_at_once(pair, monkeypatch, look)) == [0, 1]
    assert Event.objects.filter(verb="lapse_return").count() == 1
    assert list(broken()) == []


def test_twin_without_the_lock_both_sweeps_take_the_return_for_unanswered(pair, monkeypatch):
    def look(report, meet):
        at = database_now()
        found = reports_at(at).get(pk=report.pk)
        meet()
        return found, at

    found = lapse_twice_at_once(pair, monkeypatch, look)
    assert 0 not in found, "the guard was off and one of them looked again: this twin proves nothing"


# --------------------------------------------------------------------------------------------------- a double click
def test_a_double_click_gives_one_revision_and_the_same_receipt(pair):
    _cast, _call, pairs = pair
    report, head = pairs[0]
    runner = Runner()
    for _ in range(6):
        runner.start(lambda: submit_report(report=report, by=head))
    results = runner.join()
    assert len({r.receipt_code for r in results}) == 1
    assert Revision.objects.filter(report=report).count() == 1
    assert list(broken()) == []
