"""Files that are not what they say, with names that nobody gives a file, at every door that takes one."""

import io
import time
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from reports.models import Evidence
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.files import TYPES, inspect
from sla.models import DisputeFile, Document
from tests.forms import small_form

from .world import World, make_world

XXE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">{more}]>'
LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
PDF = b"%PDF-1.4\n%%EOF\n"


def packed(parts: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes | str) -> bytes:
    """A workbook with one of its parts replaced."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    return packed({**parts, name: content})


def sheet(cells: str, before: str) -> str:
    return (
        f'{before}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f'<row r="1"><c r="A1" t="inlineStr"><is><t>type</t></is></c><c r="B1" t="inlineStr"><is><t>{cells}</t></is></c></row>'
        "</sheetData></worksheet>"
    )


def bomb() -> bytes:
    """A hundred kilobytes that unpack to a hundred megabytes."""
    return with_part(small_form(), "xl/worksheets/sheet9.xml", b"0" * 100_000_000)


CONTENTS = {
    "nothing": b"",
    "markup": b"<!doctype html><script>zq()</script>",
    "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg' onload='zq()'/>",
    "a drawing behind blanks": b"\xef\xbb\xbf \n<svg xmlns='http://www.w3.org/2000/svg' onload='zq()'/>",
    "a PDF that is a page too": PDF + b"<html><script>zq()</script></html>",
    "half an archive": b"PK\x03\x04" + b"\x00" * 50,
    "an archive that climbs": packed({"../../../tmp/zq.txt": "zq", "/etc/zq": "zq"}),
    "a workbook that reads our files": with_part(small_form(), "xl/worksheets/sheet1.xml", sheet("&e;", XXE.format(more=""))),
    "a workbook that laughs": with_part(small_form(), "xl/worksheets/sheet1.xml", sheet("&a9;", XXE.format(more=LAUGHS))),
    "strings that laugh": with_part(small_form(), "xl/sharedStrings.xml", XXE.format(more=LAUGHS) + "<sst><si><t>&a9;</t></si></sst>"),
    "types that laugh": with_part(small_form(), "[Content_Types].xml", XXE.format(more=LAUGHS) + "<Types>&a9;</Types>"),
    "macros": with_part(small_form(), "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0"),
    "macros in capitals": with_part(small_form(), "xl/VBAPROJECT.BIN", b"\xd0\xcf\x11\xe0"),
    "a bomb": bomb(),
    "columns without an end": ("code,rials\n" + "=cmd|' /C calc'!A0," * 5000).encode(),
    "text of another world": "﷽\u202e".encode("utf-16"),
}  # fmt: skip
NAMES = (
    "{0}",
    "../../../../tmp/zq{0}",
    "..\\..\\zq{0}",
    'a"; filename="zq.html{0}',
    "a\r\nSet-Cookie: zq=1{0}",
    "\u202efdp.exe{0}",
    "ن" * 3000 + "{0}",
    "zq.html\x00{0}",
    "%2e%2e%2fzq{0}",
    "CON{0}",
)
ENDINGS = (".pdf", ".xlsx", ".csv", ".zip", ".docx", ".png", ".svg", ".html", "")


@pytest.fixture
def world(cast) -> World:
    return make_world(cast)


def taking(world: World) -> list[tuple]:
    """(who, address, name of the field, what else is sent) of every form that takes a file."""
    cast, service = world.cast, world.service
    draft = reverse("reports:evidence_add", args=[world.reports["open"].tracking_code])
    return [
        (cast.sara, f"{draft}?indicator=HSG-01", "file", {}),
        (cast.reza, reverse("reports:dispute_write", args=[world.dispute.pk]), "files", {"text": "متن"}),
        (cast.laleh, reverse("reports:form_import"), "workbook", {}),
        (cast.laleh, reverse("sla:documents", args=[service.slug]), "file", {"slot": "workflow", "title": "سند"}),
        (cast.laleh, reverse("sla:tariffs", args=[service.slug]), "file", {"year": "1405"}),
        (cast.laleh, reverse("reports:reconciliation"), "file", {"day": "1405/01/05"}),
    ]


def stored(world: World) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.mark.long
@pytest.mark.full_on_sqlite
def test_no_content_fails_a_form_that_takes_files_or_keeps_it_long(world, client_for):
    found = []
    for who, address, field, more in taking(world):
        client = client_for(who)
        client.raise_request_exception = False
        for kind, content in CONTENTS.items():
            for ending in (".xlsx", ".pdf") if "documents" in address or "evidence" in address else (".xlsx",):
                began = time.thread_time()
                answer = client.post(address, {**more, field: SimpleUploadedFile(f"zq{ending}", content)})
                took = time.thread_time() - began
                if answer.status_code >= 500 or took > 5 or b"root:" in answer.content:
                    found.append((address, kind, ending, answer.status_code, round(took, 1)))

    assert found == []


@pytest.mark.long
@pytest.mark.full_on_sqlite
def test_no_name_leads_out_of_the_store_or_into_a_header(world, client_for):
    outside = set(Path("/tmp").glob("*zq*"))
    found = []
    for who, address, field, more in taking(world):
        client = client_for(who)
        client.raise_request_exception = False
        for place, name in enumerate(NAMES):
            for ending in (".pdf", ".xlsx", ".html"):
                content = PDF + f"{place}{ending}".encode()
                if (status := post_raw(client, address, field, name.format(ending), content, more)) >= 500:
                    found.append((address, name[:40], ending, status))
    saved = [*Evidence.objects.all(), *DisputeFile.objects.all(), *Document.objects.all()]

    assert found == []
    assert set(Path("/tmp").glob("*zq*")) == outside
    assert all(Path(row.file.path).is_relative_to(settings.MEDIA_ROOT) for row in saved)
    assert [row.file.name for row in saved if not row.file.name.isascii() and "dispute" not in row.file.name] == []
    assert len(saved) > 10


def post_raw(client: Client, address: str, field: str, name: str, content: bytes, more: dict) -> int:
    """As a program sends it that does not tidy names, as the test client does."""
    parts = [
        f'--zq\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in more.items()
    ]
    head = (
        f'--zq\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: text/html\r\n\r\n'
    )
    body = b"".join([*parts, head.encode(), content, b"\r\n--zq--\r\n"])
    return client.generic("POST", address, body, "multipart/form-data; boundary=zq").status_code


def test_whatever_was_taken_leaves_as_a_harmless_file(world, client_for):
    client = client_for(world.cast.sara)
    address = reverse("reports:evidence_add", args=[world.reports["open"].tracking_code])
    for place, name in enumerate(NAMES):
        for ending, content in (
            (".pdf", PDF),
            (".pdf", CONTENTS["a PDF that is a page too"]),
            (".csv", b"a,b\n=1+1,2\n"),
        ):
            another = content + bytes([48 + place])
            post_raw(client, f"{address}?indicator=WLF-01", "file", name.format(ending), another, {})
    rows = Evidence.objects.filter(report=world.reports["open"]).select_related("report")
    answers = [
        client.get(reverse("reports:evidence", args=[row.report.tracking_code, row.pk]) + how)
        for row in rows
        for how in ("", "?inline=1", "?show")
    ]

    assert len(answers) > 5
    for answer in answers:
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["Content-Type"] in TYPES.values()
        assert answer["Content-Disposition"].isascii()
        assert answer["Content-Disposition"].count('"') == 2
        if answer["Content-Type"] != "application/pdf":
            assert answer["Content-Disposition"].startswith("attachment")
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", ["../zq.txt", "/etc/zq", "a/../../zq", "..\\zq", "C:\\zq"])
def test_an_archive_whose_parts_would_land_elsewhere_is_refused(name):
    with pytest.raises(Refused) as refusal:
        inspect(SimpleUploadedFile("sanad.zip", packed({"ok.txt": "1", name: "zq"})), max_bytes=10**6)
    assert refusal.value.code == "file-content"


def test_macros_are_found_under_any_spelling():
    for name in ("xl/vbaProject.bin", "xl/VBAPROJECT.BIN", "xl/macros/vbaproject.bin"):
        with pytest.raises(Refused):
            inspect(SimpleUploadedFile("jadval.xlsx", with_part(small_form(), name, b"x")), max_bytes=10**7)
