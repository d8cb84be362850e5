"""Indicators laid over a form that somebody else wrote: the same workbook with the attributes written into its survey sheet.

Only what makes a form is carried over, cell by cell as text; the workbook that was uploaded stays as it is.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from .definition import NAMESPACE, FormDefinition, Question
from .reading import read_workbook
from .sheets import column
from .workbook import FormSheet, FormWorkbook
from .writer import SheetRows, write_workbook

PREFIX = "bind::sajad:"
# What a coordinator says of an indicator; the rest of a row's attributes stays with it while it belongs to the indicator.
LAID = (
    "indicator", "role", "weight", "standard", "floor", "direction", "unit", "evidence", "score", "bands", "aggregate", "scale",
)  # fmt: skip
SCORES_LAID = ("default", "linear", "bands", "manual")
_OF_QUESTION = {"sajad:check", "sajad:check_message", "sajad:check_message_en", "sajad:figure"}
_NO_LETTER = re.compile(r"[^A-Za-z0-9_]+")

Cells = dict[str, str]


@dataclass(frozen=True)
class LaidIndicator:
    """What a coordinator says of an indicator. `value` is the question measured; with `of` it is a part of that one.
    `attributes` by their names in the workbook, such as weight and standard."""

    code: str
    value: str
    of: str = ""
    attributes: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, str]:
        return {"value": self.value, **({"of": self.of} if self.of else {}), **self.attributes}


def measurable(definition: FormDefinition) -> list[Question]:
    """The questions that an indicator can be laid on: numbers that a person enters, each a row of its own and a name of its own."""
    rows = Counter(question.row for question in definition.questions)
    return [
        question
        for question in definition.questions
        if question.kind.numeric and question.is_input and not question.repeat
        if rows[question.row] == 1 and question.path.endswith(f"/{question.name}")
    ]  # fmt: skip


def laid_in(definition: FormDefinition) -> list[LaidIndicator]:
    """The indicators that a form has, as a coordinator would lay them: not what the portal fills itself, nor what is scored by a
    level that a person chooses."""
    found = []
    numbers = {question.name for question in measurable(definition)}
    for each in definition.indicators:
        if each.source or each.score not in SCORES_LAID or not numbers.issuperset(each.inputs.values()):
            continue
        value = each.inputs.get("value") or each.inputs.get("numerator", "")
        attributes = {name: str(getattr(each, name)) for name in LAID if name not in ("indicator", "role")}
        found.append(LaidIndicator(each.code, value, each.inputs.get("denominator", ""), attributes))
    return found


def overlaid(data: bytes, definition: FormDefinition, laid: Sequence[LaidIndicator]) -> bytes:
    """The workbook with these indicators in place of those that it had."""
    book = read_workbook(data)
    sheet = book.sheet("survey")
    return write_workbook(
        {
            "survey": _Survey(sheet, definition).laid(laid),
            **{name: _as_it_stands(each) for name, each in book.sheets.items() if name not in ("survey", "settings")},
            "settings": _settings(book, definition),
        },
        title=definition.title,
    )


def codes_by_row(data: bytes) -> dict[int, str]:
    """{row of the survey sheet: the code of the indicator that it belongs to}."""
    rows = read_workbook(data).sheet("survey").rows
    found = {
        row.number: text
        for row in rows
        for header, text in row.cells.items()
        if column(header).key == "sajad:indicator"
    }
    return found


class _Survey:
    def __init__(self, sheet: FormSheet, definition: FormDefinition) -> None:
        self.sheet, self.definition = sheet, definition
        self.keys = {header: column(header).key for header in sheet.headers}
        self.headers = {key: header for header, key in reversed(self.keys.items())}
        self.rows = {row.number: dict(row.cells) for row in sheet.rows}
        self.added: dict[int, list[Cells]] = {}
        self.codes = {number: self._get(cells, "sajad:indicator") for number, cells in self.rows.items()}

    def laid(self, indicators: Sequence[LaidIndicator]) -> SheetRows:
        shown = {each.code for each in laid_in(self.definition)}
        for number, cells in self.rows.items():
            if self.codes[number] in shown:
                for name in LAID:
                    cells.pop(self.headers.get(f"sajad:{name}", ""), None)
        for each in indicators:
            self._lay(each)
        for number, cells in self.rows.items():
            self._forget(cells, self.codes[number])
        written = []
        for number in range(2, max(self.rows, default=1) + 1):
            written += [self.rows.get(number, {}), *self.added.get(number, [])]
        names = dict.fromkeys([*self.sheet.headers, *(name for cells in written for name in cells)])
        return SheetRows(list(names), written)

    def _lay(self, each: LaidIndicator) -> None:
        value = self.definition.own_question(each.value)
        if not each.of:
            self._put(self.rows[value.row], {"indicator": each.code, "role": "value", **each.attributes})
            return
        of = self.definition.own_question(each.of)
        self._put(self.rows[value.row], {"indicator": each.code, "role": "numerator"})
        self._put(self.rows[of.row], {"indicator": each.code, "role": "denominator"})
        before = self.definition.indicator(each.code)
        same = before and before.inputs == {"numerator": each.value, "denominator": each.of}
        if before and same and before.ratio:
            head = self.rows[self.definition.own_question(before.ratio).row]
        else:
            head = self._ratio(each, value, of)
        self._put(head, {"indicator": each.code, **each.attributes})

    def _ratio(self, each: LaidIndicator, value: Question, of: Question) -> Cells:
        """A row behind the later of the two that calculates the part."""
        scale = each.attributes.get("scale", "")
        times = f" * {scale}" if scale not in ("", "1") else ""
        part = f"${{{value.name}}} div ${{{of.name}}}{times}"
        head: Cells = {
            self.headers["type"]: "calculate",
            self.headers["name"]: self._free_name(each.code),
            self.headers.get(
                "calculation", "calculation"
            ): f"if(${{{value.name}}} != '' and ${{{of.name}}} > 0, {part}, '')",
        }
        for header, text in self.rows[value.row].items():
            if self.keys.get(header) == "label":
                head[header] = text
        self.added.setdefault(max(value.row, of.row), []).append(head)
        return head

    def _free_name(self, code: str) -> str:
        names = {question.name for question in self.definition.questions}
        name = f"ratio_{_NO_LETTER.sub('_', code).strip('_') or 'of'}"
        while name in names:
            name += "_"
        return name

    def _put(self, cells: Cells, attributes: Cells) -> None:
        for name, text in attributes.items():
            if text:
                cells[self.headers.get(f"sajad:{name}", PREFIX + name)] = text

    def _forget(self, cells: Cells, before: str) -> None:
        """What was said of an indicator to which the row no longer belongs."""
        now = self._get(cells, "sajad:indicator")
        if not before and not now:
            return  # such as what a calculation reads of the unit
        for header in list(cells):
            key = self.keys.get(header, "")
            of_another = now != before and key not in _OF_QUESTION and key.removeprefix("sajad:") not in LAID
            if key.startswith("sajad:") and (not now or of_another):
                del cells[header]

    def _get(self, cells: Cells, key: str) -> str:
        return cells.get(self.headers.get(key, ""), "")


def _as_it_stands(sheet: FormSheet) -> SheetRows:
    last = max((row.number for row in sheet.rows), default=1)
    cells = {row.number: row.cells for row in sheet.rows}
    return SheetRows(list(sheet.headers), [cells.get(number, {}) for number in range(2, last + 1)])


def _settings(book: FormWorkbook, definition: FormDefinition) -> SheetRows:
    """With the form's own code, which a workbook without one has from its file's name, and the prefix declared."""
    sheet = book.sheet("settings")
    row = dict(sheet.rows[0].cells) if sheet.rows else {}
    known = {header.lower().replace(" ", "_"): header for header in sheet.headers}
    if not any(name in known and row.get(known[name]) for name in ("form_id", "set_form_id", "id_string")):
        row["form_id"] = definition.form_id
    header = known.get("namespaces", "namespaces")
    if "sajad=" not in row.get(header, ""):
        row[header] = f'{row.get(header, "")} sajad="{NAMESPACE}"'.strip()
    return SheetRows(list(dict.fromkeys([*sheet.headers, *row])), [row])
