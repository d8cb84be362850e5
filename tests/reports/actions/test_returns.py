"""Returning for correction: who, what, how often, until when, and what the answer changes."""

from datetime import timedelta

import pytest

from reports.actions.assignment import assign_reviewer
from reports.actions.closing import record_lapsed_corrections
from reports.actions.drafts import save_section
from reports.actions.results import announce_result
from reports.actions.returns import return_for_correction
from reports.actions.review import hand_in_review, start_review
from reports.actions.submission import submit_report
from reports.enums import ReportState, ReviewState
from reports.models import DraftSection, ReturnRound, Review
from reports.queries import form_of, reports_at
from reports.queries.drafts import editable_names
from reports.queries.editable import affected_indicators
from reports.queries.findings import Stand, item_of, reviews_of, revisions_of, settle_report
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.queries import days_deadline
from tests.calls import published_call, report_of, submitted_report
from tests.factories import make_membership
from tests.reviews import announced_report, assign, review_of, reviewed_report, second_reviewer, verify, verify_all
from units.enums import Role
from units.models import Notice

HOUSING, WAITING, EVENTS, TIMELY = "HSG-01", "HSG-02", "WLF-01", "MGT-01"
REMARK = {HOUSING: "لغو اسکان‌ها را کم کنید."}


@pytest.fixture
def call(cast):
    return published_call(cast)


@pytest.fixture
def report(cast, call):
    assign(cast, call)
    return submitted_report(cast, call)[0]


def give_back(report, by, remarks=None, **given) -> ReturnRound:
    return return_for_correction(report=report, remarks=remarks or REMARK, by=by, **given)


def now_at(report):
    return reports_at(database_now()).get(pk=report.pk)


def correct(cast, report, **changes):
    """Sara corrects the housing figures, Reza submits."""
    version = DraftSection.objects.get(report=report, section="housing").version
    outcome = save_section(report=report, section="housing", base_version=version, changes=changes, by=cast.sara)
    assert not outcome.errors
    return submit_report(report=report, by=cast.reza)


class TestWho:
    @pytest.mark.parametrize("who", ["omid", "laleh"])
    def test_a_reviewer_of_the_report_and_a_coordinator_of_the_provider_return_it(self, cast, report, who):
        assert give_back(report, getattr(cast, who)).number == 1

    @pytest.mark.parametrize("who", ["sara", "reza", "mina", "nader", "stranger", "admin"])
    def test_nobody_else_does(self, cast, report, who):
        with pytest.raises(Forbidden):
            give_back(report, getattr(cast, who))

    def test_a_reviewer_without_a_review_of_it_does_not(self, cast, report):
        with pytest.raises(Forbidden):
            give_back(report, second_reviewer(cast))

    def test_a_reviewer_who_now_reports_in_the_units_line_does_not(self, cast, report):
        make_membership(cast.omid, cast.a_child, Role.HEAD)
        with pytest.raises(Forbidden):
            give_back(report, cast.omid)

    def test_a_reviewer_remarks_on_their_own_sections_only(self, cast, call):
        assign_reviewer(call=call, reviewer=cast.omid, unit=cast.provider, section="housing", by=cast.laleh)
        report = submitted_report(cast, call)[0]
        with pytest.raises(Refused) as refusal:
            give_back(report, cast.omid, {EVENTS: "شمار رویدادها را بازبینی کنید."})
        assert refusal.value.code == "not-yours"


class TestWhat:
    def test_it_needs_a_remark_on_an_indicator(self, cast, report):
        with pytest.raises(Refused) as refusal:
            return_for_correction(report=report, remarks={HOUSING: "  "}, by=cast.omid)
        assert refusal.value.code == "no-remark"

    def test_timeliness_cannot_be_corrected(self, cast, report):
        with pytest.raises(Refused) as refusal:
            give_back(report, cast.omid, {TIMELY: "دیر رسید."})
        assert refusal.value.code == "not-yours"

    def test_only_what_is_remarked_on_is_open_to_the_unit(self, cast, report):
        give_back(report, cast.omid)
        names = editable_names(now_at(report), form_of(report.call.form_version))
        assert {"housed", "eligible", "na:HSG-01", "comment:HSG-01"} <= names
        assert "waiting_days" not in names

    def test_what_is_calculated_from_a_remarked_figure_is_affected_too(self, call):
        assert affected_indicators(form_of(call.form_version), [HOUSING]) == {HOUSING}

    def test_the_clock_pauses_and_the_unit_hears_of_it(self, cast, report):
        give_back(report, cast.omid)
        assert not report.request.intervals.filter(ends_at=None).exists()
        assert {n.person for n in Notice.objects.filter(event__verb="return")} == {cast.sara, cast.reza}

    def test_reviews_handed_in_over_it_are_open_again(self, cast, call):
        report = reviewed_report(cast, call)
        give_back(report, cast.laleh)
        assert review_of(report, cast.omid).state == ReviewState.ASSIGNED

    def test_reviews_of_other_sections_stay_handed_in(self, cast, call):
        people = {"housing": cast.omid, "welfare": second_reviewer(cast)}
        for section, person in people.items():
            assign(cast, call, person, section=section)
        report = submitted_report(cast, call)[0]
        for section, person in people.items():
            verify_all(review_of(report, person, section))
            hand_in_review(review=review_of(report, person, section), by=person)
        give_back(report, cast.laleh)
        states = {section: review_of(report, person, section).state for section, person in people.items()}
        assert states == {"housing": ReviewState.ASSIGNED, "welfare": ReviewState.HANDED_IN}


