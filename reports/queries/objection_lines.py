"""Contested indicators read as findings: as the unit would have them, as the provider would, and what is at stake on them."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from sla.models import Dispute

from ..enums import LineAnswer
from ..models import ObjectionLine, ResultVersion
from ..scoring import NOT_APPLICABLE
from ..xlsform.definition import FormDefinition
from .result_findings import StoredFinding, findings_of_version, score_findings


def lines_of(dispute: Dispute) -> list[ObjectionLine]:
    """The contested indicators of the dispute, in the order of the form; none where it was filed in words."""
    found = ObjectionLine.objects.filter(objection__dispute=dispute).select_related("file", "answered_by")
    return list(found.order_by("pk"))


def left_out_of(version: ResultVersion) -> set[str]:
    """Codes of the indicators that the version excuses: their weight is shared, so nothing is at stake on them."""
    return {each["code"] for each in version.score["indicators"] if each["state"] == NOT_APPLICABLE}


def standing_finding(version: ResultVersion, code: str) -> StoredFinding:
    """What the version says of the indicator. Timeliness has no finding before somebody changes it: the receipt says it."""
    found = findings_of_version(version).get(code)
    if found is not None:
        return found
    score = next((each for each in version.score["indicators"] if each["code"] == code), None)
    if score is None or score["formula"] != "timeliness":
        return StoredFinding(claimed={}, verified={})  # where no report came
    return StoredFinding(claimed={}, verified={"value": score["value"] or "0"})


def as_the_unit_says(line: ObjectionLine, finding: StoredFinding) -> StoredFinding:
    return _with(finding, line.figures, line.points, line.not_applicable)


def as_the_provider_says(line: ObjectionLine, finding: StoredFinding) -> StoredFinding:
    """What the answer makes of the indicator: the unit's figure, the figure of a part, or what stands."""
    if line.answer == LineAnswer.PARTLY:
        return _with(finding, line.answered_figures, line.answered_points, False)
    return as_the_unit_says(line, finding) if line.answer == LineAnswer.ACCEPTED else finding


def _with(finding: StoredFinding, figures: Mapping[str, str], points: str, left_out: bool) -> StoredFinding:
    # “Does not apply” is a question only where it was one when it was verified.
    asked = finding.not_applicable is not None or left_out
    return finding._replace(
        verified=dict(figures) or finding.verified, points=points or None, not_applicable=left_out if asked else None
    )


def total_with(
    definition: FormDefinition, version: ResultVersion, changes: Mapping[str, StoredFinding]
) -> Fraction | None:
    """The total out of 100, exact, if these indicators stood so and all others as the version has them."""
    standing = version.revision.standing if version.revision else None
    return score_findings(definition, {**findings_of_version(version), **changes}, standing).total


def at_stake(
    definition: FormDefinition, version: ResultVersion, lines: Iterable[ObjectionLine]
) -> tuple[dict[str, Fraction], Fraction]:
    """({indicator: points out of 100 that its line alone would move}, what all of them together would). Weights that are
    shared make the whole another sum than its parts."""
    stands = total_with(definition, version, {}) or Fraction(0)
    said = {line.indicator: as_the_unit_says(line, standing_finding(version, line.indicator)) for line in lines}
    alone = {code: (total_with(definition, version, {code: one}) or Fraction(0)) - stands for code, one in said.items()}
    return alone, (total_with(definition, version, said) or Fraction(0)) - stands
