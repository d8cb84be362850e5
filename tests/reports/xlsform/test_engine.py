"""What a form says about a set of answers."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.xlsform import FormEngine, engine_for, parse_form
from tests.forms import EN, FA, SMALL_ANSWERS, small_form, workbook

AT = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)  # 01:30 on the 23rd in Tehran
LABEL = "label"


def q(kind: str, name: str, **more) -> dict:
    return {"type": kind, "name": name, LABEL: name, **more}


def evaluate(rows: list[dict], answers: dict, **more):
    form = FormEngine(parse_form(workbook(rows, choices=more.pop("choices", None))))
    found = form.evaluate(answers, at=AT, **more)
    asked = form.relevance(answers, at=AT)  # the shorter way says the same
    assert {name: asked.get(name, True) for name in found.relevant} == found.relevant
    return found


SMALL = parse_form(small_form())


def test_a_complete_form_has_nothing_missing_and_nothing_wrong():
    found = FormEngine(SMALL).evaluate(SMALL_ANSWERS, at=AT)
    assert not found.missing
    assert not found.errors
    assert found.calculated == {"housing_rate": "80"}


def test_an_empty_form_misses_what_is_required_and_complains_of_nothing():
    found = FormEngine(SMALL).evaluate({}, at=AT)
    assert found.missing == ["housed", "eligible", "waiting_days", "events", "confirmed"]
    assert found.errors == {}
    assert found.calculated == {"housing_rate": ""}


def test_an_irrelevant_question_is_neither_required_nor_kept():
    found = FormEngine(SMALL).evaluate({**SMALL_ANSWERS, "has_canteen": "no"}, at=AT)
    assert (found.relevant["canteen_note"], found.required["canteen_note"]) == (False, False)
    assert found.values["canteen_note"] == ""


def test_a_broken_constraint_is_told_in_the_readers_language():
    answers = {**SMALL_ANSWERS, "housed": "100"}
    assert FormEngine(SMALL).evaluate(answers, at=AT, language="en").errors == {
        "housed": "Housed cannot be more than eligible."
    }
    assert FormEngine(SMALL).evaluate(answers, at=AT, language="fa").errors["housed"].startswith("اسکان‌یافته")


def test_a_constraint_says_nothing_of_an_empty_answer():
    assert evaluate([q("integer", "a", constraint=". > 5")], {}).errors == {}


def test_an_irrelevant_answer_is_empty_to_everything_that_reads_it():
    rows = [
        q("text", "has"),
        q("integer", "count", relevant="${has} = 'yes'"),
        q("calculate", "double", calculation="${count} * 2"),
        q("text", "why", relevant="${double} > 10"),
    ]
    found = evaluate(rows, {"has": "no", "count": "50", "why": "x"})
    assert (found.values["count"], found.values["double"], found.relevant["why"]) == ("", "", False)
    found = evaluate(rows, {"has": "yes", "count": "50", "why": "x"})
    assert (found.values["double"], found.values["why"]) == ("100", "x")


def test_everything_in_an_irrelevant_group_is_irrelevant():
    rows = [
        q("text", "kind"),
        q("begin_group", "outer", relevant="${kind} = 'x'"),
        q("begin_group", "inner"),
        q("integer", "deep", required="yes"),
        q("calculate", "sum", calculation="${deep} + 1"),
        {"type": "end_group"},
        {"type": "end_group"},
        q("calculate", "after", calculation="coalesce(${sum}, 'none')"),
    ]
    found = evaluate(rows, {"kind": "y", "deep": "5"})
    assert found.relevant == {"kind": True, "deep": False, "sum": False, "after": True}
    assert (found.missing, found.values["after"]) == ([], "none")
    assert found.relevant_sections == {"": True, "outer": False}
    assert evaluate(rows, {"kind": "x", "deep": "5"}).values["after"] == "6"


def test_an_answer_inside_an_irrelevant_group_is_empty_to_what_stands_outside():
    rows = [
        q("text", "kind"),
        q("begin_group", "outer", relevant="${kind} = 'x'"),
        q("integer", "deep"),
        {"type": "end_group"},
        q("calculate", "after", calculation="coalesce(${deep}, 'none')"),
    ]
    assert evaluate(rows, {"kind": "y", "deep": "5"}).values["after"] == "none"
    assert evaluate(rows, {"kind": "x", "deep": "5"}).values["after"] == "5"


def test_calculations_run_in_the_order_of_what_they_read_not_of_the_sheet():
    rows = [
        q("calculate", "c", calculation="${b} + 1"),
        q("calculate", "b", calculation="${a} + 1"),
        q("integer", "a"),
    ]
    found = evaluate(rows, {"a": "1"})
    assert list(found.calculated.items()) == [("b", "2"), ("c", "3")]


def test_a_calculation_cannot_be_posted():
    assert (
        evaluate([q("integer", "a"), q("calculate", "b", calculation="${a}")], {"a": "1", "b": "999"}).values["b"]
        == "1"
    )


def test_required_may_depend_on_another_answer():
    rows = [q("text", "a"), q("text", "b", required="${a} = 'x'")]
    assert evaluate(rows, {"a": "x"}).missing == ["b"]
    assert evaluate(rows, {"a": "y"}).missing == []


def test_an_answer_may_become_read_only():
    rows = [q("text", "a"), q("text", "b", read_only="${a} = 'x'"), q("calculate", "c", calculation="1")]
    assert evaluate(rows, {"a": "x"}).read_only == {"a": False, "b": True, "c": True}


def test_choices_follow_their_filter_and_a_choice_no_longer_offered_is_an_error():
    choices = [
        {"list_name": "p", "name": "thr", LABEL: "تهران"},
        {"list_name": "p", "name": "frs", LABEL: "فارس"},
        {"list_name": "c", "name": "rey", LABEL: "ری", "province": "thr"},
        {"list_name": "c", "name": "shz", LABEL: "شیراز", "province": "frs"},
    ]
    rows = [q("select_one p", "province"), q("select_one c", "city", choice_filter="province = ${province}")]
    found = evaluate(rows, {"province": "frs", "city": "shz"}, choices=choices)
    assert [choice.name for choice in found.choices["city"]] == ["shz"]
    assert found.errors == {}
    assert list(evaluate(rows, {"province": "thr", "city": "shz"}, choices=choices).errors) == ["city"]
    assert evaluate(rows, {}, choices=choices).choices["city"] == ()


def test_a_label_is_found_for_a_chosen_name():
    choices = [
        {"list_name": "l", "name": "a", FA: "یک", EN: "One"},
        {"list_name": "l", "name": "b", FA: "دو", EN: "Two"},
    ]
    rows = [
        {"type": "select_multiple l", "name": "s", FA: "s", EN: "s"},
        q("calculate", "named", calculation="jr:choice-name(${s}, '${s}')"),
        q("calculate", "looked_up", calculation="instance('l')/root/item[name = 'b']/label"),
    ]
    assert evaluate(rows, {"s": "a b"}, choices=choices, language="en").values["named"] == "One, Two"
    assert evaluate(rows, {"s": "b"}, choices=choices, language="fa").values["looked_up"] == "دو"
    assert evaluate(rows, {"s": "b"}, choices=choices).values["named"] == "دو"
    assert evaluate(rows, {"s": "a b"}, choices=choices, language="fa").values["named"] == "یک، دو"


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("integer", "x"),
        ("integer", "1.5"),
        ("integer", "2026-01-01"),
        ("decimal", "۵"),
        ("date", "1405/01/01"),
        ("date", "x"),
    ],
)
def test_a_stored_answer_of_the_wrong_kind_is_an_error_never_an_exception(kind, stored):
    assert list(evaluate([q(kind, "a")], {"a": stored}).errors) == ["a"]


@pytest.mark.parametrize(("stored", "wrong"), [("1", False), ("4.5", False), ("4.2", True), ("0", True), ("6", True)])
def test_a_range_keeps_its_limits_and_steps(stored, wrong):
    rows = [q("range", "a", parameters="start=1 end=5 step=0.5")]
    assert bool(evaluate(rows, {"a": stored}).errors) == wrong


def test_relative_and_predicate_paths_are_read():
    rows = [
        q("begin_group", "g"),
        q("integer", "a"),
        q("integer", "b", constraint=". > ../a", relevant="../a != ''"),
        q("calculate", "place", calculation="position(..)"),
        q("calculate", "both", calculation="sum(../a | ../b)"),
        q("calculate", "anywhere", calculation="count(//a)"),
        q("calculate", "now_here", calculation="current()/../a + 1"),
        {"type": "end_group"},
    ]
    found = evaluate(rows, {"a": "2", "b": "1"})
    assert found.calculated == {"place": "1", "both": "3", "anywhere": "1", "now_here": "3"}
    assert list(found.errors) == ["b"]


def test_tables_are_empty_to_expressions_outside_them():
    rows = [
        q("begin_repeat", "members"),
        q("integer", "age", required="yes", constraint=". > ${other}"),
        q("integer", "other"),
        {"type": "end_repeat"},
        q("calculate", "how_many", calculation="count(${members})"),
        q("calculate", "all_ages", calculation="sum(${age})"),
    ]
    found = evaluate(rows, {"age": "5"})
    assert (found.calculated, found.missing) == ({"how_many": "0", "all_ages": "0"}, [])


def test_today_is_the_day_in_tehran():
    rows = [q("date", "d", constraint=". <= today()"), q("calculate", "t", calculation="today()")]
    found = evaluate(rows, {"d": "2026-11-23"})
    assert (found.values["t"], found.errors) == ("2026-11-23", {})
    assert list(evaluate(rows, {"d": "2026-11-24"}).errors) == ["d"]


def test_metadata_is_filled_from_the_person_and_the_instant():
    rows = [
        {"type": "username", "name": "username"},
        {"type": "today", "name": "today"},
        q("calculate", "who", calculation="concat(${username}, ' ', ${today})"),
    ]
    assert evaluate(rows, {}, person={"username": "sara"}).values["who"] == "sara 2026-11-23"


def test_defaults_are_what_a_fresh_draft_starts_with():
    rows = [
        q("text", "a", default="تهران"),
        q("date", "b", default="today()"),
        q("text", "c"),
        q("calculate", "d", calculation="1 + 1"),
    ]
    form = FormEngine(parse_form(workbook(rows)))
    assert form.defaults(at=AT) == {"a": "تهران", "b": "2026-11-23"}


def test_an_expression_that_fails_is_an_error_on_its_question():
    rows = [q("text", "a", constraint="regex(., ${b})"), q("text", "b")]
    assert list(evaluate(rows, {"a": "x", "b": "("}).errors) == ["a"]
    assert list(evaluate([q("text", "a", relevant="count(1 | 2) = 0")], {"a": "x"}).errors) == ["a"]


def test_answers_the_form_does_not_know_are_passed_over():
    assert evaluate([q("text", "a")], {"comment:X-1": "…", "zzz": "1"}).values == {"a": ""}


@given(
    st.dictionaries(
        st.sampled_from([*SMALL_ANSWERS, "housing_rate", "on_time", "unknown"]),
        st.one_of(
            st.text(max_size=30), st.decimals().map(str), st.sampled_from(["yes", "no", "OK", "-0", "1e999", "NaN"])
        ),
    )
)
@settings(max_examples=150)
def test_no_answers_whatever_raise(answers):
    found = FormEngine(SMALL).evaluate(answers, at=AT)
    assert set(found.values) == {question.name for question in SMALL.questions}
    assert not set(found.missing) & set(found.errors)


def test_a_compiled_form_is_kept_under_its_key_until_the_definition_is_another():
    other = parse_form(small_form(version="2"))
    first = engine_for(SMALL, key="test-key")
    assert engine_for(SMALL, key="test-key") is first
    assert engine_for(other, key="test-key").definition == other
    assert engine_for(SMALL) is not first


def large_form() -> list[dict]:
    rows = []
    for group in range(10):
        rows.append(q("begin_group", f"g{group}", relevant=f"${{q{group - 1}_0}} > 0" if group else ""))
        for index in range(20):
            name = f"q{group}_{index}"
            if index % 4 == 3:
                over, under = f"${{q{group}_{index - 2}}}", f"${{q{group}_{index - 1}}}"
                rows.append(q("calculate", name, calculation=f"if({under} > 0, {over} div {under} * 100, '')"))
            else:
                rule = f"${{q{group}_0}} != ''" if index else ""
                rows.append(q("decimal", name, required="yes", constraint=". >= 0 and . < 1000000", relevant=rule))
        rows.append({"type": "end_group"})
    return rows


def test_two_hundred_questions_are_evaluated_at_once():
    """How long it takes is measured by the bench: each autosave does it."""
    definition = parse_form(workbook(large_form()))
    answers = {question.name: "5" for question in definition.questions}
    found = FormEngine(definition).evaluate(answers, at=AT)

    assert not found.missing
    assert not found.errors
