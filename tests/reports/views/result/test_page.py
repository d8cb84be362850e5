"""The announcing page, the result and its versions: what each person gets."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from reports.actions.objections import contest_result
from reports.actions.results import announce_result
from reports.models import Report, ResultVersion
from reports.queries.result_findings import ChangedFinding
from reports.queries.results import peers_of
from sajad_portal.templatetags import drawings
from sla.models import Position
from tests.calls import accept, fill, published_call, report_of, submitted_report
from tests.factories import make_membership, make_person, make_unit
from tests.reviews import announced_report, assign, reviewed_report
from units.enums import Role

HOUSING = "HSG-01"
FEWER = {HOUSING: ChangedFinding(verified={"numerator": "40", "denominator": "100"}, reason="شمارش دوباره")}


@pytest.fixture
def call(cast):
    return published_call(cast)


def url(name: str, report: Report, **query) -> str:
    return reverse(f"reports:{name}", args=[report.tracking_code])


def announce_url(call) -> str:
    return reverse("reports:announce", args=[call.pk])


class TestAnnouncing:
    def test_choosing_asks_first_and_announces_nothing(self, cast, call, client_for):
        report = reviewed_report(cast, call)
        page = client_for(cast.laleh).post(announce_url(call), {"report": report.tracking_code})
        assert ([row.report.pk for row in page.context["rows"]], page.context["first"]) == ([report.pk], True)
        assert not ResultVersion.objects.exists()

    def test_confirmed_each_ready_one_is_announced_and_the_rest_left_out(self, cast, call, client_for):
        ready, unready = reviewed_report(cast, call), submitted_report(cast, call, cast.b)[0]
        codes = [ready.tracking_code, unready.tracking_code]
        client = client_for(cast.laleh)
        page = client.post(announce_url(call), {"report": codes})
        assert [row.report.pk for row in page.context["left_out"]] == [unready.pk]
        client.post(announce_url(call), {"report": codes, "step": "confirmed"})
        assert list(ResultVersion.objects.values_list("report", flat=True)) == [ready.pk]

    def test_all_missed_ones_at_once(self, cast, call, client_for, clock):
        clock.move(days=4)
        client = client_for(cast.laleh)
        page = client.post(announce_url(call), {"everything": "missed"})
        assert page.context["missed"] == 2
        codes = [row.report.tracking_code for row in page.context["rows"]]
        client.post(announce_url(call), {"report": codes, "step": "confirmed"})
        assert list(ResultVersion.objects.values_list("total", flat=True)) == [Decimal(0)] * 2

    def test_the_result_in_the_making_is_shown_before(self, cast, call, client_for):
        reviewed_report(cast, call)
        rows = client_for(cast.laleh).get(announce_url(call)).context["rows"]
        assert [row.total for row in rows] == [Decimal(96)]

    @pytest.mark.parametrize(("who", "get", "post"), [("nader", 200, 403), ("omid", 200, 403), ("sara", 403, 403)])
    def test_others_read_at_most(self, cast, call, client_for, who, get, post):
        report = reviewed_report(cast, call)
        client = client_for(getattr(cast, who))
        assert client.get(announce_url(call)).status_code == get
        typed = {"report": report.tracking_code, "step": "confirmed"}
        assert client.post(announce_url(call), typed).status_code == post
        assert not ResultVersion.objects.exists()

    def test_one_row_and_three_rows_ask_the_same_number_of_questions(
        self, cast, call, client_for, django_assert_num_queries
    ):
        reviewed_report(cast, call)
        client = client_for(cast.laleh)
        client.get(announce_url(call))
        with django_assert_num_queries(13):
            client.get(announce_url(call))
        reviewed_report(cast, call, cast.b)
        more_reports(cast, call, 1)
        with django_assert_num_queries(13):
            assert len(client.get(announce_url(call)).context["rows"]) == 3


def more_reports(cast, call, count: int, *, announce: bool = False, kind="directorate") -> list[Report]:
    """Further units of unit A's kind with reviewed reports."""
    from reports.actions.calls import ask_unit
    from reports.actions.review import hand_in_review
    from reports.actions.submission import submit_report
    from tests.reviews import review_of, verify_all

    found = []
    for number in range(count):
        unit = make_unit(f"MORE{number}", parent=cast.provider, kind=kind)
        expert, head = make_person(f"more-e{number}"), make_person(f"more-h{number}")
        make_membership(expert, unit, Role.REPORTER)
        make_membership(head, unit, Role.HEAD)
        ask_unit(call=call, unit=unit, by=cast.laleh, reason="از قلم افتاده بود")
        accept(call, unit, head)
        submit_report(report=fill(report_of(call, unit), expert), by=head)
        report = report_of(call, unit)
        review = review_of(report, cast.omid)
        verify_all(review)
        hand_in_review(review=review, by=cast.omid)
        if announce:
            announce_result(report=report, by=cast.laleh)
        found.append(report)
    return found


