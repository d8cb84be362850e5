"""A bank's statement of a day as a file. Reading only.

CSV in any usual encoding; the first row names the columns order_id, reference, amount, terminal, time.
"""

from datetime import date, datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.clock import TEHRAN, tehran_date
from sajad_portal.lib.text import latin_digits, normalise, search_key
from units.files.units import FileProblem, FileRefused, table_of

from ..gateways.answers import StatementLine

COLUMNS = ("order_id", "reference", "amount", "terminal", "time")
# What banks call the columns; compared without ZWNJ, case and spaces.
ALIASES = {
    "order_id": ("order_id", "orderid", "order", "شمارهسفارش", "سفارش"),
    "reference": ("reference", "refnum", "rrn", "شمارهمرجع", "مرجع"),
    "amount": ("amount", "rials", "مبلغ", "مبلغریال", "ریال"),
    "terminal": ("terminal", "terminalid", "پایانه", "شمارهپایانه"),
    "time": ("time", "at", "زمان", "تاریخ"),
}
MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 50_000


def read_statement(data: bytes, day: date) -> list[StatementLine]:
    """The lines of the file. Raises FileRefused naming everything that is wrong, by row and column.

    Times are ISO (`2026-11-22T10:15:00`, with or without a zone; Tehran without one); each lies on `day` there.
    """
    if len(data) > MAX_BYTES:
        raise FileRefused([FileProblem(0, "", _("The file is larger than 5 megabytes; a statement of a day is not."))])
    table = table_of(data)
    places = _places(table[0] if table else [])
    if len(table) - 1 > MAX_ROWS:
        raise FileRefused([FileProblem(0, "", _("The file has more than 50,000 rows. Send it in parts."))])
    problems: list[FileProblem] = []
    lines = []
    for number, cells in enumerate(table[1:], 2):
        if any(cell.strip() for cell in cells):
            cell = {
                name: latin_digits(normalise(cells[place])) if place < len(cells) else ""
                for name, place in places.items()
            }
            lines.append(_line(number, cell, day, problems))
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 2):
        if line and seen.setdefault(line.reference, number) != number:
            problems.append(FileProblem(number, "reference", _("This reference stands in the file twice.")))
    if problems:
        raise FileRefused(problems)
    return [line for line in lines if line]


def _places(header: list[str]) -> dict[str, int]:
    names = [search_key(cell).replace(" ", "") for cell in header]
    places = {column: next((i for i, name in enumerate(names) if name in ALIASES[column]), -1) for column in COLUMNS}
    missing = [column for column, place in places.items() if place < 0]
    if missing:
        said = _("This column is missing. The first row names the columns: order_id,reference,amount,terminal,time.")
        raise FileRefused([FileProblem(1, column, said) for column in missing])
    return places


def _line(number: int, cell: dict[str, str], day: date, problems: list[FileProblem]) -> StatementLine | None:
    before = len(problems)
    amount = cell["amount"].replace(",", "").replace("٬", "")
    if not (amount.isascii() and amount.isdigit() and len(amount) <= 15 and int(amount)):
        problems.append(FileProblem(number, "amount", _("This is no amount in whole rials.")))
    said = _("This must not be empty, nor longer than 80 characters.")
    problems += [FileProblem(number, name, said) for name in ("reference", "terminal") if not 0 < len(cell[name]) <= 80]
    try:
        at = datetime.fromisoformat(cell["time"])
        at = at if at.tzinfo else at.replace(tzinfo=TEHRAN)
        if tehran_date(at) != day:
            problems.append(FileProblem(number, "time", _("This is another day than the one that is reconciled.")))
    except (ValueError, OverflowError):
        problems.append(FileProblem(number, "time", _("This is no time. Write it as 2026-11-22T10:15:00.")))
    if len(problems) > before:
        return None
    return StatementLine(
        order_id=cell["order_id"][:80], reference=cell["reference"], amount_rials=int(amount),
        terminal=cell["terminal"], at=at,
    )  # fmt: skip
