"""A dispute over a result in figures: what the unit claims, what stands, what is offered, side by side. Pure, over loaded rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ...models import Report, ResultVersion
from ...queries import asked_of
from ...queries.result_findings import StoredFinding, findings_of_version, score_findings
from ...scoring import decimal_text
from ...xlsform import Indicator


@dataclass(frozen=True)
class ScoredFigure:
    """One view of one indicator. `points` and `value` are decimal texts; None where there is nothing."""

    points: str | None
    value: str | None
    not_applicable: bool = False


NOTHING_CLAIMED = ScoredFigure(None, None)  # no report came


@dataclass(frozen=True)
class ComparedIndicator:
    indicator: Indicator
    label: str
    unit: str
    weight: str
    claimed: ScoredFigure
    standing: ScoredFigure
    offered: ScoredFigure | None
    by_unit: bool = False  # the offer is the unit's own: the other view is what stands
    named: bool = False  # contested by name

    @property
    def gap(self) -> Fraction:
        """Points between the unit's view and the provider's: its offer, or what stands where there is none."""
        if self.claimed.points is None:
            return Fraction(0)
        other = self.standing if self.by_unit else self.offered or self.standing
        return abs(Fraction(self.claimed.points or 0) - Fraction(other.points or 0))

    @property
    def gap_text(self) -> str:
        return decimal_text(self.gap) or "0"

    @property
    def percent(self) -> bool:
        return self.indicator.scale == "100"


@dataclass(frozen=True)
class ScoreComparison:
    rows: list[ComparedIndicator]
    claimed_total: str | None
    standing_total: str | None
    offered_total: str | None
    by_unit: bool = False

    @property
    def widest(self) -> str:
        return decimal_text(max((row.gap for row in self.rows), default=Fraction(0))) or "0"

    @property
    def gap_total(self) -> str | None:
        other = self.standing_total if self.by_unit or self.offered_total is None else self.offered_total
        if self.claimed_total is None or other is None:
            return None
        return decimal_text(abs(Fraction(self.claimed_total) - Fraction(other)))


def compare_scores(
    report: Report, standing: ResultVersion, offered: ResultVersion | None, language: str, *, everything: bool = False,
    unit_says: Mapping[str, StoredFinding] | None = None, named: Collection[str] = (), by_unit: bool = False,
) -> ScoreComparison:  # fmt: skip
    """The indicators on which the three views differ (`everything`: all that have a finding), with the totals out of 100;
    those contested by name (`named`) first, whether or not they differ.

    The unit's view is its claim scored as if it had been verified, and where it has said since by which figure it stands
    (`unit_says`), that; points of a manual rubric and timeliness, which nobody claims, stay as they stand until then.
    `by_unit`: the offer is the unit's.
    """
    definition = asked_of(report)
    stands, offers = _figures(standing.score), _figures(offered.score) if offered else {}
    claims, claimed_total = _claimed(report, standing, unit_says or {})
    rows = []
    for indicator in definition.indicators:
        stood = stands.get(indicator.code)
        if stood is None:
            continue
        claimed = claims.get(indicator.code, stood if claims else NOTHING_CLAIMED)
        offer = offers.get(indicator.code)
        views = {figure.points for figure in (claimed, stood, offer) if figure is not None} - {None}
        differs = len(views) > 1 or (claimed.value is not None and claimed.value != stood.value)
        if everything or differs or indicator.code in named:
            rows.append(
                ComparedIndicator(
                    indicator=indicator,
                    label=indicator.label_in(language),
                    unit=indicator.unit_in(language),
                    weight=indicator.weight,
                    claimed=claimed,
                    standing=stood,
                    offered=offer,
                    by_unit=by_unit,
                    named=indicator.code in named,
                )
            )
    rows.sort(key=lambda row: not row.named)
    return ScoreComparison(rows, claimed_total, _total(standing), _total(offered) if offered else None, by_unit)


def _claimed(
    report: Report, standing: ResultVersion, unit_says: Mapping[str, StoredFinding]
) -> tuple[dict[str, ScoredFigure], str | None]:
    findings = {
        code: finding._replace(
            verified=finding.claimed or finding.verified,
            not_applicable=True if finding.claimed_not_applicable else None,
        )
        for code, finding in findings_of_version(standing).items()
    }
    if not findings:
        return {}, None
    findings |= unit_says
    submitted = standing.revision.standing if standing.revision else None
    score = score_findings(asked_of(report), findings, submitted)
    return _figures(score.to_json()), decimal_text(score.total)


def _total(version: ResultVersion) -> str | None:
    """Not rounded before it is shown, so that it reads here as it reads everywhere else."""
    return None if version.total is None else str(version.total)


def _figures(score: Mapping) -> dict[str, ScoredFigure]:
    return {
        entry["code"]: ScoredFigure(entry["points"], entry["value"], entry["state"] == "not-applicable")
        for entry in score["indicators"]
    }
