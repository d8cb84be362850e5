"""Announcing: who, when, what is scored, and how versions follow one another."""

from datetime import timedelta
from decimal import Decimal

import pytest

from reports.actions.announcing import announce_results
from reports.actions.calls import cancel_call, extend_unit
from reports.actions.results import announce_result, last_announced, prepare_result
from reports.actions.review import hand_in_review
from reports.enums import ReportStatus, ResultKind
from reports.models import Call, ResultVersion
from reports.queries import reports_at
from reports.queries.result_findings import ChangedFinding
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.queries import days_deadline
from tests.calls import ANSWERS, fill, published_call, report_of, submitted_report
from tests.reviews import announced_report, assign, review_of, reviewed_report, verify, verify_all
from units.models import Event, Notice

HOUSING, WAITING, EVENTS, TIMELY = "HSG-01", "HSG-02", "WLF-01", "MGT-01"
FEWER = {HOUSING: ChangedFinding(verified={"numerator": "40", "denominator": "100"}, reason="شمارش دوباره")}


@pytest.fixture
def call(cast):
    return published_call(cast)


def at_now(report):
    return reports_at(database_now()).get(pk=report.pk)


class TestScoring:
    def test_the_score_is_made_of_what_was_verified(self, cast, call):
        """80 of 100 against 80: 50; 8 days against 10: 20; 4 events against 5: 16; on time: 10."""
        _report, version = announced_report(cast, call)
        assert version.total == Decimal(96)

    def test_a_verified_figure_changes_the_ratio_and_its_points(self, cast, call):
        assign(cast, call)
        report = submitted_report(cast, call)[0]
        review = review_of(report, cast.omid)
        verify_all(review, but=(HOUSING,))
        verify(review, HOUSING, verified={"numerator": "40", "denominator": "100"}, reason="لغو اسکان")
        hand_in_review(review=review, by=cast.omid)
        version = announce_result(report=report, by=cast.laleh)
        assert version.total == Decimal(71)
        finding = version.score["findings"][HOUSING]
        assert (finding["claimed"]["numerator"], finding["verified"]["numerator"]) == ("80", "40")
        assert (finding["reason"], finding["by"]) == ("لغو اسکان", [cast.omid.get_full_name()])

    def test_a_submission_in_grace_loses_the_points_for_timeliness(self, cast, call, clock):
        fill(report_of(call, cast.a), cast.sara)
        clock.move_to(call.closes_at + timedelta(minutes=10))
        from reports.actions.submission import submit_report

        submit_report(report=report_of(call, cast.a), by=cast.reza)
        assign(cast, call)
        report = report_of(call, cast.a)
        review = review_of(report, cast.omid)
        verify_all(review)
        hand_in_review(review=review, by=cast.omid)
        assert announce_result(report=report, by=cast.laleh).total == Decimal(86)

    def test_accepted_not_applicable_gives_its_weight_to_its_area(self, cast, call):
        answers = {**ANSWERS, "housing": {**ANSWERS["housing"], "housed": "0", "eligible": "0"}}
        fill(report_of(call, cast.a), cast.sara, answers)
        assign(cast, call)
        from reports.actions.submission import submit_report

        submit_report(report=report_of(call, cast.a), by=cast.reza)
        review = review_of(report_of(call, cast.a), cast.omid)
        verify_all(review, but=(HOUSING,))
        verify(review, HOUSING, not_applicable=True)
        hand_in_review(review=review, by=cast.omid)
        version = announce_result(report=report_of(call, cast.a), by=cast.laleh)
        weights = {i["code"]: i["effective_weight"] for i in version.score["indicators"]}
        assert (weights[HOUSING], weights[WAITING], version.total) == ("0", "70", Decimal(96))

    def test_a_missed_report_gets_a_version_of_zero(self, cast, call, clock):
        clock.move(days=4)
        report = report_of(call, cast.b)
        version = announce_result(report=report, by=cast.laleh)
        assert (version.total, version.missed, version.revision) == (Decimal(0), True, None)
        assert at_now(report).status == ReportStatus.ANNOUNCED

    def test_preparing_stores_nothing(self, cast, call):
        report = reviewed_report(cast, call)
        prepare_result(at_now(report), database_now())
        assert not ResultVersion.objects.exists()