class TestResultPage:
    def test_claimed_and_verified_score_stand_side_by_side(self, cast, call, client_for):
        report, _version = announced_report(cast, call)
        announce_result(report=report, by=cast.laleh, changes=FEWER, reason="شمارش دوباره")
        result = client_for(cast.sara).get(url("report_result", report)).context["result"]
        assert (result.claimed.score.total, result.version.total) == ("96", Decimal(71))
        row = next(row for _area, rows in result.sections for row in rows if row.indicator.code == HOUSING)
        assert (row.claimed_points, row.points) == (Decimal(50), Decimal(25))

    def test_of_a_missed_report_nothing_was_claimed(self, cast, call, client_for, clock):
        clock.move(days=4)
        announce_result(report=report_of(call, cast.a), by=cast.laleh)
        page = client_for(cast.sara).get(url("report_result", report_of(call, cast.a)))
        assert page.context["result"].claimed is None

    def test_the_unit_sees_its_score_and_every_reason(self, cast, call, client_for):
        report, version = announced_report(cast, call)
        page = client_for(cast.sara).get(url("report_result", report))
        result = page.context["result"]
        assert (page.context["version"], result.count) == (version, 4)
        assert [row.indicator.code for row in result.lost] == ["WLF-01"]
        assert page.context["may_contest"] is False

    def test_the_head_is_offered_to_contest_with_the_consequence(self, cast, call, client_for):
        report, _version = announced_report(cast, call)
        text = client_for(cast.reza).get(url("report_result", report)).content.decode()
        assert reverse("reports:contest", args=[report.tracking_code]) in text
        assert "data-until" in text

    @pytest.mark.parametrize(("who", "status"), [("mina", 404), ("stranger", 404), ("nader", 200), ("omid", 200)])
    def test_who_else_may_read_it(self, cast, call, client_for, who, status):
        report, _version = announced_report(cast, call)
        assert client_for(getattr(cast, who)).get(url("report_result", report)).status_code == status

    def test_before_the_announcement_there_is_none(self, cast, call, client_for):
        report = reviewed_report(cast, call)
        page = client_for(cast.sara).get(url("report_result", report))
        assert page.templates[0].name == "reports/result/none.html"

    def test_every_version_stays_within_reach(self, cast, call, client_for):
        report, first = announced_report(cast, call)
        announce_result(report=report, by=cast.laleh, changes=FEWER, reason="خطای شمارش")
        client = client_for(cast.sara)
        now, before = client.get(url("report_result", report)), client.get(url("report_result", report) + "?version=1")
        assert (now.context["version"].total, now.context["stands"]) == (Decimal(71), True)
        assert (before.context["version"], before.context["stands"]) == (first, False)
        assert client.get(url("report_result", report) + "?version=9").status_code == 404

    def test_a_missed_one_says_so(self, cast, call, client_for, clock):
        clock.move(days=4)
        report = report_of(call, cast.b)
        announce_result(report=report, by=cast.laleh)
        page = client_for(cast.kamran).get(url("report_result", report))
        assert (page.context["version"].missed, page.context["result"].areas[0].points) == (True, Decimal(0))


