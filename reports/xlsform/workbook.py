"""Reads an .xlsx into plain rows that remember their place. Refuses what is no workbook or would not fit into memory."""

import datetime
import io
import zipfile
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from sajad_portal.lib import archives
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import local_digits

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 80 * 1024 * 1024
MAX_PARTS = 2000
MAX_SHEETS = 40
MAX_ROWS = 10_000
MAX_COLUMNS = 300
MAX_CELL = 32_767  # Excel's own limit
_SCAN_ROWS = 100_000  # formatted but empty rows are passed over up to here
MAX_ELEMENTS = 4_000_000  # cells, what they hold, rows: a full form of 10,000 rows and 60 columns has 1,800,000

FORM_SHEETS = ("survey", "choices", "settings", "external_choices", "entities", "osm")


class WorkbookRefused(Refused):
    """Nothing was stored. `errors`: list of {"sheet", "row", "column", "message"}; row and column may be None."""

    status = 422

    def __init__(self, errors: list[dict]):
        self.errors = errors
        super().__init__(
            _("The workbook has %(count)s error(s); nothing was stored. Correct it and upload it again.")
            % {"count": local_digits(len(errors))},
            code="bad-workbook",
        )


class Problems:
    """Collects errors, so that a person mends a workbook in one go."""

    def __init__(self) -> None:
        self.errors: list[dict] = []

    def add(self, sheet: str, row: int | None, column: str | None, message: str) -> None:
        error = {"sheet": sheet, "row": row, "column": column, "message": message}
        if error not in self.errors:
            self.errors.append(error)

    def refuse_if_any(self) -> None:
        if self.errors:
            raise WorkbookRefused(
                sorted(self.errors, key=lambda e: (e["sheet"] != "survey", e["sheet"], e["row"] or 0))
            )


@dataclass(frozen=True)
class SheetRow:
    number: int
    cells: dict[str, str]  # {header: text}, empty cells left out

    def get(self, header: str) -> str:
        return self.cells.get(header, "")


@dataclass(frozen=True)
class FormSheet:
    name: str
    headers: dict[str, str]  # {header: column letter}
    rows: list[SheetRow] = field(default_factory=list)

    def as_dicts(self) -> list[dict[str, str]]:
        """As pyxform wants them: row 2 first, with an empty dict where the sheet has an empty row."""
        found = {row.number: row.cells for row in self.rows}
        return [dict(found.get(number, {})) for number in range(2, max(found, default=1) + 1)]


@dataclass(frozen=True)
class FormWorkbook:
    sheets: dict[str, FormSheet]  # {name in small letters: sheet}, form sheets only
    names: list[str]

    def sheet(self, name: str) -> FormSheet:
        return self.sheets.get(name) or FormSheet(name, {})

    def for_pyxform(self) -> dict:
        data: dict = {"sheet_names": self.names}
        for name, sheet in self.sheets.items():
            data[name] = sheet.as_dicts()
            data[f"{name}_header"] = [dict.fromkeys(sheet.headers)] if sheet.headers else []
        return data


def read_workbook(data: bytes) -> FormWorkbook:
    """The form sheets of an .xlsx, cells as text. Raises WorkbookRefused."""
    problems = Problems()
    _guard(data, problems)
    try:
        heavy = archives.is_heavy_workbook(io.BytesIO(data), MAX_ELEMENTS)
        book = None if heavy else load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever the broken part made it raise
        raise _refused(
            _("The file cannot be read as an Excel workbook. Open it in Excel, save it again as .xlsx.")
        ) from error
    if book is None:
        raise _refused(_("The workbook holds more cells than any form. Copy its sheets into a new workbook."))
    try:
        names = list(book.sheetnames)
        if len(names) > MAX_SHEETS:
            raise _refused(
                _("The workbook has more than %(n)s sheets. Delete those that are no part of the form.")
                % {"n": local_digits(MAX_SHEETS)}
            )
        found: dict[str, FormSheet] = {}
        for name in names:
            key = name.strip().lower()
            if key not in FORM_SHEETS:
                continue
            if key in found:
                problems.add(name, None, None, _("There are two sheets named “%(name)s”. Keep one.") % {"name": key})
                continue
            try:
                found[key] = _read_sheet(book[name], key, problems)
            except WorkbookRefused:
                raise
            except Exception as error:
                raise _refused(
                    _("The sheet “%(name)s” cannot be read. Open the workbook in Excel and save it again.")
                    % {"name": name},
                    sheet=name,
                ) from error
    finally:
        book.close()
    if "survey" not in found:
        problems.add(
            "survey",
            None,
            None,
            _(
                "The workbook has no sheet named “survey”; its sheets are: %(names)s. The questions belong on a sheet with that name."
            )
            % {"names": "، ".join(names)},
        )
    problems.refuse_if_any()
    return FormWorkbook(found, names)


