"""Tables and rows as what is reviewed: what is claimed of them in a revision, and what they are called. Pure, over loaded rows."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from ..models import Revision
from ..xlsform import FormDefinition
from ..xlsform.indicator import Indicator, JudgedRows
from ..xlsform.tables import MAX_ROWS, ROW, outer_row, row_name, row_of, rows_written
from .table_rows import is_there, row_label

DIGITS = 16  # 64 bits of what is claimed: a finding holds for exactly that


def claimed_rows(revision: Revision, judged: JudgedRows) -> dict[str, str]:
    """{"value": a few letters made of all that stands there}; "" where nothing does. The order of rows is part of their table and of
    the row around them; where a row stands itself is no part of what it says."""
    kept: dict[str, str] = revision.__dict__.setdefault("_claimed_rows", {})  # a page asks a dozen times
    if judged.code not in kept:
        kept[judged.code] = _digest(revision.answers, judged)
    return {"value": kept[judged.code]}


def _digest(answers: Mapping[str, str], judged: JudgedRows) -> str:
    held = {name: value for name, value in answers.items() if value and judged.holds(name)}
    cells = sorted((name, value) for name, value in held.items() if not name.startswith(ROW))
    rows = {place: keys for place, keys in rows_written(held).items() if keys != [judged.within]}
    own = any(name.startswith(ROW) for name in held)
    if not cells and not own:
        return ""
    body = json.dumps([cells, sorted(rows.items())], ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()[:DIGITS]


def has_row(definition: FormDefinition, code: str, answers: Mapping[str, str]) -> bool:
    """Whether what is written has this row (`row:KEY@ROW`). One of a table that nobody adds rows to is there while the rows around it
    are, whatever is written in it."""
    table = definition.table_of_row(code) if code.startswith(ROW) else None
    if table is None:
        return False
    own = row_of(code).rpartition(".")[2]
    if table.choices and own not in table.row_ids():
        return False
    counted = own[:1] == "n" and own[1:].isdecimal() and own.isascii() and 0 < int(own[1:][:6]) <= MAX_ROWS
    if table.count and not counted:
        return False
    return is_there(definition, table, row_of(code), answers)


def judged_rows(definition: FormDefinition, codes: Iterable[str], revisions: Sequence[Revision]) -> list[JudgedRows]:
    """Of these codes the rows that the last of these revisions has, in the order of the form and of their keys."""
    if not definition.tables or not revisions:
        return []
    order = {table.key: number for number, table in enumerate(definition.tables)}
    found = {code: definition.judged_row(code) for code in codes if code.startswith(ROW)}
    rows = [row for code, row in found.items() if row is not None and has_row(definition, code, revisions[-1].answers)]
    return sorted(rows, key=lambda row: (order[row.table], row.within))


def outermost_rows(definition: FormDefinition, table: JudgedRows, revision: Revision) -> list[str]:
    """The codes of the rows that people added to a table; of another table there are those that its form makes, which a reader sees and
    nobody counts here."""
    return [row_name(table.table, row) for row in rows_written(revision.answers).get(table.table, [])]


def judged_table(definition: FormDefinition, row: JudgedRows) -> JudgedRows:
    """The table under whose finding a row stands: the outermost one around it."""
    outer = definition.outermost(definition.own_table(row.table))
    return next(table for table in definition.judged_tables if table.table == outer.key)


def row_number(definition: FormDefinition, row: JudgedRows, answers: Mapping[str, str]) -> int:
    """Where a row stands in its table, from 1; 0 of a row that is not there."""
    table = definition.own_table(row.table)
    if table.is_open:
        around = outer_row(row.within)
        place = f"{table.key}@{around}" if around else table.key
        rows = rows_written({name: value for name, value in answers.items() if name.startswith(f"{ROW}{table.key}@")})
        keys = rows.get(place, [])
        return keys.index(row.within) + 1 if row.within in keys else 0
    own = row.within.rpartition(".")[2]
    ids = table.row_ids()
    if table.choices:
        return ids.index(own) + 1 if own in ids else 0
    return int("0" + "".join(filter(str.isdigit, own))[:6])


def label_of(definition: FormDefinition, judged: Indicator, revision: Revision | None, language: str) -> str:
    """What is reviewed, in words: of a row with its number and what it is of, as the revision has it."""
    if revision is None or not isinstance(judged, JudgedRows) or not judged.within:
        return judged.label_in(language)
    values = {**revision.answers, **revision.values}
    number = row_number(definition, judged, revision.answers)
    return row_label(definition, definition.own_table(judged.table), judged.within, number, values, whole=True)
