"""What the sweeps record: once, late, or after the scheduler slept; true for every reader before they ran."""

from datetime import timedelta

import pytest

from reports.actions import closing
from reports.actions.calls import close_early, excuse_unit, extend_call, extend_unit
from reports.actions.closing import (
    record_closings,
    record_final_results,
    record_lapsed_corrections,
    record_openings,
)
from reports.actions.locking import lock_report
from reports.actions.returns import lapse_return, return_for_correction
from reports.enums import ReportStatus
from reports.invariants import broken
from reports.models import Call
from reports.queries import reports_at
from sajad_portal.lib.clock import database_now
from sla.models import ClockInterval
from tests.calls import at_closing, published_call, report_of, submitted_report
from units.models import Event, Notice


def statuses(call) -> dict[str, str]:
    return dict(reports_at(database_now()).filter(call=call).values_list("unit__code", "status"))


def told(verb: str) -> set[str]:
    return set(Notice.objects.filter(event__verb=verb, channel="portal").values_list("person__username", flat=True))


def test_the_opening_is_recorded_once_and_told_to_the_units(cast, call):
    assert (record_openings(), record_openings()) == (1, 0)
    assert told("open") == {"sara", "reza", "mina", "kamran"}


def test_a_call_that_opens_later_is_not_opened(cast):
    published_call(cast, opens_at=database_now() + timedelta(hours=1))
    assert record_openings() == 0


def test_closing_latches_the_last_moment_and_names_who_submitted_and_who_missed(cast, call, clock):
    report, revision = submitted_report(cast, call)
    clock.move_to(at_closing(call, minutes=30))
    assert statuses(call) == {"KHB": ReportStatus.SUBMITTED, "TGZ": ReportStatus.MISSED}
    assert (record_closings(), record_closings()) == (2, 0)
    snapshot = call.snapshots.get()
    assert snapshot.as_of == at_closing(call, minutes=30)
    assert snapshot.submitted == [[report.tracking_code, revision.sha256]]
    assert snapshot.missed == [report_of(call, cast.b).tracking_code]
    assert told("close") == {"mina", "kamran", "laleh"}
    assert list(broken()) == []


def test_in_grace_nothing_is_recorded(cast, call, clock):
    clock.move_to(at_closing(call, minutes=29))
    assert record_closings() == 0
    assert not call.snapshots.exists()


def test_a_unit_with_an_extension_is_named_open_and_its_own_closing_appends_a_snapshot(cast, call, clock):
    b = report_of(call, cast.b)
    extend_unit(report=b, until=at_closing(call, days=2), by=cast.laleh, reason="سیل")
    submitted_report(cast, call)
    clock.move_to(at_closing(call, hours=1))
    record_closings()
    assert call.snapshots.get().open == [b.tracking_code]
    clock.move(days=3)
    record_closings()
    assert [s.missed for s in call.snapshots.all()] == [[], [b.tracking_code]]
    assert list(broken()) == []


def test_the_first_snapshot_is_taken_though_every_unit_has_an_extension(cast, call, clock):
    for unit in (cast.a, cast.b):
        extend_unit(report=report_of(call, unit), until=at_closing(call, days=2), by=cast.laleh, reason="سیل")
    clock.move_to(at_closing(call, hours=1))
    assert record_closings() == 0
    assert len(call.snapshots.get().open) == 2


def test_a_scheduler_that_slept_across_two_closings_records_both_at_their_instants(cast, call, clock):
    extend_unit(report=report_of(call, cast.b), until=at_closing(call, days=2), by=cast.laleh, reason="سیل")
    submitted_report(cast, call)
    clock.move_to(at_closing(call, days=3))
    assert record_closings() == 2
    assert [s.as_of for s in call.snapshots.all()] == [
        at_closing(call, minutes=30),
        at_closing(call, days=2, minutes=30),
    ]
    assert list(broken()) == []


def test_an_extended_call_is_open_again_and_closes_again(cast, call, clock):
    clock.move_to(at_closing(call, hours=1))
    record_closings()
    extend_call(call=call, closes_at=at_closing(call, days=2), by=cast.laleh, reason="قطعی شبکه")
    assert set(statuses(call).values()) == {ReportStatus.NOT_STARTED}
    clock.move(days=3)
    assert record_closings() == 2
    assert call.snapshots.count() == 2
    assert list(broken()) == []


def test_an_early_closing_counts_from_its_own_instant(cast, call, clock):
    submitted_report(cast, call)
    close_early(call=call, by=cast.laleh, reason="خطا در فرم")
    clock.move(minutes=31)
    record_closings()
    call.refresh_from_db()
    assert call.snapshots.get().as_of == call.closes_at + call.grace
    assert list(broken()) == []


