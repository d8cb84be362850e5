"""What the unit answered in the period before, beside the questions of this one. One query, and only where it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from sajad_portal.lib.periods import label

from ..models import Report, Revision
from ..xlsform import FormDefinition, Question, display_answer
from . import engine_of, form_by_hash
from .earlier_periods import earlier_reports


@dataclass(frozen=True)
class PeriodBefore:
    """The unit's last submission of the last period that it reported on this form. `files`: what the revision says of them."""

    period: str
    tracking_code: str
    revision: Revision
    definition: FormDefinition

    def said(self, question: Question, language: str) -> str:
        """The answer for a reader, in the words of the form as it was then; "" for none."""
        then = self.definition.question(question.name)
        value = str(self.revision.values.get(question.name) or self.revision.answers.get(question.name) or "")
        if then is None or not value or then.kind.is_file:
            return ""
        engine = engine_of(self.revision.report)
        offered = engine.offered(question.name, self.revision.answers, at=self.revision.submitted_at)
        return display_answer(then, value, language, offered)

    def files(self, keys: tuple[str, ...]) -> list[Mapping]:
        return [entry for entry in self.revision.evidence if entry["indicator"] in keys]


def period_before(report: Report) -> PeriodBefore | None:
    """None where the unit has not reported on this form before."""
    row = (
        Revision.objects.filter(report__in=earlier_reports(report, 1).values("pk"))
        .select_related("report__call__form_version")
        .defer(
            "report__call__form_version__definition", "report__call__form_version__summary", "doubts", "claimed_score"
        )
        .order_by("-number")
        .first()
    )
    if row is None:
        return None
    call = row.report.call
    words = label(call.period_kind, call.period_starts, call.period_ends)
    version = call.form_version
    return PeriodBefore(words, row.report.tracking_code, row, form_by_hash(version.definition_sha256, version.pk))
