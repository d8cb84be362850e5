"""From a workbook to a definition, and every mistake in it told with its place."""

import json
from datetime import UTC, datetime

import pytest

from reports.xlsform import FormDefinition, FormEngine, WorkbookRefused, parse_form
from reports.xlsform.definition import NAMESPACE
from tests.forms import EN, FA, small_form, workbook

LABEL = "label"
NOW = datetime(2026, 9, 1, tzinfo=UTC)


def places(survey: list[dict], **more) -> list[tuple]:
    """(row, column) of every error of that survey sheet, in order."""
    with pytest.raises(WorkbookRefused) as refused:
        parse_form(workbook(survey, **more))
    assert all(error["message"] for error in refused.value.errors)
    return [(error["row"], error["column"]) for error in refused.value.errors if error["sheet"] == "survey"]


def text(name: str, **more) -> dict:
    return {"type": "text", "name": name, LABEL: name, **more}


# ----------------------------------------------------------------- what is read
def test_the_small_form_is_read_whole():
    definition = parse_form(small_form())
    assert (definition.form_id, definition.title, definition.version) == ("small", "فرم کوچک", "1")
    assert definition.languages == ("fa", "en")
    assert [section.name for section in definition.sections] == ["housing", "welfare"]
    assert [question.type for question in definition.questions] == [
        "integer", "integer", "calculate", "decimal", "select_one", "text", "integer", "date", "acknowledge", "note",
    ]  # fmt: skip
    assert [indicator.code for indicator in definition.indicators] == ["HSG-01", "HSG-02", "WLF-01", "MGT-01"]
    note = definition.question("canteen_note")
    assert note.label == {"fa": "توضیح سلف", "en": "About the canteen"}
    assert (note.section, note.path, note.row) == ("welfare", "/data/welfare/canteen_note", 10)
    assert [choice.label_in("en") for choice in definition.question("has_canteen").choices] == ["Yes", "No"]


def test_a_definition_survives_its_storage_as_json():
    definition = parse_form(small_form())
    assert FormDefinition.from_json(json.loads(json.dumps(definition.to_json()))) == definition


def test_the_summary_counts_rows_as_a_person_would():
    assert parse_form(small_form()).summary() == {
        "form_id": "small",
        "title": "فرم کوچک",
        "questions": 10,
        "groups": 2,
        "repeats": 0,
        "choice_lists": 1,
        "constraints": 2,
        "relevants": 1,
        "calculations": 1,
        "asked": 8,
        "scored": 5,
        "read_only": 1,
        "unsupported": [],
        "warnings": [],
    }


def test_metadata_is_no_question():
    rows = [
        {"type": kind, "name": kind} for kind in ("start", "end", "today", "deviceid", "username", "email", "audit")
    ]
    definition = parse_form(workbook([*rows, text("q")]))
    assert definition.summary()["questions"] == 1
    assert len(definition.metadata) == 7


def test_questions_outside_any_group_have_a_section_without_a_name():
    rows = [text("a"), {"type": "begin group", "name": "g", LABEL: "g"}, text("b"), {"type": "end group"}]
    definition = parse_form(workbook(rows))
    assert [section.name for section in definition.sections] == ["", "g"]
    assert [question.name for question in definition.questions_of("")] == ["a"]


def test_nested_groups_belong_to_their_top_level_section():
    rows = [
        {"type": "begin_group", "name": "outer", LABEL: "outer"},
        {"type": "begin_group", "name": "inner", LABEL: "inner", "relevant": "${a} = 'x'"},
        text("b"),
        {"type": "end_group"},
        text("a"),
        {"type": "end_group"},
    ]
    definition = parse_form(workbook(rows))
    assert [section.name for section in definition.sections] == ["outer"]
    assert definition.question("b").section == "outer"
    assert definition.question("b").group == "/data/outer/inner"
    assert definition.summary()["groups"] == 2


def test_a_name_used_again_in_another_group_carries_its_group():
    rows = []
    for group in ("first", "second"):
        rows += [{"type": "begin_group", "name": group, LABEL: group}, text("total"), {"type": "end_group"}]
    assert [question.name for question in parse_form(workbook(rows)).questions] == ["first__total", "second__total"]


