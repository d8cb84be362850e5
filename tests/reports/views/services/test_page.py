"""The public page of a service."""

import pytest
from django.urls import reverse

from reports.actions.calls import excuse_unit
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.services import edit_service
from sla.enums import Slot
from tests.calls import published_call, report_of
from tests.factories import LONG_AGO, make_document, make_service
from units.models import Event


@pytest.fixture
def service(cast):
    return make_service(cast)


def where(service):
    return reverse("reports:service", args=[service.slug])


def test_a_single_service_is_where_the_list_leads(client, service):
    assert client.get(reverse("reports:services"))["Location"] == where(service)


def test_several_services_are_listed(client, cast, service):
    make_service(cast, slug="second")
    text = client.get(reverse("reports:services")).content.decode()
    assert where(service) in text
    assert reverse("reports:service", args=["second"]) in text


def test_anybody_reads_the_agreement_documents_and_that_it_is_free(client, service):
    text = client.get(where(service)).content.decode()
    assert "فرایند حل اختلاف" in text
    assert text.count("رایگان") >= 3
    for document in service.documents.all():
        assert reverse("sla:document_file", args=[document.pk]) in text


def test_an_open_call_shows_how_many_have_sent_and_names_nobody(client, cast, service):
    call = published_call(cast, service=service)
    text = client.get(where(service)).content.decode()
    assert call.title in text
    assert "۰ واحد از ۲" in text
    assert cast.a.name not in text


def test_an_excused_unit_is_not_counted(client, cast, service):
    call = published_call(cast, service=service)
    excuse_unit(report=report_of(call, cast.b), by=cast.laleh, reason="ادغام شد")
    assert "۰ واحد از ۱" in client.get(where(service)).content.decode()


def test_a_closed_call_is_not_listed_as_open(client, cast, service, clock):
    call = published_call(cast, service=service)
    clock.move_to(call.closes_at + call.grace)
    assert call.title not in client.get(where(service)).content.decode()


def test_few_measured_requests_are_withheld(client, service):
    assert "هنوز هیچ" in client.get(where(service)).content.decode()


def test_the_page_reads_in_english(client, service):
    client.cookies["django_language"] = "en"
    assert "Performance review of student services" in client.get(where(service)).content.decode()


def test_an_unknown_service_is_not_found(client, service):
    assert client.get(reverse("reports:service", args=["nothing"])).status_code == 404


def test_the_tracking_box_leads_to_tracking(client, service):
    assert f'action="{reverse("reports:track")}"' in client.get(where(service)).content.decode()


# ------------------------------------------------------------------------------------------------ the card
def test_the_card_says_everything_that_a_service_card_says(client, service):
    text = client.get(where(service)).content.decode()
    for said in (
        service.code, "دولت به دولت", "حاکمیتی", "با فرارسیدن زمان مشخص", "امضای مدیر واحد در همین سامانه", service.window,
        service.contact, service.email, service.address, "میانگین زمان تا نتیجهٔ اولیه", "آخرین به‌روزرسانی",
    ):  # fmt: skip
        assert said in text


def test_what_the_card_lacks_is_told_to_its_keeper_and_to_nobody_else(client, client_for, cast, service):
    type(service).objects.filter(pk=service.pk).update(nature="", email="", required_documents="")
    assert "در شناسنامه هنوز نیامده است" not in client.get(where(service)).content.decode()
    text = client_for(cast.laleh).get(where(service)).content.decode()
    assert "در شناسنامه هنوز نیامده است" in text
    assert {"ماهیت خدمت", "مدارک لازم", "رایانامه"} == set(
        client_for(cast.laleh).get(where(service)).context["missing"]
    )


def test_all_seven_slots_stand_on_the_page_and_what_is_missing_is_said_to_the_keeper(client, client_for, cast, service):
    text = client.get(where(service)).content.decode()
    assert all(str(slot.label) in text for slot in Slot)
    assert text.count("هنوز منتشر نشده است") == 4
    bare = make_service(cast, slug="bare", documents=False)
    keeper = client_for(cast.laleh).get(where(bare)).content.decode()
    assert keeper.count("موجود نیست؛ برای انتشار فراخوان لازم است") == 3


def test_the_page_shows_the_agreements_own_header_and_leads_to_its_paper(client, cast, service):
    edit_service(service=service, title="نام تازه", by=cast.laleh)
    text = client.get(where(service)).content.decode()
    assert "نام تازه" in text
    assert "ارزیابی عملکرد حوزهٔ خدمات دانشجویی سازمان" in text
    assert reverse("sla:agreement_pdf", args=[service.agreement_versions.get().pk]) in text


def test_the_page_asks_as_much_for_three_calls_and_documents_as_for_one(
    client, cast, service, django_assert_num_queries
):
    published_call(cast, service=service)
    client.get(where(service))
    with django_assert_num_queries(10):
        client.get(where(service))
    for number, code in enumerate(("1405-Q3", "1405-Q4"), 2):
        published_call(cast, service=service, period_code=code)
        make_document(service, "workflow", number, content=b"%PDF-1.4 " + code.encode())
    with django_assert_num_queries(10):
        client.get(where(service))


def test_the_keeper_edits_the_card_and_an_event_says_what_changed(client_for, cast, service):
    laleh, page = client_for(cast.laleh), reverse("sla:service_edit", args=[service.slug])
    form = laleh.get(page).context["form"]
    typed = {**form.initial, "title": "  عنوان تازه ", "email": "", "seen": laleh.get(page).context["seen"]}
    assert laleh.post(page, typed)["Location"] == where(service)
    service.refresh_from_db()
    assert (service.title, service.email, service.updated_at > LONG_AGO) == ("عنوان تازه", "", True)
    assert set(Event.objects.get(noun="service", verb="edit").data["changed"]) == {"title", "email"}


def test_a_card_that_somebody_else_saved_meanwhile_is_not_overwritten(client_for, cast, service):
    laleh, page = client_for(cast.laleh), reverse("sla:service_edit", args=[service.slug])
    typed = {**laleh.get(page).context["form"].initial, "seen": laleh.get(page).context["seen"]}
    edit_service(service=service, hours="شبانه‌روزی", by=cast.laleh)
    answer = laleh.post(page, {**typed, "title": "دیگر"})
    service.refresh_from_db()
    assert (answer.status_code, service.title == "دیگر", service.hours) == (422, False, "شبانه‌روزی")
    assert "دیگر" in answer.content.decode()


def test_saving_a_card_unchanged_tells_nobody(cast, service):
    edit_service(service=service, title=service.title, by=cast.laleh)
    assert not Event.objects.filter(noun="service").exists()


@pytest.mark.parametrize("changes", [{"title": " "}, {"window": ""}, {"kind": "X2Y"}, {"nature": "magic"}])
def test_a_card_that_says_nothing_or_nonsense_is_refused(cast, service, changes):
    with pytest.raises(Refused):
        edit_service(service=service, by=cast.laleh, **changes)


@pytest.mark.parametrize("who", ["reza", "omid", "nader", "admin"])
def test_only_a_coordinator_of_the_provider_edits_the_card(client_for, cast, service, who):
    person = getattr(cast, who)
    assert client_for(person).get(reverse("sla:service_edit", args=[service.slug])).status_code == 403
    with pytest.raises(Forbidden):
        edit_service(service=service, title="دیگر", by=person)
