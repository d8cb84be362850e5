"""Exports: what a spreadsheet opens is what the portal said, and nothing in it runs."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from sajad_portal.lib.sheets import (
    Sheet,
    cell_value,
    csv_bytes,
    csv_response,
    guarded,
    unguarded,
    xlsx_bytes,
    xlsx_response,
)
from sajad_portal.lib.tables import table_of
from tests.instants import tehran

FORMULAS = ["=1+1", "+98", "-3 درجه", "@SUM(A1)", "\t=1"]


def sheet(*rows, title="عودت‌ها"):
    return Sheet("returns", title, ["واحد", "مقدار"], rows)


def read_csv(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def read_xlsx(*sheets):
    return load_workbook(io.BytesIO(xlsx_bytes(sheets)))


def test_a_csv_begins_with_the_mark_that_tells_excel_its_encoding():
    assert csv_bytes(sheet()).startswith(b"\xef\xbb\xbf")


def test_text_of_either_script_comes_back_from_both_files():
    row = ["اداره کل خوابگاه‌ها، «الف»", 'a, "b"\nc']
    assert read_csv(csv_bytes(sheet(row)))[1] == row
    assert [cell.value for cell in read_xlsx(sheet(row)).worksheets[0][2]] == row


@pytest.mark.parametrize("text", FORMULAS)
def test_what_looks_like_a_formula_is_text(text):
    cell = read_csv(csv_bytes(sheet([text, 1])))[1][0]
    assert (cell[0], unguarded(cell)) == ("'", text)
    cell = read_xlsx(sheet([text, 1])).worksheets[0]["A2"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", text, True)


def cut(line: str) -> list[str]:
    """The cells as a spreadsheet sees them that separates by semicolon: quotation marks count at a cell's beginning."""
    cells = []
    for row in csv.reader(io.StringIO(line, newline=""), delimiter=";"):
        for cell in row:
            cells += cell.replace("\r", "\n").replace("\t", "\n").split("\n")
    return cells


@pytest.mark.parametrize("gap", [";", "; ", ';"', "\t", "\n", "\r\n", ";;", ";'"])
@pytest.mark.parametrize("sign", list("=+-@＝＋－＠"))
def test_what_a_spreadsheet_with_other_separators_would_cut_out_is_no_formula_either(gap, sign):
    text = f"x{gap}{sign}1+cmd|'/C calc'!A0"
    data = csv_bytes(sheet(["الف", text]))
    assert [cell for cell in cut(data.decode("utf-8-sig")) if cell.lstrip(' "')[:1] in tuple("=+-@＝＋－＠")] == []
    assert f'"x{gap[0]}' in data.decode("utf-8-sig")
    assert unguarded(read_csv(data)[1][1]) == text


@given(st.text(st.sampled_from("x,;\"'\t\r\n =+-@＝－ا"), max_size=9))
def test_guards_are_taken_away_exactly(text):
    assert unguarded(guarded(text)) == text
    assert unguarded(read_csv(csv_bytes(sheet([text, 1])))[1][0]) == text


def test_the_portal_reads_its_own_files_as_they_were(tmp_path):
    row = ["=HYPERLINK(1)", "x;=1", "'+1", "الف"]
    assert table_of(csv_bytes(sheet(row)))[1] == row


@pytest.mark.parametrize("text", ["245292000123", "0012345678", "'0012", "62054010268002", "12E4", "3.5e+10"])
def test_a_number_that_is_a_name_keeps_its_digits(text):
    cell = read_csv(csv_bytes(sheet([text, 1])))[1][0]
    assert (cell, unguarded(cell)) == (f"'{text}", text)
    assert read_xlsx(sheet([text, 1])).worksheets[0]["A2"].value == text


@pytest.mark.parametrize("value", [1234567890123456789, -(10**15 + 1), Decimal("1234567890123456.5")])
def test_a_number_of_more_digits_than_a_workbook_keeps_is_text_there(value):
    cell = read_xlsx(sheet([value, 1])).worksheets[0]["A2"]
    assert (cell.data_type, cell.value) == ("s", str(value))


@pytest.mark.parametrize(
    "value", [1234567890123456789, -(10**15 + 1), Decimal("1234567890123456.5"), Decimal("0.1234567890123456")]
)
def test_and_text_in_a_csv_from_which_a_program_reads_every_digit(value):
    cell = read_csv(csv_bytes(sheet([value, 1])))[1][0]
    assert (cell[0], Decimal(unguarded(cell))) == ("'", value)


def test_a_figure_that_a_spreadsheet_keeps_is_a_bare_number_in_a_csv():
    assert read_csv(csv_bytes(sheet([123456789012345, Decimal("98.5436893204")])))[1] == [
        "123456789012345",
        "98.5436893204",
    ]


def test_a_number_of_fifteen_digits_is_a_number():
    assert read_xlsx(sheet([123456789012345, 10**20])).worksheets[0]["A2"].value == 123456789012345


@given(st.text(st.sampled_from("0123456789'.eE"), max_size=19))
def test_guards_of_numbers_are_taken_away_exactly(text):
    assert unguarded(read_csv(csv_bytes(sheet([text, 1])))[1][0]) == text


def test_numbers_stay_numbers_even_below_zero():
    assert read_csv(csv_bytes(sheet([-3, Decimal("1.5")])))[1] == ["-3", "1.5"]
    assert [cell.value for cell in read_xlsx(sheet([-3, Decimal("1.5")])).worksheets[0][2]] == [-3, 1.5]


def test_days_are_jalali_in_latin_digits_and_spans_are_hours():
    at = tehran(1405, 3, 23, 14, 30)
    assert [cell_value(value) for value in (at, at.date(), timedelta(minutes=90), None)] == [
        "1405/03/23 14:30", "1405/03/23", 1.5, "",
    ]  # fmt: skip


def test_a_control_character_spoils_no_workbook():
    assert read_xlsx(sheet(["الف\x07ب", 1])).worksheets[0]["A2"].value == "الفب"


@pytest.mark.parametrize(("language", "rtl"), [("fa", True), ("en", False)])
def test_a_workbook_runs_with_its_language(language, rtl):
    with override(language):
        assert bool(read_xlsx(sheet()).worksheets[0].sheet_view.rightToLeft) is rtl


def test_names_of_sheets_are_what_excel_allows_and_differ():
    long = "عودت/برای[اصلاح]: نام بسیار بسیار بلند یک برگه"
    names = read_xlsx(sheet(title=long), sheet(title=long)).sheetnames
    assert len(set(names)) == 2
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_the_name_of_a_sheet_ends_with_a_whole_word_and_holds_single_blanks():
    assert read_xlsx(sheet(title="زمان‌های هدف: رعایت‌شده و نشده")).sheetnames == ["زمان‌های هدف رعایت‌شده و"]


@pytest.mark.parametrize(
    ("response", "ending"),
    [(csv_response(sheet(), "returns"), "csv"), (xlsx_response([sheet()], "returns"), "xlsx")],
)
def test_a_download_is_named_and_kept_in_no_cache(response, ending):
    assert response["Content-Disposition"] == f'attachment; filename="returns.{ending}"'
    assert response["Cache-Control"] == "private, no-store"
