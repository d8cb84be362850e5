"""A section of a report as the entry page shows it: what is asked, what is written, what is wrong. Reads only.

Everything a template prints is decided here, so that the page, the partial answer of an autosave and the page without
a script show the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import PurePath

from django.utils.translation import gettext as _

from sajad_portal.lib.language import current_language

from ...actions.evidence import kinds_for
from ...models import Evidence
from ...queries.drafts import COMMENT, FILE, NOT_APPLICABLE, Assessment, doubts_told, field_id
from ...queries.earlier_periods import SHOWN
from ...queries.values import value_text
from ...scoring.claims import ClaimedPoints, ClaimedScore
from ...scoring.departures import as_number
from ...scoring.functions import levels_of
from ...xlsform import Choice, Indicator, Question, as_typed, display_answer, with_answers
from ...xlsform.indicator import ALONE
from ...xlsform.searching import LISTED, searched_text
from .shown import Amount, Clash, Stored

PERCENT = "٪"


@dataclass(frozen=True)
class Field:
    """One input. `value` is as typed or as it would be typed; `was` the same as stored when the page was made."""

    name: str
    control: str
    label: str
    value: str = ""
    was: str = ""
    hint: str = ""
    unit: str = ""
    inputmode: str = "text"
    options: list[tuple[str, str, bool]] = field(default_factory=list)
    required: bool = False
    relevant: bool = True
    editable: bool = True
    error: str = ""
    readings: list[tuple[str, str]] = field(default_factory=list)
    clash: Clash | None = None
    amount: Amount | None = None
    files: list[Stored] = field(default_factory=list)
    remark: str = ""  # of a reviewer, where the question belongs to no indicator
    accept: str = ""  # endings of the files that it takes, where it does not take all
    media: list[tuple[str, str, str]] = field(default_factory=list)  # (kind, name, SHA-256) beside the label
    media_of: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)  # beside choices

    @property
    def id(self) -> str:
        return field_id(self.name)

    @property
    def in_order(self) -> list[str]:
        """The names in their places, as many as there are choices; "" where a place is free."""
        return [*self.value.split(), *[""] * len(self.options)][: len(self.options)]

    @property
    def file_key(self) -> str:
        return FILE + self.name

    @property
    def file_id(self) -> str:
        return self.file_key.replace(":", "-")

    @property
    def is_group(self) -> bool:
        """Several inputs under one legend."""
        return self.control in ("radios", "checks", "order")


@dataclass(frozen=True)
class Card:
    """An indicator: its inputs, the value they make, what it is measured by and what is still to do about it."""

    indicator: Indicator
    label: str
    unit: str
    fields: list[Field]
    amount: Amount
    standard: Amount
    past: list[tuple[str, Amount]]
    trend: list[Decimal | None]
    files: list[Stored]
    evidence: str
    comment: Field
    reason: Field
    remark: str
    doubt: str
    status: str
    editable: bool
    relevant: bool
    earns: ClaimedPoints | None = None  # what the claim would earn; None where it is not said
    change_url: str = ""  # where a reader of the whole report changes this line; "" where nothing can be changed

    @property
    def code(self) -> str:
        return self.indicator.code

    @property
    def tells_earnings(self) -> bool:
        """Whether there is something to say of the points: figures are there, or a reviewer gives them."""
        return self.earns is not None and self.earns.counts and (self.earns.is_open or self.status != "empty")

    @property
    def is_measured(self) -> bool:
        """Whether it is a figure for which more or less is better; levels and a reviewer's judgement have no direction."""
        return self.indicator.score not in ("levels", "manual", "rubric")

    @property
    def levels(self) -> list[tuple[str, Decimal]]:
        """(in words, percent of the weight) of the levels by which it is judged."""
        names = {value: label for each in self.fields for value, label, _chosen in each.options}
        return [
            (level.words or names.get(name, name), Decimal(level.percent.numerator) / level.percent.denominator)
            for name, level in levels_of(self.indicator.levels).items()
        ]

    @property
    def by_portal(self) -> bool:
        return bool(self.indicator.source)

    @property
    def offers_reason(self) -> bool:
        """Whether “does not apply” is on the page: where it may be said, or has been."""
        return self.editable or bool(self.reason.value)

    @property
    def is_percent(self) -> bool:
        return self.indicator.unit == PERCENT

    @property
    def is_fraction(self) -> bool:
        return "denominator" in self.indicator.inputs


