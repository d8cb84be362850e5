"""Workbooks that were made for ODK, SurveyCTO and CHT: read as their authors meant them, or told what is left out and where."""

from datetime import UTC, datetime, timedelta

import pytest

from reports.xlsform import FormDefinition, FormEngine, WorkbookRefused, parse_form
from reports.xlsform.writer import SheetRows, write_workbook
from tests.forms import workbook

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
FRUIT = [
    {"list_name": "fruit", "name": "apple", "label": "سیب"},
    {"list_name": "fruit", "name": "pear", "label": "گلابی"},
    {"list_name": "fruit", "name": "none", "label": "هیچ"},
]


def q(kind: str, name: str, **more) -> dict:
    return {"type": kind, "name": name, "label": name, **more}


def read(rows: list[dict], **more) -> FormDefinition:
    return parse_form(workbook(rows, **more))


def evaluated(definition: FormDefinition, answers: dict | None = None, at: datetime = AT, **more):
    return FormEngine(definition).evaluate(answers or {}, at=at, **more)


def refusal(rows: list[dict], **more) -> list[dict]:
    with pytest.raises(WorkbookRefused) as refused:
        read(rows, **more)
    return refused.value.errors


def warned(definition: FormDefinition, *words: str) -> list[str]:
    return [text for text in definition.warnings if all(word in text for word in words)]


def lacks(definition: FormDefinition) -> list[tuple]:
    return [(item.row, item.type, item.name, item.without) for item in definition.needs_confirmation]


# -------------------------------------------------------------------------------------------------------------- loops
LOOP = [
    q("begin loop over fruit", "eaten", label="خوردن"),
    q("integer", "count", label="چند %(label)s؟ 100%", constraint=". >= 0"),
    q("calculate", "twice", label="", calculation="../count * 2"),
    {"type": "end loop"},
    q("text", "after"),
]


def test_a_loop_is_a_group_with_a_group_for_each_choice():
    definition = read(LOOP, choices=FRUIT)
    assert [group.path for group in definition.groups] == ["/data/eaten", "/data/eaten/apple", "/data/eaten/pear"]
    assert [(each.name, each.row, each.label_in("fa")) for each in definition.shown] == [
        ("eaten__apple__count", 3, "چند سیب؟ 100%"),
        ("eaten__pear__count", 3, "چند گلابی؟ 100%"),
        ("after", 6, "after"),
    ]
    found = evaluated(definition, {"eaten__apple__count": "2", "eaten__pear__count": "-5"})
    assert (found.values["eaten__apple__twice"], list(found.errors)) == ("4", ["eaten__pear__count"])


def test_errors_after_a_loop_name_the_rows_of_the_sheet():
    broken = [*LOOP[:-1], q("range", "r", parameters="start=many")]
    assert [(error["row"], error["column"]) for error in refusal(broken, choices=FRUIT)] == [(6, "parameters")]
    assert [error["row"] for error in refusal([*LOOP[:-1], q("sorcery", "r")], choices=FRUIT)] == [6]


@pytest.mark.parametrize(
    ("rows", "row"),
    [
        (LOOP[:2], 2),
        ([q("begin loop over nothing", "l"), q("text", "a"), {"type": "end loop"}], 2),
        ([q("begin_group", "g"), *LOOP[:2], {"type": "end_group"}], 3),
    ],
    ids=["never closed", "no such list", "closed by another"],
)
def test_a_loop_that_cannot_be_unrolled_is_refused_with_its_row(rows, row):
    assert [error["row"] for error in refusal(rows, choices=FRUIT)][:1] == [row]


def test_loops_in_loops_do_not_run_away():
    choices = [{"list_name": "l", "name": f"c{index}", "label": "x"} for index in range(60)]
    rows = [q("begin loop over l", f"a{depth}") for depth in range(4)]
    rows += [q("text", "t"), *[{"type": "end loop"}] * 4]
    assert len(refusal(rows, choices=choices)) == 1


# ------------------------------------------------------------------------------------------------------------ choices
def test_a_blank_in_the_name_of_a_single_choice_is_kept():
    choices = [{"list_name": "l", "name": "North West", "label": "شمال غرب"}]
    definition = read(
        [q("select_one l", "s"), q("calculate", "c", calculation="jr:choice-name(${s}, '${s}')")], choices=choices
    )
    found = evaluated(definition, {"s": "North West"})
    assert (found.errors, found.values["c"]) == ({}, "شمال غرب")
    assert definition.own_question("s").kind.clean(definition.own_question("s"), "North West") == "North West"


