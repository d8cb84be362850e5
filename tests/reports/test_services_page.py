"""The public page of a service."""

import pytest
from django.urls import reverse

from reports.actions.calls import excuse_unit
from tests.calls import published_call, report_of
from tests.factories import make_service


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
