"""The table on which an offer is written: every indicator with what stands, and an input for what would be verified instead."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sajad_portal.lib.numbers import format_number
from sajad_portal.lib.text import latin_digits, normalise

from ...actions.results import last_announced
from ...actions.review import TypedFinding
from ...models import Report, ResultVersion
from ...queries import asked_of
from ...queries.objection_lines import standing_finding
from ...queries.result_findings import StoredFinding, findings_of_version
from ...scoring.functions import rubric_levels
from ...xlsform import FormDefinition, Indicator
from .scores import ComparedIndicator, compare_scores

# What may be said of an answer that belongs to no indicator.
ACCEPTED, REMARKED = "accepted", "remarked"


@dataclass
class OfferInput:
    """One value that may be typed. `stands` is what the result says; `start` is in the box until somebody types; `options` where
    it is chosen."""

    name: str
    label: str
    stands: str
    typed: str
    error: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)
    start: str = ""

    @property
    def id(self) -> str:
        """No colon, so that it needs no escape in a selector."""
        return self.name.replace(":", "-")


@dataclass
class OfferLine:
    row: ComparedIndicator
    inputs: list[OfferInput]
    not_applicable: bool | None = None  # None: the question does not arise
    error: str = ""
    said: str = ""  # where the figures in the boxes come from, when it is not what stands
    first: bool = False  # it is what the dispute is about

    @property
    def contested(self) -> bool:
        if self.row.indicator.is_alone:
            return self.first or not self.row.standing.accepted
        return self.first or self.row.claimed.points != self.row.standing.points


@dataclass(frozen=True)
class Proposal:
    """What an offer starts with: `findings` in the boxes, `said` where each comes from, `first` what is contested by name,
    `unit_says` how the unit would have it."""

    findings: Mapping[str, StoredFinding] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    first: frozenset[str] = frozenset()
    unit_says: Mapping[str, StoredFinding] = field(default_factory=dict)


@dataclass(frozen=True)
class OfferSheet:
    contested: list[OfferLine]
    others: list[OfferLine]

    @property
    def wrong(self) -> list[tuple[str, str, str]]:
        """(id of the field, indicator, what is wrong with it) of what was refused, in the order of the page."""
        found = []
        for line in (*self.contested, *self.others):
            found += [(each.id, line.row.label, each.error) for each in line.inputs if each.error]
            found += [(f"na-{line.row.indicator.code}", line.row.label, line.error)] if line.error else []
        return found

    @property
    def unfolds(self) -> bool:
        """Whether something is wrong among what is folded away."""
        return any(line.error or any(each.error for each in line.inputs) for line in self.others)


def sheet_of(
    report: Report, posted: Mapping[str, str], errors: Mapping[str, Mapping[str, str]], language: str,
    proposal: Proposal | None = None,
) -> OfferSheet:  # fmt: skip
    """The lines, those on which unit and provider differ first and of these what was contested by name; after a refusal with
    what was typed and what is wrong. `proposal`: what the boxes start with instead of what stands."""
    proposal = proposal or Proposal()
    version = last_announced(report)
    assert version is not None  # a dispute over a result has one
    lines = []
    for row in compare_scores(report, version, None, language, everything=True, unit_says=proposal.unit_says).rows:
        code = row.indicator.code
        finding = standing_finding(version, code)
        shown = proposal.findings.get(code, finding)
        wrong = errors.get(code, {})
        lines.append(
            OfferLine(
                row=row,
                inputs=inputs_of(report, row.indicator, finding, posted, wrong, language, shown=shown),
                not_applicable=shown.not_applicable if finding.claimed_not_applicable else None,
                error=wrong.get("not_applicable", "") or wrong.get("reason", ""),
                said=proposal.said.get(code, ""),
                first=code in proposal.first,
            )
        )
    contested = sorted((line for line in lines if line.contested), key=lambda line: not line.first)
    return OfferSheet(contested, [line for line in lines if not line.contested])


def read_typed(report: Report, posted: Mapping[str, str]) -> dict[str, TypedFinding]:
    """What differs from what stands, by indicator. An input that was left as it is changes nothing."""
    version = last_announced(report)
    found: dict[str, TypedFinding] = {}
    if version is None:
        return found
    definition = asked_of(report)
    found |= _answers_typed(definition, version, posted)
    for indicator in definition.indicators:
        code, finding = indicator.code, standing_finding(version, indicator.code)
        verified = {role: posted.get(f"v:{code}:{role}", finding.verified.get(role, "")) for role in _roles(indicator)}
        points = posted.get(f"p:{code}", finding.points or "")
        agreed = {"yes": True, "no": False}.get(posted.get(f"na:{code}", ""), finding.not_applicable)
        same = all(_same(text, finding.verified.get(role, "")) for role, text in verified.items())
        if not (same and _same(points, finding.points or "") and agreed == finding.not_applicable):
            found[code] = TypedFinding(verified=verified, not_applicable=agreed, points=points)
    return found


def _answers_typed(
    definition: FormDefinition, version: ResultVersion, posted: Mapping[str, str]
) -> dict[str, TypedFinding]:
    """The questions of no indicator on which another word is chosen than stands."""
    found = {}
    for code, finding in findings_of_version(version).items():
        judged = definition.judged_as(code)
        if judged is not None and judged.is_alone:
            stands = _word(finding)
            if (chosen := posted.get(f"v:{code}:value", stands)) != stands:
                found[code] = TypedFinding(verified=finding.claimed if chosen == ACCEPTED else {})
    return found


def _word(finding: StoredFinding) -> str:
    return ACCEPTED if finding.verified else REMARKED


def _roles(indicator: Indicator) -> list[str]:
    return ["value"] if indicator.source else list(indicator.inputs)


def _same(typed: str, stands: str) -> bool:
    return _plain(typed) == _plain(stands)


def _plain(text: str) -> str:
    return latin_digits(normalise(text)).replace("٫", ".").replace("٬", "")


def inputs_of(
    report, indicator: Indicator, finding: StoredFinding, posted, wrong, language: str, *, shown: StoredFinding
) -> list[OfferInput]:
    """An input for each figure, with what stands; `shown` is in the boxes until somebody types."""
    definition = asked_of(report)
    if indicator.is_alone:
        name, words = (
            f"v:{indicator.code}:value",
            [(ACCEPTED, _("accepted as reported")), (REMARKED, _("a remark stands"))],
        )
        start = _word(shown)
        return [
            OfferInput(
                name, _("The answer is"), _word(finding), posted.get(name, start), wrong.get("reason", ""), words, start
            )
        ]
    found = []
    for role in _roles(indicator):
        name, stands = f"v:{indicator.code}:{role}", finding.verified.get(role, "")
        start = shown.verified.get(role, "")
        question = definition.question(indicator.inputs[role]) if role in indicator.inputs else None
        options = []
        if indicator.source:
            options = [("1", _("on time")), ("0", _("not on time"))]
        elif question is not None and question.choices:
            options = [(choice.name, choice.label_in(language)) for choice in question.choices]
        label = question.label_in(language) if question else indicator.label_in(language)
        start = start if options else _shown(start, language)
        found.append(OfferInput(name, label, stands, posted.get(name, start), wrong.get(role, ""), options, start))
    if indicator.is_judged:
        stands = finding.points or ""
        levels = rubric_levels(indicator.levels, indicator.weight) if indicator.score == "rubric" else []
        options = [(level.points, level.words or level.name) for level in levels]
        start = _plain_points(shown.points or "") if options else _shown(shown.points or "", language)
        name = f"p:{indicator.code}"
        found.append(
            OfferInput(name, _("Points"), stands, posted.get(name, start), wrong.get("points", ""), options, start)
        )
    return found


def _plain_points(text: str) -> str:
    """As a level says them: without zeros at the end."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _shown(text: str, language: str) -> str:
    """A stored number as it is typed on this page."""
    try:
        return format_number(text, language=language) if text else ""
    except ArithmeticError:
        return text
