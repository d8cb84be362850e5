"""A second evaluation, slow and written without the engine, says the same of random forms; random workbooks bring no traceback.

The second opinion knows no XPath: it is given the form as a tree of Python tuples, writes it as XLSForm for the portal, and works
out relevance and values itself, by going over all rows until nothing changes.
"""

import random
from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from reports.xlsform import FormEngine, WorkbookRefused, parse_form
from reports.xlsform.writer import SheetRows, write_workbook
from tests.forms import workbook

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
NUMBERS = ["", "0", "1", "2", "5", "-3"]


# ------------------------------------------------------------------------------------------------- how a rule is written
def written(rule) -> str:
    kind, *parts = rule
    if kind == "is":
        return f"${{{parts[0]}}} = '{parts[1]}'"
    if kind == "more":
        return f"${{{parts[0]}}} > {parts[1]}"
    if kind == "empty":
        return f"${{{parts[0]}}} = ''"
    if kind == "not":
        return f"not({written(parts[0])})"
    if kind in ("and", "or"):
        return f"({written(parts[0])} {kind} {written(parts[1])})"
    if kind == "plus":
        return f"${{{parts[0]}}} + ${{{parts[1]}}}"
    if kind == "first":
        return f"coalesce(${{{parts[0]}}}, ${{{parts[1]}}})"
    return f"count-non-empty(${{{parts[0]}}}) + count(${{{parts[1]}}})"  # "rows": of a table, which has none here


# --------------------------------------------------------------------------------------------------- what a rule means
def number(text: str) -> Fraction | None:
    return Fraction(text) if text else None


def holds(rule, values: dict[str, str]) -> bool:
    kind, *parts = rule
    if kind == "is":
        return values[parts[0]] == parts[1]
    if kind == "more":
        found = number(values[parts[0]])
        return found is not None and found > parts[1]
    if kind == "empty":
        return values[parts[0]] == ""
    if kind == "not":
        return not holds(parts[0], values)
    both = holds(parts[0], values), holds(parts[1], values)
    return all(both) if kind == "and" else any(both)


def worked_out(rule, values: dict[str, str]) -> str:
    kind, *parts = rule
    if kind == "rows":
        return "0"
    one, other = (values[name] for name in parts)
    if kind == "first":
        return one or other
    both = number(one), number(other)
    return str(both[0] + both[1]) if both[0] is not None and both[1] is not None else ""


def second_opinion(rows: list[dict], answers: dict[str, str]) -> tuple[dict[str, bool], dict[str, str]]:
    """(relevant, values): over and over, from the answers as they were given, until a round changes nothing."""
    relevant = {row["name"]: True for row in rows}
    values = {
        row["name"]: answers.get(row["name"], "") if not row.get("calculation") else ""
        for row in rows
        if row["kind"] == "question"
    }
    for _round in range(len(rows) + 2):
        before = (dict(relevant), dict(values))
        for row in rows:
            around = all(relevant[name] for name in row["groups"])
            relevant[row["name"]] = around and (not row["relevant"] or holds(row["relevant"], values))
            if row["kind"] == "question":
                given_ = worked_out(row["calculation"], values) if row["calculation"] else answers.get(row["name"], "")
                values[row["name"]] = given_ if relevant[row["name"]] else ""
        if before == (relevant, values):
            break
    return relevant, values


@st.composite
def forms(draw) -> tuple[list[dict], dict[str, str]]:
    """Rows in the order of the sheet; a rule reads rows before it only, so that there is no circle."""
    rows: list[dict] = [{"kind": "repeat", "name": "table", "groups": (), "relevant": None, "calculation": None}]
    readable = ["q0"]
    rows.append({"kind": "question", "name": "q0", "groups": (), "relevant": None, "calculation": None})
    open_groups: list[str] = []

    def rule(depth: int = 0):
        kind = draw(st.sampled_from(["is", "more", "empty"] + (["not", "and", "or"] if depth < 2 else [])))
        if kind in ("not", "and", "or"):
            return (kind, *(rule(depth + 1) for _part in range(1 if kind == "not" else 2)))
        name = draw(st.sampled_from(readable))
        return (
            kind,
            name,
            *({"is": [draw(st.sampled_from(NUMBERS[1:]))], "more": [draw(st.integers(-3, 4))]}.get(kind, [])),
        )

    for index in range(1, draw(st.integers(2, 9))):
        what = draw(st.sampled_from(["question", "question", "calculation", "group", "end"]))
        if what == "end":
            if open_groups:
                open_groups.pop()
            continue
        name = f"q{index}"
        row = {
            "kind": "question",
            "name": name,
            "groups": tuple(open_groups),
            "relevant": rule() if draw(st.booleans()) else None,
            "calculation": None,
        }
        if what == "group":
            row["kind"] = "group"
            rows.append(row)
            open_groups.append(name)
            continue
        if what == "calculation":
            kind = draw(st.sampled_from(["plus", "first", "rows"]))
            names = (
                ("inside", "table")
                if kind == "rows"
                else (draw(st.sampled_from(readable)), draw(st.sampled_from(readable)))
            )
            row["calculation"] = (kind, *names)
        rows.append(row)
        readable.append(name)
    return rows, draw(st.fixed_dictionaries({name: st.sampled_from(NUMBERS) for name in readable}))