def test_blanks_in_names_of_several_choices_are_one_cause_with_its_rows():
    choices = [{"list_name": "l", "name": f"a {index}", "label": "x"} for index in range(5)]
    errors = refusal([q("select_multiple l", "s")], choices=choices)
    assert [(error["sheet"], error["row"], error["column"]) for error in errors] == [("choices", 2, "name")]
    assert "۳–۶" in errors[0]["message"]


def test_rows_of_choices_that_name_no_list_are_remarks():
    choices = [FRUIT[0], {"list_name": "", "name": "", "label": "—— میوه‌ها ——"}, FRUIT[1]]
    definition = read([q("select_one fruit", "s")], choices=choices)
    assert [choice.name for choice in definition.lists["fruit"]] == ["apple", "pear"]
    assert len(warned(definition, "choices", "۳")) == 1


DOUBLES = [
    {"list_name": "city", "name": "1", "label": "Ax", "region": "a"},
    {"list_name": "city", "name": "1", "label": "By", "region": "b"},
]
WITH_DOUBLES = {"choices": DOUBLES, "settings": {"allow_choice_duplicates": "yes"}}


def test_of_choices_of_one_name_the_one_that_is_offered_is_told():
    rows = [q("text", "region"), q("select_one city", "s", choice_filter="region = ${region}")]
    rows += [q("calculate", "c", calculation="jr:choice-name(${s}, '${s}')"), q("note", "n", label="${s}")]
    definition = read(rows, **WITH_DOUBLES)
    for region, label in (("a", "Ax"), ("b", "By")):
        found = evaluated(definition, {"region": region, "s": "1"})
        assert [choice.label_in("fa") for choice in found.choices["s"]] == [label]
        assert found.values["c"] == label
        assert found.shown("s", "fa") == label


def test_of_choices_of_one_name_that_are_all_offered_the_first_is_told():
    definition = read(
        [q("select_one city", "s"), q("calculate", "c", calculation="jr:choice-name(${s}, '${s}')")], **WITH_DOUBLES
    )
    question = definition.own_question("s")
    assert (evaluated(definition, {"s": "1"}).values["c"], question.kind.show(question, "1", "fa")) == ("Ax", "Ax")


def test_choices_of_the_sheet_external_choices_are_offered():
    sheets = {
        "survey": SheetRows(
            ["type", "name", "label", "choice_filter"],
            [q("text", "region"), q("select_one_external city", "s", choice_filter="region=${region}")],
        ),
        "external_choices": SheetRows(
            ["list_name", "name", "label", "region"], [{**each, "name": each["region"]} for each in DOUBLES]
        ),
        "choices": SheetRows(["list_name", "name", "label"], FRUIT),
    }
    definition = parse_form(write_workbook(sheets))
    assert (definition.own_question("s").type, definition.unsupported) == ("select_one", ())
    assert [choice.name for choice in evaluated(definition, {"region": "b"}).choices["s"]] == ["b"]


def test_choices_are_shuffled_by_a_seed_and_stand_still_without_one():
    choices = [{"list_name": "l", "name": letter, "label": letter} for letter in "ABCDEF"]
    rows = [
        q("integer", "seed"),
        q("select_one l", "s", parameters="randomize=true seed=${seed}"),
        q("select_one l", "u", parameters="randomize=true"),
    ]
    definition = read(rows, choices=choices)
    found = evaluated(definition, {"seed": "42"})
    assert "".join(choice.name for choice in found.choices["s"]) == "AFCBDE"
    assert "".join(choice.name for choice in found.choices["u"]) == "ABCDEF"
    assert len(warned(definition, "۴", "seed")) == 1


def test_choices_that_are_searched_in_a_file_are_not_shown():
    definition = read([q("select_one fruit", "s", appearance="minimal search('shops')", required="yes")], choices=FRUIT)
    assert lacks(definition) == [(2, "search()", "s", "")]


