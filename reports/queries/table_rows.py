"""Rows of tables in what is written: which there are, what stands in them, what they are called. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import local_digits

from ..xlsform import Evaluation, FormDefinition, Question, display_answer, with_answers
from ..xlsform.tables import (
    ROW,
    FormTable,
    cell_name,
    order_of,
    outer_row,
    place_name,
    row_name,
    row_of,
    rows_around,
    seen_from,
)

NAMED_BY = 40  # letters of the answer that a row is called by


@dataclass(frozen=True)
class RowCell:
    """A question in a row; `question.name` is `name@row`. `number` counts the rows of the table from 1."""

    question: Question
    table: FormTable
    row: str
    number: int


@dataclass(frozen=True)
class TableRow:
    table: FormTable
    row: str
    number: int

    @property
    def name(self) -> str:
        return row_name(self.table.key, self.row)


def asked_rows(evaluation: Evaluation, table: FormTable, around: str = "") -> list[TableRow]:
    """The rows of a table that are asked, in their order; `around`: the row that the table stands in."""
    where = place_name(table.key, around)
    if not evaluation.relevant_tables.get(where, True):
        return []
    return [TableRow(table, row, number) for number, row in enumerate(evaluation.rows.get(where, ()), 1)]


def cells_in_rows(definition: FormDefinition, evaluation: Evaluation, section: str) -> Iterator[RowCell]:
    """Every question of every row of a section, row by row; a row's inner tables come after its own questions."""
    for table in definition.tables_of(section):
        yield from _cells(definition, evaluation, table, "")


def cells_of_tables(definition: FormDefinition, evaluation: Evaluation, paths: Iterable[str]) -> Iterator[RowCell]:
    """The same of the tables at these paths: those of a page."""
    for path in paths:
        if table := definition.table_at(path):
            yield from _cells(definition, evaluation, table, "")


def _cells(definition: FormDefinition, evaluation: Evaluation, table: FormTable, around: str) -> Iterator[RowCell]:
    for row in asked_rows(evaluation, table, around):
        for name in table.names:
            question = definition.own_question(cell_name(name, row.row))
            yield RowCell(question, table, row.row, row.number)
        for inner in definition.tables_in(table.key):
            yield from _cells(definition, evaluation, inner, row.row)


def all_rows(definition: FormDefinition, evaluation: Evaluation) -> Iterator[TableRow]:
    """Every row of every table, inner ones after the row that they stand in."""

    def walk(table: FormTable, around: str) -> Iterator[TableRow]:
        for row in asked_rows(evaluation, table, around):
            yield row
            for inner in definition.tables_in(table.key):
                yield from walk(inner, row.row)

    for table in definition.tables:
        if not table.outer:
            yield from walk(table, "")


# ------------------------------------------------------------------------------------------------------ what it is called
def row_label(
    definition: FormDefinition,
    table: FormTable,
    row: str,
    number: int,
    values: Mapping[str, str],
    *,
    whole: bool = False,
) -> str:
    """“Members 2: Sara”: the table, the row's number, and what the row is of, or its first answer in words. `whole`: where the
    row around it is not in sight, with what that one is of."""
    language = current_language()
    label = with_answers(table.label_in(language), definition, seen_from(values, row), language)
    about = _about(definition, table, row, values, language)
    head = _("%(table)s, row %(n)s") % {"table": label, "n": local_digits(number)}
    outer = definition.table(table.outer) if whole and table.outer else None
    around = _about(definition, outer, outer_row(row), values, language) if outer else ""
    return f"{around} · {head}{f': {about}' if about else ''}" if around else f"{head}: {about}" if about else head


def _about(definition: FormDefinition, table: FormTable, row: str, values: Mapping[str, str], language: str) -> str:
    choice = table.choice_of(row) if table.choices else None
    if choice is not None:
        return choice.label_in(language)
    for name in table.names:
        question = definition.own_question(cell_name(name, row))
        value = values.get(question.name, "")
        if value and question.is_seen and not question.kind.numeric and not question.kind.is_file:
            shown = display_answer(question, value, language)
            return shown if len(shown) <= NAMED_BY else f"{shown[:NAMED_BY]}…"
    return ""


# --------------------------------------------------------------------------------------------------------- what is there
def is_there(definition: FormDefinition, table: FormTable, row: str, flat: Mapping[str, str]) -> bool:
    """Whether the row, and each row around it, is one: of a table that people add rows to because it stands in the answers."""
    here: FormTable | None = table
    for each in rows_around(row):
        if here is None:
            return False
        if here.is_open and order_of(flat.get(row_name(here.key, each), "")) is None:
            return False
        here = definition.table(here.outer) if here.outer else None
    return True


def without_lost_rows(definition: FormDefinition, flat: Mapping[str, str]) -> dict[str, str]:
    """What is written without what stands in rows that were taken out."""
    if not definition.tables or not any("@" in name for name in flat):
        return dict(flat)
    kept: dict[str, str] = {}
    for name, value in flat.items():
        table = table_of_name(definition, name)
        if table is None or is_there(definition, table, row_of(name), flat):
            kept[name] = value
    return kept


def table_of_name(definition: FormDefinition, name: str) -> FormTable | None:
    """The table of a cell (`question@row`) or of a row (`row:table@row`); None for all other names."""
    if not row_of(name):
        return None
    if name.startswith(ROW):
        return definition.table_of_row(name)
    question = definition.question(name)
    return definition.table_at(question.table) if question else None


def tables_inside(definition: FormDefinition, table: FormTable) -> list[FormTable]:
    """It and every table inside its rows."""
    return [table, *(each for inner in definition.tables_in(table.key) for each in tables_inside(definition, inner))]
