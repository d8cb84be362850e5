"""Assigning, verifying, handing in, settling."""

import pytest

from reports.actions.assignment import assign_for_new_report, end_assignment, reassign, reassign_review
from reports.actions.calls import ask_unit
from reports.actions.review import (
    ItemRefused,
    TypedFinding,
    hand_in_review,
    save_review_item,
    settle_review,
    start_review,
    take_lead,
)
from reports.actions.submission import recall_submission
from reports.enums import ReviewState
from reports.models import Report, Review, ReviewItem
from reports.queries import form_of
from reports.queries.findings import Stand, reviews_of, revisions_of, settle_report, visible_items
from sajad_portal.lib.errors import Forbidden, Refused
from tests.calls import published_call, report_of, submitted_report
from tests.factories import make_membership, make_unit
from tests.reviews import assign, claimed, review_of, second_reviewer, verify, verify_all
from units.enums import Role
from units.models import Event, Notice

HOUSING, WAITING, EVENTS, TIMELY = "HSG-01", "HSG-02", "WLF-01", "MGT-01"


@pytest.fixture
def call(cast):
    return published_call(cast)


@pytest.fixture
def report(cast, call):
    """Unit A's report: 80 of 100 housed, 8 waiting days, 4 events; Omid reviews all of it."""
    assign(cast, call)
    return submitted_report(cast, call)[0]


@pytest.fixture
def parisa(cast):
    return second_reviewer(cast)


def stands(report: Report) -> dict[str, Stand]:
    """Of the indicators alone."""
    found = settle_report(form_of(report.call.form_version), reviews_of(report), revisions_of(report))
    return {code: settled.stand for code, settled in found.items() if not code.startswith("q:")}


class TestAssigning:
    def test_one_review_is_made_for_each_report_of_the_subtree(self, cast, call):
        outcome = assign(cast, call)
        assert {r.report.unit for r in outcome.reviews} == {cast.a, cast.b}

    def test_a_smaller_subtree_and_a_section_narrow_it(self, cast, call):
        outcome = assign(cast, call, unit=cast.a, section="housing")
        assert [(r.report.unit, r.section) for r in outcome.reviews] == [(cast.a, "housing")]

    def test_reports_in_the_reviewers_own_line_are_left_out_and_named(self, cast, call):
        make_membership(cast.omid, cast.a_child, Role.REPORTER)
        outcome = assign(cast, call)
        assert [r.unit for r in outcome.conflicts] == [cast.a]
        assert [r.report.unit for r in outcome.reviews] == [cast.b]

    def test_somebody_without_the_role_is_refused(self, cast, call):
        with pytest.raises(Refused) as refusal:
            assign(cast, call, cast.mina)
        assert refusal.value.code == "not-a-reviewer"

    def test_overlapping_assignments_of_one_person_are_refused(self, cast, call):
        assign(cast, call, section="housing")
        with pytest.raises(Refused) as refusal:
            assign(cast, call, unit=cast.a)
        assert refusal.value.code == "assigned-already"

    def test_only_a_coordinator_of_the_provider_assigns(self, cast, call):
        from reports.actions.assignment import assign_reviewer

        with pytest.raises(Forbidden):
            assign_reviewer(call=call, reviewer=cast.omid, unit=cast.provider, by=cast.nader)

    def test_a_unit_asked_late_follows_the_assignment(self, cast, call):
        assign(cast, call)
        late = make_unit("LATE", parent=cast.provider)
        report = ask_unit(call=call, unit=late, by=cast.laleh, reason="از قلم افتاده بود")
        assert review_of(report, cast.omid).state == ReviewState.ASSIGNED

    def test_following_twice_makes_one_review(self, cast, call):
        assign(cast, call)
        assert assign_for_new_report(report_of(call, cast.a), at=call.opens_at) == []

    def test_ending_an_assignment_keeps_what_was_handed_in(self, cast, call, report):
        review = review_of(report, cast.omid)
        verify_all(review)
        hand_in_review(review=review, by=cast.omid)
        end_assignment(assignment=call.assignments.get(), by=cast.laleh, reason="مأموریت")
        states = dict(Review.objects.values_list("report__unit__code", "state"))
        assert states == {"KHB": ReviewState.HANDED_IN, "TGZ": ReviewState.RELEASED}

    def test_a_silent_reviewers_work_goes_to_somebody_else(self, cast, call, report, parisa):
        reassign(assignment=call.assignments.get(), reviewer=parisa, by=cast.laleh, reason="پاسخ نداد")
        assert review_of(report, cast.omid).state == ReviewState.RELEASED
        assert review_of(report, parisa).state == ReviewState.ASSIGNED

    def test_one_report_is_handed_over_alone(self, cast, call, report, parisa):
        reassign_review(review=review_of(report, cast.omid), reviewer=parisa, by=cast.laleh, reason="پاسخ نداد")
        assert review_of(report, parisa).state == ReviewState.ASSIGNED
        assert review_of(report_of(call, cast.b), cast.omid).state == ReviewState.ASSIGNED

    def test_handing_over_to_somebody_in_the_units_line_is_refused(self, cast, report, parisa):
        make_membership(parisa, cast.a, Role.REPORTER)
        with pytest.raises(Refused) as refusal:
            reassign_review(review=review_of(report, cast.omid), reviewer=parisa, by=cast.laleh, reason="پاسخ نداد")
        assert refusal.value.code == "conflict"


