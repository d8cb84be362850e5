"""Files beside a workbook: stored with the version that names them, added later, shown to whoever sees the form."""

import json
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from reports.actions.forms import add_form_files, confirm_form, import_form
from reports.models import FormFile, FormVersion
from reports.queries import form_of
from reports.xlsform import parse_form
from reports.xlsform.definition import READER
from tests.calls import published_call
from tests.forms import workbook
from units.models import Event

CITIES = "name,label\nthr,تهران\nshz,شیراز\n".encode()
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
SURVEY = [
    {
        "type": "select_one_from_file cities.csv",
        "name": "city",
        "label": "شهر",
        "required": "yes",
        "media::image": "map.png",
    },
    {"type": "text", "name": "about", "label": "شرح", "required": "", "media::image": ""},
]


def imported(by=None, **files: bytes) -> FormVersion:
    beside = {name.replace("_", "."): data for name, data in files.items()}
    return import_form(data=workbook(SURVEY), name="form.xlsx", by=by, files=beside)


def test_a_version_keeps_the_files_that_its_workbook_names(cast):
    version = imported(cast.laleh, cities_csv=CITIES, map_png=PNG)

    assert [(file.name, file.media_type, file.size, file.file.read()) for file in version.files.all()] == [
        ("cities.csv", "text/csv", len(CITIES), CITIES),
        ("map.png", "image/png", len(PNG), PNG),
    ]
    assert version.confirmed_at is not None
    assert [choice.name for choice in form_of(version).question("city").choices] == ["thr", "shz"]


def test_a_file_that_the_workbook_does_not_name_is_left_out_and_said_to_be(cast):
    version = imported(cast.laleh, cities_csv=CITIES, other_csv=b"a,b\n1,2\n")

    assert [file.name for file in version.files.all()] == ["cities.csv"]
    assert "other.csv" in " ".join(version.summary["warnings"])


def test_without_its_list_a_form_is_imported_and_waits(cast):
    version = imported(cast.laleh)

    assert version.confirmed_at is None
    assert version.summary["missing_files"] == ["cities.csv", "map.png"]


def test_a_file_that_is_added_later_makes_the_next_version(cast):
    first = imported(cast.laleh, map_png=PNG)

    second = add_form_files(version=first, files={"cities.csv": CITIES}, by=cast.laleh)

    assert (second.number, second.sha256, second.confirmed_at is None) == (2, first.sha256, False)
    assert [file.name for file in second.files.all()] == ["cities.csv", "map.png"]
    assert second.files.get(name="map.png").file.name == first.files.get(name="map.png").file.name
    assert imported(cast.laleh, map_png=PNG) == first


def test_another_list_of_the_same_name_makes_another_version(cast):
    first = imported(cast.laleh, cities_csv=CITIES)

    second = add_form_files(version=first, files={"cities.csv": b"name,label\nx,y\n"}, by=cast.laleh)

    assert [choice.name for choice in form_of(second).question("city").choices] == ["x"]
    assert [choice.name for choice in form_of(first).question("city").choices] == ["thr", "shz"]


def test_the_event_of_the_import_names_the_files(cast):
    version = imported(cast.laleh, cities_csv=CITIES)

    told = Event.objects.get(noun="form_version", key=version.pk).data
    assert told["files"] == {"cities.csv": version.files.get().sha256}


def test_what_must_be_asked_may_be_left_out_by_a_coordinator(cast):
    version = confirm_form(version=imported(cast.laleh), by=cast.laleh)

    assert version.confirmed_at is not None
    assert Event.objects.get(verb="confirm_form", key=version.pk).data == {"without": ["city"]}


# ---------------------------------------------------------------------------------------------------------- the edition
def read_by_the_next_edition(monkeypatch) -> None:
    def parse(data, **given):
        return replace(parse_form(data, **given), reader=READER + 1)

    monkeypatch.setattr("reports.actions.forms.parse_form", parse)


def test_a_later_edition_reads_the_same_workbook_into_a_new_version(cast, monkeypatch):
    first = imported(cast.laleh, cities_csv=CITIES)
    read_by_the_next_edition(monkeypatch)

    second = imported(cast.laleh, cities_csv=CITIES)

    assert (second.form, second.number, second.reader) == (first.form, 2, READER + 1)
    assert (second.sha256, form_of(FormVersion.objects.get(pk=first.pk)).reader) == (first.sha256, READER)


def test_what_an_edition_read_is_not_taken_for_what_another_read(cast, monkeypatch):
    first = imported(cast.laleh, cities_csv=CITIES)
    form_of(first)
    read_by_the_next_edition(monkeypatch)

    second = imported(cast.laleh, cities_csv=CITIES)

    assert [form_of(version).reader for version in (first, second)] == [READER, READER + 1]


