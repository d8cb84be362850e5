"""What the hour means for a report, for the bars and banners of its pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..enums import Standing
from ..models import Report
from . import deadline, in_correction, is_open, last_moment, standing

NEAR = timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """`phase`: upcoming | open | grace | correction | closed. `until` is the instant, exclusive, at which that ends."""

    phase: str
    until: datetime
    deadline: datetime
    is_near: bool


def hours_of(report: Report, at: datetime) -> Hours:
    """The phase of one report: its unit's extension, grace, a bank's delay and its return counted in."""
    due = deadline(report)
    if in_correction(report, at) and report.correction_due_at:
        return _hours("correction", report.correction_due_at, report.correction_due_at, at)
    if report.call.opens_at > at:
        return _hours("upcoming", report.call.opens_at, due, at)
    if not is_open(report, at):
        return _hours("closed", last_moment(report), due, at)
    if at < due:
        return _hours("open", due, due, at)
    phase = "grace" if standing(report, at) == Standing.IN_GRACE else "open"
    return _hours(phase, last_moment(report), due, at)


def _hours(phase: str, until: datetime, due: datetime, at: datetime) -> Hours:
    return Hours(phase, until, due, until - at < NEAR)
