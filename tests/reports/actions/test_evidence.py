"""Evidence: what a file is by its content, how many and how large, who sees it, and how it leaves the portal."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from reports.actions.evidence import add_evidence, remove_evidence
from reports.actions.returns import return_for_correction
from reports.actions.submission import submit_report
from reports.models import Evidence, Report
from reports.queries.drafts import collect
from sajad_portal.lib.errors import Forbidden, Refused
from tests.calls import PDF, fill, published_call, report_of, submitted_report
from units.models import Event

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\x00" * 40
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><html><body><script>alert(1)</script></body></html>"


def packed(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return held.getvalue()


XLSX = packed("[Content_Types].xml", "xl/workbook.xml")
DOCX = packed("[Content_Types].xml", "word/document.xml")
MACROS = packed("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin")


@pytest.fixture
def report(cast) -> Report:
    return report_of(published_call(cast), cast.a)


def upload(name="sanad.pdf", content=PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def add(report, by, name="sanad.pdf", content=PDF, indicator="HSG-01") -> Evidence:
    return add_evidence(report=report, indicator=indicator, upload=upload(name, content), by=by)


def stored_files() -> list[Path]:
    root = Path(django_settings.MEDIA_ROOT) / "evidence"
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


def refused(report, by, **what) -> str:
    before = stored_files()
    with pytest.raises(Refused) as refusal:
        add(report, by, **what)
    assert stored_files() == before
    assert not Evidence.objects.exists()
    return refusal.value.code


# ------------------------------------------------------------------------------------------------- what is accepted
@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.PNG", PNG, "image/png"),
        ("a.jpeg", JPG, "image/jpeg"),
        ("a.zip", packed("list.txt"), "application/zip"),
        ("a.xlsx", XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.csv", "نام,تعداد\nالف,۱\n".encode(), "text/csv"),
    ],
)
def test_what_offices_send_is_taken(report, cast, name, content, media_type):
    evidence = add(report, cast.sara, name, content)

    assert (evidence.media_type, evidence.size) == (media_type, len(content))
    assert evidence.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("plan.pdf", SVG, "file-content"),
        ("plan.pdf", HTML, "file-content"),
        ("plan.svg", SVG, "file-type"),
        ("page.html", HTML, "file-type"),
        ("list.csv", HTML, "file-content"),
        ("list.csv", b"\x00\x01\x02\x03", "file-content"),
        ("book.xlsx", MACROS, "file-macros"),
        ("book.xlsx", packed("list.txt"), "file-content"),
        ("book.xlsx", b"PK\x03\x04 not really", "file-content"),
        ("photo.jpg", PDF, "file-content"),
        ("run.exe", b"MZ" + b"\x00" * 100, "file-type"),
        ("empty.pdf", b"", "empty-file"),
    ],
)
def test_what_is_not_what_it_says_is_refused_and_nothing_is_stored(report, cast, name, content, code):
    assert refused(report, cast.sara, name=name, content=content) == code


def test_a_file_above_the_limit_is_refused_in_plain_persian(report, cast, settings):
    with pytest.raises(Refused) as refusal:
        add(report, cast.sara, content=PDF + b"0" * (30 * 1024 * 1024))

    assert refusal.value.code == "too-large"
    assert "۲۰ مگابایت" in str(refusal.value)
    assert not Evidence.objects.exists()


def test_an_indicator_holds_so_many_files_and_no_more(report, cast, settings):
    settings.EVIDENCE_MAX_FILES = 2
    for number in (1, 2):
        add(report, cast.sara, content=PDF + bytes([number]))
    before = stored_files()

    with pytest.raises(Refused) as refusal:
        add(report, cast.sara, content=PDF + b"3")

    assert refusal.value.code == "too-many"
    assert (stored_files(), Evidence.objects.count()) == (before, 2)


def test_the_same_file_twice_is_one_file(report, cast):
    add(report, cast.sara)
    with pytest.raises(Refused) as refusal:
        add(report, cast.sara, name="again.pdf")

    assert refusal.value.code == "already-there"


def test_the_name_is_tidied_and_the_stored_one_is_nobodys_guess(report, cast):
    evidence = add(report, cast.sara, name="../../etc/گزارش\u202efdp.pdf")

    assert "/" not in evidence.name
    assert "\u202e" not in evidence.name
    assert evidence.name not in evidence.file.name
    assert not evidence.file.path.startswith(str(django_settings.STATIC_ROOT))


def test_an_indicator_that_the_form_does_not_have_is_refused(report, cast):
    assert refused(report, cast.sara, indicator="XYZ-99") == "no-indicator"
    assert refused(report, cast.sara, indicator="MGT-01") == "no-indicator"  # filled by the portal


# ------------------------------------------------------------------------------------------------ who, and until when
def test_only_the_unit_adds_and_removes(report, cast):
    evidence = add(report, cast.sara)
    for person in (cast.mina, cast.omid, cast.nader):
        with pytest.raises(Forbidden):
            add(report, person, content=PDF + b"9")
        with pytest.raises(Forbidden):
            remove_evidence(report=report, evidence=evidence, by=person)


def test_after_the_closing_nothing_is_stored(report, cast, clock):
    clock.move(days=4)

    assert refused(report, cast.sara) == "closed"


def test_a_removed_file_stays_for_the_revisions_that_name_it(report, cast):
    evidence = add(report, cast.sara)
    remove_evidence(report=report, evidence=evidence, by=cast.sara)
    remove_evidence(report=report, evidence=evidence, by=cast.sara)  # a second click changes nothing

    evidence.refresh_from_db()
    assert evidence.removed_by == cast.sara
    assert collect(report).evidence == []
    assert evidence.file.read() == PDF
    assert Event.objects.filter(verb="remove_evidence").count() == 1


def test_during_a_return_only_remarked_indicators_take_files(cast):
    report, revision = submitted_report(cast, published_call(cast))
    return_for_correction(report=report, remarks={"HSG-02": "روزها را بازبینی کنید."}, note="", by=cast.laleh)
    kept = Evidence.objects.get(pk=revision.evidence[0]["id"])
    with pytest.raises(Refused) as refusal:
        remove_evidence(report=report, evidence=kept, by=cast.sara)
    assert refusal.value.code == "not-remarked"

    added = add(report, cast.sara, content=PDF + b"7", indicator="HSG-02")
    assert [e.pk for e in collect(Report.objects.select_related("call").get(pk=report.pk)).evidence] == [
        kept.pk, added.pk,
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------- on its way out
def address(report, evidence) -> str:
    return reverse("reports:evidence", args=[report.tracking_code, evidence.pk])


def test_a_file_is_saved_never_sniffed_and_never_run(report, cast, client_for):
    evidence = add(report, cast.sara, name="فهرست.pdf")
    answer = client_for(cast.sara).get(address(report, evidence))

    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == PDF


@pytest.mark.parametrize(
    ("name", "content", "shown"), [("a.png", PNG, True), ("a.pdf", PDF, True), ("a.xlsx", XLSX, False)]
)
def test_only_harmless_kinds_are_shown_in_the_page(report, cast, client_for, name, content, shown):
    evidence = add(report, cast.sara, name, content)
    answer = client_for(cast.sara).get(address(report, evidence) + "?inline=1")

    assert answer["Content-Disposition"].startswith("inline" if shown else "attachment")
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_stranger_finds_no_file(report, cast, client_for):
    evidence = add(report, cast.sara)

    assert client_for(cast.mina).get(address(report, evidence)).status_code == 404
    assert client_for(cast.mina).post(address(report, evidence) + "remove/").status_code == 404


def test_a_file_of_another_report_is_not_found_under_this_code(report, cast, client_for):
    other = add(report_of(report.call, cast.b), cast.mina)

    assert client_for(cast.laleh).get(address(report, other)).status_code == 404


# ------------------------------------------------------------------------------------------------------- on the page
def post(client, report, name="sanad.pdf", content=PDF, **headers):
    where = reverse("reports:evidence_add", args=[report.tracking_code]) + "?indicator=HSG-01"
    return client.post(where, {"file:HSG-01": upload(name, content)}, headers=headers)


def test_the_script_gets_the_files_back_and_what_they_change(report, cast, client_for):
    answer = post(client_for(cast.sara), report, **{"HX-Request": "true"})
    html = answer.content.decode()

    assert answer.status_code == 200
    assert "sanad.pdf" in html
    assert 'id="missing"' in html


def test_a_refusal_stands_beside_the_field(report, cast, client_for):
    answer = post(client_for(cast.sara), report, content=SVG, **{"HX-Request": "true"})

    assert answer.status_code == 422
    assert "محتوای «sanad.pdf»" in answer.content.decode()
    assert not Evidence.objects.exists()


def test_without_a_script_file_and_answers_are_stored_by_one_post(report, cast, client_for):
    where = reverse("reports:report_edit", args=[report.tracking_code, "housing"])
    client_for(cast.sara).post(where, {"base": 0, "q:housed": "72", "file:HSG-01": upload()})

    assert collect(report).answers == {"housed": "72"}
    assert [e.name for e in collect(report).evidence] == ["sanad.pdf"]


def test_a_revision_names_its_files_with_their_fingerprints(cast):
    report = fill(report_of(published_call(cast), cast.a), cast.sara)
    revision = submit_report(report=report, by=cast.reza)

    assert [(e["indicator"], e["sha256"]) for e in revision.evidence] == [("HSG-01", hashlib.sha256(PDF).hexdigest())]
