"""The function library: exact decimals, ODK's dates, and nothing that raises."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.xlsform import FormDefinition, FormEngine, Question
from reports.xlsform.xpath import MAX_EXPRESSION, parse_expression

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
ANSWERS = {"five": "5", "empty": "", "word": "سلام دنیا", "many": "a b c", "day": "2026-01-31", "zero": "0"}


def run(expression: str, answers: dict | None = None) -> str:
    """The canonical value of an expression over ANSWERS, whose names stand in the tree as /data/<name>."""
    answers = ANSWERS if answers is None else answers
    questions = [Question(name, "text", f"/data/{name}") for name in answers]
    questions.append(Question("result", "calculate", "/data/result", calculation=expression))
    definition = FormDefinition("f", "f", "1", ("fa",), "data", (), (), tuple(questions), ())
    found = FormEngine(definition).evaluate(answers, at=AT)
    assert found.errors == {}
    return found.values["result"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("0.1 + 0.2", "0.3"),
        ("1 div 3", "0.333333333333"),
        ("2 div 3 * 100", "66.6666666667"),
        ("123456789012345678 + 1", "123456789012345679"),
        ("1 div 0", ""),
        ("0 div 0", ""),
        ("/data/five div /data/empty", ""),
        ("-/data/five", "-5"),
        ("7 mod 3", "1"),
        ("-7 mod 3", "-1"),
        ("/data/five * -1", "-5"),
        ("1 - 1", "0"),
        ("2 * (3 + 4)", "14"),
        ("'3' + '4'", "7"),
        ("'x' + 1", ""),
        ("1e2", "100"),
    ],
)
def test_arithmetic_is_exact_and_what_is_no_number_is_no_value(expression, value):
    assert run(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'' > 3", "false"),
        ("/data/empty < 3", "false"),
        ("/data/empty = ''", "true"),
        ("/data/five = 5", "true"),
        ("/data/five = '5.0'", "false"),
        ("/data/five >= 5 and /data/five <= 5", "true"),
        ("'b' != 'a'", "true"),
        ("'a' = 1", "false"),
        ("'a' != 1", "true"),
        ("true() = 'x'", "true"),
        ("/data/* = 'a b c'", "true"),
        ("/data/day < '2026-02-01'", "true"),
        ("/data/day = '2026-01-31'", "true"),
        ("today() > /data/day", "true"),
        ("today() - /data/day", "295"),
        ("not(/data/empty)", "true"),
        ("not(/data/zero)", "true"),
        ("boolean(/data/five)", "true"),
        ("boolean('')", "false"),
        ("boolean(/data/none)", "false"),
        ("1 or 1 div 0", "true"),
    ],
)
def test_comparisons_never_raise_and_dates_compare_as_dates(expression, value):
    assert run(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("if(/data/five > 3, 'more', 'less')", "more"),
        ("if(/data/empty, 1, 2)", "2"),
        ("coalesce(/data/empty, 'x')", "x"),
        ("coalesce(/data/five, 'x')", "5"),
        ("selected(/data/many, 'b')", "true"),
        ("selected(/data/many, 'ab')", "false"),
        ("selected-at(/data/many, 2)", "c"),
        ("selected-at(/data/many, 9)", ""),
        ("count-selected(/data/many)", "3"),
        ("count-selected(/data/empty)", "0"),
        ("checklist(1, 2, 1 = 1, 1 = 2)", "true"),
        ("checklist(-1, 0, 1 = 1, 1 = 2)", "false"),
        ("checklist(-1, -1, 1 = 2)", "true"),
        ("boolean-from-string('1')", "true"),
    ],
)
def test_choosing(expression, value):
    assert run(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("concat('a', /data/five, 'b')", "a5b"),
        ("join('-', 'a', 'b')", "a-b"),
        ("string-length(/data/word)", "9"),
        ("substr('hello', 1, 3)", "el"),
        ("substr('hello', 2)", "llo"),
        ("substr('hello', -3)", "llo"),
        ("substring('hello', 2, 3)", "ell"),
        ("substring('12345', 0, 3)", "12"),
        ("substring-before('a=b', '=')", "a"),
        ("substring-after('a=b', '=')", "b"),
        ("contains(/data/word, 'دنیا')", "true"),
        ("starts-with(/data/word, 'سلام')", "true"),
        ("ends-with(/data/word, 'سلام')", "false"),
        ("normalize-space('  a   b ')", "a b"),
        ("translate('abc', 'ab', 'x')", "xc"),
        ("regex('0912', '[0-9]{4}')", "true"),
        ("regex('۰۹۱۲', '\\d{4}')", "true"),
        ("regex('09123', '[0-9]{4}')", "false"),
        ("string(1.50)", "1.5"),
        ("string(/data/five > 3)", "true"),
    ],
)
def test_text(expression, value):
    assert run(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("sum(/data/none)", "0"),
        ("sum(/data/five | /data/empty)", "5"),
        ("min(3, '', 2)", "2"),
        ("max(/data/five, 9)", "9"),
        ("max('')", ""),
        ("min('x', 1)", ""),
        ("count(/data/five | /data/zero)", "2"),
        ("count-non-empty(/data/five | /data/zero | /data/empty)", "2"),
        ("round(2.5)", "3"),
        ("round(2.345, 2)", "2.35"),
        ("round(1234, -2)", "1200"),
        ("round('x')", ""),
        ("int(-3.7)", "-3"),
        ("floor(-3.2)", "-4"),
        ("ceiling(3.2)", "4"),
        ("abs(-2.5)", "2.5"),
        ("pow(2, 10)", "1024"),
        ("pow(2, 'x')", ""),
        ("pow(10, 100000)", ""),
        ("sqrt(2)", "1.41421356237"),
        ("sqrt(-1)", ""),
        ("number('12.50')", "12.5"),
        ("number('twelve')", ""),
        ("pi()", "3.141592653589793"),
        ("exp(0)", "1"),
        ("exp(100000)", ""),
        ("log(1)", "0"),
        ("log10(1000)", "3"),
    ],
)
def test_numbers(expression, value):
    assert run(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("today()", "2026-11-22"),
        ("now()", "2026-11-22T12:00:00+03:30"),
        ("date('2026-02-30')", ""),
        ("date('2026-02-28T23:00:00+03:30')", "2026-02-28"),
        ("date(today() + 9)", "2026-12-01"),
        ("date-time('2026-01-01')", "2026-01-01"),
        ("decimal-date-time('1970-01-02')", "1"),
        ("decimal-date-time(now()) - decimal-date-time(today())", "0.5"),
        ("decimal-time('06:00:00')", "0.25"),
        ("format-date('2026-01-05', '%Y/%n/%e %b %a')", "2026/1/5 ژانویه دوشنبه"),
        ("format-date-time('2026-01-05T07:08:09+03:30', '%H:%M:%S')", "07:08:09"),
        ("format-date('', '%Y')", ""),
        ("date('0001-01-01')", "0001-01-01"),
        ("date(99999999)", ""),
    ],
)
def test_dates_are_of_tehran(expression, value):
    assert run(expression) == value


def test_once_keeps_the_first_value():
    questions = (
        Question("a", "text", "/data/a"),
        Question("b", "text", "/data/b", calculation="once(/data/a)"),
    )
    form = FormEngine(FormDefinition("f", "f", "1", ("fa",), "data", (), (), questions, ()))
    assert form.evaluate({"a": "new"}, at=AT).values["b"] == "new"
    assert form.evaluate({"a": "new", "b": "old"}, at=AT).values["b"] == "old"


def test_uuids_differ_from_question_to_question_and_from_instant_to_instant():
    questions = tuple(Question(name, "calculate", f"/data/{name}", calculation="uuid()") for name in "ab")
    form = FormEngine(FormDefinition("f", "f", "1", ("fa",), "data", (), (), questions, ()))
    now, later = form.evaluate({}, at=AT).values, form.evaluate({}, at=AT + timedelta(seconds=1)).values
    assert len({now["a"], now["b"], later["a"], later["b"]}) == 4


_ARGUMENT = st.sampled_from(
    [
        "''",
        "'x'",
        "-1",
        "0",
        "1e300",
        "/data/empty",
        "/data/five",
        "/data/none",
        "/data/*",
        "true()",
        "1 div 0",
        "0 div 0",
        "today()",
        "'%'",
    ]
)


@given(
    st.sampled_from(
        [
            "substr",
            "substring",
            "selected-at",
            "round",
            "pow",
            "sqrt",
            "exp",
            "log",
            "int",
            "date",
            "date-time",
            "format-date",
            "decimal-date-time",
            "number",
            "string-length",
            "count-selected",
            "translate",
            "regex",
            "sum",
            "min",
            "max",
            "coalesce",
            "join",
            "position",
            "indexed-repeat",
        ]
    ),
    st.lists(_ARGUMENT, min_size=1, max_size=4),
)
@settings(max_examples=300)
def test_no_arguments_whatever_break_an_evaluation(name, arguments):
    questions = [Question(key, "text", f"/data/{key}") for key in ANSWERS]
    questions.append(Question("result", "calculate", "/data/result", calculation=f"{name}({', '.join(arguments)})"))
    try:
        form = FormEngine(FormDefinition("f", "f", "1", ("fa",), "data", (), (), tuple(questions), ()))
    except SyntaxError:
        return  # refused when the workbook is read
    form.evaluate(ANSWERS, at=AT)


def test_what_is_nowhere_in_the_form_is_no_number():
    assert run("round(/data/nowhere)") == ""
    assert run("/data/nowhere + 1") == ""


def test_names_of_months_and_days_are_the_readers():
    question = Question("result", "calculate", "/data/result", calculation="format-date('2026-11-06', '%b %a')")
    form = FormEngine(FormDefinition("f", "f", "1", ("fa",), "data", (), (), (question,), ()))
    shown = {language: form.evaluate({}, at=AT, language=language).values["result"] for language in ("fa", "en", "fa")}
    assert shown == {"fa": "نوامبر جمعه", "en": "Nov Fri"}


def test_an_expression_longer_than_any_author_writes_is_not_read():
    assert parse_expression("1" + " " * (MAX_EXPRESSION - 1), {}) is not None
    with pytest.raises(SyntaxError, match=f"longer than {MAX_EXPRESSION}"):
        parse_expression("1" + " " * MAX_EXPRESSION, {})
