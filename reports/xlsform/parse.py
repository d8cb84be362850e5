"""From an uploaded workbook to a FormDefinition.

Our own checks run first, because pyxform stops at its first error and a person wants all of them at once. pyxform then
binds every expression to absolute paths; we keep what it bound, never substituting `${name}` by hand.
"""

import contextlib
import io
import logging
import re
from dataclasses import dataclass, field

from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _
from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from sajad_portal.lib.text import normalise

from . import sheets
from .checks import check_expressions, check_references
from .definition import NAMESPACE, Choice, FormDefinition, Group, Question, Section, Text, Unsupported, paths_in
from .indicators import read_indicators
from .workbook import Problems, Row, Workbook, read_workbook

_NAME = re.compile(r"^[^\W\d][\w.\-]*$")
_ROW = re.compile(r"\[row : (\d+)\]")
_SHEET = re.compile(r"On the '([^']+)' sheet")
_COLUMN = re.compile(r"the '([^']+)' (?:value|column)")
_FILTER = re.compile(r"instance\('[^']*'\)/root/item\[(.*)\]", re.DOTALL)
_NS = {"h": "http://www.w3.org/1999/xhtml", "x": "http://www.w3.org/2002/xforms", "jr": "http://openrosa.org/javarosa"}
_X = "{http://www.w3.org/2002/xforms}"
# An unlabelled row may still be shown by these names only.
_OTHER: Text = {"fa": "سایر", "en": "Other"}
_OTHER_TEXT: Text = {"fa": "سایر (توضیح دهید)", "en": "Other (please specify)"}


@dataclass
class Item:
    """A survey row, understood."""

    row: Row
    kind: sheets.Kind
    name: str
    path: str  # without the root: "housing/housed"
    parents: tuple["Item", ...]
    cells: dict[str, str] = field(default_factory=dict)  # untranslated columns by key
    texts: dict[str, Text] = field(default_factory=dict)  # translated columns by key
    headers: dict[str, str] = field(default_factory=dict)  # key → header as written, for error messages
    key: str = ""  # the unique name


def parse_form(data: bytes, *, file_name: str = "") -> FormDefinition:
    """The definition in that workbook (.xlsx). Raises WorkbookRefused with everything that is wrong; stores nothing."""
    book = read_workbook(data)
    problems = Problems()
    warnings: list[str] = []
    settings = _settings(book, problems)
    lists = _lists(book, problems)
    items = _items(book, lists, problems, warnings)
    check_references(items, problems)
    problems.refuse_if_any()
    xform = _xform(book, settings, file_name, problems, warnings)
    tree = _Tree(xform)
    definition = _build(items, lists, settings, tree, file_name, warnings, problems)
    check_expressions(definition, items, problems)
    problems.refuse_if_any()
    return definition


# ------------------------------------------------------------------- the sheets
def _settings(book: Workbook, problems: Problems) -> dict[str, str]:
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


def _lists(book: Workbook, problems: Problems) -> dict[str, tuple[Choice, ...]]:
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
                % {"name": name, "list": list_name, "row": first},
            )
        extra = {key.removeprefix("extra "): text for key, text in cells.items() if key.startswith("extra ")}
        lists.setdefault(list_name, []).append(Choice(name, label, extra))
    return {name: tuple(choices) for name, choices in lists.items()}


def _settings_flag(book: Workbook, key: str) -> bool:
    rows = book.sheet("settings").rows
    return bool(rows) and rows[0].get(key).lower() in ("yes", "true", "1")