def _refused(message: str, *, sheet: str = "") -> WorkbookRefused:
    return WorkbookRefused([{"sheet": sheet, "row": None, "column": None, "message": message}])


def _guard(data: bytes, problems: Problems) -> None:
    if len(data) > MAX_BYTES:
        raise _refused(
            _("The file is larger than %(n)s MB. Remove pictures and unused sheets.")
            % {"n": local_digits(MAX_BYTES // 1024 // 1024)}
        )
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _refused(
                _("The workbook is protected with a password. Remove the password in Excel and upload it again.")
            )
        raise _refused(
            _(
                "This is an old .xls file. In Excel choose “Save as” and the type “Excel Workbook (.xlsx)”, then upload that file."
            )
        )
    if not zipfile.is_zipfile(io.BytesIO(data)):
        raise _refused(_("This is not an Excel workbook. Upload the form as an .xlsx file."))
    try:
        parts = archives.packed_parts(io.BytesIO(data))
    except Refused as refusal:
        raise _refused(str(refusal)) from refusal
    if parts is None:
        raise _refused(_("The file is damaged. Open it in Excel, save it again as .xlsx."))
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise _refused(_("This is not an Excel workbook. Upload the form as an .xlsx file."))
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise _refused(
            _("The workbook unpacks to more than %(n)s MB, which no form needs. Copy its sheets into a new workbook.")
            % {"n": local_digits(MAX_UNPACKED // 1024 // 1024)}
        )
    try:
        with archives.opened(io.BytesIO(data)) as archive:
            entries = archives.pointers_and_kinds(archive)
            macros = archives.runs_macros(archive, entries)
    except ValueError as error:
        raise _refused(_("The file is damaged. Open it in Excel, save it again as .xlsx.")) from error
    if macros:
        raise _refused(
            _("The workbook contains macros. Save it as “Excel Workbook (.xlsx)” without macros and upload it again.")
        )
    if archives.fetches_from_elsewhere(entries):
        raise _refused(
            _(
                "The workbook loads something from elsewhere when it is opened, such as cells of another workbook. "
                "Break its links in Excel and upload it again."
            )
        )


def _read_sheet(sheet, name: str, problems: Problems) -> FormSheet:
    sheet.reset_dimensions()  # the declared size is what a file claims, not what it holds
    # A row is as wide as its last cell says, and Excel's last is the 16,384th: only the head is read so far.
    first = next(sheet.iter_rows(max_row=1), ())
    headers: dict[str, str] = {}
    columns: list[str | None] = []
    for index, cell in enumerate(first, 1):
        text = " ".join(_text(cell.value).split()) if cell.value is not None else ""
        if not text:
            columns.append(None)
            continue
        if index > MAX_COLUMNS:
            problems.add(name, 1, None, _("The sheet has more than %(n)s columns.") % {"n": local_digits(MAX_COLUMNS)})
            break
        if text in headers:
            problems.add(name, 1, text, _("The column “%(column)s” stands twice. Keep one of them.") % {"column": text})
            columns.append(None)
            continue
        headers[text] = get_column_letter(index)
        columns.append(text)
    rows: list[SheetRow] = []
    if not headers:
        return FormSheet(name, headers)
    last = max(place for place, column in enumerate(columns, 1) if column)
    lines = sheet.iter_rows(min_row=2, max_col=last)
    for number, line in enumerate(lines, 2):
        if number > _SCAN_ROWS:
            break
        cells: dict[str, str] = {}
        for header, cell in zip(columns, line, strict=False):
            if header is None or cell.value is None:
                continue
            text = _text(cell.value).strip()
            if not text:
                continue
            if cell.data_type == "e":
                problems.add(
                    name,
                    number,
                    header,
                    _("The cell shows the error %(error)s. Mend its formula, or type the text itself.")
                    % {"error": text},
                )
                continue
            if len(text) > MAX_CELL:
                problems.add(
                    name,
                    number,
                    header,
                    _("The cell holds more than %(n)s characters.") % {"n": local_digits(MAX_CELL)},
                )
                continue
            cells[header] = text
        if not cells:
            continue
        if len(rows) >= MAX_ROWS or number > MAX_ROWS * 2:
            problems.add(name, number, None, _("The sheet has more than %(n)s rows.") % {"n": local_digits(MAX_ROWS)})
            break
        rows.append(SheetRow(number, cells))
    return FormSheet(name, headers, rows)


def _text(value) -> str:
    """A cell as pyxform would read it."""
    if value is True or value is False:
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time.min:
        return value.date().isoformat()
    return str(value).replace("\xa0", " ").replace("\x00", "")
