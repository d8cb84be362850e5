"""Pages of disputes: who sees them, what they offer to whom, what a refusal leaves on the page."""

from datetime import UTC, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from reports.actions.objections import contest_result, offer_result, write_as_reviewer
from reports.actions.results import last_announced
from reports.actions.review import TypedFinding
from sajad_portal.lib.clock import database_now
from sla.actions.disputes import file_dispute, state_position, write_message
from sla.actions.offers import make_offer
from sla.enums import DisputeStatus, OfferState
from sla.models import Dispute, DisputeMessage
from tests.calls import published_call
from tests.disputes import announced_report_with
from tests.factories import PDF, make_service
from tests.reviews import second_reviewer


@pytest.fixture
def report(cast):
    call = published_call(cast)
    return announced_report_with(cast, call, verified={"numerator": "40", "denominator": "100"})


@pytest.fixture
def dispute(cast, report):
    return contest_result(report=report, text="نفر-روزهای جایگزین شمرده نشده است.", by=cast.reza)


@pytest.fixture
def question(cast):
    """A dispute over interpretation, without a position."""
    service = make_service(cast, slug="other")
    return file_dispute(
        unit=cast.a, agreement=service.agreement_versions.get(), section="data", text="پرسش واحد", by=cast.reza
    )


def at(name, dispute, *more):
    return reverse(f"reports:{name}", args=[dispute.pk, *more])


def read(client, where):
    return client.get(where).content.decode()


def status(dispute):
    return Dispute.objects.with_status(database_now()).get(pk=dispute.pk).status


def offer_of(cast, dispute, by=None):
    typed = {"HSG-01": TypedFinding(verified={"numerator": "60", "denominator": "100"})}
    return offer_result(dispute=dispute, typed=typed, text="با شمارش جایگزین‌ها", by=by or cast.laleh)


# ------------------------------------------------------------------------------------------------ seeing
@pytest.mark.parametrize("who", ["sara", "reza", "omid", "laleh", "nader", "admin"])
def test_both_sides_and_who_oversees_them_read_it(client_for, cast, dispute, who):
    assert client_for(getattr(cast, who)).get(at("dispute", dispute)).status_code == 200


@pytest.mark.parametrize("who", ["mina", "kamran", "stranger"])
def test_for_others_it_does_not_exist(client_for, cast, dispute, who):
    person = client_for(getattr(cast, who))
    assert person.get(at("dispute", dispute)).status_code == 404
    assert person.post(at("dispute_write", dispute), {"text": "پیام"}).status_code == 404
    assert dispute.title not in read(person, reverse("reports:disputes"))


def test_the_scores_stand_side_by_side(client_for, cast, dispute):
    """Claimed 80 of 100 earns 50 of 50, verified 40 earns 25: 96 against 71."""
    text = read(client_for(cast.reza), at("dispute", dispute))
    for figure in ("۵۰٫۰۰", "۲۵٫۰۰", "۹۶٫۰", "۷۱٫۰"):
        assert figure in text


def test_an_offer_joins_the_table_with_its_own_column(client_for, cast, dispute):
    offer_of(cast, dispute)
    text = read(client_for(cast.reza), at("dispute", dispute))
    assert "۳۷٫۵۰" in text
    assert "۸۳٫۵" in text


def test_the_page_says_what_happens_if_nobody_agrees_and_how_the_days_were_counted(client_for, cast, dispute):
    text = read(client_for(cast.reza), at("dispute", dispute))
    assert "سی روز چگونه شمرده شد؟" in text
    assert "نظریهٔ خدمت‌دهنده" in text
    assert f'data-until="{dispute.final_at.astimezone(UTC).isoformat()}"' in text


def test_the_page_reads_in_english(client_for, cast, dispute):
    reza = client_for(cast.reza)
    reza.cookies["django_language"] = "en"
    assert "How were the thirty days counted?" in read(reza, at("dispute", dispute))


def test_the_list_asks_the_same_number_of_questions_at_one_and_at_three(
    client_for, cast, question, django_assert_num_queries
):
    laleh = client_for(cast.laleh)
    laleh.get(reverse("reports:disputes"))
    with django_assert_num_queries(9):
        laleh.get(reverse("reports:disputes"))
    for section in ("costs", "purpose"):
        file_dispute(unit=cast.a, agreement=question.agreement, section=section, text="پرسش", by=cast.reza)
    with django_assert_num_queries(9):
        laleh.get(reverse("reports:disputes"))


