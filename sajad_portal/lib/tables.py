"""A table out of a file as people send it: CSV in any usual encoding, or an Excel workbook. Reading only; knows no column.

Every reader of such a file begins here, so that what opens for tariffs opens for units too.
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl import load_workbook

from . import archives
from .errors import Refused
from .sheets import unguarded

MAX_UNPACKED = 60 * 1024 * 1024
# Cells and what they hold, empty ones with a format included: so many in any case, so many more a row that may come.
ELEMENTS, ELEMENTS_A_ROW = 400_000, 32
MAX_COLUMNS = 60
_THREE_DECIMALS = re.compile(r"\.\d{3}$")
_WORKBOOK, _OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, order=True)
class FileProblem:
    """What is wrong where. `row` as a spreadsheet counts (the header is row 1, 0: the file), `column` by its header."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        if not self.row:
            return self.message
        place = _("Row %(row)s, column %(column)s") if self.column else _("Row %(row)s")
        return f"{place % {'row': self.row, 'column': self.column}}: {self.message}"


class FileRefused(Refused):
    """Nothing was stored. `problems` lists everything that was found, in the order of the rows."""

    def __init__(self, problems: Iterable[FileProblem]):
        self.problems = sorted(set(problems))
        count = len(self.problems)
        message = ngettext(
            "Nothing was stored: the file has %(n)s problem.",
            "Nothing was stored: the file has %(n)s problems. Mend them all and send it again.",
            count,
        )
        super().__init__(message % {"n": count}, code="bad-file", status=422)


def _refused(message: str, row: int = 0) -> FileRefused:
    return FileRefused([FileProblem(row, "", message)])


def table_of(data: bytes, *, most_rows: int = 50_000) -> list[list[str]]:
    """The cells of the file, the header first: CSV (separated by comma, semicolon or tab) or the first sheet of an .xlsx.

    A workbook gives at most `most_rows` rows below the header and one more, so that its reader sees that there are too many.
    The apostrophes are gone with which the portal's own files keep a spreadsheet from running a text. Raises FileRefused.
    """
    if data.startswith(_OLD_WORKBOOK):
        raise _refused(
            _("This is a workbook of an old Excel (.xls). Save it as .xlsx or “CSV UTF-8” and send that file.")
        )
    return _workbook_cells(data, most_rows) if data.startswith(_WORKBOOK) else _csv_cells(data)


def _csv_cells(data: bytes) -> list[list[str]]:
    text = _decoded(data)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count) if any(mark in first for mark in ",;\t") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [[unguarded(cell) for cell in row] for row in reader]
    except csv.Error as error:
        said = _("The file breaks off here: quotation marks are not closed, or a cell is too long.")
        raise _refused(said, reader.line_num) from error


def _decoded(data: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 (Excel’s “Unicode text”), or cp1256 (Excel's CSV on a Persian Windows)."""
    encodings: tuple[str, ...] = ("utf-8-sig", "cp1256")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise _refused(_("The file is not readable text. Save it as “CSV UTF-8” and send that file."))


def _workbook_cells(data: bytes, most_rows: int) -> list[list[str]]:
    """The first sheet, as text. A formula gives the value that Excel stored with it."""
    unreadable = _("The file cannot be read as an Excel workbook. Open it in Excel, save it again as .xlsx.")
    try:
        parts = archives.packed_parts(io.BytesIO(data))
        if parts is None:
            raise _refused(unreadable)
        too_large = sum(part.file_size for part in parts) > MAX_UNPACKED
        if too_large or archives.is_heavy_workbook(io.BytesIO(data), ELEMENTS + ELEMENTS_A_ROW * most_rows):
            raise _refused(_("The workbook is far too large for such a table."))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            rows = book.worksheets[0].iter_rows(max_row=most_rows + 2, max_col=MAX_COLUMNS, values_only=True)
            found = [[_text(value) for value in row] for row in rows]
        finally:
            book.close()
    except FileRefused:
        raise
    except Refused as refusal:
        raise _refused(str(refusal)) from refusal
    except Exception as error:  # openpyxl raises whatever the broken part made it raise
        raise _refused(unreadable) from error
    while found and not any(found[-1]):
        found.pop()
    return _narrowed(found)


def _narrowed(table: list[list[str]]) -> list[list[str]]:
    """Without the empty columns at the end that a format alone has made."""
    width = max((place for row in table for place, cell in enumerate(row, 1) if cell), default=0)
    return [row[:width] for row in table]


def _text(value: object) -> str:
    """A number with three decimals gets a fourth: as text, 500.125 is five hundred thousand to a whole field."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = "" if value is None else str(value)
    return f"{text}0" if isinstance(value, float) and _THREE_DECIMALS.search(text) else text
