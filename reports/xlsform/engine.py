"""The one engine that evaluates relevant, constraint, calculation, required and choice_filter, for pages, import and API.

A Form compiles a definition's expressions once and orders calculations and relevances by what they read (`compiled.py`). An
evaluation (`run.py`) builds one tree of the form's instance, writes the answers into it, and walks that order; an irrelevant
question is empty to everything that reads it. Questions inside repeats are kept in the definition but have no instance
in the tree yet.
"""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import cached_property

from sajad_portal.lib.language import current_language

from .compiled import CompiledForm
from .definition import FormDefinition
from .labels import Choice
from .run import Evaluation, Run
from .scope import not_asked, without
from .values import canonical_text


class FormEngine(CompiledForm):
    """A compiled definition that evaluates answers. `asked`: the form as its unit is asked it (`of_unit`); else the whole."""

    def __init__(self, definition: FormDefinition) -> None:
        super().__init__(definition)
        self.asked = definition
        self._of_units: dict[tuple[str, ...], FormEngine] = {}
        self._asked: dict[frozenset[str], FormDefinition] = {}

    def of_unit(self, facts: Mapping[str, str]) -> "FormEngine":
        """The engine that evaluates answers of a unit with these `facts` {source: text}; its `asked` leaves out what no answer of
        the unit's would bring up. Kept, because units of a kind share it."""
        sources = self.definition.sources
        key = tuple(facts.get(source, "") for source in sources)
        found = self._of_units.get(key)
        if found is None:
            found = copy(self)
            found.facts = dict(zip(sources, key, strict=True))
            left_out = not_asked(found)
            found.asked = self._asked.setdefault(left_out, without(self.definition, left_out))
            if len(self._of_units) >= _MOST_UNITS:
                self._of_units.clear()
            self._of_units[key] = found
        return found

    def defaults(self, *, at: datetime, person: Mapping[str, str] | None = None) -> dict[str, str]:
        """The answers a fresh draft starts with: {question name: canonical value}, questions without default left out."""
        run = Run(self, {}, at=at, person=person or {}, language="fa")
        found = {}
        for question in self.questions:
            if question.calculation or self.asked.question(question.name) is None:
                continue
            if question.dynamic_default:
                value, _error = run.value(question.dynamic_default, question)
                found[question.name] = canonical_text(value) if value is not None else ""
            elif question.default:
                found[question.name] = question.default
        found = {name: value for name, value in found.items() if value}
        return found | {name: value for name, value in self.settled(found, (), at=at, person=person).items() if value}

    def settled(
        self,
        answers: Mapping[str, str],
        changed: Collection[str],
        *,
        at: datetime,
        person: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """What is stored along with answers after those of `changed` were: {question: value} of `once()` that has a first value
        now, and of what a trigger among them calculates. {} of most forms, at no cost."""
        if not self.kept:
            return {}
        run = self._followed(Run(self, answers, at=at, person=person or {}, language="fa"))
        names = {name for name in changed if name in self._names}
        moved = {self._names[name] for name in (*names, *self.definition.dependents(names))}
        found: dict[str, str] = {}
        for question in self.kept:
            if question.triggers:
                if moved.isdisjoint(question.triggers):
                    continue
                value, _reason = run.value(question.calculation, question)
                found[question.name] = (
                    canonical_text(value) if run.is_relevant(question.path) and value is not None else ""
                )
            elif not answers.get(question.name):
                found[question.name] = run.calculated.get(question.name, "")
        return {name: value for name, value in found.items() if value != (answers.get(name) or "")}

    def offered(self, name: str, answers: Mapping[str, str], *, at: datetime) -> tuple[Choice, ...]:
        """What a question offers beside these answers, where that tells apart choices of one name; () of all others, at no cost."""
        question = self.definition.question(name)
        if question is None or not question.repeats_names:
            return ()
        return self._followed(Run(self, answers, at=at, person={}, language="fa")).offered(question)

    @cached_property
    def _names(self) -> dict[str, str]:
        return {question.name: question.path for question in self.questions}

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
        earlier: Mapping[str, Sequence[str]] | None = None,
        words: str = "",
    ) -> Evaluation:
        """What the form says about these answers. Names it does not know are passed over; nothing raises.

        `earlier`: {indicator or question: its values in earlier periods, oldest first}, for checks. `person` may hold username, email and phonenumber for the form's metadata; `language` is that of the messages;
        `words` that of the form's own, where its reader chose another that the form has.
        """
        language = "en" if (language or current_language()).startswith("en") else "fa"
        run = Run(self, answers, at=at, person=person or {}, language=language, earlier=earlier)
        run.words = words or language
        return self._followed(run).finish()

    def _followed(self, run: Run) -> Run:
        for step in self.order.steps:
            if step.kind == "calculation":
                run.calculate(self.by_path[step.path])
            else:
                run.decide(self.by_path.get(step.path) or self.groups[step.path])
        return run


# One entry a form version; a process rarely meets more than a few.
_FORMS: dict[object, FormEngine] = {}
_MOST_FORMS = 64
_MOST_UNITS = 2_000


def engine_for(definition: FormDefinition, key: object = None) -> FormEngine:
    """The compiled form, kept for this process under `key`; compiled again where the definition is another one."""
    form = _FORMS.get(key)
    if key is None or form is None or (form.definition is not definition and form.definition != definition):
        form = FormEngine(definition)
        if key is not None:
            if len(_FORMS) >= _MOST_FORMS:
                _FORMS.clear()
            _FORMS[key] = form
    return form
