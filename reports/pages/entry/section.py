"""What the entry page is made of: inputs, indicators, questions under their headings, grids. `sheet.py` puts them together."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar, Union

from django.utils.safestring import SafeString

from ...queries.drafts import FILE, Assessment, field_id
from ...scoring.claims import ClaimedPoints
from ...scoring.departures import as_number
from ...scoring.functions import levels_of
from ...xlsform import Indicator, display_answer
from .shown import Amount, Clash, Stored
from .tables import TableCard

PERCENT = "٪"


@dataclass(frozen=True)
class Words:
    """What a form says: with its author's markup, and without. `lang`: the language, where it is not the page's."""

    html: SafeString
    plain: str
    lang: str = ""

    def __html__(self) -> str:
        return self.html

    def __bool__(self) -> bool:
        return bool(self.plain)


@dataclass(frozen=True)
class Field:
    """One input. `value` is as typed or as it would be typed; `was` the same as stored when the page was made."""

    name: str
    control: str
    label: str
    words: Words | None = None  # of the form; without them the label is the portal's own
    hinted: Words | None = None
    choice_words: list[Words] = field(default_factory=list)  # of the options, in their order
    look: str = ""  # how the choices stand: columns | likert | line
    live: bool = False  # its words change with the answers
    turns: bool = False  # whether it has to be filled in changes with the answers
    locks: bool = False  # whether it may be changed does
    value: str = ""
    was: str = ""
    hint: str = ""
    example: str = ""  # how a part of a date is written, where no whole day is asked for
    notice: str = ""  # the portal's own word under it
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
    def is_asked(self) -> bool:
        """Whether somebody is to write or choose something, so that the page says whether they must."""
        return self.control not in ("note", "output") and self.words is not None

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
    words: Words | None = None
    kind: ClassVar[str] = "card"

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
    """Neighbouring questions that belong to no indicator."""

    fields: list[Field]
    kind: ClassVar[str] = "questions"


@dataclass(frozen=True)
class Grid:
    """Questions with the same choices, as the rows of a table. `heads`: the choices."""

    id: str
    caption: Words | None
    heads: list[Words]
    fields: list[Field]
    kind: ClassVar[str] = "grid"

    @property
    def offers_none(self) -> bool:
        """Whether a choice can be taken back: a column of its own."""
        return any(field.control == "radios" and not field.required for field in self.fields)


@dataclass(frozen=True)
class GroupPart:
    """A group inside a page, under its own heading. `level`: 2 for the outermost."""

    path: str
    words: Words
    level: int
    relevant: bool
    items: list["Item"]
    live: bool = False
    kind: ClassVar[str] = "part"

    @property
    def id(self) -> str:
        return "part" + self.path.replace("/", "-")

    @property
    def tag(self) -> str:
        return f"h{min(self.level, 6)}"


Item = Union[Card, Questions, Grid, GroupPart, TableCard]  # noqa: UP007 - of a class that is not there yet


def every(items: Iterable[Item]) -> Iterator[Item]:
    """They, and what lies in parts."""
    for item in items:
        yield item
        if isinstance(item, GroupPart):
            yield from every(item.items)


@dataclass(frozen=True)
class TypedAnswers:
    """What a post brought back: values as typed, why some could not be read or in which two ways, and what clashed."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    readings: Mapping[str, list[tuple[str, str]]] = field(default_factory=dict)
    clashes: Mapping[str, Clash] = field(default_factory=dict)


def amount_of(assessment: Assessment, indicator: Indicator, text: str, language: str) -> Amount:
    """An indicator's value (or its standard) for a reader: rounded to two places, with its percent sign."""
    number = as_number(text)
    if number is None:
        question = assessment.definition.question(indicator.value_question)
        return Amount(text=display_answer(question, text, language) if question and text else "")
    rounded = number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return Amount(number=rounded, percent=indicator.unit == PERCENT)
