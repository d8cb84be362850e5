"""The performance attributes of a workbook, and what cannot be scored."""

import pytest

from reports.xlsform import WorkbookRefused, parse_form
from tests.forms import small_form, workbook

B = "bind::sajad:"


def value(name: str = "v", code: str = "A-1", **attributes) -> dict:
    given = {"role": "value", "weight": 10, "standard": 5, **attributes}
    return {
        "type": given.pop("type", "decimal"),
        "name": name,
        "label": name,
        B + "indicator": code,
        **{B + key: cell for key, cell in given.items()},
    }


def ratio(code: str = "R-1", *, name: str = "r", **attributes) -> list[dict]:
    head = {"weight": 10, "standard": 80, "scale": 100, "direction": "up", **attributes}
    return [
        {"type": "integer", "name": f"{name}_n", "label": "n", B + "indicator": code, B + "role": "numerator"},
        {"type": "integer", "name": f"{name}_d", "label": "d", B + "indicator": code, B + "role": "denominator"},
        {
            "type": "calculate",
            "name": name,
            "label": "rate",
            "calculation": f"${{{name}_n}} div ${{{name}_d}}",
            B + "indicator": code,
            **{B + key: cell for key, cell in head.items()},
        },
    ]


def places(rows: list[dict]) -> list[tuple]:
    with pytest.raises(WorkbookRefused) as refused:
        parse_form(workbook(rows))
    return [(error["row"], error["column"].removeprefix(B)) for error in refused.value.errors]


def test_a_ratio_has_its_inputs_by_role_and_its_head_on_the_calculate():
    indicator = parse_form(small_form()).indicator("HSG-01")
    assert indicator.inputs == {"numerator": "housed", "denominator": "eligible"}
    assert (indicator.ratio, indicator.value_question) == ("housing_rate", "housing_rate")
    assert (indicator.weight, indicator.standard, indicator.floor, indicator.scale) == ("50", "80", "40", "100")
    assert indicator.label_in("en") == "Applicants housed"
    assert indicator.evidence == "فهرست اسکان‌یافتگان با مهر خوابگاه"


def test_a_value_is_its_own_head():
    indicator = parse_form(small_form()).indicator("HSG-02")
    assert indicator.inputs == {"value": "waiting_days"}
    assert (indicator.ratio, indicator.value_question, indicator.direction) == ("", "waiting_days", "down")


def test_timeliness_takes_no_input():
    indicator = parse_form(small_form()).indicator("MGT-01")
    assert (indicator.inputs, indicator.source, indicator.section) == ({}, "timeliness", "welfare")


def test_attributes_may_stand_on_an_input_row_too():
    rows = ratio()
    rows[0][B + "unit"] = "٪"
    assert parse_form(workbook(rows)).indicators[0].unit == "٪"


def test_numbers_are_read_as_people_write_them():
    indicator = parse_form(workbook([value(weight="۷٫۵", standard="1,200")])).indicators[0]
    assert (indicator.weight, indicator.standard) == ("7.5", "1200")


def test_arrows_say_the_direction():
    assert parse_form(workbook([value(direction="↓")])).indicators[0].direction == "down"


@pytest.mark.parametrize("word", ["خیر", "no", "-"])
def test_an_evidence_cell_that_says_no_asks_for_none(word):
    assert parse_form(workbook([value(evidence=word)])).indicators[0].evidence == ""


@pytest.mark.parametrize(
    ("attribute", "cell"),
    [
        ("weight", "-1"),
        ("weight", "heavy"),
        ("standard", "0"),
        ("standard", "-3"),
        ("scale", "0"),
        ("direction", "sideways"),
        ("score", "guess"),
        ("aggregate", "median"),
        ("source", "rumour"),
        ("role", "boss"),
        ("wieght", "3"),
        ("weightby", "nobody"),
    ],
)
def test_an_attribute_that_cannot_be_is_refused_with_its_place(attribute, cell):
    assert places([value(**{attribute: cell})]) == [(2, attribute)]


def test_a_weight_that_is_missing_is_asked_for():
    assert places([value(weight="")]) == [(2, "weight")]


def test_a_standard_that_is_missing_is_asked_for():
    assert places([value(standard="")]) == [(2, "standard")]


def test_a_rubric_needs_no_standard():
    assert parse_form(workbook([value(standard="", score="manual")])).indicators[0].score == "manual"


def test_a_numerator_without_denominator_is_refused():
    rows = ratio()
    del rows[1]
    rows[1]["calculation"] = "${r_n}"
    assert places(rows) == [(3, "role")]


def test_a_denominator_without_numerator_is_refused():
    rows = ratio()
    del rows[0]
    rows[1]["calculation"] = "${r_d}"
    assert places(rows) == [(3, "role")]


def test_a_role_given_twice_is_refused():
    assert places([value("a"), {**value("b"), B + "weight": "", B + "standard": ""}]) == [(3, "role")]


def test_a_ratio_that_is_a_value_too_is_refused():
    assert places([*ratio(), value("v", "R-1", weight="", standard="")]) == [(4, "role")]


def test_an_indicator_without_input_is_refused():
    assert places([{**value(), B + "role": ""}]) == [(2, "role")]


def test_an_attribute_given_twice_must_say_the_same():
    rows = ratio()
    rows[0][B + "weight"] = 11
    assert places(rows) == [(4, "weight")]


def test_attributes_without_a_code_are_refused():
    assert places([{**value(), B + "indicator": ""}]) == [(2, "role")]


def test_a_text_cannot_be_measured():
    assert places([value(type="text")]) == [(2, "role")]


def test_a_calculation_is_no_input():
    rows = [{**value(type="calculate"), "calculation": "1 + 1"}]
    assert places(rows) == [(2, "role")]


def test_an_indicator_inside_a_table_is_refused():
    rows = [{"type": "begin_repeat", "name": "t", "label": "t"}, value(), {"type": "end_repeat"}]
    assert places(rows) == [(3, "indicator")]


def test_timeliness_with_an_input_is_refused():
    assert places([value(source="timeliness")]) == [(2, "source")]


@pytest.mark.parametrize(
    ("direction", "floor", "refused"),
    [("up", 2, False), ("up", 5, True), ("up", 9, True), ("down", 9, False), ("down", 2, True)],
)
def test_a_floor_must_be_worse_than_the_standard(direction, floor, refused):
    rows = [value(score="linear", direction=direction, floor=floor)]
    if refused:
        assert places(rows) == [(2, "floor")]
    else:
        assert parse_form(workbook(rows)).indicators[0].floor == str(floor)


def test_a_linear_score_without_floor_is_refused():
    assert places([value(score="linear")]) == [(2, "floor")]


@pytest.mark.parametrize("bands", ["", "90", "90=200", "90=50; 60=80", "x=1"])
def test_bands_that_give_no_score_are_refused(bands):
    assert places([value(score="bands", bands=bands)]) == [(2, "bands")]


def test_weightby_may_be_written_as_a_reference():
    rows = [value(weightby="${count}"), {"type": "integer", "name": "count", "label": "count"}]
    assert parse_form(workbook(rows)).indicators[0].weightby == "count"


def test_what_is_calculated_from_an_input_depends_on_it():
    definition = parse_form(
        workbook([*ratio(), {"type": "calculate", "name": "half", "calculation": "${r} div 2"}, value("v", "B-1")])
    )
    assert definition.dependents(["r_n"]) == {"r", "half"}
    assert definition.dependents(["v"]) == set()
