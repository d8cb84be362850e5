"""A file of tariffs as a budget office sends it: CSV in any usual encoding, or an Excel workbook. Reading only."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import listed, local_digits, parse_whole
from sajad_portal.lib.tables import FileProblem, FileRefused, table_of
from sajad_portal.lib.text import latin_digits, normalise, search_key

from ..enums import RequestKind
from ..models import RequestType

COLUMNS = ("request_type", "rials")
OPTIONAL = ("deposit_id", "note")
# What people call the columns; compared without ZWNJ, case, spaces and brackets.
ALIASES = {
    "request_type": ("request_type", "requesttype", "type", "code", "نوعدرخواست", "کدنوعدرخواست", "درخواست", "کد"),
    "rials": ("rials", "amount", "tariff", "price", "ریال", "مبلغ", "مبلغریال", "تعرفه", "تعرفهریال", "مبلغبهریال"),
    "deposit_id": ("deposit_id", "depositid", "شناسهواریز", "شناسهواریزخزانه", "شناسه"),
    "note": ("note", "یادداشت", "توضیح", "توضیحات", "شرح"),
}
MAX_BYTES = 256 * 1024
MAX_ROWS = 500
DEPOSIT_ID = re.compile(r"[0-9]{1,30}")


@dataclass(frozen=True)
class Tariff:
    """One row of the file: `line` as a spreadsheet counts, the header being row 1."""

    line: int
    request_type: RequestType
    rials: int
    deposit_id: str = ""
    note: str = ""


def read_tariffs(data: bytes, request_types: Iterable[RequestType]) -> list[Tariff]:
    """The rows of the file. Raises FileRefused naming everything that is wrong, by row and column."""
    if len(data) > MAX_BYTES:
        said = _("The file is larger than %(n)s kilobytes; a table of tariffs is not.")
        raise FileRefused([FileProblem(0, "", said % {"n": local_digits(MAX_BYTES // 1024)})])
    table = table_of(data, most_rows=MAX_ROWS)
    if not table or not any(cell.strip() for cell in table[0]):
        raise FileRefused([FileProblem(1, "", _missing_header())])
    if len(table) - 1 > MAX_ROWS:
        said = _("The file has more than %(n)s rows; a table of tariffs has one for each type of request.")
        raise FileRefused([FileProblem(0, "", said % {"n": local_digits(MAX_ROWS)})])
    places = _places(table[0])
    types = list(request_types)
    known = {search_key(word): kind for kind in types for word in (kind.code, kind.title, kind.title_en) if word}
    problems: list[FileProblem] = []
    rows: list[Tariff] = []
    lines: dict[int, int] = {}  # request type → the line that named it first
    for number, cells in enumerate(table[1:], 2):
        if any(cell.strip() for cell in cells):
            row = _row(number, _named(cells, places), known, types, lines, problems)
            rows += [row] if row else []
    if problems:
        raise FileRefused(problems)
    if not rows:
        raise FileRefused([FileProblem(0, "", _("The file names no tariff; below the header there is nothing."))])
    return rows


def _row(number: int, cell: dict[str, str], known, types, lines: dict[int, int], problems: list) -> Tariff | None:
    """The row, or None after its problems were added."""
    before = len(problems)
    kind = known.get(search_key(cell["request_type"]))
    if kind is None:
        said = _("“%(code)s” is no type of request of this service. Write one of: %(codes)s.")
        codes = listed(f"{kind.code} ({kind.title_here})" for kind in types)
        problems.append(FileProblem(number, "request_type", said % {"code": cell["request_type"], "codes": codes}))
    elif kind.pk in lines:
        said = _("“%(title)s” stands in row %(row)s already.")
        facts = {"title": kind.title_here, "row": local_digits(lines[kind.pk])}
        problems.append(FileProblem(number, "request_type", said % facts))
    else:
        lines[kind.pk] = number
    rials = _rials(number, cell["rials"], problems)
    if kind and kind.kind == RequestKind.OBJECTION and rials:
        problems.append(FileProblem(number, "rials", _("Contesting is never charged; leave this row out or write 0.")))
    deposit_id = latin_digits(cell["deposit_id"]).replace(" ", "").replace("-", "")
    if deposit_id and not DEPOSIT_ID.fullmatch(deposit_id):
        said = _(
            "A deposit id has digits only, at most %(n)s. Where a spreadsheet shortened it, format the cell as text."
        )
        problems.append(FileProblem(number, "deposit_id", said % {"n": local_digits(30)}))
    if len(cell["note"]) > 300:
        problems.append(FileProblem(number, "note", _("The note is longer than 300 letters.")))
    if kind is None or rials is None or len(problems) > before:
        return None
    return Tariff(number, kind, rials, deposit_id, cell["note"])


def _rials(number: int, typed: str, problems: list[FileProblem]) -> int | None:
    if not typed:
        problems.append(FileProblem(number, "rials", _("The amount is missing. Write it in rials; 0 means free.")))
        return None
    try:
        rials = parse_whole(typed)
    except Refused as refusal:
        problems.append(FileProblem(number, "rials", str(refusal)))
        return None
    if rials < 0:
        problems.append(FileProblem(number, "rials", _("An amount cannot be negative.")))
        return None
    return rials


# -------------------------------------------------------------------------------------------------- cells
def _places(header: list[str]) -> dict[str, int]:
    """Which column stands where. Raises FileRefused, naming every column that is missing or comes twice."""
    names = [re.sub(r"[ ()_\-]", "", search_key(cell)) for cell in header]
    places: dict[str, int] = {}
    problems = []
    for column in COLUMNS + OPTIONAL:
        wanted = {alias.replace("_", "") for alias in ALIASES[column]}
        found = [i for i, name in enumerate(names) if name in wanted]
        if len(found) > 1:
            problems.append(FileProblem(1, column, _("This column comes twice.")))
        elif found:
            places[column] = found[0]
        elif column in COLUMNS:
            problems.append(FileProblem(1, column, _missing_header()))
    if problems:
        raise FileRefused(problems)
    return places


def _named(cells: list[str], places: dict[str, int]) -> dict[str, str]:
    """{column: text}, "" where the row has none."""

    def cell(column: str) -> str:
        place = places.get(column, -1)
        return " ".join(normalise(cells[place]).split()) if 0 <= place < len(cells) else ""

    return {column: cell(column) for column in COLUMNS + OPTIONAL}


def _missing_header() -> str:
    return _("The first row names the columns: request_type,rials,deposit_id,note. The first two are needed.")
