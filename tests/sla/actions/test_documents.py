"""Documents of a service: uploaded, published for ever, pinned by calls."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse

from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.files import file_response
from sla.actions.documents import publish_document, upload_document
from sla.enums import PINNED_SLOTS, Slot
from sla.models import Document
from sla.queries import pinned_documents, published_documents
from tests.calls import published_call, report_of
from tests.factories import PDF, make_document, make_service
from units.models import Event


@pytest.fixture
def service(cast):
    return make_service(cast, documents=False)


def pdf(name="گردش کار.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def upload(cast, service, slot="workflow", by=None, **file):
    return upload_document(service=service, slot=slot, title="", file=pdf(**file), by=by or cast.laleh)


def test_an_upload_is_a_numbered_draft_with_its_hash(cast, service):
    first = upload(cast, service)
    second = upload(cast, service, content=PDF + b"\n")
    assert (first.number, second.number, first.published_at) == (1, 2, None)
    assert (first.media_type, first.size, len(first.sha256)) == ("application/pdf", len(PDF), 64)
    assert str(first.title) == "گردش کار"


def test_the_very_same_file_is_not_a_new_version(cast, service):
    upload(cast, service)
    with pytest.raises(Refused) as refusal:
        upload(cast, service, name="دیگر.pdf")
    assert refusal.value.code == "same-file"


def test_a_file_that_belies_its_name_stores_nothing(cast, service):
    with pytest.raises(Refused):
        upload(cast, service, content=b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert not Document.objects.exists()


@pytest.mark.parametrize("who", ["reza", "omid", "nader", "admin"])
def test_only_a_coordinator_of_the_provider_keeps_documents(cast, service, who):
    document = upload(cast, service)
    for act in (
        lambda: upload(cast, service, slot="faq", by=getattr(cast, who)),
        lambda: publish_document(document=document, by=getattr(cast, who)),
    ):
        with pytest.raises(Forbidden):
            act()


def test_publishing_twice_is_told_once(cast, service):
    document = upload(cast, service)
    assert publish_document(document=document, by=cast.laleh).published_at
    publish_document(document=document, by=cast.laleh)
    assert Event.objects.filter(noun="document", verb="publish").count() == 1


def test_the_database_keeps_a_published_document(cast, service):
    document = make_document(service, "workflow")
    for tamper in (
        lambda: Document.objects.filter(pk=document.pk).update(sha256="0" * 64),
        lambda: Document.objects.filter(pk=document.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            tamper()


def test_a_call_pins_the_newest_published_workflow_directive_and_bylaw(service):
    for slot in ("bylaw", "directive", "workflow"):
        make_document(service, slot)
    newer = make_document(service, "directive", 2, content=PDF + b"2")
    make_document(service, "bylaw", 2, published=False, content=PDF + b"2")
    pinned = pinned_documents(service)
    assert [(d.slot, d.number) for d in pinned] == [("workflow", 1), ("directive", 2), ("bylaw", 1)]
    assert newer in pinned
    assert [d.slot for d in published_documents(service)] == ["workflow", "directive", "bylaw"]


def test_what_is_missing_for_a_call_is_named(service):
    make_document(service, "directive")
    with pytest.raises(Refused) as refusal:
        pinned_documents(service)
    assert refusal.value.code == "documents-missing"
    assert "گردش کار" in str(refusal.value)
    assert "دستورالعمل" not in str(refusal.value)


# ------------------------------------------------------------------------------------------------ the pages
def shelf_texts(client, service):
    return client.get(reverse("sla:documents", args=[service.slug])).content.decode()


def test_every_fixed_slot_has_its_place_and_the_empty_ones_say_so(client, client_for, cast, service):
    make_document(service, "workflow")
    anybody, keeper = shelf_texts(client, service), shelf_texts(client_for(cast.laleh), service)
    for slot in Slot:
        assert str(slot.label) in anybody
    assert anybody.count("هنوز منتشر نشده است.") == 6
    assert keeper.count("هیچ فراخوان این خدمت منتشر نمی‌شود") == 2  # directive and bylaw; the others hold no call up
    assert keeper.count("هنوز چیزی بارگذاری نشده است.") == 6


def test_old_versions_stay_reachable_by_anybody(client, service):
    first = make_document(service, "directive")
    second = make_document(service, "directive", 2, content=PDF + b"2")
    page = shelf_texts(client, service)
    for document in (first, second):
        view = reverse("sla:document_view", args=[document.pk])
        assert view in page
        assert client.get(view).status_code == 200
    seen = client.get(reverse("sla:document_view", args=[first.pk])).content.decode()
    assert "نسخهٔ پیشین" in seen
    assert reverse("sla:document_view", args=[second.pk]) in seen


def test_a_document_shows_its_kind_size_hash_and_dates(client, service):
    document = make_document(service, "workflow")
    text = client.get(reverse("sla:document_view", args=[document.pk])).content.decode()
    assert document.sha256 in text
    assert "گردش کار" in text
    assert "PDF" in text


def test_a_draft_and_its_versions_are_viewed_by_their_keepers_alone(client, client_for, cast, service):
    make_document(service, "faq")
    draft = make_document(service, "faq", 2, published=False, content=PDF + b"2")
    view = reverse("sla:document_view", args=[draft.pk])
    assert (client.get(view).status_code, client_for(cast.laleh).get(view).status_code) == (404, 200)
    published = reverse("sla:document_view", args=[draft.pk - 1])
    assert view not in client.get(published).content.decode()
    assert view in client_for(cast.laleh).get(published).content.decode()


def test_a_pdf_is_shown_from_a_sandbox_and_only_such_a_file_stands_in_a_frame(client, service):
    document = make_document(service, "workflow")
    page = client.get(reverse("sla:document_view", args=[document.pk]))
    file = client.get(reverse("sla:document_file", args=[document.pk]) + "?show")
    rules = file["Content-Security-Policy"].split("; ")
    assert "sandbox allow-scripts" in rules  # without allow-same-origin: an origin of its own
    assert {"default-src 'none'", "frame-ancestors 'self'"} <= set(rules)
    assert (file["X-Content-Type-Options"], file["X-Frame-Options"]) == ("nosniff", "SAMEORIGIN")
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_a_picture_gets_no_script_at_all(client, service):
    document = make_document(service, "workflow")
    answer = file_response(document.file, name="نقشه.png", media_type="image/png", inline=True)
    assert answer["Content-Security-Policy"].endswith("; sandbox")


def test_the_documents_page_asks_the_same_number_of_questions_at_one_and_at_three(
    client_for, cast, service, django_assert_num_queries
):
    laleh, page = client_for(cast.laleh), reverse("sla:documents", args=[service.slug])
    make_document(service, "workflow")
    laleh.get(page)
    with django_assert_num_queries(7):
        laleh.get(page)
    make_document(service, "workflow", 2, content=PDF + b"2")
    make_document(service, "faq", published=False)
    with django_assert_num_queries(7):
        laleh.get(page)


# ------------------------------------------------------------------------------------------------ pinned by a call
def test_a_call_and_its_report_show_the_pinned_versions_for_ever(cast, client_for):
    service = make_service(cast)
    call = published_call(cast, service=service)
    pinned = list(service.documents.filter(slot__in=PINNED_SLOTS))
    for slot in PINNED_SLOTS:
        publish_document(document=make_document(service, slot, 2, published=False, content=PDF + b"2"), by=cast.laleh)
    newer = service.documents.filter(number=2)
    text = (
        client_for(cast.reza)
        .get(reverse("reports:report", args=[report_of(call, cast.a).tracking_code]))
        .content.decode()
    )
    assert all(reverse("sla:document_view", args=[document.pk]) in text for document in pinned)
    assert not any(reverse("sla:document_view", args=[document.pk]) in text for document in newer)
    assert set(call.pinned.values_list("document_id", flat=True)) == {document.pk for document in pinned}
