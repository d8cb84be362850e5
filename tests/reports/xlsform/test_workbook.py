"""What is no workbook, or would not fit into memory, is refused before anything is read."""

import io
import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from reports.xlsform import WorkbookRefused, parse_form, workbook_xlsx
from reports.xlsform import reading as opening
from reports.xlsform import workbook as reading
from reports.xlsform.writer import SheetRows, write_workbook
from sajad_portal.lib import archives
from tests.forms import FA, small_form, workbook


def refusal(data: bytes) -> list[dict]:
    with pytest.raises(WorkbookRefused) as refused:
        parse_form(data)
    return refused.value.errors


def with_part(data: bytes, name: str, body: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return out.getvalue()


def places(errors: list[dict]) -> list[tuple]:
    return [(error["sheet"], error["row"], error["column"]) for error in errors]


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04" + b"\0" * 200, small_form()[:4000]])
def test_a_file_that_is_no_workbook_is_refused(data):
    assert places(refusal(data)) == [("", None, None)]


def test_a_zip_that_holds_no_workbook_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("letter.txt", "hello")
    assert places(refusal(out.getvalue())) == [("", None, None)]


def test_an_old_file_that_cannot_be_read_is_told_how_to_be_saved():
    errors = refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert ".xlsx" in errors[0]["message"]


def test_a_workbook_with_a_password_is_told_apart_from_an_old_one():
    old = refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    locked = refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    assert locked[0]["message"] != old[0]["message"]


def test_a_workbook_with_macros_is_refused():
    assert len(refusal(with_part(small_form(), "xl/vbaProject.bin", b"x"))) == 1


def test_a_workbook_that_unpacks_to_more_than_its_limit_is_refused_unread(monkeypatch):
    monkeypatch.setattr(workbook_xlsx, "load_workbook", lambda *_args, **_more: pytest.fail("it was read"))
    bomb = with_part(small_form(), "xl/media/image1.png", b"\0" * (workbook_xlsx.MAX_UNPACKED + 1))
    assert len(bomb) < 1_000_000
    assert len(refusal(bomb)) == 1


def test_a_file_larger_than_its_limit_is_refused(monkeypatch):
    monkeypatch.setattr(opening, "MAX_BYTES", 100)
    assert len(refusal(small_form())) == 1


def test_the_limit_of_a_file_is_told_in_megabytes():
    [error] = refusal(b"x" * (reading.MAX_BYTES + 1))
    assert reading.MAX_BYTES == 10 * 2**20
    assert "۱۰ مگابایت" in error["message"]


def test_more_sheets_than_a_form_has_are_refused():
    sheets = {f"s{index}": SheetRows(["a"], []) for index in range(reading.MAX_SHEETS + 1)}
    assert len(refusal(write_workbook(sheets))) == 1


def test_more_rows_than_a_form_has_are_refused_with_the_row(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    rows = [{"type": "text", "name": f"q{index}", FA: "پرسش"} for index in range(5)]
    assert ("survey", 5, None) in places(refusal(workbook(rows)))


def test_more_columns_than_a_form_has_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_COLUMNS", 4)
    row = {"type": "text", "name": "q", FA: "پرسش", "hint": "h", "appearance": "w"}
    assert ("survey", 1, None) in places(refusal(workbook([row])))


def survey_of(body: str) -> bytes:
    """A workbook whose only sheet, the survey, holds these rows."""
    start = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    made, out = write_workbook({"survey": SheetRows(["type"], [])}), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            is_sheet = part.filename == "xl/worksheets/sheet1.xml"
            new.writestr(part.filename, f"{start}{body}</sheetData></worksheet>" if is_sheet else old.read(part))
    return out.getvalue()


def test_rows_are_read_as_far_as_the_head_goes_and_no_further(monkeypatch):
    widths = []
    as_before = ReadOnlyWorksheet._get_row

    def noted(sheet, row, *bounds, **more):
        cells = as_before(sheet, row, *bounds, **more)
        widths.append(len(cells))
        return cells

    monkeypatch.setattr(ReadOnlyWorksheet, "_get_row", noted)
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>type</t></is></c><c r="XFD1"/></row>'
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="XFD{n}"><v>1</v></c></row>' for n in (2, 3))
    sheet = opening.read_workbook(survey_of(head + rows)).sheet("survey")
    assert [row.cells for row in sheet.rows] == [{"type": "2"}, {"type": "3"}]
    assert widths == [16_384, 1, 1]


@pytest.mark.parametrize(
    "body",
    ["<row>" + "<c/>" * 16_385 + "</row>", ("<row>" + "<c/>" * 16_000 + "</row>") * 5],
    ids=["a row wider than Excel's", "many wide rows"],
)
def test_a_workbook_of_more_cells_than_a_form_has_is_refused_before_it_is_loaded(monkeypatch, body):
    monkeypatch.setattr(workbook_xlsx, "load_workbook", lambda *_args, **_more: pytest.fail("it was loaded"))
    monkeypatch.setattr(workbook_xlsx, "MAX_ELEMENTS", 50_000)
    assert len(refusal(survey_of(body))) == 1


def test_a_workbook_that_takes_cells_from_another_computer_is_refused():
    link = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'TargetMode="External" Target="https://elsewhere.example/other.xlsx" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath"/></Relationships>'
    )
    errors = refusal(with_part(small_form(), "xl/externalLinks/_rels/externalLink1.xml.rels", link.encode()))
    assert ["فایل اکسل دیگر" in error["message"] for error in errors] == [True]


def test_a_workbook_of_too_many_parts_is_refused(monkeypatch):
    monkeypatch.setattr(archives, "MAX_PARTS", 3)
    assert len(refusal(small_form())) == 1


def test_a_single_sheet_is_the_survey_whatever_it_is_called():
    rows = [{"type": "text", "name": "q", "label": "پرسش"}]
    assert parse_form(write_workbook({"Sheet1": SheetRows(["type", "name", "label"], rows)})).counts["questions"] == 1


def test_a_workbook_without_survey_sheet_names_the_sheets_it_has():
    errors = refusal(write_workbook({"پرسش‌ها": SheetRows(["type"], []), "دیگر": SheetRows(["type"], [])}))
    assert places(errors) == [("survey", None, None)]
    assert "پرسش‌ها" in errors[0]["message"]


def test_a_column_that_stands_twice_is_named():
    book = Workbook()
    book.active.title = "survey"
    book.active.append(["type", "name", "label", "label"])
    book.active.append(["text", "q", "a", "b"])
    out = io.BytesIO()
    book.save(out)
    assert places(refusal(out.getvalue())) == [("survey", 1, "label")]


def test_a_cell_that_shows_an_error_is_named():
    book = Workbook()
    book.active.title = "survey"
    book.active.append(["type", "name", "label"])
    book.active.append(["text", "q", "#REF!"])
    book.active["C2"].data_type = "e"
    out = io.BytesIO()
    book.save(out)
    assert places(refusal(out.getvalue())) == [("survey", 2, "label")]


def test_sheets_that_are_no_part_of_a_form_may_hold_anything():
    sheets = {
        "survey": SheetRows(["type", "name", "label"], [{"type": "text", "name": "q", "label": "پرسش"}]),
        "راهنما": SheetRows(["a", "b"], [{"a": "=1+1", "b": "متن"}]),
    }
    assert parse_form(write_workbook(sheets)).counts["questions"] == 1


def test_rows_are_numbered_as_the_sheet_shows_them_across_empty_rows():
    book = Workbook()
    sheet = book.active
    sheet.title = "survey"
    sheet.append(["type", "name", "label"])
    sheet.append(["text", "q", "پرسش"])
    sheet.cell(90, 1, "no-such-type")
    sheet.cell(90, 2, "late")
    out = io.BytesIO()
    book.save(out)
    assert places(refusal(out.getvalue())) == [("survey", 90, "type")]


def test_the_same_rows_give_the_same_bytes():
    assert small_form() == small_form()


def test_text_that_begins_with_an_equals_sign_stays_text():
    definition = parse_form(workbook([{"type": "note", "name": "n", FA: "=جمع کنید"}]))
    assert definition.question("n").label["fa"] == "=جمع کنید"
