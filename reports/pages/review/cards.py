"""What the review page prints: the rail, one indicator with its figures, what others found. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.files import INLINE
from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import legible, parse_number, plain

from ...actions.review import TypedFinding
from ...models import Evidence, Review, ReviewItem
from ...queries.findings import Claim, Settled
from ...scoring import SCORED, IndicatorScore
from ...scoring.functions import RubricLevel, rubric_levels
from ...scoring.words import explain
from ...xlsform import Indicator
from ..entry.section import Amount


def decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


@dataclass(frozen=True)
class RailEntry:
    """An indicator in the rail. `state`: done | changed | disputed | jump | none | portal; `word` says it."""

    code: str
    label: str
    state: str
    word: str
    current: bool


@dataclass(frozen=True)
class RailSection:
    label: str
    first: str
    done: int
    total: int
    current: bool
    entries: list[RailEntry]

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 100


@dataclass(frozen=True)
class InputRow:
    """One input: as claimed, as typed or found, and what is wrong with it."""

    role: str
    label: str
    claimed: str
    value: str
    inputmode: str
    error: str = ""
    options: list[tuple[str, str, bool]] = field(default_factory=list)  # of a choice
    said: bool = False  # an answer and no figure


@dataclass(frozen=True)
class OtherFinding:
    """What another reviewer found, once that may be seen."""

    review: Review
    item: ReviewItem
    amount: Amount
    score: IndicatorScore

    @property
    def points(self) -> Decimal:
        return decimal(self.score.points)


@dataclass
class IndicatorSheet:
    """Everything about the indicator at hand."""

    indicator: Indicator
    claim: Claim
    review: Review | None
    rows: list[InputRow]
    claimed: Amount
    verified: Amount
    difference: Decimal | None
    score: IndicatorScore
    claimed_score: IndicatorScore
    standard: Amount
    floor: Amount
    editable: bool
    verdict_due: bool
    not_applicable: str = ""  # "yes" | "no" | ""
    points: str = ""
    reason: str = ""
    note: str = ""
    item: ReviewItem | None = None
    fresh: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)
    past: list[tuple[str, Amount]] = field(default_factory=list)
    trend: list[Decimal | None] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    shown: Evidence | None = None
    others: list[OtherFinding] = field(default_factory=list)
    remarks: list[tuple[int, str]] = field(default_factory=list)
    settled: Settled | None = None

    @property
    def trouble(self) -> list[tuple[str, str]]:
        """(id of the field, what is wrong with it), in the order of the page."""
        places = {**{row.role: f"v-{row.role}" for row in self.rows}, "not_applicable": "na-yes"}
        return sorted(
            ((places.get(name, name), error) for name, error in self.errors.items()),
            key=lambda pair: (pair[0] in ("points", "reason"), pair[0] == "reason"),
        )

    @property
    def label(self) -> str:
        return self.indicator.label_in(current_language())

    @property
    def unit(self) -> str:
        return self.indicator.unit_in(current_language())

    @property
    def points_now(self) -> Decimal:
        return decimal(self.score.points)

    @property
    def weight(self) -> Decimal:
        return decimal(self.score.weight)

    @property
    def points_claimed(self) -> Decimal:
        return decimal(self.claimed_score.points)

    @property
    def why(self) -> str:
        """The score in one sentence."""
        return explain(self.score.to_json(), current_language())

    @property
    def formula(self) -> str:
        """Which drawing of the formula fits; "" where the sentence says it all."""
        drawn = self.score.state == SCORED and self.score.formula in ("default-up", "default-down", "linear")
        return self.score.formula if drawn and self.score.value else ""

    @property
    def is_manual(self) -> bool:
        return self.indicator.is_judged

    @property
    def levels(self) -> list[tuple[RubricLevel, bool]]:
        """The described levels of a rubric, and which of them is chosen."""
        if self.indicator.score != "rubric":
            return []
        chosen = lenient(self.points)
        return [
            (level, bool(chosen) and Decimal(chosen) == Decimal(level.points))
            for level in rubric_levels(self.indicator.levels, self.indicator.weight)
        ]

    @property
    def said(self) -> bool:
        """Whether the value is an answer and no figure: its words stand for it."""
        return any(row.said for row in self.rows)

    @property
    def shown_inline(self) -> bool:
        return self.shown is not None and self.shown.media_type in INLINE

    @property
    def shown_is_image(self) -> bool:
        return self.shown is not None and self.shown.media_type.startswith("image/")


def typed_before(item: ReviewItem | None, claim: Claim) -> TypedFinding:
    """What the fields start with: the stored finding, else what the unit claims."""
    if item is None:
        return TypedFinding(verified=claim.inputs)
    points = "" if item.points is None else plain(item.points)
    return TypedFinding(item.verified, item.not_applicable, points, item.reason, item.note)


def lenient(text: str) -> str:
    """A number in the making as a decimal string; "" for what is none yet."""
    try:
        return plain(parse_number(text)) if text else ""
    except Refused:
        return ""


def gap_between(verified: Fraction | None, claimed: Fraction | None) -> Decimal | None:
    if verified is None or claimed is None or verified == claimed:
        return None
    return legible(decimal(verified - claimed))
