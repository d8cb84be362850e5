"""A form with sections for some kinds of units, the whole way: asked, missing, submitted, reviewed, scored, announced."""

import pytest

from reports.actions.announcing import announce_results
from reports.actions.drafts import save_section
from reports.actions.results import announce_result
from reports.actions.review import TypedFinding, hand_in_review, save_review_item
from reports.actions.submission import submit_report
from reports.analysis.weighing import totals
from reports.invariants.calls import calls_keep_what_publishing_froze
from reports.invariants.units import reports_keep_what_units_were
from reports.models import Call, Report, ResultFact
from reports.pages.analysis.comparison import comparison_of
from reports.pages.calls.before_publishing import warnings_before_publishing
from reports.queries import reports_at
from reports.queries.analysis import matrix, standings
from reports.queries.draft_progress import progress
from reports.queries.drafts import assess, collect
from reports.queries.facts_cache import facts_of
from reports.queries.findings import irrelevant_indicators
from reports.queries.form_scopes import parts_for_some
from reports.queries.results import announce_filters, ready_rows
from reports.queries.reviewers import overview
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from tests.calls import fill, make_call, published_call, report_of
from tests.factories import make_kind
from tests.kinds_of_units import OF_DORMITORY, OF_SPORTS, call_of_kinds, form_of_kinds
from tests.reviews import assign, review_of, verify, verify_all
from units.actions.kinds import create_attribute


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

        assert [(row.page, row.done, row.total) for row in rows] == [("common", 1, 1), ("games", 0, 1)]

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


class TestPeers:
    def test_a_form_that_asks_kinds_differently_ranks_them_apart(self, cast, call):
        assert call.peers == "unit_kind"

        announced(cast, call)
        found = standings(facts_of(call))

        assert (found.apart, {place.of for place in found.places.values()}) == (True, {1})
        assert set(ResultFact.objects.values_list("unit", "peers")) == {
            (cast.a.pk, "dormitory"), (cast.b.pk, "sports")
        }  # fmt: skip

    def test_a_call_may_rank_all_together(self, cast):
        call = call_of_kinds(cast, peers="all")
        announced(cast, call)
        found = standings(facts_of(call))

        assert (call.peers, found.apart) == ("all", False)
        assert sorted((place.rank, place.of) for place in found.places.values()) == [(1, 2), (2, 2)]

    def test_or_by_an_attribute_as_it_was_when_the_unit_was_asked(self, cast):
        create_attribute(code="size", name="اندازه", type="text", by=None)
        for unit in (cast.a, cast.b):
            unit.attributes = {"size": "بزرگ"}
            unit.save()
        call = call_of_kinds(cast, peers="unit_attribute:size")
        cast.a.attributes = {}
        cast.a.save()
        announced(cast, call)

        assert set(ResultFact.objects.values_list("peers", flat=True)) == {"بزرگ"}
        assert sorted(place.rank for place in standings(facts_of(call)).places.values()) == [1, 2]

    def test_an_attribute_that_the_portal_has_not_is_refused_at_publishing(self, cast):
        with pytest.raises(Refused) as refusal:
            call_of_kinds(cast, peers="unit_attribute:colour")

        assert refusal.value.code == "unknown-attributes"

    def test_a_form_that_asks_all_the_same_ranks_all_together(self, cast):
        assert published_call(cast).peers == "all"

    def test_units_of_different_groups_side_by_side_have_no_place(self, cast, call):
        announced(cast, call)
        chosen = list(ResultFact.objects.select_related("unit", "report").order_by("pk"))

        found = comparison_of(facts_of(call), chosen, "fa")

        assert (found.mixed, [column.place for column in found.columns]) == (True, [None, None])
        cells = {row.code: [cell.state for cell in row.cells] for _label, rows in found.sections for row in rows}
        of = {fact.unit.code: place for place, fact in enumerate(chosen)}
        assert cells["SPT-01"][of["KHB"]] == "not_asked"
        assert cells["SPT-01"][of["TGZ"]] == "scored"
        assert not any(cell.is_best for _label, rows in found.sections for row in rows for cell in row.cells)

    def test_ranks_under_other_weights_leave_out_what_is_not_asked(self, cast, call):
        announced(cast, call)
        field = matrix(facts_of(call))

        found = totals(field.shares, field.applies, field.base, field.sections, asked=field.asked)

        assert sorted(round(total, 2) for total in found.tolist()) == [66.67, 75.0]


class TestWhatHolds:
    def test_nothing_is_broken(self, cast, call):
        announced(cast, call)

        assert list(reports_keep_what_units_were()) == []

    def test_a_kind_that_was_changed_since_is_found(self, cast, call):
        announced(cast, call)
        Report.objects.filter(unit=cast.b).update(unit_kind="dormitory")

        found = list(reports_keep_what_units_were())

        assert [line.split(": ")[1].split(" ")[0:3] for line in found] == [
            ["its", "unit", "was"], ["is", "not", "reviewed"], ["its", "result", "scores"]
        ]  # fmt: skip

    def test_an_attribute_that_was_changed_since_is_found(self, cast, call):
        Report.objects.filter(unit=cast.b).update(unit_attributes={"size": "بزرگ"})

        assert len(list(reports_keep_what_units_were())) == 1

    def test_peers_that_were_changed_since_are_found(self, cast, call):
        Call.objects.update(peers="all")

        assert list(calls_keep_what_publishing_froze()) == [
            f"call {call.pk}: peers is all, it was published with unit_kind"
        ]


class TestPages:
    def test_the_entry_page_shows_what_is_asked(self, cast, call, client_for):
        address = f"/reports/{report_of(call, cast.b).tracking_code}/edit/"
        page = client_for(cast.mina).get(address, follow=True).content.decode()

        assert "بخش games" in page
        assert "بخش beds" not in page

    def test_the_league_is_of_one_group_at_a_time_and_says_by_what(self, cast, call, client_for):
        announced(cast, call)
        client = client_for(cast.laleh)

        rows = {
            group: client.get(f"/analysis/calls/{call.pk}/?group={group}").context["rows"]
            for group in ("dormitory", "sports")
        }  # fmt: skip

        assert {group: [row.fact.unit for row in found] for group, found in rows.items()} == {
            "dormitory": [cast.a], "sports": [cast.b]
        }  # fmt: skip

    def test_the_page_of_the_form_says_who_is_asked_what(self, cast, call):
        found = parts_for_some(call.form_version, "fa")

        assert [(part.label, part.condition, len(part.kinds)) for part in found] == [
            ("بخش beds", "${kind} = 'dormitory'", 1), ("بخش games", "${kind} = 'sports'", 1)
        ]  # fmt: skip

    def test_before_publishing_a_section_that_nobody_is_asked_is_named(self, cast):
        draft = make_call(cast, form=form_of_kinds())

        told = next(words for words in warnings_before_publishing(draft, database_now()) if "بخش" in words)
        assert [name for name in ("common", "beds", "games") if f"بخش {name}" in told] == ["beds", "games"]
