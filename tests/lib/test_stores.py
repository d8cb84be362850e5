"""A full disk is a sentence, and nothing is stored by halves: a store that says so, and a limit that the system keeps."""

import errno
import resource
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from reports.actions.exports import make_export, request_export
from reports.models import Evidence, Export
from sajad_portal.lib.errors import Refused
from sla.models import Document
from tests.calls import PDF, published_call, report_of
from tests.exports import MAKERS, REPORTS_CSV

MEGABYTE = 1024 * 1024
SAID = "روی دیسک سامانه جایی نمانده"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)


@pytest.fixture
def full(monkeypatch):
    """Called: from now on the disk takes the first half of a file."""

    def half(store, name, content):
        path = Path(store.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read()[: content.size // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    return lambda: monkeypatch.setattr(FileSystemStorage, "_save", half)


@pytest.fixture
def small_files():
    """The system lets nobody write a file above 200 kB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def stored(folder: str = "evidence") -> list[str]:
    root = Path(default_storage.path(folder))
    return [path.name for path in root.rglob("*") if path.is_file()] if root.exists() else []


@pytest.fixture
def upload(cast, client_for):
    """Sara sends a file of so many bytes as evidence; the answer."""
    report = report_of(published_call(cast), cast.a)
    address = reverse("reports:evidence_add", args=[report.tracking_code]) + "?indicator=HSG-01"
    client = client_for(cast.sara)
    return lambda size, **headers: client.post(
        address, {"file": SimpleUploadedFile("sanad.pdf", PDF.ljust(size))}, headers=headers
    )


def test_a_store_that_is_full_refuses_and_keeps_no_half(full):
    full()
    with pytest.raises(Refused) as refusal:
        default_storage.save("evidence/a.pdf", ContentFile(PDF))
    assert (refusal.value.code, refusal.value.status, stored()) == ("disk-full", 507, [])


def test_a_file_that_another_stored_whole_is_not_taken_for_a_half(monkeypatch):
    path = Path(default_storage.path("evidence/a.pdf"))
    path.parent.mkdir(parents=True)
    path.write_bytes(PDF)

    def at_once(_store, _name, _content):
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr(FileSystemStorage, "_save", at_once)
    with pytest.raises(Refused):
        default_storage._save("evidence/a.pdf", ContentFile(PDF))
    assert stored() == ["a.pdf"]


def test_another_trouble_of_the_disk_is_not_called_full(monkeypatch):
    def broken(_store, _name, _content):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(FileSystemStorage, "_save", broken)
    with pytest.raises(OSError, match="Input/output"):
        default_storage.save("a.pdf", ContentFile(PDF))


@pytest.mark.django_db
def test_evidence_that_finds_no_room_leaves_neither_row_nor_file(upload, full):
    full()
    answer = upload(1_000, **{"HX-Request": "true"})
    assert (answer.status_code, SAID in answer.content.decode()) == (422, True)
    assert (Evidence.objects.count(), stored()) == (0, [])


@pytest.mark.django_db
@pytest.mark.parametrize("size", [2 * MEGABYTE, 3 * MEGABYTE], ids=["kept in memory", "kept on disk while it comes"])
def test_a_limit_of_the_system_is_a_sentence_wherever_it_is_met(upload, small_files, size):
    answer = upload(size, **{"HX-Request": "true"})
    assert (answer.status_code, SAID in answer.content.decode()) == (422 if size < 2.5 * MEGABYTE else 507, True)
    assert (Evidence.objects.count(), stored()) == (0, [])


@pytest.mark.django_db
def test_below_the_limit_files_are_stored(upload, small_files):
    assert upload(150_000, **{"HX-Request": "true"}).status_code == 200
    assert (Evidence.objects.count(), len(stored())) == (1, 1)


@pytest.mark.django_db
def test_a_document_that_finds_no_room_leaves_no_row(cast, client_for, full):
    service = published_call(cast).service
    before = Document.objects.count(), stored("documents")
    full()
    answer = client_for(cast.laleh).post(
        reverse("sla:documents", args=[service.slug]),
        {"slot": "workflow", "title": "راهنما", "file": SimpleUploadedFile("a.pdf", PDF + b"new")},
    )
    assert SAID in answer.content.decode()
    assert (Document.objects.count(), stored("documents")) == before


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["while it is written", "when it is stored"])
def test_an_export_that_finds_no_room_says_so_at_once(cast, full, where):
    def written(_by, _parameters, path, _beats):
        if where == "while it is written":
            raise OSError(errno.ENOSPC, "No space left on device")
        path.write_bytes(b"a,b")

    call = published_call(cast)
    full()
    export = request_export(kind=REPORTS_CSV, parameters={"call": call.pk}, language="fa", by=cast.laleh)
    assert make_export(export.pk, {**MAKERS, REPORTS_CSV: written}) is False
    export = Export.objects.get(pk=export.pk)
    assert (export.failed_at is not None, SAID in export.trouble, export.attempts, stored("exports")) == (
        True,
        True,
        1,
        [],
    )


@pytest.mark.django_db
def test_a_page_that_finds_no_room_says_so_too(cast, client_for, monkeypatch):
    def full_disk(*_args, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("reports.views.calls.list.numbers_of", full_disk)
    answer = client_for(cast.laleh).get("/calls/")
    assert (answer.status_code, SAID in answer.content.decode()) == (507, True)
