"""A workbook becomes a frozen form version through the command or the page, or is refused whole."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from reports.actions.forms import confirm_form, import_form
from reports.models import Form, FormVersion
from reports.queries import form_of
from reports.xlsform import WorkbookRefused
from sajad_portal.lib.errors import Forbidden
from tests.calls import published_call
from tests.factories import LONG_AGO
from tests.forms import small_form, workbook
from units.models import Event

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BROKEN = [
    {"type": "integer", "name": "one", "label": "یک", "calculation": ""},
    {"type": "intger", "name": "two", "label": "دو", "calculation": ""},
    {"type": "calculate", "name": "three", "label": "", "calculation": "${nowhere} + 1"},
]
FOREIGN = [
    {"type": "osm", "name": "place", "label": "مکان", "required": "yes", "relevant": ""},
    {"type": "text", "name": "about", "label": "شرح", "required": "", "relevant": "${place} != ''"},
]


def imported(by=None, **fields) -> FormVersion:
    return import_form(data=small_form(**fields), name="small.xlsx", by=by)


def upload(data: bytes, name: str = "small.xlsx") -> dict:
    return {"workbook": SimpleUploadedFile(name, data, XLSX)}


def on_disk(tmp_path, data: bytes, name: str = "small.xlsx") -> str:
    path = tmp_path / name
    path.write_bytes(data)
    return str(path)


def told(capsys) -> dict:
    return json.loads(capsys.readouterr().out)


# ------------------------------------------------------------------------------------------- the command
def test_the_command_with_json_tells_what_the_workbook_holds_and_stores_nothing(tmp_path, capsys, db):
    call_command("importform", on_disk(tmp_path, small_form()), "--json")

    found = told(capsys)
    assert list(found) == [
        "form_id", "title", "questions", "groups", "repeats", "choice_lists", "constraints", "relevants",
        "calculations", "asked", "scored", "read_only", "unsupported", "warnings",
    ]  # fmt: skip
    assert (found["asked"], found["scored"], found["read_only"]) == (8, 5, 1)
    assert (found["form_id"], found["title"], found["questions"], found["groups"]) == ("small", "فرم کوچک", 10, 2)
    assert (found["choice_lists"], found["constraints"], found["relevants"], found["calculations"]) == (1, 2, 1, 1)
    assert not FormVersion.objects.exists()


@pytest.mark.parametrize("flags", [["--json"], []])
def test_the_command_refuses_a_broken_workbook_with_every_place(tmp_path, capsys, db, flags):
    with pytest.raises(SystemExit) as ended:
        call_command("importform", on_disk(tmp_path, workbook(BROKEN)), *flags)

    errors = told(capsys)["errors"]
    assert ended.value.code == 2
    assert {(error["sheet"], error["row"], error["column"]) for error in errors} == {
        ("survey", 3, "type"),
        ("survey", 4, "calculation"),
    }
    assert all(set(error) == {"sheet", "row", "column", "message"} for error in errors)
    assert not FormVersion.objects.exists()


def test_the_command_without_json_stores_the_version_as_the_portal(tmp_path, capsys, db):
    call_command("importform", on_disk(tmp_path, small_form()))

    version = FormVersion.objects.get()
    assert (version.form.code, version.number, version.uploaded_by) == ("small", 1, None)
    assert "small" in capsys.readouterr().out


def test_the_command_says_which_questions_are_not_shown(tmp_path, capsys, db):
    call_command("importform", on_disk(tmp_path, workbook(FOREIGN)))

    assert "place" in capsys.readouterr().out
    assert FormVersion.objects.get().confirmed_at is None


def test_the_command_refuses_a_file_that_is_too_large_before_reading_it(tmp_path, capsys, db):
    path = tmp_path / "large.xlsx"
    with path.open("wb") as file:
        file.truncate(30 * 1024 * 1024)

    with pytest.raises(SystemExit) as ended:
        call_command("importform", str(path), "--json")

    assert (ended.value.code, len(told(capsys)["errors"])) == (2, 1)


def test_the_command_says_that_a_file_is_missing(tmp_path, db):
    with pytest.raises(CommandError, match=r"nowhere\.xlsx"):
        call_command("importform", str(tmp_path / "nowhere.xlsx"))


# ---------------------------------------------------------------------------------------------- the verb
def test_a_version_keeps_the_workbook_whole(cast):
    data = small_form()

    version = import_form(data=data, name="فرم.xlsx", by=cast.laleh)

    assert version.workbook.read() == data
    assert version.sha256 == hashlib.sha256(data).hexdigest()
    assert (version.workbook_name, version.indicator_count) == ("فرم.xlsx", 4)
    assert [indicator.code for indicator in form_of(version).indicators] == ["HSG-01", "HSG-02", "WLF-01", "MGT-01"]


def test_the_same_workbook_again_gives_the_version_it_gave_before(cast):
    first = imported(cast.laleh)
    second = imported(cast.laleh, version="2")

    assert imported(cast.laleh) == first
    assert imported(cast.laleh, version="2") == second
    assert [v.number for v in FormVersion.objects.order_by("number")] == [1, 2]


def test_a_known_form_id_gives_the_next_version_of_that_form(cast):
    imported(cast.laleh)

    second = imported(cast.laleh, version="2")

    assert (second.number, second.form) == (2, Form.objects.get())


def test_an_import_leaves_an_event(cast):
    version = imported(cast.laleh)

    event = Event.objects.get(verb="import_form")
    assert (event.noun, event.key, event.person) == ("form_version", str(version.pk), cast.laleh)
    assert event.membership == cast.membership(cast.laleh)


def test_a_refused_workbook_leaves_nothing_behind(cast):
    with pytest.raises(WorkbookRefused):
        import_form(data=workbook(BROKEN), name="broken.xlsx", by=cast.laleh)

    assert not Form.objects.exists()
    assert not Event.objects.filter(noun="form_version").exists()


def test_an_import_that_fails_half_way_leaves_no_file(cast, monkeypatch, settings):
    def broken(*args, **kwargs):
        raise RuntimeError("no event")

    monkeypatch.setattr("reports.actions.forms.record", broken)

    with pytest.raises(RuntimeError):
        imported(cast.laleh, form_id="orphan")

    orphan = small_form(form_id="orphan")
    kept = [path for path in settings.MEDIA_ROOT.rglob("*.xlsx") if path.read_bytes() == orphan]
    assert (FormVersion.objects.count(), kept) == (0, [])


@pytest.mark.parametrize("person", ["sara", "reza", "omid", "nader", "stranger", "admin"])
def test_only_a_coordinator_imports_a_form(cast, person):
    with pytest.raises(Forbidden):
        imported(getattr(cast, person))


def test_questions_that_matter_and_cannot_be_shown_wait_for_a_confirmation(cast):
    version = import_form(data=workbook(FOREIGN), name="foreign.xlsx", by=cast.laleh)
    assert version.confirmed_at is None

    confirmed = confirm_form(version=version, by=cast.laleh)

    assert confirmed.confirmed_at is not None
    assert Event.objects.get(verb="confirm_form").data == {"without": ["place"]}
    assert confirm_form(version=version, by=cast.laleh).confirmed_at == confirmed.confirmed_at
    assert Event.objects.filter(verb="confirm_form").count() == 1


# ---------------------------------------------------------------------------------------------- the page
def test_an_upload_leads_to_the_report_of_what_was_read(cast, client_for):
    answer = client_for(cast.laleh).post("/forms/import/", upload(small_form()), follow=True)

    page = answer.content.decode()
    assert answer.redirect_chain == [(f"/forms/{FormVersion.objects.get().pk}/", 302)]
    assert "فرم کوچک" in page
    assert "HSG-01" in page


def test_every_error_is_on_the_page_at_once_and_nothing_is_stored(cast, client_for):
    answer = client_for(cast.laleh).post("/forms/import/", upload(workbook(BROKEN), "broken.xlsx"))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "intger" in page
    assert "nowhere" in page
    assert not FormVersion.objects.exists()


def bomb() -> bytes:
    """A small file that unpacks to 100 megabytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"0" * 100 * 1024 * 1024)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (lambda: b"\0" * (11 * 1024 * 1024), "large.xlsx", "10"),
        (bomb, "bomb.xlsx", "80"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.xls", ".xls"),
        (lambda: b"PK\x03\x04 not a zip", "damaged.xlsx", ".xlsx"),
        (lambda: b"%PDF-1.4", "paper.docx", ".xlsx"),
        (lambda: b"", "empty.xlsx", ".xlsx"),
    ],
)
def test_what_is_no_workbook_is_refused_kindly(cast, client_for, data, name, said):
    from sajad_portal.lib.text import latin_digits

    answer = client_for(cast.laleh).post("/forms/import/", upload(data(), name))

    assert answer.status_code == 422
    assert said in latin_digits(answer.content.decode())
    assert not FormVersion.objects.exists()


