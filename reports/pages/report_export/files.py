"""Writing the export of reports as a file. A call has one form, so its file is `wide`; where forms may differ, CSV is
`long`, a workbook has a sheet for each version of a form, and a JSON line is the same either way."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.language import current_language
from sajad_portal.lib.streams import CsvFile, JsonLines, Workbook
from units.models import Person

from ...models import Call, FormVersion
from ...queries import form_of
from .columns import CODEBOOK_COLUMNS, CodebookChapter, codebook, long, wide
from .content import ExportedReport, calls_in, exported_reports, reports_to_export
from .rows import Rows
from .spoken import Spoken
from .tables import LONG_COLUMNS

NAMES_IN_SIGHT = 2  # of the unit: its code and its name stay while one scrolls


class Source:
    """The reports of an order, read in pieces; tells how far it is."""

    def __init__(self, person: Person, parameters: dict, progress):
        self.one_call = bool(parameters.get("call"))
        self._reports = reports_to_export(person, parameters, database_now())
        self._total, self._progress = self._reports.order_by().count(), progress
        self.calls = calls_in(self._reports)
        self.forms: dict[int, FormVersion] = {call.form_version_id: call.form_version for call in self.calls}
        self.layouts = {pk: wide(form_of(version)) for pk, version in self.forms.items()}
        self.rows = {pk: Rows(layout, self._of(pk)) for pk, layout in self.layouts.items()}

    def _of(self, form: int) -> list[Call]:
        return [call for call in self.calls if call.form_version_id == form]

    def pieces(self) -> Iterator[tuple[int, list[ExportedReport]]]:
        """(form version, lines on it), in the order of the file."""
        form_of_call = {call.pk: call.form_version_id for call in self.calls}
        done = 0
        self._progress(0, self._total)
        for chunk in exported_reports(self._reports, self.calls):
            for form, lines in groupby(chunk, key=lambda line: form_of_call[line.call]):
                yield form, list(lines)
            done += len(chunk)
            self._progress(min(done, self._total), self._total)


def make_csv(person: Person, parameters: dict, path: Path, progress) -> None:
    source = Source(person, parameters, progress)
    one_form = source.one_call and len(source.layouts) == 1
    layout = next(iter(source.layouts.values())) if one_form else long()
    file = CsvFile(path, layout.columns)
    for form, lines in source.pieces():
        rows = source.rows[form]
        file.write(map(rows.wide if one_form else rows.long, lines))
    file.close()


def make_jsonl(person: Person, parameters: dict, path: Path, progress) -> None:
    source = Source(person, parameters, progress)
    file = JsonLines(path)
    for form, lines in source.pieces():
        file.write(map(source.rows[form].json_line, lines))
    file.close()


def make_xlsx(person: Person, parameters: dict, path: Path, progress) -> None:
    source = Source(person, parameters, progress)
    book = Workbook(path, rtl=current_language() == "fa")
    titles = {}
    for form, pieces in groupby(source.pieces(), key=lambda piece: piece[0]):
        layout, rows = source.layouts[form].without_tables, source.rows[form]
        title = _("Reports") if len(source.forms) == 1 else _sheet_of(source.forms[form])
        spoken = Spoken(layout)
        with book.sheet(title, spoken.heads, frozen=NAMES_IN_SIGHT) as sheet:
            titles[form] = sheet.title
            for _form, lines in pieces:
                sheet.write(map(spoken.row, map(rows.sheet, lines)))
    if not titles:
        with book.sheet(_("Reports"), Spoken(long()).heads, frozen=NAMES_IN_SIGHT):
            pass
    sheets = list(_sheets_of_tables(source, book))
    chapters = [
        CodebookChapter(titles[form], layout.without_tables)
        for form, layout in source.layouts.items()
        if form in titles
    ]
    chapters += sheets
    with book.sheet(_("Codebook"), CODEBOOK_COLUMNS) as sheet:
        sheet.write(codebook(chapters or [CodebookChapter(_("Reports"), long())]))
    book.close()


def _sheets_of_tables(source: Source, book: Workbook) -> Iterator[CodebookChapter]:
    """A sheet for each table of each form, with a line a row: read anew, as a workbook is written sheet by sheet."""
    for form, rows in source.rows.items():
        for table in rows.tables:
            name = (
                table.table.key if len(source.forms) == 1 else f"{table.table.key[:12]} {_sheet_of(source.forms[form])}"
            )
            spoken = Spoken(table.layout)
            with book.sheet(name, spoken.heads, frozen=NAMES_IN_SIGHT) as sheet:
                for of, lines in source.pieces():
                    if of == form:
                        sheet.write(spoken.row(row) for line in lines for row in rows.of_table(line, table))
                yield CodebookChapter(sheet.title, table.layout)


def make_rows_csv(person: Person, parameters: dict, path: Path, progress) -> None:
    """The long form of all tables: a line an answer in a row."""
    source = Source(person, parameters, progress)
    file = CsvFile(path, LONG_COLUMNS)
    for form, lines in source.pieces():
        rows = source.rows[form]
        file.write(row for line in lines for table in rows.tables for row in rows.of_table(line, table, long=True))
    file.close()


def _sheet_of(version: FormVersion) -> str:
    return f"{version.form.code[:20]} {version.number}"


def codebook_of(call: Call) -> list[list[str]]:
    """The codebook of a call's columns, as rows of CODEBOOK."""
    return list(codebook([CodebookChapter(_("Reports"), wide(form_of(call.form_version)))]))
