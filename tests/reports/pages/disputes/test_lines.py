"""An objection by indicator on its pages: ticked, filed, answered, offered from its lines."""

from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from reports.actions.objection_lines import TypedAnswer, TypedLine, answer_objection
from reports.actions.objections import contest_result, offer_result
from reports.actions.review import TypedFinding
from reports.models import ObjectionLine
from sla.models import Dispute
from tests.calls import PDF, report_of
from tests.disputes import announced_report_with

HOUSING, WAITING, EVENTS = "HSG-01", "HSG-02", "WLF-01"
WHY = "فهرست اسکان را دوباره شمردیم."
TYPED = {
    "tick": HOUSING, f"v:{HOUSING}:numerator": "۷۵", f"v:{HOUSING}:denominator": "۱۰۰", f"why:{HOUSING}": WHY, "text": "",
}  # fmt: skip


@pytest.fixture
def report(cast, call):
    return announced_report_with(cast, call, verified={"numerator": "40", "denominator": "100"})


@pytest.fixture
def dispute(cast, report):
    line = TypedLine({"numerator": "75", "denominator": "100"}, reason=WHY)
    return contest_result(report=report, text="", by=cast.reza, lines={HOUSING: line})


def contest_url(report) -> str:
    return reverse("reports:contest", args=[report.tracking_code])


def lines_url(dispute) -> str:
    return reverse("reports:dispute_lines", args=[dispute.pk])


class TestFiling:
    def test_the_result_page_lets_the_head_tick_and_leads_to_the_lines(self, client_for, cast, report):
        client = client_for(cast.reza)
        page = client.get(reverse("reports:report_result", args=[report.tracking_code])).content.decode()
        assert f'id="pick-{HOUSING}"' in page
        lines = client.get(contest_url(report), {"tick": HOUSING}).context["lines"]
        assert (lines[0].code, lines[0].ticked, lines[1].ticked) == (HOUSING, True, False)

    @pytest.mark.parametrize("who", ["sara", "laleh"])
    def test_who_stands_by_no_figure_of_the_unit_ticks_nothing(self, client_for, cast, report, who):
        page = client_for(getattr(cast, who)).get(reverse("reports:report_result", args=[report.tracking_code]))
        assert (page.context["may_tick"], f'id="pick-{HOUSING}"' in page.content.decode()) == (False, False)

    def test_what_was_lost_stands_first_with_what_is_at_stake(self, client_for, cast, report):
        line = client_for(cast.reza).get(contest_url(report)).context["lines"][0]
        assert (line.code, line.stake) == (HOUSING, "25")
        assert [each.typed for each in line.inputs] == ["۸۰", "۱۰۰"]

    def test_what_is_at_stake_follows_the_figures_in_the_boxes_and_files_nothing(self, client_for, cast, report):
        client = client_for(cast.reza)
        events = {"tick": [HOUSING, EVENTS], f"v:{EVENTS}:value": "۲", f"why:{EVENTS}": WHY}

        page = client.post(contest_url(report), {**TYPED, **events, "preview": "1"})

        lines = {line.code: line for line in page.context["lines"]}
        assert (page.status_code, lines[HOUSING].stake, lines[HOUSING].inputs[0].typed) == (200, "21.875", "۷۵")
        assert lines[EVENTS].stake.startswith("-")
        assert Fraction(page.context["together"]) == Fraction(lines[HOUSING].stake) + Fraction(lines[EVENTS].stake)
        assert (lines[HOUSING].reason, lines[HOUSING].errors, Dispute.objects.exists()) == (WHY, {}, False)

    def test_a_figure_that_cannot_be_read_has_nothing_at_stake_yet(self, client_for, cast, report):
        page = client_for(cast.reza).post(contest_url(report), {**TYPED, f"v:{HOUSING}:numerator": "x", "preview": "1"})

        line = next(line for line in page.context["lines"] if line.code == HOUSING)
        assert (page.status_code, line.stake, line.is_first, page.context["together"]) == (200, "", True, "")

    def test_ticked_lines_are_filed_with_their_file(self, client_for, cast, report):
        answer = client_for(cast.reza).post(
            contest_url(report), {**TYPED, f"file:{HOUSING}": SimpleUploadedFile("list.pdf", PDF)}
        )
        line = ObjectionLine.objects.get()
        assert answer.url == reverse("reports:dispute", args=[Dispute.objects.get().pk])
        assert (line.indicator, line.figures["numerator"], line.file.name) == (HOUSING, "75", "list.pdf")

    def test_a_line_without_a_reason_comes_back_as_typed_with_a_link_to_it(self, client_for, cast, report):
        page = client_for(cast.reza).post(contest_url(report), {**TYPED, f"why:{HOUSING}": ""})
        line = page.context["lines"][0]
        assert (page.status_code, line.inputs[0].typed, set(line.errors)) == (422, "۷۵", {"reason"})
        assert f'href="#line-{HOUSING}"' in page.content.decode()

    def test_nothing_ticked_and_nothing_written_is_refused(self, client_for, cast, report):
        page = client_for(cast.reza).post(contest_url(report), {"text": ""})
        assert (page.status_code, Dispute.objects.exists()) == (422, False)

    def test_after_the_window_the_written_reasons_come_back_to_be_copied(self, client_for, cast, report, clock):
        clock.move_to(report.objection_until)
        page = client_for(cast.reza).post(contest_url(report), {**TYPED, "text": "کلیات"})
        assert page.context["typed"] == f"کلیات\n{HOUSING}: {WHY}"

    def test_the_provider_contests_in_words_only(self, client_for, cast, report):
        assert client_for(cast.laleh).get(contest_url(report)).context["lines"] == []


