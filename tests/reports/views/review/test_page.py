"""The reviewing queue, the review page, returning and assigning: what each person gets, without a script."""

import pytest
from django.urls import reverse

from reports.actions.review import hand_in_review
from reports.enums import ReviewState
from reports.models import Report, ReturnRound, Review, ReviewAssignment, ReviewItem
from reports.queries.review import FILTERS, in_review, queue_counts, queue_rows, with_rows
from sajad_portal.lib.clock import database_now
from tests.calls import at_closing, published_call, report_of, submitted_report
from tests.factories import make_membership, make_unit
from tests.reports.actions.test_returns import correct, give_back
from tests.reviews import assign, review_of, reviewed_report, second_reviewer, verify, verify_all
from units.enums import Role

HOUSING, WAITING, EVENTS = "HSG-01", "HSG-02", "WLF-01"


@pytest.fixture
def call(cast):
    return published_call(cast)


@pytest.fixture
def report(cast, call):
    assign(cast, call)
    return submitted_report(cast, call)[0]


def url(name: str, report: Report) -> str:
    return reverse(f"reports:{name}", args=[report.tracking_code])


def finding(review: Review, code: str = HOUSING, **given) -> dict:
    values = {"v-numerator": "80", "v-denominator": "100", "v-value": ""}
    return {"review": review.pk, "indicator": code, **values, **given}


class TestQueue:
    def test_a_reviewer_sees_what_was_submitted_to_them(self, cast, report, client_for):
        page = client_for(cast.omid).get(reverse("reports:review_queue"))
        assert [row.report.pk for row in page.context["rows"]] == [report.pk]

    def test_a_coordinator_oversees_all_and_may_ask_for_their_own(self, cast, report, client_for):
        client = client_for(cast.laleh)
        assert len(client.get(reverse("reports:review_queue")).context["rows"]) == 1
        assert client.get(reverse("reports:review_queue") + "?who=me").context["rows"] == []

    @pytest.mark.parametrize("who", ["sara", "reza", "mina", "nader", "stranger"])
    def test_it_is_for_reviewers_and_coordinators(self, cast, report, client_for, who):
        assert client_for(getattr(cast, who)).get(reverse("reports:review_queue")).status_code == 403

    def test_the_one_whose_target_runs_out_first_stands_first(self, cast, call, clock, client_for):
        assign(cast, call)
        sooner = submitted_report(cast, call, cast.b)[0]
        clock.move(hours=1)
        later = submitted_report(cast, call)[0]
        page = client_for(cast.omid).get(reverse("reports:review_queue"))
        assert [row.report.pk for row in page.context["rows"]] == [sooner.pk, later.pk]

    def test_the_time_with_the_unit_moves_the_target_back(self, cast, call, clock, client_for):
        from reports.actions.drafts import save_section
        from reports.actions.returns import return_for_correction
        from reports.actions.submission import submit_report
        from reports.models import DraftSection

        assign(cast, call)
        first = submitted_report(cast, call)[0]
        clock.move(hours=1)
        second = submitted_report(cast, call, cast.b)[0]
        return_for_correction(report=first, remarks={HOUSING: "لغو اسکان‌ها"}, by=cast.omid)
        clock.move(hours=20)
        version = DraftSection.objects.get(report=first, section="housing").version
        save_section(report=first, section="housing", base_version=version, changes={"housed": "79"}, by=cast.sara)
        submit_report(report=first, by=cast.reza)
        page = client_for(cast.omid).get(reverse("reports:review_queue"))
        assert [row.report.pk for row in page.context["rows"]] == [second.pk, first.pk]
        answered = client_for(cast.omid).get(reverse("reports:review_queue") + "?show=answered")
        assert [row.report.pk for row in answered.context["rows"]] == [first.pk]

    def test_search_finds_by_unit_whatever_the_spelling(self, cast, report, client_for):
        found = client_for(cast.omid).get(reverse("reports:review_queue"), {"q": "خوابگاه ها"})
        assert len(found.context["rows"]) == 1
        nothing = client_for(cast.omid).get(reverse("reports:review_queue"), {"q": "تربیت بدنی"})
        assert nothing.context["rows"] == []

    def test_one_row_and_three_rows_ask_the_same_number_of_questions(
        self, cast, call, client_for, django_assert_num_queries
    ):
        assign(cast, call)
        client, address = client_for(cast.omid), reverse("reports:review_queue")
        submitted_report(cast, call)
        client.get(address)
        with django_assert_num_queries(12):
            client.get(address)
        submitted_report(cast, call, cast.b)
        _third(cast, call)
        with django_assert_num_queries(12):
            assert len(client.get(address).context["rows"]) == 3

    @pytest.mark.parametrize("mine", [True, False])
    def test_each_part_of_the_queue_counts_what_it_lists(self, cast, call, clock, mine):
        """Every kind of report that reviewing knows: begun, corrected, returned, handed in, to settle, taken back."""
        assign(cast, call)
        parisa = second_reviewer(cast)
        verify(review_of(submitted_report(cast, call)[0], cast.omid), HOUSING)
        second = submitted_report(cast, call, cast.b)[0]
        assign(cast, call, parisa, unit=cast.b, lead=True)
        verify_all(review_of(second, cast.omid))
        hand_in_review(review=review_of(second, cast.omid), by=cast.omid)
        person, at = cast.omid if mine else cast.laleh, database_now()
        counts = {"todo": 1, "started": 1, "answered": 0, "settle": 0, "unit": 0, "done": 1} | (
            {} if mine else {"todo": 2, "settle": 1, "done": 0}
        )
        settling = {"todo": 1, "started": 0, "answered": 0, "settle": 1, "unit": 0, "done": 0}
        for who, own, expected in (
            (person, mine, counts),
            (parisa, True, settling),
            (cast.mina, True, dict.fromkeys(counts, 0)),
        ):
            assert queue_counts(who, at, mine=own) == expected
            assert {name: in_review(who, at, name, mine=own).count() for name in FILTERS} == expected

    def test_a_report_taken_back_is_reviewed_once_its_last_moment_has_passed(self, cast, call, clock, client_for):
        from reports.actions.submission import recall_submission

        assign(cast, call)
        report = submitted_report(cast, call)[0]
        recall_submission(report=report, by=cast.reza)
        page = client_for(cast.omid).get(reverse("reports:review_queue"))
        assert (page.context["rows"], page.context["counts"]["todo"]) == ([], 0)
        clock.move_to(at_closing(call, hours=100))
        page = client_for(cast.omid).get(reverse("reports:review_queue"))
        assert ([row.report.pk for row in page.context["rows"]], page.context["counts"]["todo"]) == ([report.pk], 1)

    def test_the_target_is_told_in_working_days(self, cast, report):
        reports = list(with_rows(in_review(cast.omid, database_now(), "todo", mine=True)))
        row = queue_rows(reports, cast.omid, True, database_now())[0]
        assert 0 < row.target.days_left <= reports[0].request.request_type.target_working_days
        assert row.target.runs_out > database_now()


