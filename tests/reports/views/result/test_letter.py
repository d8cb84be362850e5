"""The letter of a result: what it says of its own standing, as a page and as PDF."""

import pytest
from django.urls import reverse
from django.utils import translation

from reports.actions.objections import accept_result_offer, contest_result, offer_result
from reports.actions.results import announce_result, last_announced
from reports.actions.review import TypedFinding
from reports.invariants import broken
from reports.models import Report
from reports.pages.result.letter import letter_of, status_sentence, version_fingerprint
from reports.queries import form_of, reports_at
from reports.queries.result_findings import ChangedFinding
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.deadlines import until
from sla.actions.dispute_ends import withdraw_dispute
from sla.actions.offers import decline_offer
from tests.calls import published_call, report_of
from tests.contests import returned_report
from tests.papers import unsaid
from tests.reviews import announced_report, reviewed_report
from units.enums import Role

HOUSING = "HSG-01"
FEWER = {HOUSING: ChangedFinding(verified={"numerator": "40", "denominator": "100"}, reason="شمارش دوباره")}


@pytest.fixture
def call(cast):
    return published_call(cast)


@pytest.fixture
def announced(cast, call):
    return announced_report(cast, call)


def says(report: Report, version=None) -> str:
    fresh = reports_at(database_now()).get(pk=report.pk)
    standing = last_announced(fresh)
    with translation.override("en"):
        return status_sentence(fresh, version or standing, standing, "en")


class TestStanding:
    def test_an_initial_result_names_the_end_of_the_window(self, announced):
        assert says(announced[0]).startswith("This is the initial result.")

    def test_a_contested_one_names_the_end_and_the_rule(self, cast, announced):
        contest_result(report=announced[0], text="شمارش نادرست است.", by=cast.reza)
        sentence = says(announced[0])
        assert sentence.startswith("The result is contested since")
        assert "Thirty clear days" in sentence

    def test_after_the_window_it_is_final(self, announced, clock):
        clock.move_to(announced[0].objection_until)
        assert says(announced[0]).startswith(
            "The result is final: the objection window (10 days from the announcement)"
        )

    def test_a_settled_one_says_that_both_agreed(self, cast, announced):
        dispute = contest_result(report=announced[0], text="شمارش نادرست است.", by=cast.reza)
        typed = {HOUSING: TypedFinding(verified={"numerator": "79", "denominator": "100"})}
        offer = offer_result(dispute=dispute, typed=typed, text="یک نفر کم می‌شود.", by=cast.laleh)
        accept_result_offer(offer=offer, by=cast.reza)
        assert says(announced[0]).startswith("The result is settled: final by agreement of the two sides")
        assert "Thirty clear days" in says(announced[0])

    def test_withdrawn_after_the_window_it_names_the_withdrawal(self, cast, announced, clock):
        dispute = contest_result(report=announced[0], text="شمارش نادرست است.", by=cast.reza)
        clock.move_to(announced[0].objection_until)
        withdraw_dispute(dispute=dispute, by=cast.reza)
        assert "the objection was withdrawn" in says(announced[0])

    def test_after_the_month_the_providers_view_stands(self, cast, announced, clock):
        dispute = contest_result(report=announced[0], text="شمارش نادرست است.", by=cast.reza)
        clock.move_to(dispute.final_at)
        assert "the provider’s view stands" in says(announced[0])

    def test_a_replaced_version_says_by_which(self, cast, announced):
        report, first = announced
        announce_result(report=report, by=cast.laleh, changes=FEWER, reason="خطای شمارش")
        assert says(report, first).startswith("This version was replaced by version 2")


