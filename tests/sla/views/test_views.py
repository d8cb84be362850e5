"""Pages of the agreement, the documents and the calendar."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.jalali import format_date, to_jalali
from sla.actions.agreements import answer_agreement
from sla.enums import Answer
from sla.models import Acceptance, AgreementVersion, Document, Holiday
from sla.queries import has_accepted
from tests.factories import PDF, make_agreement, make_document, make_holiday, make_service
from units.models import Event


@pytest.fixture
def service(cast):
    return make_service(cast)


@pytest.fixture
def agreement(service):
    return service.agreement_versions.get(number=1)


def page_of(agreement):
    return reverse("sla:agreement", args=[agreement.pk])


def answer_page(agreement):
    return reverse("sla:agreement_answer", args=[agreement.pk])


# ------------------------------------------------------------------------------------------------ agreements
def test_anybody_reads_the_agreement_in_the_order_of_its_sections(client, agreement):
    text = client.get(page_of(agreement)).content.decode()
    places = [text.index(f'id="{section.key}"') for section in agreement.sections.all()]
    assert places == sorted(places)
    assert "نظریهٔ خدمت‌دهنده ملاک عمل خواهد بود" in text


def test_the_agreement_reads_in_english_too(client, agreement):
    client.cookies["django_language"] = "en"
    text = client.get(page_of(agreement)).content.decode()
    assert "the provider’s view shall in the end prevail" in text
    assert 'dir="ltr"' in text


def test_a_draft_is_not_there_for_others(client_for, cast, service):
    draft = make_agreement(service, 2, published=False)
    assert client_for(cast.reza).get(page_of(draft)).status_code == 404
    assert client_for(cast.laleh).get(page_of(draft)).status_code == 200


def test_the_list_names_what_waits_for_the_head(client_for, cast, agreement):
    text = client_for(cast.reza).get(reverse("sla:agreements")).content.decode()
    assert f"{answer_page(agreement)}?unit={cast.a.code}" in text


def test_the_list_of_versions_asks_the_same_number_of_questions_at_one_and_at_three(
    client_for, cast, service, django_assert_num_queries
):
    laleh = client_for(cast.laleh)
    laleh.get(reverse("sla:agreements"))
    with django_assert_num_queries(8):
        laleh.get(reverse("sla:agreements"))
    make_agreement(service, 2)
    make_agreement(service, 3)
    with django_assert_num_queries(8):
        laleh.get(reverse("sla:agreements"))


def test_a_head_accepts_on_the_page_once(client_for, cast, agreement):
    reza = client_for(cast.reza)
    for _click in range(2):
        assert reza.post(answer_page(agreement), {"answer": "accepted"}).status_code == 302
    assert Acceptance.objects.get().unit == cast.a
    assert "پذیرفته‌شده" in reza.get(page_of(agreement)).content.decode()


def test_a_refusal_without_a_reason_stays_on_the_page_with_the_way_out(client_for, cast, agreement):
    response = client_for(cast.reza).post(answer_page(agreement), {"answer": "refused", "reason": ""})
    assert response.status_code == 422
    assert not Acceptance.objects.exists()


def test_a_refusal_is_shown_to_the_coordinator_with_its_reason(client_for, cast, agreement):
    client_for(cast.reza).post(answer_page(agreement), {"answer": "refused", "reason": "بند هزینه روشن نیست"})
    coverage = reverse("sla:agreement_coverage", args=[agreement.pk])
    assert "بند هزینه روشن نیست" in client_for(cast.laleh).get(coverage).content.decode()
    assert client_for(cast.kamran).get(coverage).status_code == 403
    assert "بند هزینه روشن نیست" not in client_for(cast.kamran).get(page_of(agreement)).content.decode()


@pytest.mark.parametrize("who", ["sara", "laleh", "omid", "nader"])
def test_the_answer_page_is_for_heads(client_for, cast, agreement, who):
    response = client_for(getattr(cast, who)).post(answer_page(agreement), {"answer": "accepted"})
    assert response.status_code == 403
    assert not Acceptance.objects.exists()


def test_a_head_answers_for_their_own_unit_whatever_the_address_says(client_for, cast, agreement):
    client_for(cast.reza).post(f"{answer_page(agreement)}?unit={cast.b.code}", {"answer": "accepted"})
    assert (has_accepted(cast.a, agreement), has_accepted(cast.b, agreement)) == (True, False)


def test_a_coordinator_drafts_edits_and_publishes_the_next_version(client_for, cast, service):
    laleh = client_for(cast.laleh)
    edit = laleh.post(reverse("sla:agreement_new", args=[service.slug]))["Location"]
    assert laleh.post(reverse("sla:agreement_new", args=[service.slug]))["Location"] == edit
    saved = laleh.post(
        edit, {"section": "purpose", "purpose-heading": "هدف", "purpose-body": "<p>متن تازه</p><script>x</script>"}
    )
    assert saved.status_code == 302
    draft = AgreementVersion.objects.get(number=2)
    assert draft.sections.get(key="purpose").body == "<p>متن تازه</p>"
    laleh.post(reverse("sla:agreement_publish", args=[draft.pk]))
    assert laleh.get(edit).status_code == 404
    assert "نسخهٔ ۲ در اجراست" in laleh.get(page_of(service.agreement_versions.get(number=1))).content.decode()


def test_an_empty_section_keeps_what_was_typed_and_stores_nothing(client_for, cast, service):
    draft = make_agreement(service, 2, published=False)
    response = client_for(cast.laleh).post(
        reverse("sla:agreement_edit", args=[draft.pk]),
        {"section": "purpose", "purpose-heading": "عنوان تازه", "purpose-body": ""},
    )
    assert response.status_code == 422
    assert "عنوان تازه" in response.content.decode()
    assert draft.sections.get(key="purpose").heading == "هدف"


@pytest.mark.parametrize("who", ["reza", "omid", "nader", "admin"])
def test_others_do_not_draft(client_for, cast, service, who):
    person = client_for(getattr(cast, who))
    assert person.post(reverse("sla:agreement_new", args=[service.slug])).status_code == 403
    assert service.agreement_versions.count() == 1


# ------------------------------------------------------------------------------------------------ documents
def documents_page(service):
    return reverse("sla:documents", args=[service.slug])


def test_anybody_fetches_a_published_document_and_nobody_sniffs_it(client, service):
    document = service.documents.get(slot="workflow")
    response = client.get(reverse("sla:document_file", args=[document.pk]))
    assert b"".join(response.streaming_content) == PDF
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment")


def test_a_pdf_is_shown_in_the_browser_when_asked(client, service):
    document = service.documents.get(slot="workflow")
    response = client.get(reverse("sla:document_file", args=[document.pk]) + "?show")
    assert response["Content-Disposition"].startswith("inline")


def test_a_draft_document_is_not_there_for_others(client, client_for, cast, service):
    draft = make_document(service, "faq", published=False)
    where = reverse("sla:document_file", args=[draft.pk])
    assert client.get(where).status_code == 404
    assert client_for(cast.reza).get(where).status_code == 404
    assert client_for(cast.laleh).get(where).status_code == 200
    assert where not in client.get(documents_page(service)).content.decode()
    assert where in client_for(cast.laleh).get(documents_page(service)).content.decode().replace("view/", "")


def test_a_coordinator_uploads_and_publishes(client_for, cast, service):
    laleh = client_for(cast.laleh)
    laleh.post(documents_page(service), {"slot": "faq", "title": "", "file": SimpleUploadedFile("پرسش.pdf", PDF)})
    document = Document.objects.get(slot="faq")
    laleh.post(reverse("sla:document_publish", args=[document.pk]))
    document.refresh_from_db()
    assert document.published_by == cast.laleh


def test_an_svg_named_pdf_is_refused_beside_the_field(client_for, cast, service):
    drawing = SimpleUploadedFile("نقشه.pdf", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    response = client_for(cast.laleh).post(documents_page(service), {"slot": "faq", "file": drawing})
    assert response.status_code == 422
    assert "با نام آن نمی‌خواند" in response.content.decode()
    assert not Document.objects.filter(slot="faq").exists()


def test_a_30_megabyte_file_is_refused(client_for, cast, service, settings):
    settings.EVIDENCE_MAX_BYTES = 1024
    big = SimpleUploadedFile("بزرگ.pdf", PDF + b"0" * 4096)
    response = client_for(cast.laleh).post(documents_page(service), {"slot": "faq", "file": big})
    assert response.status_code == 422
    assert not Document.objects.filter(slot="faq").exists()


def test_others_upload_nothing(client_for, cast, service):
    upload = {"slot": "faq", "file": SimpleUploadedFile("پرسش.pdf", PDF)}
    assert client_for(cast.reza).post(documents_page(service), upload).status_code == 403


# ------------------------------------------------------------------------------------------------ the calendar
@pytest.fixture
def holiday(service):
    return make_holiday(tehran_date(database_now()), "تعطیلی آلودگی هوا", source="closure")


def test_anybody_sees_the_days_off_and_only_keepers_the_means_to_change_them(client, client_for, cast, holiday):
    seen = client.get(reverse("sla:calendar")).content.decode()
    assert "تعطیلی آلودگی هوا" in seen
    assert "تبدیل به روز کاری" not in seen
    assert "تبدیل به روز کاری" in client_for(cast.admin).get(reverse("sla:calendar")).content.decode()


def test_a_day_off_is_typed_as_a_jalali_date(client_for, cast, service):
    day = tehran_date(database_now())
    client_for(cast.laleh).post(reverse("sla:calendar"), {"day": format_date(day, "numeric", "fa"), "title": "تعطیلی"})
    assert Holiday.objects.get().day == day


@pytest.mark.parametrize("day", ["1404/12/30", "1405/13/1", "فردا", ""])
def test_a_day_that_does_not_exist_is_refused_beside_its_field(client_for, cast, service, day):
    response = client_for(cast.laleh).post(reverse("sla:calendar"), {"day": day, "title": "تعطیلی"})
    assert response.status_code == 422
    assert not Holiday.objects.exists()


def test_the_leap_day_of_1403_is_taken(client_for, cast, service):
    client_for(cast.laleh).post(reverse("sla:calendar"), {"day": "۱۴۰۳/۱۲/۳۰", "title": "آخرین روز سال"})
    assert to_jalali(Holiday.objects.get().day) == (1403, 12, 30)


def test_removing_asks_for_a_reason(client_for, cast, holiday):
    where = reverse("sla:holiday_remove", args=[holiday.pk])
    laleh = client_for(cast.laleh)
    assert laleh.post(where, {"reason": ""}).status_code == 409
    assert laleh.post(where, {"reason": "لغو شد"}).status_code == 302
    assert Event.objects.get(noun="holiday", verb="remove").data["reason"] == "لغو شد"


def test_a_years_official_holidays_are_taken_over(client_for, cast, service):
    client_for(cast.admin).post(reverse("sla:calendar_seed"), {"year": "1406"})
    assert {to_jalali(day)[0] for day in Holiday.objects.values_list("day", flat=True)} == {1406}


@pytest.mark.parametrize("who", ["reza", "omid", "nader"])
def test_others_change_nothing_in_the_calendar(client_for, cast, holiday, who):
    person = client_for(getattr(cast, who))
    assert person.post(reverse("sla:calendar"), {"day": "1405/9/1", "title": "تعطیلی"}).status_code == 403
    assert person.post(reverse("sla:holiday_remove", args=[holiday.pk]), {"reason": "لغو"}).status_code == 403
    assert person.post(reverse("sla:calendar_seed"), {"year": "1406"}).status_code == 403
    assert Holiday.objects.count() == 1


def test_the_acceptance_can_be_given_for_several_units_of_one_head(client_for, cast, agreement):
    from tests.factories import make_membership
    from units.enums import Role

    make_membership(cast.reza, cast.b, Role.HEAD)
    client_for(cast.reza).post(f"{answer_page(agreement)}?unit={cast.b.code}", {"answer": "accepted"})
    assert [a.unit for a in Acceptance.objects.all()] == [cast.b]
    answer_agreement(agreement=agreement, unit=cast.a, answer=Answer.ACCEPTED, by=cast.reza)
    assert "پذیرفته‌شده" in client_for(cast.reza).get(answer_page(agreement)).content.decode()
