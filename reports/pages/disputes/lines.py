"""Contested indicators on pages: ticked and written before filing; afterwards with figures, what is at stake, and the answer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from sla.models import Dispute, DisputeFile, Offer
from units.models import Person

from ...actions.objection_lines import TypedAnswer, TypedLine, clean_figures
from ...actions.review import TypedFinding
from ...enums import LineAnswer
from ...models import ObjectionLine, Report, ResultVersion
from ...queries import asked_of
from ...queries.objection_lines import (
    as_the_provider_says,
    as_the_unit_says,
    at_stake,
    left_out_of,
    standing_finding,
    total_with,
)
from ...queries.result_findings import StoredFinding, findings_of_version
from ...scoring import decimal_text
from ...xlsform.definition import FormDefinition, Indicator
from .offer import OfferInput, Proposal, inputs_of
from .scores import ComparedIndicator, compare_scores


# ------------------------------------------------------------------------------------------------------ before filing
@dataclass(frozen=True)
class TickLine:
    """An indicator that may be contested. `stake`: points out of 100 that the figures in its boxes would bring, "" where nobody
    knows; `lost`: whether the unit's claim would bring any."""

    row: ComparedIndicator
    inputs: list[OfferInput]
    ticked: bool
    lost: bool
    stake: str
    asks: bool  # whether “does not apply” is a question here
    not_applicable: str = ""
    reason: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.row.indicator.code

    @property
    def key(self) -> str:
        """The code without the colon that a question's has."""
        return self.code.replace(":", "-")

    @property
    def anchor(self) -> str:
        return f"line-{self.key}"

    @property
    def file_id(self) -> str:
        return f"file-{self.key}"

    @property
    def file_name(self) -> str:
        return f"file:{self.code}"

    @property
    def is_first(self) -> bool:
        """Ticked, or something was lost on it; the others wait folded."""
        return self.ticked or self.lost

    @property
    def stake_id(self) -> str:
        return f"stake-{self.key}"

    @property
    def trouble(self) -> str:
        """What is wrong with the line beside its figures, which say so themselves."""
        return " ".join(self.errors[name] for name in ("tick", "not_applicable", "file") if name in self.errors)


@dataclass(frozen=True)
class TickSheet:
    """What may be contested; `together`: the points out of 100 that all ticked lines would bring, "" where one cannot be read."""

    lines: list[TickLine]
    together: str = ""


def tick_sheet(
    report: Report, version: ResultVersion, at: datetime, data: QueryDict, errors: Mapping[str, Mapping[str, str]], language: str
) -> TickSheet:  # fmt: skip
    """Every indicator on which something may be at stake, what was lost first. `data`: what was ticked (`tick`) and typed.
    None where no report came: there is no figure to stand by."""
    if version.missed or version.revision is None:
        return TickSheet([])
    definition, left_out, ticked = asked_of(report), left_out_of(version), data.getlist("tick")
    stands = total_with(definition, version, {}) or Fraction(0)

    def moved(changes: Mapping[str, StoredFinding]) -> Fraction:
        return (total_with(definition, version, changes) or Fraction(0)) - stands

    found, said = [], {}
    for row in compare_scores(report, version, None, language, everything=True).rows:
        code, finding = row.indicator.code, standing_finding(version, row.indicator.code)
        nothing = code in left_out or (row.indicator.is_alone and bool(finding.verified))
        if nothing and code not in ticked:
            continue
        claim = _claim(row.indicator, finding)
        lost = moved({code: claim})
        inputs = []
        if not row.indicator.is_alone:  # of an answer there is one thing to stand by: the answer
            inputs = inputs_of(report, row.indicator, finding, data, errors.get(code, {}), language, shown=claim)
        typed = _typed(report, version, row.indicator, finding, claim, inputs, data, at)
        stake = None if typed is None else lost if typed is claim else moved({code: typed})
        known = bool(stake) and (not row.indicator.is_judged or typed is not claim)
        if code in ticked:
            said[code] = typed
        line = TickLine(
            row=row,
            inputs=inputs,
            ticked=code in ticked,
            lost=row.indicator.is_alone or (bool(lost) and not row.indicator.is_judged),
            stake=(decimal_text(stake) or "") if known else "",
            asks=finding.not_applicable is not None,
            not_applicable=data.get(f"na:{code}", "yes" if finding.claimed_not_applicable else ""),
            reason=data.get(f"why:{code}", ""),
            errors=errors.get(code, {}),
        )
        found.append((-lost, line))
    found.sort(key=lambda pair: (not pair[1].ticked, pair[0]))
    readable = {code: one for code, one in said.items() if one is not None}
    whole = moved(readable) if definition.is_scored and readable and len(readable) == len(said) else None
    return TickSheet([line for _lost, line in found], "" if whole is None else decimal_text(whole) or "0")


