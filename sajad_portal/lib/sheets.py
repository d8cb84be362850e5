"""Tables for other programs: CSV with a byte-order mark (Excel then reads UTF-8) and XLSX that runs right to left.

sheet = Sheet("returns", _("Returns"), [_("Unit"), _("Reason")], rows)
return csv_response(sheet, "returns-1405")
return xlsx_response([sheet], "oversight-1405")

Machine-readable, so digits are Latin; instants and dates are Jalali, in Tehran (`1405/03/23 14:30`).

A spreadsheet asks nobody before it makes a number or a formula of a CSV cell. What it would not give back as it was has an
apostrophe in front: there the cell is text with every digit, and a program takes the one apostrophe away (`unguarded`). A
figure of at most fifteen digits is a bare number everywhere; of more, it is text in CSV as in a workbook.
"""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from .jalali import format_date, format_datetime
from .language import current_language
from .numbers import plain
from .text import writable

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet takes for a formula when a cell begins with it.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
# In a CSV also as East Asian keyboards type them.
CSV_SIGNS = (*FORMULA_SIGNS, "＝", "＋", "－", "＠")
# Where lists are separated by ";" a spreadsheet cuts our lines there, quotation marks or not, and at tabs and line ends too.
_BREAKS, _RUN = ";\t\r\n", "[=+\\-@＝＋－＠]"
# What a spreadsheet would take for a number and not give back as it was: it shortens an order of twelve digits to 2.45E+11, drops
# the first zero of a national code, keeps fifteen digits of a figure, and makes 120000 of the code 12E4.
_LONG_DECIMAL = r"(?=(?:\.?[0-9]){16})[0-9]+\.[0-9]+"
NUMBERED = rf"(?:0[0-9]+|[0-9]{{12,}}|{_LONG_DECIMAL}|[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+)"
_MAY_RUN = re.compile(f"^(?='*(?:[{re.escape(''.join(CSV_SIGNS))}]|{NUMBERED}$))|(?<=[{_BREAKS}])(?='*[ \"]*{_RUN})")
_GUARDS = re.compile(f"^'(?='*(?:[{re.escape(''.join(CSV_SIGNS))}]|{NUMBERED}$))|(?<=[{_BREAKS}])'(?='*[ \"]*{_RUN})")
_NEEDS_QUOTES = re.compile(f'[,"{_BREAKS}]')
_WIDEST, _NARROWEST, EXACT_DIGITS = 60, 10, 15
# Excel refuses these in the name of a sheet, and names of more than 31 characters.
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass(frozen=True)
class Sheet:
    """`key` names it in addresses, `title` to people. Cells: text, numbers, dates, instants, None."""

    key: str
    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Any]]


