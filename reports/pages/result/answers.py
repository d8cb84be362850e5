"""What became of the questions that belong to no indicator, as a result and its letter tell it: accepted as reported, or remarked."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ...models import ResultVersion
from ...queries import engine_of
from ...queries.result_findings import StoredFinding
from ...xlsform import FormDefinition, display_answer, with_answers
from ...xlsform.indicator import ALONE


@dataclass(frozen=True)
class JudgedAnswer:
    """A question's answer as it was submitted, and what stands on it. `reason` of one that is accepted is a reviewer's word beside it."""

    code: str
    section: str
    label: str
    answer: str
    files: list[str]
    accepted: bool
    reason: str
    by: tuple[str, ...]
    changed: bool


@dataclass(frozen=True)
class AnswersView:
    """By section, in the order of the form; what was neither answered nor remarked on is left out."""

    sections: list[tuple[str, list[JudgedAnswer]]]

    @property
    def rows(self) -> list[JudgedAnswer]:
        return [row for _label, rows in self.sections for row in rows]

    @property
    def remarks(self) -> list[JudgedAnswer]:
        return [row for row in self.rows if not row.accepted]

    @property
    def accepted(self) -> int:
        return sum(row.accepted for row in self.rows)


def is_accepted(finding: StoredFinding) -> bool:
    """Of a question of no indicator: what was claimed is what stands."""
    return bool(finding.verified)


def answers_view(
    version: ResultVersion,
    definition: FormDefinition,
    findings: Mapping[str, StoredFinding],
    language: str,
    *,
    names: bool,
) -> AnswersView:
    revision = version.revision
    if revision is None or not any(code.startswith(ALONE) for code in findings):
        return AnswersView([])
    values = {**revision.answers, **revision.values}
    engine = engine_of(version.report)
    rows: dict[str, list[JudgedAnswer]] = {}
    for judged in definition.judged:
        finding = findings.get(judged.code) if judged.is_alone else None
        if finding is None:
            continue
        question, value = definition.own_question(judged.inputs["value"]), finding.claimed.get("value", "")
        files = [entry["name"] for entry in revision.evidence if entry["indicator"] in judged.evidence_keys]
        if not value and not files and is_accepted(finding):
            continue
        offered = engine.offered(question.name, revision.answers, at=revision.submitted_at) if value else ()
        shown = "" if question.kind.is_file or not value else display_answer(question, value, language, offered)
        rows.setdefault(judged.section, []).append(
            JudgedAnswer(
                judged.code, judged.section, with_answers(question.label_in(language), definition, values, language), shown,
                files, is_accepted(finding), finding.reason, finding.by if names else (), finding.changed,
            )
        )  # fmt: skip
    return AnswersView(
        [
            (section.label_in(language) if section.name else _("Questions outside any section"), rows[section.name])
            for section in definition.sections
            if section.name in rows
        ]
    )
