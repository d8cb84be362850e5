"""From what counts for each indicator to a score: pure, over loaded rows. What a result version stores beside its points."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import listed

from ..enums import Standing
from ..models import ResultVersion, Review, Revision
from ..scoring import ACCEPTED, REFUSED, ReportScore, decimal_text, score_report
from ..xlsform.definition import FormDefinition, Indicator
from .findings import Items, Settled, claimed_inputs, settle_report

PLACES = Decimal("1e-8")  # of the stored total; the exact fraction stands in the score
ON_TIME = (Standing.ON_TIME, Standing.EXTENDED)


@dataclass(frozen=True)
class ChangedFinding:
    """Another finding for one indicator, in a version after the first. `verified` {role: canonical number}; for
    timeliness {"value": "1" | "0"}."""

    verified: Mapping[str, str]
    reason: str
    not_applicable: bool | None = None
    points: str | None = None
    by: str = ""


class StoredFinding(NamedTuple):
    """One indicator's finding as a result version keeps it: claimed beside verified, who and why."""

    claimed: dict[str, str]
    verified: dict[str, str]
    not_applicable: bool | None = None
    claimed_not_applicable: str = ""
    points: str | None = None
    reason: str = ""
    by: tuple[str, ...] = ()
    changed: bool = False  # by a version after the first

    @property
    def differs(self) -> bool:
        """Of figures: another one is verified. Of an answer: a remark stands against it."""
        return self.claimed != self.verified

    def to_json(self) -> dict:
        return {
            "claimed": self.claimed,
            "verified": self.verified,
            "not_applicable": self.not_applicable,
            "claimed_not_applicable": self.claimed_not_applicable,
            "points": self.points,
            "reason": self.reason,
            "by": list(self.by),
            "changed": self.changed,
        }

    @classmethod
    def from_json(cls, data: Mapping) -> "StoredFinding":
        return cls(**{**data, "by": tuple(data["by"])})


def findings_of_version(version: ResultVersion) -> dict[str, StoredFinding]:
    return {code: StoredFinding.from_json(data) for code, data in version.score.get("findings", {}).items()}


def settled_findings(
    definition: FormDefinition, reviews: list[Review], revisions: list[Revision], items: Items | None = None
) -> dict[str, StoredFinding]:
    """Every reviewed indicator's finding. Refused, naming what is open, while one is not settled."""
    return findings_of_stands(definition, settle_report(definition, reviews, revisions, items), revisions)


def findings_of_stands(
    definition: FormDefinition, stands: Mapping[str, Settled], revisions: list[Revision]
) -> dict[str, StoredFinding]:
    """The same of what `settle_report` gave."""
    unsettled = [code for code, settled in stands.items() if not settled.stand.is_settled]
    if unsettled:
        raise Refused(
            _(
                "The review is not complete: %(codes)s. Every reviewer hands in, or a lead settles, before the announcement."
            )
            % {"codes": listed(unsettled)},
            code="not-settled",
        )
    return {code: _stored(definition, code, settled, revisions[-1]) for code, settled in stands.items()}


def _stored(definition: FormDefinition, code: str, settled: Settled, revision: Revision) -> StoredFinding:
    finding = settled.finding
    assert finding is not None  # settled
    return StoredFinding(
        claimed=claimed_inputs(revision, _indicator(definition, code)),
        verified=finding.verified,
        not_applicable=finding.not_applicable,
        claimed_not_applicable=revision.answers.get(f"na:{code}", ""),
        points=None if finding.points is None else str(finding.points),
        reason=finding.reason,
        by=finding.by,
    )


def _indicator(definition: FormDefinition, code: str) -> Indicator:
    found = definition.judged_as(code)
    if found is None:
        raise Refused(_("The form has no indicator %(code)s.") % {"code": code}, code="no-such-indicator")
    return found


def apply_changes(
    definition: FormDefinition, findings: Mapping[str, StoredFinding], changes: Mapping[str, ChangedFinding]
) -> dict[str, StoredFinding]:
    """The findings with some replaced. Refused for an unknown indicator or a change without a reason."""
    changed = dict(findings)
    for code, change in changes.items():
        _indicator(definition, code)
        if not change.reason:
            raise Refused(_("Write why %(code)s changes; the unit reads it.") % {"code": code}, code="no-reason")
        before = changed.get(code, StoredFinding(claimed={}, verified={}))
        changed[code] = before._replace(
            verified=dict(change.verified),
            not_applicable=change.not_applicable,
            points=change.points,
            reason=change.reason,
            by=(change.by,) if change.by else (),
            changed=True,
        )
    return changed


def score_findings(
    definition: FormDefinition, findings: Mapping[str, StoredFinding], standing: str | None
) -> ReportScore:
    """The score of these findings. `standing` of the submission that counts (None: missed); a correction never changes it."""
    values, not_applicable, manual = {}, {}, {}
    on_time = standing in ON_TIME
    for indicator in definition.indicators:
        finding = findings.get(indicator.code)
        if finding is None:
            continue
        if indicator.source:
            on_time = finding.verified.get("value") == "1"
        for role, name in indicator.inputs.items():
            values[name] = finding.verified.get(role, "")
        if finding.not_applicable is not None:
            not_applicable[indicator.code] = ACCEPTED if finding.not_applicable else REFUSED
        if finding.points is not None:
            manual[indicator.code] = finding.points
    return score_report(
        definition.indicators, values, not_applicable=not_applicable, on_time=on_time, manual_points=manual
    )


def stored_total(score: ReportScore) -> Decimal | None:
    """100·Σpoints/Σweights to the eight places of the column; None where nothing is applicable."""
    return None if score.total is None else Decimal(decimal_text(Fraction(score.total), 8) or 0).quantize(PLACES)