def test_the_page_asks_the_same_number_of_questions_with_one_message_and_with_three(
    client_for, cast, question, django_assert_num_queries
):
    nader = client_for(cast.nader)
    nader.get(at("dispute", question))
    with django_assert_num_queries(12):
        nader.get(at("dispute", question))
    for _n in range(2):
        write_message(dispute=question, text="پیام", by=cast.laleh, files=[SimpleUploadedFile("سند.pdf", PDF)])
    with django_assert_num_queries(12):
        nader.get(at("dispute", question))


# ------------------------------------------------------------------------------------------------ contesting
def contest_page(report):
    return reverse("reports:contest", args=[report.tracking_code])


def test_the_contest_page_promises_the_end_that_filing_then_gives(client_for, cast, report):
    from sajad_portal.lib.jalali import format_date

    reza = client_for(cast.reza)
    before = read(reza, contest_page(report))
    reza.post(contest_page(report), {"text": "نمی‌پذیریم"})
    assert format_date(Dispute.objects.get().last_day, "full", "fa") in before


def test_filing_leads_to_the_dispute_and_a_second_click_to_the_same(client_for, cast, report):
    reza = client_for(cast.reza)

    def click(text="نمی‌پذیریم"):
        return reza.post(contest_page(report), {"text": text, "files": SimpleUploadedFile("حساب.pdf", PDF)})

    first = click()["Location"]
    assert click()["Location"] == first
    other = click("نمی‌پذیریم، و دلیلی دیگر هم هست")
    assert (other.status_code, "دلیلی دیگر هم هست" in other.content.decode()) == (422, True)
    assert Dispute.objects.get().messages.get().files.get().name == "حساب.pdf"


def test_an_empty_objection_keeps_the_page_and_stores_nothing(client_for, cast, report):
    response = client_for(cast.reza).post(contest_page(report), {"text": " "})
    assert response.status_code == 422
    assert not Dispute.objects.exists()


