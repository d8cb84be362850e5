"""What a file is, by its content, and how it leaves the portal."""

import io
import zipfile
from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.files import clean_name, file_response, inspect

PDF = b"%PDF-1.4\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
MEGABYTE = 1024 * 1024


def office(folder: str, *more: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("[Content_Types].xml", f"{folder}/document.xml", *more):
            archive.writestr(name, "<x/>")
    return packed.getvalue()


def refusal_of(name: str, content: bytes, **limits) -> str:
    with pytest.raises(Refused) as refusal:
        inspect(SimpleUploadedFile(name, content), **{"max_bytes": MEGABYTE, **limits})
    return refusal.value.code


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("سند.pdf", PDF, "application/pdf"),
        ("نقشه.PNG", PNG, "image/png"),
        ("عکس.jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 20, "image/jpeg"),
        ("فهرست.csv", "نام،تعداد\nالف،۱\n".encode(), "text/csv"),
        ("جدول.xlsx", office("xl"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("نامه.docx", office("word"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
def test_a_file_is_taken_for_what_it_is(name, content, media_type):
    found = inspect(SimpleUploadedFile(name, content), max_bytes=MEGABYTE)
    assert (found.name, found.media_type, found.size) == (name, media_type, len(content))
    assert found.sha256 == sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("سند.pdf", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        ("سند.pdf", b"<!doctype html><script>1</script>"),
        ("نقشه.png", PDF),
        ("جدول.xlsx", office("word")),
        ("جدول.xlsx", b"PK\x03\x04 broken"),
        ("نامه.docx", office("word", "word/vbaProject.bin")),
        ("فهرست.csv", b"<html><script>1</script></html>"),
        ("فهرست.csv", b"a,b\x00c"),
        ("یادداشت.txt", PDF),
    ],
)
def test_a_content_that_belies_its_name_is_refused(name, content):
    assert refusal_of(name, content) == "file-content"


@pytest.mark.parametrize("name", ["نقشه.svg", "صفحه.html", "برنامه.exe", "سند.pdf.js", "بی‌پسوند"])
def test_other_kinds_are_refused_by_name(name):
    assert refusal_of(name, PDF) == "file-type"


def test_a_kind_that_is_not_wanted_here_is_refused():
    assert refusal_of("نقشه.png", PNG, allowed={".pdf"}) == "file-type"


def test_an_empty_file_is_refused():
    assert refusal_of("سند.pdf", b"") == "empty-file"


def test_a_file_above_the_limit_is_refused_before_it_is_read():
    class Huge(SimpleUploadedFile):
        def chunks(self, chunk_size=None):
            raise AssertionError("it was read")

    huge = Huge("سند.pdf", PDF)
    huge.size = 30 * MEGABYTE
    with pytest.raises(Refused) as refusal:
        inspect(huge, max_bytes=20 * MEGABYTE)
    assert refusal.value.code == "too-large"


def test_a_name_loses_its_path_and_what_headers_stumble_over():
    assert clean_name('..\\..\\etc/گزارش "نهایی"\u202e.pdf') == "گزارش نهایی.pdf"


@pytest.mark.parametrize(
    ("media_type", "inline", "kind"),
    [
        ("application/pdf", True, "inline"),
        ("application/pdf", False, "attachment"),
        ("text/html", True, "attachment"),
        ("image/svg+xml", True, "attachment"),
    ],
)
def test_only_harmless_types_are_ever_shown_inline(media_type, inline, kind):
    response = file_response(ContentFile(PDF), name="سند.pdf", media_type=media_type, inline=inline)
    assert response["Content-Disposition"].startswith(kind)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    if media_type not in ("application/pdf",):
        assert response["Content-Type"] == "application/octet-stream"


def test_the_name_of_a_download_survives_in_the_header():
    response = file_response(ContentFile(PDF), name='گزارش"؛\r\nX: 1.pdf', media_type="application/pdf")
    assert "\r" not in response["Content-Disposition"]
    assert "filename*=UTF-8''%DA%AF" in response["Content-Disposition"]