def _items(book: Workbook, lists: dict, problems: Problems, warnings: list[str]) -> list[Item]:
    sheet = book.sheet("survey")
    columns = {header: sheets.column(header) for header in sheet.headers}
    keys = {column.key for column in columns.values()}
    for needed in ("type", "name"):
        if needed not in keys:
            problems.add("survey", 1, needed, _("The sheet “survey” has no column “%(column)s”.") % {"column": needed})
    if not {"type", "name"} <= keys:
        return []
    items: list[Item] = []
    open_blocks: list[Item] = []
    siblings: dict[tuple[str, str], int] = {}
    for row in sheet.rows:
        cells, texts, headers = _understood(row, columns)
        if cells.get("disabled", "").lower() in ("yes", "true", "1"):
            continue
        kind_text = cells.get("type", "")
        if not kind_text:
            if cells.get("name") or texts.get("label"):
                problems.add(
                    "survey",
                    row.number,
                    "type",
                    _("This row has no type. Write one, such as text, integer or select_one."),
                )
            continue
        kind = sheets.kind_of(kind_text)
        name = cells.get("name", "")
        if kind.what == "end":
            if not open_blocks or open_blocks[-1].kind.type != kind.type:
                problems.add(
                    "survey",
                    row.number,
                    "type",
                    _("“%(type)s” closes nothing: no such group or repeat is open here.") % {"type": kind_text},
                )
            else:
                open_blocks.pop()
            continue
        if not kind.what or kind.type == "loop":
            problems.add("survey", row.number, "type", _unknown_type(kind_text))
            continue
        if not name and kind.type == "note":
            name = f"generated_note_name_{row.number}"
        if not name:
            problems.add(
                "survey",
                row.number,
                "name",
                _("This row has no name. Each question and group needs one, in Latin letters."),
            )
        elif not _NAME.match(name) or name == "meta":
            problems.add(
                "survey",
                row.number,
                "name",
                _("“%(name)s” cannot be a name. Begin with a letter; use letters, digits, “_”, “-” and “.” only.")
                % {"name": name},
            )
        path = "/".join([*(block.name for block in open_blocks), name])
        first = siblings.setdefault(("/".join(block.name for block in open_blocks), name), row.number)
        if name and first != row.number:
            problems.add(
                "survey",
                row.number,
                "name",
                _("The name “%(name)s” is used twice (also in row %(row)s).") % {"name": name, "row": first},
            )
        if kind.list_name and kind.what == "question" and kind.list_name not in lists:
            problems.add(
                "survey",
                row.number,
                "type",
                _("There is no list “%(list)s” in the sheet “choices”.") % {"list": kind.list_name},
            )
        if (
            kind.type == "calculate"
            and not cells.get("calculation")
            and not cells.get("default")
            and kind_text.lower() != "hidden"
        ):
            problems.add("survey", row.number, "calculation", _("This calculate has no calculation."))
        if cells.get("trigger"):
            warnings.append(
                _("Row %(row)s: “trigger” is not honoured; %(name)s is calculated whenever something changes.")
                % {"row": row.number, "name": name}
            )
        item = Item(row, kind, name, path, tuple(open_blocks), cells, texts, headers)
        items.append(item)
        if kind.what == "begin":
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


def _unknown_type(text: str) -> str:
    if re.match(r"^(select|rank)", text.lower()):
        return _("“%(type)s” names no list. Write select_one or select_multiple and then the list's name.") % {
            "type": text
        }
    return _("“%(type)s” is no question type of XLSForm.") % {"type": text}


def _understood(row: Row, columns: dict[str, sheets.Column]) -> tuple[dict, dict, dict]:
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


def _give_keys(items: list[Item]) -> None:
    """Answers are kept by name, so a name that recurs in another group carries its group in front."""
    questions = [item for item in items if item.kind.what != "begin"]
    count: dict[str, int] = {}
    for item in questions:
        count[item.name] = count.get(item.name, 0) + 1
    for item in items:
        item.key = item.name if count.get(item.name, 0) < 2 else item.path.replace("/", "__")


# --------------------------------------------------------------------- pyxform
def _xform(book: Workbook, settings: dict, file_name: str, problems: Problems, warnings: list[str]):
    data = book.for_pyxform()
    _declare_namespace(data)
    data["fallback_form_name"] = _stem(file_name)
    found: list[str] = []
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            logging.getLogger("pyxform").setLevel(logging.ERROR)
            result = convert(data, warnings=found, validate=False)
        tree = fromstring(result.xform)
    except PyXFormError as error:
        _explain(str(error), problems)
    except Exception as error:  # a broken form reaches pyxform's own bugs too; nothing is stored either way
        _explain(f"{type(error).__name__}: {error}", problems)
    problems.refuse_if_any()
    warnings.extend(text for text in dict.fromkeys(found) if text)
    return tree


def _declare_namespace(data: dict) -> None:
    """A workbook that uses the attributes without declaring their prefix means this one."""
    used = any("sajad:" in header.lower() for row in data["survey_header"] for header in row)
    settings = data.get("settings") or []
    row = settings[0] if settings else {}
    key = next((key for key in row if key.lower() == "namespaces"), "namespaces")
    if used and "sajad=" not in row.get(key, ""):
        row = {**row, key: f'{row.get(key, "")} sajad="{NAMESPACE}"'.strip()}
        data["settings"] = [row, *settings[1:]]
        data["settings_header"] = [{**(data.get("settings_header") or [{}])[0], key: None}]


