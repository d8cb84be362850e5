"""A form as plain, frozen data. What a form version stores, and what pages, scoring and the API read."""

import re
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from django.utils.translation import gettext as _

from .answer_kinds import AnswerKind
from .indicator import ALONE, Indicator
from .labels import Choice, Labelled, Text, file_for, text_in
from .markup import unmarked
from .paged import Paged
from .parts import Group, Section
from .question_types import question_type
from .references import earlier_in, paths_in
from .table_lookup import WithTables
from .tables import AT, bare
from .unsupported import Unsupported
from .values import LITERAL

# The namespace of the performance attributes, declared in the workbook's settings sheet.
NAMESPACE = "https://my.saorg.ir/xforms/sajad"

# How a workbook is read, and what its expressions give. A stored definition keeps the edition that read it, and is evaluated as that
# edition did: what was submitted under it stays as it was.
READER = 3

ROLES = ("numerator", "denominator", "value")
SCORES = ("default", "linear", "bands", "levels", "yes_no", "manual", "rubric")
AGGREGATES = ("ratio", "sum", "mean", "none")
DIRECTIONS = ("up", "down")
# Column keys that hold an expression, with the attribute of a Question that holds what pyxform made of it.
EXPRESSIONS = {
    "relevant": "relevant",
    "constraint": "constraint",
    "calculation": "calculation",
    "required": "required",
    "read_only": "read_only",
    "choice_filter": "choice_filter",
    "default": "dynamic_default",
    "sajad:check": "check",
}
_ONCE = re.compile(r"(?<![\w.$/-])once\s*\(")


@dataclass(frozen=True)
class Question(Labelled):
    """One row of the survey sheet. Expressions are XPath over the form's tree, as pyxform binds them."""

    name: str
    type: str
    path: str
    row: int = 0
    label: Text = field(default_factory=dict)
    hint: Text = field(default_factory=dict)
    required: str = ""
    required_message: Text = field(default_factory=dict)
    constraint: str = ""
    constraint_message: Text = field(default_factory=dict)
    relevant: str = ""
    calculation: str = ""
    default: str = ""
    dynamic_default: str = ""
    read_only: str = ""
    appearance: str = ""
    choices: tuple[Choice, ...] = ()
    choice_list: str = ""
    choice_filter: str = ""
    section: str = ""
    group: str = ""
    repeat: str = ""  # the outermost repeat around it
    table: str = ""  # the repeat whose rows it is asked in; "" too in forms that were read when repeats were not asked
    parameters: dict[str, str] = field(default_factory=dict)
    indicator: str = ""
    role: str = ""
    check: str = ""  # where it does not hold, the writer is asked for a comment; it refuses nothing
    check_message: Text = field(default_factory=dict)
    figure: str = ""  # what the same number is called wherever it is asked
    # Paths: it is calculated when one of these is answered, and keeps that value until then.
    triggers: tuple[str, ...] = ()
    media: dict[str, Text] = field(
        default_factory=dict
    )  # {image | big-image | audio | video: names of files by language}
    choice_seed: str = ""  # an expression by whose number the choices are shuffled
    # of a calculation: what of the unit it holds ("unit_kind", "unit_attribute:province"), not its expression
    source: str = ""

    @cached_property
    def kind(self) -> AnswerKind:
        return question_type(self.type).kind

    @property
    def is_input(self) -> bool:
        """Whether a person answers it. What is always read-only keeps its default."""
        asked = not self.repeat or bool(self.table)
        return self.kind.is_input and not self.calculation and asked and self.read_only != "true()"

    @cached_property
    def keeps_first(self) -> bool:
        """Whether its calculation holds the first value that it gave."""
        return bool(_ONCE.search(LITERAL.sub("''", self.calculation)))

    @cached_property
    def repeats_names(self) -> bool:
        """Whether two choices have the same name, as `allow_choice_duplicates` lets them."""
        return len({choice.name for choice in self.choices}) < len(self.choices)

    @property
    def said_as(self) -> str:
        """What the figure is called in every form and call: its own name, else the part of the indicator that it is."""
        return self.figure or (f"{self.indicator}/{self.role}" if self.indicator and self.role else "")

    @property
    def is_shown(self) -> bool:
        """Whether an entry page shows it by itself: inputs, notes, and calculations that have a label."""
        return not self.repeat and self.is_seen

    @property
    def is_seen(self) -> bool:
        """The same of a question in a row, which the table shows."""
        return self.kind.given_by in ("person", "nobody") or bool(self.label)

    @property
    def is_written(self) -> bool:
        """Whether a person writes or chooses its answer; a file is put there."""
        return self.is_input and not self.kind.is_file

    @property
    def takes_file(self) -> bool:
        return self.is_input and self.kind.is_file

    @property
    def takes_picture(self) -> bool:
        """Whether the file that it takes is a picture and nothing else."""
        return self.takes_file and self.parameters.get("accept") == "image"

    def chosen(self, value: str) -> list[str]:
        """The names of the choices in an answer."""
        return value.split() if self.kind.several else [value]

    @property
    def expressions(self) -> dict[str, str]:
        """{attribute: expression}, as bound."""
        found = {name: getattr(self, name) for name in EXPRESSIONS.values() if getattr(self, name)}
        return {**found, "choice_seed": self.choice_seed} if self.choice_seed else found

    def hint_in(self, language: str) -> str:
        return unmarked(text_in(self.hint, language))


