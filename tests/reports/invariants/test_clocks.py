"""`checkinvariants` over service clocks: one corruption a test, and its own row."""

from datetime import timedelta

import pytest

from reports.actions.calls import excuse_unit
from reports.actions.extensions import ask_extension
from reports.actions.returns import return_for_correction
from reports.actions.submission import recall_submission, submit_report
from reports.invariants import broken
from reports.invariants.clocks import CLOCK_CHECKS
from reports.models import ReturnRound
from sajad_portal.lib.clock import database_now
from sla.models import ClockInterval, ServiceRequest
from tests.calls import report_of, submitted_report
from tests.reviews import announced_report, assign

SECOND = timedelta(seconds=1)
REMARK = {"HSG-01": "لغو اسکان‌ها را کم کنید."}


def rows() -> list[str]:
    return [row for check in CLOCK_CHECKS for row in check()]


@pytest.fixture
def report(cast, call):
    return submitted_report(cast, call)[0]


@pytest.fixture
def announced(cast, call):
    return announced_report(cast, call)[0]


def clock_of(report):
    return ClockInterval.objects.get(request_id=report.request_id)


def change(report, **fields):
    ServiceRequest.objects.filter(pk=report.request_id).update(**fields)


def test_a_whole_life_is_sound(cast, call, report, clock):
    assign(cast, call)
    recall_submission(report=report, by=cast.reza)
    submit_report(report=report, by=cast.reza)
    return_for_correction(report=report, remarks=REMARK, by=cast.omid)
    submitted_report(cast, call, cast.b)
    excuse_unit(report=report_of(call, cast.b), by=cast.laleh, reason="ادغام شد")
    assert list(broken()) == []


def test_a_clock_that_jumped_back_is_sound(cast, call, report, clock):
    assign(cast, call)
    clock.move(hours=-1)
    return_for_correction(report=report, remarks=REMARK, by=cast.omid)
    assert rows() == []


def test_an_interval_before_its_request_is_named(report):
    found = clock_of(report)
    change(report, created_at=found.starts_at + SECOND)
    assert rows() == [f"clock {found.pk}: begins before its request"]


def test_an_interval_that_outlives_its_request_is_named(announced):
    found = clock_of(announced)
    ClockInterval.objects.filter(pk=found.pk).update(ends_at=found.ends_at + SECOND)
    assert rows() == [f"clock {found.pk}: ends after its request stopped"]


def test_an_interval_that_runs_on_after_a_void_is_named(cast, call, report):
    excuse_unit(report=report, by=cast.laleh, reason="ادغام شد")
    ClockInterval.objects.filter(request=report.request).update(ends_at=None)
    assert rows() == [f"clock {clock_of(report).pk}: runs on after its request stopped"]


def test_a_clock_that_stopped_at_another_instant_than_the_announcement_is_named(announced):
    change(announced, stopped_at=announced.announced_at + SECOND)
    assert rows() == [f"report {announced.tracking_code}: its clock did not stop at the first announcement"]


def test_a_clock_that_did_not_stop_at_all_is_named(announced):
    change(announced, stopped_at=None)
    assert rows() == [f"report {announced.tracking_code}: its clock did not stop at the first announcement"]


def test_a_clock_that_stopped_without_a_result_is_named(report):
    ClockInterval.objects.filter(request=report.request).update(ends_at=database_now() + SECOND)
    change(report, stopped_at=database_now() + SECOND)
    assert f"report {report.tracking_code}: its clock stopped without a result" in rows()


def test_a_void_clock_of_a_live_report_is_named(announced):
    change(announced, voided_at=announced.announced_at)
    assert rows() == [f"report {announced.tracking_code}: is announced, and its clock is void"]


def test_an_excused_report_whose_clock_is_not_void_is_named(cast, call):
    excuse_unit(report=report_of(call, cast.b), by=cast.laleh, reason="ادغام شد")
    report = report_of(call, cast.b)
    change(report, voided_at=None)
    assert rows() == [f"report {report.tracking_code}: is excused, and its clock is not void"]


def test_a_return_without_its_pause_is_named(cast, call, report):
    assign(cast, call)
    round_ = return_for_correction(report=report, remarks=REMARK, by=cast.omid)
    ReturnRound.objects.filter(pk=round_.pk).update(returned_at=round_.returned_at - SECOND)
    assert rows() == [f"return {round_.pk}: the clock of report {report.tracking_code} did not pause for it"]


def test_a_clock_that_runs_while_the_unit_holds_the_report_is_named(cast, call, report):
    recall_submission(report=report, by=cast.reza)
    ClockInterval.objects.filter(request=report.request).update(ends_at=None)
    assert rows() == [f"report {report.tracking_code}: the unit holds it and its clock runs"]


def test_a_pause_for_no_reason_is_named(report):
    found = clock_of(report)
    ClockInterval.objects.filter(pk=found.pk).update(ends_at=found.starts_at + SECOND)
    ClockInterval.objects.create(request=report.request, starts_at=found.starts_at + 5 * SECOND)
    assert rows() == [f"report {report.tracking_code}: its clock paused more often than it was returned or taken back"]


def test_a_request_for_more_time_that_stopped_undecided_is_named(cast, call):
    report = report_of(call, cast.a)
    asked = ask_extension(report=report, until=call.closes_at + timedelta(days=1), reason="سیل آمد", by=cast.reza)
    ClockInterval.objects.filter(request=asked.request).update(ends_at=database_now() + SECOND)
    ServiceRequest.objects.filter(pk=asked.request_id).update(stopped_at=database_now() + 2 * SECOND)
    assert rows() == [f"extension request {asked.pk}: its clock and its decision disagree"]
