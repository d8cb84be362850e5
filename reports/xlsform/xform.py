"""pyxform's part: it builds the XForm and binds every expression to absolute paths."""

import logging
import re

from defusedxml.ElementTree import fromstring
from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from .definition import NAMESPACE
from .prepare import PyxformRows
from .refusals import crashed, pyxform_reason, pyxform_warnings
from .workbook import FormWorkbook, Problems

logger = logging.getLogger(__name__)

_ROW = re.compile(r"\[row : (\d+)\]")
_SHEET = re.compile(r"On the '([^']+)' sheet")
_COLUMN = re.compile(r"the '([^']+)' (?:value|column)")
_FILTER = re.compile(r"instance\('[^']*'\)/root/item\[(.*)\]", re.DOTALL)
_SEED = re.compile(r"^randomize\(.*,\s*([^\[\]]+?)\)$", re.DOTALL)
_NS = {"h": "http://www.w3.org/1999/xhtml", "x": "http://www.w3.org/2002/xforms"}
_X = "{http://www.w3.org/2002/xforms}"
_JR = "{http://openrosa.org/javarosa}"
# Advice for phones, and missing translations, which we tell in our own words.
_NOT_FOR_US = re.compile(r"max-pixels|is missing the (survey|choices) |On the 'settings' sheet, the 'form_id'")


def bind_form(book: FormWorkbook, file_name: str, problems: Problems, warnings: list[str]) -> "BoundForm":
    """What pyxform makes of the workbook. Its errors become problems, and refuse."""
    given = PyxformRows(book)
    data = given.data
    _declare_namespace(data)
    data["fallback_form_name"] = stem(file_name)
    found: list[str] = []
    try:
        result = convert(data, warnings=found, validate=False)
        tree = fromstring(result.xform)
    except PyXFormError as error:
        for text in re.split(r"\n(?=\[row : )", str(error)):  # of duplicates it says a line each
            _explain(text, given, problems)
    except Exception as error:  # a broken form reaches pyxform's own bugs too; nothing is stored either way
        logger.warning("pyxform stopped at a workbook: %s", error, exc_info=True)
        problems.add("survey", None, None, crashed())
    problems.refuse_if_any()
    warnings.extend(pyxform_warnings((text for text in found if text and not _NOT_FOR_US.search(text)), given.number))
    return BoundForm(tree)


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


def _explain(text: str, given: PyxformRows, problems: Problems) -> None:
    row, sheet, column = _ROW.search(text), _SHEET.search(text), _COLUMN.search(text)
    name = sheet[1] if sheet else "survey"
    problems.add(
        name,
        given.number(name, int(row[1])) if row else None,
        column[1] if column else None,
        pyxform_reason(_ROW.sub("", text).strip()),
    )


def stem(file_name: str) -> str | None:
    stem = re.sub(r"\.[^.]*$", "", file_name.replace("\\", "/").rsplit("/", 1)[-1])
    return re.sub(r"[^\w.-]+", "-", stem).strip("-") or None


class BoundForm:
    """What pyxform bound: binds by path, defaults, choice filters."""

    def __init__(self, xform) -> None:
        model = xform.find("h:head/x:model", _NS)
        self.model = model
        instance = next(child for child in model.find("x:instance", _NS))
        self.root = instance.tag.removeprefix(_X)
        self.version = instance.get("version", "")
        self.form_id = instance.get("id", "")
        self.sources = {  # {list: the file that holds it}
            each.get("id", ""): each.get("src", "").rpartition("/")[2]
            for each in model.findall("x:instance", _NS)
            if each.get("src", "").startswith("jr://file")
        }
        self.binds = {bind.get("nodeset"): bind for bind in model.findall("x:bind", _NS)}
        self.defaults: dict[str, str] = {}
        self._walk(instance, f"/{self.root}")
        self.set_values: dict[str, str] = {}
        self.triggered: dict[str, str] = {}
        self.triggers: dict[str, list[str]] = {}  # of what is calculated when they are answered
        self.filters: dict[str, str] = {}
        self.seeds: dict[str, str] = {}  # by which choices are shuffled
        self._counts: dict[str, str] = {}  # of repeats: the path that holds how many rows there are
        body = xform.find("h:body", _NS)
        for parent in [model, *body.iter()]:
            for element in parent.findall("x:setvalue", _NS):
                path = element.get("ref", "")
                changed = "value-changed" in element.get("event", "")
                (self.triggered if changed else self.set_values).setdefault(path, element.get("value", ""))
                if changed:
                    self.triggers.setdefault(path, []).append(parent.get("ref", ""))
        for repeat in body.iter(f"{_X}repeat"):
            self._counts[repeat.get("nodeset", "")] = repeat.get(f"{_JR}count", "").strip()
        for element in body.iter():
            itemset = element.find("x:itemset", _NS)
            listed = itemset.get("nodeset", "") if itemset is not None else element.get("query", "")
            found = _FILTER.search(listed)
            if found:
                self.filters[element.get("ref", "")] = found[1]
            seed = _SEED.search(listed)
            if seed:
                self.seeds[element.get("ref", "")] = seed[1].strip()

    def count(self, path: str) -> str:
        """How many rows a repeat has, as an expression: pyxform keeps one that is no name in a calculation of its own."""
        found = self._counts.get(path, "")
        return self.bind(found, "calculate") if found == f"{path}_count" and self.bind(found, "calculate") else found

    def _walk(self, element, path: str) -> None:
        for child in element:
            inner = f"{path}/{child.tag.split('}')[-1]}"
            if child.text and child.text.strip():
                self.defaults.setdefault(inner, child.text.strip())
            self._walk(child, inner)

    def bind(self, path: str, attribute: str) -> str:
        """`sajad:…` is an attribute of the portal's own namespace."""
        bind = self.binds.get(path)
        name = attribute if not attribute.startswith("sajad:") else f"{{{NAMESPACE}}}{attribute.removeprefix('sajad:')}"
        return (bind.get(name) or "").strip() if bind is not None else ""