def test_a_wrong_file_loses_no_typed_word(client_for, cast, report):
    drawing = SimpleUploadedFile("سند.pdf", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    response = client_for(cast.reza).post(contest_page(report), {"text": "دلیل مفصل ما", "files": drawing})
    assert response.status_code == 422
    assert "دلیل مفصل ما" in response.content.decode()
    assert not Dispute.objects.exists()


@pytest.mark.parametrize(("who", "code"), [("sara", 403), ("omid", 403), ("nader", 403), ("kamran", 404)])
def test_nobody_but_the_two_sides_contests(client_for, cast, report, who, code):
    assert client_for(getattr(cast, who)).post(contest_page(report), {"text": "نه"}).status_code == code
    assert not Dispute.objects.exists()


def test_after_the_window_the_page_says_so_and_takes_nothing(client_for, cast, report, clock):
    clock.move_to(report.objection_until)
    reza = client_for(cast.reza)
    assert "نمی‌توان به این نتیجه اعتراض کرد" in read(reza, contest_page(report))
    assert reza.post(contest_page(report), {"text": "دیر شد"}).status_code == 422
    assert not Dispute.objects.exists()


# ------------------------------------------------------------------------------------------------ acting
def test_each_side_writes_and_files_come_back_untouched(client_for, cast, dispute):
    client_for(cast.laleh).post(
        at("dispute_write", dispute), {"text": "فهرست را بفرستید", "files": SimpleUploadedFile("فهرست.pdf", PDF)}
    )
    message = DisputeMessage.objects.get(side="provider")
    where = at("dispute_file", dispute, message.files.get().pk)
    response = client_for(cast.sara).get(where)
    assert b"".join(response.streaming_content) == PDF
    assert client_for(cast.kamran).get(where).status_code == 404


def test_a_file_of_another_dispute_is_not_fetched_through_this_one(client_for, cast, dispute, question):
    message = write_message(dispute=question, text="پیوست", by=cast.reza, files=[SimpleUploadedFile("سند.pdf", PDF)])
    assert client_for(cast.reza).get(at("dispute_file", dispute, message.files.get().pk)).status_code == 404


@pytest.mark.parametrize("who", ["sara", "nader", "admin"])
def test_readers_who_try_to_write_are_refused(client_for, cast, dispute, who):
    person = client_for(getattr(cast, who))
    assert person.post(at("dispute_write", dispute), {"text": "پیام"}).status_code == 403
    assert person.post(at("dispute_withdraw", dispute)).status_code == 403
    assert person.get(at("dispute_offer", dispute)).status_code == 403
    assert dispute.messages.count() == 1


def test_the_reviewer_finds_a_box_to_write_and_no_button_to_decide(client_for, cast, dispute):
    offer = offer_of(cast, dispute, by=cast.reza)
    omid = client_for(cast.omid)
    text = read(omid, at("dispute", dispute))
    assert at("dispute_write", dispute) in text
    assert at("dispute_answer", dispute, offer.number, "accept") not in text
    assert omid.post(at("dispute_write", dispute), {"text": "در فهرست نبودند"}).status_code == 302
    assert omid.post(at("dispute_answer", dispute, offer.number, "accept")).status_code == 403
    assert status(dispute) == DisputeStatus.NEGOTIATING


def test_another_reviewer_only_reads(client_for, cast, dispute):
    parisa = client_for(second_reviewer(cast))
    assert at("dispute_write", dispute) not in read(parisa, at("dispute", dispute))
    assert parisa.post(at("dispute_write", dispute), {"text": "نظر من"}).status_code == 403


def test_an_offer_is_typed_in_persian_digits_and_says_its_consequence(client_for, cast, dispute):
    client_for(cast.laleh).post(
        at("dispute_offer", dispute),
        {"v:HSG-01:numerator": "۶۰", "v:HSG-01:denominator": "۱۰۰", "text": "با شمارش جایگزین‌ها"},
    )
    text = read(client_for(cast.reza), at("dispute", dispute))
    assert "همین نتیجه" in text
    assert "۸۳٫۵" in text


def test_letters_in_an_offered_value_stay_on_the_page_with_what_is_wrong(client_for, cast, dispute):
    response = client_for(cast.laleh).post(
        at("dispute_offer", dispute),
        {"v:HSG-01:numerator": "شصت", "v:HSG-01:denominator": "۱۰۰", "text": "با شمارش جایگزین‌ها"},
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert "شصت" in page
    assert "با شمارش جایگزین‌ها" in page
    assert not dispute.offers.exists()


def test_an_offer_that_changes_nothing_is_refused_on_the_page(client_for, cast, dispute):
    response = client_for(cast.laleh).post(at("dispute_offer", dispute), {"text": "همان که هست"})
    assert response.status_code == 422
    assert not dispute.offers.exists()


def test_accepting_makes_the_result_final_at_once(client_for, cast, dispute, report):
    offer = offer_of(cast, dispute)
    client_for(cast.reza).post(at("dispute_answer", dispute, offer.number, "accept"))
    assert str(last_announced(report).pk) == offer.act_key
    assert status(dispute) == DisputeStatus.SETTLED


def test_declining_and_taking_back_work_from_the_page(client_for, cast, question):
    first = make_offer(dispute=question, text="دو پیوست", by=cast.laleh)
    client_for(cast.reza).post(at("dispute_answer", question, 1, "decline"), {"reply": "سه پیوست"})
    second = make_offer(dispute=question, text="سه پیوست", by=cast.laleh)
    client_for(cast.laleh).post(at("dispute_answer", question, 2, "take-back"))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.reply, second.state) == (OfferState.DECLINED, "سه پیوست", OfferState.WITHDRAWN)


def test_an_offer_in_words_is_accepted_over_an_interpretation(client_for, cast, question):
    client_for(cast.laleh).post(at("dispute_offer", question), {"text": "پیوست‌ها داده‌اند"})
    client_for(cast.reza).post(at("dispute_answer", question, 1, "accept"))
    assert status(question) == DisputeStatus.SETTLED


def test_the_side_that_filed_withdraws_from_the_page(client_for, cast, dispute):
    assert at("dispute_withdraw", dispute) not in read(client_for(cast.laleh), at("dispute", dispute))
    client_for(cast.reza).post(at("dispute_withdraw", dispute))
    assert status(dispute) == DisputeStatus.WITHDRAWN


def test_an_unknown_action_is_not_taken_for_one(client_for, cast, question):
    make_offer(dispute=question, text="دو پیوست", by=cast.laleh)
    assert client_for(cast.reza).post(at("dispute_answer", question, 1, "anything")).status_code == 404
    assert question.offers.get().state == OfferState.OPEN


# ------------------------------------------------------------------------------------------------ interpretation
def new_page():
    return reverse("reports:dispute_new")


def test_a_head_asks_about_a_section_for_their_own_unit(client_for, cast):
    agreement = make_service(cast).agreement_versions.get()
    client_for(cast.reza).post(new_page(), {"section": f"{agreement.pk}:costs", "text": "رایگان یعنی چه؟"})
    found = Dispute.objects.get()
    assert (found.unit, found.subject_key) == (cast.a, f"{agreement.pk}:costs")


def test_the_provider_names_the_unit(client_for, cast):
    agreement = make_service(cast).agreement_versions.get()
    asked = {"section": f"{agreement.pk}:costs", "text": "برداشت واحد نادرست است", "unit": cast.b.code}
    client_for(cast.laleh).post(new_page(), asked)
    assert (Dispute.objects.get().unit, Dispute.objects.get().filed_side) == (cast.b, "provider")


def test_another_units_code_does_not_help_a_head(client_for, cast):
    agreement = make_service(cast).agreement_versions.get()
    asked = {"section": f"{agreement.pk}:costs", "text": "پرسش", "unit": cast.b.code}
    client_for(cast.reza).post(new_page(), asked)
    assert Dispute.objects.get().unit == cast.a


@pytest.mark.parametrize("section", ["", "1:nothing", "999:costs"])
def test_a_section_that_does_not_exist_is_refused_on_the_page(client_for, cast, section):
    make_service(cast)
    assert client_for(cast.reza).post(new_page(), {"section": section, "text": "پرسش"}).status_code == 422
    assert not Dispute.objects.exists()


@pytest.mark.parametrize("who", ["sara", "omid", "nader", "stranger"])
def test_others_do_not_file(client_for, cast, who):
    make_service(cast)
    assert client_for(getattr(cast, who)).get(new_page()).status_code == 403


# ------------------------------------------------------------------------------------------------ the end
def test_when_the_month_has_passed_the_page_says_final_and_offers_nothing(client_for, cast, dispute, clock):
    offer_of(cast, dispute)
    clock.move_to(dispute.final_at)
    text = read(client_for(cast.reza), at("dispute", dispute))
    assert "نهایی است" in text
    for action in (
        at("dispute_write", dispute),
        at("dispute_answer", dispute, 1, "accept"),
        at("dispute_withdraw", dispute),
    ):
        assert action not in text


def test_a_message_sent_after_the_end_loses_no_word_and_is_not_stored(client_for, cast, dispute, clock):
    clock.move_to(dispute.final_at + timedelta(seconds=1))
    response = client_for(cast.reza).post(at("dispute_write", dispute), {"text": "آخرین سخن ما"})
    assert response.status_code == 422
    assert "آخرین سخن ما" in response.content.decode()
    assert dispute.messages.count() == 1


def test_an_overdue_view_is_the_only_thing_left_to_do(client_for, cast, question, clock):
    clock.move_to(question.final_at)
    laleh = client_for(cast.laleh)
    text = read(laleh, at("dispute", question))
    assert at("dispute_position", question) in text
    assert at("dispute_write", question) not in text
    laleh.post(at("dispute_position", question), {"text": "پیوست‌ها داده نیستند."})
    assert status(question) == DisputeStatus.FINAL
    assert "پیوست‌ها داده نیستند." in read(client_for(cast.reza), at("dispute", question))


def test_the_overdue_view_stands_under_the_clause_that_is_read_and_is_asked_about_before_it_is_final(
    client_for, cast, question, clock
):
    clause = question.agreement.sections.get(key="data")
    before = read(client_for(cast.laleh), at("dispute", question))
    assert "data-confirm-title" not in before.partition(at("dispute_position", question))[2].partition("</form>")[0]

    clock.move_to(question.final_at)
    text = read(client_for(cast.laleh), at("dispute", question))

    heading, form, thread = (text.index(part) for part in (
        f"بند مورد اختلاف: {clause.heading}", at("dispute_position", question), 'id="thread"',
    ))  # fmt: skip
    assert heading < form < thread
    assert "data-confirm-title" in text[form:thread]


def test_a_closure_announced_later_is_told_and_moves_nothing(client_for, cast, question):
    from tests.factories import make_holiday

    holiday = make_holiday(question.last_day, "تعطیل عمومی", source="closure")
    type(holiday).objects.filter(pk=holiday.pk).update(added_at=database_now())
    assert "تعطیل عمومی" in read(client_for(cast.reza), at("dispute", question))
    question.refresh_from_db()
    assert question.calendar["days"][-1]["off"] == ""


def test_a_stated_view_stands_on_the_page_with_its_author(client_for, cast, question):
    state_position(dispute=question, text="پیوست‌ها داده نیستند.", by=cast.laleh)
    text = read(client_for(cast.reza), at("dispute", question))
    assert "پیوست‌ها داده نیستند." in text
    assert cast.laleh.get_full_name() in text


def test_what_the_reviewer_writes_bears_no_name_for_the_unit_and_a_name_for_the_provider(cast, dispute, client_for):
    write_as_reviewer(dispute=dispute, text="جایگزین‌ها در فهرست نبودند.", by=cast.omid)

    unit, provider = (client_for(who).get(f"/disputes/{dispute.pk}/").text for who in (cast.reza, cast.laleh))

    assert "جایگزین‌ها در فهرست نبودند." in unit
    assert (cast.omid.get_full_name() in unit, cast.omid.get_full_name() in provider) == (False, True)
