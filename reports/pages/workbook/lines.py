"""A section of a report as a sheet: a line a question, with its unit, its hint and earlier periods beside it."""

from django.utils.translation import gettext as _
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from sajad_portal.lib.numbers import local_number

from ...files.report_workbook import ANSWER, CODE, TITLES
from ...files.workbook_cells import offered_labels
from ...xlsform import Question
from ...xlsform.parts_of_dates import MONTH, part_of_date
from ..entry.section import Amount, Card, Field, Grid, GroupPart, Questions
from .cells import BOX, HEAD, PART, QUIET, ReportBook, answer_cell, new_sheet, put_cell

CODE_AT, LABEL_AT, ANSWER_AT, UNIT_AT, HOW_AT, PAST_AT = range(1, 7)


def plain_sheet(made: ReportBook, title: str, lines: list) -> None:
    sheet = new_sheet(made, title)
    periods = list(dict.fromkeys(period for item in lines if isinstance(item, Card) for period, _amount in item.past))
    for column, code in ((CODE_AT, CODE), (ANSWER_AT, ANSWER)):
        put_cell(sheet, 1, column, code)
    sheet.row_dimensions[1].hidden = True
    sheet.column_dimensions["A"].hidden = True
    heads = [_("Question"), _("Answer"), _("Unit of measure"), _("How it is filled in"), *periods]
    put_cell(sheet, 2, CODE_AT, TITLES)
    for column, text in enumerate(heads, LABEL_AT):
        put_cell(sheet, 2, column, text, font=Font(bold=True), fill=HEAD).border = BOX
    for letter, width in zip("BCDE", (54, 26, 14, 46), strict=True):
        sheet.column_dimensions[letter].width = width
    for column in range(PAST_AT, PAST_AT + len(periods)):
        sheet.column_dimensions[get_column_letter(column)].width = 18
    sheet.freeze_panes = "D3"
    writer = _Lines(made, sheet, periods)
    for item in lines:
        writer.item(item)


class _Lines:
    """Writes the lines of one sheet, from the third row on."""

    def __init__(self, made: ReportBook, sheet: Worksheet, periods: list[str]) -> None:
        self._made, self._sheet, self._periods, self._row = made, sheet, periods, 2

    def item(self, item) -> None:
        if isinstance(item, GroupPart):
            self._heading(item.words.plain)
        elif isinstance(item, Card):
            self._card(item)
        elif isinstance(item, Grid):
            if item.caption:
                self._heading(item.caption.plain)
            for each in item.fields:
                self._field(each)
        elif isinstance(item, Questions):
            for each in item.fields:
                self._field(each)

    def _heading(self, text: str) -> None:
        self._row += 1
        for column in range(LABEL_AT, PAST_AT + len(self._periods)):
            put_cell(
                self._sheet, self._row, column, text if column == LABEL_AT else None, font=Font(bold=True), fill=PART
            )

    def _card(self, card: Card) -> None:
        if card.by_portal:
            self._heading(card.label)
            put_cell(self._sheet, self._row, HOW_AT, _("The portal fills this in."), font=QUIET, fill=PART)
            return
        alone = len(card.fields) == 1
        if not alone:
            self._heading(card.label)
            put_cell(self._sheet, self._row, UNIT_AT, card.unit, fill=PART)
            self._past(card)
        for each in card.fields:
            self._field(each, label=card.label if alone else f"   {each.label}", unit=card.unit if alone else "")
            if alone:
                self._past(card)
        told = [card.remark and _("Remark: %(text)s") % {"text": card.remark}, card.doubt]
        self._reason(card.comment, card.label, " ".join(text for text in told if text))
        self._reason(card.reason, card.label, "")

    def _past(self, card: Card) -> None:
        for period, amount in card.past:
            put_cell(self._sheet, self._row, PAST_AT + self._periods.index(period), _told(amount), font=QUIET)

    def _reason(self, item: Field, _label: str, told: str) -> None:
        self._row += 1
        put_cell(self._sheet, self._row, CODE_AT, item.name)
        put_cell(self._sheet, self._row, LABEL_AT, f"   {item.label}", font=QUIET)
        put_cell(self._sheet, self._row, HOW_AT, told, font=QUIET)
        answer_cell(self._made, self._sheet.cell(self._row, ANSWER_AT), item, None)

    def _field(self, item: Field, *, label: str = "", unit: str = "") -> None:
        self._row += 1
        question = self._made.definition.question(item.name)
        put_cell(self._sheet, self._row, LABEL_AT, label or item.label)
        if item.control == "note":
            return
        put_cell(self._sheet, self._row, CODE_AT, item.name)
        put_cell(self._sheet, self._row, UNIT_AT, unit or item.unit)
        put_cell(self._sheet, self._row, HOW_AT, _how(item, question, self._made.language), font=QUIET)
        answer_cell(self._made, self._sheet.cell(self._row, ANSWER_AT), item, question)


def _told(amount: Amount) -> str | int | float:
    if amount.number is None:
        return amount.text
    return f"{local_number(amount.number)}٪" if amount.percent else float(amount.number)


def _how(item: Field, question: Question | None, language: str) -> str:
    """The author’s hint, and what may be written."""
    parts = [item.hint]
    if question is not None and item.control == "file":
        parts.append(_("Attach the file on the page of the report."))
    elif question is not None and question.kind.is_calculated:
        parts.append(_("The portal works this out."))
    elif question is not None and question.kind.several:
        labels = offered_labels(question, language)
        said = _("Several, with a semicolon between them: %(offered)s")
        parts.append(said % {"offered": ("؛ " if language == "fa" else "; ").join(labels[:40])})
    elif question is not None and question.kind.name == "date":
        part = part_of_date(question.appearance)
        parts.append(_("Such as %(example)s") % {"example": {"": "1405/09/04", MONTH: "1405/09"}.get(part, "1405")})
    elif question is not None and question.kind.name == "moment":
        parts.append(_("Such as %(example)s") % {"example": "1405/09/04 14:30"})
    elif question is not None and question.kind.name == "time":
        parts.append(_("Such as %(example)s") % {"example": "14:30"})
    elif question is not None and question.kind.name == "place":
        parts.append(_("Such as %(example)s") % {"example": "35.6892, 51.3890"})
    if item.required:
        parts.append(_("It has to be filled in."))
    if item.remark:
        parts.append(_("Remark: %(text)s") % {"text": item.remark})
    return " ".join(part for part in parts if part)