@dataclass(frozen=True)
class Questions:
    """Neighbouring questions that belong to no indicator, under the heading of their group."""

    label: str
    fields: list[Field]


@dataclass(frozen=True)
class TypedAnswers:
    """What a post brought back: values as typed, why some could not be read or in which two ways, and what clashed."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    readings: Mapping[str, list[tuple[str, str]]] = field(default_factory=dict)
    clashes: Mapping[str, Clash] = field(default_factory=dict)


class EntrySheet:
    """One section of an assessed draft. `items` are cards and questions in the order of the form."""

    def __init__(
        self,
        assessment: Assessment,
        section: str,
        *,
        remarks: Mapping[str, str],
        writable: bool,
        typed: TypedAnswers | None = None,
        claimed: ClaimedScore | None = None,
    ):
        self.assessment, self.section, self._claimed = assessment, section, claimed
        self.language = current_language()
        self._remarks, self._writable, self._typed = remarks, writable, typed or TypedAnswers()
        self._drafted = assessment.draft.flat()
        self._problems: dict[str, set[str]] = {}
        for problem in assessment.problems:
            self._problems.setdefault(problem.indicator, set()).add(problem.kind)
        self.items = self._items()

    # ------------------------------------------------------------------ parts
    def _items(self) -> list[Card | Questions]:
        definition = self.assessment.definition
        groups = {group.path.rsplit("/", 1)[-1]: group for group in definition.groups}
        items: list[Card | Questions] = []
        seen: set[str] = set()
        for question in definition.questions_of(self.section):
            indicator = definition.indicator(question.indicator) if question.indicator else None
            if indicator:
                if indicator.code not in seen:
                    seen.add(indicator.code)
                    items.append(self._card(indicator))
                continue
            group = groups.get(question.group)
            label = self._said(group.label_in(self.language)) if group and group.path.count("/") > 2 else ""
            if not items or not isinstance(items[-1], Questions) or items[-1].label != label:
                items.append(Questions(label, []))
            items[-1].fields.append(self._field(question))
        return items

    @property
    def cards(self) -> list[Card]:
        return [item for item in self.items if isinstance(item, Card)]

    @property
    def fields(self) -> list[Field]:
        """Every input of the section, comments and reasons included."""
        found: list[Field] = []
        for item in self.items:
            found += item.fields
            if isinstance(item, Card) and not item.by_portal:
                found += [item.comment, *([item.reason] if item.offers_reason else [])]
        return found

    def label_of(self, item: Field) -> str:
        """What a list calls a field: comments and reasons by their indicator."""
        code = item.name.removeprefix(COMMENT).removeprefix(NOT_APPLICABLE)
        indicator = self.assessment.definition.indicator(code) if code != item.name else None
        return self._said(indicator.label_in(self.language)) if indicator else item.label

    def _said(self, text: str) -> str:
        """What a form says, with the answers that it names."""
        evaluation = self.assessment.evaluation
        return with_answers(text, self.assessment.definition, evaluation.values, self.language, evaluation.choices)

    def _card(self, indicator: Indicator) -> Card:
        assessment, code = self.assessment, indicator.code
        questions = [assessment.definition.question(name) for name in indicator.inputs.values()]
        fields = [self._field(question) for question in questions if question]
        unit = indicator.unit_in(self.language)
        if len(fields) == 1 and fields[0].control == "number":
            fields = [replace(fields[0], unit=unit)]
        earlier = assessment.earlier.get(code, [])[-SHOWN:]
        past = [(value.period, self._amount(indicator, value.text)) for value in earlier]
        amount = self._amount(indicator, value_text(indicator, assessment.evaluation.values))
        trend = [shown.number for _period, shown in past] + [amount.number]
        editable = self._writable and (assessment.editable is None or code in assessment.editable)
        return Card(
            indicator=indicator,
            label=self._said(indicator.label_in(self.language)),
            unit=unit,
            fields=fields,
            amount=amount,
            standard=replace(self._amount(indicator, indicator.standard), places=0),
            past=past,
            trend=trend if sum(number is not None for number in trend) > 1 else [],
            files=stored_files(assessment.draft.files_of(code)),
            evidence=indicator.evidence_in(self.language),
            comment=self._reason(COMMENT + code, _("Why it differs"), editable),
            reason=self._reason(NOT_APPLICABLE + code, _("Why it does not apply"), editable),
            remark=self._remarks.get(code, ""),
            doubt=self._doubt(code),
            status=self._status(indicator, fields),
            editable=editable,
            relevant=bool(indicator.source) or any(f.relevant for f in fields),
            earns=self._claimed.indicators.get(code) if self._claimed else None,
        )

    def _doubt(self, code: str) -> str:
        """What is doubted about its figures; the reason is asked for until one stands beside it."""
        return doubts_told(self.assessment, code, asked="comment" in self._problems.get(code, set()))

    def _status(self, indicator: Indicator, fields: list[Field]) -> str:
        """complete | portal | na | clash | error | comment | evidence | empty"""
        kinds = self._problems.get(indicator.code, set())
        if indicator.source:
            return "portal"
        if any(f.clash for f in fields):
            return "clash"
        if "error" in kinds or any(f.error for f in fields):
            return "error"
        if indicator.code in self.assessment.draft.not_applicable:
            return "na"
        if "missing" in kinds or not any(f.value for f in fields):
            return "empty"
        return next((kind for kind in ("comment", "evidence") if kind in kinds), "complete")

    def _amount(self, indicator: Indicator, text: str) -> Amount:
        return amount_of(self.assessment, indicator, text, self.language)

    # ----------------------------------------------------------------- inputs
    def _reason(self, name: str, label: str, editable: bool) -> Field:
        stored = self._drafted.get(name, "")
        return Field(
            name=name,
            control="lines",
            label=label,
            value=self._typed.values.get(name, stored),
            was=stored,
            editable=editable,
            error=self._typed.errors.get(name, ""),
            clash=self._typed.clashes.get(name),
        )

    def _field(self, question: Question) -> Field:
        evaluation, name = self.assessment.evaluation, question.name
        stored = self._drafted.get(name, "")
        was = as_typed(question, stored, self.language)
        value = self._typed.values.get(name, was)
        editable = (
            question.is_input
            and not evaluation.read_only.get(name)
            and self._writable
            and (self.assessment.editable is None or name in self.assessment.editable)
        )
        offered = evaluation.choices.get(name, question.choices)
        chosen = question.chosen(value)
        control = "output" if question.calculation else question.kind.control(question, len(offered))
        if control == "search":
            was = searched_text(question.choices, stored, self.language)
            value = self._typed.values.get(name, was)
            offered = offered[:LISTED]
        options = [
            (choice.name, self._said(choice.label_in(self.language)), choice.name in chosen) for choice in offered
        ]
        return Field(
            name=name,
            control=control,
            label=self._said(question.label_in(self.language)),
            value=value,
            was=was,
            hint=self._said(question.hint_in(self.language)),
            inputmode=question.kind.inputmode,
            options=options,
            required=bool(evaluation.required.get(name)),
            relevant=evaluation.relevant.get(name, True),
            editable=editable,
            error=self._typed.errors.get(name) or self._constraint(question),
            readings=self._typed.readings.get(name, []),
            clash=self._typed.clashes.get(name),
            amount=Amount(text=evaluation.shown(name, self.language) if evaluation.values.get(name) else "—")
            if control == "output"
            else None,
            files=stored_files(self.assessment.draft.files_of(FILE + name)) if control == "file" else [],
            remark=self._remarks.get(ALONE + name, ""),
            accept=",".join(sorted(kinds_for(question))) if control == "file" else "",
            **self._media(question, offered),
        )

    def _media(self, question: Question, offered: Iterable[Choice]) -> dict:
        """Files beside the label and the choices, where the form came with any."""
        definition = self.assessment.definition
        if not definition.files:
            return {}
        beside = {choice.name: definition.media_of(choice, self.language) for choice in offered if choice.media}
        return {"media": definition.media_of(question, self.language), "media_of": beside}

    def _constraint(self, question: Question) -> str:
        if question.indicator in self.assessment.draft.not_applicable:
            return ""
        return self.assessment.evaluation.errors.get(question.name, "")


def stored_files(evidence: Iterable[Evidence]) -> list[Stored]:
    return [
        Stored(
            item.pk,
            item.name,
            PurePath(item.name).suffix[1:],
            item.size,
            item.uploaded_by.get_full_name(),
            item.uploaded_at,
        )
        for item in evidence
    ]


def amount_of(assessment: Assessment, indicator: Indicator, text: str, language: str) -> Amount:
    """An indicator's value (or its standard) for a reader: rounded to two places, with its percent sign."""
    number = as_number(text)
    if number is None:
        question = assessment.definition.question(indicator.value_question)
        return Amount(text=display_answer(question, text, language) if question and text else "")
    rounded = number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return Amount(number=rounded, percent=indicator.unit == PERCENT)
