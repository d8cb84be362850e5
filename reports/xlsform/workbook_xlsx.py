"""Opens an .xlsx within bounds: what an archive claims is not yet what it costs."""

import io
import zipfile
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from sajad_portal.lib import archives
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import local_digits

from .workbook import MAX_ELEMENTS, Cell, has_links, has_macros, too_many_cells, workbook_refused

MAX_UNPACKED = 80 * 1024 * 1024
MAX_PARTS = 2000


class XlsxWorkbook:
    def __init__(self, book) -> None:
        self._book = book
        self.names = list(book.sheetnames)

    def head(self, name: str) -> Sequence[Cell]:
        sheet = self._book[name]
        sheet.reset_dimensions()  # the declared size is what a file claims, not what it holds
        # A row is as wide as its last cell says, and Excel's last is the 16,384th: only the head is read so far.
        return _cells(next(sheet.iter_rows(max_row=1), ()))

    def lines(self, name: str, width: int) -> Iterator[Sequence[Cell]]:
        return map(_cells, self._book[name].iter_rows(min_row=2, max_col=width))

    def close(self) -> None:
        self._book.close()


def _cells(line) -> Sequence[Cell]:
    return [Cell(cell.value, cell.data_type == "e") for cell in line]


def open_new(data: bytes) -> XlsxWorkbook:
    """Raises WorkbookRefused."""
    return XlsxWorkbook(guarded_book(data))


def guarded_book(data: bytes, *, formulas: bool = False):
    """openpyxl's workbook, read row by row, after what a file claims was looked into. Raises WorkbookRefused.

    `formulas`: the formulas of its cells, not the values that a program left beside them.
    """
    _guard(data)
    try:
        heavy = archives.is_heavy_workbook(io.BytesIO(data), MAX_ELEMENTS)
        book = (
            None if heavy
            else load_workbook(io.BytesIO(data), read_only=True, data_only=not formulas, keep_links=False)
        )  # fmt: skip
    except Exception as error:  # openpyxl raises whatever the broken part made it raise
        raise workbook_refused(
            _("The file cannot be read as an Excel workbook. Open it in Excel, save it again as .xlsx.")
        ) from error
    if book is None:
        raise too_many_cells()
    return book


def _guard(data: bytes) -> None:
    if not zipfile.is_zipfile(io.BytesIO(data)):
        raise workbook_refused(_("This is not an Excel workbook. Upload the form as an .xlsx file."))
    try:
        parts = archives.packed_parts(io.BytesIO(data))
    except Refused as refusal:
        raise workbook_refused(str(refusal)) from refusal
    if parts is None:
        raise workbook_refused(_("The file is damaged. Open it in Excel, save it again as .xlsx."))
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise workbook_refused(_("This is not an Excel workbook. Upload the form as an .xlsx file."))
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise workbook_refused(
            _("The workbook unpacks to more than %(n)s MB, which no form needs. Copy its sheets into a new workbook.")
            % {"n": local_digits(MAX_UNPACKED // 1024 // 1024)}
        )
    try:
        with archives.opened(io.BytesIO(data)) as archive:
            entries = archives.pointers_and_kinds(archive)
            macros = archives.runs_macros(archive, entries)
    except ValueError as error:
        raise workbook_refused(_("The file is damaged. Open it in Excel, save it again as .xlsx.")) from error
    if macros:
        raise has_macros()
    if archives.fetches_from_elsewhere(entries):
        raise has_links()
