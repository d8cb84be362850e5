"""The workbooks of all units of a call in one archive. Of a draft they hold nothing."""

import zipfile
from pathlib import Path

from sajad_portal.lib.clock import database_now
from units.models import Person

from ...enums import NOT_ASKED
from ...queries import reports_at, visible_reports
from .write import report_workbook, workbook_name


def make_empty_workbooks(person: Person, parameters: dict, path: Path, progress) -> None:
    """One workbook a unit that is still asked, named by the unit and its code."""
    at = database_now()
    reports = reports_at(at).filter(visible_reports(person, at), call=parameters["call"]).exclude(status__in=NOT_ASKED)
    keys = list(reports.order_by("unit_path", "pk").values_list("pk", flat=True))
    progress(0, len(keys))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:  # a workbook is packed already
        for done, pk in enumerate(keys, 1):
            report = reports_at(at).get(pk=pk)
            archive.writestr(workbook_name(report), report_workbook(report, at, empty=True))
            progress(done, len(keys))
