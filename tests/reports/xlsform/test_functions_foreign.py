"""Functions of SurveyCTO and of CHT: those with a plain meaning give it, the others are named by row and left out."""

import pytest

from reports.xlsform import FormDefinition, FormEngine
from reports.xlsform.functions_foreign import NOT_HONOURED
from reports.xlsform.xpath import FormParser
from tests.reports.xlsform.test_foreign_forms import AT, FRUIT, evaluated, lacks, q, read, refusal


def calculated(expression: str, answers: dict | None = None, rows: list[dict] | None = None, **more) -> str:
    definition = read([*(rows or []), q("calculate", "c", calculation=expression), q("text", "t")], **more)
    assert definition.unsupported == ()
    found = evaluated(definition, answers, person={"username": "sara"}, language="fa")
    assert found.errors == {}
    return found.values["c"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("concat('a', linebreak(), 'b')", "a\nb"),
        ("lower('Street Name')", "street name"),
        ("upper('Street Name')", "STREET NAME"),
        ("username()", "sara"),
        ("version()", "1"),
        ("format-number(1234567.5)", "1,234,567.5"),
        ("count-items('|', 'a|b|c')", "3"),
        ("item-at('|', 'a|b|c', 1)", "b"),
        ("item-index('|', 'a|b|c', 'c')", "2"),
        ("item-index('|', 'a|b|c', 'x')", "-1"),
        ("item-present('|', 'a|b|c', 'b')", "true"),
        ("de-duplicate('|', 'a|b|a')", "a|b"),
        ("empty('')", "true"),
        ("index()", "1"),
        ("count-if(${age}, ${age} >= 18)", "0"),
        ("sum-if(${age}, ${age} >= 18)", "0"),
        ("min-if(${age}, ${age} >= 18)", ""),
        ("max-if(${age}, ${age} >= 18)", ""),
        ("join-if(', ', ${age}, ${age} >= 18)", ""),
        ("rank-index(1, ${age})", "999"),
        ("rank-index-if(1, ${age}, ${age} >= 18)", "999"),
        ("count-if(${n}, ${n} >= 18)", "1"),
        ("sum-if(${n}, ${n} >= 18)", "20"),
        ("rank-index(1, ${n})", "1"),
        ("rank-index-if(1, ${n}, ${n} > 90)", "999"),
        ("choice-label(${s}, 'pear')", "گلابی"),
        ("difference-in-months('2026-01-15', '2026-03-14')", "1"),
        ("cht:difference-in-months('2026-01-15', '2026-03-15')", "2"),
        ("cht:difference-in-years('2000-06-10', '2026-06-09')", "25"),
        ("cht:difference-in-weeks('2026-01-01', '2026-01-20')", "2"),
        ("cht:difference-in-days('2026-01-01', '2026-01-20')", "19"),
        ("difference-in-months('x', '2026-03-14')", ""),
        ("add-date('2026-01-31', 0, 1)", "2026-02-28"),
        ("add-date('2026-01-31', 1, 0, -1)", "2027-01-30"),
        ("add-date('2026-01-01', 0, 0, 0, 25, 30)", "2026-01-02T01:30:00+03:30"),
        ("add-date('', 1)", ""),
        ("parse-timestamp-to-date(0)", "1970-01-01T03:30:00+03:30"),
        ("parse-timestamp-to-date('x')", ""),
        ("cht:strip-whitespace(' a b ')", "ab"),
        ("cht:validate-luhn('79927398713')", "true"),
        ("cht:validate-luhn('79927398710')", "false"),
        ("cht:validate-luhn('79927398713', 5)", "false"),
    ],
)
def test_functions_of_other_programs_that_have_a_plain_meaning(expression, expected):
    rows = [
        q("integer", "n"),
        q("select_one fruit", "s"),
        q("begin_repeat", "people"),
        q("integer", "age"),
        {"type": "end_repeat"},
    ]
    assert calculated(expression, {"n": "20"}, rows, choices=FRUIT) == expected


def test_no_function_is_computed_and_named_as_not_computed_at_once():
    assert NOT_HONOURED & set(FormParser.symbol_table) == set()


def test_functions_that_are_not_computed_are_named_by_row_and_wait_for_a_confirmation():
    definition = read(
        [
            q("text", "a", constraint="hash(.) != ''"),
            q("calculate", "b", calculation="concat(duration(), z-score('x', 'm', 1, 2))"),
            q("text", "c", relevant="cht:to-bikram-sambat(today()) != 'hash(1)'"),
        ]
    )
    assert lacks(definition) == [
        (2, "hash()", "a", "function"),
        (3, "duration()", "b", "function"),
        (3, "z-score()", "b", "function"),
        (4, "to-bikram-sambat()", "c", "function"),
    ]
    found = evaluated(definition, {"a": "x", "b": "posted", "c": "y"})
    assert (found.errors, found.values) == ({}, {"a": "x", "b": "", "c": "y"})
    assert FormDefinition.from_json(definition.to_json()) == definition


def test_a_function_of_no_program_is_refused():
    assert [(error["row"], error["column"]) for error in refusal([q("text", "a", constraint="hsah(.)")])] == [
        (2, "constraint")
    ]


def test_a_file_that_did_not_come_with_the_workbook_is_named_and_empty():
    rows = [q("text", "k"), q("calculate", "c", calculation="pulldata('prices', 'price', 'key', ${k})")]
    definition = read(rows)
    assert lacks(definition) == [(3, "prices", "c", "file")]
    assert evaluated(definition, {"k": "1"}).values["c"] == ""


def test_what_was_last_saved_is_empty_and_waits_for_a_confirmation():
    definition = read([q("text", "a", default="${last-saved#a}")])
    assert lacks(definition) == [(2, "last-saved#", "a", "last-saved")]
    assert FormEngine(definition).defaults(at=AT) == {}
