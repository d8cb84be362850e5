"""One evaluation of a form: a tree of its instance, the answers written into it, and what follows from them."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _
from elementpath.tree_builders import get_node_tree

from sajad_portal.lib.clock import TEHRAN

from .answers import display_answer, with_answers
from .compiled import CompiledForm, cells_of
from .definition import Choice, FormDefinition, Group, Question, text_in
from .functions_chance import Chance, shuffled
from .labels import chosen_labels
from .markup import unmarked
from .memory import OWN
from .values import boolean, canonical_text, node_list, to_number
from .xpath import MAX_WORK, FormContext, NoEarlierValue

# `column = /form/question`: what most filters are, and what takes no engine to answer for each row of a long list.
_EQUAL = re.compile(r"([^\W\d][\w.-]*)\s*=\s*(/[^\s=<>()'\"|+*\[\]]+)")


@dataclass(frozen=True)
class Evaluation:
    """What a form says about a set of answers at one instant. Names are question names; sections by name."""

    values: dict[str, str]  # every question outside repeats; "" where irrelevant
    calculated: dict[str, str]  # calculations only, in the order in which they depend on each other
    relevant: dict[str, bool]
    required: dict[str, bool]
    errors: dict[str, str]  # a sentence for a person
    missing: list[str]  # required, relevant and empty, in the order of the form
    choices: dict[str, tuple[Choice, ...]] = field(default_factory=dict)  # what each select offers now
    relevant_sections: dict[str, bool] = field(default_factory=dict)
    read_only: dict[str, bool] = field(default_factory=dict)
    broken_checks: tuple[str, ...] = ()  # questions whose `sajad:check` does not hold, in the order of the form
    relevant_groups: dict[str, bool] = field(default_factory=dict)  # by path, of groups outside tables; tables too
    definition: FormDefinition | None = field(default=None, repr=False, compare=False)

    def shown(self, name: str, language: str) -> str:
        """An answer for a reader: of choices of one name the one that is offered now."""
        question = self.definition.question(name) if self.definition else None
        if question is None:
            return self.values.get(name, "")
        return display_answer(question, self.values.get(name, ""), language, self.choices.get(name, ()))


class Run:
    """One evaluation: its tree and what it has found so far."""

    def __init__(
        self,
        form: CompiledForm,
        answers: Mapping[str, str],
        *,
        at: datetime,
        person: Mapping[str, str],
        language: str,
        earlier: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.form = form
        self.language = self.words = language
        self.errors: dict[str, str] = {}
        self.relevant: dict[str, bool] = {}  # by path, questions and groups
        self.calculated: dict[str, str] = {}
        self.elements: dict[str, ET.Element] = {}
        definition = form.definition
        root = ET.Element(definition.root)
        self.elements[f"/{definition.root}"] = root
        for group in definition.groups_outside_repeats:
            self._element(group.path)
        for question in form.questions:
            raw = answers.get(question.name)
            computed = question.calculation and question.kind.is_calculated and not form.keeps(question)
            self._element(question.path).text = "" if raw is None or computed else str(raw)
        for item in definition.unsupported:
            if not item.without and not definition.in_repeat(item.path):
                self._element(item.path).text = ""
        for path, kind in definition.metadata.items():
            self._element(path).text = self._metadata(kind, at, person)
        tree = get_node_tree(root)
        by_element = tree.tree.elements
        self.nodes = {path: by_element[element] for path, element in self.elements.items()}
        self.context = FormContext(tree, fragment=None)
        self.context.at = at
        self.context.work = [MAX_WORK]
        self.context.form = form
        self.context.language = language
        self.context.nodes = {name: self.nodes[path] for path, name in form.variables.items() if path in self.nodes}
        self.context.instances = form.instances
        self.context.person = person
        self.context.edition = definition.reader
        self.context.choice_label = self.choice_label
        self.context.chance = Chance(
            lambda: f"{at.isoformat()}\0{[str(answers.get(question.name) or '') for question in form.questions]}"
        )
        self.context.earlier = earlier or {}

    def _element(self, path: str) -> ET.Element:
        if path not in self.elements:
            parent, _slash, name = path.rpartition("/")
            self.elements[path] = ET.SubElement(self._element(parent), name)
        return self.elements[path]

    @staticmethod
    def _metadata(kind: str, at: datetime, person: Mapping[str, str]) -> str:
        local = at.astimezone(TEHRAN)
        if kind in ("start", "end"):
            return local.isoformat(timespec="seconds")
        return local.date().isoformat() if kind == "today" else str(person.get(kind, ""))

    def value(self, expression: str, source: Question | Group):
        """(value, None), or (None, reason) where the expression fails."""
        try:
            return self._kept_value(expression, source), None
        except Exception as error:  # an author's expression may fail in any way; the person must still get a page
            return None, f"{type(error).__name__}: {error}"

    def _kept_value(self, expression: str, source: Question | Group):
        """The value, remembered where only answers decide it. It costs as many steps as finding it did."""
        reads = self.form.memory.reads(expression)
        if reads is None or (OWN in reads and isinstance(source, Group)):
            return self._found_value(expression, source)
        key = (expression, *(self.elements[source.path if path == OWN else path].text for path in reads))
        known = self.form.memory.find(key)
        if known is not None:
            self.context.spend(known[1])
            return known[0]
        before = self.context.work[0]
        value = self._found_value(expression, source)
        self.form.memory.keep(key, value, before - self.context.work[0])
        return value

    def _found_value(self, expression: str, source: Question | Group):
        node = self.nodes.get(source.path)
        self.context.chance.begin(source.path, expression)
        self.context.item = self.context.current = node
        self.context.position = self.context.size = 1
        self.context.axis = None
        return node_list(self.form.compiled[expression].evaluate(self.context))

    def _failed(self, source: Question | Group, what: str) -> None:
        if isinstance(source, Question):
            self.errors.setdefault(
                source.name,
                _("The form's own rule for this question (%(what)s) cannot be evaluated. Tell whoever made the form.")
                % {"what": what},
            )

    def is_relevant(self, path: str) -> bool:
        return self.relevant.get(path, True) and all(
            self.relevant.get(each, True) for each in self.form.order.guards(path)
        )

    def decide(self, source: Question | Group) -> None:
        """Record whether it is relevant, and empty what is not."""
        value, reason = self.value(source.relevant, source)
        if reason:
            self._failed(source, "relevant")
        self.relevant[source.path] = reason is not None or boolean(value)
        if not self.relevant[source.path]:
            if isinstance(source, Question):
                self.elements[source.path].text = ""
            else:
                prefix = f"{source.path}/"
                for path in self.form.variables:
                    if path.startswith(prefix) and path in self.elements:
                        self.elements[path].text = ""

    def calculate(self, question: Question) -> None:
        text = ""
        if question.triggers and self.form.keeps(question):
            text = self.elements[question.path].text or "" if self.is_relevant(question.path) else ""
        elif question.source:
            text = self.form.facts.get(question.source, "") if self.is_relevant(question.path) else ""
        elif self.is_relevant(question.path):
            value, reason = self.value(question.calculation, question)
            if reason:
                self._failed(question, "calculation")
            else:
                text = canonical_text(value)
        self.elements[question.path].text = text
        self.calculated[question.name] = text

    # ------------------------------------------------------------------ at last
    def finish(self) -> Evaluation:
        values: dict[str, str] = {}
        relevant: dict[str, bool] = {}
        required: dict[str, bool] = {}
        missing: list[str] = []
        choices: dict[str, tuple[Choice, ...]] = {}
        read_only: dict[str, bool] = {}
        for question in self.form.questions:
            name = question.name
            relevant[name] = self.is_relevant(question.path)
            values[name] = self.elements[question.path].text or ""
            required[name] = relevant[name] and question.is_input and self._truth(question, "required")
            read_only[name] = not question.is_input or self._truth(question, "read_only")
            if question.choices:
                choices[name] = self.offered(question)
            if not relevant[name]:
                continue
            if values[name] == "":
                if required[name]:
                    missing.append(name)
                continue
            # Answers are cleaned on their way in; the kind catches what was stored otherwise, or is no longer offered.
            offered = choices.get(name, ())
            message = question.kind.wrong(question, values[name], offered, self.language) or self._broken(question)
            if message:
                self.errors.setdefault(name, message)
        broken = tuple(q.name for q in self.form.checked if self._doubted(q, relevant, values, missing))
        sections = {section.name: self.relevant.get(section.path, True) for section in self.form.definition.sections}
        said = {
            name: with_answers(text, self.form.definition, values, self.words, choices)
            for name, text in self.errors.items()
        }
        return Evaluation(
            values,
            self.calculated,
            relevant,
            required,
            said,
            missing,
            choices,
            sections,
            read_only,
            broken,
            {path: self.is_relevant(path) for path in self.form.definition.parts},
            self.form.definition,
        )

    def _doubted(
        self, question: Question, relevant: dict[str, bool], values: dict[str, str], missing: list[str]
    ) -> bool:
        """Whether its check does not hold. It waits for the answer itself, and for every required one that it reads."""
        name = question.name
        if not relevant[name] or values[name] == "" or name in self.errors:
            return False
        if any(each in missing or each in self.errors for each in self.form.read_by_check(question)):
            return False
        try:
            return not boolean(self._found_value(question.check, question))
        except NoEarlierValue:
            return False
        except Exception:  # as in `value`; what cannot be told is no doubt about the figure
            return False

    def _truth(self, question: Question, attribute: str) -> bool:
        expression = getattr(question, attribute)
        if expression in ("", "true()"):
            return bool(expression)
        value, reason = self.value(expression, question)
        if reason:
            self._failed(question, attribute)
        return reason is None and boolean(value)

    def choice_label(self, path: str, value: str) -> str:
        """jr:choice-name: the labels of the chosen names, joined by a comma; of several choices of one name the one offered."""
        question = self.form.by_path.get(path)
        if question is None:
            return ""
        choices = question.choices
        if question.repeats_names and self.context.edition > 1:
            outer = self.context.__dict__.copy(), self.context.item, self.context.position, self.context.size
            choices = (*self._filtered(question), *choices)
            self.context.__dict__.update(outer[0])
            self.context.item, self.context.position, self.context.size = outer[1:]
        return chosen_labels(question.chosen(value), choices, self.language, written=True)

    def offered(self, question: Question) -> tuple[Choice, ...]:
        offered = self._filtered(question)
        if not question.choice_seed:
            return offered
        seed, reason = self.value(question.choice_seed, question)
        return offered if reason else tuple(shuffled(offered, to_number(seed)))

    def _filtered(self, question: Question) -> tuple[Choice, ...]:
        if not question.choice_filter:
            return question.choices
        if (wanted := self._wanted_cells(question)) is not None:
            self.context.spend(len(question.choices) // 10)
            rows = self.form.definition.lists.get(question.choice_list, ())
            return tuple(
                choice
                for choice, cells in zip(question.choices, map(cells_of, rows), strict=False)
                if all(cells.get(column) == text for column, text in wanted)
            )
        instance = self.form.instances.get(question.choice_list)
        items = list(instance.children[0].children) if instance is not None else []
        found = []
        for choice, item in zip(question.choices, items, strict=False):
            self.context.current = self.nodes.get(question.path)
            self.context.item, self.context.axis, self.context.position, self.context.size = item, None, 1, 1
            try:
                if boolean(node_list(self.form.compiled[question.choice_filter].evaluate(self.context))):
                    found.append(choice)
            except Exception:  # as in `value`
                self._failed(question, "choice_filter")
                return question.choices
        return tuple(found)

    def _wanted_cells(self, question: Question) -> list[tuple[str, str]] | None:
        """[(column, answer)] of a filter that only compares columns of the list with answers; None of any other filter."""
        found = []
        for part in re.split(r"\band\b", question.choice_filter):
            equal = _EQUAL.fullmatch(part.strip())
            if equal is None or equal[2] not in self.elements:
                return None
            found.append((equal[1], self.elements[equal[2]].text or ""))
        return found

    def _broken(self, question: Question) -> str:
        if not question.constraint:
            return ""
        value, reason = self.value(question.constraint, question)
        if reason:
            self._failed(question, "constraint")
            return ""
        if boolean(value):
            return ""
        return unmarked(text_in(question.constraint_message, self.words)) or _(
            "This answer breaks a rule of the form. Check it."
        )
