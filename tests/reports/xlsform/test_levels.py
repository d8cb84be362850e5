"""Levels of answers in a workbook: what each choice earns, and what is refused."""

import pytest

from reports.scoring import score_indicator
from reports.xlsform import WorkbookRefused, parse_form
from tests.forms import FA, workbook

CHOICES = [
    {"list_name": "state", "name": "full", FA: "همه"},
    {"list_name": "state", "name": "part", FA: "بخشی"},
    {"list_name": "state", "name": "none", FA: "هیچ"},
    {"list_name": "yn", "name": "yes", FA: "بله"},
    {"list_name": "yn", "name": "no", FA: "خیر"},
]


def read(kind: str, **attributes):
    row = {
        "type": kind, "name": "answer", FA: "پاسخ", "bind::sajad:indicator": "LVL-01", "bind::sajad:role": "value",
        "bind::sajad:weight": 20, **{f"bind::sajad:{name}": text for name, text in attributes.items()},
    }  # fmt: skip
    return parse_form(workbook([row], choices=CHOICES)).own_indicator("LVL-01")


def points(indicator, answer: str) -> str:
    return score_indicator(indicator, inputs={"value": answer}).to_json()["points"]


def test_a_choice_earns_its_level():
    found = read("select_one state", score="levels", levels="full=100|همهٔ بندها; part=50; none=0")
    assert [points(found, answer) for answer in ("full", "part", "none", "")] == ["20", "10", "0", "0"]


def test_a_yes_earns_all_and_where_less_is_better_a_no_does():
    assert [points(read("select_one yn", score="yes_no"), answer) for answer in ("yes", "no")] == ["20", "0"]
    down = read("select_one yn", score="yes_no", direction="down")
    assert [points(down, answer) for answer in ("yes", "no")] == ["0", "20"]


def test_a_text_is_judged_by_described_levels():
    found = read("text", score="rubric", levels="good=100|مستند; fair=40|کلی; none=0|بی‌پاسخ")
    score = score_indicator(found, inputs={"value": "شرح"}, manual_points="8")
    assert (score.formula, score.to_json()["points"]) == ("rubric", "8")
    assert score_indicator(found, inputs={"value": "شرح"}).state == "not-yet-judged"


@pytest.mark.parametrize(
    ("kind", "attributes", "words"),
    [
        ("select_one state", {"score": "levels", "levels": "full=100; part=50"}, "none"),
        ("select_one state", {"score": "levels", "levels": "full=100; part=50; none=0; more=10"}, "more"),
        ("select_one state", {"score": "levels"}, "full=100"),
        ("select_one state", {"score": "levels", "levels": "full=120; part=50; none=0"}, "۱۰۰"),
        ("select_one state", {"score": "yes_no"}, "yes"),
        ("text", {"score": "levels", "levels": "a=1; b=2"}, "value"),
        ("text", {"standard": 1}, "value"),
    ],
)
def test_what_cannot_be_scored_is_refused_with_its_row(kind, attributes, words):
    with pytest.raises(WorkbookRefused) as refusal:
        read(kind, **attributes)
    (error,) = refusal.value.errors
    assert (error["sheet"], error["row"]) == ("survey", 2)
    assert words in error["message"].translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")) + error["message"]