class TestPeers:
    def test_fewer_than_three_peers_are_not_shown(self, cast, call):
        report, _version = announced_report(cast, call)
        announced_report(cast, call, cast.b)
        more_reports(cast, call, 1, announce=True)
        assert peers_of(report) is None

    def test_three_peers_of_the_same_kind_give_medians(self, cast, call):
        report, _version = announced_report(cast, call)
        announced_report(cast, call, cast.b)
        more_reports(cast, call, 2, announce=True)
        peers = peers_of(report)
        assert (peers.count, peers.median, peers.areas["housing"]) == (4, Decimal(96), Decimal(70))

    def test_another_kind_and_missed_ones_are_outside(self, cast, call, clock):
        report, _version = announced_report(cast, call)
        more_reports(cast, call, 3, announce=True, kind="public")
        clock.move(days=4)
        announce_result(report=report_of(call, cast.b), by=cast.laleh)
        assert peers_of(report) is None

    def test_only_the_version_that_stands_counts(self, cast, call):
        report, _version = announced_report(cast, call)
        others = more_reports(cast, call, 3, announce=True)
        announce_result(report=others[0], by=cast.laleh, changes=FEWER, reason="خطای شمارش")
        assert sorted(peers_of(report).totals) == [Decimal(71), Decimal(96), Decimal(96), Decimal(96)]

    def test_what_is_kept_of_them_ends_with_the_next_announcement(self, cast, call):
        report, _version = announced_report(cast, call)
        others = more_reports(cast, call, 3, announce=True)
        assert peers_of(report).totals == [Decimal(96)] * 4
        announce_result(report=others[0], by=cast.laleh, changes=FEWER, reason="خطای شمارش")
        assert peers_of(report).totals == [Decimal(71), Decimal(96), Decimal(96), Decimal(96)]

    def test_of_ten_thousand_that_lie_on_one_another_one_line_is_drawn(self):
        drawn = drawings.strip([Decimal(50)] * 10_000, Decimal(40), Decimal(50), label="همتایان")
        assert drawn.count("c-peer") == 1


class TestAnotherVersion:
    def typed(self, **given) -> dict:
        return {f"v:{HOUSING}:numerator": "40", f"v:{HOUSING}:denominator": "100", "reason": "خطای شمارش", **given}

    def test_a_coordinator_changes_a_figure_with_a_reason(self, cast, call, client_for):
        report, _version = announced_report(cast, call)
        client = client_for(cast.laleh)
        assert client.get(url("result_revise", report)).status_code == 200
        assert client.post(url("result_revise", report), self.typed(reason="")).status_code == 422
        assert client.post(url("result_revise", report), self.typed()).status_code == 302
        assert ResultVersion.objects.latest("number").total == Decimal(71)

    @pytest.mark.parametrize("who", ["sara", "reza", "omid", "nader"])
    def test_nobody_else_does(self, cast, call, client_for, who):
        report, _version = announced_report(cast, call)
        assert client_for(getattr(cast, who)).post(url("result_revise", report), self.typed()).status_code == 403

    def test_within_a_dispute_it_becomes_the_providers_position(self, cast, call, client_for, clock):
        report, _version = announced_report(cast, call)
        dispute = contest_result(report=report, text="شمارش نادرست است.", by=cast.reza)
        clock.move(days=15)
        announced_at, window = Report.objects.values_list("announced_at", "objection_until").get(pk=report.pk)
        client_for(cast.laleh).post(url("result_revise", report), self.typed())
        second = ResultVersion.objects.latest("number")
        position = Position.objects.filter(dispute=dispute).latest("number")
        assert (position.act_noun, position.act_key) == ("result", str(second.pk))
        fresh = Report.objects.get(pk=report.pk)
        assert (fresh.announced_at, fresh.objection_until) == (announced_at, window)
        assert type(dispute).objects.get(pk=dispute.pk).final_at == dispute.final_at

    def test_once_final_the_page_refuses(self, cast, call, client_for, clock):
        report, _version = announced_report(cast, call)
        clock.move_to(report.objection_until + timedelta(seconds=1))
        assert client_for(cast.laleh).get(url("result_revise", report)).status_code == 409


def test_the_period_before_is_shown_beside(cast, call, client_for):
    from datetime import date

    earlier = published_call(
        cast,
        service=call.service,
        period_code="1405-Q1",
        period_starts=date(2026, 3, 21),
        period_ends=date(2026, 6, 21),
    )
    announced_report(cast, earlier)
    assign(cast, call)
    report, _version = announced_report(cast, call)
    page = client_for(cast.sara).get(url("report_result", report))
    assert page.context["change"] == 0
    assert page.context["result"].areas[0].before == page.context["result"].areas[0].points