class TestHowOften:
    def test_the_calls_rounds_are_the_limit(self, cast):
        call = published_call(cast, correction_rounds=1)
        assign(cast, call)
        report = submitted_report(cast, call)[0]
        give_back(report, cast.omid)
        correct(cast, report, housed="78")
        with pytest.raises(Refused) as refusal:
            give_back(report, cast.omid)
        assert refusal.value.code == "no-round-left"

    def test_a_returned_report_is_not_returned_again(self, cast, report):
        give_back(report, cast.omid)
        with pytest.raises(Refused) as refusal:
            give_back(report, cast.omid)
        assert refusal.value.code == "wrong-state"

    def test_after_the_announcement_there_is_no_return(self, cast, call):
        report, _version = announced_report(cast, call)
        with pytest.raises(Refused) as refusal:
            give_back(report, cast.omid)
        assert refusal.value.code == "wrong-state"


class TestUntilWhen:
    def test_the_deadline_is_the_end_of_the_calls_correction_days(self, cast, report):
        round_ = give_back(report, cast.omid)
        assert round_.due_at == days_deadline(round_.returned_at, report.call.correction_days)
        assert now_at(report).correction_due_at == round_.due_at

    def test_after_the_call_has_closed_a_return_is_still_possible_and_answered(self, cast, call, report, clock):
        clock.move_to(call.closes_at + timedelta(days=10))
        give_back(report, cast.omid)
        revision = correct(cast, report, housed="78")
        assert (revision.number, revision.correction_round, revision.standing) == (2, 1, "on_time")

    def test_one_instant_before_its_deadline_the_answer_is_taken_and_at_it_no_more(self, cast, report, clock):
        round_ = give_back(report, cast.omid)
        assert now_at(report).status == "returned"
        clock.move_to(round_.due_at)
        assert now_at(report).status == "under_review"
        with pytest.raises(Refused):
            submit_report(report=report, by=cast.reza)

    def test_unanswered_the_last_revision_stands_and_the_pause_ends_at_the_deadline(self, cast, call, report, clock):
        round_ = give_back(report, cast.omid)
        clock.move_to(round_.due_at + timedelta(hours=5))
        assert record_lapsed_corrections() == 1
        fresh = report_of(call, cast.a)
        assert (fresh.state, fresh.correction_due_at) == (ReportState.UNDER_REVIEW, None)
        assert fresh.request.intervals.get(ends_at=None).starts_at == round_.due_at

    def test_a_reviewer_goes_on_at_once_although_no_task_has_run(self, cast, call, report, clock):
        round_ = give_back(report, cast.omid)
        clock.move_to(round_.due_at + timedelta(seconds=1))
        verify_all(review_of(report, cast.omid))
        fresh = report_of(call, cast.a)
        assert fresh.state == ReportState.UNDER_REVIEW
        assert fresh.returns.get().lapsed_at == round_.due_at
        assert record_lapsed_corrections() == 0


class TestAnswer:
    def test_a_finding_about_corrected_figures_counts_no_more(self, cast, report):
        review = review_of(report, cast.omid)
        verify_all(review)
        give_back(report, cast.omid)
        correct(cast, report, housed="78")
        with pytest.raises(Refused) as refusal:
            hand_in_review(review=review, by=cast.omid)
        assert (refusal.value.code, HOUSING in str(refusal.value)) == ("incomplete", True)

    def test_findings_about_what_did_not_change_stay(self, cast, report):
        review = review_of(report, cast.omid)
        verify_all(review)
        give_back(report, cast.omid)
        correct(cast, report, housed="78")
        verify(review, HOUSING)
        hand_in_review(review=review, by=cast.omid)
        fresh = reviews_of(report)
        stands = settle_report(form_of(report.call.form_version), fresh, revisions_of(report))
        assert {s.stand for s in stands.values()} == {Stand.AGREED}
        assert item_of(fresh[0], WAITING).revision == 1

    def test_the_answer_waits_to_be_taken_up_again(self, cast, call, report):
        start_review(report=report, by=cast.omid)
        give_back(report, cast.omid)
        correct(cast, report, housed="78")
        assert report_of(call, cast.a).state == ReportState.SUBMITTED
        start_review(report=report, by=cast.omid)
        assert report_of(call, cast.a).state == ReportState.UNDER_REVIEW

    def test_without_the_new_finding_no_result_is_announced(self, cast, call):
        report = reviewed_report(cast, call)
        give_back(report, cast.laleh)
        correct(cast, report, housed="78")
        assert Review.objects.filter(report=report, state=ReviewState.ASSIGNED).count() == 1
        with pytest.raises(Refused) as refusal:
            announce_result(report=report, by=cast.laleh)
        assert refusal.value.code == "not-settled"
