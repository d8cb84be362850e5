"""`make mutants`: which changes it makes, that they are made in memory alone, and what its page keeps."""

import ast
import importlib.util
import json

import pytest

from tools.mutants import __main__ as command
from tools.mutants import server, sites, table


def changes(code: str) -> list[str]:
    return [mutant.change for mutant, _make in sites._mutants("a.py", ast.parse(code))]


@pytest.mark.parametrize(
    ("statement", "made"),
    [
        ("x = a < b", ["a < b → a <= b"]),
        ("x = a and b", ["a and b → a or b"]),
        ("x = a - b", ["a - b → a + b"]),
        ("x = not a", ["not a → a"]),
        ("return a", ["return a → return None"]),
        ("if a:\n        pass", ["if a → if not (a)"]),
        ("raise b", ["raise b → pass"]),
        ("a.save()", ["a.save() → pass"]),
        ("a.b = c", ["a.b = c → pass"]),
        ("x = f(at__lt=a)", ["f(at__lt=a) → f(at__lte=a)"]),
        ("x = q.filter(a=b, c=d)", ["q.filter(a=b, c=d) → q.filter(c=d)", "q.filter(a=b, c=d) → q.filter(a=b)"]),
        ("x = _('%(a)s') % {'a': a}", []),
        ("logger.info(a)", []),
        ("return None", []),
    ],
)
def test_what_a_statement_becomes(statement, made):
    assert changes(f"def f(a, b, c, d):\n    {statement}") == made


def test_what_runs_when_a_module_is_imported_is_left_alone():
    assert changes("LIMIT = 5\nclass A:\n    b = 1 < 2\n    def f(self, a=1):\n        return 0") == ["0 → 1"]


def test_the_same_seed_draws_the_same_changes_and_another_draws_others():
    one, same, other = (sites.sample(seed, 20, ["sla/calendar"]) for seed in (1, 1, 2))
    assert one == same != other
    assert len({mutant.key for mutant in one}) == 20


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A house of one function, and that function as it lives in this process."""
    for module in (sites, server, table):
        monkeypatch.setattr(module, "BASE", tmp_path)
    monkeypatch.setattr(table, "PAGE", tmp_path / "mutants.md")
    monkeypatch.setattr(table, "OUTCOMES", tmp_path / "outcomes.jsonl")
    file = tmp_path / "a.py"
    file.write_text("def is_before(a, b):\n    return a < b\n")
    return file, made_by(file, "is_before")


def made_by(file, name: str):
    spec = importlib.util.spec_from_file_location("a", file)
    spec.loader.exec_module(module := importlib.util.module_from_spec(spec))
    return getattr(module, name)


def test_a_change_is_made_in_the_function_that_lives_and_not_in_its_file(house):
    file, is_before = house
    before = file.read_text()

    assert server._changed("a.py|is_before|a < b → a <= b|1", {str(file): [is_before]})
    assert is_before(1, 1)
    assert file.read_text() == before


def test_what_a_module_made_when_it_was_imported_is_changed_as_well_or_not_tried(house):
    file, _is_before = house
    file.write_text("def adder(n):\n    def add(m):\n        return n + m\n    return add\n")
    add = made_by(file, "adder")(1)

    assert not server._changed("a.py|adder|return n + m → return None|1", {str(file): [add]})
    assert server._changed("a.py|adder|n + m → n - m|1", {str(file): [add]})
    assert add(1) == 0


def test_a_place_that_is_no_longer_there_is_told(house):
    with pytest.raises(LookupError):
        sites.applied("a.py|is_before|a > b → a >= b|1")


def test_the_page_counts_what_was_tried_and_keeps_why_something_lived(house):
    lived, killed = (mutant.key for mutant in sorted(sites.all_of("a.py"), key=lambda m: "None" in m.change))
    told = [
        {"key": lived, "outcome": "lived", "by": "", "ran": 2, "of": 2},
        {"key": killed, "outcome": "killed", "by": "tests/test_a.py::test_b", "ran": 1, "of": 2},
    ]
    table.OUTCOMES.write_text("".join(json.dumps(each) + "\n" for each in told))

    assert table.write() == "2 tried, 1 killed (50.0 %), 1 lived"
    table.PAGE.write_text(table.PAGE.read_text().replace("2 of 2 |  |", "2 of 2 | Equal instants never meet. |"))
    table.write()
    assert "| a.py:2 is_before | a &lt; b → a &lt;= b | 2 of 2 | Equal instants never meet. |" in table.PAGE.read_text()


def test_the_tests_that_run_the_line_are_tried_and_the_cheapest_first(monkeypatch):
    ran = {"slow": {"took": 2, "lines": {"a.py": [2]}}, "quick": {"took": 1, "lines": {"a.py": [1, 2]}}, "no": {"took": 0, "lines": {"a.py": [1]}}}  # fmt: skip
    monkeypatch.setattr(command, "recorded", lambda: ran)
    (order,) = command.orders([sites.Mutant("a.py", "f", 2, "a → b", 1)])
    assert order["tests"] == [["quick", 1], ["slow", 2]]
