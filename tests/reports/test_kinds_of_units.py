"""A form with sections for some kinds of units, the whole way: asked, missing, submitted, reviewed, scored, announced."""

import pytest

from reports.actions.announcing import announce_results
from reports.actions.drafts import save_section
from reports.actions.results import announce_result
from reports.actions.review import TypedFinding, hand_in_review, save_review_item
from reports.actions.submission import submit_report
from reports.models import Report, ResultFact
from reports.queries import reports_at
from reports.queries.drafts import assess, collect, progress
from reports.queries.findings import irrelevant_indicators
from reports.queries.results import announce_filters, ready_rows
from reports.queries.reviewers import overview
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from tests.calls import fill, report_of
from tests.factories import make_kind
from tests.kinds_of_units import OF_DORMITORY, OF_SPORTS, call_of_kinds
from tests.reviews import assign, review_of, verify, verify_all


@pytest.fixture
def call(cast):
    return call_of_kinds(cast)


def submitted(cast, call):
    """Both units' reports, whole."""
    done = []
    for unit, expert, head, answers in (
        (cast.a, cast.sara, cast.reza, OF_DORMITORY), (cast.b, cast.mina, cast.kamran, OF_SPORTS)
    ):  # fmt: skip
        report = fill(report_of(call, unit), expert, answers)
        submit_report(report=report, by=head)
        done.append(report_of(call, unit))
    return done


def missing(report: Report) -> list[str]:
    return [problem.question for problem in assess(report, collect(report), database_now()).problems]


class TestTheDraft:
    def test_only_what_is_asked_of_the_unit_is_missing(self, cast, call):
        assert missing(report_of(call, cast.a)) == ["staff", "rooms", "has_repairs"]
        assert missing(report_of(call, cast.b)) == ["staff", "matches"]

    def test_progress_counts_what_is_asked(self, cast, call):
        report = fill(report_of(call, cast.b), cast.mina, {"common": {"staff": "5"}})
        rows = progress(assess(report, collect(report), database_now()))

        assert [(row.section, row.done, row.total) for row in rows] == [("common", 1, 1), ("games", 0, 1)]

    def test_what_is_posted_for_another_kind_is_not_stored(self, cast, call):
        report = report_of(call, cast.b)
        outcome = save_section(report=report, section="beds", base_version=0, changes={"rooms": "9"}, by=cast.mina)

        assert (outcome.saved, outcome.errors) == ({}, {})
        assert collect(report).answers == {}

    def test_nobody_writes_the_kind(self, cast, call):
        report = report_of(call, cast.b)
        save_section(report=report, section="", base_version=0, changes={"kind": "dormitory"}, by=cast.mina)

        assert collect(report).answers == {}

    def test_another_kind_since_changes_nothing_of_this_call(self, cast, call):
        cast.a.kind = make_kind("sports")
        cast.a.save()

        assert missing(report_of(call, cast.a)) == ["staff", "rooms", "has_repairs"]


class TestTheReview:
    def test_a_section_is_reviewed_where_it_is_asked(self, cast, call):
        assert [r.report.unit for r in assign(cast, call, section="beds").reviews] == [cast.a]
        assert [r.report.unit for r in assign(cast, call, section="games").reviews] == [cast.b]

    def test_a_section_has_reviewers_enough_when_those_who_are_asked_it_have(self, cast, call):
        assign(cast, call, section="beds")
        found = overview(call, "fa", database_now(), cast.laleh)

        assert [(row.short, row.reports) for row in found.coverage] == [(2, 2), (0, 1), (1, 1)]

    def test_every_section_handed_in_is_every_one_that_is_asked(self, cast, call):
        [_dormitory, sports] = submitted(cast, call)
        for section in ("common", "games"):
            assign(cast, call, section=section)
        for section in ("common", "games"):
            review = review_of(sports, cast.omid, section)
            verify_all(review)
            hand_in_review(review=review, by=cast.omid)

        ready = reports_at(database_now()).filter(announce_filters(call)["ready"], call=call)

        assert [report.pk for report in ready] == [sports.pk]
        assert [row.is_ready for row in ready_rows(list(reports_at(database_now()).filter(pk=sports.pk)))] == [True]

    def test_what_is_not_asked_needs_no_verdict_and_takes_none(self, cast, call):
        [_dormitory, sports] = submitted(cast, call)
        assign(cast, call)
        review = review_of(sports, cast.omid)

        with pytest.raises(Refused) as refusal:
            save_review_item(review=review, indicator="DRM-01", typed=TypedFinding({"value": "3"}), by=cast.omid)
        assert refusal.value.code == "no-such-indicator"
        assert irrelevant_indicators(sports, sports.revisions.get()) == set()

    def test_what_an_answer_hides_needs_one(self, cast, call):
        answers = {"common": {"staff": "10"}, "beds": {"rooms": "5", "has_repairs": "no"}}
        report = fill(report_of(call, cast.a), cast.sara, answers)
        submit_report(report=report, by=cast.reza)

        assert irrelevant_indicators(report, report.revisions.get()) == {"DRM-02"}


