"""Long tables: what is read back is what was written, number for number and letter for letter, and nothing in it runs."""

import csv
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from sajad_portal.lib.sheets import csv_line, unguarded
from sajad_portal.lib.streams import CsvFile, FileColumn, JsonLines, Workbook, _guarded, as_json, is_number

COLUMNS = [FileColumn("unit"), FileColumn("value", number=True)]
FORMULAS = ["=1+1", "+98", "-3 درجه", "@SUM(A1)", "\t=1", "\r=1"]
# What XML can say; the codec of a database lets no more through.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t\r"), max_size=40)
NUMERALS = st.one_of(
    st.integers(-(10**12), 10**12).map(str), st.decimals(-(10**9), 10**9, places=4).map(lambda d: f"{d:f}")
)


def written(folder: Path, rows, columns=COLUMNS) -> list[list[str]]:
    file = CsvFile(folder / "t.csv", columns)
    file.write(rows)
    file.close()
    with (folder / "t.csv").open(encoding="utf-8-sig", newline="") as read:
        return list(csv.reader(read))


def sheet(folder: Path, rows, columns=COLUMNS, *, rtl=True):
    book = Workbook(folder / "t.xlsx", rtl=rtl)
    with book.sheet("گزارش‌ها", columns, frozen=1) as page:
        page.write(rows)
    book.close()
    return load_workbook(folder / "t.xlsx").worksheets[0]