class TestPages:
    def test_the_page_carries_both_codes_and_the_fingerprint(self, cast, announced, client_for):
        report, version = announced
        text = client_for(cast.sara).get(reverse("reports:letter_page", args=[report.tracking_code])).content.decode()
        assert report.tracking_code in text
        assert version.verification_code in text
        assert version_fingerprint(version) in text
        assert version.verification_code != report.tracking_code

    def test_the_letters_pdf_says_to_whom_about_what_how_many_points_and_how_to_check_it(
        self, cast, announced, client_for
    ):
        report, version = announced
        answer = client_for(cast.reza).get(reverse("reports:letter", args=[report.tracking_code]))
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert unsaid(
            answer.content, cast.reza.get_full_name(), cast.a.name, "با سلام و احترام", "سه‌ماههٔ دوم",
            "امتیاز کل", "ارزیابی شد", "۹۶٫۰۰", "خوابگاه", "رفاه", "این نتیجهٔ اولیه است",
            cast.laleh.get_full_name(), report.tracking_code, version.verification_code, version_fingerprint(version),
        ) == []  # fmt: skip

    def test_a_missed_reports_letter_is_one_too(self, cast, call, client_for, clock):
        clock.move(days=4)
        report = report_of(call, cast.b)
        announce_result(report=report, by=cast.laleh)
        answer = client_for(cast.kamran).get(reverse("reports:letter", args=[report.tracking_code]))
        assert answer.status_code == 200
        assert (
            unsaid(
                answer.content,
                cast.kamran.get_full_name(),
                cast.b.name,
                "گزارشی در مهلت فراخوان نرسیده است",
                report.tracking_code,
            )
            == []
        )

    @pytest.mark.parametrize("name", ["letter", "letter_page"])
    @pytest.mark.parametrize("who", ["mina", "stranger"])
    def test_a_stranger_finds_nothing(self, cast, announced, client_for, who, name):
        address = reverse(f"reports:{name}", args=[announced[0].tracking_code])
        assert client_for(getattr(cast, who)).get(address).status_code == 404

    def test_before_the_announcement_there_is_no_letter(self, cast, call, client_for):
        report = reviewed_report(cast, call)
        address = reverse("reports:letter", args=[report.tracking_code])
        assert client_for(cast.sara).get(address).status_code == 409

    def test_it_is_addressed_to_who_headed_the_unit_then(self, cast, announced):
        report, version = announced
        letter = letter_of(reports_at(database_now()).get(pk=report.pk), version, version, "fa")
        assert letter.heads == [cast.reza]
        assert letter.verify_url.endswith(f"/verify/{version.verification_code}/")


def test_a_letter_fetches_no_file_but_our_own(settings, tmp_path):
    """Should markup ever slip into a letter, it reads nothing of the machine."""
    from sajad_portal.lib.pdf import pdf_of

    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    pages = tmp_path / "templates"
    pages.mkdir()
    (pages / "hostile.html").write_text(f'<img src="{secret.as_uri()}"><img src="http://127.0.0.1:1/x.png">')
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [str(pages)]}]
    plain = pdf_of("hostile.html", {}, "css/pdf/letter.css")
    (pages / "hostile.html").write_text("<img><img>")
    assert abs(len(plain) - len(pdf_of("hostile.html", {}, "css/pdf/letter.css"))) < 200


