"""From the bytes of a workbook to the rows of its form sheets, whichever Excel wrote it."""

from django.utils.translation import gettext as _

from sajad_portal.lib.numbers import local_digits

from . import workbook_xls, workbook_xlsx
from .workbook import (
    FORM_SHEETS,
    MAX_BYTES,
    MAX_SHEETS,
    FormSheet,
    FormWorkbook,
    OpenWorkbook,
    Problems,
    WorkbookRefused,
    read_sheet,
    workbook_refused,
)


def read_workbook(data: bytes) -> FormWorkbook:
    """The form sheets of an .xlsx or .xls, cells as text. Raises WorkbookRefused."""
    if len(data) > MAX_BYTES:
        raise workbook_refused(
            _("The file is larger than %(n)s MB. Remove pictures and unused sheets.")
            % {"n": local_digits(MAX_BYTES // 1024 // 1024)}
        )
    book = workbook_xls.open_old(data) if workbook_xls.is_of_old_excel(data) else workbook_xlsx.open_new(data)
    problems = Problems()
    try:
        found = _form_sheets(book, problems)
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
            % {"names": "، ".join(book.names)},
        )
    problems.refuse_if_any()
    return FormWorkbook(found, book.names)


def _form_sheets(book: OpenWorkbook, problems: Problems) -> dict[str, FormSheet]:
    if len(book.names) > MAX_SHEETS:
        raise workbook_refused(
            _("The workbook has more than %(n)s sheets. Delete those that are no part of the form.")
            % {"n": local_digits(MAX_SHEETS)}
        )
    found: dict[str, FormSheet] = {}
    for name in book.names:
        key = name.strip().lower()
        if key not in FORM_SHEETS and not (key and len(book.names) == 1):
            continue
        if key in found:
            problems.add(name, None, None, _("There are two sheets named “%(name)s”. Keep one.") % {"name": key})
            continue
        try:
            sheet = read_sheet(book, name, key if key in FORM_SHEETS else "survey", problems)
        except WorkbookRefused:
            raise
        except Exception as error:  # the libraries raise whatever the broken part made them raise
            raise workbook_refused(
                _("The sheet “%(name)s” cannot be read. Open the workbook in Excel and save it again.")
                % {"name": name},
                sheet=name,
            ) from error
        found[sheet.name] = sheet
    return found
