"""What the unit answered in the period before, beside the questions of this one. One query, and only where it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.periods import label

from ..models import Report, Revision
from ..xlsform import FormDefinition, Question, as_typed, clean_answer, display_answer
from ..xlsform.tables import ROW, FormTable, row_name, row_of
from . import engine_of, form_by_hash
from .earlier_periods import earlier_reports
from .judged_rows import has_row
from .table_rows import is_there, table_of_name, tables_inside


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


def rows_before(definition: FormDefinition, table: FormTable, before: PeriodBefore | None) -> dict[str, str]:
    """What stood in the rows of a table in the period before, under the same names, as far as the form still asks and takes it.
    Files stay with their period. {} where there was no row, or where nobody adds rows."""
    if before is None or not table.is_open:
        return {}
    tables = {each.key for each in tables_inside(definition, table)}
    found: dict[str, str] = {}
    for name, value in before.revision.answers.items():
        stands = table_of_name(definition, name)
        if (
            stands is None
            or stands.key not in tables
            or not is_there(definition, stands, row_of(name), before.revision.answers)
        ):
            continue
        question = definition.question(name)
        if question is None:
            found[name] = value
        elif question.is_written and (kept := _still_taken(question, value)):
            found[name] = kept
    added = {name for name in found if name.startswith(ROW)}
    rows = {
        name: value
        for name, value in found.items()
        if name in added or has_row(definition, _own_row(definition, name), found)
    }
    return rows if added else {}


def _own_row(definition: FormDefinition, name: str) -> str:
    table = table_of_name(definition, name)
    return row_name(table.key, row_of(name)) if table else ""


def _still_taken(question: Question, value: str) -> str:
    try:
        return clean_answer(question, as_typed(question, value, "fa"))
    except (Refused, KeyError, ValueError):
        return ""


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