class TestStarting:
    def test_the_first_start_takes_the_report_under_review(self, cast, call, report):
        start_review(report=report, by=cast.omid)
        fresh = report_of(call, cast.a)
        assert (fresh.state, fresh.review_started_at is not None) == ("under_review", True)

    def test_the_head_can_no_longer_recall(self, cast, report):
        start_review(report=report, by=cast.omid)
        with pytest.raises(Refused):
            recall_submission(report=report, by=cast.reza)

    def test_a_second_start_leaves_one_event(self, cast, report):
        start_review(report=report, by=cast.omid)
        start_review(report=report, by=cast.omid)
        assert Event.objects.filter(verb="start_review").count() == 1

    @pytest.mark.parametrize("who", ["sara", "reza", "mina", "nader", "laleh", "stranger"])
    def test_nobody_else_starts(self, cast, report, who):
        with pytest.raises(Forbidden):
            start_review(report=report, by=getattr(cast, who))

    def test_a_conflict_that_came_up_later_stops_the_reviewer(self, cast, report):
        make_membership(cast.omid, cast.a, Role.REPORTER)
        with pytest.raises(Forbidden):
            start_review(report=report, by=cast.omid)

    def test_a_recalled_submission_cannot_be_reviewed_while_the_unit_may_still_write(self, cast, report):
        recall_submission(report=report, by=cast.reza)
        with pytest.raises(Refused) as refusal:
            start_review(report=report, by=cast.omid)
        assert refusal.value.code == "wrong-state"

    def test_a_recalled_submission_counts_after_the_last_moment_and_its_clock_runs_from_there(
        self, cast, call, report, clock
    ):
        recall_submission(report=report, by=cast.reza)
        clock.move(days=5)
        start_review(report=report, by=cast.omid)
        fresh = report_of(call, cast.a)
        assert fresh.state == "under_review"
        assert fresh.request.intervals.get(ends_at=None).starts_at == call.closes_at + call.grace


