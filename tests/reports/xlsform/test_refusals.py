"""A workbook that is refused is refused in Persian, whether our own checks or pyxform alone notice it."""

import re

import pytest
from django.utils import translation
from pyxform.errors import ErrorCode

from reports.xlsform import parse_form, xform
from reports.xlsform.pyxform_words import BY_CODE, BY_PATTERN, WARNINGS
from reports.xlsform.refusals import pyxform_reason, pyxform_warnings
from reports.xlsform.workbook import WorkbookRefused
from tests.forms import FA, workbook

LATIN = re.compile(r"(?:[A-Za-z’']{2,} ){2,}[A-Za-z]{2,}")
TEXT = {"type": "text", "name": "a", FA: "الف"}
CHOICES = [{"list_name": "l", "name": "x", FA: "۱"}, {"list_name": "l", "name": "x", FA: "۲"}]


@pytest.mark.parametrize(
    ("rows", "choices", "says"),
    [
        ([TEXT, TEXT], None, "دو بار"),
        ([{**TEXT, "type": "sorcery"}], None, "sorcery"),
        ([{**TEXT, "name": "1 a"}], None, "پذیرفتنی نیست"),
        ([{**TEXT, "relevant": "${missing} = 1"}], None, "missing"),
        ([{"type": "begin_group", "name": "g", FA: "گ"}, TEXT], None, ""),
        ([TEXT, {"type": "end_group"}], None, "نمی‌بندد"),
        ([{**TEXT, "type": "select_one l"}], None, ""),
        ([{**TEXT, "type": "select_one l"}], CHOICES, "دو بار"),
        ([{**TEXT, "type": "range", "parameters": "start=many"}], None, "باید عدد باشد"),
        ([{**TEXT, "type": "range", "parameters": "start=1 magic=2"}], None, "ناشناخته: \u2068magic"),
    ],
)
def test_what_is_wrong_is_said_in_persian(rows, choices, says):
    with translation.override("fa"), pytest.raises(WorkbookRefused) as refusal:
        parse_form(workbook(rows, choices=choices))
    said = " ".join(error["message"] for error in refusal.value.errors)
    assert says in said
    assert LATIN.search(said) is None


def test_every_sentence_about_what_pyxform_notices_has_its_persian():
    with translation.override("fa"):
        for words in (*BY_CODE.values(), *BY_PATTERN.values(), *WARNINGS.values()):
            assert re.search("[آ-ی]{3}", str(words)), words


def test_every_code_of_pyxform_has_its_words():
    """Of its faults of its own, only what a workbook can bring about."""
    assert {code.name for code in ErrorCode} - set(BY_CODE) == {"INTERNAL_002"}


def test_a_sentence_that_is_not_known_is_quoted_as_a_foreign_one():
    with translation.override("fa"):
        assert pyxform_reason("The moon is full").endswith("\u2066The moon is full\u2069")
        assert pyxform_warnings(["[row : 3] The moon"], lambda _sheet, row: row)[0].endswith("\u2066The moon\u2069")


def test_warnings_of_one_cause_are_one_sentence_with_the_rows_of_the_sheet():
    texts = [f"[row : {row}] deviceid is no longer supported on most devices. Only old" for row in (2, 3, 4, 7)]
    with translation.override("fa"):
        told = pyxform_warnings([*texts, *texts[:1]], lambda _sheet, row: row + 10)
    assert len(told) == 1
    assert told[0].startswith("سطرهای ۱۲–۱۴، ۱۷:")


@pytest.mark.parametrize("trouble", [RuntimeError("boom"), AttributeError("'NoneType' object has no attribute 'get'")])
def test_a_fault_of_pyxforms_own_is_not_passed_on(monkeypatch, trouble):
    def fails(*_args, **_more):
        raise trouble

    monkeypatch.setattr(xform, "convert", fails)
    with translation.override("fa"), pytest.raises(WorkbookRefused) as refusal:
        parse_form(workbook([TEXT]))
    said = refusal.value.errors[0]["message"]
    assert LATIN.search(said) is None
    assert type(trouble).__name__ not in said
    assert str(trouble) not in said
