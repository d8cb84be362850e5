"""Repeats are tables: rows that people add, rows that a number asks for, or a row for each choice of a list.

A row has a key of its own, which no place in the table changes: letters and digits, and for a row of a table inside a row the outer
row's key and a dot before it. What is stored of a table are ordinary names of answers:

* ``row:TABLE@ROW``: the row is there; its value is a number by which rows are sorted. "" is a row that was taken out.
* ``QUESTION@ROW``: what is answered in that row.

So whatever goes by the name of an answer (a draft's cells, conflicts, revisions, files, remarks) goes by the row too.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from .labels import Choice, Labelled, Text

AT, ROW, TABLE = "@", "row:", "table:"
MAX_ROWS = 500  # of one table, in one row of the table around it
MAX_ROWS_OF_REPORT = 2000
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_ROW_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_ORDER = re.compile(r"-?\d{1,12}(\.\d{1,24})?", re.ASCII)


@dataclass(frozen=True)
class FormTable(Labelled):
    """A repeat. `key` is its name, or where another repeat has the same its path with dots.

    `count`: an expression; so many rows there are, and nobody adds any. `choices`: a row for each of them. Else people add rows.
    `names`: of the questions that stand in its rows and in no table inside them, in the order of the sheet.
    """

    key: str
    path: str
    label: Text = field(default_factory=dict)
    section: str = ""
    outer: str = ""  # the key of the table around it
    depth: int = 1  # how many rows its cells name
    count: str = ""
    choices: tuple[Choice, ...] = ()
    names: tuple[str, ...] = ()
    row: int = 0

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.key

    @property
    def is_open(self) -> bool:
        """Whether people add and take out rows."""
        return not self.count and not self.choices

    def row_ids(self, count: int = 0) -> list[str]:
        """The ids of the rows of a table that nobody adds rows to."""
        if not self.choices:
            return [f"n{number}" for number in range(1, count + 1)]
        ids: dict[str, None] = {}
        for number, choice in enumerate(self.choices, 1):
            own = f"c-{re.sub(r'[^A-Za-z0-9_-]', '_', choice.name)}"[:50]
            ids[own if own not in ids else f"{own}-{number}"] = None
        return list(ids)

    def choice_of(self, row: str) -> Choice | None:
        """Of a table from a list: whose row it is."""
        own = row.rsplit(".", 1)[-1]
        return next((choice for choice, key in zip(self.choices, self.row_ids(), strict=False) if key == own), None)


# ------------------------------------------------------------------------------------------------------------ names
def cell_name(question: str, row: str) -> str:
    return f"{question}{AT}{row}" if row else question


def row_name(table: str, row: str) -> str:
    return f"{ROW}{table}{AT}{row}"


def place_name(table: str, outer_row: str) -> str:
    """What a table is called where it stands: its key, inside a row `key@row`."""
    return f"{table}{AT}{outer_row}" if outer_row else table


def row_of(name: str) -> str:
    """The row that a name of an answer stands in; "" outside tables."""
    return name.partition(AT)[2]


def bare(name: str) -> str:
    """The name without its row."""
    return name.partition(AT)[0]


def outer_row(row: str) -> str:
    return row.rpartition(".")[0]


def rows_around(row: str) -> Iterator[str]:
    """The row itself and the rows around it, innermost first."""
    while row:
        yield row
        row = outer_row(row)


def is_row_key(row: str, depth: int) -> bool:
    parts = row.split(".")
    return len(parts) == depth and all(_ROW_ID.fullmatch(part) for part in parts)


def new_row_id() -> str:
    """Eight letters: of the rows of a report no two are ever the same."""
    return "".join(secrets.choice(_LETTERS) for _ in range(8))


def order_of(value: str) -> Decimal | None:
    """The number by which a row is sorted; None where the value says that there is no row."""
    try:
        return Decimal(value) if _ORDER.fullmatch(value or "") else None
    except InvalidOperation:  # pragma: no cover - the pattern lets none through
        return None


def as_order(number: Decimal) -> str:
    return format(number.normalize(), "f")


# ------------------------------------------------------------------------------------------------------------- rows
def rows_written(answers: Mapping[str, str]) -> dict[str, list[str]]:
    """{place of a table: keys of its rows in their order}, of the rows that people added."""
    found: dict[str, list[tuple[Decimal, str]]] = {}
    for name, value in answers.items():
        if name.startswith(ROW):
            order = order_of(str(value))
            table, _at, row = name.removeprefix(ROW).partition(AT)
            if order is not None and row:
                found.setdefault(place_name(table, outer_row(row)), []).append((order, row))
    return {place: [row for _order, row in sorted(rows)] for place, rows in found.items()}


def rows_counted(answers: Iterable[str], names: Iterable[str]) -> dict[str, int]:
    """{row around it: how many counted rows of a table have something in them}; a first guess at the count."""
    found: dict[str, int] = {}
    known = set(names)
    for name in answers:
        question, _at, row = name.partition(AT)
        around, _dot, own = row.rpartition(".")
        if row and question in known and own[:1] == "n" and own[1:].isdecimal():
            found[around] = max(found.get(around, 0), min(int(own[1:]), MAX_ROWS))
    return found


class RowView(Mapping):
    """What the names of a form mean inside a row: the row's own answer, else that of a row around it, else the form's."""

    def __init__(self, values: Mapping, row: str) -> None:
        self._values, self._names = values, list(rows_around(row))

    def __getitem__(self, name):
        for row in self._names:
            cell = cell_name(name, row)
            if cell in self._values:
                return self._values[cell]
        return self._values[name]

    def __iter__(self):
        return iter(self._values)

    def __len__(self):
        return len(self._values)


def seen_from(values: Mapping, row: str) -> Mapping:
    return RowView(values, row) if row else values