def _typed(
    report: Report, version: ResultVersion, indicator: Indicator, finding: StoredFinding, claim: StoredFinding,
    inputs: list[OfferInput], data: QueryDict, at: datetime,
) -> StoredFinding | None:  # fmt: skip
    """The finding that the boxes say: the claim itself as long as nobody has typed anything else; None for what cannot be read."""
    code, revision = indicator.code, version.revision
    asked = {"yes": True, "no": False}.get(data.get(f"na:{code}", ""))
    same = asked is None or asked == bool(claim.not_applicable)
    if same and all(data.get(each.name, each.start) == each.start for each in inputs):
        return claim
    typed = TypedFinding(_figures(data, code), asked, data.get(f"p:{code}", ""), "—")
    clean = clean_figures(report, revision, indicator, typed, at, {}) if revision else None
    if clean is None:
        return None
    figures, points, not_applicable = clean
    line = ObjectionLine(indicator=code, figures=figures, points=points, not_applicable=not_applicable)
    return as_the_unit_says(line, finding)


def _claim(indicator: Indicator, finding: StoredFinding) -> StoredFinding:
    """What the unit claimed, as the figures it would stand by."""
    if indicator.source:
        return finding._replace(verified={"value": "1"})
    agreed = True if finding.claimed_not_applicable else None
    return finding._replace(verified=finding.claimed or finding.verified, not_applicable=agreed)


def read_lines(data: QueryDict, files: MultiValueDict) -> dict[str, TypedLine]:
    """The ticked indicators as typed."""
    return {
        code: TypedLine(
            figures=_figures(data, code),
            points=data.get(f"p:{code}", ""),
            not_applicable={"yes": True, "no": False}.get(data.get(f"na:{code}", "")),
            reason=data.get(f"why:{code}", ""),
            file=files.get(f"file:{code}"),
        )
        for code in data.getlist("tick")
    }


def _figures(data: QueryDict, code: str) -> dict[str, str]:
    return {
        role: data[f"v:{code}:{role}"] for role in ("numerator", "denominator", "value") if f"v:{code}:{role}" in data
    }


def words_to_keep(data: QueryDict) -> str:
    """What was written, general words and lines, for somebody who can no longer file it."""
    lines = [f"{code}: {data.get(f'why:{code}', '')}" for code in data.getlist("tick")]
    return "\n".join(part for part in [data.get("text", ""), *lines] if part.strip())


# ------------------------------------------------------------------------------------------------------- after filing
@dataclass(frozen=True)
class ShownLine:
    """A contested indicator on the page of its dispute. Points are texts out of the indicator's weight; `stake` out of 100."""

    line: ObjectionLine
    row: ComparedIndicator
    stake: str
    answered: str  # the points that a partly accepted line would earn; "" where there is no such figure
    answered_by: Person | None
    inputs: list[OfferInput] = field(default_factory=list)
    typed: TypedAnswer = field(default_factory=lambda: TypedAnswer(""))
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.line.indicator

    @property
    def key(self) -> str:
        return self.code.replace(":", "-")

    @property
    def file(self) -> DisputeFile | None:
        return self.line.file

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        whole = self.row.indicator.is_alone  # an answer is not taken in part
        return [
            (value, label, value == self.typed.answer)
            for value, label in LineAnswer.choices
            if not (whole and value == LineAnswer.PARTLY)
        ]


@dataclass(frozen=True)
class ShownLines:
    lines: list[ShownLine]
    stake: str  # what all of them together would bring, out of 100
    may_answer: bool

    @property
    def by_indicators(self) -> bool:
        """Whether there are points at stake at all."""
        return any(not shown.row.indicator.is_alone for shown in self.lines)

    @property
    def wrong(self) -> list[ShownLine]:
        return [shown for shown in self.lines if shown.errors]

    @property
    def open_count(self) -> int:
        return sum(shown.line.answered_at is None for shown in self.lines)

    @property
    def taken_count(self) -> int:
        return sum(shown.line.answer in (LineAnswer.ACCEPTED, LineAnswer.PARTLY) for shown in self.lines)