@given(st.lists(st.tuples(TEXT, NUMERALS), max_size=12))
@example([("اداره کل خوابگاه‌ها، «الف»", "-0.50"), ('a, "b"\nc', "0"), ("_x0041_ &lt; <b>", "12.3400")])
def test_text_and_numbers_come_back_from_each_kind_of_file(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("streams")
    assert [[unguarded(c) for c in row] for row in written(folder, rows)[1:]] == [
        [text, number] for text, number in rows
    ]
    cells = [[c.value for c in row] for row in sheet(folder, rows).iter_rows(min_row=2, max_col=2)]
    # Excel reads “_x005F_” as an underscore; openpyxl leaves it as it stands.
    texts = [str(text or "").replace("_x005F_x", "_x") for text, _number in cells]
    assert texts == [text for text, _number in rows]
    assert [number for _text, number in cells] == [float(number) for _text, number in rows]
    file = JsonLines(folder / "t.jsonl")
    file.write(f"[{as_json(text)},{as_json(number, number=True)}]" for text, number in rows)
    file.close()
    lines = [json.loads(line, parse_float=str, parse_int=str) for line in (folder / "t.jsonl").open(encoding="utf-8")]
    assert [[text or "", number] for text, number in lines] == [list(row) for row in rows]


AWKWARD = st.text(st.sampled_from(",;\"\n\r\t=+-@＝'0. ا"), max_size=4)


@given(st.lists(st.lists(AWKWARD, min_size=3, max_size=3), max_size=8))
@example([["007", "123456789012", "1"], ["1", "1", "'0"], ["245292000123", "1", "245292000123"]])
@example([["1e5", "1234567890123456", "0.1234567890123456"], ["123456789012.5", "1", "1.5e-7"]])
@example([["", "", ""], ["a,b", "", "c"], ["ا", "=1", "-1"], ["-1", "0", "\t"]])
def test_a_row_is_written_alike_whether_it_needs_care_or_not(tmp_path_factory, rows):
    folder, columns = tmp_path_factory.mktemp("streams"), [*COLUMNS, FileColumn("name")]
    written(folder, rows, columns)
    whole = "".join(csv_line(_guarded(row, columns)) for row in [[column.name for column in columns], *rows])
    assert (folder / "t.csv").read_bytes() == whole.encode("utf-8-sig")


@pytest.mark.parametrize("row", [[""], ["a,b"], ["ا"], ["-1"]])
def test_one_column_is_a_row_too(tmp_path, row):
    assert written(tmp_path, [row], [FileColumn("value", number=True)])[1] == row


@pytest.mark.parametrize("text", FORMULAS)
def test_what_looks_like_a_formula_is_text(tmp_path, text):
    [cell, number] = written(tmp_path, [(text, "1")])[1]
    assert (cell[0], unguarded(cell), number) == ("'", text, "1")
    cell = sheet(tmp_path, [(text, "1")])["A2"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", text, True)


def test_a_formula_in_a_column_of_numbers_is_text_too(tmp_path):
    assert written(tmp_path, [("الف", "=1+1"), ("ب", "-1")])[1:] == [["الف", "'=1+1"], ["ب", "-1"]]
    page = sheet(tmp_path, [("الف", "=1+1"), ("ب", "-1")])
    assert [(page[at].data_type, page[at].value) for at in ("B2", "B3")] == [("s", "=1+1"), ("n", -1)]


@pytest.mark.parametrize(
    ("text", "exact"),
    [("0", True), ("-12.50", True), ("123456789012345", True), ("0.0000000000000012", True),
     ("1234567890123456", False), ("007", False), ("1e5", False), ("۱۲", False), ("", False), ("NaN", False)],
)  # fmt: skip
def test_a_number_is_what_a_spreadsheet_keeps_to_the_last_digit(text, exact):
    assert is_number(text) is exact


def test_a_long_figure_loses_no_digit_in_a_workbook(tmp_path):
    cell = sheet(tmp_path, [("شبا", "620540102680020817909002")])["B2"]
    assert (cell.data_type, cell.value) == ("s", "620540102680020817909002")


@pytest.mark.parametrize(
    "text", ["620540102680020817909002", "1234567890123456", "-1234567890123456", "123456789012345.67"]
)
def test_nor_in_a_csv_where_a_program_takes_the_apostrophe_away(tmp_path, text):
    plain, figure = written(tmp_path, [(text, text), ("الف", "123456789012345")])[1]
    assert (plain, figure, unguarded(figure)) == (f"'{text}", f"'{text}", text)


def test_empty_cells_are_empty(tmp_path):
    assert written(tmp_path, [("", "")])[1] == ["", ""]
    assert sheet(tmp_path, [("", ""), ("الف", "")])["A2"].value is None
    assert as_json("", number=True) == "null"


def test_characters_that_xml_cannot_say_spoil_no_workbook(tmp_path):
    assert sheet(tmp_path, [("الف\x07ب\ufffe\ud800", "1")])["A2"].value == "الفب"


def test_a_text_longer_than_a_cell_ends_in_an_ellipsis(tmp_path):
    text = sheet(tmp_path, [("ا" * 40_000, "1")])["A2"].value
    assert (len(text), text[-1]) == (32_767, "…")


@pytest.mark.parametrize("rtl", [True, False])
def test_a_sheet_runs_with_its_language_under_a_bold_frozen_head(tmp_path, rtl):
    page = sheet(tmp_path, [("الف", "1")], rtl=rtl)
    assert bool(page.sheet_view.rightToLeft) is rtl
    assert (page.freeze_panes, page["A1"].font.bold, page["A2"].font.bold) == ("B2", True, False)


def test_several_sheets_keep_their_order_and_have_names_of_their_own(tmp_path):
    book = Workbook(tmp_path / "t.xlsx", rtl=True)
    for title in ("گزارش/ها & «الف»", "گزارش/ها & «الف»", 'ب"'):
        with book.sheet(title, COLUMNS) as page:
            page.write([(title, "1")])
    book.close()
    read = load_workbook(tmp_path / "t.xlsx")
    assert read.sheetnames == ["گزارش ها & «الف»", "گزارش ها & «الف» 2", 'ب"']
    assert [page["A2"].value for page in read] == ["گزارش/ها & «الف»", "گزارش/ها & «الف»", 'ب"']


def test_memory_does_not_grow_with_the_rows(tmp_path):
    def peak(rows: int) -> int:
        columns = [FileColumn(f"c{n}", n % 2 == 0) for n in range(40)]
        made = ([f"{n}.5" if n % 2 == 0 else f"متن {row} {n}" for n in range(40)] for row in range(rows))
        tracemalloc.start()
        book = Workbook(tmp_path / "t.xlsx", rtl=True)
        with book.sheet("ج", columns) as page:
            page.write(made)
        book.close()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(4000) < peak(800) * 1.5