class TestVerifying:
    def test_an_item_is_stored_over_the_revision_it_looked_at(self, cast, report):
        verify(
            review_of(report, cast.omid),
            HOUSING,
            verified={"numerator": "۷۵", "denominator": "100"},
            reason="لغو اسکان",
        )
        item = ReviewItem.objects.get()
        assert (item.verified, item.revision) == ({"numerator": "75", "denominator": "100"}, 1)

    def test_another_figure_than_claimed_needs_a_reason(self, cast, report):
        with pytest.raises(ItemRefused) as refusal:
            verify(review_of(report, cast.omid), HOUSING, verified={"numerator": "75", "denominator": "100"})
        assert list(refusal.value.errors) == ["reason"]

    def test_letters_in_a_number_are_refused_and_nothing_is_stored(self, cast, report):
        with pytest.raises(ItemRefused) as refusal:
            verify(
                review_of(report, cast.omid),
                HOUSING,
                verified={"numerator": "7a", "denominator": "100"},
                reason="x" * 5,
            )
        assert list(refusal.value.errors) == ["numerator"]
        assert not ReviewItem.objects.exists()

    def test_a_verified_figure_keeps_the_forms_constraint(self, cast, report):
        typed = {"numerator": "120", "denominator": "100"}
        with pytest.raises(ItemRefused) as refusal:
            verify(review_of(report, cast.omid), HOUSING, verified=typed, reason="شمارش دوباره")
        assert list(refusal.value.errors) == ["numerator"]

    def test_a_zero_denominator_asks_whether_the_indicator_applies(self, cast, report):
        typed = {"numerator": "0", "denominator": "0"}
        review = review_of(report, cast.omid)
        with pytest.raises(ItemRefused) as refusal:
            verify(review, HOUSING, verified=typed, reason="متقاضی نداشت")
        assert list(refusal.value.errors) == ["not_applicable"]
        verify(review, HOUSING, verified=typed, not_applicable=True)
        assert ReviewItem.objects.get().not_applicable is True

    def test_what_is_neither_claimed_nor_zero_cannot_be_waved_through_as_not_applicable(self, cast, report):
        verify(review_of(report, cast.omid), HOUSING, not_applicable=True)
        assert ReviewItem.objects.get().not_applicable is None

    def test_timeliness_is_nobodys_to_verify(self, cast, report):
        with pytest.raises(Refused) as refusal:
            verify(review_of(report, cast.omid), TIMELY, verified={})
        assert refusal.value.code == "no-such-indicator"

    def test_another_section_is_not_ones_own(self, cast, call, parisa):
        assign(cast, call, section="housing")
        report = submitted_report(cast, call)[0]
        with pytest.raises(Refused) as refusal:
            verify(review_of(report, cast.omid, "housing"), EVENTS)
        assert refusal.value.code == "no-such-indicator"

    def test_another_reviewers_item_cannot_be_written(self, cast, report, parisa):
        review = review_of(report, cast.omid)
        with pytest.raises(Forbidden):
            save_review_item(review=review, indicator=HOUSING, typed=TypedFinding(claimed(review, HOUSING)), by=parisa)

    def test_the_trail_tells_that_an_item_changed_and_not_what_was_found(self, cast, report):
        verify(review_of(report, cast.omid), HOUSING)
        data = Event.objects.get(verb="review_item").data
        assert set(data) == {"review", "indicator", "revision"}


class TestHandingIn:
    def test_it_needs_a_finding_for_every_indicator(self, cast, report):
        review = review_of(report, cast.omid)
        verify_all(review, but=(EVENTS,))
        with pytest.raises(Refused) as refusal:
            hand_in_review(review=review, by=cast.omid)
        assert refusal.value.code == "incomplete"
        assert EVENTS in str(refusal.value)

    def test_handed_in_findings_no_longer_change(self, cast, report):
        review = review_of(report, cast.omid)
        verify_all(review)
        hand_in_review(review=review, by=cast.omid)
        with pytest.raises(Refused) as refusal:
            verify(review, HOUSING)
        assert refusal.value.code == "handed-in"

    def test_a_second_click_changes_nothing(self, cast, report):
        review = review_of(report, cast.omid)
        verify_all(review)
        hand_in_review(review=review, by=cast.omid)
        hand_in_review(review=review, by=cast.omid)
        assert Event.objects.filter(verb="hand_in").count() == 1

    def test_the_last_one_to_hand_in_tells_the_coordinator(self, cast, report):
        review = review_of(report, cast.omid)
        verify_all(review)
        hand_in_review(review=review, by=cast.omid)
        assert Notice.objects.filter(person=cast.laleh, event__verb="review_complete").exists()
        assert set(stands(report).values()) == {Stand.AGREED}


