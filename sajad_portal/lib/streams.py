"""Tables of any length, written to a file row by row: CSV, XLSX and JSON lines, in memory that does not grow with them.

For tables of a few hundred rows there is `sheets.py`. Here a cell is text ("" for none); its column says whether it holds
numbers. openpyxl keeps every different text of a workbook in memory; what is written here are the few parts of a workbook
that a table needs (ECMA-376, part 1), its texts inline.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from json.encoder import encode_basestring
from pathlib import Path
from typing import IO
from xml.sax.saxutils import quoteattr

from openpyxl.utils import get_column_letter

from .sheets import CSV_SIGNS, EXACT_DIGITS, FORMULA_SIGNS, NUMBERED, csv_line, guarded, sheet_name
from .text import writable

# A number as every program reads it; "007" and "1e5" are text.
NUMERAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
# A spreadsheet keeps so many digits of a number, and so many characters of a text.
LONGEST_TEXT = 32_767
ROWS_AT_ONCE = 200
_NARROWEST, _WIDEST = 10, 40
# What XML 1.0 has no way to say, and lone surrogates.
_TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f&<>\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
# The text “_x0041_” would be read as the letter A: Excel escapes its underscore.
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True)
class FileColumn:
    """`number`: what is a numeral in it becomes a number; everything else stays text."""

    name: str
    number: bool = False


def is_number(text: str) -> bool:
    """Whether the text is a number that a spreadsheet keeps exactly."""
    if not NUMERAL.fullmatch(text):
        return False
    return len(text) <= EXACT_DIGITS or len(text.lstrip("-0.").replace(".", "")) <= EXACT_DIGITS


def clean_cell(text: str) -> str:
    return writable(text)


# --------------------------------------------------------------------------------------------------------------- CSV
class CsvFile:
    """UTF-8 with its mark. What a spreadsheet would run as a formula, or would not keep to the last digit, has an apostrophe in
    front, in a column of numbers too."""

    def __init__(self, path: Path, columns: Sequence[FileColumn]):
        self.columns = columns
        self._file = path.open("w", encoding="utf-8-sig", newline="", errors="replace")
        self._file.write(csv_line(_guarded([column.name for column in columns], columns)))

    def write(self, rows: Iterable[Sequence[str]]) -> None:
        columns = self.columns
        for row in rows:
            line = ",".join(row)
            # A row that needs neither quotes nor apostrophes is its cells with commas: half the time of looking at each.
            if line and line.count(",") == len(row) - 1 and not _needs_care(line):
                self._file.write(f"{line}\r\n")
            else:
                self._file.write(csv_line(_guarded(row, columns)))

    def close(self) -> None:
        self._file.close()


_SIGNS = frozenset(FORMULA_SIGNS)
# A cell that begins with an apostrophe may be one that looks guarded.
_FIRST = frozenset((*CSV_SIGNS, "'"))
_LONG = re.compile(f"(?:^|,)'*{NUMBERED}(?=,|$)")
_FIRST_SIGNS = [(sign, f",{sign}") for sign in (*CSV_SIGNS, "'")]


def _needs_care(line: str) -> bool:
    """Whether cells joined by commas, of which none holds a comma, hold what is quoted or begin as a formula does."""
    if '"' in line or ";" in line or "\t" in line or "\n" in line or "\r" in line or line[0] in _FIRST:
        return True
    if _LONG.search(line):
        return True
    # One letter is found much faster than two, and most signs are in no cell at all.
    return any(sign in line and first in line for sign, first in _FIRST_SIGNS)


def _guarded(row: Sequence[str], columns: Sequence[FileColumn]) -> list[str]:
    return [
        cell if column.number and is_number(cell) else guarded(cell) for cell, column in zip(row, columns, strict=True)
    ]


# -------------------------------------------------------------------------------------------------------- JSON lines
class JsonLines:
    """An object a line. Numbers are written as they are, with every digit; what is empty is null."""

    def __init__(self, path: Path):
        self._file = path.open("w", encoding="utf-8", newline="\n", errors="replace")

    def write(self, lines: Iterable[str]) -> None:
        self._file.writelines(f"{line}\n" for line in lines)

    def close(self) -> None:
        self._file.close()


def as_json(text: str, *, number: bool = False) -> str:
    if not text:
        return "null"
    # What json.dumps(text, ensure_ascii=False) ends in, without an encoder made for each of some million cells.
    return text if number and NUMERAL.fullmatch(text) else encode_basestring(text)


# -------------------------------------------------------------------------------------------------------------- XLSX
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# The styles, by their place: plain, the head, and text that editing must not turn into a formula.
_HEAD, _QUOTED = 1, 2
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts><fills count="2"><fill>'
    '<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1">'
    "<border><left/><right/><top/><bottom/><diagonal/></border></borders>"
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Workbook:
    """A workbook whose sheets are written one after another, each with a bold head that stays in sight."""

    def __init__(self, path: Path, *, rtl: bool):
        self.rtl = rtl
        self._titles: list[str] = []
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3)

    @contextmanager
    def sheet(self, title: str, columns: Sequence[FileColumn], *, frozen: int = 0) -> Iterator["SheetFile"]:
        """`frozen`: so many columns stay in sight too."""
        self._titles.append(sheet_name(title, set(self._titles)))
        name = f"xl/worksheets/sheet{len(self._titles)}.xml"
        with self._zip.open(name, "w", force_zip64=True) as part:
            part.write(self._head(columns, frozen).encode())
            page = SheetFile(self._titles[-1], part, columns)
            yield page
            part.write(b"</sheetData></worksheet>")

    def _head(self, columns: Sequence[FileColumn], frozen: int) -> str:
        direction = ' rightToLeft="1"' if self.rtl else ""
        corner = f"{get_column_letter(frozen + 1)}2"
        pane = "bottomRight" if frozen else "bottomLeft"
        split = f' xSplit="{frozen}"' if frozen else ""
        widths = "".join(
            f'<col min="{n}" max="{n}" width="{max(_NARROWEST, min(_WIDEST, len(column.name) + 2))}" customWidth="1"/>'
            for n, column in enumerate(columns, 1)
        )
        return (
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView{direction} workbookViewId="0">'
            f'<pane{split} ySplit="1" topLeftCell="{corner}" activePane="{pane}" state="frozen"/></sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="15"/><cols>{widths}</cols><sheetData>'
        )

    def close(self) -> None:
        numbers = range(1, len(self._titles) + 1)
        sheets = "".join(
            f'<sheet name={quoteattr(title)} sheetId="{n}" r:id="rId{n}"/>'
            for n, title in zip(numbers, self._titles, strict=True)
        )
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_OFFICE}.worksheet+xml"/>' for n in numbers
        )
        relations = "".join(
            f'<Relationship Id="rId{n}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        styles = f'<Relationship Id="rId{len(self._titles) + 1}" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
        self._add("xl/styles.xml", _STYLES)
        self._add(
            "xl/workbook.xml",
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><bookViews><workbookView/></bookViews><sheets>{sheets}</sheets></workbook>',
        )
        self._add(
            "xl/_rels/workbook.xml.rels",
            f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}{styles}</Relationships>',
        )
        self._add(
            "_rels/.rels",
            f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        self._add(
            "[Content_Types].xml",
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
            f'ContentType="{_OFFICE}.sheet.main+xml"/><Override PartName="/xl/styles.xml" '
            f'ContentType="{_OFFICE}.styles+xml"/>{parts}</Types>',
        )
        self._zip.close()

    def _add(self, name: str, text: str) -> None:
        self._zip.writestr(name, text.encode())


class SheetFile:
    """One sheet of a workbook while it is being written."""

    def __init__(self, title: str, part: IO[bytes], columns: Sequence[FileColumn]):
        self.title = title
        self._part, self._row = part, 0
        self._letters = [get_column_letter(n) for n in range(1, len(columns) + 1)]
        self._numbers = [column.number for column in columns]
        cells = "".join(
            _text_cell(f"{letter}1", column.name, f' s="{_HEAD}"')
            for letter, column in zip(self._letters, columns, strict=True)
        )
        self._put([cells])

    def write(self, rows: Iterable[Sequence[str]]) -> None:
        found: list[str] = []
        for row in rows:
            found.append(self._cells(row, str(self._row + len(found) + 1)))
            if len(found) == ROWS_AT_ONCE:
                self._put(found)
                found = []
        self._put(found)

    def _put(self, rows: list[str]) -> None:
        first = self._row + 1
        text = "".join(f'<row r="{n}">{cells}</row>' for n, cells in enumerate(rows, first))
        self._part.write(text.encode("utf-8", "replace"))
        self._row += len(rows)

    def _cells(self, row: Sequence[str], number: str) -> str:
        found = []
        for letter, cell, is_numeric in zip(self._letters, row, self._numbers, strict=True):
            if not cell:
                continue
            if is_numeric and is_number(cell):
                found.append(f'<c r="{letter}{number}"><v>{cell}</v></c>')
            else:
                style = f' s="{_QUOTED}"' if cell[0] in _SIGNS else ""
                found.append(_text_cell(letter + number, cell, style))
        return "".join(found)


def _text_cell(place: str, text: str, style: str) -> str:
    return f'<c r="{place}"{style} t="inlineStr"><is><t xml:space="preserve">{_escaped(text)}</t></is></c>'


def _escaped(text: str) -> str:
    """As XML. What is longer than a cell can be ends in an ellipsis."""
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    if not _TO_ESCAPE.search(text):
        return text
    text = _LOOKS_ESCAPED.sub("_x005F_", clean_cell(text))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
