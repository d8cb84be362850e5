"""A table of a report as a sheet: a row a row, its key in a hidden column, empty rows below for new ones."""

from django.utils.translation import gettext as _
from openpyxl.styles import Font, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from sajad_portal.lib.text import writable

from ...files.report_workbook import AROUND, COLUMN, ROW_KEY, TITLES
from ...queries.table_rows import row_label
from ...xlsform import FormDefinition, Question
from ...xlsform.tables import AT, MAX_ROWS, FormTable, bare, row_name, row_of
from ..entry.section import Field
from ..entry.tables import RowCard, TableCard
from .cells import BOX, HEAD, OPEN, ReportBook, answer_cell, drop_down, new_sheet, put_cell

FREE_ROWS = 25  # empty rows below a table to which people add rows


def table_sheets(made: ReportBook, card: TableCard) -> None:
    """A sheet for the table, and one for each table inside its rows with the rows of all of them."""
    _table_sheet(made, card.table, [("", card)], [])
    outer = list(card.rows)
    for inner in made.definition.tables_in(card.table.key):
        _inner_sheets(made, inner, outer)


def _inner_sheets(made: ReportBook, table: FormTable, outer: list[RowCard]) -> None:
    places = [(row_of(row.key), found) for row in outer for found in row.inner if found.table.key == table.key]
    _table_sheet(made, table, places, outer)
    for inner in made.definition.tables_in(table.key):
        _inner_sheets(made, inner, [row for _around, card in places for row in card.rows])


def _table_sheet(made: ReportBook, table: FormTable, places: list[tuple[str, TableCard]], outer: list[RowCard]) -> None:
    language, definition = made.language, made.definition
    questions = [q for name in table.names if (q := definition.question(name)) and q.is_seen and q.kind.has_answer]
    title = places[0][1].label if places and not table.outer else table.label_in(language)
    sheet = new_sheet(made, title)
    sheet.protection.insertRows = sheet.protection.sort = sheet.protection.autoFilter = False
    first = 3 if table.outer else 2  # the column of the first question
    put_cell(sheet, 1, 1, f"{ROW_KEY}{table.key}")
    if table.outer:
        put_cell(sheet, 1, 2, AROUND)
    taken: set[str] = set()
    put_cell(sheet, 2, 1, TITLES)
    if table.outer:
        put_cell(
            sheet,
            2,
            2,
            _unique(_("Row of “%(table)s”") % {"table": _label_of(definition, table.outer, language)}, taken),
        )
    for column, question in enumerate(questions, first):
        put_cell(sheet, 1, column, f"{COLUMN}{question.name}")
        put_cell(sheet, 2, column, _unique(_plain_label(question, language), taken))
        sheet.column_dimensions[get_column_letter(column)].width = 24
    if table.outer:
        sheet.column_dimensions["B"].width = 34
    sheet.row_dimensions[1].hidden = True
    sheet.column_dimensions["A"].hidden = True
    for column in range(2, first + len(questions)):
        head = sheet.cell(2, column)
        head.font, head.fill, head.border = Font(bold=True), HEAD, BOX
    sheet.freeze_panes = sheet.cell(3, first)
    rows = [(around, row) for around, card in places for row in card.rows]
    number = 2
    names = {row_of(row.key): _outer_name(made, row) for row in outer}
    for around, row in rows:
        number += 1
        put_cell(sheet, number, 1, row_of(row.key))
        made.base[row_name(table.key, row_of(row.key))] = made.assessment.draft.answers.get(
            row_name(table.key, row_of(row.key)), ""
        )
        if table.outer:
            put_cell(sheet, number, 2, names.get(around, around))
        fields = {bare(each.name): each for each in row.fields}
        for column, question in enumerate(questions, first):
            item = fields.get(question.name)
            if item is not None:
                answer_cell(made, sheet.cell(number, column), item, definition.question(item.name))
    last = number
    if table.is_open and any(card.can_add for _around, card in places):
        last = number + min(FREE_ROWS, max(1, MAX_ROWS - len(rows)))
        for empty in range(number + 1, last + 1):
            if table.outer:
                cell = put_cell(sheet, empty, 2, None, fill=OPEN)
                cell.protection, cell.border = Protection(locked=False), BOX
                drop_down(made, sheet, cell.coordinate, list(names.values()))
            for column, question in enumerate(questions, first):
                answer_cell(made, sheet.cell(empty, column), _free(question), question, known=False)
    _as_table(sheet, len(made.book.worksheets), last, first + len(questions) - 1)


def _as_table(sheet: Worksheet, number: int, last: int, width: int) -> None:
    """What Excel calls a table, from its titles to its last row. It has at least one row below the titles."""
    where = f"A2:{get_column_letter(width)}{max(last, 3)}"
    table = Table(displayName=f"sajad_table_{number}", ref=where)
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    table.autoFilter = None
    sheet.add_table(table)


def _free(question: Question) -> Field:
    """The field of a row that is not there yet."""
    return Field(name=question.name, control="text", label="", editable=True)


def _label_of(definition: FormDefinition, key: str, language: str) -> str:
    table = definition.table(key)
    return table.label_in(language) if table else key


def _outer_name(made: ReportBook, row: RowCard) -> str:
    """What a drop-down calls the row around: people read its words, the portal its key."""
    key, _at, row_key = row.key.partition(AT)
    table = made.definition.table(key)
    label = row_label(made.definition, table, row_key, row.number, made.assessment.evaluation.values) if table else ""
    return f"{label} [{row_key}]"


def _plain_label(question: Question, language: str) -> str:
    return writable(question.label_in(language)).replace("${", "«").replace("}", "»")


def _unique(text: str, taken: set[str]) -> str:
    """The columns of a table of Excel have names of their own."""
    base = " ".join(text.split())[:200] or "-"
    name = next(n for n in (base, *(f"{base} {i}" for i in range(2, 1000))) if n.casefold() not in taken)
    taken.add(name.casefold())
    return name
