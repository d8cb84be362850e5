"""A result version as its page and its letter show it: areas, indicators with their reasons, where points were lost,
answers with what stands on them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sajad_portal.lib.numbers import round_half_up

from ...models import ResultVersion
from ...queries.claimed_scores import ClaimOnRecord
from ...queries.result_findings import StoredFinding, findings_of_version
from ...queries.results import Peers
from ...queries.values import performance_of
from ...scoring import decimal_text
from ...scoring.claims import ClaimedPoints
from ...scoring.words import explain
from ...xlsform import display_answer
from ...xlsform.definition import FormDefinition, Indicator
from .answers import AnswersView, answers_view

# So many indicators stand under “where points were lost”; all of them follow below.
LOST_SHOWN = 6


def result_number(text: str | None) -> Decimal | None:
    return None if text in (None, "") else Decimal(text)


def shown(value: Decimal | None) -> Decimal | None:
    """Two places at most, for reading; points are never computed from it."""
    return None if value is None else round_half_up(value)


@dataclass(frozen=True)
class AreaRow:
    """A section's points out of its weight, beside the peers' median and the unit's last period (in points of this weight)."""

    section: str
    label: str
    points: Decimal
    weight: Decimal
    not_applicable: bool
    peers: Decimal | None
    before: Decimal | None

    @property
    def weight_shown(self) -> Decimal | None:
        return shown(self.weight)

    @property
    def is_below(self) -> bool:
        return self.peers is not None and self.points < self.peers

    @property
    def share(self) -> Decimal | None:
        return self.points / self.weight * 100 if self.weight else None


@dataclass(frozen=True)
class IndicatorRow:
    """An indicator's value as claimed and as verified, its points, the sentence and the reviewer's reason."""

    indicator: Indicator
    label: str
    unit: str
    percent: bool
    state: str
    claimed: Decimal | None
    verified: Decimal | None
    standard: Decimal | None
    points: Decimal
    weight: Decimal
    why: str
    reason: str
    by: tuple[str, ...]
    differs: bool
    changed: bool
    claimed_said: str  # of a choice or a text its words, which stand for a figure
    verified_said: str
    claim: ClaimedPoints | None  # what the unit's own figures would earn; None where nothing was submitted

    @property
    def claimed_points(self) -> Decimal | None:
        """None where only a reviewer can say."""
        if self.claim is None or self.claim.is_open or not self.claim.counts:
            return None
        return Decimal(self.claim.points)

    @property
    def weight_shown(self) -> Decimal | None:
        return shown(self.weight)

    @property
    def lost(self) -> Decimal:
        return self.weight - self.points


@dataclass(frozen=True)
class ResultView:
    version: ResultVersion
    areas: list[AreaRow]
    sections: list[tuple[AreaRow, list[IndicatorRow]]]
    lost: list[IndicatorRow]
    claimed: ClaimOnRecord | None  # None where nothing was submitted, or nothing is scored
    is_scored: bool
    answers: AnswersView

    @property
    def weight(self) -> Decimal:
        """Of everything that applies; the total is the points' share of it, out of 100."""
        return sum((area.weight for area in self.areas if not area.not_applicable), Decimal(0))

    @property
    def weight_shown(self) -> Decimal:
        return round_half_up(self.weight)

    @property
    def points(self) -> Decimal:
        return sum((area.points for area in self.areas), Decimal(0))

    @property
    def points_shown(self) -> Decimal:
        """What the points add up to: the total itself where the weights make 100, as a form's mostly do."""
        return (
            self.version.total if self.version.total is not None and round_half_up(self.weight) == 100 else self.points
        )

    @property
    def is_rounded(self) -> bool:
        """Whether what is shown, two places each, adds up to something else than what is shown as its sum."""
        sums = [(self.points_shown, [area.points for area in self.areas])]
        sums += [(area.points, [row.points for row in rows]) for area, rows in self.sections]
        return any(round_half_up(whole) != sum(map(round_half_up, parts)) for whole, parts in sums)

    @property
    def below(self) -> list[str]:
        """The areas below their peers' median, by name."""
        return [area.label for area in self.areas if area.is_below]

    @property
    def count(self) -> int:
        return sum(len(rows) for _area, rows in self.sections)


def result_view(
    version: ResultVersion, definition: FormDefinition, language: str, peers: Peers | None, before: ResultVersion | None,
    *, names: bool, claimed: ClaimOnRecord | None = None,
) -> ResultView:  # fmt: skip
    """`before`: the version of the unit's last period, if there is one. `names`: whether the reader learns who reviewed.
    `claimed`: what the revision that was judged would have earned as claimed."""
    findings = findings_of_version(version)
    earlier = {area["section"]: area["percent"] for area in before.score["areas"]} if before else {}
    labels = {section.name: section.label_in(language) for section in definition.sections}
    areas = [_area(data, labels, peers, earlier) for data in version.score["areas"]]
    rows = [
        _row(data, indicator, findings.get(indicator.code), language, names, claimed, definition)
        for data in version.score["indicators"]
        if (indicator := definition.indicator(data["code"]))
    ]
    lost = sorted((row for row in rows if row.lost > 0), key=lambda row: row.lost, reverse=True)
    return ResultView(
        version=version,
        areas=sorted(areas, key=lambda area: area.weight, reverse=True),
        sections=[(area, [row for row in rows if row.indicator.section == area.section]) for area in areas],
        lost=lost[:LOST_SHOWN],
        claimed=claimed if definition.is_scored else None,
        is_scored=definition.is_scored,
        answers=answers_view(version, definition, findings, language, names=names),
    )


def _area(data: dict, labels: dict[str, str], peers: Peers | None, earlier: dict[str, str | None]) -> AreaRow:
    section, weight = data["section"], Decimal(data["effective_weight"])
    share = result_number(earlier.get(section))
    return AreaRow(
        section=section,
        label=labels.get(section) or section,
        points=Decimal(data["points"]),
        weight=weight,
        not_applicable=data["not_applicable"],
        peers=peers.areas.get(section) if peers else None,
        before=share * weight / 100 if share is not None else None,
    )


def _row(
    data: dict, indicator: Indicator, finding: StoredFinding | None, language: str, names: bool,
    claimed: ClaimOnRecord | None, definition: FormDefinition,
) -> IndicatorRow:  # fmt: skip
    question = definition.question(indicator.inputs.get("value", ""))

    def said(figures: Mapping[str, str]) -> str:
        answer = figures.get("value", "")
        return display_answer(question, answer, language) if question and answer and not question.kind.numeric else ""

    return IndicatorRow(
        indicator=indicator,
        label=indicator.label_in(language),
        unit=indicator.unit_in(language),
        percent=indicator.unit == "٪" or indicator.score == "levels",
        state=data["state"],
        claimed=shown(shown_claim(indicator, finding)),
        verified=shown(result_number(data["value"])),
        standard=shown(result_number(data["standard"])),
        points=Decimal(data["points"]),
        weight=Decimal(data["effective_weight"]),
        why=explain(data, language),
        reason=finding.reason if finding else "",
        by=finding.by if finding and names else (),
        differs=finding.differs if finding else False,
        changed=finding.changed if finding else False,
        claimed_said=said(finding.claimed) if finding else "",
        verified_said=said(finding.verified) if finding else "",
        claim=claimed.score.indicators.get(indicator.code) if claimed else None,
    )


def shown_claim(indicator: Indicator, finding: StoredFinding | None) -> Decimal | None:
    """The value that the unit's own figures make; None where there is none."""
    claimed = finding.claimed if finding else {}
    return result_number(decimal_text(performance_of(indicator, claimed)))
