"""Two people over one contested act at once, on PostgreSQL. Each guard has a twin with the guard off that must fail."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from reports.actions import contests, dispute_offers, objection_lines, results
from reports.actions.contests import contest_act
from reports.actions.dispute_offers import accept_act_offer, offer_act
from reports.actions.objection_lines import TypedAnswer, TypedLine, answer_objection
from reports.actions.objections import accept_result_offer, contest_result, offer_result
from reports.actions.results import announce_result
from reports.actions.review import TypedFinding
from reports.enums import ReportState
from reports.invariants import broken
from reports.models import ObjectionLine, Report
from reports.queries import reports_at
from reports.queries.disputes import report_of as report_in_dispute
from reports.rules.offered_acts import EXTENSION
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sla.actions.clocks import open_request
from sla.enums import Outcome, Subject
from sla.models import Dispute
from sla.queries import days_deadline
from tests.calls import at_closing, published_call, report_of
from tests.contests import WHY, contested, refused_extension
from tests.disputes import announced_report_with
from tests.people import make_cast
from units.models import Event

from .races import Runner, spin_until
from .test_dispute_races import lock_waiters

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def offered(clock):
    """Unit A missed the call, its request for time was refused and contested; two more days lie on the table."""
    cast = make_cast()
    call = published_call(cast)
    clock.move_to(at_closing(call, hours=1))
    asked = refused_extension(cast, call)
    dispute = contested(cast, report_of(call, cast.a), Subject.EXTENSION, asked.pk)
    until = database_now() + timedelta(days=2)
    return cast, call, dispute, offer_act(dispute=dispute, act=EXTENSION, until=until, text=WHY, by=cast.laleh)


def unlocked(report, *, alone=False):
    at = database_now()
    return reports_at(at).get(pk=report.pk), at


# ------------------------------------------------------- the unit takes the time while its zero is being announced
def announce_while_the_offer_is_accepted(offered):
    """The acceptance has not committed when the coordinator announces the miss with 0."""
    cast, call, _dispute, offer = offered
    accepted, announced, runner = threading.Event(), threading.Event(), Runner()

    def accept_slowly():
        with transaction.atomic():
            accept_act_offer(offer=offer, by=cast.reza)
            accepted.set()
            spin_until(lambda: announced.is_set() or lock_waiters() > 0)

    def announce():
        accepted.wait(20)
        try:
            return announce_result(report=report_of(call, cast.a), by=cast.laleh)
        finally:
            announced.set()

    runner.start(accept_slowly)
    runner.start(announce)
    return runner.join()[1]


def test_who_gets_more_time_by_agreement_gets_no_zero(offered):
    cast, call, dispute, _offer = offered
    assert isinstance(announce_while_the_offer_is_accepted(offered), Refused)
    report = report_of(call, cast.a)
    assert (report.state, report.extension_until is not None) == (ReportState.NOT_STARTED, True)
    assert Dispute.objects.get(pk=dispute.pk).outcome == Outcome.SETTLED
    assert list(broken()) == []


def test_twin_an_announcement_that_does_not_wait_gives_both(offered, monkeypatch):
    monkeypatch.setattr(results, "lock_report", unlocked)
    cast, call, _dispute, _offer = offered
    announce_while_the_offer_is_accepted(offered)
    report = report_of(call, cast.a)
    assert (report.state, report.extension_until is not None) == (ReportState.ANNOUNCED, True), (
        "the guard was off and nothing went wrong: this twin proves nothing"
    )


# ------------------------------------------------------------------------------------- two clicks on accepting
def accept_twice_at_once(offered, monkeypatch, *, lock: bool) -> int:
    """How often the time was given."""
    cast, _call, _dispute, offer = offered
    runner, meeting = Runner(), threading.Barrier(2, timeout=20)
    real = dispute_offers.lock_both

    def without_lock(dispute):
        at = database_now()
        fresh = Dispute.objects.with_status(at).select_related("unit", "agreement__service__provider", "request")
        found = fresh.get(pk=dispute.pk), report_in_dispute(dispute, at)
        meeting.wait()
        return found[1], found[0], at

    monkeypatch.setattr(dispute_offers, "lock_both", real if lock else without_lock)
    if not lock:  # both have read the open offer before either writes
        real_settle = dispute_offers.settle_dispute
        monkeypatch.setattr(dispute_offers, "settle_dispute", lambda *a, **k: (meeting.wait(), real_settle(*a, **k)))
    for _ in range(2):
        runner.start(lambda: accept_act_offer(offer=offer, by=cast.reza))
    runner.join()
    return Event.objects.filter(noun="report", verb="extend").count()


def test_two_clicks_on_accepting_give_the_time_once(offered, monkeypatch):
    assert accept_twice_at_once(offered, monkeypatch, lock=True) == 1
    assert list(broken()) == []


def test_twin_two_clicks_without_the_lock_give_it_twice(offered, monkeypatch):
    assert accept_twice_at_once(offered, monkeypatch, lock=False) == 2


# ---------------------------------------------------------------------------------------- both sides file at once
@pytest.fixture
def refused():
    cast = make_cast()
    call = published_call(cast)
    return cast, report_of(call, cast.a), refused_extension(cast, call)


def file_from_both_sides(refused) -> list:
    cast, report, asked = refused
    runner = Runner()
    for person in (cast.reza, cast.laleh) * 3:
        runner.start(
            lambda by=person: contest_act(report=report, subject=Subject.EXTENSION, key=asked.pk, text=WHY, by=by)
        )
    return runner.join()


def test_both_sides_filing_at_once_open_one_dispute(refused):
    found = file_from_both_sides(refused)
    assert Dispute.objects.count() == 1
    assert {r.code for r in found if isinstance(r, Refused)} <= {"dispute-open"}
    assert len({r.pk for r in found if isinstance(r, Dispute)}) == 1
    assert list(broken()) == []


def test_where_nobody_looks_first_the_database_keeps_a_second_one_out(refused, monkeypatch):
    cast, report, asked = refused
    first = contest_act(report=report, subject=Subject.EXTENSION, key=asked.pk, text=WHY, by=cast.reza)
    monkeypatch.setattr(contests, "_require_contestable", lambda act, at: None)
    with pytest.raises(Refused) as refusal:
        contest_act(report=report, subject=Subject.EXTENSION, key=asked.pk, text=WHY, by=cast.laleh)
    assert refusal.value.code == "dispute-open"
    again = {f.attname: getattr(first, f.attname) for f in Dispute._meta.concrete_fields if not f.primary_key}
    again["request_id"] = open_request(
        unit=first.unit, request_type=first.request.request_type, agreement=first.agreement, price_rials=0,
        at=database_now(),
    ).pk  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispute.objects.create(**again)


# --------------------------------------------------------------------- who waits across the end of the objection days
def test_a_filing_that_waited_across_the_end_of_its_days_is_refused(refused, clock):
    _cast, report, asked = refused
    clock.move_to(days_deadline(asked.decided_at, report.call.objection_days) - timedelta(minutes=1))
    assert file_after_waiting(refused, clock).code == "objection-window-passed"
    assert not Dispute.objects.exists()
    assert list(broken()) == []


def test_twin_a_clock_read_before_the_wait_files_too_late(refused, clock, monkeypatch):
    def clock_first(report, *, alone=False):
        at = database_now()
        Report.objects.select_for_update().values_list("pk", flat=True).get(pk=report.pk)
        return reports_at(at).get(pk=report.pk), at

    monkeypatch.setattr(contests, "lock_report", clock_first)
    _cast, report, asked = refused
    end = days_deadline(asked.decided_at, report.call.objection_days)
    clock.move_to(end - timedelta(minutes=1))
    file_after_waiting(refused, clock)
    assert Dispute.objects.exists(), "the guard was off and nobody got in: this twin proves nothing"
    assert database_now() > end


def file_after_waiting(refused, clock):
    """The head clicks a minute before the end of the days and waits for the report until a minute after it."""
    cast, report, asked = refused
    holding, go, runner = threading.Event(), threading.Event(), Runner()

    def hold_the_row():
        with transaction.atomic():
            Report.objects.select_for_update().get(pk=report.pk)
            holding.set()
            go.wait(20)

    def let_go_after_the_end():
        spin_until(lambda: lock_waiters() > 0)
        clock.move(minutes=2)
        go.set()

    runner.start(hold_the_row)
    holding.wait(20)
    runner.start(lambda: contest_act(report=report, subject=Subject.EXTENSION, key=asked.pk, text=WHY, by=cast.reza))
    runner.start(let_go_after_the_end)
    return runner.join()[1]


# --------------------------------------------------- the provider answers a line while the head accepts the offer
@pytest.fixture
def by_line(clock):
    """Housing is contested by name, and an offer lies on the table."""
    cast = make_cast()
    report = announced_report_with(cast, published_call(cast), verified={"numerator": "40", "denominator": "100"})
    line = TypedLine({"numerator": "75", "denominator": "100"}, reason=WHY)
    dispute = contest_result(report=report, text="", by=cast.reza, lines={"HSG-01": line})
    typed = {"HSG-01": TypedFinding(verified={"numerator": "60", "denominator": "100"})}
    return cast, dispute, offer_result(dispute=dispute, typed=typed, text=WHY, by=cast.laleh)


def answer_while_the_offer_is_accepted(by_line):
    """The acceptance, which ends the dispute, has not committed when the coordinator answers the line."""
    cast, dispute, offer = by_line
    accepted, answered, runner = threading.Event(), threading.Event(), Runner()

    def accept_slowly():
        with transaction.atomic():
            accept_result_offer(offer=offer, by=cast.reza)
            accepted.set()
            spin_until(lambda: answered.is_set() or lock_waiters() > 0)

    def answer():
        accepted.wait(20)
        try:
            return answer_objection(dispute=dispute, answers={"HSG-01": TypedAnswer("accepted")}, by=cast.laleh)
        finally:
            answered.set()

    runner.start(accept_slowly)
    runner.start(answer)
    return runner.join()[1]


def test_a_line_is_not_answered_after_the_dispute_was_settled(by_line):
    refusal = answer_while_the_offer_is_accepted(by_line)
    assert isinstance(refusal, Refused)
    assert refusal.code == "dispute-ended"
    assert ObjectionLine.objects.get().answer == ""


def test_twin_an_answer_that_does_not_wait_stands_on_a_settled_dispute(by_line, monkeypatch):
    def dispute_unlocked(dispute):
        at = database_now()
        return Dispute.objects.with_status(at).get(pk=dispute.pk), at

    monkeypatch.setattr(objection_lines, "lock_report", unlocked)
    monkeypatch.setattr(objection_lines, "lock_dispute", dispute_unlocked)
    answer_while_the_offer_is_accepted(by_line)
    assert ObjectionLine.objects.get().answer == "accepted"
    assert Dispute.objects.get().outcome == Outcome.SETTLED
