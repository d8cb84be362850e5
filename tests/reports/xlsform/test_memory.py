"""What a form remembers of earlier answers never shows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.xlsform import FormEngine, parse_form
from reports.xlsform.memory import LONGEST, OWN
from tests.forms import workbook

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def q(kind: str, name: str, **more) -> dict:
    return {"type": kind, "name": name, "label": name, **more}


ROWS = [
    q("integer", "n", constraint=". >= 0 and (. <= ${d} or ${d} = '')"),
    q("integer", "d", constraint=". != 0"),
    q("calculate", "rate", calculation="if(${d} > 0, round(${n} div ${d} * 100, 1), '')"),
    q("text", "why", relevant="${rate} > 90", required="string-length(${why}) < 3", constraint="contains(., ${n})"),
    q("text", "code", constraint="regex(., '^[a-z]{1,3}$') and not(selected(${why}, .))"),
    q("calculate", "both", calculation="concat(${code}, coalesce(${why}, ${n}))"),
    q("date", "day", constraint=". <= today()"),
    q("calculate", "length", calculation="string-length()"),
]
DEFINITION = parse_form(workbook(ROWS))
WARM = FormEngine(DEFINITION)
NUMBERS = st.sampled_from(["", "0", "1", "5", "9", "10", "۵", "x", "-3", "1e3"])
ANSWERS = st.fixed_dictionaries(
    {
        "n": NUMBERS,
        "d": NUMBERS,
        "why": st.sampled_from(["", "a", "5 of 9", "ab c", "10"]),
        "code": st.text("abcd1", max_size=4),
        "day": st.sampled_from(["", "2026-11-21", "2026-11-22", "2026-11-23"]),
    }
)


@given(ANSWERS, st.integers(-2, 2))
def test_a_form_that_has_answered_before_says_what_a_new_one_says(answers, days):
    at = AT + timedelta(days=days)
    assert WARM.evaluate(answers, at=at) == FormEngine(DEFINITION).evaluate(answers, at=at)


def reads(expression: str):
    rows = [q("integer", "n"), q("text", "t"), q("calculate", "c", calculation=expression)]
    form = FormEngine(parse_form(workbook(rows)))
    return form.memory.reads(next(iter(form.compiled)))


@pytest.mark.parametrize(
    "expression",
    [
        "today()",
        "if(${n} > 1, now(), '')",
        "uuid()",
        "string-length()",
        "once(${n})",
        "../n + 1",
        "count(../*)",
        "position(..)",
    ],
)
def test_what_the_clock_chance_or_the_place_decides_is_worked_out_each_time(expression):
    assert reads(expression) is None


def test_what_answers_decide_is_known_by_them():
    assert reads("if(${n} > 1, concat(${t}, 'x'), ${n})") == ("/data/n", "/data/t")
    assert WARM.memory.reads(DEFINITION.question("d").constraint) == (OWN,)


def test_a_remembered_value_costs_as_many_steps_as_finding_it():
    """Whether a form is too long to evaluate must not depend on who asked before."""

    def steps(form: FormEngine) -> int:
        from reports.xlsform.run import Run

        run = form._followed(Run(form, {"n": "9", "d": "10", "why": "9"}, at=AT, person={}, language="fa"))
        run.finish()
        return run.context.work[0]

    form = FormEngine(DEFINITION)
    assert steps(form) == steps(form)


def test_a_long_text_is_not_remembered():
    form = FormEngine(DEFINITION)
    form.evaluate({"n": "9", "d": "10", "why": "۹" * (LONGEST + 1)}, at=AT)
    assert form.memory._kept
    assert all(len(answer or "") <= LONGEST for _expression, *answers in form.memory._kept for answer in answers)


def test_it_forgets_all_rather_than_grow_without_end(monkeypatch):
    monkeypatch.setattr("reports.xlsform.memory.MOST", 3)
    form = FormEngine(DEFINITION)
    for n in range(20):
        assert form.evaluate({"n": str(n), "d": "10"}, at=AT).values["rate"] == str(n * 10)
        assert len(form.memory._kept) <= 3
