"""A workbook made plain before it is read: loops unrolled for us and pyxform alike, and its spellings as pyxform wants them.

Rows keep the number that the author sees; what pyxform counts is told back to it by `PyxformRows`.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from . import sheets
from .workbook import FormSheet, FormWorkbook, Problems, SheetRow

MAX_ROWS_OF_LOOPS = 10_000
_NO_CHOICE = "none"  # pyxform makes no group of it
_SLOT = re.compile(r"%\((name|label)\)s")


def unrolled(book: FormWorkbook, problems: Problems) -> FormWorkbook:
    """The workbook with each `begin loop over LIST` as a group that holds a group for each choice of the list.

    So does pyxform; texts of rows in it may hold `%(name)s` and `%(label)s` of the choice.
    """
    survey = book.sheet("survey")
    types = _header(survey, "type")
    if not any(sheets.read_type(row.get(types)).type == "loop" for row in survey.rows):
        return book
    rows = _Loops(book, problems).unroll(list(survey.rows), 0)
    problems.refuse_if_any()  # what follows a broken loop would be told wrongly
    if len(rows) > MAX_ROWS_OF_LOOPS:
        message = _("The loops make more than %(n)s rows of this sheet.") % {"n": MAX_ROWS_OF_LOOPS}
        problems.add("survey", None, types, message)
        problems.refuse_if_any()
    return replace(book, sheets={**book.sheets, "survey": replace(survey, rows=rows)})


def _header(sheet: FormSheet, key: str, language: str = "") -> str:
    """The header that means that column; its key where there is none."""
    for header in sheet.headers:
        column = sheets.column(header)
        if column.key == key and (not language or column.language == language):
            return header
    return key


class _Loops:
    def __init__(self, book: FormWorkbook, problems: Problems) -> None:
        self.survey, self.choices, self.problems = book.sheet("survey"), book.sheet("choices"), problems
        self.type, self.name = _header(self.survey, "type"), _header(self.survey, "name")
        self.labels = {
            header: column.language
            for header in self.survey.headers
            if (column := sheets.column(header)).key == "label"
        }

    def unroll(self, rows: list[SheetRow], depth: int) -> list[SheetRow]:
        found: list[SheetRow] = []
        at = 0
        while at < len(rows) and len(found) <= MAX_ROWS_OF_LOOPS:
            kind = sheets.read_type(rows[at].get(self.type))
            if kind.type != "loop" or kind.what != "begin":
                found.append(rows[at])
                at += 1
                continue
            end = self._end(rows, at)
            if end is None or depth > 5:
                message = _("The loop “%(name)s” is never closed. Add a row “end loop” after its last question.")
                self.problems.add("survey", rows[at].number, self.type, message % {"name": rows[at].get(self.name)})
                return found
            found += self._one(rows[at], self.unroll(rows[at + 1 : end], depth + 1), rows[end], kind.list_name)
            at = end + 1
        return found

    def _end(self, rows: list[SheetRow], start: int) -> int | None:
        open_loops = 0
        for index in range(start, len(rows)):
            kind = sheets.read_type(rows[index].get(self.type))
            if kind.type == "loop":
                open_loops += 1 if kind.what == "begin" else -1
            if not open_loops:
                return index
        return None

    def _one(self, begin: SheetRow, rows: list[SheetRow], end: SheetRow, list_name: str) -> list[SheetRow]:
        choices = list(self._choices(list_name))
        if not choices:
            message = _("There is no list “%(list)s” in the sheet “choices”.") % {"list": list_name}
            self.problems.add("survey", begin.number, self.type, message)
        found = [self._as_group(begin)]
        for choice in choices:
            if len(found) > MAX_ROWS_OF_LOOPS:
                break  # `unrolled` refuses it
            if choice["name"] == _NO_CHOICE:
                continue
            labels = {header: self._label(choice, language) for header, language in self.labels.items()}
            cells = {header: text for header, text in labels.items() if text}
            found.append(SheetRow(begin.number, {**cells, self.type: "begin group", self.name: choice["name"]}))
            found += [self._for(row, choice) for row in rows[: MAX_ROWS_OF_LOOPS + 1]]
            found.append(SheetRow(end.number, {self.type: "end group"}))
        return [*found, SheetRow(end.number, {**end.cells, self.type: "end group"})]

    def _as_group(self, begin: SheetRow) -> SheetRow:
        return SheetRow(begin.number, {**begin.cells, self.type: "begin group"})

    def _choices(self, list_name: str) -> Iterable[dict[str, str]]:
        columns = {header: sheets.column(header) for header in self.choices.headers}
        for row in self.choices.rows:
            cells: dict[str, str] = {}
            for header, text in row.cells.items():
                column = columns[header]
                cells[f"label {column.language}" if column.key == "label" else column.key] = text
            if cells.get("list_name") == list_name and cells.get("name"):
                yield cells

    @staticmethod
    def _label(choice: dict[str, str], language: str) -> str:
        return choice.get(f"label {language}") or choice.get("label default", "")

    def _for(self, row: SheetRow, choice: dict[str, str]) -> SheetRow:
        def cell(header: str, text: str) -> str:
            language = sheets.column(header).language or "default"
            own = {"name": choice["name"], "label": self._label(choice, language) or choice["name"]}
            return _SLOT.sub(lambda slot: own[slot[1]], text)

        return SheetRow(row.number, {header: cell(header, text) for header, text in row.cells.items()})


class PyxformRows:
    """The workbook as pyxform is given it, and which row of the sheet is its nth."""

    def __init__(self, book: FormWorkbook) -> None:
        self._numbers = {name: [row.number for row in sheet.rows] for name, sheet in book.sheets.items()}
        self.data: dict = {"sheet_names": book.names}
        for name, sheet in book.sheets.items():
            headers = {header: sheets.with_double_colons(header) for header in sheet.headers}
            rows = [{headers[header]: text for header, text in row.cells.items()} for row in sheet.rows]
            if name == "survey":
                self._spell(sheet, headers, rows)
                self._fill(sheet, headers, rows)
            self.data[name] = rows
            self.data[f"{name}_header"] = [dict.fromkeys(headers.values())] if headers else []

    def _spell(self, sheet: FormSheet, headers: dict[str, str], rows: list[dict[str, str]]) -> None:
        types, names = (headers.get(_header(sheet, key), key) for key in ("type", "name"))
        for cells, row in zip(rows, sheet.rows, strict=True):
            if types in cells:
                cells[types] = sheets.as_pyxform_writes(cells[types])
                if names not in cells and not sheets.read_type(cells[types]).answer.has_answer:
                    cells[names] = sheets.unnamed_note(row.number)

    @staticmethod
    def _fill(sheet: FormSheet, headers: dict[str, str], rows: list[dict[str, str]]) -> None:
        """What the portal fills from the unit needs no calculation here, and one in pyxform."""
        source, name = _header(sheet, "sajad:source"), _header(sheet, "calculation")
        if source not in headers:
            return
        calculation = headers.setdefault(name, name)
        for cells in rows:
            if sheets.unit_source(cells.get(headers[source], "")) and not cells.get(calculation):
                cells[calculation] = "''"

    def number(self, sheet: str, counted: int) -> int:
        """pyxform counts the row of titles as the first."""
        numbers = self._numbers.get(sheet, [])
        return numbers[counted - 2] if 2 <= counted < len(numbers) + 2 else counted