def announced(cast, call):
    reports = submitted(cast, call)
    assign(cast, call)
    for report in reports:
        review = review_of(report, cast.omid)
        verify_all(review)
        hand_in_review(review=review, by=cast.omid)
    return [announce_result(report=report, by=cast.laleh) for report in reports]


class TestTheResult:
    def test_the_total_is_of_what_applies(self, cast, call):
        [dormitory, sports] = announced(cast, call)

        # 40 of 40, 25 of 50, 10 of 10; and 20 of 40, 20 of 20.
        assert (dormitory.score["points"], dormitory.score["weight"], dormitory.score["total"]) == ("75", "100", "75")
        assert (sports.score["points"], sports.score["weight"], sports.score["total"]) == ("40", "60", "66.67")

    def test_weights_are_the_forms_own(self, cast, call):
        [_dormitory, sports] = announced(cast, call)

        assert [(row["code"], row["weight"], row["effective_weight"]) for row in sports.score["indicators"]] == [
            ("GEN-01", "40", "40"), ("SPT-01", "20", "20")
        ]  # fmt: skip
        assert [area["section"] for area in sports.score["areas"]] == ["common", "games"]
        assert sorted(sports.score["findings"]) == ["GEN-01", "SPT-01"]

    def test_what_does_not_apply_by_claim_is_shared_within_what_is_asked(self, cast, call):
        answers = {"common": {"staff": "5"}, "games": {"na:SPT-01": "زمین نداریم", "matches": "0"}}
        report = fill(report_of(call, cast.b), cast.mina, answers)
        submit_report(report=report, by=cast.kamran)
        assign(cast, call)
        review = review_of(report, cast.omid)
        verify(review, "GEN-01")
        verify(review, "SPT-01", not_applicable=True)
        hand_in_review(review=review, by=cast.omid)

        score = announce_result(report=report, by=cast.laleh).score

        assert [row["effective_weight"] for row in score["indicators"]] == ["60", "0"]
        assert (score["weight"], score["total"]) == ("60", "50")

    def test_many_at_once_are_scored_the_same(self, cast, call):
        reports = submitted(cast, call)
        assign(cast, call)
        for report in reports:
            review = review_of(report, cast.omid)
            verify_all(review)
            hand_in_review(review=review, by=cast.omid)

        done = announce_results(reports=list(reports_at(database_now()).order_by("pk")), by=cast.laleh)

        assert {each.report.unit: each.version.score["total"] for each in done} == {cast.a: "75", cast.b: "66.67"}

    def test_the_claim_beside_the_receipt_is_of_what_is_asked(self, cast, call):
        [_dormitory, sports] = submitted(cast, call)

        claim = sports.revisions.get().claimed_score

        assert (claim["total"][:5], sorted(claim["indicators"])) == ("66.66", ["GEN-01", "SPT-01"])

    def test_facts_are_of_what_is_asked(self, cast, call):
        announced(cast, call)

        facts = ResultFact.objects.get(unit=cast.b).indicators.order_by("indicator")
        assert [fact.indicator for fact in facts] == ["GEN-01", "SPT-01"]

    def test_a_missed_report_lost_what_was_asked_of_it(self, cast, call, clock):
        clock.move_to(call.closes_at + call.grace)
        version = announce_result(report=report_of(call, cast.b), by=cast.laleh)

        assert (version.score["weight"], version.score["total"]) == ("60", "0")