class TestSettled:
    """After a settlement: the provider signs, the reason is the agreement, numbers have no gap, the page says how it ended."""

    CHAT = "۲۴ فقره سند دارد"

    def settled(self, cast, announced, by, accepted_by):
        dispute = contest_result(report=announced[0], text="شمارش نادرست است.", by=cast.reza)
        refused = offer_result(dispute=dispute, typed=self.typed("70"), text="کمتر", by=by)
        decline_offer(offer=refused, by=accepted_by)
        offer = offer_result(dispute=dispute, typed=self.typed("79"), text=self.CHAT, by=by)
        return dispute, accept_result_offer(offer=offer, by=accepted_by)

    def typed(self, housed: str):
        return {HOUSING: TypedFinding(verified={"numerator": housed, "denominator": "100"})}

    @pytest.mark.parametrize("offered_by", ["laleh", "reza"])
    def test_the_providers_person_signs_whichever_side_accepted(self, cast, announced, client_for, offered_by):
        by, other = getattr(cast, offered_by), cast.reza if offered_by == "laleh" else cast.laleh
        self.settled(cast, announced, by, other)
        page = client_for(cast.reza).get(reverse("reports:letter_page", args=[announced[0].tracking_code]))
        signature = page.context["letter"].signature
        assert (signature.person, signature.membership.role) == (cast.laleh, Role.COORDINATOR)
        sign = page.content.decode().partition('<div class="sign">')[2].partition("</div>")[0]
        assert cast.laleh.get_full_name() in sign
        assert cast.reza.get_full_name() not in sign

    def test_its_reason_is_the_agreement_and_what_it_changed(self, cast, announced, client_for):
        self.settled(cast, announced, cast.laleh, cast.reza)
        reza, code = client_for(cast.reza), announced[0].tracking_code
        letter = reza.get(reverse("reports:letter_page", args=[code]))
        assert self.CHAT not in letter.content.decode()
        label = form_of(announced[0].call.form_version).indicator(HOUSING).label_in("fa")
        assert "خدمت‌دهنده را پذیرفت" in letter.context["letter"].reason
        assert letter.context["letter"].reason.endswith(f"تغییر کرد: {label}.")
        assert (
            reza.get(reverse("reports:report_result", args=[code])).context["reason"] == letter.context["letter"].reason
        )

    def test_an_offer_that_was_declined_takes_no_number(self, cast, announced):
        dispute, version = self.settled(cast, announced, cast.laleh, cast.reza)
        assert (announced[1].number, version.number) == (1, 2)
        assert list(broken()) == []

    def test_a_version_announced_beside_an_offer_and_the_offer_accepted_after_it_are_two_and_three(
        self, cast, announced
    ):
        dispute = contest_result(report=announced[0], text="شمارش نادرست است.", by=cast.reza)
        offer = offer_result(dispute=dispute, typed=self.typed("79"), text=self.CHAT, by=cast.reza)
        revised = announce_result(report=announced[0], by=cast.laleh, reason="بازبینی", changes=FEWER)
        version = accept_result_offer(offer=offer, by=cast.laleh)
        assert [each.number for each in (announced[1], revised, version)] == [1, 2, 3]
        assert list(broken()) == []

    def test_the_page_and_a_closed_objection_say_how_it_ended(self, cast, announced, client_for):
        dispute, _version = self.settled(cast, announced, cast.laleh, cast.reza)
        reza, code = client_for(cast.reza), announced[0].tracking_code
        page = reza.get(reverse("reports:report_result", args=[code])).content.decode()
        assert "با توافق دو طرف" in page
        assert "مهلت اعتراض پایان یافته" not in page
        closed = reza.get(reverse("reports:contest", args=[code]))
        assert "با توافق دو طرف" in closed.content.decode()
        assert reverse("reports:dispute", args=[dispute.pk]) in closed.content.decode()


class TestClosedObjection:
    def test_after_its_window_it_names_the_window(self, cast, announced, client_for, clock):
        clock.move_to(announced[0].objection_until)
        page = client_for(cast.reza).get(reverse("reports:contest", args=[announced[0].tracking_code])).content.decode()
        assert "مهلت اعتراض (۱۰ روز از اعلام)" in page

    def test_who_may_not_is_told_who_may_and_until_when(self, cast, announced, client_for):
        page = client_for(cast.sara).get(reverse("reports:contest", args=[announced[0].tracking_code]))
        with translation.override("fa"):
            until_words = until(announced[0].objection_until)
        assert until_words in page.context["why_not"]
        result = client_for(cast.sara).get(reverse("reports:report_result", args=[announced[0].tracking_code]))
        assert page.context["why_not"] in result.content.decode()

    def test_before_any_result_it_says_that_there_is_none(self, cast, call, client_for):
        report = report_of(call, cast.a)
        page = client_for(cast.reza).get(reverse("reports:contest", args=[report.tracking_code]))
        assert "نتیجهٔ اعلام‌شده‌ای" in page.context["why_not"]

    def test_another_act_says_when_its_days_ended(self, cast, call, client_for, clock):
        report, round_ = returned_report(cast, call)
        clock.move(days=60)
        address = reverse("reports:contest_other", args=[report.tracking_code, "return", round_.pk])
        page = client_for(cast.reza).get(address)
        assert "پایان یافت" in page.context["why_not"]
