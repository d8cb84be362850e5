"""Documents of a service: uploaded, published for ever, pinned by calls."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.documents import publish_document, upload_document
from sla.models import Document
from sla.queries import pinned_documents, published_documents
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
