"""Submitting a report: what a receipt says, what is refused, and what taking back leaves behind."""

from datetime import timedelta

import pytest
from django.utils import translation

from reports.actions.calls import cancel_call, close_early, extend_unit
from reports.actions.closing import record_closings
from reports.actions.drafts import save_section
from reports.actions.submission import recall_submission, revision_hash, submit_report
from reports.enums import ReportState, ReportStatus, Standing
from reports.invariants import broken
from reports.models import Revision
from reports.queries import reports_at
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.models import Acceptance
from tests.calls import ANSWERS, at_closing, fill, make_call, published_call, report_of
from tests.forms import EN, FA, workbook
from units.models import Event


@pytest.fixture
def report(cast, call):
    return fill(report_of(call, cast.a), cast.sara)


def status(report) -> str:
    return reports_at(database_now()).get(pk=report.pk).status


def test_submitting_makes_an_immutable_revision_with_its_receipt(cast, report):
    revision = submit_report(report=report, by=cast.reza)
    assert (revision.number, revision.standing) == (1, Standing.ON_TIME)
    assert revision.deadline == report.call.closes_at + report.call.grace
    assert revision.sha256 == revision_hash(
        report, revision.answers, revision.values, revision.evidence, revision.submitted_at
    )
    assert [e["indicator"] for e in revision.evidence] == ["HSG-01"]
    assert status(report) == ReportStatus.SUBMITTED


def test_a_second_click_gives_the_same_receipt(cast, report):
    first = submit_report(report=report, by=cast.reza)
    assert submit_report(report=report, by=cast.reza) == first
    assert Event.objects.filter(noun="report", verb="submit").count() == 1


def test_the_expert_does_not_submit_where_the_head_signs(cast, report):
    with pytest.raises(Forbidden, match="مدیر"):
        submit_report(report=report, by=cast.sara)


def test_the_expert_submits_where_the_call_wants_no_sign_off(cast):
    call = published_call(cast, needs_sign_off=False)
    report = fill(report_of(call, cast.a), cast.sara)
    assert submit_report(report=report, by=cast.sara).submitted_by == cast.sara


@pytest.mark.parametrize("who", ["mina", "kamran", "laleh", "omid", "nader", "stranger", "admin"])
def test_nobody_else_submits_it(cast, report, who):
    with pytest.raises(Forbidden):
        submit_report(report=report, by=getattr(cast, who))
    assert not Revision.objects.exists()


def test_without_acceptance_of_the_pinned_version_nothing_is_submitted(cast, clock):
    from reports.actions.calls import publish_call

    call = publish_call(call=make_call(cast), by=cast.laleh)
    report = fill(report_of(call, cast.a), cast.sara)
    assert not Acceptance.objects.exists()
    with pytest.raises(Refused) as refusal:
        submit_report(report=report, by=cast.reza)
    assert refusal.value.code == "not-accepted"
    assert status(report) == ReportStatus.DRAFT


def test_an_incomplete_report_is_refused_and_stays_a_draft(cast, call):
    report = fill(report_of(call, cast.a), cast.sara, {"housing": ANSWERS["housing"]})
    with pytest.raises(Refused) as refusal:
        submit_report(report=report, by=cast.reza)
    assert refusal.value.code == "incomplete"
    assert (status(report), Revision.objects.count()) == (ReportStatus.DRAFT, 0)


def test_in_grace_it_is_taken_and_says_so(cast, report, clock):
    clock.move_to(at_closing(report.call, minutes=5))
    assert submit_report(report=report, by=cast.reza).standing == Standing.IN_GRACE


def test_after_the_last_moment_it_is_refused_and_what_was_written_stays(cast, report, clock):
    clock.move_to(at_closing(report.call, minutes=30))
    with pytest.raises(Refused) as refusal:
        submit_report(report=report, by=cast.reza)
    assert refusal.value.code == "closed"
    assert status(report) == ReportStatus.MISSED
    assert report.draft_sections.count() == 2


def test_a_late_extension_reopens_a_missed_report(cast, report, clock):
    clock.move_to(at_closing(report.call, hours=4))
    record_closings()
    extend_unit(report=report, until=at_closing(report.call, days=2), by=cast.laleh, reason="بیماری کارشناس")
    assert submit_report(report=report, by=cast.reza).standing == Standing.EXTENDED
    assert list(broken()) == []


