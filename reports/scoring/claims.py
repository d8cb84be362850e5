"""What a claim would earn: the unit's own figures scored as if every one were verified. Pure.

What only a reviewer can say earns nothing here and is counted apart as *open*: a manual rubric, and a denominator of zero,
which stands for «not applicable» once somebody agrees. So the claim is worth from `total` to `total + open_points`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from . import ACCEPTED, NOT_APPLICABLE, NOT_YET_JUDGED, ZERO_DENOMINATOR, ReportScore, decimal_text, score_report
from .indicator import IndicatorLike

OPEN = (NOT_YET_JUDGED, ZERO_DENOMINATOR)


@dataclass(frozen=True)
class ClaimedPoints:
    """One indicator's claim. `points` of `weight` (with what it took over from others), decimal texts as in results."""

    state: str
    points: str
    weight: str

    @property
    def is_open(self) -> bool:
        """Whether a reviewer has yet to say what it earns."""
        return self.state in OPEN

    @property
    def counts(self) -> bool:
        return self.state != NOT_APPLICABLE


@dataclass(frozen=True)
class ClaimedScore:
    """`total` is out of 100 without what is open, None where nothing is applicable; `open_points` out of 100 as well."""

    total: str | None
    open_points: str
    indicators: Mapping[str, ClaimedPoints]

    @property
    def open_count(self) -> int:
        return sum(each.is_open and Decimal(each.weight) > 0 for each in self.indicators.values())

    @property
    def at_most(self) -> str | None:
        """With every open point earned."""
        return None if self.total is None else str(min(Decimal(self.total) + Decimal(self.open_points), Decimal(100)))

    def to_json(self) -> dict:
        return {
            "total": self.total,
            "open_points": self.open_points,
            "indicators": {code: [each.state, each.points, each.weight] for code, each in self.indicators.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping) -> "ClaimedScore":
        points = {code: ClaimedPoints(*each) for code, each in data["indicators"].items()}
        return cls(data["total"], data["open_points"], points)


def score_claim(
    indicators: Iterable[IndicatorLike],
    values: Mapping[str, str],
    *,
    not_applicable: Iterable[str] = (),
    on_time: bool | None = None,
) -> ClaimedScore:
    """`values` {question name: decimal string} as claimed; `not_applicable`: codes that the unit says do not apply, or that the
    form did not ask for."""
    score = score_report(indicators, values, not_applicable=dict.fromkeys(not_applicable, ACCEPTED), on_time=on_time)
    return ClaimedScore(
        total=decimal_text(score.total),
        open_points=decimal_text(_open_points(score)) or "0",
        indicators={
            each.code: ClaimedPoints(
                each.state, decimal_text(each.points) or "0", decimal_text(each.effective_weight) or "0"
            )
            for each in score.indicators
        },
    )


def _open_points(score: ReportScore) -> Fraction:
    held = sum((each.effective_weight for each in score.indicators if each.state in OPEN), Fraction(0))
    return 100 * held / score.weight if score.weight else Fraction(0)
