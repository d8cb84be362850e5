"""A table as the review page shows it: the whole to accept or to remark on, and each of its rows. Plain data; reads only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sajad_portal.lib.language import current_language

from ...models import Evidence, Report, Review, Revision
from ...queries import engine_of
from ...queries.drafts import field_id, with_uploaders
from ...queries.earlier_answers import PeriodBefore, period_before
from ...queries.findings import Settled, claim_of, is_fresh, is_unanswered, item_of, visible_items
from ...queries.table_rows import TableRow, all_rows, row_label
from ...xlsform import Evaluation, FormDefinition
from ...xlsform.indicator import JudgedRows
from ...xlsform.tables import cell_name
from ..report.tables import ReadCell, RowChange, RowFate, file_changes_in_rows, head_of, read_cell, row_changes
from .answers import OtherRemark, found_verdict

# So many rows stand on one page; more of a table go on the next.
MOST_ROWS = 40


@dataclass(frozen=True)
class ReviewedCell:
    """A cell as it is, and what stood there in the submission before (`was`) or in the last period (`past`); "" for the same."""

    head: str
    now: ReadCell
    was: str = ""
    changed: bool = False
    past: str = ""


@dataclass(frozen=True)
class ReviewedRow:
    """A table, or a row of one: what stands in it, what was said of it and what is typed now. `verdict`: accepted | remarked | "".

    `fate`: "came" with the last submission, or "moved" by it from the place `was_at`.
    """

    judged: JudgedRows
    label: str
    cells: list[ReviewedCell]
    verdict: str
    remark: str
    error: str
    stale: bool
    others: list[OtherRemark]
    rounds: list[tuple[int, str]]
    depth: int = 1
    fate: str = ""
    was_at: str = ""

    @property
    def code(self) -> str:
        return self.judged.code

    @property
    def field(self) -> str:
        """What its inputs are called."""
        return field_id(self.code)


@dataclass(frozen=True)
class ReviewedTable:
    """The page of one table. `rows`: those of this page of it; `gone`: (row, what stood in it) that the last submission left out."""

    whole: ReviewedRow
    section: str
    review: Review | None
    editable: bool
    unanswered: bool
    settled: Settled
    rows: list[ReviewedRow]
    gone: list[RowChange]
    count: int
    page: int
    pages: int
    remarked: int  # rows of the whole table with a remark
    period: str  # of the last report on this form, "" where there is none
    heads: list[str] = field(default_factory=list)

    @property
    def code(self) -> str:
        return self.whole.code

    @property
    def errors(self) -> list[ReviewedRow]:
        return [row for row in (self.whole, *self.rows) if row.error]


class TableReader:
    """Reads the tables of one report's last revision for one person."""

    def __init__(
        self, report: Report, person, definition: FormDefinition, revisions: list[Revision], reviews: list[Review],
        said: Callable[[str], str], *, typed: Mapping[str, str | None] | None = None, errors: Mapping[str, str] | None = None,
    ):  # fmt: skip
        self.report, self.person, self.definition = report, person, definition
        self.revisions, self.revision, self.reviews = revisions, revisions[-1], reviews
        self._said, self._typed, self._errors = said, typed or {}, errors or {}
        self._language = current_language()

    def page(
        self, table: JudgedRows, review: Review | None, *, editable: bool, settled: Settled, rounds: Sequence, number: int,
        row: str = "",
    ) -> ReviewedTable:  # fmt: skip
        """`number`: of the page of rows; `row`: the name of one that stands on it."""
        evaluation = self._evaluated()
        every = [row for row in all_rows(self.definition, evaluation) if row.table.key in table.tables]
        place = next((n for n, each in enumerate(every) if each.name == row), None)
        if place is not None:
            number = place // MOST_ROWS + 1
        pages = max(1, -(-len(every) // MOST_ROWS))
        number = min(max(number, 1), pages)
        shown = every[(number - 1) * MOST_ROWS : number * MOST_ROWS]
        before = period_before(self.report)
        changes = self._changes(table)
        files = self._files()
        rows = [self._row(row, review, evaluation, files, changes, before, rounds) for row in shown]
        items = {item.indicator: item for item in review.items.all()} if review else {}
        judged = {row.name: self.definition.judged_row(row.name) for row in every if row.name in items}
        remarked = sum(
            not items[code].verified and is_fresh(items[code], row, self.revisions)
            for code, row in judged.items() if row is not None
        )  # fmt: skip
        label = self.definition.own_table(table.table).label_in(self._language)
        section = next(s.label_in(self._language) for s in self.definition.sections if s.name == table.section)
        whole = self._judged(table, self._said(label), [], review, rounds)
        gone = [each for found in changes.values() for each in found if each.what == RowFate.GONE]
        return ReviewedTable(
            whole=whole, section=section, review=review, editable=editable, unanswered=is_unanswered(table, self.revision),
            settled=settled, rows=rows, gone=gone, count=len(every), page=number, pages=pages, remarked=remarked,
            period=before.period if before else "",
        )  # fmt: skip

    def _evaluated(self) -> Evaluation:
        at = self.revision.submitted_at
        return engine_of(self.report).evaluate(self.revision.answers, at=at, language=self._language)

    def _files(self) -> dict[str, list[Evidence]]:
        named, found = {item["id"] for item in self.revision.evidence}, dict[str, list[Evidence]]()
        for item in with_uploaders(self.report.evidence.all()) if named else ():
            if item.pk in named:
                found.setdefault(item.indicator, []).append(item)
        return found

    def _changes(self, table: JudgedRows) -> dict[str, list[RowChange]]:
        """{row: what became of it since the submission before}."""
        found: dict[str, list[RowChange]] = {}
        if len(self.revisions) > 1:
            then, now = self.revisions[-2], self.revision
            for change in row_changes(self.definition, then.answers, now.answers):
                if change.table.key in table.tables:
                    found.setdefault(change.code, []).append(change)
            for change in file_changes_in_rows(self.definition, then, now):
                if change.table.key in table.tables:
                    found.setdefault(change.code, []).append(change)
        return found

    def _row(
        self, row: TableRow, review: Review | None, evaluation: Evaluation, files: Mapping[str, list[Evidence]],
        changes: Mapping[str, list[RowChange]], before: PeriodBefore | None, rounds: Sequence,
    ) -> ReviewedRow:  # fmt: skip
        judged = self.definition.judged_row(row.name)
        assert judged is not None  # of the form's own table
        own = changes.get(row.name, [])
        differs: dict[str, list[RowChange]] = {}
        for change in own:
            differs.setdefault(change.head, []).append(change)
        cells = []
        for question in self.definition.questions_in(row.table):
            if not question.is_seen or not question.kind.has_answer:
                continue
            name, head = cell_name(question.name, row.row), head_of(question, self._language)
            was = differs.get(head, [])
            old = "، ".join(change.old for change in was if change.old)
            past = before.said(self.definition.own_question(name), self._language) if before else ""
            now = read_cell(evaluation, question, row.row, lambda key: files.get(key, []), self._language)
            cells.append(ReviewedCell(head, now, old, bool(was), past if past != now.text else ""))
        label = row_label(self.definition, row.table, row.row, row.number, evaluation.values, whole=True)
        found = self._judged(judged, label, cells, review, rounds)
        fate = next((c for c in own if c.what in (RowFate.CAME, RowFate.MOVED)), None)
        return replace(found, depth=row.table.depth, fate=fate.what if fate else "", was_at=fate.old if fate else "")

    def _judged(
        self, judged: JudgedRows, label: str, cells: list[ReviewedCell], review: Review | None, rounds: Sequence
    ) -> ReviewedRow:
        item = item_of(review, judged.code) if review else None
        fresh = is_fresh(item, judged, self.revisions)
        verdict, remark = found_verdict(self._typed, judged.code, item if fresh else None)
        claimed = claim_of(self.revision, judged).inputs
        return ReviewedRow(
            judged=judged, label=label, cells=cells, verdict=verdict, remark=remark, error=self._errors.get(judged.code, ""),
            stale=item is not None and not fresh,
            others=[
                OtherRemark(other.who, other.lead, found.verified == claimed, found.reason)
                for other, found in visible_items(self.person, judged, self.reviews)
                if other != review
            ],
            rounds=[(r.number, r.remarks[judged.code]) for r in rounds if judged.code in r.remarks],
        )  # fmt: skip
