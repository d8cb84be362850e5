"""Reads the sheets settings, choices and survey into rows that are understood; collects everything wrong with them."""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sajad_portal.lib.numbers import local_digits
from sajad_portal.lib.text import normalise

from . import sheets
from .definition import NAMESPACE
from .labels import Choice, Text
from .question_types import question_type
from .workbook import FormWorkbook, Problems, SheetRow

_NAME = re.compile(r"^[^\W\d][\w.\-]*$")


@dataclass
class SurveyItem:
    """A survey row, understood."""

    row: SheetRow
    kind: sheets.Kind
    name: str
    path: str  # without the root: "housing/housed"
    parents: tuple["SurveyItem", ...]
    cells: dict[str, str] = field(default_factory=dict)  # untranslated columns by key
    texts: dict[str, Text] = field(default_factory=dict)  # translated columns by key
    headers: dict[str, str] = field(default_factory=dict)  # key → header as written, for error messages
    key: str = ""  # the unique name

    @property
    def spelled(self) -> str:
        """Its type as the author wrote it, in small letters."""
        return " ".join(self.cells["type"].lower().split())


def read_settings(book: FormWorkbook, problems: Problems) -> dict[str, str]:
    sheet = book.sheet("settings")
    if not sheet.rows:
        return {}
    names = {"set_form_id": "form_id", "id_string": "form_id", "set_form_title": "form_title", "title": "form_title"}
    found = {}
    for header, text in sheet.rows[0].cells.items():
        key = header.lower().replace(" ", "_")
        found[names.get(key, key)] = text
    declared = found.get("namespaces", "")
    other = re.search(r"""\bsajad\s*=\s*["']?([^\s"']+)""", declared)
    if other and other[1] != NAMESPACE:
        problems.add(
            "settings",
            sheet.rows[0].number,
            "namespaces",
            _('The prefix “sajad” belongs to %(namespace)s. Write: sajad="%(namespace)s"') % {"namespace": NAMESPACE},
        )
    return found


def read_lists(book: FormWorkbook, problems: Problems) -> dict[str, tuple[Choice, ...]]:
    sheet = book.sheet("choices")
    columns = {header: sheets.column(header) for header in sheet.headers}
    known = {column.key for column in columns.values()}
    if sheet.rows and "list_name" not in known:
        problems.add("choices", 1, "list_name", _("The sheet “choices” has no column “list_name”."))
        return {}
    allow_twice = _settings_flag(book, "allow_choice_duplicates")
    lists: dict[str, list[Choice]] = {}
    seen: dict[tuple[str, str], int] = {}
    for row in sheet.rows:
        cells: dict[str, str] = {}
        label: Text = {}
        for header, text in row.cells.items():
            column = columns[header]
            if column.key == "label":
                label[column.language] = normalise(text)
            elif column.key in ("list_name", "name"):
                cells[column.key] = text
            elif not column.language and not header.lower().startswith(("image", "audio", "video", "media")):
                cells.setdefault(f"extra {header}", text)
        list_name, name = cells.get("list_name", ""), cells.get("name", "")
        if not list_name:
            if name or label:
                problems.add(
                    "choices",
                    row.number,
                    "list_name",
                    _("This choice belongs to no list. Write the list's name in “list_name”."),
                )
            continue
        if not name:
            problems.add(
                "choices",
                row.number,
                "name",
                _("This choice of the list “%(list)s” has no name.") % {"list": list_name},
            )
            continue
        if re.search(r"\s", name):
            problems.add(
                "choices",
                row.number,
                "name",
                _("The choice name “%(name)s” contains a space. Use letters, digits and _ only.") % {"name": name},
            )
        first = seen.setdefault((list_name, name), row.number)
        if first != row.number and not allow_twice:
            problems.add(
                "choices",
                row.number,
                "name",
                _("The choice “%(name)s” stands twice in the list “%(list)s” (also in row %(row)s).")
                % {"name": name, "list": list_name, "row": local_digits(first)},
            )
        extra = {key.removeprefix("extra "): text for key, text in cells.items() if key.startswith("extra ")}
        lists.setdefault(list_name, []).append(Choice(name, label, extra))
    return {name: tuple(choices) for name, choices in lists.items()}


def _settings_flag(book: FormWorkbook, key: str) -> bool:
    rows = book.sheet("settings").rows
    return bool(rows) and rows[0].get(key).lower() in ("yes", "true", "1")


def read_items(book: FormWorkbook, lists: dict, problems: Problems, warnings: list[str]) -> list[SurveyItem]:
    """The rows that say something, each with the groups around it."""
    sheet = book.sheet("survey")
    columns = {header: sheets.column(header) for header in sheet.headers}
    missing = {"type", "name"} - {column.key for column in columns.values()}
    for needed in sorted(missing, reverse=True):
        problems.add("survey", 1, needed, _("The sheet “survey” has no column “%(column)s”.") % {"column": needed})
    if missing:
        return []
    items: list[SurveyItem] = []
    open_blocks: list[SurveyItem] = []
    places: dict[str, int] = {}
    for row in sheet.rows:
        item = _item(row, columns, open_blocks, problems)
        if item is None:
            continue
        _check_name(item, places, problems)
        _check_question(item, lists, problems)
        if item.cells.get("trigger"):
            warnings.append(
                _("Row %(row)s: “trigger” is not honoured; %(name)s is calculated whenever something changes.")
                % {"row": local_digits(row.number), "name": item.name}
            )
        items.append(item)
        if item.kind.what == "begin":
            open_blocks.append(item)
    for block in open_blocks:
        problems.add(
            "survey",
            block.row.number,
            "type",
            _("The %(kind)s “%(name)s” is never closed. Add a row “end_%(kind)s” after its last question.")
            % {"kind": block.kind.type, "name": block.name},
        )
    if not any(item.kind.what in ("question", "foreign") for item in items) and not problems.errors:
        problems.add("survey", None, None, _("The form has no question."))
    _give_keys(items)
    return items


