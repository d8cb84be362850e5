"""Writes a workbook from plain rows: the sample guide and the forms of the tests. The same rows give the same bytes."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

_MOMENT = (2026, 3, 21, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(<)")


@dataclass(frozen=True)
class SheetRows:
    """Headers and rows of one sheet; a None or "" cell stays empty. `widths` by header, else 18."""

    headers: Sequence[str]
    rows: Sequence[Mapping[str, object]]
    widths: dict[str, int] | None = None
    right_to_left: bool = True


def write_workbook(sheets: dict[str, SheetRows], *, title: str = "") -> bytes:
    """An .xlsx with these sheets. Text that begins with `=` stays text."""
    book = Workbook()
    book.remove(book.active)
    book.properties.title = title
    book.properties.creator = ""
    for name, content in sheets.items():
        sheet = book.create_sheet(name)
        sheet.sheet_view.rightToLeft = content.right_to_left
        sheet.freeze_panes = "A2"
        for column, header in enumerate(content.headers, 1):
            cell = sheet.cell(1, column, header)
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor="E6EEF2")
            sheet.column_dimensions[get_column_letter(column)].width = (content.widths or {}).get(header, 18)
        for number, row in enumerate(content.rows, 2):
            for column, header in enumerate(content.headers, 1):
                value = row.get(header)
                if value is None or value == "":
                    continue
                cell = sheet.cell(number, column, value)
                if isinstance(value, str):
                    cell.data_type = "s"
                    cell.alignment = Alignment(wrap_text=True, vertical="top")
    raw = io.BytesIO()
    book.save(raw)
    return _with_fixed_times(raw.getvalue())


def _with_fixed_times(data: bytes) -> bytes:
    """openpyxl stamps the hour into the archive; a guide whose text did not change must not look changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            body = old.read(info)
            if info.filename == "docProps/core.xml":
                body = _MODIFIED.sub(rb"\g<1>2026-03-21T00:00:00Z\g<3>", body)
            entry = zipfile.ZipInfo(info.filename, _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, body)
    return out.getvalue()
