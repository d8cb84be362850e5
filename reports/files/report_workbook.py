"""A report's workbook, filled in somewhere and brought back: where things stand in it, and what it says.

Nothing is found by its place. Each sheet has a hidden row that says what its columns hold, each line or row of a table a hidden
cell that names it; a hidden sheet says which report it is, and what stood in each cell when it was taken (ADR 28).
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from sajad_portal.lib.numbers import local_digits
from sajad_portal.lib.text import normalise

from ..xlsform import FormDefinition, Question
from ..xlsform.tables import ROW, cell_name, is_row_key, row_of
from ..xlsform.workbook import MAX_SHEETS, workbook_refused
from ..xlsform.workbook_xlsx import guarded_book
from .workbook_cells import PERCENT_UNITS, CellHeld, cell_of, understood_cell
from .workbook_parts import HeldCell, lines_of_sheet, lost_formulas, require_xlsx

MAX_BYTES = 10 * 1024 * 1024
LAYOUT = "sajad-workbook-1"  # the first cell of the hidden sheet
# In hidden rows: what a column holds.
CODE, ANSWER, ROW_KEY, AROUND, TITLES, COLUMN = "#code", "#answer", "#row:", "#around", "#titles", "#q:"
COMMENT, NOT_APPLICABLE = "comment:", "na:"
BASE, VERSION = "base:", "version:"


@dataclass(frozen=True)
class Identity:
    """What a workbook says of itself: of which report it is, and as whom it was taken. Texts as the file has them."""

    report: str
    form: str  # SHA-256 of the definition as the unit is asked
    unit: str
    period: str
    call: str
    form_title: str
    language: str
    taken_at: str


@dataclass(frozen=True)
class FilledCell:
    """A cell that says something else than when the workbook was taken. `trouble`: why it cannot be stored; `say`: what to type."""

    name: str
    sheet: str
    cell: str
    value: str
    was: str
    trouble: str = ""
    say: str = ""


@dataclass(frozen=True)
class FilledRow:
    """A row that was written below a table and has no key yet. `cells` {question: what it says}."""

    table: str
    around: str
    sheet: str
    number: int
    cells: Mapping[str, FilledCell]


@dataclass
class FilledWorkbook:
    """What came back. `cells` {name of an answer: cell}, changed ones only; `missing`: how many lines are there no more;
    `gone`: rows of tables that are there no more, `row:TABLE@ROW`."""

    identity: Identity
    versions: dict[str, int]
    cells: dict[str, FilledCell] = field(default_factory=dict)
    rows: list[FilledRow] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    missing: int = 0
    unknown: list[str] = field(default_factory=list)
    unchanged: int = 0

    @property
    def troubles(self) -> list[FilledCell]:
        every = [*self.cells.values(), *(cell for row in self.rows for cell in row.cells.values())]
        return [cell for cell in every if cell.trouble]


def form_mark(definition: FormDefinition, sha256: str) -> str:
    """What tells the form by which a workbook was made: the version, and which of its questions the unit is asked."""
    asked = "\n".join(question.name for question in definition.questions)
    return hashlib.sha256(f"{sha256}\n{asked}".encode()).hexdigest()


class OpenedWorkbook:
    """A file that proved to be a workbook of this portal. `identity` first: the form by which it is read follows from it."""

    def __init__(self, data: bytes) -> None:
        """Raises WorkbookRefused."""
        if len(data) > MAX_BYTES:
            said = _("The workbook is larger than %(n)s MB. Upload the file that you took from this page, filled in.")
            raise workbook_refused(said % {"n": local_digits(MAX_BYTES // 1024 // 1024)})
        require_xlsx(data)
        book = guarded_book(data)
        try:
            if len(book.sheetnames) > MAX_SHEETS * 5:
                raise workbook_refused(
                    _("The workbook has far too many sheets. Upload the file that you took from this page.")
                )
            try:
                self._sheets = {sheet.title: list(lines_of_sheet(sheet)) for sheet in book.worksheets}
            except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
                raise workbook_refused(
                    _("The file cannot be read as an Excel workbook. Open it in Excel, save it again as .xlsx.")
                ) from error
        finally:
            book.close()
        self._lost = lost_formulas(data, self._sheets)
        facts = next((sheet for sheet in self._sheets.values() if _is_facts(sheet)), None)
        if facts is None:
            raise workbook_refused(
                _(
                    "This workbook was not taken from this portal, or its hidden sheet is gone. Take the workbook from this page, fill it in, and upload that file."
                )
            )
        self._facts = {line[0].text: line[1].text for line in facts[1:] if len(line) > 1 and line[0].text}
        self.identity = Identity(**{name: self._facts.get(name, "") for name in Identity.__dataclass_fields__})

    def read(self, definition: FormDefinition) -> FilledWorkbook:
        """What it says of this form. Cells that say what they said when it was taken are left out."""
        versions = {
            name.removeprefix(VERSION): int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
            for name, text in self._facts.items()
            if name.startswith(VERSION)
        }
        found = FilledWorkbook(self.identity, versions)
        base = {name.removeprefix(BASE): text for name, text in self._facts.items() if name.startswith(BASE)}
        reading = _Reading(definition, base, self.identity.language, found)
        for title, sheet in self._sheets.items():
            if not _is_facts(sheet):
                reading.sheet(title, sheet, self._lost.get(title, set()))
        reading.close()
        return found


def _is_facts(sheet: list[list[HeldCell]]) -> bool:
    return bool(sheet and sheet[0] and sheet[0][0].text == LAYOUT)


# ------------------------------------------------------------------------------------------------------------ understanding
class _Reading:
    """Goes through sheets, and keeps what each cell says by the name of its answer."""

    def __init__(
        self, definition: FormDefinition, base: Mapping[str, str], language: str, found: FilledWorkbook
    ) -> None:
        self._definition, self._base, self._language, self._found = definition, base, language, found
        self._seen: dict[str, FilledCell | None] = {}
        self._said: dict[str, bool] = {}
        self._places: dict[str, str] = {}
        self._keys: set[str] = set()
        self._percent = {
            name
            for indicator in definition.indicators
            if indicator.unit.strip() in PERCENT_UNITS and len(indicator.inputs) == 1
            for name in indicator.inputs.values()
        }

    def sheet(self, title: str, lines: list[list[HeldCell]], lost: set[tuple[int, int]]) -> None:
        heads = [(number, head) for number, line in enumerate(lines) if (head := _head_of(line))]
        if not heads:
            return
        for number, line in enumerate(lines):
            head = next((head for at, head in reversed(heads) if at <= number), heads[0][1])
            if not any(number == at for at, _head in heads):
                self._line(title, number, line, head, lost)

    def _line(self, title: str, number: int, line: list[HeldCell], head: "_Head", lost: set[tuple[int, int]]) -> None:
        code = line[head.key].text if head.key < len(line) else ""
        if code == TITLES:
            return

        def held(column: int) -> CellHeld:
            one = line[column] if column < len(line) else HeldCell(None, "General", False)
            return CellHeld(one.value, one.format, one.is_error, (number, column) in lost)

        def place(column: int) -> str:
            return f"{get_column_letter(column + 1)}{number + 1}"

        if not head.table:
            if code and head.answer is not None:
                self._answer(code, title, place(head.answer), held(head.answer))
            return
        cells = {name: (place(column), held(column)) for name, column in head.columns.items()}
        filled = {name: one for name, one in cells.items() if _says(one[1])}
        table = self._definition.table(head.table)
        if table is None:
            return
        if code:
            key = f"{ROW}{head.table}@{code}"
            if not is_row_key(code, table.depth) or self._definition.table_of_row(key) is None:
                if filled:
                    self._found.unknown.append(f"{title}!{place(head.key)}")
                return
            self._keys.add(key)
            for name, (where, one) in cells.items():
                self._answer(cell_name(name, code), title, where, one)
            return
        if not filled:
            return
        around = line[head.around].text if head.around is not None and head.around < len(line) else ""
        self._new_row(table, around, title, number + 1, filled, place(head.key + 1))

    def _new_row(self, table, around: str, title: str, number: int, filled: dict, first: str) -> None:
        cells = {}
        for name, (where, one) in filled.items():
            question = self._definition.question(name)
            if question is None or not question.is_written:
                continue
            read = understood_cell(question, one, percent=name in self._percent)
            cells[name] = FilledCell(name, title, where, read.value, "", read.trouble, read.say)
        if not cells:
            return
        if not table.is_open:
            name, one = next(iter(cells.items()))
            said = _("The rows of this table are given by the form; none can be added. Empty this row.")
            cells[name] = replace(one, trouble=said, say="")
        elif table.outer:
            outer = _row_in(around)
            if not outer or not is_row_key(outer, table.depth - 1):
                name, one = next(iter(cells.items()))
                said = _(
                    "It is not said in which row of the table around it this row stands. Choose it in column %(column)s."
                )
                cells[name] = replace(one, trouble=said % {"column": first}, say="")
            around = outer
        self._found.rows.append(FilledRow(table.key, around if table.outer else "", title, number, cells))

    def _answer(self, name: str, title: str, where: str, held: CellHeld) -> None:
        known, question = self._known(name)
        if not known:
            if _says(held):
                self._found.unknown.append(f"{title}!{where}")
            return
        if question is not None and not question.is_written:
            return
        cell = self._read(name, question, title, where, held)
        if name not in self._seen or not self._said.get(name):
            self._seen[name], self._said[name], self._places[name] = cell, _says(held), f"{title}!{where}"
            return
        if not _says(held):
            return
        was, before = self._base.get(name, ""), self._seen[name]
        values = {one.value if one else was for one in (cell, before)}
        if len(values) > 1 or any(one and one.trouble for one in (cell, before)):
            said = _(
                "This line stands twice in the workbook, with two answers: here and in %(other)s. Empty one of them."
            )
            other = f"{before.sheet}!{before.cell}" if before else self._places[name]
            self._seen[name] = FilledCell(name, title, where, "", was, said % {"other": other})

    def _read(self, name: str, question: Question | None, title: str, where: str, held: CellHeld) -> FilledCell | None:
        was = self._base.get(name, "")
        if not held.lost and not held.is_error and _same(held, cell_of(question, was, self._language)):
            return None
        read = understood_cell(question, held, percent=name in self._percent)
        if not read.trouble and read.value == was:
            return None
        return FilledCell(name, title, where, read.value, was, read.trouble, read.say)

    def _known(self, name: str) -> tuple[bool, Question | None]:
        for prefix in (COMMENT, NOT_APPLICABLE):
            if name.startswith(prefix):
                indicator = self._definition.indicator(name.removeprefix(prefix))
                return bool(indicator and not indicator.source), None
        question = self._definition.question(name)
        if question is None or bool(question.table) != bool(row_of(name)):
            return False, None
        return True, question

    def close(self) -> None:
        found = self._found
        found.cells = {name: cell for name, cell in self._seen.items() if cell is not None}
        found.unchanged = len(self._seen) - len(found.cells)
        found.missing = sum(name not in self._seen and "@" not in name for name in self._base if self._known(name)[0])
        for name in self._base:
            if name.startswith(ROW) and name not in self._keys:
                table = self._definition.table_of_row(name)
                if table is not None and table.is_open:
                    found.gone.append(name)


@dataclass(frozen=True)
class _Head:
    key: int
    answer: int | None = None
    table: str = ""
    around: int | None = None
    columns: Mapping[str, int] = field(default_factory=dict)


def _head_of(line: Iterable[HeldCell]) -> _Head | None:
    """What the columns of a sheet hold, where this is the row that says it."""
    texts = [cell.text for cell in line]
    if CODE in texts:
        return _Head(texts.index(CODE), texts.index(ANSWER) if ANSWER in texts else None)
    key = next((place for place, text in enumerate(texts) if text.startswith(ROW_KEY)), None)
    if key is None:
        return None
    columns = {text.removeprefix(COLUMN): place for place, text in enumerate(texts) if text.startswith(COLUMN)}
    around = texts.index(AROUND) if AROUND in texts else None
    return _Head(key, None, texts[key].removeprefix(ROW_KEY), around, columns)


def _says(held: CellHeld) -> bool:
    return held.lost or held.is_error or (held.value is not None and str(held.value).strip() != "")


def _same(held: CellHeld, written: str | int | float) -> bool:
    """Whether the cell holds what the portal wrote into it."""
    value = held.value
    if value is None:
        return written == ""
    if isinstance(value, bool | datetime | date) or "%" in held.format:
        return False
    if isinstance(value, int | float) and isinstance(written, int | float):
        return value == written
    return isinstance(written, str) and normalise(str(value)) == normalise(written)


def _row_in(text: str) -> str:
    """The key of an outer row, from what the drop-down of a workbook says: “2 · Beheshti [abcd2345]”."""
    found = re.search(r"\[([A-Za-z0-9_.-]+)\]\s*$", text)
    return found[1] if found else ""
