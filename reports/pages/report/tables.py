"""Tables to read: rows with what stands in them, and what changed in them since an earlier reading. Reads only."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, pairwise

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import local_digits

from ...models import Evidence, Report, Revision
from ...queries import engine_of
from ...queries.drafts import FILE, with_uploaders
from ...queries.table_rows import TableRow, all_rows, row_label, table_of_name
from ...xlsform import Evaluation, FormDefinition, Question, display_answer
from ...xlsform.indicator import JudgedRows
from ...xlsform.labels import REFERENCE
from ...xlsform.tables import FormTable, cell_name, row_name, row_of, rows_written
from ..entry.files import stored_files
from ..entry.shown import Stored


@dataclass(frozen=True)
class ReadCell:
    text: str
    files: list[Stored] = field(default_factory=list)


@dataclass(frozen=True)
class ReadRow:
    """`name` is the row's own (`row:table@row`): what a remark on it is kept under."""

    name: str
    label: str
    cells: list[ReadCell]


@dataclass(frozen=True)
class ReadTable:
    """One table; of one that stands inside rows, the rows of all of them."""

    key: str
    label: str
    heads: list[str]
    rows: list[ReadRow]


class RowFate(StrEnum):
    CAME = "came"
    GONE = "gone"
    MOVED = "moved"
    CHANGED = "changed"


@dataclass(frozen=True)
class RowChange:
    """What became of a row or of an answer in it. `old` and `new` are as a reader sees them; "" is nothing.

    `code` is the row's name (`row:table@row`), `what` what became of it, `head` the question of an answer that differs.
    """

    table: FormTable
    label: str
    old: str
    new: str
    code: str
    what: RowFate = RowFate.CHANGED
    head: str = ""


def tables_read(
    definition: FormDefinition, evaluation: Evaluation, section: str, files_of: Callable[[str], list[Evidence]]
) -> list[ReadTable]:
    """The tables of a section that have a row."""
    rows: dict[str, list[TableRow]] = {}
    for row in all_rows(definition, evaluation):
        rows.setdefault(row.table.key, []).append(row)
    tables = [table for table in definition.tables if table.section == section and table.key in rows]
    language = current_language()

    def cell(question: Question, row: str) -> ReadCell:
        return read_cell(evaluation, question, row, files_of, language)

    return [_table(definition, evaluation, table, rows[table.key], cell) for table in tables]


def tables_shown(
    definition: FormDefinition, evaluation: Evaluation, judged: JudgedRows, evidence: Sequence[Mapping], language: str
) -> list[ReadTable]:
    """A table and those inside its rows, with the names of files as a revision has them: for a reader who gets the words alone."""
    rows: dict[str, list[TableRow]] = {}
    for row in all_rows(definition, evaluation):
        rows.setdefault(row.table.key, []).append(row)
    names: dict[str, list[str]] = {}
    for entry in evidence:
        names.setdefault(entry["indicator"], []).append(entry["name"])

    def cell(question: Question, row: str) -> ReadCell:
        if question.kind.is_file:
            return ReadCell("، ".join(names.get(FILE + cell_name(question.name, row), ())) or "—")
        return read_cell(evaluation, question, row, lambda _key: [], language)

    tables = [table for table in definition.tables if table.key in judged.tables and table.key in rows]
    return [_table(definition, evaluation, table, rows[table.key], cell) for table in tables]


def submitted_tables(report: Report, definition: FormDefinition, revision: Revision, section: str) -> list[ReadTable]:
    """The tables of a section as a revision has them."""
    if not definition.tables_of(section):
        return []
    evaluation = engine_of(report).evaluate(revision.answers, at=revision.submitted_at, language=current_language())
    named = {item["id"] for item in revision.evidence}
    files = [item for item in with_uploaders(report.evidence.all()) if item.pk in named]
    return tables_read(definition, evaluation, section, lambda key: [item for item in files if item.indicator == key])


def read_cell(
    evaluation: Evaluation, question: Question, row: str, files_of: Callable[[str], list[Evidence]], language: str
) -> ReadCell:
    name = cell_name(question.name, row)
    if question.kind.is_file:
        files = stored_files(files_of(FILE + name))
        return ReadCell("" if files else "—", files)
    return ReadCell(evaluation.shown(name, language) or "—")


def _table(
    definition: FormDefinition, evaluation: Evaluation, table: FormTable, rows: Sequence[TableRow],
    cell: Callable[[Question, str], ReadCell],
) -> ReadTable:  # fmt: skip
    language = current_language()
    asked = [question for question in definition.questions_in(table) if question.is_seen and question.kind.has_answer]

    return ReadTable(
        table.key,
        table.label_in(language),
        [head_of(question, language) for question in asked],
        [
            ReadRow(
                row.name,
                row_label(definition, table, row.row, row.number, evaluation.values, whole=True),
                [cell(question, row.row) for question in asked],
            )
            for row in rows
        ],
    )


def files_in(tables: Sequence[ReadTable]) -> int:
    return sum(len(cell.files) for table in tables for row in table.rows for cell in row.cells)


def head_of(question: Question, language: str) -> str:
    """What a column is called: an answer that the label names is another one in each row."""
    return REFERENCE.sub("…", question.label_in(language))