def _explain(text: str, problems: Problems) -> None:
    row, sheet, column = _ROW.search(text), _SHEET.search(text), _COLUMN.search(text)
    problems.add(
        sheet[1] if sheet else "survey",
        int(row[1]) if row else None,
        column[1] if column else None,
        _("The form cannot be built: %(reason)s") % {"reason": _ROW.sub("", text).strip()[:500]},
    )


def _stem(file_name: str) -> str | None:
    stem = re.sub(r"\.[^.]*$", "", file_name.replace("\\", "/").rsplit("/", 1)[-1])
    return re.sub(r"[^\w.-]+", "-", stem).strip("-") or None


class _Tree:
    """What pyxform bound: binds by path, defaults, choice filters."""

    def __init__(self, xform) -> None:
        model = xform.find("h:head/x:model", _NS)
        self.model = model
        instance = next(child for child in model.find("x:instance", _NS))
        self.root = instance.tag.removeprefix(_X)
        self.version = instance.get("version", "")
        self.form_id = instance.get("id", "")
        self.binds = {bind.get("nodeset"): bind for bind in model.findall("x:bind", _NS)}
        self.defaults: dict[str, str] = {}
        self._walk(instance, f"/{self.root}")
        self.set_values: dict[str, str] = {}
        self.triggered: dict[str, str] = {}
        self.filters: dict[str, str] = {}
        body = xform.find("h:body", _NS)
        for element in [*model.iter(f"{_X}setvalue"), *body.iter(f"{_X}setvalue")]:
            target = self.triggered if "value-changed" in element.get("event", "") else self.set_values
            target.setdefault(element.get("ref", ""), element.get("value", ""))
        for element in body.iter():
            itemset = element.find("x:itemset", _NS)
            if itemset is not None:
                found = _FILTER.search(itemset.get("nodeset", ""))
                if found:
                    self.filters[element.get("ref", "")] = found[1]

    def _walk(self, element, path: str) -> None:
        for child in element:
            inner = f"{path}/{child.tag.split('}')[-1]}"
            if child.text and child.text.strip():
                self.defaults.setdefault(inner, child.text.strip())
            self._walk(child, inner)

    def bind(self, path: str, attribute: str) -> str:
        bind = self.binds.get(path)
        return (bind.get(attribute) or "").strip() if bind is not None else ""


# ---------------------------------------------------------------- the definition
def _build(items, lists, settings, tree: _Tree, file_name, warnings, problems) -> FormDefinition:
    root = tree.root
    sections: list[Section] = []
    groups: list[Group] = []
    questions: list[Question] = []
    metadata: dict[str, str] = {}
    foreign: list[Item] = []
    for item in items:
        path = f"/{root}/{item.path}"
        if item.kind.what == "begin":
            top = item.parents[0] if item.parents else item
            is_repeat = item.kind.type == "repeat"
            if not item.parents and not is_repeat:
                sections.append(Section(item.name, item.texts.get("label", {}), path, item.row.number))
            groups.append(
                Group(
                    item.name,
                    path,
                    item.texts.get("label", {}),
                    tree.bind(path, "relevant"),
                    "" if top.kind.type == "repeat" else top.name,
                    is_repeat,
                    item.row.number,
                )
            )
        elif item.kind.what == "metadata":
            metadata[path] = item.kind.type
        elif item.kind.what == "foreign":
            foreign.append(item)
        else:
            questions.extend(_question(item, path, lists, tree))
    if any(not question.section for question in questions):
        sections.insert(0, Section("", {}, f"/{root}"))
    for group in groups:
        if group.is_repeat:
            warnings.append(
                _("Row %(row)s: the table “%(name)s” (a repeat) is kept in the guide but is not filled in here yet.")
                % {"row": group.row, "name": group.name}
            )
    survey = [item for item in items if item.kind.what != "metadata"]
    return FormDefinition(
        form_id=settings.get("form_id") or tree.form_id or _stem(file_name) or root,
        title=normalise(settings.get("form_title", "")) or settings.get("form_id") or tree.form_id,
        version=tree.version,
        languages=_languages(items),
        root=root,
        sections=tuple(sections),
        groups=tuple(groups),
        questions=tuple(questions),
        indicators=tuple(read_indicators(items, problems)),
        unsupported=tuple(_unsupported(foreign, questions, groups, root, tree)),
        metadata=metadata,
        lists=dict(lists),
        counts={
            "questions": sum(item.kind.what in ("question", "foreign") for item in survey),
            "groups": sum(item.kind.what == "begin" and item.kind.type == "group" for item in survey),
            "repeats": sum(item.kind.what == "begin" and item.kind.type == "repeat" for item in survey),
            "choice_lists": len(lists),
            "constraints": sum(bool(item.cells.get("constraint")) for item in items),
            "relevants": sum(bool(item.cells.get("relevant")) for item in items),
            "calculations": sum(bool(item.cells.get("calculation")) for item in items),
        },
        warnings=tuple(warnings),
    )