class TestIndependence:
    @pytest.fixture
    def both(self, cast, call, report, parisa):
        """Omid and Parisa review the same; Omid found 70 of 100, Parisa has 75 and has not handed in."""
        assign(cast, call, parisa)
        one, two = review_of(report, cast.omid), review_of(report, parisa)
        verify_all(one, but=(HOUSING,))
        verify(one, HOUSING, verified={"numerator": "70", "denominator": "100"}, reason="لغو اسکان")
        verify_all(two, but=(HOUSING,))
        verify(two, HOUSING, verified={"numerator": "75", "denominator": "100"}, reason="شمارش ما")
        hand_in_review(review=one, by=cast.omid)
        return one, two

    def seen(self, person, report):
        indicator = form_of(report.call.form_version).indicator(HOUSING)
        return [review.reviewer for review, _item in visible_items(person, indicator, reviews_of(report))]

    def test_until_each_has_handed_in_everybody_sees_their_own_only(self, cast, report, both, parisa):
        assert self.seen(cast.omid, report) == [cast.omid]
        assert self.seen(parisa, report) == [parisa]
        assert self.seen(cast.laleh, report) == []

    def test_then_all_is_open_and_the_difference_waits_for_a_lead(self, cast, report, both, parisa):
        hand_in_review(review=both[1], by=parisa)
        assert self.seen(cast.laleh, report) == [cast.omid, parisa]
        assert stands(report) == {HOUSING: Stand.DISPUTED, WAITING: Stand.AGREED, EVENTS: Stand.AGREED}

    def test_a_lead_settles_what_differs(self, cast, report, both, parisa):
        hand_in_review(review=both[1], by=parisa)
        lead = take_lead(report=report, by=cast.laleh)
        verify(lead, HOUSING, verified={"numerator": "72", "denominator": "100"}, reason="میانهٔ دو شمارش")
        settle_review(review=lead, by=cast.laleh)
        settled = settle_report(form_of(report.call.form_version), reviews_of(report), revisions_of(report))[HOUSING]
        assert (settled.stand, settled.finding.verified["numerator"]) == (Stand.SETTLED, "72")

    def test_a_lead_who_leaves_a_difference_open_cannot_settle(self, cast, report, both, parisa):
        hand_in_review(review=both[1], by=parisa)
        lead = take_lead(report=report, by=cast.laleh)
        with pytest.raises(Refused) as refusal:
            settle_review(review=lead, by=cast.laleh)
        assert refusal.value.code == "incomplete"
        assert Review.objects.get(pk=lead.pk).state == ReviewState.ASSIGNED

    def test_settling_without_a_silent_reviewer_needs_a_reason(self, cast, report, both):
        lead = take_lead(report=report, by=cast.laleh)
        verify(lead, HOUSING, verified={"numerator": "72", "denominator": "100"}, reason="میانهٔ دو شمارش")
        with pytest.raises(Refused) as refusal:
            settle_review(review=lead, by=cast.laleh)
        assert refusal.value.code == "no-reason"

    def test_with_a_reason_the_silent_ones_work_is_released(self, cast, report, both, parisa):
        lead = take_lead(report=report, by=cast.laleh)
        settle_review(review=lead, by=cast.laleh, reason="ارزیاب دوم در مرخصی است")
        assert review_of(report, parisa).state == ReviewState.RELEASED
        assert stands(report)[HOUSING] == Stand.AGREED  # Omid's finding stands alone

    def test_a_coordinator_with_a_conflict_does_not_lead(self, cast, report):
        make_membership(cast.laleh, cast.a, Role.REPORTER)
        with pytest.raises(Forbidden):
            take_lead(report=report, by=cast.laleh)

    def test_an_assigned_lead_reviewer_settles_too(self, cast, call, report, both, parisa):
        third = second_reviewer(cast, "bahar", "بهار نوری")
        assign(cast, call, third, lead=True)
        hand_in_review(review=both[1], by=parisa)
        lead = review_of(report, third)
        verify(lead, HOUSING, verified={"numerator": "70", "denominator": "100"}, reason="با ارزیاب نخست")
        settle_review(review=lead, by=third)
        assert stands(report)[HOUSING] == Stand.SETTLED