def _item(
    row: SheetRow, columns: dict[str, sheets.SurveyColumn], open_blocks: list[SurveyItem], problems: Problems
) -> SurveyItem | None:
    """What the row says; None where it ends a block, is switched off, or cannot be understood."""
    cells, texts, headers = _understood(row, columns)
    text = cells.get("type", "")
    if cells.get("disabled", "").lower() in ("yes", "true", "1"):
        return None
    if not text:
        if cells.get("name") or texts.get("label"):
            message = _("This row has no type. Write one, such as text, integer or select_one.")
            problems.add("survey", row.number, "type", message)
        return None
    kind = sheets.read_type(text)
    if kind.what == "end":
        if open_blocks and open_blocks[-1].kind.type == kind.type:
            open_blocks.pop()
        else:
            message = _("“%(type)s” closes nothing: no such group or repeat is open here.")
            problems.add("survey", row.number, "type", message % {"type": text})
        return None
    if not kind.what or kind.type == "loop":
        problems.add("survey", row.number, "type", _unknown_type(text))
        return None
    name = cells.get("name", "")
    if not name and not kind.answer.has_answer:
        name = f"generated_note_name_{row.number}"  # as pyxform names it
    path = "/".join([*(block.name for block in open_blocks), name])
    return SurveyItem(row, kind, name, path, tuple(open_blocks), cells, texts, headers)


def _check_name(item: SurveyItem, places: dict[str, int], problems: Problems) -> None:
    """`places`: {path: row} of the rows before."""
    row = item.row.number
    if not item.name:
        message = _("This row has no name. Each question and group needs one, in Latin letters.")
        problems.add("survey", row, "name", message)
        return
    if not _NAME.match(item.name) or item.name == "meta":
        message = _("“%(name)s” cannot be a name. Begin with a letter; use letters, digits, “_”, “-” and “.” only.")
        problems.add("survey", row, "name", message % {"name": item.name})
    first = places.setdefault(item.path, row)
    if first != row:
        message = _("The name “%(name)s” is used twice (also in row %(row)s).")
        problems.add("survey", row, "name", message % {"name": item.name, "row": local_digits(first)})


def _check_question(item: SurveyItem, lists: dict, problems: Problems) -> None:
    kind, row = item.kind, item.row.number
    if kind.what == "question" and kind.list_name and kind.list_name not in lists:
        message = _("There is no list “%(list)s” in the sheet “choices”.") % {"list": kind.list_name}
        problems.add("survey", row, "type", message)
    if kind.answer.is_calculated:
        given = item.cells.get("calculation") or item.cells.get("default")
        if not given and item.spelled not in question_type(kind.type).bare:
            problems.add("survey", row, "calculation", _("This calculate has no calculation."))
    elif kind.what in ("question", "foreign") and not _is_labelled(item.cells, item.texts):
        message = _("The question “%(name)s” has no label. Write what is asked.") % {"name": item.name}
        problems.add("survey", row, "label", message)


def _is_labelled(cells: dict[str, str], texts: dict[str, Text]) -> bool:
    shown = ("image", "big-image", "audio", "video", "media")
    return any(texts.get(key) for key in ("label", "hint", "guidance_hint")) or any(
        key.startswith(shown) for key in cells
    )


def _unknown_type(text: str) -> str:
    if re.match(r"^(select|rank)", text.lower()):
        return _("“%(type)s” names no list. Write select_one or select_multiple and then the list's name.") % {
            "type": text
        }
    return _("“%(type)s” is no question type of XLSForm.") % {"type": text}


def _understood(row: SheetRow, columns: dict[str, sheets.SurveyColumn]) -> tuple[dict, dict, dict]:
    cells: dict[str, str] = {}
    texts: dict[str, Text] = {}
    headers: dict[str, str] = {}
    for header, text in row.cells.items():
        column = columns[header]
        if column.language:
            texts.setdefault(column.key, {})[column.language] = normalise(text)
        else:
            cells[column.key] = text
        headers[column.key] = header
    return cells, texts, headers


def _give_keys(items: list[SurveyItem]) -> None:
    """Answers are kept by name, so a name that recurs in another group carries its group in front."""
    questions = [item for item in items if item.kind.what != "begin"]
    count: dict[str, int] = {}
    for item in questions:
        count[item.name] = count.get(item.name, 0) + 1
    for item in items:
        item.key = item.name if count.get(item.name, 0) < 2 else item.path.replace("/", "__")
