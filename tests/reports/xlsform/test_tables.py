"""A second evaluation of tables, slow and written without the engine, says the same of random forms with rows in rows.

It is given the form as Python tuples, writes it as XLSForm for the portal, and works out counts, relevance and values itself by going
over all rows until nothing changes.
"""

import random
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from reports.xlsform import FormEngine, parse_form
from tests.forms import workbook

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
NUMBERS = ["", "0", "1", "2", "3", "-4"]
TABLES = {"t": "", "u": "t"}  # u stands in the rows of t
FORMS = 24


# ------------------------------------------------------------------------------------------------------------ the form
@cache
def form(seed: int) -> tuple[list[tuple], FormEngine]:
    """[(name, table, calculation or None, relevance or None, required)], and the portal's engine of it."""
    dice = random.Random(seed)
    rows: list[tuple] = []
    seen: dict[str, list[str]] = {"": [], "t": [], "u": []}
    counted = dice.random() < 0.5

    def near(table: str) -> list[str]:
        return seen[""] + (seen["t"] if table else []) + (seen["u"] if table == "u" else [])

    def rule(table: str):
        return (dice.choice(("more", "is")), dice.choice(near(table)), dice.randint(-1, 2))

    def ask(name: str, table: str) -> None:
        names = near(table)
        calculation = relevance = None
        if names and dice.random() < 0.45:
            kinds = ["plus", "plus"]
            if table:
                kinds.append("place")
            inner = seen["t"] + seen["u"] if not table else []
            if inner:
                kinds += ["sum", "sum", "count"]
            kind = dice.choice(kinds)
            calculation = {
                "plus": lambda: ("plus", dice.choice(names), dice.choice(names)),
                "place": lambda: ("place",),
                "sum": lambda: ("sum", dice.choice(inner)),
                "count": lambda: ("count", dice.choice(["t", "u"])),
            }[kind]()
        if names and dice.random() < 0.35:
            relevance = rule(table)
        rows.append((name, table, calculation, relevance, calculation is None and dice.random() < 0.4))
        seen[table].append(name)

    for number in range(dice.randint(1, 2)):
        ask(f"a{number}", "")
    for number in range(dice.randint(1, 3)):
        ask(f"t{number}", "t")
    for number in range(dice.randint(1, 2)):
        ask(f"u{number}", "u")
    for number in range(dice.randint(1, 3)):
        ask(f"z{number}", "")
    return rows, FormEngine(parse_form(workbook(written(rows, counted)))), counted


def written(rows: list[tuple], counted: bool) -> list[dict]:
    found: list[dict] = []
    here = ""
    for name, table, calculation, relevance, required in rows:
        while here != table and here and not (here == "t" and table == "u"):
            found.append({"type": "end_repeat"})
            here = TABLES[here]
        while here != table:
            here = "t" if not here else "u"
            begin = {"type": "begin_repeat", "name": here, "label": here}
            found.append({**begin, "repeat_count": "${a0}"} if counted and here == "t" else begin)
        row = {"name": name, "label": name, "type": "calculate" if calculation else "integer"}
        if calculation:
            row["calculation"] = said(calculation)
        if relevance:
            row["relevant"] = f"${{{relevance[1]}}} {'>' if relevance[0] == 'more' else '='} {relevance[2]}"
        found.append({**row, **({"required": "yes"} if required else {})})
    return found


def said(rule: tuple) -> str:
    kind, *parts = rule
    if kind == "plus":
        return f"${{{parts[0]}}} + ${{{parts[1]}}}"
    return "position(..)" if kind == "place" else f"{kind}(${{{parts[0]}}})"


# -------------------------------------------------------------------------------------------------- the second opinion
def number(text: str) -> Fraction | None:
    return Fraction(text) if text else None