def shown_lines(
    report: Report, lines: list[ObjectionLine], contested: ResultVersion, language: str, *, may_answer: bool,
    data: QueryDict | None = None, errors: Mapping[str, Mapping[str, str]] | None = None,
) -> ShownLines:  # fmt: skip
    """`contested`: the version that the lines are about; what has been announced since moves nothing here."""
    definition, data, errors = asked_of(report), data or QueryDict(), errors or {}
    said = {line.indicator: as_the_unit_says(line, standing_finding(contested, line.indicator)) for line in lines}
    alone, together = at_stake(definition, contested, lines)
    rows = {
        row.indicator.code: row
        for row in compare_scores(report, contested, None, language, everything=True, unit_says=said).rows
    }
    found = []
    for line in lines:
        finding, wrong = standing_finding(contested, line.indicator), errors.get(line.indicator, {})
        row = rows[line.indicator]
        inputs = []
        if may_answer and line.answered_at is None and not row.indicator.is_alone:
            inputs = inputs_of(report, row.indicator, finding, data, wrong, language, shown=finding)
        found.append(
            ShownLine(
                line=line,
                row=row,
                stake=decimal_text(alone[line.indicator]) or "0",
                answered=_points_of_part(definition, contested, line),
                answered_by=line.answered_by,
                inputs=inputs,
                typed=TypedAnswer(
                    data.get(f"answer:{line.indicator}", ""), reason=data.get(f"why:{line.indicator}", "")
                ),
                errors=wrong,
            )
        )
    return ShownLines(found, decimal_text(together) or "0", may_answer)


def _points_of_part(definition: FormDefinition, version: ResultVersion, line: ObjectionLine) -> str:
    if line.answer != LineAnswer.PARTLY:
        return ""
    finding = as_the_provider_says(line, standing_finding(version, line.indicator))
    moved = (total_with(definition, version, {line.indicator: finding}) or Fraction(0)) - (
        total_with(definition, version, {}) or Fraction(0)
    )
    return decimal_text(moved) or "0"


def read_answers(data: QueryDict, codes: Collection[str]) -> dict[str, TypedAnswer]:
    """The lines for which an answer was chosen; the others wait."""
    return {
        code: TypedAnswer(
            answer=data.get(f"answer:{code}", ""),
            figures=_figures(data, code),
            points=data.get(f"p:{code}", ""),
            reason=data.get(f"why:{code}", ""),
        )
        for code in codes
        if data.get(f"answer:{code}")
    }


# ------------------------------------------------------------------------------------------- what an offer starts with
def unit_view(
    lines: list[ObjectionLine], version: ResultVersion, offers: Collection[tuple[Offer, ResultVersion]]
) -> dict[str, StoredFinding]:
    """How the unit would have single indicators now: by its lines, and by the last offer it has on the table or had accepted."""
    said = {line.indicator: as_the_unit_says(line, standing_finding(version, line.indicator)) for line in lines}
    own = [offered for offer, offered in offers if offer.side == "recipient" and offer.state in ("open", "accepted")]
    return said | (_moved(own[-1], version) if own else {})


def _moved(offered: ResultVersion, version: ResultVersion) -> dict[str, StoredFinding]:
    """Of an offered version what it has otherwise than the one that stands."""
    return {
        code: finding
        for code, finding in findings_of_version(offered).items()
        if (finding.verified, finding.points, finding.not_applicable) != _values(standing_finding(version, code))
    }


def _values(finding: StoredFinding) -> tuple:
    return finding.verified, finding.points, finding.not_applicable


def proposal_for(
    side: str, lines: list[ObjectionLine], version: ResultVersion, offers: Collection[tuple[Offer, ResultVersion]]
) -> Proposal:
    """What the boxes of an offer start with: the other side's offer that is on the table; without one the contested
    indicators, as the provider answered them, and where it has not answered yet, as the unit would have them."""
    unit_says = unit_view(lines, version, offers)
    first = frozenset(line.indicator for line in lines)
    theirs = [(offer, offered) for offer, offered in offers if offer.side != side and offer.state == "open"]
    if theirs:
        moved = _moved(theirs[-1][1], version)
        return Proposal(moved, dict.fromkeys(moved, _("as the other side offers")), first | set(moved), unit_says)
    findings, said = {}, {}
    for line in lines:
        stands = standing_finding(version, line.indicator)
        if line.answered_at is not None and (side == "provider" or line.answer == LineAnswer.PARTLY):
            findings[line.indicator] = as_the_provider_says(line, stands)
            said[line.indicator] = _("as the line was answered")
        else:
            findings[line.indicator] = as_the_unit_says(line, stands)
            said[line.indicator] = _("as the unit contests it")
    return Proposal(findings, said, first, unit_says)


def offers_with_versions(dispute: Dispute, versions: Mapping[str, ResultVersion]) -> list[tuple[Offer, ResultVersion]]:
    """The offers that carry a prepared result, oldest first."""
    found = dispute.offers.filter(act_noun="result").order_by("number")
    return [(offer, versions[offer.act_key]) for offer in found if offer.act_key in versions]