# ------------------------------------------------------------------------------------------------------ what changed
def row_changes(definition: FormDefinition, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[RowChange]:
    """Row by row, as the later reading counts them: rows that came and went, each with what stood in it, rows that stand elsewhere
    among those that stayed, and answers that differ. Rows are told apart by their keys, wherever they stand."""
    if not definition.tables:
        return
    cells: dict[str, dict[str, list[str]]] = {}
    for name in dict.fromkeys(chain(after, before)):
        table = table_of_name(definition, name)
        if table:
            cells.setdefault(table.key, {}).setdefault(row_of(name), []).append(name)
    for table in definition.tables:
        order, moved = _order(table, before, after), moved_rows(table, before, after)
        rows = cells.get(table.key, {})
        for row in sorted(
            rows, key=lambda row: (order.get(row, len(order)), bool(after.get(row_name(table.key, row))))
        ):
            if row in moved:
                label = row_label(definition, table, row, moved[row][1], after, whole=True)
                old, new = (_("place %(n)s") % {"n": local_digits(number)} for number in moved[row])
                yield RowChange(table, label, old, new, row_name(table.key, row), RowFate.MOVED)
            yield from _changes_of_row(definition, table, row, before, after)


def file_changes_in_rows(definition: FormDefinition, before: Revision, after: Revision) -> Iterator[RowChange]:
    """The files of rows that are in both submissions: one that came, and one that was taken out."""
    if not definition.tables:
        return
    language = current_language()
    had, has = ({entry["id"]: entry for entry in each.evidence} for each in (before, after))
    for pk, entry in {**had, **has}.items():
        cell = definition.question(entry["indicator"].removeprefix(FILE)) if pk not in had or pk not in has else None
        table = table_of_name(definition, cell.name) if cell else None
        if cell is None or table is None:
            continue
        row = row_of(cell.name)
        if table.is_open and not (
            before.answers.get(row_name(table.key, row)) and after.answers.get(row_name(table.key, row))
        ):
            continue  # it came or went with its row
        number = _order(table, before.answers, after.answers).get(row, 0)
        head = head_of(cell, language)
        label = f"{row_label(definition, table, row, number, after.answers, whole=True)} · {head}"
        old, new = ("", entry["name"]) if pk in has else (entry["name"], "")
        yield RowChange(table, label, old, new, row_name(table.key, row), head=head)


def _order(table: FormTable, *readings: Mapping[str, str]) -> dict[str, int]:
    """{row: its number}, as the last reading that has it counts."""
    found: dict[str, int] = {}
    for answers in readings:
        for rows in rows_written(answers).values():
            found |= {row: number for number, row in enumerate(rows, 1) if row_name(table.key, row) in answers}
    return found or {row: number for number, row in enumerate(table.row_ids(), 1)}


def moved_rows(table: FormTable, before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """{row: (its number before, its number now)} of the rows that somebody moved: the fewest that make the one order the other.
    A row whose number is another one only because rows around it came, went or moved is none of them."""
    if not table.is_open:
        return {}
    then, now = (
        {place: rows for place, rows in rows_written(answers).items() if place.partition("@")[0] == table.key}
        for answers in (before, after)
    )
    found: dict[str, tuple[int, int]] = {}
    for place, rows in now.items():
        was = {row: number for number, row in enumerate(then.get(place, ()), 1)}
        stayed = [row for row in rows if row in was]
        untouched = {
            row for row in stayed if before.get(row_name(table.key, row)) == after.get(row_name(table.key, row))
        }
        still = _heaviest_rise([(was[row], len(stayed) if row in untouched else 1) for row in stayed])
        found |= {row: (was[row], rows.index(row) + 1) for row in stayed if was[row] not in still}
    return found


def _heaviest_rise(numbers: Sequence[tuple[int, int]]) -> set[int]:
    """Of different numbers with their weights those that rise as they stand and weigh most together: who moved a row changed the number
    by which it is sorted, and the others stayed."""
    if all(one[0] < other[0] for one, other in pairwise(numbers)):
        return {number for number, _weight in numbers}
    best: list[tuple[int, int | None]] = []  # of each: what a rise that ends there weighs, and where it came from
    for place, (number, weight) in enumerate(numbers):
        under = (each for each in range(place) if numbers[each][0] < number)
        come = max(under, key=lambda each: best[each][0], default=None)
        best.append((weight + (best[come][0] if come is not None else 0), come))
    found: set[int] = set()
    here: int | None = max(range(len(best)), key=lambda each: best[each][0])
    while here is not None:
        found.add(numbers[here][0])
        here = best[here][1]
    return found


def _changes_of_row(
    definition: FormDefinition, table: FormTable, row: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[RowChange]:
    own = row_name(table.key, row)
    number = _order(table, before, after).get(row) or int(
        "0" + "".join(filter(str.isdigit, row.rsplit(".", 1)[-1]))[:6]
    )
    if table.is_open and bool(before.get(own)) != bool(after.get(own)):
        answers = after if after.get(own) else before
        label = row_label(definition, table, row, number, answers, whole=True)
        said = _content(definition, table, row, answers) or pgettext("a row of a table", "empty")
        came = bool(after.get(own))
        yield RowChange(
            table, label, "" if came else said, said if came else "", own, RowFate.CAME if came else RowFate.GONE
        )
        return
    language = current_language()
    for name in table.names:
        cell = definition.own_question(cell_name(name, row))
        old, new = before.get(cell.name, ""), after.get(cell.name, "")
        if cell.is_written and old != new:
            head = head_of(cell, language)
            label = f"{row_label(definition, table, row, number, after, whole=True)} · {head}"
            old, new = (display_answer(cell, value, language) if value else "" for value in (old, new))
            yield RowChange(table, label, old, new, own, head=head)


def _content(definition: FormDefinition, table: FormTable, row: str, answers: Mapping[str, str]) -> str:
    """A whole row in one line."""
    language = current_language()
    parts = []
    for name in table.names:
        question = definition.own_question(cell_name(name, row))
        value = answers.get(question.name, "")
        if value and question.is_written:
            parts.append(f"{head_of(question, language)}: {display_answer(question, value, language)}")
    return _("; ").join(parts)
