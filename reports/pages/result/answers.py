"""What became of the questions that belong to no indicator, as a result and its letter tell it: accepted as reported, or remarked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ...models import ResultVersion, Revision
from ...queries import engine_of
from ...queries.drafts import field_id
from ...queries.judged_rows import judged_rows, judged_table, label_of, row_number
from ...queries.result_findings import StoredFinding
from ...xlsform import FormDefinition, display_answer, with_answers
from ...xlsform.indicator import NOT_CODES
from ...xlsform.tables import outer_row, row_name
from ..report.tables import ReadRow, ReadTable, tables_shown


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
    content: str = ""  # of a row: what was reported in it, in one line

    @property
    def said(self) -> str:
        return self.content or self.answer

    @property
    def field(self) -> str:
        return field_id(self.code)


# So many rows of a table a result page prints, and a letter: the report has all of them.
ON_PAGE, IN_LETTER, REMARKS_IN_LETTER = 40, 20, 40


@dataclass(frozen=True)
class ShownTable:
    """The first rows of a table: (what the row is called, what was reported in it in one line). `count` of all."""

    label: str
    count: int
    rows: list[tuple[str, str]]

    @property
    def is_whole(self) -> bool:
        return len(self.rows) == self.count


@dataclass(frozen=True)
class JudgedTable:
    """A table as it was submitted, with those inside its rows, and what stands on it. `said`: the rows on which something is said;
    what is not named is accepted with the table, or remarked on with it."""

    code: str
    section: str
    label: str
    tables: list[ReadTable]
    said: list[JudgedAnswer]
    accepted: bool
    reason: str
    by: tuple[str, ...]
    changed: bool

    @property
    def count(self) -> int:
        return sum(len(table.rows) for table in self.tables)

    @property
    def on_page(self) -> list[ReadTable]:
        return [replace(table, rows=table.rows[:ON_PAGE]) for table in self.tables]

    @property
    def is_cut(self) -> bool:
        return any(len(table.rows) > ON_PAGE for table in self.tables)

    @property
    def in_letter(self) -> list[ShownTable]:
        """A line a row, however many questions it has, so that no table is wider than the paper."""
        return [
            ShownTable(
                table.label, len(table.rows), [(row.label, in_one_line(table.heads, row)) for row in table.rows[:IN_LETTER]]
            )
            for table in self.tables
        ]  # fmt: skip

    @property
    def remarks(self) -> list[JudgedAnswer]:
        whole = JudgedAnswer(
            self.code, self.section, self.label, "", [], self.accepted, self.reason, self.by, self.changed
        )
        own = [whole] if not self.accepted and self.reason else []
        return own + [row for row in self.said if not row.accepted]


@dataclass(frozen=True)
class AnswersView:
    """By section, in the order of the form; what was neither answered nor remarked on is left out."""

    sections: list[tuple[str, list[JudgedAnswer]]]
    tables: "list[JudgedTable]" = field(default_factory=list)

    @property
    def rows(self) -> list[JudgedAnswer]:
        return [row for _label, rows in self.sections for row in rows]

    @property
    def remarks(self) -> list[JudgedAnswer]:
        """Of tables too: those on the whole, and those on their rows."""
        return [row for row in self.rows if not row.accepted] + [
            each for table in self.tables for each in table.remarks
        ]

    @property
    def remarks_in_letter(self) -> list[JudgedAnswer]:
        return self.remarks[:REMARKS_IN_LETTER]

    @property
    def remarks_left_out(self) -> int:
        return len(self.remarks) - len(self.remarks_in_letter)

    @property
    def is_empty(self) -> bool:
        return not self.rows and not self.tables

    @property
    def accepted(self) -> int:
        return sum(row.accepted for row in self.rows) + sum(table.accepted for table in self.tables)


def in_one_line(heads: Sequence[str], row: ReadRow) -> str:
    said = (f"{head}: {cell.text}" for head, cell in zip(heads, row.cells, strict=True) if cell.text not in ("", "—"))
    return _("; ").join(said) or pgettext("a row of a table", "empty")


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
    if revision is None or not any(code.startswith(NOT_CODES) for code in findings):
        return AnswersView([])
    values = {**revision.answers, **revision.values}
    engine = engine_of(version.report)
    rows: dict[str, list[JudgedAnswer]] = {}
    for judged in definition.judged:
        finding = findings.get(judged.code) if judged.is_alone and not judged.is_rows else None
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
        ],
        _tables(version, revision, definition, findings, language, names=names),
    )


def _tables(
    version: ResultVersion, revision: Revision, definition: FormDefinition, findings: Mapping[str, StoredFinding],
    language: str, *, names: bool,
) -> list[JudgedTable]:  # fmt: skip
    """In the order of the form; a table in which nothing stands and of which nothing is said is left out."""
    judged = [each for each in definition.judged_tables if each.code in findings]
    if not judged:
        return []
    engine, found = engine_of(version.report), list[JudgedTable]()
    evaluation = engine.evaluate(revision.answers, at=revision.submitted_at, language=language)
    rows = judged_rows(definition, findings, [revision])
    for table in judged:
        finding = findings[table.code]
        files = [entry for entry in revision.evidence if table.has_file(entry["indicator"])]
        if not finding.claimed.get("value") and not files and is_accepted(finding):
            continue
        shown = tables_shown(definition, evaluation, table, revision.evidence, language)
        lines = {row.name: in_one_line(read.heads, row) for read in shown for row in read.rows}
        said = [
            JudgedAnswer(
                row.code, row.section, label_of(definition, row, revision, language), "",
                [entry["name"] for entry in revision.evidence if row.has_file(entry["indicator"])],
                is_accepted(findings[row.code]), findings[row.code].reason,
                findings[row.code].by if names else (), findings[row.code].changed, lines.get(row.code, ""),
            )
            for row in rows if judged_table(definition, row).code == table.code
        ]  # fmt: skip
        accepted = is_accepted(finding) or (not finding.reason and all(row.accepted for row in said))
        said.sort(key=lambda row: _place(definition, row.code, revision))
        found.append(
            JudgedTable(
                table.code, table.section,
                with_answers(table.label_in(language), definition, {**revision.answers, **revision.values}, language),
                shown, said, accepted,
                finding.reason, finding.by if names else (), finding.changed,
            )
        )  # fmt: skip
    return found


def _place(definition: FormDefinition, code: str, revision: Revision) -> tuple[int, ...]:
    """Rows as they stand; one in a row after those before that row."""
    row, found = definition.judged_row(code), list[int]()
    while row is not None:
        found.insert(0, row_number(definition, row, revision.answers))
        table, around = definition.own_table(row.table), outer_row(row.within)
        row = definition.judged_row(row_name(table.outer, around)) if table.outer else None
    return tuple(found)
