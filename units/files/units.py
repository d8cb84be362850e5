"""A file of units as people send it: from any spreadsheet, in any of the usual encodings. Reading only; stores nothing."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.sheets import unguarded
from sajad_portal.lib.text import latin_digits, normalise, search_key

from ..enums import UnitKind

COLUMNS = ("code", "name", "kind", "parent_code")
OPTIONAL = ("name_en",)
# What people call the columns; compared without ZWNJ, case and spaces.
ALIASES = {
    "code": ("code", "کد", "شناسه", "کدواحد"),
    "name": ("name", "نام", "عنوان", "نامواحد"),
    "kind": ("kind", "type", "نوع", "نوعواحد"),
    "parent_code": ("parent_code", "parentcode", "parent", "کدوالد", "کدبالادست", "بالادست", "والد"),
    "name_en": ("name_en", "nameen", "english", "ناملاتین", "نامانگلیسی"),
}
MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 50_000


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


@dataclass
class UnitRow:
    number: int
    code: str
    name: str
    kind: str
    parent_code: str
    name_en: str = ""
    problems: list[FileProblem] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.code.casefold()

    @property
    def parent_key(self) -> str:
        return self.parent_code.casefold()


def read_rows(data: bytes) -> list[UnitRow]:
    """The rows of the file, cells normalised. Raises FileRefused where it is no table of units at all."""
    if len(data) > MAX_BYTES:
        raise FileRefused([FileProblem(0, "", _("The file is larger than 10 megabytes; a list of units is not."))])
    table = table_of(data)
    if not table or not any(cell.strip() for cell in table[0]):
        raise FileRefused(
            [FileProblem(1, "", _("The file is empty. Its first row names the columns: code,name,kind,parent_code."))]
        )
    places = _places(table[0])
    if len(table) - 1 > MAX_ROWS:
        raise FileRefused([FileProblem(0, "", _("The file has more than 50,000 rows. Send it in parts."))])
    width = len(table[0])
    rows = [
        _row(i, cells, places, width) for i, cells in enumerate(table[1:], 2) if any(cell.strip() for cell in cells)
    ]
    if not rows:
        raise FileRefused([FileProblem(0, "", _("The file names no unit; below the header there is nothing."))])
    return rows


def table_of(data: bytes) -> list[list[str]]:
    """The cells of a CSV in any of the usual encodings, separated by comma, semicolon or tab. Raises FileRefused.

    The apostrophes are gone with which the portal's own files keep a spreadsheet from running a text.
    """
    text = _decoded(data)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count) if any(mark in first for mark in ",;\t") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [[unguarded(cell) for cell in row] for row in reader]
    except csv.Error as error:
        said = _("The file breaks off here: quotation marks are not closed, or a cell is too long.")
        raise FileRefused([FileProblem(reader.line_num, "", said)]) from error


def _decoded(data: bytes) -> str:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        said = _("This is an Excel workbook. Save it as “CSV UTF-8” and send that file.")
        raise FileRefused([FileProblem(0, "", said)])
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
    raise FileRefused(
        [FileProblem(0, "", _("The file is not readable text. Save it as “CSV UTF-8” and send that file."))]
    )


def _places(header: list[str]) -> dict[str, int]:
    """Which column stands where. Raises FileRefused, naming every column that is missing or comes twice."""
    names = [search_key(cell).replace(" ", "") for cell in header]
    places: dict[str, int] = {}
    problems = []
    for column in COLUMNS + OPTIONAL:
        found = [i for i, name in enumerate(names) if name in {a.replace(" ", "") for a in ALIASES[column]}]
        if len(found) > 1:
            problems.append(FileProblem(1, column, _("This column comes twice.")))
        elif found:
            places[column] = found[0]
        elif column in COLUMNS:
            said = _("This column is missing. The first row names the columns: code,name,kind,parent_code.")
            problems.append(FileProblem(1, column, said))
    if problems:
        raise FileRefused(problems)
    return places


def _row(number: int, cells: list[str], places: dict[str, int], width: int) -> UnitRow:
    def cell(column: str) -> str:
        place = places.get(column, -1)
        return " ".join(normalise(cells[place]).split()) if 0 <= place < len(cells) else ""

    row = UnitRow(
        number,
        latin_digits(cell("code")),
        cell("name"),
        cell("kind"),
        latin_digits(cell("parent_code")),
        cell("name_en"),
    )
    if len(cells) < width and len(cells) <= max(places[column] for column in COLUMNS):
        row.problems.append(FileProblem(number, "", _("This row has too few cells.")))
    elif any(extra.strip() for extra in cells[width:]) or (len(cells) > width and read_kind(row.kind) is None):
        said = _("This row has more cells than the header. A name with a comma in it stands in quotation marks.")
        row.problems.append(FileProblem(number, "", said))
    return row


def read_kind(typed: str) -> str | None:
    """The kind as its code, or as its word in Persian or English; None where it is neither."""
    return _kinds().get(search_key(typed).replace(" ", "").replace("_", "-"))


@cache
def _kinds() -> dict[str, str]:
    words = {kind.value: kind.value for kind in UnitKind}
    for language in ("fa", "en"):
        with translation.override(language):
            words |= {search_key(str(kind.label)).replace(" ", ""): kind.value for kind in UnitKind}
    return words