def as_sheet(rows: list[dict]) -> list[dict]:
    lines: list[dict] = []
    open_groups: list[str] = []

    def close(until: tuple[str, ...]) -> None:
        while len(open_groups) > len(until) or tuple(open_groups) != until[: len(open_groups)]:
            open_groups.pop()
            lines.append({"type": "end_group"})

    for row in rows:
        if row["kind"] == "repeat":
            lines += [
                {"type": "begin_repeat", "name": row["name"], "label": "t"},
                {"type": "integer", "name": "inside", "label": "i"},
                {"type": "end_repeat"},
            ]
            continue
        close(row["groups"])
        kind = {"group": "begin_group"}.get(row["kind"], "calculate" if row["calculation"] else "integer")
        lines.append(
            {
                "type": kind, "name": row["name"], "label": row["name"],
                "relevant": written(row["relevant"]) if row["relevant"] else "",
                "calculation": written(row["calculation"]) if row["calculation"] else "",
            }
        )  # fmt: skip
        if row["kind"] == "group":
            open_groups.append(row["name"])
    close(())
    return lines


@given(forms())
@settings(max_examples=60, deadline=None)
def test_a_second_evaluation_says_the_same(made):
    rows, answers = made
    found = FormEngine(parse_form(workbook(as_sheet(rows)))).evaluate(answers, at=AT)
    relevant, values = second_opinion(rows, answers)
    assert found.errors == {}
    assert found.values == values
    assert found.relevant == {name: relevant[name] for name in values}


# ------------------------------------------------------------------------------------------------------ no traceback
WORDS = [
    "type", "name", "label", "text", "integer", "select_one l", "select_multiple l", "begin group", "end group", "begin repeat", "end repeat",
    "begin loop over l", "end loop", "calculate", "note", "range", "image", "rank l", "audit", "geopoint", "select_one_from_file a.csv", "${a}",
    "${", "${last-saved#a}", "a", "b", "l", "list_name", "1 +", ". > 1", "pulldata('x','y','z',1)", "hash(.)", "start=1 end=x", "yes", "meta",
    "randomize=true", "table-list", "label::fa", "label:English", "relevant", "constraint", "calculation", "choice_filter", "appearance",
    "parameters", "trigger", "default", "required", "bind::sajad:indicator", "bind::sajad:weight", "بله", "%(label)s", "100%", "\\d", "١", "search('x')",
    "save_to", "select_one l or_other", "select_one_external l", "0", "-1", "or_other", "disabled", "once(random())", "instance('l')/root/item",
]  # fmt: skip
cells = st.sampled_from(WORDS)


@st.composite
def workbooks(draw) -> bytes:
    sheets = {}
    for name, base in (
        ("survey", ["type", "name", "label"]),
        ("choices", ["list_name", "name", "label"]),
        ("settings", ["form_id"]),
        ("entities", ["list_name"]),
        ("external_choices", ["list_name", "name", "label"]),
    ):
        if name not in ("survey", "choices") and draw(st.integers(0, 3)) != 0:
            continue
        headers = list(dict.fromkeys([*base, *draw(st.lists(cells, max_size=5))]))
        rows = draw(st.lists(st.dictionaries(st.sampled_from(headers), cells, max_size=6), max_size=8))
        if name == "choices":
            rows = [{"list_name": "l", "name": "a", "label": "a"}, {"list_name": "l", "name": "b", "label": "b"}, *rows]
        sheets[name] = SheetRows(headers, rows)
    return write_workbook(sheets)


@given(workbooks())
@settings(max_examples=150, deadline=None)
def test_a_workbook_of_random_words_is_read_or_refused_and_a_form_that_is_read_evaluates(data):
    try:
        definition = parse_form(data)
    except WorkbookRefused as refused:
        told = [error["message"] for error in refused.errors]
        definition = None
    if definition is None:
        assert told
        assert all(told)
        return
    form = FormEngine(definition)
    answers = {question.name: random.Random(7).choice(WORDS) for question in definition.questions}
    assert set(form.evaluate(answers, at=AT).values) == {question.name for question in definition.outside_repeats}
    form.defaults(at=AT)
