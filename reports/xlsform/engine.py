"""The one engine that evaluates relevant, constraint, calculation, required and choice_filter, for pages, import and API.

A Form compiles a definition's expressions once and orders calculations and relevances by what they read (`compiled.py`). An
evaluation (`run.py`) builds one tree of the form's instance, writes the answers into it, and walks that order; an irrelevant
question is empty to everything that reads it. A repeat has an instance a row (`places.py`); what is said of a question in a row is
said of `name@row`.
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
from .tables import FormTable, bare, row_of, rows_around
from .values import canonical_text

_MOST_GUESSES = 4  # a count that follows from the rows of another counted table takes one more


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

    def defaults_in(self, table: FormTable, row: str, answers: Mapping[str, str], *, at: datetime) -> dict[str, str]:
        """What the questions of a new row start with; `answers` have the row already. {name: value}, without a row."""
        asked = [q for q in self.in_rows[table.path] if not q.calculation and (q.default or q.dynamic_default)]
        if not asked:
            return {}
        run = self._run(answers, at=at, person={}, language="fa")
        found = {}
        for question in asked:
            found[question.name] = question.default
            if question.dynamic_default:
                value, _error = run.value(question.dynamic_default, question, run.place_in(row))
                found[question.name] = canonical_text(value) if value is not None else ""
        return {name: value for name, value in found.items() if value}

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
        if not self.kept and not self.kept_in_rows:
            return {}
        run = self._run(answers, at=at, person=person or {}, language="fa")
        kept = {question.path for question in (*self.kept, *self.kept_in_rows)}
        found: dict[str, str] = {}
        for question, place in run.everywhere():
            if question.path not in kept:
                continue
            name = place.name(question.name)
            if question.triggers:
                if self._paths_moved(changed, place.row).isdisjoint(question.triggers):
                    continue
                value, _reason = run.value(question.calculation, question, place)
                applies = run.is_relevant(question.path, place) and value is not None
                found[name] = canonical_text(value) if applies else ""
            elif not answers.get(name):
                found[name] = run.calculated.get(name, "")
        return {name: value for name, value in found.items() if value != (answers.get(name) or "")}

    def _paths_moved(self, changed: Collection[str], row: str) -> set[str]:
        """Paths of what changed, as one row sees it: what is calculated from it too, and nothing of other rows."""
        seen = {bare(name) for name in changed if not row_of(name) or row_of(name) in rows_around(row)}
        names = {name for name in seen if name in self._names}
        return {self._names[name] for name in (*names, *self.definition.dependents(names)) if name in self._names}

    def offered(self, name: str, answers: Mapping[str, str], *, at: datetime) -> tuple[Choice, ...]:
        """What a question offers beside these answers, where that tells apart choices of one name; () of all others, at no cost."""
        question = self.definition.question(name)
        if question is None or not question.repeats_names:
            return ()
        run = self._run(answers, at=at, person={}, language="fa")
        run.place = run.place_in(row_of(name))
        return run.offered(question)

    @cached_property
    def _names(self) -> dict[str, str]:
        return {question.name: path for path, question in self.by_path.items()}

    def relevance(self, answers: Mapping[str, str], *, at: datetime) -> dict[str, bool]:
        """{question name: whether it is asked}, as `evaluate` says it; {} where the form asks every question in any case."""
        if not any(step.kind == "relevant" for step in self.order.steps):
            return {}
        run = self._run(answers, at=at, person={}, language="fa")
        return {
            place.name(question.name): run.is_relevant(question.path, place) for question, place in run.everywhere()
        }

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
        about = {"at": at, "person": person or {}, "language": language, "earlier": earlier}
        return self._run(answers, words=words, **about).finish()

    def _run(self, answers: Mapping[str, str], *, words: str = "", **about) -> Run:
        """The evaluation, with as many rows as the form asks for: a guess at first, then what the evaluation itself says."""
        run = self._begun(answers, words, **about)
        if any(table.count for table in self.definition.tables):
            for _again in range(_MOST_GUESSES):
                counts = run.counts()
                if counts == run.instance.counts:
                    break
                run = self._begun(answers, words, counts=counts, **about)
        return run

    def _begun(self, answers: Mapping[str, str], words: str, **about) -> Run:
        run = Run(self, answers, **about)
        run.words = words or run.language
        return self._followed(run)

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
