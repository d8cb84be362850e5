"""The last moment and the status that time makes: one rule in Python and in SQL."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.enums import ReportState, ReportStatus, Standing
from reports.models import Call, Report
from reports.queries import reports_at
from reports.rules import deadlines
from sla.models import ServiceRequest
from tests.calls import published_call, report_of

T = datetime(2026, 11, 25, 20, 30, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def report(cast) -> Report:
    call = published_call(cast)
    Call.objects.filter(pk=call.pk).update(
        opens_at=T - timedelta(days=20), closes_at=T, grace=30 * MINUTE, review_until=T + timedelta(days=60)
    )
    return report_of(call, cast.a)


def seen(report: Report, at: datetime, **fields) -> Report:
    """The report as a reader at `at` sees it, after storing `fields`."""
    own = {name: value for name, value in fields.items() if not name.startswith(("bank_", "call_"))}
    Report.objects.filter(pk=report.pk).update(**own)
    bank = {name: value for name, value in fields.items() if name.startswith("bank_")}
    ServiceRequest.objects.filter(pk=report.request_id).update(**bank)
    call = {name.removeprefix("call_"): value for name, value in fields.items() if name.startswith("call_")}
    Call.objects.filter(pk=report.call_id).update(**call)
    found = reports_at(at).get(pk=report.pk)
    if found.state != ReportState.ANNOUNCED:  # the shorter derivation says the same wherever it may be asked
        shorter = Report.objects.before_result(at).get(pk=report.pk)
        assert (shorter.status, shorter.is_open) == (found.status, found.is_open)
        waiting = Report.objects.awaiting_result(at).filter(pk=report.pk).first()
        if waiting:
            assert (waiting.status, waiting.last_moment) == (found.status, found.last_moment)
        else:
            assert found.submitted_at is None
    return found


def test_the_last_moment_is_the_closing_plus_grace(report):
    assert deadlines.last_moment(seen(report, T)) == T + 30 * MINUTE


def test_one_microsecond_before_the_last_moment_is_open_and_the_last_moment_is_not(report):
    last = T + 30 * MINUTE
    assert seen(report, last - TICK).is_open
    assert not seen(report, last).is_open
    assert seen(report, last).status == ReportStatus.MISSED


def test_before_opening_a_report_is_neither_open_nor_missed(report):
    early = seen(report, T - timedelta(days=21))
    assert (early.is_open, early.status) == (False, ReportStatus.NOT_STARTED)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (T - TICK, Standing.ON_TIME),
        (T, Standing.IN_GRACE),
        (T + 30 * MINUTE - TICK, Standing.IN_GRACE),
    ],
)
def test_standing_without_an_extension(report, at, expected):
    assert deadlines.standing(seen(report, at), at) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (T - TICK, Standing.ON_TIME),
        (T, Standing.EXTENDED),
        (T + timedelta(days=2) - TICK, Standing.EXTENDED),
        (T + timedelta(days=2), Standing.IN_GRACE),
    ],
)
def test_standing_with_an_extension_of_two_days(report, at, expected):
    found = seen(report, at, extension_until=T + timedelta(days=2))
    assert deadlines.standing(found, at) == expected


def test_a_bank_attempt_that_spans_the_last_moment_gives_two_hours_from_its_settlement(report):
    last = T + 30 * MINUTE
    found = seen(report, last, bank_begun_at=last - MINUTE, bank_settled_at=last + 5 * MINUTE)
    assert deadlines.last_moment(found) == found.last_moment == last + timedelta(hours=2, minutes=5)
    assert deadlines.standing(found, last + timedelta(hours=1)) == Standing.EXTENDED


@pytest.mark.parametrize("begun_after", [timedelta(0), MINUTE])
def test_a_bank_attempt_begun_at_or_after_the_last_moment_gives_nothing(report, begun_after):
    last = T + 30 * MINUTE
    found = seen(report, last, bank_begun_at=last + begun_after, bank_settled_at=last + 5 * MINUTE)
    assert deadlines.last_moment(found) == found.last_moment == last


def test_the_latch_keeps_a_report_closed_when_the_clock_jumps_back(report):
    last = T + 30 * MINUTE
    assert not seen(report, T - timedelta(days=1), closed_for=last).is_open


def test_any_later_last_moment_reopens_a_latched_report(report):
    found = seen(report, T + timedelta(days=1), closed_for=T + 30 * MINUTE, extension_until=T + timedelta(days=2))
    assert found.is_open


def test_a_return_past_its_deadline_is_under_review(report):
    due = T + timedelta(days=5)
    stored = {"state": ReportState.RETURNED, "submitted_at": T, "correction_due_at": due}
    assert seen(report, due - TICK, **stored).status == ReportStatus.RETURNED
    assert seen(report, due).status == ReportStatus.UNDER_REVIEW


def test_an_announced_result_is_final_at_the_end_of_the_objection_window(report):
    end = T + timedelta(days=10)
    stored = {"state": ReportState.ANNOUNCED, "announced_at": T, "objection_until": end}
    assert seen(report, end - TICK, **stored).status == ReportStatus.ANNOUNCED
    assert seen(report, end).status == ReportStatus.FINAL


offsets = st.integers(min_value=-3 * 3600, max_value=3 * 3600).map(lambda s: timedelta(seconds=s))
maybe = st.none() | offsets


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=offsets, grace=st.integers(0, 7200), extension=maybe, begun=maybe, settled=maybe, latch=maybe)
def test_the_rule_in_python_and_the_rule_in_sql_agree(report, at, grace, extension, begun, settled, latch):
    if begun is None or (settled is not None and settled < begun):
        settled = None
    found = seen(
        report, T + at, call_grace=timedelta(seconds=grace),
        extension_until=T + extension if extension is not None else None,
        closed_for=T + latch if latch is not None else None,
        bank_begun_at=T + begun if begun is not None else None,
        bank_settled_at=T + settled if settled is not None else None,
    )  # fmt: skip
    assert found.last_moment == deadlines.last_moment(found)
    assert found.deadline == deadlines.deadline(found)
    assert found.is_open == deadlines.is_open(found, T + at)
    due = Report.objects.due(T + at).filter(pk=report.pk).exists()
    assert due == (T + at >= found.last_moment and (found.closed_for is None or found.closed_for < found.last_moment))


def test_a_correction_is_taken_until_its_deadline_and_not_at_it():
    report = Report(state=ReportState.RETURNED, correction_due_at=T)
    assert deadlines.in_correction(report, T - TICK)
    assert not deadlines.in_correction(report, T)