# ---------------------------------------------------------------------------------------------------------- the command
def test_the_command_tells_what_is_missing_and_ends_well(tmp_path, capsys, db):
    (tmp_path / "form.xlsx").write_bytes(workbook(SURVEY))

    call_command("importform", str(tmp_path / "form.xlsx"), "--json")

    told = json.loads(capsys.readouterr().out)
    assert (told["missing_files"], told["asked"]) == (["cities.csv", "map.png"], 1)
    assert "cities.csv" in " ".join(told["warnings"])


def test_the_command_takes_files_beside_the_workbook(tmp_path, capsys, db):
    for name, data in (("form.xlsx", workbook(SURVEY)), ("cities.csv", CITIES), ("map.png", PNG)):
        (tmp_path / name).write_bytes(data)
    beside = [part for name in ("cities.csv", "map.png") for part in ("--with", str(tmp_path / name))]

    call_command("importform", str(tmp_path / "form.xlsx"), "--json", *beside)

    told = json.loads(capsys.readouterr().out)
    assert ("missing_files" in told, told["asked"]) == (False, 2)


# ------------------------------------------------------------------------------------------------------------ the pages
def posted(client, url: str, **files: tuple[str, bytes]):
    return client.post(url, {key: SimpleUploadedFile(name, data) for key, (name, data) in files.items()})


def test_the_import_page_takes_workbook_and_files(cast, client_for):
    client = client_for(cast.laleh)

    answer = posted(client, "/forms/import/", workbook=("form.xlsx", workbook(SURVEY)), files=("cities.csv", CITIES))

    version = FormVersion.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/forms/{version.pk}/")
    assert "map.png" in client.get(answer.headers["Location"]).content.decode()


def test_the_page_of_a_form_takes_what_was_missing(cast, client_for):
    first, client = imported(cast.laleh), client_for(cast.laleh)

    answer = posted(client, f"/forms/{first.pk}/files/", files=("cities.csv", CITIES))

    second = FormVersion.objects.get(number=2)
    assert answer.headers["Location"] == f"/forms/{second.pk}/"
    assert second.confirmed_at is not None


@pytest.mark.parametrize(
    ("name", "data"),
    [("cities.exe", b"MZ"), ("map.png", b"<html>"), ("cities.csv", b"\xff\xfe\0"), ("cities.xml", b"<html/>")],
)
def test_a_file_that_is_not_what_it_says_is_refused_by_its_name(cast, client_for, name, data):
    first, client = imported(cast.laleh), client_for(cast.laleh)

    answer = posted(client, f"/forms/{first.pk}/files/", files=(name, data))

    assert (answer.status_code, name in answer.content.decode()) == (422, True)
    assert FormFile.objects.count() == 0


def test_a_picture_is_shown_to_whom_the_call_asks_and_to_nobody_else(cast, client_for):
    version = imported(cast.laleh, cities_csv=CITIES, map_png=PNG)
    address = reverse("reports:form_file", args=[version.files.get(name="map.png").sha256])
    assert client_for(cast.sara).get(address).status_code == 404

    published_call(cast, form_version=version)

    answer = client_for(cast.sara).get(address)
    assert (answer.status_code, answer["Content-Type"], b"".join(answer.streaming_content)) == (200, "image/png", PNG)
    assert client_for(cast.stranger).get(address).status_code == 404


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="steal()"><script>steal()</script></svg>'


def test_a_picture_in_svg_is_never_taken_and_another_of_its_name_stands_in(cast, client_for):
    rows = [{"type": "text", "name": "about", "label": "شرح", "media::image": "Map.svg"}]
    book = SimpleUploadedFile("form.xlsx", workbook(rows))
    client, url = client_for(cast.laleh), reverse("reports:form_import")

    answer = client.post(url, {"workbook": book, "files": [SimpleUploadedFile("Map.svg", SVG)]})
    [told] = answer.context["refusal"].errors
    assert (answer.status_code, told["sheet"], "Map.png" in told["message"]) == (422, "Map.svg", True)
    assert not FormVersion.objects.exists()

    book.seek(0)
    client.post(url, {"workbook": book, "files": [SimpleUploadedFile("map.png", PNG)]})
    version = FormVersion.objects.get()
    question = form_of(version).own_question("about")
    assert "missing_files" not in version.summary
    assert [(kind, name) for kind, name, _sha in form_of(version).media_of(question, "fa")] == [("image", "map.png")]