def _third(cast, call):
    from reports.actions.calls import ask_unit
    from tests.calls import accept, fill
    from tests.factories import make_person

    unit = make_unit("THIRD", parent=cast.provider)
    expert, head = make_person("expert3"), make_person("head3")
    make_membership(expert, unit, Role.REPORTER)
    make_membership(head, unit, Role.HEAD)
    ask_unit(call=call, unit=unit, by=cast.laleh, reason="از قلم افتاده بود")
    accept(call, unit, head)
    from reports.actions.submission import submit_report

    submit_report(report=fill(report_of(call, unit), expert), by=head)


class TestReviewPage:
    def test_after_a_correction_it_shows_what_changed_since_the_submission_before(self, cast, report, client_for):
        give_back(report, cast.omid)
        correct(cast, report, housed="70", eligible="90")
        page = client_for(cast.omid).get(url("report_review", report) + f"?i={HOUSING}")
        changed = [(change.old, change.new) for change in page.context["sheet"].changed_here]
        assert changed == [("۸۰", "۷۰"), ("۱۰۰", "۹۰")]
        assert page.context["sheet"].changed_elsewhere == []
        other = client_for(cast.omid).get(url("report_review", report) + "?i=HSG-02")
        assert other.context["sheet"].changed_here == []
        assert [code for code, _label in other.context["sheet"].changed_elsewhere] == [HOUSING]

    def test_a_first_submission_changed_nothing(self, cast, report, client_for):
        page = client_for(cast.omid).get(url("report_review", report))
        assert (page.context["sheet"].before.changed, page.context["sheet"].claimed.score.total) == ({}, "96")

    def test_it_shows_the_claim_the_score_and_the_evidence(self, cast, report, client_for):
        page = client_for(cast.omid).get(url("report_review", report))
        card = page.context["card"]
        assert (card.indicator.code, card.claimed.number, card.points_now) == (HOUSING, 80, 50)
        assert [e.name for e in card.evidence] == ["sanad.pdf"]
        assert "inline=1" in page.content.decode()

    def test_the_page_asks_the_same_number_of_questions_for_one_finding_and_for_all(
        self, cast, report, client_for, django_assert_num_queries
    ):
        client, address = client_for(cast.omid), url("report_review", report) + f"?i={HOUSING}"
        verify(review_of(report, cast.omid), HOUSING)
        client.get(address)
        with django_assert_num_queries(15):
            client.get(address)
        verify_all(review_of(report, cast.omid))
        with django_assert_num_queries(15):
            client.get(address)

    @pytest.mark.parametrize(("who", "status"), [("mina", 404), ("stranger", 404), ("sara", 403), ("reza", 403)])
    def test_another_unit_finds_nothing_and_its_own_unit_is_refused(self, cast, report, client_for, who, status):
        assert client_for(getattr(cast, who)).get(url("report_review", report)).status_code == status

    def test_a_reviewer_who_reports_in_the_units_line_is_refused(self, cast, report, client_for):
        make_membership(cast.omid, cast.a, Role.REPORTER)
        assert client_for(cast.omid).get(url("report_review", report)).status_code == 403

    def test_an_auditor_reads_and_writes_nothing(self, cast, report, client_for):
        client = client_for(cast.nader)
        page = client.get(url("report_review", report))
        assert (page.status_code, page.context["card"].editable, page.context["may_lead"]) == (200, False, False)
        assert client.post(url("review_start", report)).status_code == 403
        assert client.post(url("report_return", report), {f"remark-{HOUSING}": "xxx"}).status_code == 403
        assert client.post(url("review_lead", report)).status_code == 403
        assert client.post(url("review_item", report), finding(review_of(report, cast.omid))).status_code == 404
        assert not ReviewItem.objects.exists()

    def test_saving_goes_on_to_the_next_indicator_without_a_finding(self, cast, report, client_for):
        answer = client_for(cast.omid).post(url("review_item", report), finding(review_of(report, cast.omid)))
        assert (answer.status_code, answer["Location"].endswith(f"?i={WAITING}")) == (302, True)
        assert ReviewItem.objects.get().verified == {"numerator": "80", "denominator": "100"}

    def test_accepting_the_claim_needs_no_typing(self, cast, report, client_for):
        typed = finding(review_of(report, cast.omid), **{"v-numerator": "", "v-denominator": "", "accept": "1"})
        assert client_for(cast.omid).post(url("review_item", report), typed).status_code == 302
        assert ReviewItem.objects.get().verified == {"numerator": "80", "denominator": "100"}

    def test_what_cannot_be_stored_comes_back_as_typed(self, cast, report, client_for):
        typed = finding(review_of(report, cast.omid), **{"v-numerator": "هفتاد", "reason": "شمارش ما"})
        answer = client_for(cast.omid).post(url("review_item", report), typed)
        text = answer.content.decode()
        assert (answer.status_code, "هفتاد" in text, "شمارش ما" in text) == (422, True, True)
        assert not ReviewItem.objects.exists()

    def test_a_posted_score_or_state_changes_nothing(self, cast, call, report, client_for):
        typed = finding(review_of(report, cast.omid), points="50", score="100", state="final")
        client_for(cast.omid).post(url("review_item", report), typed)
        assert ReviewItem.objects.get().points is None
        assert report_of(call, cast.a).state == "under_review"

    def test_the_score_while_typing_stores_nothing(self, cast, report, client_for):
        typed = finding(review_of(report, cast.omid), **{"v-numerator": "۴۰"})
        answer = client_for(cast.omid).post(url("review_score", report), typed)
        assert answer.context["card"].points_now == 25
        assert not ReviewItem.objects.exists()

    def test_a_zero_denominator_asks_while_typing_whether_it_applies(self, cast, report, client_for):
        typed = finding(review_of(report, cast.omid), **{"v-numerator": "0", "v-denominator": "0"})
        answer = client_for(cast.omid).post(url("review_score", report), typed)
        assert 'name="not_applicable"' in answer.content.decode()

    def test_others_findings_appear_only_when_all_have_handed_in(self, cast, call, report, client_for):
        parisa = second_reviewer(cast)
        assign(cast, call, parisa)
        verify_all(review_of(report, cast.omid))
        client_for(cast.omid).post(url("review_hand_in", report), {"review": review_of(report, cast.omid).pk})
        client = client_for(parisa)
        assert client.get(url("report_review", report)).context["card"].others == []
        verify_all(review_of(report, parisa))
        client.post(url("review_hand_in", report), {"review": review_of(report, parisa).pk})
        shown = client.get(url("report_review", report) + f"?i={HOUSING}").context["card"].others
        assert [other.review.reviewer for other in shown] == [cast.omid]

    def test_handing_in_somebody_elses_review_finds_nothing(self, cast, report, client_for):
        parisa = second_reviewer(cast)
        answer = client_for(parisa).post(url("review_hand_in", report), {"review": review_of(report, cast.omid).pk})
        assert answer.status_code == 404

    def test_a_coordinator_takes_the_lead_and_settles_without_a_silent_reviewer(self, cast, report, client_for):
        client = client_for(cast.laleh)
        client.post(url("review_lead", report))
        lead = review_of(report, cast.laleh)
        for code in (HOUSING, WAITING, EVENTS):
            verify(lead, code)
        refused = client.post(url("review_settle", report), {"review": lead.pk, "settle_reason": ""}, follow=True)
        assert Review.objects.get(pk=lead.pk).state == ReviewState.ASSIGNED
        assert "دلیل" in refused.content.decode()
        client.post(url("review_settle", report), {"review": lead.pk, "settle_reason": "ارزیاب پاسخ نمی‌دهد"})
        assert Review.objects.get(pk=lead.pk).state == ReviewState.HANDED_IN
        assert review_of_state(report, cast.omid) == ReviewState.RELEASED

    def test_a_report_that_never_came_has_nothing_to_review(self, cast, call, client_for):
        assign(cast, call)
        page = client_for(cast.omid).get(url("report_review", report_of(call, cast.b)))
        assert page.templates[0].name == "reports/review/nothing.html"


