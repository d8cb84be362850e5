"""A report as a row of text cells, in the order of its layout. Pure, over what `content.Line` holds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain

from sajad_portal.lib.clock import TEHRAN
from sajad_portal.lib.jalali import format_date
from sajad_portal.lib.streams import NUMERAL, as_json

from ...models import Call
from ...queries.drafts import COMMENT, FILE, NOT_APPLICABLE
from ...queries.facts import number_text
from ...scoring.functions import decimal_text, level_percent
from .columns import FIXED, OF_INDICATOR, OF_QUESTION, Layout
from .content import ExportedReport
from .tables import TableExport, exported_tables

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
    if not at:
        return ""
    local = at.astimezone(TEHRAN)
    return f"{_jalali_day(local.date())} {local:%H:%M}"


@lru_cache(maxsize=1024)
def _jalali_day(day: date) -> str:
    return format_date(day, "numeric", "en")


def file_cells(evidence: list[dict]) -> dict[str, str]:
    """{what it is evidence of: the cell}: a file a line."""
    found: dict[str, str] = {}
    for item in evidence:
        of, file = item["indicator"], f"{item['name']}\t{item['sha256']}"
        found[of] = f"{found[of]}\n{file}" if of in found else file
    return found


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
        self._calls = {call.pk: _of_call(call) for call in calls}
        self._questions = [question.name for question in layout.questions]
        self._file_questions = [
            (n, FILE + question.name) for n, question in enumerate(layout.questions) if question.kind.is_file
        ]
        self._codes = [indicator.code for indicator in layout.indicators]
        self._judged = [judged.code for judged in layout.judged]
        self._not_applicable = [NOT_APPLICABLE + code for code in self._codes]
        self._comments = [COMMENT + code for code in self._codes]
        # The questions that make a value, "" for those that an indicator has not.
        self._claims = [
            (
                *(i.inputs.get(role, "") for role in ("value", "numerator", "denominator")),
                i.scale,
                i.levels if i.score == "levels" else "",
            )
            for i in layout.indicators
        ]
        self.tables = exported_tables(layout.definition) if layout.definition else []
        columns = layout.without_tables.columns
        numbers = [column.number for column in columns]
        end = len(FIXED) + len(layout.questions)
        self._fixed_json = JsonObject([column.name for column in columns[: len(FIXED)]], numbers[: len(FIXED)])
        self._answers_json = JsonObject(self._questions, numbers[len(FIXED) : end])
        inner = [suffix for suffix, *_rest in (OF_QUESTION if self._judged else OF_INDICATOR)]
        self._indicators_json = JsonObject([*self._codes, *self._judged], numbers[end:], inner)

    # ------------------------------------------------------------------------------------------------------ parts
    def fixed(self, line: ExportedReport) -> Row:
        """The cells of FIXED."""
        (
            _pk, unit_code, unit_name, unit_kind, call, tracking_code, status, standing, deadline, announced_at, final_at, _revision,
        ) = line.report  # fmt: skip
        _version, result, total, missed = line.result
        number = receipt = sha256 = ""
        submitted_at = None
        if line.revision:
            _pk, number, submitted_at, receipt, sha256, *_rest = line.revision
        return [
            unit_code, unit_name, unit_kind, *self._calls[call], tracking_code, status, standing, str(number),
            instant(submitted_at), jalali(submitted_at), receipt, sha256, instant(deadline), instant(announced_at),
            jalali(announced_at), instant(final_at), "" if result is None else str(result), decimal_cell(total),
            "" if result is None else str(int(missed)),
        ]  # fmt: skip

    def answered(self, line: ExportedReport) -> tuple[Row, Row]:
        """A cell a question of the form, in its order; and the cells of OF_INDICATOR, one indicator after another, or of OF_QUESTION.

        Ten thousand reports have four million of them: a list a column, each made without a call a cell, and put together
        at the end.
        """
        said, files = self._said(line)  # what was calculated, else what was answered
        answers = line.revision[5] if line.revision else {}
        row = [said.get(name) or "" for name in self._questions]
        for n, key in self._file_questions:
            row[n] = files.get(key, "")
        if self._judged:
            return row, [cell for code in self._judged for cell in line.verdicts.get(code, ("", ""))]
        findings = line.findings
        columns = (
            self._claimed(said),
            *zip(*[findings.get(code, NOTHING) for code in self._codes], strict=True),
            [answers.get(key) or "" for key in self._not_applicable],
            [answers.get(key) or "" for key in self._comments],
            [files.get(code, "") for code in self._codes],
        )
        return row, list(chain.from_iterable(zip(*columns, strict=True)))

    def _claimed(self, said: Mapping[str, str]) -> Row:
        """What the unit's own figures make of each indicator."""
        return [
            decimal_text(level_percent(levels, said.get(value) or "")) or "" if levels
            else number_cell(said.get(value) or "") if value
            else ratio_cell(said.get(top) or "", said.get(bottom) or "", scale)
            for value, top, bottom, scale, levels in self._claims
        ]  # fmt: skip

    # ------------------------------------------------------------------------------------------------------ wholes
    def sheet(self, line: ExportedReport) -> Row:
        """`wide` without the tables, which have sheets of their own."""
        answers, indicators = self.answered(line)
        return [*self.fixed(line), *answers, *indicators]

    def wide(self, line: ExportedReport) -> Row:
        return [*self.sheet(line), *(f"[{found.partition(':[')[2]}" for found in self._tables(line))]

    def _tables(self, line: ExportedReport) -> Row:
        """A member of a JSON object each: its name and its rows."""
        if not self.tables:
            return []
        said, files = self._said(line)
        return [table.json(said, files, line.rows_said) for table in self.tables]

    @staticmethod
    def _said(line: ExportedReport) -> tuple[dict[str, str], dict[str, str]]:
        answers, values, evidence = line.revision[5:] if line.revision else ({}, {}, [])
        return {**answers, **values}, file_cells(evidence)

    def of_table(self, line: ExportedReport, table: TableExport, *, long: bool = False) -> list[Row]:
        """A row a row of the table; `long`: a row an answer in it."""
        said, files = self._said(line)
        return list((table.long_rows if long else table.sheet_rows)(self.fixed(line), said, files, line.rows_said))

    def long(self, line: ExportedReport) -> Row:
        answers, indicators = self.answered(line)
        own = self._answers_json.of(answers)
        if tables := self._tables(line):
            own = f"{own[:-1]}{',' if answers else ''}{','.join(tables)}}}"
        return [*self.fixed(line), own, self._indicators_json.of(indicators)]

    def json_line(self, line: ExportedReport) -> str:
        """The report as one object: its fixed columns, and below `answers` and `indicators` what `wide` has in columns."""
        *fixed, answers, indicators = self.long(line)
        return f'{self._fixed_json.of(fixed)[:-1]},"answers":{answers},"indicators":{indicators}}}'


class JsonObject:
    """Objects with the same keys, made of their cells; with `inner`, of objects that have these keys each."""

    def __init__(self, keys: Sequence[str], numbers: Sequence[bool], inner: Sequence[str] = ()):
        value = _pattern(inner, "%s") if inner else "%s"
        self._pattern, self._numbers = _pattern(keys, value), numbers

    def of(self, cells: Row) -> str:
        values = zip(cells, self._numbers, strict=True)
        return self._pattern % tuple([as_json(cell, number=number) if cell else "null" for cell, number in values])


def _pattern(keys: Iterable[str], value: str) -> str:
    return "{" + ",".join([f"{as_json(key).replace('%', '%%')}:{value}" for key in keys]) + "}"


def _of_call(call: Call) -> Row:
    version = call.form_version
    return [str(call.pk), call.title, call.service.title_here, call.period_code, version.form.code, str(version.number)]