class TestWhoAndWhen:
    @pytest.mark.parametrize("who", ["sara", "reza", "mina", "omid", "nader", "stranger", "admin"])
    def test_only_a_coordinator_of_the_provider_announces(self, cast, call, who):
        report = reviewed_report(cast, call)
        with pytest.raises(Forbidden):
            announce_result(report=report, by=getattr(cast, who))

    def test_a_review_that_is_not_handed_in_stands_in_the_way(self, cast, call):
        assign(cast, call)
        report = submitted_report(cast, call)[0]
        verify_all(review_of(report, cast.omid))
        with pytest.raises(Refused) as refusal:
            announce_result(report=report, by=cast.laleh)
        assert refusal.value.code == "not-settled"

    def test_a_report_that_nobody_reviews_is_not_announced(self, cast, call):
        report = submitted_report(cast, call)[0]
        with pytest.raises(Refused) as refusal:
            announce_result(report=report, by=cast.laleh)
        assert refusal.value.code == "not-settled"

    def test_a_report_that_may_still_be_written_is_not_announced_as_missed(self, cast, call):
        with pytest.raises(Refused) as refusal:
            announce_result(report=report_of(call, cast.b), by=cast.laleh)
        assert refusal.value.code == "wrong-state"

    def test_it_stops_the_clock_opens_the_window_and_tells_the_unit(self, cast, call):
        report, version = announced_report(cast, call)
        assert report.objection_until == days_deadline(version.announced_at, call.objection_days)
        assert report.request.stopped_at is not None
        assert {n.person for n in Notice.objects.filter(event__verb="announce")} == {cast.sara, cast.reza}

    def test_afterwards_the_call_cannot_be_cancelled_nor_the_unit_extended(self, cast, call):
        report, _version = announced_report(cast, call)
        with pytest.raises(Refused):
            cancel_call(call=call, by=cast.laleh, reason="تصمیم تازه")
        with pytest.raises(Refused):
            extend_unit(report=report, until=call.closes_at + timedelta(days=3), by=cast.laleh, reason="درخواست واحد")


class TestMany:
    def test_each_report_stands_for_itself(self, cast, call):
        ready, unready = reviewed_report(cast, call), submitted_report(cast, call, cast.b)[0]
        done = announce_results(reports=[ready, unready], by=cast.laleh)
        assert [(bool(a.version), bool(a.refusal)) for a in done] == [(True, False), (False, True)]

    def test_the_call_keeps_the_instant_of_its_first_announcement(self, cast, call, clock):
        _report, version = announced_report(cast, call)
        clock.move(hours=2)
        announced_report(cast, call, cast.b)
        assert Call.objects.get(pk=call.pk).first_announced_at == version.announced_at


class TestVersions:
    def test_announcing_again_without_changes_gives_the_same_version(self, cast, call):
        report, version = announced_report(cast, call)
        assert announce_result(report=report, by=cast.laleh) == version
        assert Event.objects.filter(verb="announce").count() == 1

    def test_a_changed_version_needs_a_reason(self, cast, call):
        report, _version = announced_report(cast, call)
        with pytest.raises(Refused) as refusal:
            announce_result(report=report, by=cast.laleh, changes=FEWER)
        assert refusal.value.code == "no-reason"

    def test_within_an_unused_window_it_restarts_the_window(self, cast, call, clock):
        report, first = announced_report(cast, call)
        clock.move(days=2)
        second = announce_result(report=report, by=cast.laleh, changes=FEWER, reason="خطای شمارش")
        fresh = at_now(report)
        assert (second.number, second.kind, second.total) == (2, ResultKind.REVISED, Decimal(71))
        assert fresh.objection_until == days_deadline(second.announced_at, call.objection_days)
        assert fresh.announced_at == second.announced_at
        assert ResultVersion.objects.get(pk=first.pk).total == Decimal(96)

    def test_after_the_window_the_result_is_final_and_no_version_follows(self, cast, call, clock):
        report, _version = announced_report(cast, call)
        clock.move_to(report.objection_until)
        with pytest.raises(Refused) as refusal:
            announce_result(report=report, by=cast.laleh, changes=FEWER, reason="خطای شمارش")
        assert refusal.value.code == "final"

    def test_one_microsecond_before_the_windows_end_it_is_still_announced(self, cast, call):
        report, _version = announced_report(cast, call)
        before = reports_at(report.objection_until - timedelta(microseconds=1)).get(pk=report.pk)
        assert before.status == ReportStatus.ANNOUNCED
        assert reports_at(report.objection_until).get(pk=report.pk).status == ReportStatus.FINAL

    def test_an_announced_version_cannot_be_changed_in_the_database(self, cast, call):
        _report, version = announced_report(cast, call)
        from django.db import DatabaseError, transaction

        with pytest.raises(DatabaseError), transaction.atomic():
            ResultVersion.objects.filter(pk=version.pk).update(total=1)

    def test_a_missed_report_can_be_scored_by_a_later_version(self, cast, call, clock):
        clock.move(days=4)
        report = report_of(call, cast.b)
        announce_result(report=report, by=cast.laleh)
        second = announce_result(report=report, by=cast.laleh, changes=FEWER, reason="سامانه در دسترس نبود")
        assert (second.missed, second.total) == (False, Decimal(25))
        assert last_announced(report) == second
