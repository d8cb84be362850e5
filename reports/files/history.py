"""A file of earlier figures: unit, period, indicator, value, a line each. Read into plain values; knows no row of the database."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import local_digits, parse_number, plain
from sajad_portal.lib.periods import Period, from_code
from sajad_portal.lib.tables import FileProblem, FileRefused, table_of
from sajad_portal.lib.text import latin_digits, normalise

MAX_BYTES = 3 * 1024 * 1024
MOST_ROWS = 20_000
COLUMNS = ("unit", "period", "indicator", "value")
_SAID = {
    "واحد": "unit",
    "کد واحد": "unit",
    "دوره": "period",
    "شاخص": "indicator",
    "کد شاخص": "indicator",
    "مقدار": "value",
}


@dataclass(frozen=True)
class HistoryLine:
    row: int
    unit: str
    period: Period
    indicator: str
    value: str


def read_history(data: bytes) -> list[HistoryLine]:
    """Raises FileRefused with everything that is wrong, row by row."""
    if len(data) > MAX_BYTES:
        said = _("The file is larger than %(n)s MB. Leave out columns that are not asked for.")
        raise FileRefused([FileProblem(0, "", said % {"n": local_digits(MAX_BYTES // 1024 // 1024)})])
    table = table_of(data, most_rows=MOST_ROWS)
    places = _columns(table[0] if table else [])
    if len(table) > MOST_ROWS + 1:
        said = _("The file has more than %(n)s rows.")
        raise FileRefused([FileProblem(0, "", said % {"n": local_digits(MOST_ROWS)})])
    found: list[HistoryLine] = []
    problems: list[FileProblem] = []
    seen: dict[tuple[str, str, str], int] = {}
    for number, cells in enumerate(table[1:], 2):
        if any(cell.strip() for cell in cells):
            line = _line(number, cells, places, problems)
            if line is not None:
                key = (line.unit.casefold(), line.period.code, line.indicator)
                if key in seen:
                    said = _("The same unit, period and indicator stand in row %(n)s. Keep one of them.")
                    problems.append(FileProblem(number, "", said % {"n": local_digits(seen[key])}))
                seen.setdefault(key, number)
                found.append(line)
    if not found and not problems:
        problems.append(FileProblem(0, "", _("The file holds no figure. Write a line for each, below the header.")))
    if problems:
        raise FileRefused(problems)
    return found


def _columns(header: list[str]) -> dict[str, int]:
    names = [normalise(cell).casefold() for cell in header]
    places = {_SAID.get(name, name): place for place, name in reversed(list(enumerate(names)))}
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        said = _("The header lacks %(names)s. The first row is: unit, period, indicator, value.")
        raise FileRefused([FileProblem(1, "", said % {"names": ", ".join(missing)})])
    return places


def _line(number: int, cells: list[str], places: dict[str, int], problems: list[FileProblem]) -> HistoryLine | None:
    said = {name: cells[places[name]].strip() if places[name] < len(cells) else "" for name in COLUMNS}
    if empty := [name for name in COLUMNS if not said[name]]:
        problems += [FileProblem(number, name, _("This cell is empty. Every line has all four.")) for name in empty]
        return None
    period = value = None
    try:
        period = from_code(said["period"])
    except Refused as refusal:
        problems.append(FileProblem(number, "period", refusal.message))
    try:
        value = plain(parse_number(said["value"]))
    except Refused as refusal:
        problems.append(FileProblem(number, "value", refusal.message))
    if period is None or value is None:
        return None
    return HistoryLine(number, latin_digits(said["unit"]), period, said["indicator"], value)