def test_a_post_without_a_file_says_so(cast, client_for):
    answer = client_for(cast.laleh).post("/forms/import/")

    assert answer.status_code == 422


@pytest.mark.parametrize(("person", "status"), [("sara", 403), ("nader", 403), ("admin", 403)])
def test_the_import_page_is_for_coordinators(cast, client_for, person, status):
    assert client_for(getattr(cast, person)).get("/forms/import/").status_code == status


def test_the_workbook_comes_back_as_it_was_uploaded(cast, client_for):
    version = imported(cast.laleh)

    answer = client_for(cast.laleh).get(f"/forms/{version.pk}/guide/")

    assert b"".join(answer.streaming_content) == small_form()
    assert answer["Content-Type"] == XLSX
    assert "attachment" in answer["Content-Disposition"]


def test_a_coordinator_confirms_a_form_on_its_page(cast, client_for):
    version = import_form(data=workbook(FOREIGN), name="foreign.xlsx", by=cast.laleh)
    client = client_for(cast.laleh)
    assert f"/forms/{version.pk}/confirm/" in client.get(f"/forms/{version.pk}/").content.decode()

    client.post(f"/forms/{version.pk}/confirm/")

    version.refresh_from_db()
    assert version.confirmed_at is not None


def test_the_preview_shows_every_section_and_takes_nothing(cast, client_for):
    version = imported(cast.laleh)
    client = client_for(cast.laleh)

    housing = client.get(f"/forms/{version.pk}/preview/").content.decode()
    welfare = client.get(f"/forms/{version.pk}/preview/?page=welfare").content.decode()

    assert "اسکان‌یافته" in housing
    assert "توضیح سلف" in welfare
    assert client.post(f"/forms/{version.pk}/preview/").status_code == 405


