"""Opens an .xls of Excel 5 to 2003 (BIFF in a compound file) within bounds.

xlrd reads it, which pyxform takes along. Its records are counted before: a row may name its 256th cell only, and xlrd pads rows.
"""

import struct
from collections.abc import Iterator, Sequence
from datetime import time

import xlrd
from django.utils.translation import gettext as _
from xlrd.compdoc import CompDoc

from .workbook import (
    MAX_ELEMENTS,
    Cell,
    has_links,
    has_macros,
    is_locked,
    too_many_cells,
    workbook_refused,
)

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = ("Workbook", "Book")
_WIDEST = 256
# Records of BIFF by number, as [MS-XLS] names them.
_BOF, _FILEPASS, _BOUNDSHEET, _SUPBOOK, _MULRK = 0x0809, 0x002F, 0x0085, 0x01AE, 0x00BD
_CELLS = {0x0006, 0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x00D6, _MULRK}
_QUERIES = {0x01AD, 0x0876}  # tables that a query fills when the file is opened
_MACRO_SHEETS = (1, 6)  # of BOUNDSHEET: macros of Excel 4, modules of Visual Basic
# In the coded path of SUPBOOK: another computer, an address. What is no coded path asks a program (DDE).
_CODED, _OF_A_PROGRAM = "\x01", "\x03"
_ELSEWHERE = ("\x01\x01@", "\x05", "://")


class _Silence:
    """Where xlrd writes what it thinks of a file."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


class XlsWorkbook:
    def __init__(self, book: xlrd.Book) -> None:
        self._book = book
        self.names = list(book.sheet_names())
        self._sheets: dict[str, xlrd.sheet.Sheet] = {}

    def _sheet(self, name: str) -> xlrd.sheet.Sheet:
        if name not in self._sheets:
            self._sheets = {name: self._book.sheet_by_name(name)}
            self._book.unload_sheet(name)
        return self._sheets[name]

    def head(self, name: str) -> Sequence[Cell]:
        sheet = self._sheet(name)
        return self._row(sheet, 0, _WIDEST) if sheet.nrows else ()

    def lines(self, name: str, width: int) -> Iterator[Sequence[Cell]]:
        sheet = self._sheet(name)
        for number in range(1, sheet.nrows):
            yield self._row(sheet, number, width)

    def _row(self, sheet: xlrd.sheet.Sheet, number: int, width: int) -> Sequence[Cell]:
        return [self._cell(cell) for cell in sheet.row(number)[:width]]

    def _cell(self, cell: xlrd.sheet.Cell) -> Cell:
        if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            return Cell(None)
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return Cell(xlrd.error_text_from_code.get(cell.value, "#ERR"), is_error=True)
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return Cell(bool(cell.value))
        if cell.ctype == xlrd.XL_CELL_DATE:
            return Cell(self._moment(cell.value))
        return Cell(cell.value)

    def _moment(self, value: float):
        try:
            found = xlrd.xldate.xldate_as_datetime(value, self._book.datemode)
        except (xlrd.xldate.XLDateError, OverflowError, ValueError):
            return value
        return found.time() if 0 <= value < 1 and found.time() != time.min else found

    def close(self) -> None:
        self._sheets = {}
        self._book.release_resources()


def is_of_old_excel(data: bytes) -> bool:
    return data[:8] == _COMPOUND


def open_old(data: bytes) -> XlsWorkbook:
    """Raises WorkbookRefused."""
    if "EncryptedPackage".encode("utf-16-le") in data:  # an .xlsx with a password
        raise is_locked()
    unreadable = _("The file cannot be read as an Excel workbook. Open it in Excel, save it again as .xlsx.")
    try:
        stream, names = _stream(data)
    except Exception as error:  # xlrd raises whatever the broken part made it raise
        raise workbook_refused(unreadable) from error
    if stream is None:
        raise workbook_refused(_("This is not an Excel workbook. Upload the form as an .xlsx file."))
    if any(name.upper() in ("_VBA_PROJECT_CUR", "VBA", "MACROS") for name in names):
        raise has_macros()
    _guard(stream)
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=_Silence(), on_demand=True, ragged_rows=True)
        return XlsWorkbook(book)
    except Exception as error:
        raise workbook_refused(unreadable) from error


def _stream(data: bytes) -> tuple[bytes | None, list[str]]:
    """The stream that holds the workbook, and the names of all that the file holds."""
    document = CompDoc(data, logfile=_Silence())
    for name in _STREAMS:
        found, start, length = document.locate_named_stream(name)
        if found:
            return bytes(found[start : start + length]), [node.name for node in document.dirlist]
    return None, []


def _guard(stream: bytes) -> None:
    """Looks at each record's head, and into those few that say what the file runs or fetches."""
    cells, at, end = 0, 0, len(stream)
    widths: dict[int, int] = {}
    while at + 4 <= end:
        kind, length = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == _BOF:
            cells, widths = cells + sum(widths.values()), {}
        elif kind in _CELLS and length >= 4:
            row, column = struct.unpack_from("<HH", body)
            last = struct.unpack_from("<H", body, length - 2)[0] if kind == _MULRK else column
            widths[row] = max(widths.get(row, 0), last + 1)
        elif kind == _FILEPASS:
            raise is_locked()
        elif kind == _BOUNDSHEET and length > 5 and body[5] in _MACRO_SHEETS:
            raise has_macros()
        elif kind in _QUERIES or (kind == _SUPBOOK and _leads_elsewhere(body)):
            raise has_links()
    if cells + sum(widths.values()) > MAX_ELEMENTS:
        raise too_many_cells()


def _leads_elsewhere(body: bytes) -> bool:
    """Of SUPBOOK: the sheets themselves and Excel's own add-ins have no path; one to the author's own disk leads nowhere here."""
    if len(body) <= 4:
        return False
    text = body[5:].decode("utf-16-le" if body[4] & 1 else "latin-1", "replace")
    asks_a_program = not text.startswith(_CODED) and _OF_A_PROGRAM in text
    return asks_a_program or any(mark in text for mark in _ELSEWHERE)
