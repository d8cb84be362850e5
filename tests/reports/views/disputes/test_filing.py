"""Pages on which other acts than a result are contested, offered over and listed."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from reports.actions.dispute_offers import accept_act_offer, offer_act
from reports.enums import ReportStatus
from reports.queries import reports_at
from reports.rules.offered_acts import EXTENSION
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.jalali import format_date
from sla.actions.dispute_ends import withdraw_dispute
from sla.actions.disputes import file_dispute
from sla.enums import DisputeStatus, Subject
from sla.models import Dispute
from tests.calls import at_closing, report_of
from tests.contests import contested, missed_report, refused_extension, returned_report, with_fee
from tests.factories import PDF


def contest_page(report, subject, key) -> str:
    return reverse("reports:contest_other", args=[report.tracking_code, subject, key])


def report_page(report) -> str:
    return reverse("reports:report", args=[report.tracking_code])


def read(client, where) -> str:
    return client.get(where).content.decode()


def status(dispute) -> str:
    return Dispute.objects.with_status(database_now()).get(pk=dispute.pk).status


@pytest.fixture
def refused(cast, call):
    return refused_extension(cast, call)


# ------------------------------------------------------------------------------------------ beside the act
class TestButtons:
    def test_a_refused_extension_has_one_on_the_units_page_and_on_the_coordinators(
        self, client_for, cast, call, refused
    ):
        report = report_of(call, cast.a)
        address = contest_page(report, "extension", refused.pk)
        assert address in read(client_for(cast.reza), reverse("reports:extension_ask", args=[report.tracking_code]))
        assert address in read(client_for(cast.laleh), reverse("reports:extension", args=[refused.pk]))
        assert address not in read(client_for(cast.sara), reverse("reports:extension_ask", args=[report.tracking_code]))

    def test_a_return_a_miss_and_a_fee_have_theirs_on_the_page_of_the_report(self, client_for, cast, call, clock):
        report, round_ = returned_report(cast, call)
        with_fee(report)
        text = read(client_for(cast.reza), report_page(report))
        assert contest_page(report, "return", round_.pk) in text
        assert contest_page(report, "fee", report.request_id) in text
        clock.move_to(at_closing(call, hours=1))
        missed = report_of(call, cast.b)
        assert contest_page(missed, "miss", missed.pk) in read(client_for(cast.kamran), report_page(missed))

    @pytest.mark.parametrize("who", ["sara", "omid", "nader"])
    def test_readers_see_no_button(self, client_for, cast, call, who):
        report, round_ = returned_report(cast, call)
        assert contest_page(report, "return", round_.pk) not in read(
            client_for(getattr(cast, who)), report_page(report)
        )

    def test_once_contested_the_way_to_the_thread_stands_there(self, client_for, cast, call):
        report, round_ = returned_report(cast, call)
        dispute = contested(cast, report, Subject.RETURN, round_.pk)
        text = read(client_for(cast.sara), report_page(report))
        assert reverse("reports:dispute", args=[dispute.pk]) in text
        assert contest_page(report, "return", round_.pk) not in text

    def test_after_the_days_the_button_is_gone(self, client_for, cast, call, clock):
        report, round_ = returned_report(cast, call)
        clock.move(days=40)
        assert contest_page(report, "return", round_.pk) not in read(client_for(cast.reza), report_page(report))

    def test_a_head_finds_all_of_it_where_disputes_are_begun(self, client_for, cast, call, refused):
        text = read(client_for(cast.reza), reverse("reports:dispute_new"))
        assert contest_page(report_of(call, cast.a), "extension", refused.pk) in text


# -------------------------------------------------------------------------------------------------- filing
class TestFilingPage:
    def test_it_shows_the_act_and_promises_the_end_that_filing_gives(self, client_for, cast, call, refused):
        reza, where = client_for(cast.reza), contest_page(report_of(call, cast.a), "extension", refused.pk)
        before = read(reza, where)
        answer = reza.post(where, {"text": "راه بسته بود.", "files": SimpleUploadedFile("راه.pdf", PDF)})
        dispute = Dispute.objects.get()
        assert answer["Location"] == reverse("reports:dispute", args=[dispute.pk])
        assert "راه باز بود." in before
        assert format_date(dispute.last_day, "full", "fa") in before
        assert dispute.messages.get().files.get().name == "راه.pdf"

    def test_an_empty_text_keeps_the_page(self, client_for, cast, call, refused):
        where = contest_page(report_of(call, cast.a), "extension", refused.pk)
        assert client_for(cast.reza).post(where, {"text": " "}).status_code == 422
        assert not Dispute.objects.exists()

    @pytest.mark.parametrize(
        ("who", "code"), [("sara", 403), ("omid", 403), ("nader", 403), ("kamran", 404), ("stranger", 404)]
    )
    def test_others_file_nothing(self, client_for, cast, call, refused, who, code):
        where = contest_page(report_of(call, cast.a), "extension", refused.pk)
        assert client_for(getattr(cast, who)).post(where, {"text": "نه این‌طور"}).status_code == code
        assert not Dispute.objects.exists()

    @pytest.mark.parametrize("subject", ["result", "interpretation", "anything", "miss"])
    def test_what_is_not_there_is_not_found(self, client_for, cast, call, refused, subject):
        where = contest_page(report_of(call, cast.a), subject, refused.pk)
        assert client_for(cast.reza).get(where).status_code == 404

    def test_a_reader_is_told_who_contests(self, client_for, cast, call, refused):
        assert "<textarea" not in read(
            client_for(cast.sara), contest_page(report_of(call, cast.a), "extension", refused.pk)
        )


# -------------------------------------------------------------------------------------------------- offers
class TestOffers:
    @pytest.fixture
    def dispute(self, cast, call, refused):
        return contested(cast, report_of(call, cast.a), Subject.EXTENSION, refused.pk)

    def offer_page(self, dispute) -> str:
        return reverse("reports:dispute_offer", args=[dispute.pk])

    def test_time_is_offered_in_jalali_and_accepted_with_one_click(self, client_for, cast, call, dispute):
        day = format_date(call.closes_at + timedelta(days=3), "numeric", "fa")
        client_for(cast.laleh).post(self.offer_page(dispute), {"act": "extension", "until": day, "text": "سه روز"})
        reza = client_for(cast.reza)
        assert "مهلت بیشتر" in read(reza, reverse("reports:dispute", args=[dispute.pk]))
        reza.post(reverse("reports:dispute_answer", args=[dispute.pk, 1, "accept"]))
        assert status(dispute) == DisputeStatus.SETTLED
        assert report_of(call, cast.a).extension_until > call.closes_at + timedelta(days=2)

    def test_a_date_that_is_missing_or_past_stays_on_the_page_with_the_words(self, client_for, cast, dispute):
        laleh = client_for(cast.laleh)
        for day in ("", "1404/01/01"):
            answer = laleh.post(self.offer_page(dispute), {"act": "extension", "until": day, "text": "سه روز بیشتر"})
            assert answer.status_code == 422
            assert "سه روز بیشتر" in answer.content.decode()
        assert not dispute.offers.exists()

    def test_in_words_alone(self, client_for, cast, dispute):
        client_for(cast.laleh).post(self.offer_page(dispute), {"act": "words", "text": "در فراخوان بعد جبران می‌شود"})
        assert dispute.offers.get().act_noun == ""

    def test_what_became_impossible_is_not_offered_for_choice(self, client_for, cast, call, dispute):
        from reports.actions.calls import excuse_unit

        excuse_unit(report=report_of(call, cast.a), by=cast.laleh, reason="ادغام")
        text = read(client_for(cast.laleh), self.offer_page(dispute))
        assert 'value="extension"' not in text

    def test_after_it_was_accepted_the_page_says_what_holds(self, client_for, cast, call, dispute):
        accept_act_offer(
            offer=offer_act(
                dispute=dispute, act=EXTENSION, until=at_closing(call, days=2), text="دو روز", by=cast.laleh
            ),
            by=cast.reza,
        )
        text = read(client_for(cast.sara), reverse("reports:dispute", args=[dispute.pk]))
        assert reverse("reports:dispute_write", args=[dispute.pk]) not in text
        assert "مهلت بیشتر" in text


def test_a_fee_is_offered_in_persian_digits(client_for, cast, call):
    report = with_fee(report_of(call, cast.a))
    dispute = contested(cast, report, Subject.FEE, report.request_id)
    where = reverse("reports:dispute_offer", args=[dispute.pk])
    client_for(cast.laleh).post(where, {"act": "fee", "rials": "۱۲۰٬۰۰۰", "text": "کمتر"})
    client_for(cast.reza).post(reverse("reports:dispute_answer", args=[dispute.pk, 1, "accept"]))
    assert report_of(call, cast.a).request.price_rials == 120_000


class TestTakingBack:
    def test_from_the_page_with_a_reason(self, client_for, cast, call):
        report, _round = returned_report(cast, call)
        where = reverse("reports:return_withdraw", args=[report.tracking_code])
        omid = client_for(cast.omid)
        assert where in read(omid, report_page(report))
        assert omid.post(where, {"reason": ""}).status_code == 422
        omid.post(where, {"reason": "اشتباه من بود"})
        assert reports_at(database_now()).get(pk=report.pk).status == ReportStatus.UNDER_REVIEW
        assert "پس گرفته شد" in read(client_for(cast.sara), report_page(report))

    @pytest.mark.parametrize(("who", "code"), [("sara", 403), ("reza", 403), ("nader", 403), ("kamran", 404)])
    def test_not_by_others(self, client_for, cast, call, who, code):
        report, _round = returned_report(cast, call)
        where = reverse("reports:return_withdraw", args=[report.tracking_code])
        assert client_for(getattr(cast, who)).post(where, {"reason": "نه این‌طور"}).status_code == code

    def test_from_the_dispute_over_it(self, client_for, cast, call):
        report, round_ = returned_report(cast, call)
        dispute = contested(cast, report, Subject.RETURN, round_.pk)
        text = read(client_for(cast.laleh), reverse("reports:dispute", args=[dispute.pk]))
        assert reverse("reports:return_withdraw", args=[report.tracking_code]) in text


def test_the_reviewer_who_returned_the_report_writes_in_the_dispute_over_it(client_for, cast, call):
    report, round_ = returned_report(cast, call)
    dispute = contested(cast, report, Subject.RETURN, round_.pk)
    omid = client_for(cast.omid)
    assert (
        omid.post(reverse("reports:dispute_write", args=[dispute.pk]), {"text": "جمع ستون نمی‌خواند"}).status_code == 302
    )
    assert omid.post(reverse("reports:dispute_withdraw", args=[dispute.pk])).status_code == 403
    assert [m.side for m in dispute.messages.all()] == ["recipient", "provider"]


# -------------------------------------------------------------------------------------------------- the list
class TestList:
    @pytest.fixture
    def two(self, cast, call, clock):
        report = missed_report(cast, call, clock)
        question = file_dispute(unit=cast.a, agreement=call.agreement, section="data", text="پرسش", by=cast.reza)
        return contested(cast, report, Subject.MISS, report.pk), question

    def listed(self, client_for, cast, query: str) -> set[str]:
        page = client_for(cast.laleh).get(f"{reverse('reports:disputes')}?{query}").context["page"]
        return {dispute.subject for dispute in page}

    def test_it_is_narrowed_by_subject_and_state(self, client_for, cast, two):
        assert self.listed(client_for, cast, "") == {"miss", "interpretation"}
        assert self.listed(client_for, cast, "subject=miss") == {"miss"}
        assert self.listed(client_for, cast, "subject=fee") == set()
        assert self.listed(client_for, cast, "status=awaiting_position") == set()
        assert self.listed(client_for, cast, "status=nonsense&subject=nonsense") == {"miss", "interpretation"}

    def test_after_the_month_each_stands_under_what_time_made_of_it(self, client_for, cast, two, clock):
        clock.move_to(two[0].final_at + timedelta(days=1))
        assert self.listed(client_for, cast, "status=awaiting_position") == {"interpretation"}
        assert self.listed(client_for, cast, "show=ended&status=final") == {"miss"}
        assert self.listed(client_for, cast, "show=ended&status=settled") == set()

    def test_the_pages_follow_each_other_by_key(self, client_for, cast, call, monkeypatch):
        monkeypatch.setattr("reports.views.disputes.page.SIZE", 2)
        for section in ("data", "costs", "purpose"):
            file_dispute(unit=cast.a, agreement=call.agreement, section=section, text="پرسش", by=cast.reza)
        laleh, where = client_for(cast.laleh), reverse("reports:disputes")
        first = laleh.get(f"{where}?subject=interpretation").context["page"]
        second = laleh.get(where + first.next).context["page"]
        assert (len(first), len(second), first.previous) == (2, 1, "")
        assert "subject=interpretation" in first.next
        assert not {d.pk for d in first} & {d.pk for d in second}

    def test_ended_ones_come_the_last_first_whether_or_not_a_task_recorded_it(self, client_for, cast, two, clock):
        withdraw_dispute(dispute=two[1], by=cast.reza)
        clock.move_to(two[0].final_at + timedelta(minutes=1))
        page = client_for(cast.laleh).get(f"{reverse('reports:disputes')}?show=ended").context["page"]
        assert [d.pk for d in page] == [two[0].pk, two[1].pk]


# ----------------------------------------------------------------------------------- questions to the database
def test_the_page_of_a_report_asks_no_more_for_two_disputes_than_for_none(
    client_for, cast, call, django_assert_max_num_queries
):
    report, round_ = returned_report(cast, call)
    reza = client_for(cast.reza)
    reza.get(report_page(report))
    with django_assert_max_num_queries(60) as before:
        reza.get(report_page(report))
    contested(cast, report, Subject.RETURN, round_.pk)
    file_dispute(unit=cast.a, agreement=call.agreement, section="data", text="پرسش", by=cast.reza)
    with django_assert_max_num_queries(60) as after:
        reza.get(report_page(report))
    assert len(after) == len(before)