def test_after_an_early_closing_nothing_is_taken(cast, call, report):
    close_early(call=call, by=cast.laleh, reason="خطا در فرم")
    call.refresh_from_db()
    type(call).objects.filter(pk=call.pk).update(grace=timedelta(0))
    with pytest.raises(Refused) as refusal:
        submit_report(report=report, by=cast.reza)
    assert refusal.value.code == "closed"


def test_a_cancelled_call_takes_nothing(cast, call, report):
    cancel_call(call=call, by=cast.laleh, reason="فرم نادرست بود")
    with pytest.raises(Refused) as refusal:
        submit_report(report=report, by=cast.reza)
    assert refusal.value.code == "cancelled"
    assert status(report) == ReportStatus.CANCELLED


def test_a_clock_that_jumps_back_reopens_nothing(cast, report, clock):
    clock.move_to(at_closing(report.call, hours=1))
    record_closings()
    clock.move(hours=-3)
    with pytest.raises(Refused) as refusal:
        submit_report(report=report, by=cast.reza)
    assert refusal.value.code == "closed"
    assert status(report) == ReportStatus.MISSED


# ------------------------------------------------------------------------------------------------------- taking back
def test_the_head_takes_a_submission_back_and_its_receipt_stays(cast, report):
    first = submit_report(report=report, by=cast.reza)
    recall_submission(report=report, by=cast.reza)
    assert status(report) == ReportStatus.DRAFT
    assert Revision.objects.get() == first
    assert submit_report(report=report, by=cast.reza).number == 2
    assert list(broken()) == []


def test_recalled_and_not_repeated_the_last_revision_counts(cast, report, clock):
    first = submit_report(report=report, by=cast.reza)
    recall_submission(report=report, by=cast.reza)
    clock.move_to(at_closing(report.call, hours=1))
    assert status(report) == ReportStatus.SUBMITTED
    record_closings()
    snapshot = report.call.snapshots.get()
    assert snapshot.submitted == [[report.tracking_code, first.sha256]]
    assert list(broken()) == []


def test_after_the_last_moment_nothing_is_taken_back(cast, report, clock):
    submit_report(report=report, by=cast.reza)
    clock.move_to(at_closing(report.call, hours=1))
    with pytest.raises(Refused) as refusal:
        recall_submission(report=report, by=cast.reza)
    assert refusal.value.code == "not-recallable"


def test_once_a_reviewer_has_started_nothing_is_taken_back(cast, report):
    submit_report(report=report, by=cast.reza)
    type(report).objects.filter(pk=report.pk).update(state=ReportState.UNDER_REVIEW, review_started_at=database_now())
    with pytest.raises(Refused):
        recall_submission(report=report, by=cast.reza)


def test_change_and_event_live_or_die_together(cast, report, monkeypatch):
    def broken_trail(*args, **kwargs):
        raise RuntimeError("the trail cannot be written")

    monkeypatch.setattr("reports.actions.submission.record", broken_trail)
    with pytest.raises(RuntimeError):
        submit_report(report=report, by=cast.reza)
    assert (status(report), Revision.objects.count()) == (ReportStatus.DRAFT, 0)


def test_what_the_form_calculates_is_stored_in_persian_whoever_signs_in_which_language(cast):
    rows = [
        {"type": "begin_group", "name": "part", FA: "بخش", EN: "Part"},
        {"type": "select_one kinds", "name": "kind", FA: "نوع", EN: "Kind"},
        {"type": "calculate", "name": "named", "calculation": "jr:choice-name(${kind}, '${kind}')"},
        {"type": "calculate", "name": "month", "calculation": "format-date('2026-11-06', '%b')"},
        {"type": "end_group"},
    ]
    choices = [{"list_name": "kinds", "name": "dorm", FA: "خوابگاه", EN: "Dormitory"}]
    report = report_of(published_call(cast, form=workbook(rows, choices=choices)), cast.a)
    save_section(report=report, section="part", base_version=0, changes={"kind": "dorm"}, by=cast.sara)
    with translation.override("en"):
        revision = submit_report(report=report, by=cast.reza)
    assert (revision.values["named"], revision.values["month"]) == ("خوابگاه", "نوامبر")
    assert list(broken()) == []
