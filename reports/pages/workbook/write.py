"""A report as a workbook to fill in elsewhere. Where things stand in it is `files.report_workbook`’s to know."""

import io
from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from openpyxl.styles import Font
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.worksheet import Worksheet

from sajad_portal.lib.jalali import format_datetime
from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import local_number
from sajad_portal.lib.periods import label as period_label
from sajad_portal.lib.sheets import sheet_name

from ...files.report_workbook import BASE, LAYOUT, VERSION, form_mark
from ...models import DraftSection, Report
from ...queries import asked_of
from ...queries.drafts import Draft, assess, collect, draft_as_written
from ...xlsform import FormDefinition
from ..entry.section import GroupPart, Item
from ..entry.sheet import EntrySheet
from ..entry.tables import TableCard
from .cells import LISTS, ReportBook, new_sheet, put_cell
from .lines import plain_sheet
from .tables import table_sheets


def report_workbook(
    report: Report, at: datetime, *, writable_now: bool = True, remarks: dict[str, str] | None = None,
    empty: bool = False,
) -> bytes:  # fmt: skip
    """The workbook of a report with what is written in its draft; `empty`: with nothing of the draft. `remarks` of a return: only
    what they name is open."""
    definition, language = asked_of(report), current_language()
    stored = [] if empty else list(report.draft_sections.all())
    draft = _nothing(definition) if empty else collect(report, stored, at=at, definition=definition)
    assessment = assess(report, draft, at, definition=definition)
    made = ReportBook(report, definition, assessment, language)
    made.book.remove(made.book.active)
    lists = made.book.create_sheet(sheet_name(LISTS, made.names))
    lists.sheet_state = "hidden"
    _cover(made, at)
    for page in definition.pages:
        sheet = EntrySheet(assessment, (page,), remarks=remarks or {}, writable=writable_now)
        _page(made, page.label_in(language), sheet.items)
    _facts(made, stored, at)
    _fill_lists(lists, made.lists)
    made.book.move_sheet(lists, len(made.book.worksheets))
    made.book.active = 0
    made.book.security = WorkbookProtection(lockStructure=True)
    out = io.BytesIO()
    made.book.save(out)
    return out.getvalue()


def workbook_name(report: Report) -> str:
    """Of the file: the unit’s code and the period’s."""
    return f"{report.unit.code}-{report.call.period_code}-{report.tracking_code[:4]}.xlsx".replace("/", "-")


def _nothing(definition: FormDefinition) -> Draft:
    return draft_as_written({}, [], definition)


# --------------------------------------------------------------------------------------------------------------- sheets
def _cover(made: ReportBook, at: datetime) -> None:
    report, call = made.report, made.report.call
    sheet = new_sheet(made, _("Read this first"))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 90
    facts = [
        (_("Unit"), f"{report.unit_name} ({report.unit.code})"),
        (_("Call"), call.title),
        (_("Period"), period_told(report)),
        (_("Form"), made.definition.title),
        (_("Tracking code"), report.tracking_code),
        (_("Taken on"), format_datetime(at, "long", made.language)),
    ]
    for number, (name, text) in enumerate(facts, 1):
        put_cell(sheet, number, 1, name, font=Font(bold=True))
        put_cell(sheet, number, 2, text)
    told = [
        _("Fill in the light yellow cells; a sheet is a section of the report. Everything else is locked, and needs no change."),
        _("Digits may be Persian or Latin. A day is written as 1405/09/04; where a list opens, choose from it."),
        _("Where several answers may be chosen, write them with a semicolon between them."),
        _("Below a table are empty rows for new ones; more can be added below them. Files are attached on the page of the report."),
        _("Save the file as .xlsx and upload it on the page where the report is filled in. You see what it would change before anything is stored."),
        _("What a colleague writes on the portal meanwhile is not lost: where both of you changed one answer, you choose."),
    ]  # fmt: skip
    for number, text in enumerate(told, len(facts) + 2):
        put_cell(sheet, number, 1, f"{local_number(number - len(facts) - 1)}.")
        put_cell(sheet, number, 2, text)


def period_told(report: Report) -> str:
    call = report.call
    return period_label(call.period_kind, call.period_starts, call.period_ends)


def _page(made: ReportBook, title: str, items: Iterable[Item]) -> None:
    lines, tables = _sorted_out(items)
    if lines:
        plain_sheet(made, title, lines)
    for table in tables:
        table_sheets(made, table)


def _sorted_out(items: Iterable[Item]) -> tuple[list, list[TableCard]]:
    """(what stands line by line, tables): a part is its heading and what is in it."""
    lines: list = []
    tables: list[TableCard] = []
    for item in items:
        if isinstance(item, TableCard):
            tables.append(item)
        elif isinstance(item, GroupPart):
            inner, more = _sorted_out(item.items)
            lines += [item, *inner] if inner else []
            tables += more
        else:
            lines.append(item)
    return lines, tables


def _fill_lists(sheet: Worksheet, lists: dict[tuple[str, ...], str]) -> None:
    for column, labels in enumerate(lists, 1):
        for row, label in enumerate(labels, 1):
            put_cell(sheet, row, column, label)


# ---------------------------------------------------------------------------------------------------- the hidden sheet
def _facts(made: ReportBook, stored: list[DraftSection], at: datetime) -> None:
    """Which report it is, how far its sections had come, and what stood in each cell."""
    sheet = made.book.create_sheet(sheet_name("_sajad", made.names))
    sheet.sheet_state = "hidden"
    sheet.protection.sheet = True
    report = made.report
    facts = {
        "report": report.tracking_code, "form": form_mark(made.definition, report.call.form_version.definition_sha256),
        "unit": f"{report.unit_name} ({report.unit.code})", "period": period_told(report), "call": report.call.title,
        "form_title": made.definition.title, "language": made.language, "taken_at": at.isoformat(),
        **{f"{VERSION}{row.section}": str(row.version) for row in stored},
        **{f"{BASE}{name}": text for name, text in made.base.items()},
    }  # fmt: skip
    put_cell(sheet, 1, 1, LAYOUT)
    for number, (name, text) in enumerate(facts.items(), 2):
        put_cell(sheet, number, 1, name)
        put_cell(sheet, number, 2, text)