def test_an_excused_unit_is_in_no_list(cast, call, clock):
    excuse_unit(report=report_of(call, cast.b), by=cast.laleh, reason="ادغام واحد")
    clock.move_to(at_closing(call, hours=1))
    record_closings()
    snapshot = call.snapshots.get()
    assert (len(snapshot.missed), snapshot.submitted, snapshot.open) == (1, [], [])


def test_an_excused_report_is_latched_by_no_sweep_and_counted_by_none(cast, call, clock):
    excuse_unit(report=report_of(call, cast.b), by=cast.laleh, reason="ادغام واحد")
    clock.move_to(at_closing(call, hours=1))
    assert record_closings() == 1
    assert [report_of(call, unit).closed_for for unit in (cast.a, cast.b)] == [call.grace_ends_at, None]


def test_a_snapshot_counts_what_came_before_its_instant_and_not_what_came_at_it(cast, call, clock):
    report, revision = submitted_report(cast, call)
    Call.objects.filter(pk=call.pk).update(closes_at=revision.submitted_at, grace=timedelta(0))
    record_closings()
    snapshot = call.snapshots.get()
    assert (snapshot.as_of, snapshot.submitted) == (revision.submitted_at, [])
    assert report.tracking_code in snapshot.missed


# ------------------------------------------------------------------------------------------------------- corrections
@pytest.fixture
def returned(cast, call, clock):
    from reports.actions.assignment import assign_reviewer

    assign_reviewer(call=call, reviewer=cast.omid, unit=cast.provider, by=cast.laleh)
    report, _revision = submitted_report(cast, call)
    clock.move_to(at_closing(call, hours=2))
    round_ = return_for_correction(report=report, remarks={"HSG-01": "فهرست اسکان را پیوست کنید"}, by=cast.omid)
    return report, round_


def test_an_unanswered_return_lapses_at_its_deadline_and_the_pause_ends_there(cast, returned, clock):
    report, round_ = returned
    clock.move_to(round_.due_at + timedelta(days=3))
    assert reports_at(database_now()).get(pk=report.pk).status == ReportStatus.UNDER_REVIEW
    assert (record_lapsed_corrections(), record_lapsed_corrections()) == (1, 0)
    round_.refresh_from_db()
    assert round_.lapsed_at == round_.due_at
    assert ClockInterval.objects.get(request=report.request, ends_at=None).starts_at == round_.due_at
    assert list(broken()) == []


def test_a_return_still_in_time_is_left_alone(cast, returned, clock):
    _report, round_ = returned
    clock.move_to(round_.due_at - timedelta(seconds=1))
    assert record_lapsed_corrections() == 0


def test_a_return_that_another_worker_recorded_meanwhile_is_looked_at_again_and_left_alone(
    returned, clock, monkeypatch
):
    _report, round_ = returned
    clock.move_to(round_.due_at)

    def waited(report):
        lapse_return(*lock_report(report))
        return lock_report(report)

    monkeypatch.setattr(closing, "lock_report", waited)
    assert record_lapsed_corrections() == 0
    assert Event.objects.filter(verb="lapse_return").count() == 1


# ------------------------------------------------------------------------------------------------------------ finals
def test_a_missed_report_is_announced_with_zero_and_final_after_its_window(cast, call, clock):
    from reports.actions.results import announce_result

    clock.move_to(at_closing(call, hours=1))
    report = report_of(call, cast.b)
    version = announce_result(report=report, by=cast.laleh)
    assert (version.missed, version.total) == (True, 0)
    fresh = report_of(call, cast.b)
    clock.move_to(fresh.objection_until)
    assert statuses(call)["TGZ"] == ReportStatus.FINAL
    assert (record_final_results(), record_final_results()) == (1, 0)
    assert report_of(call, cast.b).final_at == fresh.objection_until
    assert Event.objects.filter(verb="final").count() == 1
    assert list(broken()) == []


def test_a_latched_final_result_stays_final_when_the_clock_jumps_back(cast, call, clock):
    from reports.actions.results import announce_result

    clock.move_to(at_closing(call, hours=1))
    announce_result(report=report_of(call, cast.b), by=cast.laleh)
    clock.move_to(report_of(call, cast.b).objection_until + timedelta(minutes=1))
    record_final_results()
    clock.move(days=-2)
    assert statuses(call)["TGZ"] == ReportStatus.FINAL