def cell_value(value: Any) -> str | int | float:
    """What is written: numbers as numbers, everything else as text. Lazy texts are said in the active language."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        return value
    if isinstance(value, int | Decimal):
        return _exact(value)
    if isinstance(value, timedelta):
        return round(value / timedelta(hours=1), 2)
    if isinstance(value, datetime):
        return format_datetime(value, "numeric", "en").replace(", ", " ")
    if isinstance(value, date):
        return format_date(value, "numeric", "en")
    return writable(str(value))


def _exact(value: int | Decimal) -> str | int | float:
    """A number that a spreadsheet keeps to the last digit; what has more digits than it keeps is text."""
    if len(Decimal(value).normalize().as_tuple().digits) > EXACT_DIGITS:
        return plain(Decimal(value))
    return value if isinstance(value, int) else float(value)


def csv_bytes(sheet: Sheet) -> bytes:
    """UTF-8 with its mark. Text that a spreadsheet would run as a formula has an apostrophe in front."""
    lines = [csv_line(_plain_text(cell) for cell in row) for row in (sheet.header, *sheet.rows)]
    return "".join(lines).encode("utf-8-sig")


def csv_line(cells: Iterable[str]) -> str:
    """The cells as a line: quoted where they hold what any spreadsheet takes for the end of a cell."""
    line = ",".join([_quoted(cell) if _NEEDS_QUOTES.search(cell) else cell for cell in cells])
    return f"{line or _quoted('')}\r\n"


def _quoted(cell: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'


def guarded(text: str) -> str:
    """With an apostrophe wherever a spreadsheet would begin a formula, or lose digits of what is a name. `unguarded` gives back exactly the text."""
    return _MAY_RUN.sub("'", text)


def unguarded(text: str) -> str:
    return _GUARDS.sub("", text)


def _plain_text(value: Any) -> str:
    cell = cell_value(value)
    return guarded(cell) if isinstance(cell, str) else str(cell)


def xlsx_bytes(sheets: Iterable[Sheet]) -> bytes:
    """A workbook with a bold, frozen head on each sheet; right to left where the page's language is."""
    book = Workbook(write_only=True)
    rtl = current_language() == "fa"
    names: set[str] = set()
    for sheet in sheets:
        rows = [[cell_value(cell) for cell in row] for row in (sheet.header, *sheet.rows)]
        page = book.create_sheet(sheet_name(str(sheet.title), names))
        page.sheet_view.rightToLeft = rtl
        page.freeze_panes = "A2"
        for place, width in enumerate(_widths(rows), 1):
            page.column_dimensions[get_column_letter(place)].width = width
        styles = _styles(page)
        for number, row in enumerate(rows):
            page.append([_cell(page, value, styles, head=number == 0) for value in row])
    if not book.worksheets:
        book.create_sheet("-")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _styles(page) -> dict[tuple[bool, bool, bool], Any]:
    """{(in the head, text, begins as a formula does): style}, made once: openpyxl looks each one up among all there are."""
    found = {}
    for head, is_text, quoted in product((False, True), repeat=3):
        cell = WriteOnlyCell(page)
        if is_text:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.quotePrefix = quoted
        if head:
            cell.font = Font(bold=True)
        found[head, is_text, quoted] = cell._style
    return found


def _cell(page, value: str | int | float, styles: dict[tuple[bool, bool, bool], Any], *, head: bool) -> WriteOnlyCell:
    cell, is_text = WriteOnlyCell(page, value=value), isinstance(value, str)
    if is_text:
        # openpyxl makes a formula of a text that begins with "="; `quotePrefix` keeps Excel from making one on editing.
        cell.data_type = "s"
    cell._style = styles[head, is_text, isinstance(value, str) and value.startswith(FORMULA_SIGNS)]
    return cell


def _widths(rows: list[list]) -> list[int]:
    longest = [max((len(str(cell)) for cell in column), default=0) for column in zip(*rows, strict=True)]
    return [max(_NARROWEST, min(_WIDEST, size + 2)) for size in longest]


def _at_a_word(text: str, longest: int = 28) -> str:
    """Cut between words, so that no name ends in the middle of one; three places are left for a number."""
    return text if len(text) <= longest else text[: longest + 1].rpartition(" ")[0].rstrip(" ،,؛") or text[:longest]


def sheet_name(title: str, taken: set[str]) -> str:
    """The title as Excel takes it for a sheet that is beside those of `taken`, to which it is added."""
    base = _at_a_word(" ".join(title.translate(_NOT_IN_NAMES).split())) or "-"
    name = next(n for n in (base, *(f"{base} {i}" for i in range(2, 100))) if n not in taken)
    taken.add(name)
    return name


def csv_response(sheet: Sheet, name: str) -> HttpResponse:
    return _download(csv_bytes(sheet), CSV_TYPE, f"{name}.csv")


def xlsx_response(sheets: Iterable[Sheet], name: str) -> HttpResponse:
    return _download(xlsx_bytes(sheets), XLSX_TYPE, f"{name}.xlsx")


def xlsx_download(data: bytes, name: str) -> HttpResponse:
    """A workbook that is made elsewhere, under its whole name."""
    return _download(data, XLSX_TYPE, name)


def _download(data: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
