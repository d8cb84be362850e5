"""How each kind of export is made. The task hands this to the verb, which knows no page."""

from ..rules.exports import (
    EMPTY_WORKBOOKS,
    PERIOD_PDF,
    PERIOD_XLSX,
    REPORTS_CSV,
    REPORTS_JSONL,
    REPORTS_ROWS,
    REPORTS_XLSX,
)
from .period_report.order import period_paper, period_workbook
from .report_export.files import make_csv, make_jsonl, make_rows_csv, make_xlsx
from .workbook.empty import make_empty_workbooks

# {kind: make(person, parameters, path, progress)}: writes the file to a path, with what the person may see then.
MAKERS = {
    PERIOD_PDF: period_paper,
    PERIOD_XLSX: period_workbook,
    REPORTS_CSV: make_csv,
    REPORTS_XLSX: make_xlsx,
    REPORTS_JSONL: make_jsonl,
    REPORTS_ROWS: make_rows_csv,
    EMPTY_WORKBOOKS: make_empty_workbooks,
}