class TestAnswering:
    def test_the_lines_stand_first_on_the_page_with_both_figures(self, client_for, cast, dispute):
        page = client_for(cast.sara).get(reverse("reports:dispute", args=[dispute.pk]))
        shown = page.context["lines"].lines[0]
        assert (shown.row.standing.points, shown.row.claimed.points, shown.stake) == ("25", "46.875", "21.875")
        assert [row.indicator.code for row in page.context["comparison"].rows] == [HOUSING]

    def test_only_the_provider_is_offered_an_answer(self, client_for, cast, dispute):
        address = reverse("reports:dispute", args=[dispute.pk])
        offered = {
            who: client_for(getattr(cast, who)).get(address).context["lines"].may_answer
            for who in ("laleh", "reza", "omid")
        }
        assert offered == {"laleh": True, "reza": False, "omid": False}

    def test_an_accepted_line_leads_to_the_offer_with_its_figure_in_the_box(self, client_for, cast, dispute):
        client = client_for(cast.laleh)
        answer = client.post(lines_url(dispute), {f"answer:{HOUSING}": "accepted"})
        assert answer.url == reverse("reports:dispute_offer", args=[dispute.pk])
        line = client.get(answer.url).context["sheet"].contested[0]
        assert (line.row.indicator.code, [each.typed for each in line.inputs]) == (HOUSING, ["۷۵", "۱۰۰"])

    def test_a_refused_line_leaves_what_stands_in_the_box(self, client_for, cast, dispute):
        client = client_for(cast.laleh)
        client.post(lines_url(dispute), {f"answer:{HOUSING}": "refused", f"why:{HOUSING}": "مهر ندارد"})
        line = client.get(reverse("reports:dispute_offer", args=[dispute.pk])).context["sheet"].contested[0]
        assert [each.typed for each in line.inputs] == ["۴۰", "۱۰۰"]

    def test_a_part_without_a_figure_comes_back_as_typed(self, client_for, cast, dispute):
        typed = {f"answer:{HOUSING}": "partly", f"why:{HOUSING}": "تا حدی", f"v:{HOUSING}:numerator": "شصت"}
        page = client_for(cast.laleh).post(lines_url(dispute), {**typed, f"v:{HOUSING}:denominator": "100"})
        shown = page.context["lines"].lines[0]
        assert f'href="#line-{HOUSING}"' in page.content.decode()
        assert (page.status_code, shown.typed.answer, shown.inputs[0].typed) == (422, "partly", "شصت")

    @pytest.mark.parametrize("who", ["reza", "omid", "nader"])
    def test_readers_who_try_to_answer_are_refused(self, client_for, cast, dispute, who):
        answer = client_for(getattr(cast, who)).post(lines_url(dispute), {f"answer:{HOUSING}": "accepted"})
        assert (answer.status_code, ObjectionLine.objects.get().answer) == (403, "")


class TestOffers:
    def offer(self, dispute, by, top: str):
        typed = {HOUSING: TypedFinding(verified={"numerator": top, "denominator": "100"})}
        return offer_result(dispute=dispute, typed=typed, text=WHY, by=by)

    def test_a_counter_offer_starts_with_the_other_sides_offer(self, client_for, cast, dispute):
        self.offer(dispute, cast.laleh, "60")
        line = (
            client_for(cast.reza).get(reverse("reports:dispute_offer", args=[dispute.pk])).context["sheet"].contested[0]
        )
        assert ([each.typed for each in line.inputs], line.first) == (["۶۰", "۱۰۰"], True)
        assert line.said != ""

    def test_the_units_view_follows_its_own_offer(self, client_for, cast, dispute):
        self.offer(dispute, cast.reza, "64")
        comparison = client_for(cast.laleh).get(reverse("reports:dispute", args=[dispute.pk])).context["comparison"]
        row = comparison.rows[0]
        assert (row.claimed.points, row.standing.points, row.gap_text) == ("40", "25", "15")

    def test_an_unanswered_line_stands_in_the_box_as_the_unit_has_it(self, client_for, cast, dispute):
        page = client_for(cast.laleh).get(reverse("reports:dispute_offer", args=[dispute.pk]))
        assert page.context["sheet"].contested[0].inputs[0].typed == "۷۵"

    def test_an_offer_form_sent_as_it_came_leaves_timeliness_alone(self, client_for, cast, dispute):
        answer_objection(dispute=dispute, answers={HOUSING: TypedAnswer("accepted")}, by=cast.laleh)
        client, address = client_for(cast.laleh), reverse("reports:dispute_offer", args=[dispute.pk])
        sheet = client.get(address).context["sheet"]
        boxes = {box.name: box.typed for line in [*sheet.contested, *sheet.others] for box in line.inputs}
        client.post(address, {**boxes, "text": "طبق سطرها"})
        offered = dispute.offers.get()
        version = report_of(dispute.objection.report.call, cast.a).results.get(pk=int(offered.act_key))
        changed = [code for code, finding in version.score["findings"].items() if finding["changed"]]
        assert changed == [HOUSING]

    def test_a_figure_that_cannot_be_read_is_linked_from_the_top(self, client_for, cast, dispute):
        address = reverse("reports:dispute_offer", args=[dispute.pk])
        typed = {f"v:{WAITING}:value": "هشت", f"v:{HOUSING}:numerator": "40", "text": "دلیل"}
        page = client_for(cast.laleh).post(address, typed)
        assert [field for field, _label, _error in page.context["sheet"].wrong] == [f"v-{WAITING}-value"]
        assert f'href="#v-{WAITING}-value"' in page.content.decode()
        assert page.context["sheet"].unfolds
