"""Reads the sheets settings, choices and survey into rows that are understood; collects everything wrong with them."""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sajad_portal.lib.numbers import local_digits
from sajad_portal.lib.text import normalise

from . import sheets
from .definition import NAMESPACE
from .labels import Text, in_own_language
from .lists import ChoiceLists
from .question_types import question_type
from .workbook import FormWorkbook, Problems, SheetRow

_SEARCH = re.compile(r"\bsearch\s*\(")
# What is stored about a cell of a table names the question and two rows (tables.py), in columns of 255 characters.
LONGEST_NAME = 200
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


def read_items(book: FormWorkbook, lists: ChoiceLists, problems: Problems, language: str) -> list[SurveyItem]:
    """The rows that say something, each with the groups around it. `language`: of texts in columns that name none."""
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
        item = _item(row, columns, open_blocks, lists, problems, language)
        if item is None:
            continue
        _check_name(item, places, problems)
        _check_question(item, lists, problems)
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
    row: SheetRow,
    columns: dict[str, sheets.SurveyColumn],
    open_blocks: list[SurveyItem],
    lists: ChoiceLists,
    problems: Problems,
    language: str,
) -> SurveyItem | None:
    """What the row says; None where it ends a block, is switched off, or cannot be understood."""
    cells, texts, headers = _understood(row, columns, language)
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
    if kind.list_name and is_searched(cells):
        kind = sheets.Kind(
            "foreign", text, kind.list_name
        )  # its choices stand in a file that the workbook does not hold
    if kind.file and kind.list_name not in lists.lists:
        kind = sheets.Kind("foreign", text, kind.list_name, file=kind.file)
    name = cells.get("name", "")
    if not name and not kind.answer.has_answer:
        name = sheets.unnamed_note(row.number)
    path = "/".join([*(block.name for block in open_blocks), name])
    return SurveyItem(row, kind, name, path, tuple(open_blocks), cells, texts, headers)


def is_searched(cells: dict[str, str]) -> bool:
    return bool(_SEARCH.search(cells.get("appearance", "")))


def _check_name(item: SurveyItem, places: dict[str, int], problems: Problems) -> None:
    """`places`: {path: row} of the rows before."""
    row = item.row.number
    if not item.name:
        message = _("This row has no name. Each question and group needs one, in Latin letters.")
        problems.add("survey", row, "name", message)
        return
    if not _NAME.match(item.name):
        message = _("“%(name)s” cannot be a name. Begin with a letter; use letters, digits, “_”, “-” and “.” only.")
        problems.add("survey", row, "name", message % {"name": item.name}, cause="no name")
    elif len(item.name) > LONGEST_NAME:
        message = _("“%(name)s” is too long for a name: at most %(limit)s characters.")
        told = message % {"name": f"{item.name[:40]}…", "limit": local_digits(LONGEST_NAME)}
        problems.add("survey", row, "name", told)
    elif item.path == "meta":
        problems.add("survey", row, "name", _("The name “meta” is kept for the form itself. Choose another."))
    first = places.setdefault(item.path, row)
    if first != row:
        message = _("The name “%(name)s” is used twice (also in row %(row)s).")
        told = message % {"name": item.name, "row": local_digits(first)}
        problems.add("survey", row, "name", told, cause=f"twice {item.path}")


def _check_question(item: SurveyItem, lists: ChoiceLists, problems: Problems) -> None:
    kind, row = item.kind, item.row.number
    if kind.what == "question" and kind.list_name and kind.list_name not in lists.lists:
        message = _("There is no list “%(list)s” in the sheet “%(sheet)s”.")
        sheet, name = lists.place(kind.list_name)
        problems.add("survey", row, "type", message % {"list": name, "sheet": sheet})
    if kind.answer.several:
        lists.refuse_blanks(kind.list_name, problems)
    if kind.answer.is_calculated:
        of_unit = item.cells.get("sajad:source") and not item.cells.get("sajad:indicator")
        given = item.cells.get("calculation") or item.cells.get("default") or of_unit
        if not given and item.spelled not in question_type(kind.type).bare:
            problems.add("survey", row, "calculation", _("This calculate has no calculation."))
    elif kind.what in ("question", "foreign") and not _is_labelled(item.texts):
        message = _("The question “%(name)s” has no label. Write what is asked.") % {"name": item.name}
        problems.add("survey", row, "label", message, cause="no label")


def _is_labelled(texts: dict[str, Text]) -> bool:
    return any(texts.get(key) for key in ("label", "hint", "guidance_hint", *sheets.MEDIA))


def _unknown_type(text: str) -> str:
    if re.match(r"^(select|rank)", text.lower()):
        return _("“%(type)s” names no list. Write select_one or select_multiple and then the list's name.") % {
            "type": text
        }
    return _("“%(type)s” is no question type of XLSForm.") % {"type": text}


def _understood(row: SheetRow, columns: dict[str, sheets.SurveyColumn], language: str) -> tuple[dict, dict, dict]:
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
    return cells, {key: in_own_language(text, language) for key, text in texts.items()}, headers


def own_language(settings: dict[str, str]) -> str:
    """The language of texts in columns that name none; "default" where the settings say nothing."""
    return sheets.language_code(settings.get("default_language", ""))


def _give_keys(items: list[SurveyItem]) -> None:
    """Answers are kept by name, so a name that recurs in another group carries its group in front."""
    questions = [item for item in items if item.kind.what != "begin"]
    count: dict[str, int] = {}
    for item in questions:
        count[item.name] = count.get(item.name, 0) + 1
    for item in items:
        item.key = item.name if count.get(item.name, 0) < 2 else item.path.replace("/", "__")