# -------------------------------------------------------------------------------------------------- once and triggers
def test_once_keeps_what_a_draft_began_with_and_the_first_value_that_comes_later():
    rows = [
        q("text", "a"),
        q("calculate", "r", calculation="once(random())"),
        q("calculate", "f", calculation="once(${a})"),
    ]
    form = FormEngine(read(rows))
    begun = form.defaults(at=AT)
    assert list(begun) == ["r"]
    later = AT + timedelta(days=1)
    assert form.evaluate(begun, at=later).values["r"] == begun["r"]
    assert form.evaluate({}, at=later).values["r"] != begun["r"]
    first = form.settled({**begun, "a": "x"}, ["a"], at=later)
    assert first == {"f": "x"}
    kept = {**begun, **first, "a": "y"}
    assert (form.settled(kept, ["a"], at=later), form.evaluate(kept, at=later).values["f"]) == ({}, "x")


def test_what_is_drawn_is_the_same_for_the_same_instant_and_answers():
    rows = [q("text", "a"), q("calculate", "r", calculation="random()"), q("calculate", "u", calculation="uuid()")]
    form = FormEngine(read(rows))
    one, again = (form.evaluate({"a": "x"}, at=AT).values for _time in range(2))
    others = (
        form.evaluate({"a": "y"}, at=AT).values,
        form.evaluate({"a": "x"}, at=AT + timedelta(microseconds=1)).values,
    )
    assert one == again
    assert all(one[name] != other[name] for name in "ru" for other in others)


def test_a_trigger_calculates_when_it_is_answered_and_not_before():
    rows = [q("text", "a"), q("text", "b"), q("calculate", "c", calculation="concat(${a}, ${b})", trigger="${a}")]
    definition = read(rows)
    form = FormEngine(definition)
    assert form.evaluate({"a": "x", "b": "y"}, at=AT).values["c"] == ""
    stored = {"a": "x", "b": "y"}
    assert form.settled(stored, ["b"], at=AT) == {}
    stored |= form.settled(stored, ["a"], at=AT)
    assert form.evaluate({**stored, "b": "z"}, at=AT).calculated == {"c": "xy"}
    assert definition.triggered_by(["a"]) == {"c"}
    assert definition.warnings == (definition.warnings[0],)
    assert FormDefinition.from_json(definition.to_json()) == definition


# ------------------------------------------------------------------------------------------------------- spellings
def test_types_with_a_capital_are_the_same_types():
    rows = [
        q("Text", "a"),
        q("Select_One fruit", "b"),
        q("Begin_Group", "g"),
        q("INTEGER", "c"),
        {"type": "End_Group"},
        q("Note", "", label="x"),
    ]
    definition = read(rows, choices=FRUIT)
    assert [each.type for each in definition.questions] == ["text", "select_one", "integer", "note"]


def test_a_phone_number_is_asked_and_takes_figures_only():
    definition = read([q("phone number", "a")])
    assert (definition.own_question("a").is_input, definition.metadata) == (True, {})
    assert evaluated(definition, {"a": "09123456789"}).errors == {}
    assert evaluated(definition, {"a": "call me"}).errors == {"a": "فقط رقم بنویسید."}


def test_a_percentage_lies_between_0_and_100():
    definition = read([q("percentage", "a")])
    assert [bool(evaluated(definition, {"a": text}).errors) for text in ("50", "101", "-1")] == [False, True, True]


def test_headers_with_a_single_colon_are_read():
    rows = [
        {
            "type": "text",
            "name": "a",
            "label:Persian (fa)": "الف",
            "label:English": "A",
            "hint:English": "H",
            "media:image:English": "a.png",
        }
    ]
    for more in ({}, {"required_message::English (en)": "R"}):
        question = read([{**rows[0], **more}]).own_question("a")
        assert (question.label, question.hint) == ({"fa": "الف", "en": "A"}, {"en": "H"})


def test_the_default_language_is_that_of_unnamed_columns_and_stands_in_for_missing_texts():
    rows = [
        {"type": "text", "name": "a", "label": "Un", "label::English (en)": "One"},
        {"type": "text", "name": "b", "label": "Deux"},
    ]
    definition = read(rows, settings={"default_language": "Français (fr)"})
    assert definition.languages == ("fr", "en")
    assert [definition.own_question("a").label_in(code) for code in ("fr", "en", "fa")] == ["Un", "One", "Un"]
    assert definition.own_question("b").label_in("en") == "Deux"