def judged_alone(question: Question) -> Indicator:
    """A question that belongs to no indicator, as what a reviewer accepts or remarks on; it has no score."""
    return Indicator(
        ALONE + question.name, question.label, question.section, {"value": question.name}, row=question.row
    )


Placed = TypeVar("Placed", Question, Indicator)


@dataclass(frozen=True)
class FormDefinition(Paged, WithTables):
    form_id: str
    title: str
    version: str
    languages: tuple[str, ...]
    root: str  # the name of the tree's root element
    sections: tuple[Section, ...]
    groups: tuple[Group, ...]
    questions: tuple[Question, ...]
    indicators: tuple[Indicator, ...]
    unsupported: tuple[Unsupported, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)  # {path: type} of start, end, today, username…
    lists: dict[str, tuple[Choice, ...]] = field(default_factory=dict)  # every choice list, for instance('…')
    counts: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)  # {name of a file beside the workbook: its SHA-256}
    missing_media: tuple[str, ...] = ()  # pictures and the like that the workbook names and that did not come
    reader: int = READER

    @cached_property
    def _by_name(self) -> dict[str, Question]:
        return {question.name: question for question in self.questions}

    @cached_property
    def _by_code(self) -> dict[str, Indicator]:
        return {indicator.code: indicator for indicator in self.indicators}

    def question(self, name: str) -> Question | None:
        """Of an answer's name: in a row of a table (`name@row`) the question as that row has it, under that name."""
        return self._by_name.get(name) if AT not in name else self.question_in_row(name)

    def indicator(self, code: str) -> Indicator | None:
        return self._by_code.get(code)

    def own_question(self, name: str) -> Question:
        """Of a name that the definition itself gave, such as an indicator's input. Raises KeyError."""
        found = self.question(name)
        if found is None:
            raise KeyError(name)
        return found

    def own_indicator(self, code: str) -> Indicator:
        return self._by_code[code]

    # A page asks section by section, and a definition is kept by the process: sorted out once.
    @cached_property
    def _shown_of(self) -> dict[str, tuple[Question, ...]]:
        return {name: tuple(group) for name, group in _by_section(self.shown).items()}

    @cached_property
    def _indicators_of(self) -> dict[str, tuple[Indicator, ...]]:
        return {name: tuple(group) for name, group in _by_section(self.indicators).items()}

    def questions_of(self, section: str) -> tuple[Question, ...]:
        """The shown questions of a section, in the order of the sheet."""
        return self._shown_of.get(section, ())

    def indicators_of(self, section: str) -> tuple[Indicator, ...]:
        return self._indicators_of.get(section, ())

    def inputs_of(self, code: str) -> tuple[Question, ...]:
        """The questions a person answers for that indicator: its numerator, denominator or value."""
        indicator = self._by_code[code]
        return tuple(self._by_name[name] for name in indicator.inputs.values())

    @cached_property
    def _reads(self) -> dict[str, set[str]]:
        """{question: the questions its calculation reads}."""
        paths = {question.path: question.name for question in self.questions}
        return {
            question.name: {paths[path] for path in paths_in(question.calculation, self.root) if path in paths}
            for question in self.questions
            if question.calculation
        }

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """What of a unit the form reads; () of a form that asks every unit the same."""
        return tuple(dict.fromkeys(question.source for question in self.outside_repeats if question.source))

    @cached_property
    def earlier_questions(self) -> frozenset[str]:
        """Questions whose earlier answers a check reads; indicators' earlier values are known in any case."""
        asked = {name for question in self.questions for name in earlier_in(question.check)}
        return frozenset(name for name in asked if name in self._by_name and name not in self._by_code)

    def dependents(self, names: Iterable[str]) -> set[str]:
        """Every question that is calculated, directly or through others, from one of these (these not included)."""
        changed = {bare(name) for name in names}
        found: set[str] = set()
        while True:
            more = {name for name, reads in self._reads.items() if reads & (changed | found)} - found
            if not more:
                return found - changed
            found |= more

    def triggered_by(self, names: Collection[str]) -> set[str]:
        """The questions that are calculated when one of these is answered."""
        changed = {bare(name) for name in names}
        paths = {question.path for question in self.questions if question.name in changed}
        return {question.name for question in self.questions if not paths.isdisjoint(question.triggers)}

    @cached_property
    def parts(self) -> tuple[str, ...]:  # paths of the groups and tables that lie in no table
        return tuple(group.path for group in self.groups if not self.in_repeat(group.path))

    @property
    def needs_confirmation(self) -> tuple[Unsupported, ...]:
        """Unsupported rows that are required, that another expression reads or that lack a file: the coordinator has to agree."""
        return tuple(
            item for item in self.unsupported if item.required or item.referenced_by or item.without or item.file
        )

    @property
    def missing_files(self) -> tuple[str, ...]:
        """Files that the form needs and came without."""
        return tuple(dict.fromkeys(item.file for item in self.unsupported if item.file))

    def media_of(self, thing: Question | Choice, language: str) -> list[tuple[str, str, str]]:
        """(kind, name, SHA-256) of the files beside a label that are there."""
        named = [
            ("image" if kind == "big-image" else kind, text_in(names, language)) for kind, names in thing.media.items()
        ]
        there = [(kind, file_for(name, self.files)) for kind, name in named]
        return [(kind, file, self.files[file]) for kind, file in there if file]

    @cached_property
    def judged(self) -> tuple[Indicator, ...]:
        """What reviewers look at: the indicators that a unit fills in, then each question of none and each table, without a score."""
        alone = (q for q in self.questions if q.is_input and not q.indicator and not q.table)
        indicators = (i for i in self.indicators if not i.source)
        return (*indicators, *(judged_alone(question) for question in alone), *self.judged_tables)

    @cached_property
    def _judged_by_code(self) -> dict[str, Indicator]:
        return {indicator.code: indicator for indicator in (*self.judged, *self.indicators)}

    def judged_as(self, code: str) -> Indicator | None:
        """The indicator of that code, or the question of none, the table or the row that is judged under it."""
        return self._judged_by_code.get(code) or self.judged_row(code)

    @cached_property
    def is_scored(self) -> bool:
        """Whether a report on it gets a score: something in it has a weight."""
        return any(Decimal(indicator.weight or 0) > 0 for indicator in self.indicators)

    @property
    def asking(self) -> dict[str, int]:
        """How many questions a person answers, how many make a score, and how many show what nobody types."""
        scored = {
            name for indicator in self.indicators for name in (*indicator.inputs.values(), indicator.ratio) if name
        }
        return {
            "asked": sum(question.is_input for question in self.questions),
            "scored": len(scored),
            "read_only": sum(question.kind.has_answer and not question.is_input for question in self.shown),
        }

    def summary(self) -> dict:
        """The object `importform --json` prints. Counts are of the workbook's rows, unsupported ones included."""
        return {
            "form_id": self.form_id,
            "title": self.title,
            **{key: self.counts.get(key, 0) for key in COUNTS},
            **self.asking,
            "unsupported": [item.to_json() for item in self.unsupported],
            "warnings": [
                *self.warnings,
                *(_("The file %(name)s is missing.") % {"name": name} for name in self.missing_files),
            ],
            **({"missing_files": list(wanted)} if (wanted := (*self.missing_files, *self.missing_media)) else {}),
        }

    def to_json(self) -> dict:
        """Plain data for a JSON column; `from_json` gives an equal definition back. A list that several questions offer is kept once."""
        questions = [
            replace(question, choices=()) if self._offers_its_list(question) else question
            for question in self.questions
        ]
        found = asdict(replace(self, questions=tuple(questions)))
        for question, stored in zip(self.questions, found["questions"], strict=True):
            if self._offers_its_list(question):
                stored["choices"] = None
        return found

    def _offers_its_list(self, question: Question) -> bool:
        return bool(question.choices) and question.choices is self.lists.get(question.choice_list)

    @classmethod
    def from_json(cls, data: dict) -> "FormDefinition":
        def choices(items):
            return tuple(Choice(**item) for item in items)

        lists = {name: choices(items) for name, items in data["lists"].items()}
        return cls(
            **{
                "reader": 1,  # those that the first edition stored name none
                **data,
                "languages": tuple(data["languages"]),
                "sections": tuple(Section(**item) for item in data["sections"]),
                "groups": tuple(Group(**item) for item in data["groups"]),
                "questions": tuple(
                    Question(
                        **{
                            **item,
                            "choices": lists[item["choice_list"]]
                            if item["choices"] is None
                            else choices(item["choices"]),
                            "triggers": tuple(item.get("triggers", ())),
                        }
                    )
                    for item in data["questions"]
                ),
                "indicators": tuple(Indicator(**item) for item in data["indicators"]),
                "unsupported": tuple(
                    Unsupported(**{**item, "referenced_by": tuple(item["referenced_by"])})
                    for item in data["unsupported"]
                ),
                "lists": lists,
                "warnings": tuple(data["warnings"]),
                "missing_media": tuple(data.get("missing_media", ())),
            }
        )


COUNTS = ("questions", "groups", "repeats", "choice_lists", "constraints", "relevants", "calculations")


def _by_section(things: Iterable[Placed]) -> dict[str, list[Placed]]:
    found: dict[str, list[Placed]] = {}
    for thing in things:
        found.setdefault(thing.section, []).append(thing)
    return found
