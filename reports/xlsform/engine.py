"""The one engine that evaluates relevant, constraint, calculation, required and choice_filter, for pages, import and API.

A Form compiles a definition's expressions once and orders calculations and relevances by what they read. An evaluation
(`run.py`) builds one tree of the form's instance, writes the answers into it, and walks that order; an irrelevant
question is empty to everything that reads it. Questions inside repeats are kept in the definition but have no instance
in the tree yet.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from elementpath.tree_builders import get_node_tree

from sajad_portal.lib.language import current_language

from . import functions, functions_dates  # noqa: F401 they register ODK's functions
from .checks import expressions_of
from .definition import FormDefinition, Group, Question
from .memory import Memory
from .order import Order
from .run import Evaluation, Run
from .values import canonical
from .xpath import parse_expression


def _variables(definition: FormDefinition) -> dict[str, str]:
    """{path: variable} of everything outside repeats that can hold an answer."""
    paths = [question.path for question in definition.questions if not question.repeat]
    repeats = tuple(f"{group.path}/" for group in definition.groups if group.is_repeat)
    paths += [*definition.metadata, *(item.path for item in definition.unsupported)]
    kept = [path for path in dict.fromkeys(paths) if not path.startswith(repeats)]
    return {path: f"q{index}" for index, path in enumerate(kept)}


def broken_expressions(definition: FormDefinition) -> Iterator[tuple[Question | Group, str, str, str]]:
    """(question or group, attribute, expression, reason) for each expression that cannot be read."""
    variables = _variables(definition)
    sources: list[Question | Group] = [*definition.groups, *definition.questions]
    for source in sources:
        for attribute, expression in expressions_of(source).items():
            try:
                parse_expression(expression, variables)
            except SyntaxError as error:
                yield source, attribute, expression, str(error)


class Form:
    """A compiled definition. Nothing that it says changes after its making, so threads share it."""

    def __init__(self, definition: FormDefinition) -> None:
        """Raises SyntaxError for an expression that cannot be read; `parse_form` has refused those."""
        self.definition = definition
        self.variables = _variables(definition)
        self.questions = [question for question in definition.questions if not question.repeat]
        self.by_path = {question.path: question for question in self.questions}
        self.groups = {group.path: group for group in definition.groups}
        self.compiled: dict[str, Any] = {}
        sources: list[Question | Group] = [*definition.groups, *self.questions]
        for source in sources:
            for expression in expressions_of(source).values():
                if expression not in self.compiled:
                    self.compiled[expression] = parse_expression(expression, self.variables)
        self.memory = Memory(self.compiled, self.variables)
        self.instances = self._secondary_instances()
        self.order = Order(definition, [*self.variables])

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
                values = {
                    **choice.extra,
                    "itextId": f"{name}-{index}",
                    "label": choice.label_in("fa"),
                    "name": choice.name,
                }
                for tag, value in values.items():
                    if re.fullmatch(r"[^\W\d][\w.\-]*", tag):
                        ET.SubElement(item, tag).text = value
            found[name] = get_node_tree(instance)
        return found

    # -------------------------------------------------------- for the functions
    def choice_label(self, path: str, value: str, language: str) -> str:
        """jr:choice-name: the labels of the chosen names, joined by a comma."""
        question = self.by_path.get(path)
        if question is None:
            return ""
        labels = {choice.name: choice.label_in(language) for choice in question.choices}
        return ", ".join(labels[name] for name in value.split() if name in labels)

    def itext(self, key: str, language: str) -> str:
        """jr:itext of a choice: pyxform's ids are `list-index`."""
        name, _dash, index = key.rpartition("-")
        choices = self.definition.lists.get(name, ())
        return choices[int(index)].label_in(language) if index.isdecimal() and int(index) < len(choices) else ""

    # -------------------------------------------------------------- evaluation
    def defaults(self, *, at: datetime, person: Mapping[str, str] | None = None) -> dict[str, str]:
        """The answers a fresh draft starts with: {question name: canonical value}, questions without default left out."""
        run = Run(self, {}, at=at, person=person or {}, language="fa")
        found = {}
        for question in self.questions:
            if question.calculation:
                continue
            if question.dynamic_default:
                value, _error = run.value(question.dynamic_default, question)
                found[question.name] = canonical(value) if value is not None else ""
            elif question.default:
                found[question.name] = question.default
        return {name: value for name, value in found.items() if value}

    def relevance(self, answers: Mapping[str, str], *, at: datetime) -> dict[str, bool]:
        """{question name: whether it is asked}, as `evaluate` says it; {} where the form asks every question in any case."""
        if not any(step.kind == "relevant" for step in self.order.steps):
            return {}
        run = self._followed(Run(self, answers, at=at, person={}, language="fa"))
        return {question.name: run.is_relevant(question.path) for question in self.questions}

    def evaluate(
        self,
        answers: Mapping[str, str],
        *,
        at: datetime,
        person: Mapping[str, str] | None = None,
        language: str | None = None,
    ) -> Evaluation:
        """What the form says about these answers. Names it does not know are passed over; nothing raises.

        `person` may hold username, email and phonenumber for the form's metadata; `language` is that of the messages.
        """
        language = "en" if (language or current_language()).startswith("en") else "fa"
        return self._followed(Run(self, answers, at=at, person=person or {}, language=language)).finish()

    def _followed(self, run: Run) -> Run:
        for step in self.order.steps:
            if step.kind == "calculation":
                run.calculate(self.by_path[step.path])
            else:
                run.decide(self.by_path.get(step.path) or self.groups[step.path])
        return run


# One entry a form version; a process rarely meets more than a few.
_FORMS: dict[object, Form] = {}
_MOST_FORMS = 64


def form_for(definition: FormDefinition, key: object = None) -> Form:
    """The compiled form, kept for this process under `key`; compiled again where the definition is another one."""
    form = _FORMS.get(key)
    if key is None or form is None or (form.definition is not definition and form.definition != definition):
        form = Form(definition)
        if key is not None:
            if len(_FORMS) >= _MOST_FORMS:
                _FORMS.clear()
            _FORMS[key] = form
    return form
