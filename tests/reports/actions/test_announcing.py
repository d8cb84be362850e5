"""Announcing many at once leaves the rows that announcing each alone would leave."""

import hashlib
import json
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from reports.actions.announcing import announce_results
from reports.actions.results import announce_result
from reports.enums import ReportState
from reports.invariants.facts import facts_are_what_results_say
from reports.models import FactStamp, IndicatorFact, Report, ResultFact, ResultVersion, ReturnRound
from sajad_portal.lib.clock import database_now
from sla.models import ClockInterval, ServiceRequest
from tests.factories import make_membership, make_person
from tests.field import FEW, FIGURES, Figures, field_call, store, undone
from units.enums import Role
from units.models import Event, Notice

GOOD = Figures({"cnt": "10", "day": "4", "avg": "50", "rat_n": "1", "rat_d": "2", "wmn": "4"})


def left(reports) -> list[dict]:
    """What stands about each report, without keys, codes, hashes and instants."""
    found = []
    for report in reports:
        fresh = Report.objects.get(pk=report.pk)
        version = ResultVersion.objects.get(report=report)
        event = Event.objects.get(noun="report", key=report.tracking_code, verb="announce")
        request = ServiceRequest.objects.get(pk=report.request_id)
        found.append(
            {
                "score": version.score, "total": version.total, "missed": version.missed, "number": version.number,
                "kind": version.kind, "revision": version.revision_id is not None, "by": version.announced_by_id,
                "membership": version.membership_id, "state": fresh.state, "window": fresh.objection_until > fresh.announced_at,
                "same instant": fresh.announced_at == version.announced_at == event.at,
                "event": {k: v for k, v in event.data.items() if k != "sha256"}, "who": (event.person_id, event.membership_id),
                "told": sorted(Notice.objects.filter(event=event).values_list("person__username", "channel", "urgent")),
                "stopped": request.stopped_at is not None,
                "running": ClockInterval.objects.filter(request=request, ends_at=None).exists(),
                "facts": sorted(IndicatorFact.objects.filter(result=report.pk).values_list("indicator", "state", "points")),
                "fact": ResultFact.objects.filter(report=report).values_list("total", "missed", "kind")[0],
            }
        )  # fmt: skip
    return found


@FEW
@given(figures=st.lists(FIGURES, min_size=1, max_size=4))
def test_in_bulk_and_one_by_one_are_the_same(cast, figures):
    sides = []
    for announce in (
        lambda reports: announce_results(reports=reports, by=cast.laleh),
        lambda reports: [announce_result(report=report, by=cast.laleh) for report in reports],
    ):
        with undone():
            call, units = field_call(cast, len(figures))
            make_membership(cast.sara, units[0], Role.REPORTER)
            make_membership(cast.reza, units[0], Role.HEAD)
            reports = [store(cast, call, unit, own) for unit, own in zip(units, figures, strict=True)]
            announce(reports)
            call.refresh_from_db()
            sides.append((left(reports), call.first_announced_at is not None))
            assert list(facts_are_what_results_say()) == []
    assert sides[0] == sides[1]


@FEW
@given(figures=FIGURES)
def test_the_hash_of_a_bulk_is_over_the_whole_of_what_the_version_says(cast, figures):
    """Put together the slow way, out of what the database gives back."""
    with undone():
        call, (unit,) = field_call(cast, 1)
        [done] = announce_results(reports=[store(cast, call, unit, figures)], by=cast.laleh)
        version = ResultVersion.objects.get(pk=done.version.pk)
        said = {
            "tracking_code": version.report.tracking_code, "number": 1, "missed": figures.missed, "score": version.score,
            "revision": None if figures.missed else version.revision.sha256,
        }  # fmt: skip
        text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert version.sha256 == hashlib.sha256(text.encode()).hexdigest()
        assert done.version.score == version.score


def test_one_that_is_not_settled_stops_no_other(cast):
    call, units = field_call(cast, 3)
    reports = [store(cast, call, unit, GOOD) for unit in units]
    reports[1].reviews.get().items.all().delete()
    done = announce_results(reports=reports, by=cast.laleh)
    assert [(a.report.pk, a.version is not None, bool(a.refusal)) for a in done] == [
        (reports[0].pk, True, False), (reports[1].pk, False, True), (reports[2].pk, True, False),
    ]  # fmt: skip


def test_announcing_the_same_again_changes_nothing(cast):
    call, units = field_call(cast, 2)
    reports = [store(cast, call, unit, GOOD) for unit in units]
    first = announce_results(reports=reports, by=cast.laleh)
    stamp = FactStamp.objects.get().stamp
    again = announce_results(reports=reports, by=cast.laleh)
    assert [a.version for a in again] == [a.version for a in first]
    assert Event.objects.filter(verb="announce").count() == 2
    assert FactStamp.objects.get().stamp == stamp


def test_who_may_not_announce_is_told_so_for_each(cast):
    call, units = field_call(cast, 2)
    reports = [store(cast, call, unit, GOOD) for unit in units]
    done = announce_results(reports=reports, by=cast.nader)
    assert [bool(a.refusal) for a in done] == [True, True]
    assert not ResultVersion.objects.exists()


def test_a_coordinator_who_reports_for_a_unit_announces_the_others_only(cast):
    call, units = field_call(cast, 2)
    reports = [store(cast, call, unit, GOOD) for unit in units]
    make_membership(cast.laleh, units[0], Role.REPORTER)
    done = announce_results(reports=reports, by=cast.laleh)
    assert [a.version is not None for a in done] == [False, True]


def test_the_number_of_statements_does_not_grow_with_the_reports(cast):
    counts, person = [], make_person()
    call, units = field_call(cast, 4)
    make_membership(person, units[1], Role.HEAD)
    reports = [store(cast, call, unit, GOOD) for unit in units]
    announce_results(reports=reports[3:], by=cast.laleh)
    for some in (reports[:1], reports[1:3]):
        with CaptureQueriesContext(connection) as seen:
            announce_results(reports=some, by=cast.laleh)
        counts.append(len(seen))
    assert Report.objects.filter(call=call, state=ReportState.ANNOUNCED).count() == 4
    # The second has one report more, and somebody is told of it: the notices, and whether the service must be named in them.
    assert counts[0] <= counts[1] <= counts[0] + 2


def test_in_bulk_a_return_that_lapsed_unrecorded_is_recorded_before_its_result(cast):
    call, (unit,) = field_call(cast, 1)
    report = store(cast, call, unit, GOOD)
    due = database_now() - timedelta(minutes=1)
    round_ = ReturnRound.objects.create(
        report=report, number=1, remarks={"CNT": "بشمارید"}, returned_at=due - timedelta(days=1), returned_by=cast.omid, due_at=due
    )  # fmt: skip
    Report.objects.filter(pk=report.pk).update(state=ReportState.RETURNED, correction_due_at=due)
    (made,) = announce_results(reports=[report], by=cast.laleh)
    round_.refresh_from_db()
    assert (made.version.number, round_.lapsed_at) == (1, due)
