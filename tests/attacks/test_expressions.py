"""Workbooks whose expressions would keep a server busy for days: they are refused, or cut short with a word about it."""

import time
from datetime import UTC, datetime

import pytest

from reports.xlsform import WorkbookRefused, engine_for, parse_form
from reports.xlsform.run import Run
from reports.xlsform.xpath import MAX_WORK
from tests.forms import FA, workbook

AT = datetime(2026, 8, 1, tzinfo=UTC)
MANY = [{"type": "text", "name": f"q{i}", FA: "پرسش"} for i in range(300)]
NESTED = "count(//*)"
for _depth in range(6):
    NESTED = f"count(//*[{NESTED} > 0])"
ENDLESS = {
    "predicates in predicates": NESTED,
    "every node against every node, for every node": "count(//*[//* = //*[. = 'x']])",
    "steps that find nothing": "count(//*[/*/zz or //*[/*/zz or //*[/*/zz]]])",
    "the text of everything, for everything": "count(//*[string(/*) = string(//*[string(/*) = 'x'])])",
}
SOON = 10  # seconds on a machine that has other things to do; without the limit none of them ends in an hour


def evaluated(rows: list[dict], answers: dict | None = None):
    definition = parse_form(workbook(rows), file_name="form.xlsx")
    began = time.thread_time()
    found = engine_for(definition).evaluate(answers or {}, at=AT)
    assert time.thread_time() - began < SOON
    return found


@pytest.mark.parametrize("expression", ENDLESS.values(), ids=ENDLESS.keys())
def test_an_expression_without_an_end_is_cut_short_and_says_so(expression):
    found = evaluated([*MANY, {"type": "calculate", "name": "c", FA: "حاصل", "calculation": expression}])

    assert list(found.errors) == ["c"]


def test_patterns_that_meet_every_letter_in_every_state_share_one_limit():
    pattern = "(" + "|".join(["."] * 240) + ")*b"
    rows = [{"type": "text", "name": f"b{i}", FA: "متن", "constraint": f"regex(., '{pattern}')"} for i in range(20)]

    found = evaluated(rows, {f"b{i}": "a" * 4000 for i in range(20)})

    assert len(found.errors) == 20


@pytest.mark.parametrize(
    "row",
    [
        {"type": "calculate", "calculation": "(" * 500 + "1" + ")" * 500},
        {"type": "calculate", "calculation": "- " * 3500 + "1"},
        {"type": "text", "constraint": "regex(., '((((a{500}){500}){500}){500})')"},
        {"type": "text", "constraint": "regex(., '(?=a)b')"},
    ],
    ids=["brackets", "signs", "counts of counts", "look-around"],
)
def test_what_cannot_be_read_in_a_bounded_time_is_refused_when_it_is_uploaded(row):
    with pytest.raises(WorkbookRefused):
        parse_form(workbook([{"name": "q", FA: "پرسش", **row}]), file_name="form.xlsx")


def test_texts_that_double_sixty_times_stay_short():
    rows = [{"type": "calculate", "name": "c0", FA: "متن", "calculation": "'abcdefghij'"}]
    rows += [
        {"type": "calculate", "name": f"c{i}", FA: "متن", "calculation": f"concat(${{c{i - 1}}}, ${{c{i - 1}}})"}
        for i in range(1, 60)
    ]

    found = evaluated(rows)

    assert (found.errors, len(found.values["c59"])) == ({}, 4000)


def test_a_long_honest_form_takes_a_small_part_of_what_is_allowed():
    """Each of 500 questions is asked where the one before it is positive, and has a constraint."""
    rows = [
        {"type": "integer", "name": f"q{i}", FA: "شمار", "constraint": f". > 0 and . < {i + 10}",
         "relevant": f"${{q{i - 1}}} > 0" if i else ""}
        for i in range(500)
    ]  # fmt: skip
    form = engine_for(parse_form(workbook(rows), file_name="form.xlsx"))
    run = Run(form, {f"q{i}": "5" for i in range(500)}, at=AT, person={}, language="fa")
    for step in form.order.steps:
        run.decide(form.by_path[step.path])

    assert run.finish().errors == {}
    assert MAX_WORK - run.context.work[0] < MAX_WORK / 50