def test_a_table_is_a_section_of_its_own_and_its_questions_are_asked_in_its_rows():
    rows = [
        text("a"),
        {"type": "begin_repeat", "name": "members", LABEL: "اعضا"},
        {"type": "integer", "name": "age", LABEL: "سن", "required": "yes"},
        {"type": "end_repeat"},
    ]
    definition = parse_form(workbook(rows))
    assert definition.summary()["repeats"] == 1
    assert definition.summary()["asked"] == 2
    assert definition.own_question("age").table == "/data/members"
    assert [question.name for question in definition.shown] == ["a"]
    assert [section.name for section in definition.sections] == ["", "members"]
    assert [(table.key, table.section, table.names) for table in definition.tables] == [
        ("members", "members", ("age",))
    ]
    assert definition.own_question("age@abc").name == "age@abc"
    assert [definition.question(f"age@{row}") for row in ("", "a.b", "با")] == [None, None, None]


def test_a_form_that_was_read_before_tables_were_asked_has_none():
    rows = [
        text("a"),
        {"type": "begin_repeat", "name": "members", LABEL: "اعضا"},
        {"type": "integer", "name": "age", LABEL: "سن"},
        {"type": "end_repeat"},
    ]
    data = parse_form(workbook(rows)).to_json()
    old = {**data, "reader": 2, "sections": data["sections"][:1]}
    for question in old["questions"]:
        del question["table"]
    for group in old["groups"]:
        del group["count"], group["rows"]
    definition = FormDefinition.from_json(old)
    assert (definition.tables, definition.own_question("age").is_input) == ((), False)
    assert FormEngine(definition).evaluate({"age@x": "3", "row:members@x": "1"}, at=NOW).values == {"a": ""}


def test_a_table_from_a_list_wants_a_list_that_is_there_and_no_count():
    rows = [
        {"type": "begin_repeat", "name": "members", "bind::sajad:rows": "nowhere", "repeat_count": "3"},
        {"type": "integer", "name": "age", LABEL: "سن"},
        {"type": "end_repeat"},
    ]
    with pytest.raises(WorkbookRefused) as refused:
        parse_form(workbook(rows))
    assert [(error["row"], error["column"]) for error in refused.value.errors] == [(2, "bind::sajad:rows")] * 2


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("label::فارسی (fa)", "fa"),
        ("label::Persian (fa)", "fa"),
        ("label::فارسی", "fa"),
        ("Label::English", "en"),
        ("label::English (en)", "en"),
        ("label", "default"),
        ("label::French (fr)", "fr"),
        ("label:English", "en"),
    ],
)
def test_the_language_of_a_label_is_known_however_it_is_written(header, language):
    definition = parse_form(workbook([{"type": "text", "name": "q", header: "x"}]))
    assert definition.question("q").label == {language: "x"}


def test_labels_are_stored_in_persian_letters():
    definition = parse_form(workbook([{"type": "note", "name": "n", FA: "كتابخانه‌ي مركزي"}]))
    assert definition.question("n").label["fa"] == "کتابخانه‌ی مرکزی"


def test_guidance_stands_under_the_hint():
    question = parse_form(workbook([text("a", hint="کوتاه", guidance_hint="بلند")])).question("a")
    assert question.hint_in("fa") == "کوتاه\nبلند"


def test_a_missing_translation_is_told_and_blocks_nothing():
    rows = [{"type": "text", "name": "a", FA: "الف", EN: "A"}, {"type": "text", "name": "b", FA: "ب"}]
    assert any("۳" in warning and "en" in warning for warning in parse_form(workbook(rows)).warnings)


def test_the_attributes_need_no_declared_namespace():
    rows = [
        {
            "type": "integer", "name": "n", LABEL: "n", "bind::sajad:indicator": "A-1", "bind::sajad:role": "value",
            "bind::sajad:weight": 1, "bind::sajad:standard": 1,
        }
    ]  # fmt: skip
    assert parse_form(workbook(rows, settings={"namespaces": ""})).indicators[0].code == "A-1"


