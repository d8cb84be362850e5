"""Workbooks of old Excel (.xls): read as .xlsx are, within the same bounds, with the same rows and columns in errors."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.xlsform import WorkbookRefused, parse_form, workbook_xls
from reports.xlsform.reading import read_workbook
from tests.forms import workbook
from tests.xls import Day, Error, compound, record, xls

HEAD = ["type", "name", "label", "default", "required"]
SURVEY = [
    HEAD,
    ["begin_group", "g", "گروه"],
    ["integer", "a", "شمار", 1.0, True],
    ["decimal", "b", "نسبت", 0.1 + 0.2],
    ["date", "d", "روز", Day(46000)],
    ["select_one yes_no", "s", "آیا؟"],
    ["end_group"],
]
CHOICES = [["list_name", "name", "label"], ["yes_no", 1.0, "بله"], ["yes_no", 0.0, "خیر"]]
SETTINGS = [["form_title", "form_id"], ["فرم کهنه", "old-form"]]
FORM = {"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS}


def refusal(data: bytes) -> list[dict]:
    with pytest.raises(WorkbookRefused) as refused:
        parse_form(data)
    return refused.value.errors


def places(errors: list[dict]) -> list[tuple]:
    return [(error["sheet"], error["row"], error["column"]) for error in errors]


def test_an_old_workbook_says_what_the_new_one_says():
    rows = [{**dict(zip(HEAD, line, strict=False))} for line in SURVEY[1:]]
    rows[3]["default"] = "2025-12-09"
    new = workbook(
        rows,
        choices=[dict(zip(CHOICES[0], line, strict=True)) for line in CHOICES[1:]],
        settings={"form_title": "فرم کهنه", "form_id": "old-form", "version": "", "namespaces": ""},
        survey_headers=HEAD,
    )
    old, same = parse_form(xls(FORM)), parse_form(new)
    assert old.questions == same.questions
    assert (old.title, old.form_id, old.lists) == ("فرم کهنه", "old-form", same.lists)


def test_numbers_are_read_as_excel_shows_them():
    found = parse_form(xls(FORM))
    assert [choice.name for choice in found.lists["yes_no"]] == ["1", "0"]
    assert [found.own_question(name).default for name in "abd"] == ["1", "0.3", "2025-12-09"]
    assert found.own_question("a").required == "true()"


def test_errors_name_sheet_row_and_column():
    survey = [HEAD, ["text", "q", "پرسش"], ["no-such-type", "r", "پرسش"], ["text", "s", Error(0x17)]]
    assert places(refusal(xls({"survey": survey}))) == [("survey", 4, "label")]
    assert places(refusal(xls({"survey": survey[:3]}))) == [("survey", 3, "type")]


def test_rows_are_numbered_across_empty_ones():
    survey = [HEAD, ["text", "q", "پرسش"], *[[]] * 87, ["no-such-type", "late", "x"]]
    assert places(refusal(xls({"survey": survey}))) == [("survey", 90, "type")]


def test_rows_of_one_far_cell_each_are_counted_as_wide_as_they_become(monkeypatch):
    monkeypatch.setattr(workbook_xls, "MAX_ELEMENTS", 20_000)
    far = b"".join(record(0x0203, struct.pack("<HHHd", row, 255, 0, 1.0)) for row in range(10, 100))
    monkeypatch.setattr(workbook_xls.xlrd, "open_workbook", lambda **_more: pytest.fail("it was loaded"))
    assert len(refusal(xls({"survey": SURVEY}, cells=far))) == 1


def test_a_row_of_many_numbers_in_one_record_is_counted_to_its_last(monkeypatch):
    monkeypatch.setattr(workbook_xls, "MAX_ELEMENTS", 250)
    many = record(0x00BD, struct.pack("<HH", 9, 0) + struct.pack("<HI", 0, 2) * 256 + struct.pack("<H", 255))
    assert len(refusal(xls({"survey": SURVEY}, cells=many))) == 1


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (record(0x002F, b"\0" * 54), "رمز"),
        (record(0x0085, struct.pack("<IBBBB", 0, 0, 1, 1, 0) + b"m"), "ماکرو"),
        (record(0x01AE, struct.pack("<HHB", 1, 20, 0) + b"\x01\x01@elsewhere\x03a.xls"), "فایل اکسل دیگر"),
        (record(0x01AE, struct.pack("<HHB", 0, 9, 0) + b"cmd\x03 /c x"), "فایل اکسل دیگر"),
        (record(0x01AD, b"\0" * 20), "فایل اکسل دیگر"),
    ],
    ids=["a password", "macros of Excel 4", "cells of another computer", "a program that is asked", "a query"],
)
def test_what_locks_runs_or_fetches_is_refused(records, said):
    assert [said in error["message"] for error in refusal(xls(FORM, globals_=records))] == [True]


def test_a_program_of_visual_basic_is_refused():
    assert ["ماکرو" in error["message"] for error in refusal(xls(FORM, names=["_VBA_PROJECT_CUR"]))] == [True]


def test_links_to_the_authors_own_disk_and_to_the_sheets_themselves_fetch_nothing():
    own = record(0x01AE, struct.pack("<HH", 3, 0x0401))
    disk = record(0x01AE, struct.pack("<HHB", 1, 12, 0) + b"\x01\x01C\x03book1")
    assert parse_form(xls(FORM, globals_=own + disk)).form_id == "old-form"


def test_a_compound_file_that_is_no_workbook_is_refused():
    assert places(refusal(compound({"WordDocument": b"hello"}))) == [("", None, None)]


GOOD = xls(FORM)


def is_refused_without_a_word(read, data: bytes) -> bool:
    try:
        read(data)
    except WorkbookRefused as refused:
        return not refused.errors
    return False


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=40))
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(changes):
    data = bytearray(GOOD)
    for at, byte in changes:
        data[at] = byte
    assert not is_refused_without_a_word(parse_form, bytes(data))


@given(st.integers(0, len(GOOD)))
@settings(max_examples=60, deadline=None)
def test_a_file_cut_off_is_read_or_refused(length):
    assert not is_refused_without_a_word(read_workbook, GOOD[:length])
