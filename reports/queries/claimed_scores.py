"""What a unit's claim would earn, of a draft and of what was submitted: `scoring.claims` over loaded rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..models import Report, Revision
from ..scoring.claims import ClaimedScore, score_claim
from ..xlsform.definition import FormDefinition
from . import asked_of
from .drafts import NOT_APPLICABLE, Assessment
from .findings import irrelevant_indicators
from .result_findings import ON_TIME


@dataclass(frozen=True)
class ClaimOnRecord:
    """`kept`: it was stored with the revision; else it is worked out afterwards from what was submitted."""

    score: ClaimedScore
    kept: bool


def claim_of_draft(assessment: Assessment, standing: str) -> ClaimedScore:
    """`standing`: how the report would stand to its deadline if it went now."""
    relevant = assessment.evaluation.relevant
    unasked = [
        indicator.code
        for indicator in assessment.definition.indicators
        if indicator.inputs and not any(relevant.get(name, True) for name in indicator.inputs.values())
    ]
    return _score(
        assessment.definition, assessment.draft.flat(), assessment.evaluation.calculated, unasked, standing
    )  # fmt: skip


def claim_of_revision(report: Report, revision: Revision) -> ClaimOnRecord:
    """As kept beside the revision; of one from before claims were kept, worked out from the same answers."""
    if revision.claimed_score is not None:
        return ClaimOnRecord(ClaimedScore.from_json(revision.claimed_score), kept=True)
    return ClaimOnRecord(worked_out(report, revision), kept=False)


def worked_out(report: Report, revision: Revision) -> ClaimedScore:
    """From the revision's own answers and its form, which never change."""
    definition, unasked = asked_of(report), irrelevant_indicators(report, revision)
    return _score(definition, revision.answers, revision.values, unasked, revision.standing)


def _score(
    definition: FormDefinition,
    answers: Mapping[str, str],
    calculated: Mapping[str, str],
    unasked: Iterable[str],
    standing: str,
) -> ClaimedScore:
    values = {
        name: str(calculated.get(name, answers.get(name, "")) or "")
        for indicator in definition.indicators
        for name in indicator.inputs.values()
    }
    left_out = {i.code for i in definition.indicators if answers.get(NOT_APPLICABLE + i.code)} | set(unasked)
    return score_claim(definition.indicators, values, not_applicable=left_out, on_time=standing in ON_TIME)