def test_the_prefix_bound_to_another_namespace_is_refused():
    with pytest.raises(WorkbookRefused) as refused:
        parse_form(workbook([text("a")], settings={"namespaces": 'sajad="https://example.org/x"'}))
    error = refused.value.errors[0]
    assert (error["sheet"], error["row"], error["column"]) == ("settings", 2, "namespaces")
    assert NAMESPACE in error["message"]


def test_a_form_without_form_id_takes_the_name_of_its_file():
    data = workbook([text("a")], settings={"form_id": "", "form_title": ""})
    definition = parse_form(data, file_name="/tmp/خدمات student 2.xlsx")
    assert definition.form_id == definition.title == "خدمات-student-2"


def test_or_other_brings_a_text_question_of_its_own():
    rows = [{"type": "select_one l or_other", "name": "s", LABEL: "s"}]
    definition = parse_form(workbook(rows, choices=[{"list_name": "l", "name": "a", LABEL: "a"}]))
    assert [question.name for question in definition.questions] == ["s", "s_other"]
    assert [choice.name for choice in definition.question("s").choices] == ["a", "other"]
    assert definition.summary()["questions"] == 1


def test_what_is_always_read_only_is_shown_and_not_asked():
    rows = [{**text("a"), "read_only": "yes", "default": "ثابت", "required": "yes"}]
    question = parse_form(workbook(rows)).question("a")
    assert (question.is_shown, question.is_input) == (True, False)


# ---------------------------------------------------------------- what it cannot
FOREIGN = ("osm", "background-audio")


def test_types_no_portal_can_honour_are_named_row_by_row_and_not_shown():
    rows = [{"type": kind, "name": kind.replace("-", "_"), LABEL: kind} for kind in FOREIGN]
    definition = parse_form(workbook([text("q"), *rows]))
    assert definition.summary()["unsupported"] == [
        {"row": row, "type": kind, "name": kind.replace("-", "_")} for row, kind in enumerate(FOREIGN, 3)
    ]
    assert [question.name for question in definition.shown] == ["q"]
    assert definition.summary()["questions"] == 3
    assert definition.needs_confirmation == ()


def test_what_cannot_be_shown_but_matters_waits_for_a_coordinator():
    rows = [
        {"type": "osm", "name": "must", LABEL: "must", "required": "yes"},
        {"type": "background-audio", "name": "read", LABEL: "read"},
        {"type": "background-audio", "name": "idle", LABEL: "idle"},
        text("q", relevant="${read} != ''"),
    ]
    waiting = parse_form(workbook(rows)).needs_confirmation
    assert [(item.name, item.required, item.referenced_by) for item in waiting] == [
        ("must", True, ()),
        ("read", False, ("q",)),
    ]


def test_an_image_is_asked_as_a_file():
    question = parse_form(workbook([{"type": "image", "name": "p", LABEL: "p"}])).question("p")
    assert (question.type, question.parameters["accept"]) == ("file", "image")


# ---------------------------------------------------------------- what is wrong
def test_all_mistakes_of_a_sheet_are_told_at_once():
    rows = [
        text("a", relevant="${nobody} = 1"),
        {"type": "telepathy", "name": "b", LABEL: "b"},
        {"type": "select_one nowhere", "name": "c", LABEL: "c"},
        text("a"),
        text("1st"),
        {"type": "begin_group", "name": "g", LABEL: "g"},
        {"type": "calculate", "name": "d"},
        {"name": "e", LABEL: "e"},
        {"type": "select_multiple", "name": "f", LABEL: "f"},
        {"type": "text", "name": "unlabelled"},
    ]
    assert places(rows, survey_headers=["type", "name", LABEL, "relevant", "calculation"]) == [
        (2, "relevant"),
        (3, "type"),
        (4, "type"),
        (5, "name"),
        (6, "name"),
        (7, "type"),
        (8, "calculation"),
        (9, "type"),
        (10, "type"),
        (11, "label"),
    ]


def test_an_end_without_a_beginning_is_refused():
    assert places([text("a"), {"type": "end_group"}]) == [(3, "type")]


