"""A definition compiled: its expressions parsed once, in the order in which they depend on each other. Evaluates nothing."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
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


def broken_expressions(definition: FormDefinition) -> Iterator[tuple[Question | Group, str, str, str]]:
    """(question or group, attribute, expression, reason) for each expression that cannot be read."""
    variables = _variables(definition)
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
        self.questions = definition.outside_repeats
        self.by_path = {question.path: question for question in self.questions}
        self.groups = {group.path: group for group in definition.groups}
        self.compiled: dict[str, Any] = {}
        sources: list[Question | Group] = [*definition.groups, *self.questions]
        for source in sources:
            for expression in source.expressions.values():
                if expression not in self.compiled:
                    self.compiled[expression] = parse_expression(expression, self.variables)
        self.memory = Memory(self.compiled, self.variables)
        self.instances = self._secondary_instances()
        self._tables: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
        self.order = EvaluationOrder(definition, [*self.variables])
        self.kept = [question for question in self.questions if self.keeps(question)]
        self.checked = [question for question in self.questions if question.check]
        self.facts: Mapping[str, str] = {}  # {source: what it is of the unit that answers}

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
