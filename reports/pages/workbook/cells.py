"""Sheets and cells of a report’s workbook: what they look like, which of them are open, their drop-downs."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from sajad_portal.lib.sheets import FORMULA_SIGNS, sheet_name
from sajad_portal.lib.text import writable

from ...files.workbook_cells import cell_of, is_choice, offered_labels
from ...models import Report
from ...queries.drafts import Assessment
from ...xlsform import FormDefinition, Question
from ..entry.section import Field

LONGEST_LIST = 2000  # choices that a drop-down holds
LISTS = "_lists"  # the hidden sheet with what they offer
HEAD = PatternFill("solid", fgColor="FFDCEBEA")
PART = PatternFill("solid", fgColor="FFEFF3F1")
OPEN = PatternFill("solid", fgColor="FFFFFBEB")
_LINE = Side(style="thin", color="FFB9C4C0")
BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_WRAP = Alignment(wrap_text=True, vertical="top")
QUIET = Font(color="FF5B6660", size=10)


@dataclass
class ReportBook:
    """What is written while a workbook is made: sheets, lists of drop-downs, what stands in its cells."""

    report: Report
    definition: FormDefinition
    assessment: Assessment
    language: str
    book: Workbook = field(default_factory=Workbook)
    names: set[str] = field(default_factory=set)
    base: dict[str, str] = field(default_factory=dict)
    lists: dict[tuple[str, ...], str] = field(default_factory=dict)

    @property
    def rtl(self) -> bool:
        return self.language == "fa"


def new_sheet(made: ReportBook, title: str) -> Worksheet:
    sheet = made.book.create_sheet(sheet_name(writable(title), made.names))
    sheet.sheet_view.rightToLeft = made.rtl
    sheet.sheet_view.showGridLines = False
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False  # “false” lets people do it
    sheet.protection.formatRows = False
    sheet.protection.formatCells = False
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    return sheet


def put_cell(
    sheet: Worksheet, row: int, column: int, value, *, font: Font | None = None, fill: PatternFill | None = None
) -> Cell:
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        value = writable(value)
    if value == "" or value is None:
        cell.value = None
    else:
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # openpyxl makes a formula of what begins with "="
            cell.quotePrefix = value.startswith(FORMULA_SIGNS)
    cell.alignment = _WRAP
    if font is not None:
        cell.font = font
    if fill is not None:
        cell.fill = fill
    return cell


def answer_cell(made: ReportBook, cell: Cell, item: Field, question: Question | None, *, known: bool = True) -> None:
    """The cell of an answer: what is written, its format, its drop-down, and whether it is open. `known`: its row is stored."""
    stored = made.assessment.draft.flat().get(item.name, "") if known else ""
    if question is not None and not question.is_written:
        text = item.amount.text if item.amount else ""
        put_cell(cell.parent, cell.row, cell.column, text, font=QUIET)
        return
    put_cell(cell.parent, cell.row, cell.column, cell_of(question, stored, made.language))
    cell.border = BOX
    if known:
        made.base[item.name] = stored
    kind = question.kind.name if question is not None else "text"
    cell.number_format = {"whole": "#,##0", "number": "General", "range": "General"}.get(kind, "@")
    if item.editable:
        cell.protection = Protection(locked=False)
        cell.fill = OPEN
    if question is not None and is_choice(question):
        drop_down(made, cell.parent, cell.coordinate, offered_labels(question, made.language))


def drop_down(made: ReportBook, sheet: Worksheet, where: str, labels: list[str]) -> None:
    if not labels or len(labels) > LONGEST_LIST:
        return
    key = tuple(labels)
    if key not in made.lists:
        letter = get_column_letter(len(made.lists) + 1)
        made.lists[key] = f"'{LISTS}'!${letter}$1:${letter}${len(labels)}"
    formula = made.lists[key]
    rule = next((each for each in sheet.data_validations.dataValidation if each.formula1 == formula), None)
    if rule is None:
        rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=True)
        rule.errorTitle = _("Choose from the list")
        rule.error = _("Choose one of the answers in the list, or leave the cell empty.")
        sheet.add_data_validation(rule)
    rule.add(where)
