"""A definition compiled: its expressions parsed once, in the order in which they depend on each other. Evaluates nothing."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from elementpath.tree_builders import get_node_tree

from . import (  # noqa: F401 they register the functions
    functions,
    functions_chance,
    functions_dates,
    functions_foreign,
    functions_numbers,
    functions_places,
    functions_text,
)
from .definition import FormDefinition, Group, Question
from .labels import Choice
from .memory import Memory
from .order import EvaluationOrder
from .own_rows import OWN_ROW, with_own_row
from .xpath import parse_expression

_TAG = re.compile(r"[^\W\d][\w.\-]*")
_MOST_TABLES = 50  # a column of a list, in which something was looked up


def cells_of(choice: Choice) -> dict[str, str]:
    """A choice as a row of its list, column by column."""
    return {**choice.extra, "label": choice.written_label("fa"), "name": choice.name}


def _variables(definition: FormDefinition) -> dict[str, str]:
    """{path: variable} of everything outside repeats that can hold an answer."""
    paths = [question.path for question in definition.outside_repeats]
    paths += [*definition.metadata, *(item.path for item in definition.unsupported if not item.without)]
    kept = [path for path in dict.fromkeys(paths) if not definition.in_repeat(path)]
    return {path: f"q{index}" for index, path in enumerate(kept)}


def _row_variables(definition: FormDefinition) -> dict[str, str]:
    """{path: variable} of tables and what is asked in them: all rows together (s1), and of the own row (r1)."""
    paths = [table.path for table in definition.tables]
    paths += [question.path for question in definition.questions if question.table]
    together = {path: f"s{index}" for index, path in enumerate(paths) if definition.tables}
    return together | {f"{OWN_ROW}{path}": f"r{name[1:]}" for path, name in together.items()}


def broken_expressions(definition: FormDefinition) -> Iterator[tuple[Question | Group, str, str, str]]:
    """(question or group, attribute, expression, reason) for each expression that cannot be read."""
    variables = _variables(definition) | _row_variables(definition)
    sources: list[Question | Group] = [*definition.groups, *definition.questions]
    for source in sources:
        for attribute, expression in source.expressions.items():
            try:
                parse_expression(expression, variables)
            except SyntaxError as error:
                yield source, attribute, expression, str(error)


class CompiledForm:
    """A compiled definition. Nothing that it says changes after its making, so threads share it."""

    def __init__(self, definition: FormDefinition) -> None:
        """Raises SyntaxError for an expression that cannot be read; `parse_form` has refused those."""
        self.definition = definition
        self.variables = _variables(definition)
        self.row_variables = _row_variables(definition)
        self.questions = definition.outside_repeats
        self.in_rows = {
            table.path: [with_own_row(question, self._names_from(table.path)) for question in definition.questions_in(table)]
            for table in definition.tables
        }  # fmt: skip
        row_questions = [question for questions in self.in_rows.values() for question in questions]
        self.by_path = {question.path: question for question in (*self.questions, *row_questions)}
        self.groups = {group.path: self._group(group) for group in definition.groups}
        self.compiled: dict[str, Any] = {}
        sources: list[Question | Group] = [*self.groups.values(), *self.by_path.values()]
        for source in sources:
            for expression in source.expressions.values():
                if expression not in self.compiled:
                    self.compiled[expression] = parse_expression(expression, self.variables | self.row_variables)
        own = {path: name for path, name in self.row_variables.items() if path.startswith(OWN_ROW)}
        self.memory = Memory(self.compiled, self.variables | own)
        self.instances = self._secondary_instances()
        self._tables: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
        self.table_of_path = {question.path: question.table for question in row_questions}
        self.around = {path: self.table_around(path) for path in (*self.groups, *self.by_path)}
        self.groups_in: dict[str, list[str]] = {table.path: [] for table in definition.tables}
        for group in definition.groups:
            around = self.table_around(group.path)
            if around and not group.is_repeat:
                self.groups_in[around].append(group.path)
        leaves = [*self.variables, *(question.path for question in row_questions)]
        self.order = EvaluationOrder(definition, leaves)
        self.kept = [question for question in self.questions if self.keeps(question)]
        self.kept_in_rows = [question for question in row_questions if self.keeps(question)]
        self.checked = [question for question in self.questions if question.check]
        self.facts: Mapping[str, str] = {}  # {source: what it is of the unit that answers}

    def table_around(self, path: str) -> str:
        """The path of the innermost table that a path lies in; "" outside tables. A table's own path lies in the one around it."""
        inside = (table.path for table in self.definition.tables if path.startswith(f"{table.path}/"))
        return max(inside, key=len, default="")

    def _group(self, group: Group) -> Group:
        around = self.table_around(group.path)
        return with_own_row(group, self._names_from(around)) if around else group

    def _names_from(self, around: str) -> Callable[[str], str | None]:
        """What stands in a row of the table at `around` for an absolute path."""

        def named(path: str) -> str | None:
            if path in self.variables:
                return path
            table = path if self.definition.table_at(path) else self.table_around(path)
            own = f"{OWN_ROW}{path}"
            return own if own in self.row_variables and table and f"{around}/".startswith(f"{table}/") else None

        return named

    @property
    def circles(self) -> list[list[str]]:
        """Names that depend on themselves through others, one list a circle."""
        return [[path.rsplit("/", 1)[-1] for path in circle] for circle in self.order.circles]

    def _secondary_instances(self) -> dict:
        """instance('list')/root/item, one tree a choice list; they never change, so all evaluations share them."""
        found = {}
        for name, choices in self.definition.lists.items():
            instance = ET.Element("instance", id=name)
            root = ET.SubElement(instance, "root")
            for index, choice in enumerate(choices):
                item = ET.SubElement(root, "item")
                for tag, value in {**cells_of(choice), "itextId": f"{name}-{index}"}.items():
                    if _TAG.fullmatch(tag):
                        ET.SubElement(item, tag).text = value
            found[name] = get_node_tree(instance)
        return found

    def looked_up(self, name: str, column: str) -> dict[str, dict[str, str]]:
        """{what stands in the column: the first row with it} of a list, made once."""
        key = name, column
        if key not in self._tables:
            if len(self._tables) >= _MOST_TABLES:
                self._tables.clear()
            rows = [cells_of(choice) for choice in self.definition.lists.get(name, ())]
            self._tables[key] = {row[column]: row for row in reversed(rows) if column in row}
        return self._tables[key]

    def keeps(self, question: Question) -> bool:
        """Whether what it calculated is stored with the answers: its first value, or the one since a trigger was answered."""
        return (question.keeps_first or bool(question.triggers)) and self.definition.reader > 1

    def read_by_check(self, question: Question) -> list[str]:
        """The questions that its check names."""
        paths = self.order.reads(question.check, question.path)
        return [self.by_path[path].name for path in paths if path in self.by_path]

    # -------------------------------------------------------- for the functions
    def itext(self, key: str, language: str) -> str:
        """jr:itext of a choice: pyxform's ids are `list-index`."""
        name, _dash, index = key.rpartition("-")
        choices = self.definition.lists.get(name, ())
        return choices[int(index)].written_label(language) if index.isdecimal() and int(index) < len(choices) else ""
