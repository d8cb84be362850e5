"""The figures of a period as a table for other programs: in full, nothing withheld from who oversees."""

from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.sheets import Sheet

from .clocks import TargetLine, TypeLines, answered_in, target_lines
from .scope import Scope, Window


def figures_sheet(scope: Scope, window: Window, at: datetime) -> Sheet:
    """A line a request type and month, and one for the type's whole period."""
    header = [
        _("Service"), _("Type of request"), _("Month"), _("Target"), _("Answered"), _("Target met"), _("Target missed"),
        _("Percent within the target"), _("Mean"), _("Median"), _("90th percentile"),
    ]  # fmt: skip
    rows = [
        row
        for lines in target_lines(scope, answered_in(scope, window, at), [], window.last_day(at))
        for row in _rows(lines)
    ]
    return Sheet("figures", _("Targets met and missed"), header, rows)


def _rows(lines: TypeLines) -> list[list]:
    return [_row(line) for line in (*lines.months, lines.whole)]


def _row(line: TargetLine) -> list:
    month = f"{line.month[0]}/{line.month[1]:02}" if line.month else _("the whole period")
    figures = line.figures
    return [
        line.request_type.service.title_here, line.request_type.title_here, month, line.target, figures.count, line.met, line.missed,
        _rounded(figures.share), _rounded(figures.mean), _rounded(figures.median), _rounded(figures.p90),
    ]  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