def test_the_name_meta_is_said_to_be_kept():
    errors = refusal([q("begin_group", "meta"), q("text", "a"), {"type": "end_group"}])
    assert [(error["row"], error["column"], "meta" in error["message"]) for error in errors] == [(2, "name", True)]


def test_the_heading_of_a_table_of_questions_is_not_answered():
    rows = [
        q("begin_group", "g", appearance="field-list"),
        q("select_one fruit", "head", appearance="label", required="yes"),
        q("select_one fruit", "one", appearance="list-nolabel"),
        {"type": "end_group"},
        q("begin_group", "t", appearance="table-list"),
        q("select_one fruit", "two"),
        {"type": "end_group"},
    ]
    definition = read(rows, choices=FRUIT)
    assert [each.name for each in definition.questions if each.is_input] == ["one", "two"]
    assert (definition.own_question("head").type, evaluated(definition).missing) == ("note", [])


def test_a_picture_is_asked_for_as_a_picture():
    definition = read([q("image", "a"), q("file", "b")])
    assert [definition.own_question(name).takes_picture for name in "ab"] == [True, False]


@pytest.mark.parametrize(
    ("appearance", "typed", "stored", "shown", "again"),
    [
        ("month-year", "1405/09", "2026-11-22", "آذر ۱۴۰۵", "۱۴۰۵/۰۹"),
        ("month-year", "۱۴۰۵/۹", "2026-11-22", "آذر ۱۴۰۵", "۱۴۰۵/۰۹"),
        ("month-year", "1405/09/17", "2026-11-22", "آذر ۱۴۰۵", "۱۴۰۵/۰۹"),
        ("year", "1405", "2026-03-21", "۱۴۰۵", "۱۴۰۵"),
        ("year", "1405/09/17", "2026-03-21", "۱۴۰۵", "۱۴۰۵"),
        ("", "1405/09/17", "2026-12-08", "۱۷ آذر ۱۴۰۵", "۱۴۰۵/۰۹/۱۷"),
    ],
)
def test_a_date_asks_for_no_more_than_its_author(appearance, typed, stored, shown, again):
    question = read([q("date", "a", appearance=appearance)]).own_question("a")
    kind = question.kind
    assert (kind.clean(question, typed), kind.show(question, stored, "fa"), kind.typed(question, stored, "fa")) == (
        stored,
        shown,
        again,
    )
    assert kind.clean(question, again) == stored


# --------------------------------------------------------------------------------------------------------------- told
def test_a_cause_is_told_once_with_all_its_rows():
    rows = [{"type": "text", "name": f"q{index}", "label": ""} for index in range(118)] + [q("text", "a")]
    errors = refusal(rows)
    assert [(error["row"], error["column"]) for error in errors] == [(2, "label")]
    assert "۳–۱۱۹" in errors[0]["message"]


def test_one_misspelled_name_in_many_rules_is_one_cause():
    rows = [q("text", f"q{index}", relevant="${nobody} = 1") for index in range(5)]
    assert [(error["row"], error["column"]) for error in refusal(rows)] == [(2, "relevant")]


def test_a_form_without_indicators_says_so():
    assert len(warned(read([q("text", "a")]), "bind::sajad:indicator")) == 1


def test_entities_are_said_to_have_no_effect():
    sheets = {
        "survey": SheetRows(["type", "name", "label", "save_to"], [{**q("text", "a"), "save_to": "title"}]),
        "entities": SheetRows(["list_name", "label"], [{"list_name": "trees", "label": "concat('a', 'b')"}]),
    }
    assert len(warned(parse_form(write_workbook(sheets)), "save_to", "۲")) == 1


def test_counts_of_what_is_asked_scored_and_only_shown():
    rows = [
        q("text", "a"),
        q("calculate", "b", calculation="1"),
        q("integer", "c", read_only="yes"),
        q("note", "n"),
        q("calculate", "d", label="", calculation="2"),
    ]
    summary = read(rows).summary()
    assert {name: summary[name] for name in ("asked", "scored", "read_only")} == {
        "asked": 1,
        "scored": 0,
        "read_only": 1,
    }


def test_read_only_by_an_expression_is_locked_only_while_it_holds():
    definition = read([q("text", "a"), q("text", "b", read_only="${a} = 'x'", required="yes")])
    assert definition.own_question("b").is_written
    assert [evaluated(definition, {"a": text}).read_only["b"] for text in "xy"] == [True, False]
