"""A file of units as people send it, read into plain rows. Reading only; stores nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.translation import gettext as _

from sajad_portal.lib.tables import FileProblem, FileRefused, table_of
from sajad_portal.lib.text import latin_digits, normalise, search_key

COLUMNS = ("code", "name", "kind", "parent_code")
OPTIONAL = ("name_en", "kind_name", "kind_name_en")
# What people call the columns; compared without ZWNJ, case and spaces.
ALIASES = {
    "code": ("code", "کد", "شناسه", "کدواحد"),
    "name": ("name", "نام", "عنوان", "نامواحد"),
    "kind": ("kind", "type", "نوع", "نوعواحد"),
    "parent_code": ("parent_code", "parentcode", "parent", "کدوالد", "کدبالادست", "بالادست", "والد"),
    "name_en": ("name_en", "nameen", "english", "ناملاتین", "نامانگلیسی"),
    "kind_name": ("kind_name", "kindname", "نامنوع", "عنواننوع"),
    "kind_name_en": ("kind_name_en", "kindnameen", "ناملاتیننوع", "نامانگلیسینوع"),
}
# A column of an attribute: `attribute:NAME`, or `attribute:NAME:number` to say what a new one is.
ATTRIBUTE = ("attribute:", "ویژگی:")
MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 50_000


@dataclass(frozen=True)
class AttributeColumn:
    """A column of values of one attribute: its `name` as the header has it, its type where the header says one."""

    place: int
    name: str
    type: str = ""


@dataclass
class UnitRow:
    """`attributes`: {name of the column's attribute: as typed}."""

    number: int
    code: str
    name: str
    kind: str
    parent_code: str
    name_en: str = ""
    kind_name: str = ""
    kind_name_en: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    problems: list[FileProblem] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.code.casefold()

    @property
    def parent_key(self) -> str:
        return self.parent_code.casefold()


@dataclass
class UnitFile:
    """`passed_over`: headers of columns that mean nothing here; their cells are not read."""

    rows: list[UnitRow]
    attributes: list[AttributeColumn]
    passed_over: list[str]


def read_units(data: bytes) -> UnitFile:
    """The rows of the file, cells normalised. Raises FileRefused where it is no table of units at all."""
    if len(data) > MAX_BYTES:
        raise FileRefused([FileProblem(0, "", _("The file is larger than 10 megabytes; a list of units is not."))])
    table = table_of(data, most_rows=MAX_ROWS)
    if not table or not any(cell.strip() for cell in table[0]):
        raise FileRefused(
            [FileProblem(1, "", _("The file is empty. Its first row names the columns: code,name,kind,parent_code."))]
        )
    places, attributes = _places(table[0]), _attributes(table[0])
    known = {*places.values(), *(column.place for column in attributes)}
    passed_over = [cell.strip() for place, cell in enumerate(table[0]) if place not in known and cell.strip()]
    if len(table) - 1 > MAX_ROWS:
        raise FileRefused([FileProblem(0, "", _("The file has more than 50,000 rows. Send it in parts."))])
    filled = [(i, cells) for i, cells in enumerate(table[1:], 2) if any(cell.strip() for cell in cells)]
    if not filled:
        raise FileRefused([FileProblem(0, "", _("The file names no unit; below the header there is nothing."))])
    rows = [_row(i, cells, places, attributes, len(table[0])) for i, cells in filled]
    return UnitFile(rows, attributes, passed_over)


@lru_cache(maxsize=2000)
def word_key(typed: str) -> str:
    """By which a kind or an attribute is found again, however its code or name was typed."""
    return search_key(typed).replace(" ", "").replace("_", "-")


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


def _attributes(header: list[str]) -> list[AttributeColumn]:
    """The columns of attributes. Raises FileRefused for one without a name, and for one that comes twice."""
    found: dict[str, AttributeColumn] = {}
    problems = []
    for place, cell in enumerate(header):
        text = " ".join(normalise(cell).split())
        prefix = next((mark for mark in ATTRIBUTE if text.casefold().startswith(mark)), None)
        if prefix is None:
            continue
        name, _colon, type = (part.strip() for part in text[len(prefix) :].partition(":"))
        if not name or len(name) > 200:
            problems.append(FileProblem(1, text[:60], _("Write the attribute’s name after the colon: attribute:NAME.")))
        elif word_key(name) in found:
            problems.append(FileProblem(1, text, _("This column comes twice.")))
        else:
            found[word_key(name)] = AttributeColumn(place, name, type.casefold())
    if problems:
        raise FileRefused(problems)
    return list(found.values())


def _row(
    number: int, cells: list[str], places: dict[str, int], attributes: Iterable[AttributeColumn], width: int
) -> UnitRow:
    def at(place: int) -> str:
        return " ".join(normalise(cells[place]).split()) if 0 <= place < len(cells) else ""

    def cell(column: str) -> str:
        return at(places.get(column, -1))

    row = UnitRow(
        number,
        latin_digits(cell("code")),
        cell("name"),
        cell("kind"),
        latin_digits(cell("parent_code")),
        cell("name_en"),
        cell("kind_name"),
        cell("kind_name_en"),
        {column.name: at(column.place) for column in attributes},
    )
    if len(cells) <= max(places[column] for column in COLUMNS):
        row.problems.append(FileProblem(number, "", _("This row has too few cells.")))
    elif len(cells) > width:
        said = _("This row has more cells than the header. A name with a comma in it stands in quotation marks.")
        row.problems.append(FileProblem(number, "", said))
    return row
