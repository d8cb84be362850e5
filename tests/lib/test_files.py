"""What a file is, by its content, and how it leaves the portal."""

import io
import zipfile
from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from sajad_portal.lib import archives
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
        ("فهرست.csv", b"<html><script>1</script></html>"),
        ("فهرست.csv", b"a,b\x00c"),
        ("یادداشت.txt", PDF),
    ],
)
def test_a_content_that_belies_its_name_is_refused(name, content):
    assert refusal_of(name, content) == "file-content"


def docx(parts: dict[str, str]) -> bytes:
    packed = io.BytesIO(office("word"))
    with zipfile.ZipFile(packed, "a") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return packed.getvalue()


def relation(kind: str, target: str, mode: str = "External") -> str:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}" '
        f'TargetMode="{mode}"/></Relationships>'
    )


@pytest.mark.parametrize(
    "parts",
    [
        {"word/vbaProject.bin": ""},
        {"[content_types].xml": '<Types><Override ContentType="application/vnd.ms-office.vbaProject"/></Types>'},
        {"[Content_Types].xml": '<T><Override ContentType="application/vnd.ms-excel.intlmacrosheet+xml"/></T>'},
        {"_rels/.rels": relation("vbaProject", "innocent.bin", "Internal")},
    ],
    ids=["by name", "by what it is said to be", "a macro sheet", "by what points to it"],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_document_that_runs_a_program_is_refused_whatever_its_part_is_named(parts):
    assert refusal_of("نامه.docx", docx(parts)) == "file-macros"


@pytest.mark.parametrize("kind", ["attachedTemplate", "oleObject", "frame", "externalLinkPath", "image", "subDocument"])
def test_a_document_that_loads_something_when_it_is_opened_is_refused(kind):
    text = relation(kind, "https://elsewhere.example/x")
    assert refusal_of("نامه.docx", docx({"word/_rels/settings.xml.rels": text})) == "file-links"


@pytest.mark.parametrize(
    "text",
    [
        relation("attachedTemplate", "mhtml:x.dotx", " external "),
        relation("attachedTemplate", "file://elsewhere/share/x.dotx"),
        relation("attachedTemplate", "file:///%5C%5Celsewhere%5Cx.dotx"),
        relation("externalLinkPath", "file:////elsewhere/x.xlsx"),
        relation("externalLinkPath", "\\\\elsewhere\\x.xlsx"),
        relation("attachedTemplate", "https://elsewhere.example/x", "Internal"),
        relation("attachedTemplate", "\\\\elsewhere\\x", "Internal"),
    ],
)
def test_a_pointer_to_elsewhere_is_known_however_it_is_spelt(text):
    assert refusal_of("نامه.docx", docx({"WORD/_RELS/SETTINGS.XML.RELS": text})) == "file-links"


@pytest.mark.parametrize(
    "text",
    [
        relation("hyperlink", "https://my.saorg.ir/"),
        relation("attachedTemplate", "file:///C:\\Users\\sara\\AppData\\Roaming\\Microsoft\\Templates\\نامه.dotx"),
        relation("externalLinkPath", "بودجه%201405.xlsx"),
        relation("externalLinkPath", "file:///D:/%D8%A8%D9%88%D8%AF%D8%AC%D9%87.xlsx"),
        relation("externalLinkPath", "/Users/sara/x.xlsx", "External").replace("/Users", "file:///Users"),
    ],
)
def test_what_a_person_presses_and_what_lay_on_the_authors_own_disk_are_no_pointers_elsewhere(text):
    found = inspect(SimpleUploadedFile("نامه.docx", docx({"word/_rels/d.xml.rels": text})), max_bytes=MEGABYTE)
    assert found.name == "نامه.docx"


@pytest.mark.parametrize("text", ['<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "no list", "<x>" + " " * 5 * MEGABYTE])
def test_a_list_of_parts_that_no_program_of_office_writes_is_refused(text):
    limits = {"max_bytes": 9 * MEGABYTE}
    assert refusal_of("نامه.docx", docx({"word/_rels/d.xml.rels": text}), **limits) == "file-content"


def directory_of(names: int) -> bytes:
    """An archive that is only a directory: names without contents."""
    entry = b"PK\x01\x02" + b"\0" * 24 + b"\1\0" + b"\0" * 16 + b"x"
    size = names * len(entry)
    end = b"PK\x05\x06" + b"\0" * 8 + size.to_bytes(4, "little") + b"\0" * 6
    return entry * names + end


def test_an_archive_is_refused_for_its_number_of_parts_before_its_directory_is_read(monkeypatch):
    monkeypatch.setattr(zipfile.ZipInfo, "__init__", lambda *_args, **_more: pytest.fail("a part was looked at"))
    assert refusal_of("بسته.zip", directory_of(100_000), max_bytes=20 * MEGABYTE) == "archive-too-large"


def test_an_archive_of_a_part_too_many_is_refused():
    assert refusal_of("بسته.zip", directory_of(10_001)) == "archive-too-large"
    assert inspect(SimpleUploadedFile("بسته.zip", directory_of(10_000)), max_bytes=MEGABYTE).name == "بسته.zip"


def test_an_archive_that_unpacks_to_more_than_its_limit_is_refused(monkeypatch):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.csv", b"0" * 2_000)
    monkeypatch.setattr(archives, "MAX_UNPACKED", 1_999)
    assert refusal_of("بسته.zip", packed.getvalue()) == "archive-too-large"


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