def review_of_state(report: Report, person) -> str:
    return Review.objects.get(report=report, reviewer=person).state


class TestReturnPage:
    def test_it_says_until_when_and_returns_what_was_written(self, cast, report, client_for):
        client = client_for(cast.omid)
        page = client.get(url("report_return", report) + f"?i={HOUSING}")
        assert (page.status_code, page.context["round"]) == (200, 1)
        typed = {f"remark-{HOUSING}": "لغو اسکان‌ها را کم کنید.", f"remark-{EVENTS}": " "}
        assert client.post(url("report_return", report), typed).status_code == 302
        assert ReturnRound.objects.get().remarks == {HOUSING: "لغو اسکان‌ها را کم کنید."}

    def test_without_a_remark_the_page_comes_back(self, cast, report, client_for):
        answer = client_for(cast.omid).post(url("report_return", report), {"note": "همه را ببینید"})
        assert (answer.status_code, "همه را ببینید" in answer.content.decode()) == (422, True)
        assert not ReturnRound.objects.exists()

    def test_with_no_round_left_it_says_so(self, cast, client_for):
        call = published_call(cast, correction_rounds=0)
        assign(cast, call)
        report = submitted_report(cast, call)[0]
        assert client_for(cast.omid).get(url("report_return", report)).status_code == 409


