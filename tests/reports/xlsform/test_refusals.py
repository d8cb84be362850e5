"""A workbook that is refused is refused in Persian, whether our own checks or pyxform alone notice it."""

import re

import pytest
from django.utils import translation

from reports.xlsform import parse_form
from reports.xlsform.refusals import BY_CODE
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
        ([{**TEXT, "type": "range", "parameters": "start=1 magic=2"}], None, "ناشناخته: magic"),
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
        for words in BY_CODE.values():
            assert re.search("[آ-ی]{3}", str(words)), words
