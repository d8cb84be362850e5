"""A table comes out of the files that people's programs write, within bounds."""

import io
from decimal import Decimal

import pytest
from openpyxl import Workbook

from sajad_portal.lib import tables
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import parse_number, parse_whole
from sajad_portal.lib.tables import FileRefused, table_of

TEXT = "کد,نام\nA,اداره كل\nB,بخش\n"
READ = [["کد", "نام"], ["A", "اداره كل"], ["B", "بخش"]]


def workbook(*rows: list) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_of_excel_are_read(encoding):
    assert table_of(TEXT.encode(encoding)) == READ


def test_a_csv_of_a_persian_windows_is_read():
    text = TEXT.replace("ی", "ي")  # that code page has no Persian ye

    assert table_of(text.encode("cp1256")) == [row.split(",") for row in text.splitlines()]


def test_a_workbook_gives_its_first_sheet_as_text():
    assert table_of(workbook(["code", "n"], ["A", 12.0], ["B", None], [None, None])) == [
        ["code", "n"], ["A", "12"], ["B", ""]
    ]  # fmt: skip


def test_a_fraction_of_three_decimals_is_not_taken_for_thousands():
    [[cell]] = table_of(workbook([500.125]))

    with pytest.raises(Refused) as refused:
        parse_whole(cell)
    assert refused.value.code == "not-whole"
    assert parse_number(cell) == Decimal("500.125")


def test_a_workbook_gives_one_row_more_than_may_come_so_that_its_reader_sees_it():
    rows = [["code"], *([f"A{n}"] for n in range(9))]

    assert len(table_of(workbook(*rows), most_rows=3)) == 5


def test_columns_that_hold_only_a_format_are_no_columns():
    assert table_of(workbook(["code", None, None], ["A", None, None])) == [["code"], ["A"]]


def test_a_workbook_of_too_many_cells_is_refused_before_it_is_loaded(monkeypatch):
    monkeypatch.setattr(tables, "load_workbook", lambda *_args, **_more: pytest.fail("it was loaded"))
    monkeypatch.setattr(tables, "ELEMENTS", 20)
    monkeypatch.setattr(tables, "ELEMENTS_A_ROW", 0)
    with pytest.raises(FileRefused) as refused:
        table_of(workbook([None] * 50, list(range(50))))
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 no workbook", b"\xd0\xcf\x11\xe0 an old one", b"A\x81\x00\x8d", b'a,"b\n']
)
def test_what_is_no_table_is_refused_in_words(data):
    with pytest.raises(FileRefused):
        table_of(data)
