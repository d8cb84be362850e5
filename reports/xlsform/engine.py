"""The one engine that evaluates relevant, constraint, calculation, required and choice_filter, for pages, import and API.

A Form compiles a definition's expressions once and orders calculations and relevances by what they read. An evaluation
builds one tree of the form's instance, writes the answers into it, and walks that order; an irrelevant question is empty
to everything that reads it. Questions inside repeats are kept in the definition but have no instance in the tree yet.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from elementpath.tree_builders import get_node_tree

from sajad_portal.lib.clock import TEHRAN
from sajad_portal.lib.numbers import format_number

from . import functions  # noqa: F401 registers ODK's functions
from .checks import expressions_of
from .definition import Choice, FormDefinition, Group, Question, paths_in, text_in
from .values import boolean, canonical, number, parse_moment
from .xpath import FormContext, parse_expression

_NUMERIC = ("integer", "decimal", "range")


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

    @property
    def is_complete(self) -> bool:
        """Nothing missing and nothing wrong."""
        return not self.missing and not self.errors


@dataclass(frozen=True)
class _Step:
    """One calculation or relevance, in the order of evaluation."""

    kind: str  # "relevant" | "calculation"
    path: str


def _compile(definition: FormDefinition, variables: dict[str, str], cache: dict, expression: str):
    if expression not in cache:
        cache[expression] = parse_expression(expression, variables)
    return cache[expression]


def _variables(definition: FormDefinition) -> dict[str, str]:
    paths = [question.path for question in definition.questions if not question.repeat]
    paths += [*definition.metadata, *(item.path for item in definition.unsupported)]
    return {path: f"q{index}" for index, path in enumerate(paths)}


def broken_expressions(definition: FormDefinition):
    """Yield (question or group, attribute, expression, reason) for each expression that cannot be read."""
    variables, cache = _variables(definition), {}
    for source in (*definition.groups, *definition.questions):
        for attribute, expression in expressions_of(source).items():
            try:
                _compile(definition, variables, cache, expression)
            except SyntaxError as error:
                yield source, attribute, expression, str(error)


def circles(form: "Form") -> list[list[str]]:
    """Names that depend on themselves through others, one list a circle."""
    return form.circles


class Form:
    """A compiled definition. Immutable after its making, so threads may share it."""

    def __init__(self, definition: FormDefinition) -> None:
        self.definition = definition
        self._variables = _variables(definition)
        self._compiled: dict = {}
        self._questions = [question for question in definition.questions if not question.repeat]
        self._by_path = {question.path: question for question in self._questions}
        self._groups = {group.path: group for group in definition.groups}
        for source in (*definition.groups, *definition.questions):
            for expression in expressions_of(source).values():
                _compile(definition, self._variables, self._compiled, expression)
        self._leaves = [*self._variables]
        self._instances = self._secondary_instances()
        self.circles: list[list[str]] = []
        self._steps = self._order()

    # ------------------------------------------------------------- preparation
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

    def _parents(self, path: str) -> list[str]:
        """Paths of the groups around a path, outermost first, those with an expression only."""
        parts = path.split("/")
        around = ["/".join(parts[:count]) for count in range(3, len(parts))]
        return [each for each in around if each in self._groups and self._groups[each].relevant]

    def _reads(self, expression: str, path: str) -> set[str]:
        """Absolute paths of the questions an expression reads, seen from the question at `path`."""
        found = set(paths_in(expression, self.definition.root))
        for relative in re.findall(r"(?<![\w/])(?:current\(\)/)?((?:\.\./)+[\w.\-/*]*)", expression):
            base = path.split("/")
            while relative.startswith("../"):
                base, relative = base[:-1], relative[3:]
            found.add("/".join([*base, relative]).rstrip("/"))
        reads: set[str] = set()
        for each in found:
            if each in self._variables:
                reads.add(each)
            else:  # a group, a wildcard: everything below it
                prefix = each.split("*")[0].rstrip("/") + "/"
                reads.update(leaf for leaf in self._leaves if leaf.startswith(prefix))
        if "//" in expression:
            reads.update(self._leaves)
        reads.discard(path)
        return reads

    def _order(self) -> list[_Step]:
        """Calculations and relevances so that each comes after what it reads. Fills `circles`."""
        needs: dict[_Step, list[_Step]] = {}
        calculated = {question.path for question in self._questions if question.calculation}
        guarded = {question.path for question in self._questions if question.relevant}

        def steps_of(path: str) -> list[_Step]:
            """What must have happened before the question at `path` can be read."""
            steps = [_Step("relevant", group) for group in self._parents(path)]
            steps += [_Step("relevant", path)] if path in guarded else []
            return steps + ([_Step("calculation", path)] if path in calculated else [])

        for group in self.definition.groups:
            if group.relevant:
                needs[_Step("relevant", group.path)] = [
                    *(_Step("relevant", outer) for outer in self._parents(group.path)),
                    *(step for path in self._reads(group.relevant, group.path) for step in steps_of(path)),
                ]
        for question in self._questions:
            outer = [_Step("relevant", group) for group in self._parents(question.path)]
            if question.relevant:
                needs[_Step("relevant", question.path)] = outer + [
                    step for path in self._reads(question.relevant, question.path) for step in steps_of(path)
                ]
            if question.calculation:
                own = [_Step("relevant", question.path)] if question.relevant else []
                needs[_Step("calculation", question.path)] = (
                    outer
                    + own
                    + [step for path in self._reads(question.calculation, question.path) for step in steps_of(path)]
                )
        return self._sorted(needs)

    def _sorted(self, needs: dict[_Step, list[_Step]]) -> list[_Step]:
        order: list[_Step] = []
        state: dict[_Step, int] = {}  # 1 open, 2 done
        for start in needs:
            stack = [(start, iter(needs[start]))] if start not in state else []
            state.setdefault(start, 1)
            while stack:
                step, rest = stack[-1]
                following = next((each for each in rest if state.get(each) != 2 and each in needs), None)
                if following is None:
                    if state[step] != 2:
                        state[step] = 2
                        order.append(step)
                    stack.pop()
                elif state.get(following) == 1:
                    opened = [each for each, _rest in stack]
                    circle = opened[opened.index(following) :] if following in opened else [following]
                    self.circles.append([self._name(each.path) for each in circle])
                else:
                    state[following] = 1
                    stack.append((following, iter(needs[following])))
        return order

    def _name(self, path: str) -> str:
        question = self._by_path.get(path)
        return question.name if question else path.rsplit("/", 1)[-1]

    # -------------------------------------------------------- for the functions
    def choice_label(self, path: str, value: str, language: str) -> str:
        """jr:choice-name: the labels of the chosen names, joined by a comma."""
        question = self._by_path.get(path)
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
        run = _Run(self, {}, at=at, person=person or {}, language="fa")
        found = {}
        for question in self._questions:
            if not question.is_input:
                continue
            if question.dynamic_default:
                value, _error = run.value(question.dynamic_default, question)
                found[question.name] = canonical(value) if value is not None else ""
            elif question.default:
                found[question.name] = question.default
        return {name: value for name, value in found.items() if value}

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
        language = language or ("en" if (get_language() or "fa").startswith("en") else "fa")
        run = _Run(self, answers, at=at, person=person or {}, language=language)
        for step in self._steps:
            if step.kind == "calculation":
                run.calculate(self._by_path[step.path])
            else:
                run.decide(self._by_path.get(step.path) or self._groups[step.path])
        return run.finish()


@lru_cache(maxsize=64)
def _cached(key, form_class) -> list:
    return []


def form_for(definition: FormDefinition, key=None) -> Form:
    """The compiled form of a version, kept for this process under `key` (a form version never changes)."""
    if key is None:
        return Form(definition)
    slot = _cached(key, Form)
    if not slot:
        slot.append(Form(definition))
    return slot[0]


class _Run:
    """One evaluation: its tree and what it has found so far."""

    def __init__(
        self, form: Form, answers: Mapping[str, str], *, at: datetime, person: Mapping[str, str], language: str
    ) -> None:
        self.form = form
        self.language = language
        self.errors: dict[str, str] = {}
        self.relevant: dict[str, bool] = {}  # by path, questions and groups
        self.calculated: dict[str, str] = {}
        self.elements: dict[str, ET.Element] = {}
        definition = form.definition
        root = ET.Element(definition.root)
        self.elements[f"/{definition.root}"] = root
        for group in definition.groups:
            if not group.is_repeat and not self._in_repeat(group.path):
                self._element(group.path)
        for question in form._questions:
            raw = answers.get(question.name)
            self._element(question.path).text = (
                "" if raw is None or (question.calculation and question.type == "calculate") else str(raw)
            )
        for item in definition.unsupported:
            if not self._in_repeat(item.path):
                self._element(item.path).text = ""
        for path, kind in definition.metadata.items():
            self._element(path).text = self._metadata(kind, at, person)
        tree = get_node_tree(root)
        by_element = tree.tree.elements
        self.nodes = {path: by_element[element] for path, element in self.elements.items()}
        self.context = FormContext(tree, fragment=None)
        self.context.at = at
        self.context.form = form
        self.context.language = language
        self.context.nodes = {name: self.nodes[path] for path, name in form._variables.items() if path in self.nodes}
        self.context.instances = form._instances

    def _in_repeat(self, path: str) -> bool:
        return any(group.is_repeat and path.startswith(f"{group.path}/") for group in self.form.definition.groups)

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
        node = self.nodes.get(source.path)
        self.context.item = self.context.current = node
        self.context.position = self.context.size = 1
        self.context.axis = None
        try:
            return self.form._compiled[expression].evaluate(self.context), None
        except Exception as error:  # an author's expression may fail in any way; the person must still get a page
            return None, f"{type(error).__name__}: {error}"

    def _failed(self, source: Question | Group, what: str) -> None:
        if isinstance(source, Question):
            self.errors.setdefault(
                source.name,
                _("The form's own rule for this question (%(what)s) cannot be evaluated. Tell whoever made the form.")
                % {"what": what},
            )

    def is_relevant(self, path: str) -> bool:
        return self.relevant.get(path, True) and all(self.relevant.get(each, True) for each in self.form._parents(path))

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
                for path in self.form._leaves:
                    if path.startswith(prefix) and path in self.elements:
                        self.elements[path].text = ""

    def calculate(self, question: Question) -> None:
        text = ""
        if self.is_relevant(question.path):
            value, reason = self.value(question.calculation, question)
            if reason:
                self._failed(question, "calculation")
            else:
                text = canonical(value)
        self.elements[question.path].text = text
        self.calculated[question.name] = text

    # ------------------------------------------------------------------ at last
    def finish(self) -> Evaluation:
        values: dict[str, str] = {}
        relevant: dict[str, bool] = {}
        required: dict[str, bool] = {}
        missing: list[str] = []
        choices: dict[str, tuple[Choice, ...]] = {}
        for question in self.form._questions:
            name = question.name
            relevant[name] = self.is_relevant(question.path)
            values[name] = self.elements[question.path].text or ""
            required[name] = relevant[name] and question.is_input and self._truth(question, "required")
            if question.choices:
                choices[name] = self._choices(question)
            if not relevant[name]:
                continue
            if values[name] == "":
                if required[name]:
                    missing.append(name)
                continue
            message = self._wrong_type(question, values[name], choices.get(name, ())) or self._broken(question)
            if message:
                self.errors.setdefault(name, message)
        sections = {section.name: self.is_relevant_group(section.path) for section in self.form.definition.sections}
        return Evaluation(values, self.calculated, relevant, required, self.errors, missing, choices, sections)

    def is_relevant_group(self, path: str) -> bool:
        return self.relevant.get(path, True)

    def _truth(self, question: Question, attribute: str) -> bool:
        expression = getattr(question, attribute)
        if expression in ("", "true()"):
            return bool(expression)
        value, reason = self.value(expression, question)
        if reason:
            self._failed(question, attribute)
        return reason is None and boolean(value)

    def _choices(self, question: Question) -> tuple[Choice, ...]:
        if not question.choice_filter:
            return question.choices
        instance = self.form._instances.get(question.choice_list)
        items = list(instance.children[0].children) if instance is not None else []
        found = []
        for choice, item in zip(question.choices, items, strict=False):
            self.context.current = self.nodes.get(question.path)
            self.context.item, self.context.axis, self.context.position, self.context.size = item, None, 1, 1
            try:
                if boolean(self.form._compiled[question.choice_filter].evaluate(self.context)):
                    found.append(choice)
            except Exception:  # as in `value`
                self._failed(question, "choice_filter")
                return question.choices
        return tuple(found)

    def _wrong_type(self, question: Question, value: str, offered: tuple[Choice, ...]) -> str:
        """Answers are cleaned on their way in; this catches what was stored otherwise, or is no longer offered."""
        if question.type in _NUMERIC and not question.calculation:
            found = number(value)
            if not found.is_finite():
                return _("A number is needed here.")
            if question.type == "integer" and found != found.to_integral_value():
                return _("A whole number is needed here; leave out the fraction.")
            if question.type == "range":
                return _range_error(question, found, self.language)
        elif question.type in ("date", "datetime") and parse_moment(value) is None:
            return _("A date is needed here, such as 1405/09/04.")
        elif question.type in ("select_one", "select_multiple"):
            names = {choice.name for choice in offered}
            chosen = [value] if question.type == "select_one" else value.split()
            if any(name not in names for name in chosen):
                return _("The chosen answer is no longer offered here. Choose again.")
        return ""

    def _broken(self, question: Question) -> str:
        if not question.constraint:
            return ""
        value, reason = self.value(question.constraint, question)
        if reason:
            self._failed(question, "constraint")
            return ""
        if boolean(value):
            return ""
        return text_in(question.constraint_message, self.language) or _(
            "This answer breaks a rule of the form. Check it."
        )


def _range_error(question: Question, found, language: str) -> str:
    low, high = number(question.parameters.get("start", "0")), number(question.parameters.get("end", "10"))
    low, high = min(low, high), max(low, high)
    if low <= found <= high:
        return ""
    return _("The number must be from %(low)s to %(high)s.") % {
        "low": format_number(low, language=language),
        "high": format_number(high, language=language),
    }