@pytest.mark.parametrize("page", ["", "preview/", "guide/"])
def test_a_form_of_no_call_of_theirs_is_not_there_for_a_unit(cast, client_for, page):
    version = imported(cast.laleh)

    assert client_for(cast.sara).get(f"/forms/{version.pk}/{page}").status_code == 404


def test_a_unit_reads_the_guide_of_a_call_that_asks_it(cast, client_for):
    call = published_call(cast)

    assert client_for(cast.sara).get(f"/forms/{call.form_version_id}/guide/").status_code == 200
    assert client_for(cast.stranger).get(f"/forms/{call.form_version_id}/guide/").status_code == 404


def test_the_list_shows_each_form_once_with_its_newest_version(cast, client_for):
    older = imported(cast.laleh)
    newest = imported(cast.laleh, version="2")

    page = client_for(cast.laleh).get("/forms/").content.decode()

    assert page.count(f'href="/forms/{newest.pk}/"') == 1
    assert f'href="/forms/{older.pk}/"' not in page


def test_the_list_asks_as_much_of_the_database_for_three_forms_as_for_one(cast, client_for, django_assert_num_queries):
    client = client_for(cast.laleh)
    imported(cast.laleh)
    with django_assert_num_queries(8):
        client.get("/forms/")

    for number in (2, 3):
        imported(cast.laleh, form_id=f"form-{number}")

    with django_assert_num_queries(8):
        client.get("/forms/")


# ------------------------------------------------------------------------------------------------- the list of forms
@pytest.fixture
def three(cast):
    """Three forms, imported one after the other; the second is on its second version, the third waits for its confirmation."""
    rows = [
        ("sports", "1", "تربیت‌بدنی ۱۴۰۵"),
        ("food", "1", "تغذیه"),
        ("food", "2", "تغذیه و رستوران‌ها"),
        ("homes", "1", "خوابگاه‌ها"),
    ]
    for hour, (code, number, title) in enumerate(rows):
        version = imported(cast.laleh, form_id=code, version=number)
        version.title, version.uploaded_at = title, LONG_AGO + timedelta(hours=hour)
        version.confirmed_at = None if code == "homes" else version.uploaded_at
        version.save()


def codes(client, query: str) -> list[str]:
    return [version.form.code for version in client.get(f"/forms/{query}").context["page"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["homes", "food", "sports"]),
        ("?sort=imported", ["sports", "food", "homes"]),
        ("?sort=code", ["food", "homes", "sports"]),
        ("?sort=-version", ["food", "homes", "sports"]),
        ("?sort=calls", ["homes", "food", "sports"]),
        ("?sort=form", ["homes", "food", "sports"]),
        ("?q=تربيتبدنى 1405", ["sports"]),
        ("?q=رستوران", ["food"]),
        ("?q=HOMES", ["homes"]),
        ("?q=نیست", []),
        ("?state=waiting", ["homes"]),
        ("?state=usable", ["food", "sports"]),
        ("?state=nonsense", ["homes", "food", "sports"]),
    ],
)
def test_forms_are_searched_sorted_and_narrowed(cast, client_for, three, query, found):
    assert codes(client_for(cast.laleh), query) == found


@pytest.mark.parametrize("sort", ["code", "-version", "indicators", "-calls", "calls", "-imported"])
def test_forms_come_in_pages(cast, client_for, three, monkeypatch, sort):
    monkeypatch.setattr("reports.views.forms.page.SIZE", 1)
    client, address, seen = client_for(cast.laleh), f"?sort={sort}", []
    while address:
        page = client.get(f"/forms/{address}").context["page"]
        seen, address = [*seen, *(version.form.code for version in page)], page.next

    assert sorted(seen) == ["food", "homes", "sports"]


def test_columns_of_forms_are_left_out(cast, client_for, three):
    page = client_for(cast.laleh).get("/forms/?cols=form&cols=code")
    assert [head.key for head in page.context["listing"].heads] == ["form", "code"]
    assert page.content.decode().count("<td") == 3
