"""Reads the sheets choices and external_choices into lists; collects what is wrong with them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sajad_portal.lib.numbers import local_digits
from sajad_portal.lib.text import normalise

from . import sheets
from .datasets import is_dataset, read_dataset
from .labels import Choice, Text, in_own_language
from .workbook import FormSheet, FormWorkbook, Problems, rows_told

CHOICES, EXTERNAL = "choices", "external_choices"


@dataclass
class ChoiceLists:
    """`lists` by name, those of external_choices by `sheets.external_list`; `rows` where each choice stands."""

    lists: dict[str, tuple[Choice, ...]] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)
    from_files: set[str] = field(default_factory=set)

    def add_files(self, files: Mapping[str, bytes]) -> None:
        """Each file of rows as a list called like the file. Raises WorkbookRefused."""
        for name, data in files.items():
            if is_dataset(name):
                stem = name.rpartition(".")[0]
                if stem not in self.lists:
                    self.lists[stem] = read_dataset(name, data)
                    self.from_files.add(stem)

    @staticmethod
    def place(name: str) -> tuple[str, str]:
        """(sheet, name there) of a list."""
        prefix = sheets.external_list("")
        return (EXTERNAL, name.removeprefix(prefix)) if name.startswith(prefix) else (CHOICES, name)

    def refuse_blanks(self, name: str, problems: Problems) -> None:
        """A select_multiple keeps names with blanks between them, so none may hold one."""
        if name in self.from_files:
            return
        sheet, own = self.place(name)
        for choice, row in zip(self.lists.get(name, ()), self.rows.get(name, ()), strict=False):
            if re.search(r"\s", choice.name):
                message = _("The choice name “%(name)s” contains a space. Use letters, digits and _ only.")
                problems.add(sheet, row, "name", message % {"name": choice.name}, cause=f"a blank in {own}")


def read_lists(book: FormWorkbook, problems: Problems, warnings: list[str], language: str) -> ChoiceLists:
    found = ChoiceLists()
    for name in (CHOICES, EXTERNAL):
        _read(book.sheet(name), found, name, _allows_twice(book), problems, warnings, language)
    return found


def _read(
    sheet: FormSheet, found: ChoiceLists, place: str, allow_twice: bool, problems: Problems, warnings: list[str], language: str
) -> None:  # fmt: skip
    columns = {header: sheets.column(header) for header in sheet.headers}
    if sheet.rows and "list_name" not in {column.key for column in columns.values()}:
        message = _("The sheet “%(sheet)s” has no column “list_name”.") % {"sheet": place}
        problems.add(place, 1, "list_name", message)
        return
    lists: dict[str, list[Choice]] = {}
    seen: dict[tuple[str, str], int] = {}
    passed_over: list[int] = []
    for row in sheet.rows:
        list_name, choice = _choice(row.cells, columns, language)
        if not list_name:
            passed_over.append(row.number)  # a remark, or the heading of a list: pyxform passes it over too
            continue
        if not choice.name:
            message = _("This choice of the list “%(list)s” has no name.") % {"list": list_name}
            problems.add(place, row.number, "name", message)
            continue
        first = seen.setdefault((list_name, choice.name), row.number)
        if first != row.number and not allow_twice and place == CHOICES:
            message = _("The choice “%(name)s” stands twice in the list “%(list)s” (also in row %(row)s).")
            facts = {"name": choice.name, "list": list_name, "row": local_digits(first)}
            problems.add(place, row.number, "name", message % facts, cause=f"twice {list_name} {choice.name}")
        key = list_name if place == CHOICES else sheets.external_list(list_name)
        lists.setdefault(key, []).append(choice)
        found.rows.setdefault(key, []).append(row.number)
    found.lists |= {name: tuple(choices) for name, choices in lists.items()}
    if passed_over:
        message = _("Rows of the sheet “%(sheet)s” that name no list are passed over: %(rows)s.")
        warnings.append(message % {"sheet": place, "rows": rows_told(passed_over)})


def _choice(row: dict[str, str], columns: dict[str, sheets.SurveyColumn], language: str) -> tuple[str, Choice]:
    """(list, choice) of a row."""
    cells: dict[str, str] = {}
    label: Text = {}
    extra: dict[str, str] = {}
    media: dict[str, Text] = {}
    for header, text in row.items():
        column = columns[header]
        if column.key == "label":
            label[column.language] = normalise(text)
        elif column.key in sheets.MEDIA:
            media.setdefault(column.key, {})[column.language] = text
        elif column.key in ("list_name", "name"):
            cells[column.key] = text
        elif not column.language:
            extra[header] = text
    media = {kind: in_own_language(names, language) for kind, names in media.items()}
    return cells.get("list_name", ""), Choice(cells.get("name", ""), in_own_language(label, language), extra, media)


def _allows_twice(book: FormWorkbook) -> bool:
    rows = book.sheet("settings").rows
    return bool(rows) and rows[0].get("allow_choice_duplicates").lower() in ("yes", "true", "true()", "1")
