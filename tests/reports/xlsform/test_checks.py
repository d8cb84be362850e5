"""`bind::sajad:check`: a rule over several questions or periods that refuses nothing, and what a workbook may say in it."""

from datetime import UTC, datetime

import pytest

from reports.xlsform import FormDefinition, engine_for, parse_form
from reports.xlsform.workbook import WorkbookRefused
from tests.forms import FA, workbook

AT = datetime(2026, 9, 1, tzinfo=UTC)
WORDS = "bind::sajad:check_message"


def rows(check="", message="چرا؟", **more):
    def head(code):
        return {
            "bind::sajad:indicator": code,
            "bind::sajad:role": "value",
            "bind::sajad:weight": "1",
            "bind::sajad:standard": "1",
        }

    checked = {"bind::sajad:check": check, WORDS: message} if check or message != "چرا؟" else {}
    return [
        {"type": "begin_group", "name": "g", FA: "بخش"},
        {"type": "integer", "name": "a", FA: "الف", "required": "yes", **head("A")},
        {"type": "integer", "name": "b", FA: "ب", **head("B"), **checked, **more},
        {"type": "integer", "name": "c", FA: "پ"},
        {"type": "end_group", "name": "g"},
    ]


def form(check="", message="چرا؟", **more):
    found = rows(check, message, **more)
    headers = list(dict.fromkeys(key for row in found for key in row))
    return parse_form(workbook(found, settings={"form_id": "checks"}, survey_headers=headers))


def broken(check, answers, **earlier):
    return engine_for(form(check)).evaluate(answers, at=AT, earlier=earlier).broken_checks


def refused(check="", message="چرا؟", **more):
    with pytest.raises(WorkbookRefused) as refusal:
        form(check, message, **more)
    return [(error["row"], error["column"], error["message"]) for error in refusal.value.errors]


class TestWhatItSays:
    @pytest.mark.parametrize(("a", "b", "found"), [("5", "5", ()), ("5", "6", ("b",)), ("6", "5", ())])
    def test_it_reads_several_questions(self, a, b, found):
        assert broken(". <= ${a}", {"a": a, "b": b}) == found

    def test_what_does_not_hold_is_no_error(self):
        evaluation = engine_for(form(". <= ${a}")).evaluate({"a": "1", "b": "9"}, at=AT)

        assert (evaluation.errors, evaluation.missing, evaluation.broken_checks) == ({}, [], ("b",))

    def test_it_waits_for_its_own_answer_and_for_the_required_ones_it_reads(self):
        assert broken(". <= ${a}", {"a": "5"}) == ()
        assert broken(". <= ${a}", {"b": "5"}) == ()

    def test_an_answer_that_may_be_empty_is_empty_to_it(self):
        assert broken("${c} = '' or . <= ${c}", {"a": "1", "b": "5"}) == ()
        assert broken(". <= ${c}", {"a": "1", "b": "5"}) == ("b",)

    def test_it_says_nothing_about_an_answer_that_is_wrong_already(self):
        definition = form(". <= ${a}", constraint=". < 100")
        evaluation = engine_for(definition).evaluate({"a": "1", "b": "200"}, at=AT)

        assert (list(evaluation.errors), evaluation.broken_checks) == (["b"], ())

    def test_nor_where_the_question_is_not_asked(self):
        definition = form(". <= ${a}", relevant="${a} > 10")

        assert engine_for(definition).evaluate({"a": "1", "b": "9"}, at=AT).broken_checks == ()

    def test_a_definition_that_was_stored_before_has_none(self):
        data = form(". <= ${a}").to_json()
        for question in data["questions"]:
            for name in ("check", "check_message", "figure"):
                question.pop(name)

        assert engine_for(FormDefinition.from_json(data)).evaluate({"a": "1", "b": "9"}, at=AT).broken_checks == ()


class TestEarlierPeriods:
    def test_the_last_value_and_the_one_before(self):
        last, before = ". <= 2 * sajad:earlier('B')", ". <= 2 * sajad:earlier('B', 2)"

        assert broken(last, {"a": "1", "b": "15"}, B=["9", "7"]) == ("b",)
        assert broken(before, {"a": "1", "b": "15"}, B=["9", "7"]) == ()

    @pytest.mark.parametrize("values", [[], ["7"]])
    def test_where_there_is_none_nothing_is_asked(self, values):
        assert broken(". <= sajad:earlier('B', 2)", {"a": "1", "b": "15"}, B=values) == ()

    def test_a_question_is_named_as_well_as_an_indicator(self):
        definition = form(". <= sajad:earlier(\"c\") and . < sajad:earlier('A')")

        assert definition.earlier_questions == {"c"}
        assert engine_for(definition).evaluate({"a": "1", "b": "9"}, at=AT, earlier={"c": ["8"]}).broken_checks == (
            "b",
        )


class TestRefused:
    def test_a_rule_without_words(self):
        assert [(row, column) for row, column, _message in refused(". > 0", "")] == [(4, "bind::sajad:check")]

    def test_words_without_a_rule(self):
        assert [(row, column) for row, column, _message in refused("", "چرا؟ ")] == [(4, WORDS)]

    def test_an_expression_that_cannot_be_read(self):
        assert [(row, column) for row, column, _message in refused(". >")] == [(4, "bind::sajad:check")]

    def test_a_question_that_is_not_there(self):
        found = refused(". > ${nothing}")
        assert "nothing" in found[0][2]

    def test_an_earlier_value_of_what_is_not_there(self):
        assert "«NONE»" in refused(". > sajad:earlier('NONE')")[0][2]

    def test_an_earlier_value_of_no_fixed_name(self):
        assert "sajad:earlier('B')" in refused(". > sajad:earlier(${c})")[0][2]

    def test_earlier_periods_in_a_rule_of_xlsform(self):
        found = refused(constraint=". > sajad:earlier('B')")
        assert (found[0][0], found[0][1]) == (4, "constraint")

    def test_a_name_of_a_figure_without_a_role(self):
        group = rows()
        group.insert(
            4,
            {
                "type": "calculate",
                "name": "d",
                FA: "ت",
                "calculation": "1",
                "bind::sajad:indicator": "B",
                "bind::sajad:figure": "n",
            },
        )
        headers = list(dict.fromkeys(key for row in group for key in row))
        with pytest.raises(WorkbookRefused) as refusal:
            parse_form(workbook(group, survey_headers=headers))
        assert "bind::sajad:figure" in {error["column"] for error in refusal.value.errors}


def test_a_constraint_reads_other_questions_wherever_they_stand():
    definition = form(constraint=". <= ${a} + ${c}")

    assert list(engine_for(definition).evaluate({"a": "1", "b": "9", "c": "3"}, at=AT).errors) == ["b"]
    assert list(engine_for(definition).evaluate({"a": "1", "b": "4", "c": "3"}, at=AT).errors) == []
