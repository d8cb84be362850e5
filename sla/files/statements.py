"""A bank's statement of a day as a file. Reading only.

A CSV in any usual encoding, or a workbook; the first row names the columns, in the words of banks or of the portal's own files.
"""

import re
from datetime import date, datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.clock import TEHRAN, tehran_date
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import parse_datetime
from sajad_portal.lib.numbers import parse_whole
from sajad_portal.lib.tables import FileProblem, FileRefused, table_of
from sajad_portal.lib.text import latin_digits, normalise, search_key

from ..gateways.answers import StatementLine

COLUMNS = ("order_id", "reference", "amount", "terminal", "time")
# What banks, and the portal's own list of payments, call the columns; compared without ZWNJ, case, blanks and marks.
ALIASES = {
    "order_id": ("orderid", "order", "ordernumber", "شمارهسفارش", "سفارش"),
    "reference": (
        "reference",
        "refnum",
        "rrn",
        "bankreference",
        "مرجعبانک",
        "شمارهمرجع",
        "مرجع",
        "شمارهپیگیریبانک",
        "شمارهارجاع",
    ),
    "amount": ("amount", "rials", "amountrials", "arrivedrials", "مبلغ", "مبلغریال", "ریال", "رسیدهریال"),
    "terminal": ("terminal", "terminalid", "پایانه", "شمارهپایانه"),
    "time": ("time", "at", "confirmedbythebank", "زمان", "تاریخ", "تاریخوزمان", "تاییدبانک"),
}
# A number that a spreadsheet has shortened: its last digits are gone for good.
_SHORTENED = re.compile(r"[+-]?\d+(\.\d+)?[eE]\+?\d+")
_SECONDS = re.compile(r"(?<=\d:\d\d):\d\d(\.\d+)?$")
MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 50_000


def read_statement(data: bytes, day: date) -> list[StatementLine]:
    """The lines of the file. Raises FileRefused naming everything that is wrong, by row and column.

    Times are Jalali (`1405/09/01 10:15`, seconds or not) or ISO (`2026-11-22T10:15:00`, with or without a zone); without one
    they are Tehran's. Each lies on `day` there. A number that a spreadsheet shortened is refused: it names no payment.
    """
    if len(data) > MAX_BYTES:
        raise FileRefused([FileProblem(0, "", _("The file is larger than 5 megabytes; a statement of a day is not."))])
    table = table_of(data, most_rows=MAX_ROWS)
    places = _places(table[0] if table else [])
    if len(table) - 1 > MAX_ROWS:
        raise FileRefused([FileProblem(0, "", _("The file has more than 50,000 rows. Send it in parts."))])
    problems: list[FileProblem] = []
    lines = []
    seen: set[str] = set()
    for number, cells in enumerate(table[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        cell = {
            name: latin_digits(normalise(cells[place])) if place < len(cells) else "" for name, place in places.items()
        }
        line = _line(number, cell, day, problems)
        if line is None:
            continue
        if line.reference in seen:
            problems.append(FileProblem(number, "reference", _("This reference stands in the file twice.")))
        seen.add(line.reference)
        lines.append(line)
    if problems:
        raise FileRefused(problems)
    return lines


def _places(header: list[str]) -> dict[str, int]:
    names = ["".join(sign for sign in search_key(cell) if sign.isalnum()) for cell in header]
    places = {column: _place(names, column) for column in COLUMNS}
    missing = [column for column, place in places.items() if place < 0]
    if missing:
        said = _("This column is missing. The first row names the columns: order_id,reference,amount,terminal,time.")
        raise FileRefused([FileProblem(1, column, said) for column in missing])
    return places


def _place(names: list[str], column: str) -> int:
    """-1 for none. Where several names fit, the later alias is the nearer one: what arrived, not what was asked for."""
    found = [(ALIASES[column].index(name), place) for place, name in enumerate(names) if name in ALIASES[column]]
    return max(found)[1] if found else -1


def _line(number: int, cell: dict[str, str], day: date, problems: list[FileProblem]) -> StatementLine | None:
    before = len(problems)
    for name in ("order_id", "reference", "terminal"):
        if _SHORTENED.fullmatch(cell[name]):
            said = _(
                "A spreadsheet has shortened this number, and its last digits are lost. Send the file as the bank gave it, without opening it in Excel, or format the column as text before opening."
            )
            problems.append(FileProblem(number, name, said))
    rials = _rials(cell["amount"])
    if rials is None:
        problems.append(FileProblem(number, "amount", _("This is no amount in whole rials.")))
    said = _("This must not be empty, nor longer than 80 characters.")
    problems += [FileProblem(number, name, said) for name in ("reference", "terminal") if not 0 < len(cell[name]) <= 80]
    at = _instant(cell["time"])
    if at is None:
        said = _("This is no time. Write it as 1405/09/01 10:15 or 2026-11-22T10:15:00.")
        problems.append(FileProblem(number, "time", said))
    elif tehran_date(at) != day:
        problems.append(FileProblem(number, "time", _("This is another day than the one that is reconciled.")))
    if len(problems) > before or rials is None or at is None:
        return None
    return StatementLine(
        order_id=cell["order_id"][:80],
        reference=cell["reference"],
        amount_rials=rials,
        terminal=cell["terminal"],
        at=at,
    )


def _rials(text: str) -> int | None:
    """Whole rials, more than none: `2,500,000`, `2500000.00`."""
    try:
        rials = parse_whole(text)
    except Refused:
        return None
    return rials if 0 < rials < 10**15 else None


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        if at.year > 1900:
            return at if at.tzinfo else at.replace(tzinfo=TEHRAN)
    except (ValueError, OverflowError):
        pass
    try:
        return parse_datetime(_SECONDS.sub("", text))
    except Refused:
        return None
