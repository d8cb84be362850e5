"""A report as a row of text cells, in the order of its layout. Pure, over what `content.Line` holds."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from sajad_portal.lib.clock import TEHRAN
from sajad_portal.lib.jalali import format_datetime
from sajad_portal.lib.streams import NUMERAL, as_json

from ..facts import number_text
from ..models import Call
from ..xlsform.definition import Indicator
from .columns import COMMENT, FILE, FIXED, NOT_APPLICABLE, OF_INDICATOR, Layout
from .content import Line

NOTHING = ("", "", "", "")
PLACES = Decimal(1).scaleb(-10)  # of a claimed ratio, as facts keep it
Row = list[str]


def decimal_cell(value: Decimal | None) -> str:
    """Every digit, no exponent, no zeros at the end."""
    if value is None:
        return ""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def instant(at: datetime | None) -> str:
    return at.astimezone(TEHRAN).isoformat(timespec="seconds") if at else ""


def jalali(at: datetime | None) -> str:
    return format_datetime(at, "numeric", "en").replace(", ", " ") if at else ""


def files_cell(files: list[dict]) -> str:
    return "\n".join([f"{item['name']}\t{item['sha256']}" for item in files])


def number_cell(text: str) -> str:
    """A figure as facts keep it: without zeros at its end; "" for what is none."""
    if text.isdigit() and text.isascii():
        return text
    if "." not in text or not NUMERAL.fullmatch(text):
        return number_text(text) or ""
    return text.rstrip("0").rstrip(".")


@lru_cache(maxsize=4096)
def ratio_cell(top: str, bottom: str, scale: str) -> str:
    """The value that a numerator and a denominator make; "" where they make none."""
    above, below = number_text(top), number_text(bottom)
    if above is None or below is None or not (under := Decimal(below)):
        return ""
    return decimal_cell((Decimal(above) / under * Decimal(scale or 1)).quantize(PLACES))


class Rows:
    """Turns lines of one form into rows; what is the same for all its reports is worked out once. `layout`: `wide` of it."""

    def __init__(self, layout: Layout, calls: Iterable[Call]):
        self._questions = [(question.name, question.type == "file") for question in layout.questions]
        self._plans = [_plan(indicator) for indicator in layout.indicators]
        self._calls = {call.pk: _of_call(call) for call in calls}
        keys = [(as_json(entry.column.name), entry.column.number) for entry in layout.entries]
        end = len(FIXED) + len(layout.questions)
        self._fixed_keys = keys[: len(FIXED)]
        self._answer_keys = [
            (as_json(question.name), number)
            for question, (_key, number) in zip(layout.questions, keys[len(FIXED) : end], strict=True)
        ]
        self._indicator_keys = [as_json(indicator.code) for indicator in layout.indicators]

    # ------------------------------------------------------------------------------------------------------ parts
    def fixed(self, line: Line) -> Row:
        """The cells of FIXED."""
        (
            _pk, unit_code, unit_name, unit_kind, call, tracking_code, status, deadline, announced_at, final_at, _revision,
        ) = line.report  # fmt: skip
        _version, result, total, missed = line.result
        number = standing = receipt = sha256 = ""
        submitted_at = None
        if line.revision:
            _pk, number, standing, submitted_at, receipt, sha256, *_rest = line.revision
        return [
            unit_code, unit_name, unit_kind, *self._calls[call], tracking_code, status, standing, str(number),
            instant(submitted_at), jalali(submitted_at), receipt, sha256, instant(deadline), instant(announced_at),
            jalali(announced_at), instant(final_at), "" if result is None else str(result), decimal_cell(total),
            "" if result is None else str(int(missed)),
        ]  # fmt: skip

    def answers(self, line: Line) -> Row:
        """A cell a question of the form, in its order."""
        if not line.revision:
            return [""] * len(self._questions)
        answers, values, evidence = line.revision[6:]
        files = _by_indicator(evidence)
        return [
            files_cell(files.get(FILE + name, [])) if is_file else _said(values, answers, name)
            for name, is_file in self._questions
        ]

    def indicators(self, line: Line) -> Row:
        """The cells of OF_INDICATOR, one indicator of the form after another. Ten thousand reports have half a million."""
        answers, values, evidence = line.revision[6:] if line.revision else ({}, {}, [])
        files, findings = _by_indicator(evidence), line.findings
        row: Row = []
        for code, value, top, bottom, scale, not_applicable, comment in self._plans:
            claimed = ""
            if value:
                said = _said(values, answers, value)
                claimed = number_cell(said) if said else ""
            elif top and (said := _said(values, answers, top)):
                claimed = ratio_cell(said, _said(values, answers, bottom), scale)
            state, verified, points, weight = findings.get(code, NOTHING)
            own = files.get(code)
            row += (
                claimed, verified or "", points or "", weight or "", state, answers.get(not_applicable, ""), answers.get(comment, ""),
                files_cell(own) if own else "",
            )  # fmt: skip
        return row

    # ------------------------------------------------------------------------------------------------------ wholes
    def wide(self, line: Line) -> Row:
        row = self.fixed(line)
        row += self.answers(line)
        row += self.indicators(line)
        return row

    def long(self, line: Line) -> Row:
        return [*self.fixed(line), self._answers_json(line), self._indicators_json(line)]

    def json_line(self, line: Line) -> str:
        """The report as one object: its fixed columns, and below `answers` and `indicators` what `wide` has in columns."""
        fixed = _object(self._fixed_keys, self.fixed(line))
        return f'{fixed[:-1]},"answers":{self._answers_json(line)},"indicators":{self._indicators_json(line)}}}'

    def _answers_json(self, line: Line) -> str:
        return _object(self._answer_keys, self.answers(line))

    def _indicators_json(self, line: Line) -> str:
        cells, width = self.indicators(line), len(OF_INDICATOR)
        found = [
            f"{key}:{_object(_INDICATOR_KEYS, cells[place : place + width])}"
            for place, key in zip(range(0, len(cells), width), self._indicator_keys, strict=True)
        ]
        return "{" + ",".join(found) + "}"


_INDICATOR_KEYS = [(as_json(suffix), number) for suffix, _label, number, *_rest in OF_INDICATOR]


def _object(keys: list[tuple[str, bool]], cells: Row) -> str:
    found = zip(keys, cells, strict=True)
    return (
        "{"
        + ",".join([f"{key}:{as_json(cell, number=number) if cell else 'null'}" for (key, number), cell in found])
        + "}"
    )


def _said(values: Mapping[str, str], answers: Mapping[str, str], name: str) -> str:
    """What was calculated, else what was answered."""
    return values.get(name, answers.get(name)) or ""


def _by_indicator(evidence: list[dict]) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for item in evidence:
        found.setdefault(item["indicator"], []).append(item)
    return found


def _plan(indicator: Indicator) -> tuple[str, ...]:
    """Its code, the questions that make its value, and the keys of what was said of it."""
    code, inputs = indicator.code, indicator.inputs
    return (
        code, inputs.get("value", ""), inputs.get("numerator", ""), inputs.get("denominator", ""), indicator.scale,
        NOT_APPLICABLE + code, COMMENT + code,
    )  # fmt: skip


def _of_call(call: Call) -> Row:
    version = call.form_version
    return [str(call.pk), call.title, call.period_code, version.form.code, str(version.number)]
