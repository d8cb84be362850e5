"""Tables of reports in exports: a sheet a table in the workbook, an array of rows in JSON, and in CSV the long form, a line an answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.streams import FileColumn, as_json

from ...enums import QuestionState
from ...queries.drafts import FILE
from ...xlsform.definition import FormDefinition, Question
from ...xlsform.tables import (
    ROW,
    TABLE,
    FormTable,
    cell_name,
    is_row_key,
    outer_row,
    row_name,
    rows_around,
    rows_written,
)
from .columns import FIXED, Fixed, Layout, fixed_entry, question_entry

# What stands before the answers of a row: of which report it is, and which row.
OF_REPORT = ("unit_code", "unit_name", "call", "service", "form", "form_version", "tracking_code", "revision")
OF_ROW = (
    Fixed("row", _("Row’s key"), note=_("The same in every revision of the report, wherever the row stands")),
    Fixed("outer_row", _("Key of the row around it"), note=_("Of a table that stands inside the rows of another one")),
    Fixed("number", _("Row’s number"), "integer", note=_("Counted from 1, in the order of the unit")),
)


OF_REVIEW = (
    Fixed("review", _("What became of the row"), "select_one", QuestionState, _("Of the announced result that stands; empty before")),
    Fixed("remark", _("Remark on the row"), note=_("On the row, on a row around it or on the whole table, whichever is nearest")),
)  # fmt: skip
LONG = (
    *OF_REPORT, "table", *(item.name for item in OF_ROW), "question", "value", *(item.name for item in OF_REVIEW),
)  # fmt: skip
Words = Mapping[str, tuple[str, str]]  # {`row:TABLE@ROW` or `table:TABLE`: (what a result says of it, the remark)}
_PLACES = [next(n for n, item in enumerate(FIXED) if item.name == name) for name in OF_REPORT]


@dataclass(frozen=True)
class RowAnswers:
    """A row as it was submitted: its key, its number, and what is said in it by question."""

    table: FormTable
    key: str
    number: int
    cells: dict[str, str]
    word: tuple[str, str] = ("", "")  # what the result says of it, and the remark

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
        reviewed = [fixed_entry(item) for item in OF_REVIEW]
        taken = {entry.column.name for entry in (*entries, *reviewed)}
        answers = [question_entry(self._definition, question, taken) for question in self.questions]
        return Layout((*entries, *answers, *reviewed), tuple(self.questions))

    def rows(self, said: Mapping[str, str], files: Mapping[str, str], words: Words) -> list[RowAnswers]:
        """In the order of the unit; `said` {name: answer or calculated value}, `files` {what it is evidence of: the cell}."""
        return [
            RowAnswers(
                self.table, key, number, {q.name: _said(q, key, said, files) for q in self.questions}, self._word(key, words)
            )
            for number, key in self._keys(said)
        ]  # fmt: skip

    def _word(self, key: str, words: Words) -> tuple[str, str]:
        """Of the nearest that a result names: the row, a row around it, the table."""
        table: FormTable | None = self.table
        for row in rows_around(key) if words else ():
            if table is not None and (found := words.get(row_name(table.key, row))):
                return found
            table = self._definition.table(table.outer) if table is not None and table.outer else None
        return words.get(f"{TABLE}{self._definition.outermost(self.table).key}", ("", ""))

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
        self, fixed: Sequence[str], said: Mapping[str, str], files: Mapping[str, str], words: Words
    ) -> Iterator[list[str]]:
        before = [fixed[n] for n in _PLACES]
        for row in self.rows(said, files, words):
            yield [*before, *row.head, *row.cells.values(), *row.word]

    def long_rows(
        self, fixed: Sequence[str], said: Mapping[str, str], files: Mapping[str, str], words: Words
    ) -> Iterator[list[str]]:
        before = [fixed[n] for n in _PLACES]
        for row in self.rows(said, files, words):
            for name, value in row.cells.items():
                if value:
                    yield [*before, self.table.key, *row.head, name, value, *row.word]

    def json(self, said: Mapping[str, str], files: Mapping[str, str], words: Words) -> str:
        """`"table":[{"row":…,"outer_row":…,"number":…,"review":…,"remark":…,question:answer…},…]`."""
        numeric = {question.name: question.kind.numeric for question in self.questions}
        rows = []
        own = {item.name for item in (*OF_ROW, *OF_REVIEW)}
        called = {name: f"answer.{name}" if name in own else name for name in numeric}
        for row in self.rows(said, files, words):
            key, around, number = row.head
            parts = [f'"row":{as_json(key)}', f'"outer_row":{as_json(around)}', f'"number":{number}']
            parts += [f"{as_json(item.name)}:{as_json(word)}" for item, word in zip(OF_REVIEW, row.word, strict=True)]
            parts += [
                f"{as_json(called[name])}:{as_json(value, number=numeric[name])}" for name, value in row.cells.items()
            ]
            rows.append("{" + ",".join(parts) + "}")
        return f"{as_json(self.table.key)}:[{','.join(rows)}]"


def _said(question: Question, key: str, said: Mapping[str, str], files: Mapping[str, str]) -> str:
    name = cell_name(question.name, key)
    return files.get(FILE + name, "") if question.kind.is_file else str(said.get(name) or "")


def exported_tables(definition: FormDefinition) -> list[TableExport]:
    return [TableExport(definition, table) for table in definition.tables]


LONG_COLUMNS = [FileColumn(name, name in ("number", "value", "revision")) for name in LONG]
