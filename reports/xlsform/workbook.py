"""Reads a workbook into plain rows that remember their place. Refuses what is no workbook or would not fit into memory.

The two kinds of files are opened by `workbook_xlsx.py` and `workbook_xls.py`; what their cells say is understood here, once.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import local_digits

MAX_BYTES = 10 * 1024 * 1024
MAX_SHEETS = 40
MAX_ROWS = 10_000
MAX_COLUMNS = 300
MAX_CELL = 32_767  # Excel's own limit
_SCAN_ROWS = 100_000  # formatted but empty rows are passed over up to here
MAX_ELEMENTS = 4_000_000  # cells, what they hold, rows: a full form of 10,000 rows and 60 columns has 1,800,000

FORM_SHEETS = ("survey", "choices", "settings", "external_choices", "entities", "osm")


class Cell(NamedTuple):
    """A cell as a file holds it: nothing (None), text, a number, a truth, a day, an instant or a time."""

    value: Any
    is_error: bool = False


class OpenWorkbook(Protocol):
    """A file whose sheets can be read one after the other. `lines` begins with the row of titles, `width` cells a row."""

    names: list[str]

    def head(self, name: str) -> Sequence[Cell]: ...
    def lines(self, name: str, width: int) -> Iterator[Sequence[Cell]]: ...
    def close(self) -> None: ...


class WorkbookRefused(Refused):
    """Nothing was stored. `errors`: list of {"sheet", "row", "column", "message"}; row and column may be None."""

    status = 422

    def __init__(self, errors: list[dict]):
        self.errors = errors
        super().__init__(
            _("The workbook has %(count)s error(s); nothing was stored. Correct it and upload it again.")
            % {"count": local_digits(len(errors))},
            code="bad-workbook",
        )


class Problems:
    """Collects errors, so that a person mends a workbook in one go: each cause once, with all its rows."""

    def __init__(self) -> None:
        self._causes: dict[tuple, dict] = {}
        self._rows: dict[tuple, list[int]] = {}

    def add(self, sheet: str, row: int | None, column: str | None, message: str, *, cause: str = "") -> None:
        """`cause`: what rows with this error share where their messages differ, by the name in them; else the message itself."""
        key = (sheet, column, cause or message)
        self._causes.setdefault(key, {"sheet": sheet, "row": row, "column": column, "message": message})
        rows = self._rows.setdefault(key, [])
        if row is not None and row not in rows:
            rows.append(row)

    @property
    def errors(self) -> list[dict]:
        """In the order in which they were found; `rows` says where else the cause stands, if it does."""
        found = []
        for key, error in self._causes.items():
            rows = self._rows[key]
            if len(rows) < 2:
                found.append(error)
                continue
            told = _("%(message)s The same holds in the rows %(rows)s.") % {
                "message": error["message"],
                "rows": rows_told(sorted(rows)[1:]),
            }
            found.append({**error, "row": min(rows), "message": told})
        return found

    def refuse_if_any(self) -> None:
        if self._causes:
            raise WorkbookRefused(
                sorted(self.errors, key=lambda e: (e["sheet"] != "survey", e["sheet"], e["row"] or 0))
            )


def rows_told(rows: Sequence[int]) -> str:
    """“3, 5–9, 12”, in the reader's digits. `rows` in rising order."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    parts = [str(first) if first == last else f"{first}–{last}" for first, last in spans]
    return local_digits((_(", ")).join(parts))


@dataclass(frozen=True)
class SheetRow:
    number: int
    cells: dict[str, str]  # {header: text}, empty cells left out

    def get(self, header: str) -> str:
        return self.cells.get(header, "")


@dataclass(frozen=True)
class FormSheet:
    name: str
    headers: dict[str, str]  # {header: column letter}
    rows: list[SheetRow] = field(default_factory=list)


@dataclass(frozen=True)
class FormWorkbook:
    sheets: dict[str, FormSheet]  # {name in small letters: sheet}, form sheets only
    names: list[str]

    def sheet(self, name: str) -> FormSheet:
        return self.sheets.get(name) or FormSheet(name, {})


def workbook_refused(message: str, *, sheet: str = "") -> WorkbookRefused:
    return WorkbookRefused([{"sheet": sheet, "row": None, "column": None, "message": message}])


def too_many_cells() -> WorkbookRefused:
    return workbook_refused(_("The workbook holds more cells than any form. Copy its sheets into a new workbook."))


def has_macros() -> WorkbookRefused:
    return workbook_refused(
        _("The workbook contains macros. Save it as “Excel Workbook (.xlsx)” without macros and upload it again.")
    )


def has_links() -> WorkbookRefused:
    return workbook_refused(
        _(
            "The workbook loads something from elsewhere when it is opened, such as cells of another workbook. "
            "Break its links in Excel and upload it again."
        )
    )


def is_locked() -> WorkbookRefused:
    return workbook_refused(
        _("The workbook is protected with a password. Remove the password in Excel and upload it again.")
    )


def read_sheet(book: OpenWorkbook, title: str, name: str, problems: Problems) -> FormSheet:
    """The sheet of that title, as the form sheet of that name."""
    first = book.head(title)
    headers: dict[str, str] = {}
    columns: list[str | None] = []
    for index, cell in enumerate(first, 1):
        text = " ".join(_text(cell.value).split()) if cell.value is not None else ""
        if not text:
            columns.append(None)
            continue
        if index > MAX_COLUMNS:
            problems.add(name, 1, None, _("The sheet has more than %(n)s columns.") % {"n": local_digits(MAX_COLUMNS)})
            break
        if text in headers:
            problems.add(name, 1, text, _("The column “%(column)s” stands twice. Keep one of them.") % {"column": text})
            columns.append(None)
            continue
        headers[text] = get_column_letter(index)
        columns.append(text)
    rows: list[SheetRow] = []
    if not headers:
        return FormSheet(name, headers)
    last = max(place for place, column in enumerate(columns, 1) if column)
    lines = book.lines(title, last)
    for number, line in enumerate(lines, 2):
        if number > _SCAN_ROWS:
            break
        cells: dict[str, str] = {}
        for header, cell in zip(columns, line, strict=False):
            if header is None or cell.value is None:
                continue
            text = _text(cell.value).strip()
            if not text:
                continue
            if cell.is_error:
                problems.add(
                    name,
                    number,
                    header,
                    _("The cell shows the error %(error)s. Mend its formula, or type the text itself.")
                    % {"error": text},
                )
                continue
            if len(text) > MAX_CELL:
                problems.add(
                    name,
                    number,
                    header,
                    _("The cell holds more than %(n)s characters.") % {"n": local_digits(MAX_CELL)},
                )
                continue
            cells[header] = text
        if not cells:
            continue
        if len(rows) >= MAX_ROWS or number > MAX_ROWS * 2:
            problems.add(name, number, None, _("The sheet has more than %(n)s rows.") % {"n": local_digits(MAX_ROWS)})
            break
        rows.append(SheetRow(number, cells))
    return FormSheet(name, headers, rows)


def _text(value) -> str:
    """A cell as Excel shows it without a format of its own: fifteen figures, and 1.0 is 1."""
    if value is True or value is False:
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, ".15g")
    if isinstance(value, datetime.datetime) and value.time() == datetime.time.min:
        return value.date().isoformat()
    return str(value).replace("\xa0", " ").replace("\x00", "")