def _question(item: Item, path: str, lists: dict, tree: _Tree) -> list[Question]:
    kind = item.kind
    choices = lists.get(kind.list_name, ())
    if kind.or_other and choices and not any(choice.name == "other" for choice in choices):
        choices = (*choices, Choice("other", _OTHER))
    parameters = dict(re.findall(r"([\w-]+)\s*=\s*([^\s;,]+)", item.cells.get("parameters", "")))
    if kind.type == "file" and " ".join(item.cells["type"].lower().split()) in sheets.IMAGES:
        parameters["accept"] = "image"
    top = item.parents[0] if item.parents else None
    repeat = next((block for block in item.parents if block.kind.type == "repeat"), None)
    root = f"/{tree.root}"
    common = {
        "row": item.row.number,
        "section": top.name if top and top.kind.type == "group" else "",
        "group": f"{root}/{item.parents[-1].path}" if item.parents else "",
        "repeat": f"{root}/{repeat.path}" if repeat else "",
    }
    question = Question(
        name=item.key,
        type=kind.type,
        path=path,
        label=item.texts.get("label", {}),
        hint=item.texts.get("hint", {}),
        required="" if tree.bind(path, "required") == "false()" else tree.bind(path, "required"),
        required_message=item.texts.get("required_message", {}),
        constraint=tree.bind(path, "constraint"),
        constraint_message=item.texts.get("constraint_message", {}),
        relevant=tree.bind(path, "relevant"),
        calculation=tree.bind(path, "calculate") or tree.triggered.get(path, ""),
        default=tree.defaults.get(path, ""),
        dynamic_default=tree.set_values.get(path, ""),
        read_only=""
        if kind.type == "note" or tree.bind(path, "readonly") == "false()"
        else tree.bind(path, "readonly"),
        appearance=item.cells.get("appearance", ""),
        choices=choices,
        choice_list=kind.list_name,
        choice_filter=tree.filters.get(path, ""),
        parameters=parameters,
        indicator=item.cells.get("sajad:indicator", ""),
        role=item.cells.get("sajad:role", "").lower(),
        **common,
    )
    other = f"{path}_other"
    if kind.or_other and other in tree.binds:
        extra = Question(
            name=f"{item.key}_other",
            type="text",
            path=other,
            label=_OTHER_TEXT,
            relevant=tree.bind(other, "relevant"),
            **common,
        )
        return [question, extra]
    return [question]


def _languages(items: list[Item]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for item in items for code in item.texts.get("label", {})))


def _unsupported(foreign: list[Item], questions, groups, root: str, tree: _Tree) -> list[Unsupported]:
    readers: dict[str, list[str]] = {}
    for source in (*questions, *groups):
        expressions = [source.relevant]
        if isinstance(source, Question):
            expressions += [source.constraint, source.calculation, source.required, source.choice_filter]
        for path in {path for text in expressions for path in paths_in(text, root)}:
            readers.setdefault(path, []).append(source.name)
    return [
        Unsupported(
            row=item.row.number,
            type=item.cells["type"].split()[0] if item.kind.type not in ("rank",) else "rank",
            name=item.name,
            path=f"/{root}/{item.path}",
            required=tree.bind(f"/{root}/{item.path}", "required") not in ("", "false()"),
            referenced_by=tuple(readers.get(f"/{root}/{item.path}", ())),
        )
        for item in foreign
    ]
