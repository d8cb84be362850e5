"""Tables of reports in exports: a sheet a table in the workbook, an array of rows in JSON, and in CSV the long form, a line an answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.streams import FileColumn, as_json

from ...queries.drafts import FILE
from ...xlsform.definition import FormDefinition, Question
from ...xlsform.tables import ROW, FormTable, cell_name, is_row_key, outer_row, rows_written
from .columns import FIXED, Fixed, Layout, fixed_entry, question_entry

# What stands before the answers of a row: of which report it is, and which row.
OF_REPORT = ("unit_code", "unit_name", "call", "service", "form", "form_version", "tracking_code", "revision")
OF_ROW = (
    Fixed("row", _("Row’s key"), note=_("The same in every revision of the report, wherever the row stands")),
    Fixed("outer_row", _("Key of the row around it"), note=_("Of a table that stands inside the rows of another one")),
    Fixed("number", _("Row’s number"), "integer", note=_("Counted from 1, in the order of the unit")),
)
LONG = (
    *OF_REPORT, "table", *(item.name for item in OF_ROW), "question", "value",
)  # fmt: skip
_PLACES = [next(n for n, item in enumerate(FIXED) if item.name == name) for name in OF_REPORT]


@dataclass(frozen=True)
class RowAnswers:
    """A row as it was submitted: its key, its number, and what is said in it by question."""

    table: FormTable
    key: str
    number: int
    cells: dict[str, str]

    @property
    def head(self) -> list[str]:
        return [self.key, outer_row(self.key), str(self.number)]


class TableExport:
    """One table of a form."""

    def __init__(self, definition: FormDefinition, table: FormTable) -> None:
        self.table = table
        self.questions = [question for question in definition.questions_in(table) if question.kind.has_answer]
        self._definition = definition

    @cached_property
    def layout(self) -> Layout:
        by_name = {item.name: item for item in FIXED}
        entries = [fixed_entry(by_name[name]) for name in OF_REPORT] + [fixed_entry(item) for item in OF_ROW]
        taken = {entry.column.name for entry in entries}
        answers = [question_entry(self._definition, question, taken) for question in self.questions]
        return Layout((*entries, *answers), tuple(self.questions))

    def rows(self, said: Mapping[str, str], files: Mapping[str, str]) -> list[RowAnswers]:
        """In the order of the unit; `said` {name: answer or calculated value}, `files` {what it is evidence of: the cell}."""
        return [
            RowAnswers(self.table, key, number, {q.name: _said(q, key, said, files) for q in self.questions})
            for number, key in self._keys(said)
        ]

    def _keys(self, said: Mapping[str, str]) -> Iterator[tuple[int, str]]:
        table = self.table
        if table.is_open:
            of_table = {name: value for name, value in said.items() if name.startswith(f"{ROW}{table.key}@")}
            for keys in rows_written(of_table).values():
                yield from enumerate(keys, 1)
            return
        names = {question.name for question in self.questions}
        found = dict.fromkeys(key for name, _at, key in (name.partition("@") for name in said) if key and name in names)
        order = {own: n for n, own in enumerate(table.row_ids(), 1)}

        def number(key: str) -> int:
            own = key.rsplit(".", 1)[-1]
            return order.get(own) or (int(own[1:]) if own[1:].isdecimal() else 0)

        for key in sorted(found, key=lambda key: (outer_row(key), number(key))):
            if is_row_key(key, table.depth):
                yield number(key), key

    def sheet_rows(
        self, fixed: Sequence[str], said: Mapping[str, str], files: Mapping[str, str]
    ) -> Iterator[list[str]]:
        before = [fixed[n] for n in _PLACES]
        for row in self.rows(said, files):
            yield [*before, *row.head, *row.cells.values()]

    def long_rows(self, fixed: Sequence[str], said: Mapping[str, str], files: Mapping[str, str]) -> Iterator[list[str]]:
        before = [fixed[n] for n in _PLACES]
        for row in self.rows(said, files):
            for name, value in row.cells.items():
                if value:
                    yield [*before, self.table.key, *row.head, name, value]

    def json(self, said: Mapping[str, str], files: Mapping[str, str]) -> str:
        """`"table":[{"row":…,"outer_row":…,"number":…,question:answer…},…]`."""
        numeric = {question.name: question.kind.numeric for question in self.questions}
        rows = []
        for row in self.rows(said, files):
            key, around, number = row.head
            parts = [f'"row":{as_json(key)}', f'"outer_row":{as_json(around)}', f'"number":{number}']
            parts += [f"{as_json(name)}:{as_json(value, number=numeric[name])}" for name, value in row.cells.items()]
            rows.append("{" + ",".join(parts) + "}")
        return f"{as_json(self.table.key)}:[{','.join(rows)}]"


def _said(question: Question, key: str, said: Mapping[str, str], files: Mapping[str, str]) -> str:
    name = cell_name(question.name, key)
    return files.get(FILE + name, "") if question.kind.is_file else str(said.get(name) or "")


def exported_tables(definition: FormDefinition) -> list[TableExport]:
    return [TableExport(definition, table) for table in definition.tables]


LONG_COLUMNS = [FileColumn(name, name in ("number", "value", "revision")) for name in LONG]