def test_a_group_closed_as_a_repeat_is_refused():
    rows = [{"type": "begin_group", "name": "g", LABEL: "g"}, text("a"), {"type": "end_repeat"}]
    assert places(rows) == [(2, "type"), (4, "type")]


def test_a_sheet_without_the_columns_it_needs_is_refused():
    assert places([{"kind": "text", LABEL: "a"}]) == [(1, "type"), (1, "name")]


def test_a_form_without_questions_is_refused():
    assert places([{"type": "start", "name": "start"}]) == [(None, None)]


def test_choices_are_checked_with_their_rows():
    choices = [
        {"list_name": "l", "name": "a", LABEL: "a"},
        {"list_name": "l", "name": "a", LABEL: "again"},
        {"list_name": "", "name": "b", LABEL: "b"},
        {"list_name": "l", "name": "b c", LABEL: "b"},
        {"list_name": "l", "name": "", LABEL: "d"},
    ]
    with pytest.raises(WorkbookRefused) as refused:
        parse_form(workbook([{"type": "select_multiple l", "name": "q", LABEL: "q"}], choices=choices))
    assert [(error["sheet"], error["row"], error["column"]) for error in refused.value.errors] == [
        ("choices", 3, "name"),
        ("choices", 5, "name"),
        ("choices", 6, "name"),
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "1 +",
        "(. > 1",
        "foo(.)",
        "if(1, 2)",
        "random(1)",
        "today(1)",
        "'open",
        "1 = 2 = 3",
        "pulldata('a','b','c')",
        "$x",
        "a == b",
    ],
)
def test_an_expression_that_cannot_be_read_is_refused_with_its_place(expression):
    assert places([text("a"), text("b", constraint=expression)]) == [(3, "constraint")]


def test_every_broken_expression_is_told():
    rows = [text("a", relevant="1 +", constraint="foo(.)"), {"type": "calculate", "name": "c", "calculation": "bar()"}]
    assert places(rows) == [(2, "relevant"), (2, "constraint"), (3, "calculation")]


def test_a_pattern_that_could_run_for_ever_elsewhere_is_taken_and_one_that_looks_around_is_refused():
    parse_form(workbook([text("a", constraint="regex(., '(a+)+')")]))
    assert places([text("a", constraint="regex(., '(?=a)b')")]) == [(2, "constraint")]


def test_calculations_that_depend_on_each_other_in_a_circle_are_refused():
    rows = [
        {"type": "calculate", "name": "c", "calculation": "${d} + 1"},
        {"type": "calculate", "name": "d", "calculation": "${e} + 1"},
        {"type": "calculate", "name": "e", "calculation": "${c} + 1"},
    ]
    assert places(rows) == [(2, "calculation")]


def test_a_question_relevant_by_what_is_calculated_from_it_is_a_circle():
    rows = [text("a", relevant="${b} = 'x'"), {"type": "calculate", "name": "b", "calculation": "${a}"}]
    assert len(places(rows)) == 1


def test_what_pyxform_alone_notices_is_told_with_row_and_column():
    rows = [text("a"), {"type": "range", "name": "r", LABEL: "r", "parameters": "start=many"}]
    assert places(rows) == [(3, "parameters")]


def test_a_reference_to_a_name_of_two_rows_is_not_clear():
    rows = []
    for group in ("first", "second"):
        rows += [{"type": "begin_group", "name": group, LABEL: group}, text("total"), {"type": "end_group"}]
    assert places([*rows, {"type": "calculate", "name": "c", "calculation": "${total}"}]) == [(8, "calculation")]


def test_names_that_are_also_words_of_xpath_are_fine():
    names = ["date", "div", "or", "parent", "self", "text", "node", "if", "mod", "and", "count", "سن"]
    rows = [{"type": "integer", "name": name, LABEL: name} for name in names]
    total = " + ".join(f"${{{name}}}" for name in names)
    definition = parse_form(workbook([*rows, {"type": "calculate", "name": "total", "calculation": total}]))
    assert len(definition.questions) == len(names) + 1