class TestReviewersPage:
    def test_a_coordinator_assigns_and_the_coverage_follows(self, cast, call, client_for):
        client, address = client_for(cast.laleh), reverse("reports:call_reviewers", args=[call.pk])
        assert {c.short for c in client.get(address).context["overview"].coverage} == {2}
        answer = client.post(address, {"reviewer": cast.omid.pk, "section": "", "unit": cast.provider.code})
        assert answer.status_code == 302
        page = client.get(address)
        assert {c.short for c in page.context["overview"].coverage} == {0}
        assert [row.load.total for row in page.context["overview"].assignments] == [2]

    def test_conflicts_are_named(self, cast, call, client_for):
        make_membership(cast.omid, cast.a, Role.REPORTER)
        client, address = client_for(cast.laleh), reverse("reports:call_reviewers", args=[call.pk])
        typed = {"reviewer": cast.omid.pk, "section": "", "unit": cast.provider.code}
        assert cast.a.name in client.post(address, typed, follow=True).content.decode()

    def test_an_auditor_reads_it_and_assigns_nobody(self, cast, call, client_for):
        client, address = client_for(cast.nader), reverse("reports:call_reviewers", args=[call.pk])
        assert client.get(address).status_code == 200
        assert client.post(address, {"reviewer": cast.omid.pk, "unit": cast.provider.code}).status_code == 403
        assert not ReviewAssignment.objects.exists()

    @pytest.mark.parametrize("who", ["sara", "reza"])
    def test_a_unit_does_not_see_who_reviews(self, cast, call, client_for, who):
        address = reverse("reports:call_reviewers", args=[call.pk])
        assert client_for(getattr(cast, who)).get(address).status_code == 403

    def test_work_is_handed_over_with_a_reason(self, cast, call, report, client_for):
        parisa = second_reviewer(cast)
        client = client_for(cast.laleh)
        address = reverse("reports:reviewer_end", args=[call.pk, call.assignments.get().pk])
        assert client.post(address, {"to": parisa.pk, "reason": ""}).status_code == 422
        assert client.post(address, {"to": parisa.pk, "reason": "مأموریت"}).status_code == 302
        assert Review.objects.get(report=report, reviewer=parisa).state == ReviewState.ASSIGNED

    def test_a_reviewed_report_appears_among_the_ready_ones(self, cast, call, client_for):
        report = reviewed_report(cast, call)
        page = client_for(cast.laleh).get(reverse("reports:announce", args=[call.pk]))
        assert [(row.report.pk, row.is_ready) for row in page.context["rows"]] == [(report.pk, True)]