class Slow:
    """Over and over from the answers as given, until a round changes nothing."""

    def __init__(self, rows: list[tuple], answers: dict[str, str], counted: bool) -> None:
        self.rows, self.answers, self.counted = rows, answers, counted
        self.tables = {name: table for name, table, *_rest in rows}
        self.values: dict[str, str] = {}
        self.relevant: dict[str, bool] = {}
        for _round in range(60):
            before = (dict(self.values), dict(self.relevant))
            self.go()
            if before == (self.values, self.relevant):
                return
        raise AssertionError("it never comes to rest")

    def places(self, table: str) -> list[str]:
        if not table:
            return [""]
        if table == "t":
            if self.counted:
                count = number(self.values.get("a0", self.answers.get("a0", "")))
                return [f"n{n}" for n in range(1, int(count or 0) + 1)]
            return [name.split("@")[1] for name in self.answers if name.startswith("row:t@")]
        inner = [name.split("@")[1] for name in self.answers if name.startswith("row:u@")]
        return [row for outer in self.places("t") for row in inner if row.split(".")[0] == outer]

    def go(self) -> None:
        values, relevant = {}, {}
        for name, table, calculation, relevance, _required in self.rows:
            for place in self.places(table):
                cell = f"{name}@{place}" if place else name
                relevant[cell] = relevance is None or self.holds(relevance, place)
                if not relevant[cell]:
                    values[cell] = ""
                elif calculation:
                    values[cell] = self.worked_out(calculation, place)
                else:
                    values[cell] = self.answers.get(cell, "")
        self.values, self.relevant = values, relevant

    def seen(self, name: str, place: str) -> str:
        depth = {"": 0, "t": 1, "u": 2}[self.tables[name]]
        own = ".".join(place.split(".")[:depth]) if depth else ""
        return self.values.get(f"{name}@{own}" if own else name, "")

    def holds(self, rule: tuple, place: str) -> bool:
        found = number(self.seen(rule[1], place))
        return found is not None and (found > rule[2] if rule[0] == "more" else found == rule[2])

    def worked_out(self, rule: tuple, place: str) -> str:
        kind, *parts = rule
        if kind == "plus":
            both = [number(self.seen(name, place)) for name in parts]
            return "" if None in both else str(sum(both))
        if kind == "place":
            outer = place.rpartition(".")[0]
            table = "u" if "." in place else "t"
            return str([p for p in self.places(table) if p.rpartition(".")[0] == outer].index(place) + 1)
        if kind == "count":
            return str(len(self.places(parts[0])))
        cells = [self.seen(parts[0], each) for each in self.places(self.tables[parts[0]])]
        return str(sum(number(text) or 0 for text in cells))

    @property
    def missing(self) -> set[str]:
        return {
            f"{name}@{place}" if place else name
            for name, table, _calculation, _relevance, required in self.rows
            for place in self.places(table)
            if required and self.relevant[f"{name}@{place}" if place else name]
            and self.values[f"{name}@{place}" if place else name] == ""
        }  # fmt: skip


@st.composite
def cases(draw):
    rows, engine, counted = form(draw(st.integers(0, FORMS - 1)))
    answers: dict[str, str] = {}
    outer = (
        [f"n{n}" for n in range(1, 4)]
        if counted
        else draw(st.permutations(["ab", "cd", "ef"]))[: draw(st.integers(0, 3))]
    )
    places = {"": [""], "t": outer, "u": []}
    for at, key in enumerate(outer):
        if not counted:
            answers[f"row:t@{key}"] = str(at)
        for inner in draw(st.lists(st.sampled_from(["x", "y"]), unique=True)):
            answers[f"row:u@{key}.{inner}"] = str(len(answers))
            places["u"].append(f"{key}.{inner}")
    for name, table, calculation, *_rest in rows:
        for place in places[table] if not calculation else ():
            answers[f"{name}@{place}" if place else name] = draw(st.sampled_from(NUMBERS))
    return rows, engine, counted, answers


@given(case=cases())
@settings(max_examples=300, deadline=None)
def test_a_second_evaluation_agrees_on_forms_with_tables(case):
    rows, engine, counted, answers = case
    ours, theirs = engine.evaluate(answers, at=AT, language="en"), Slow(rows, answers, counted)
    assert dict(ours.values) == theirs.values
    assert dict(ours.relevant) == theirs.relevant
    assert set(ours.missing) == theirs.missing


def test_random_forms_have_rows_in_rows_counts_sums_and_conditions():
    kinds = {calculation[0] for seed in range(FORMS) for _n, _t, calculation, *_r in form(seed)[0] if calculation}
    assert kinds == {"plus", "place", "sum", "count"}
    assert {form(seed)[2] for seed in range(FORMS)} == {True, False}
