"""A dispute over a result in figures: what the unit claims, what stands, what is offered, side by side. Pure, over loaded rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ...models import Report, ResultVersion
from ...queries import asked_of
from ...queries.judged_rows import judged_rows, label_of
from ...queries.result_findings import StoredFinding, findings_of_version, score_findings
from ...scoring import decimal_text
from ...xlsform import FormDefinition, Indicator


@dataclass(frozen=True)
class ScoredFigure:
    """One view of one indicator. `points` and `value` are decimal texts; None where there is nothing."""

    points: str | None
    value: str | None
    not_applicable: bool = False
    accepted: bool | None = None  # of a question of no indicator, which has no figure: False where a remark stands


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
        return self.indicator.scale == "100" or self.indicator.score == "levels"


@dataclass(frozen=True)
class ScoreComparison:
    rows: list[ComparedIndicator]
    claimed_total: str | None
    standing_total: str | None
    offered_total: str | None
    by_unit: bool = False

    @property
    def is_scored(self) -> bool:
        return any(not row.indicator.is_alone for row in self.rows) or self.standing_total is not None

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
    rows += _answers(
        definition, standing, offered, language, unit_says or {}, named, everything=everything, by_unit=by_unit
    )
    rows.sort(key=lambda row: not row.named)
    return ScoreComparison(rows, claimed_total, _total(standing), _total(offered) if offered else None, by_unit)


def _answers(
    definition: FormDefinition, standing: ResultVersion, offered: ResultVersion | None, language: str,
    unit_says: Mapping[str, StoredFinding], named: Collection[str], *, everything: bool, by_unit: bool,
) -> list[ComparedIndicator]:  # fmt: skip
    """The questions of no indicator: the unit stands by its answers, the provider accepts each or keeps its remark."""
    stands = findings_of_version(standing)
    offers = findings_of_version(offered) if offered else {}
    found, revision = [], standing.revision
    rows = judged_rows(definition, {*stands, *offers}, [revision] if revision else [])
    for judged in (*definition.judged, *rows):
        finding = stands.get(judged.code) if judged.is_alone else None
        if finding is None:
            continue
        if judged.is_rows and not finding.verified and not finding.reason and rows and judged not in rows:
            continue  # what stands on it are the remarks on its rows
        offer = offers.get(judged.code)
        row = ComparedIndicator(
            judged, label_of(definition, judged, revision, language), "", "0", _said(unit_says.get(judged.code)) or ScoredFigure(None, None, accepted=True),
            _said(finding) or NOTHING_CLAIMED, _said(offer), by_unit=by_unit, named=judged.code in named,
        )  # fmt: skip
        if everything or row.named or not row.standing.accepted or (row.offered and not row.offered.accepted):
            found.append(row)
    return found


def _said(finding: StoredFinding | None) -> ScoredFigure | None:
    return ScoredFigure(None, None, accepted=bool(finding.verified)) if finding else None


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
