"""The parts of a workbook that came back: its sheets line by line, and formulas that left no value. Knows no form."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ..xlsform.workbook import MAX_COLUMNS, workbook_refused
from ..xlsform.workbook_xlsx import guarded_book

MAX_LINES = 20_000  # of a sheet, empty ones included


@dataclass(frozen=True)
class HeldCell:
    value: Any
    format: str
    is_error: bool

    @property
    def text(self) -> str:
        return str(self.value).strip() if self.value is not None else ""


def lines_of_sheet(sheet) -> Iterator[list[HeldCell]]:
    sheet.reset_dimensions()
    for line in sheet.iter_rows(max_row=MAX_LINES, max_col=MAX_COLUMNS):
        yield [
            HeldCell(cell.value, getattr(cell, "number_format", None) or "General", cell.data_type == "e")
            for cell in line
        ]


def require_xlsx(data: bytes) -> None:
    if zipfile.is_zipfile(io.BytesIO(data)):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                kind = archive.read("mimetype")[:100] if "mimetype" in archive.namelist()[:5] else b""
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError):
            return  # damaged: the guard says so
        if b"opendocument" in kind:
            raise workbook_refused(
                _("This is a workbook of LibreOffice (.ods). Save it as “Excel 2007-365 (.xlsx)” and upload that file.")
            )
        return
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise workbook_refused(
            _(
                "This is a workbook of an old Excel (.xls), or one with a password. Save it as .xlsx without a password and upload that file."
            )
        )
    raise workbook_refused(_("This is not an Excel workbook. Upload the file that you took from this page, filled in."))


def lost_formulas(data: bytes, sheets: Mapping[str, list]) -> dict[str, set[tuple[int, int]]]:
    """{sheet: places of formulas of which the file holds no value}."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        if not any(re.search(rb"<(\w+:)?f[\s>/]", archive.read(name)) for name in parts):
            return {}
    book = guarded_book(data, formulas=True)
    try:
        found: dict[str, set[tuple[int, int]]] = {}
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            values = sheets.get(sheet.title, [])
            for row, line in enumerate(sheet.iter_rows(max_row=MAX_LINES, max_col=MAX_COLUMNS)):
                for column, cell in enumerate(line):
                    if cell.data_type == "f" and _empty(values, row, column):
                        found.setdefault(sheet.title, set()).add((row, column))
        return found
    finally:
        book.close()


def _empty(values: list[list[HeldCell]], row: int, column: int) -> bool:
    return row >= len(values) or column >= len(values[row]) or values[row][column].value in (None, "")
