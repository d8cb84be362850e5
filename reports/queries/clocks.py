"""The service clocks of reports: what `sla` counts, with what time alone has done to a report since anybody recorded it."""

from collections.abc import Iterable
from datetime import datetime

from sla.queries.clocks import Reading, read_clocks

from ..enums import ReportState, ReportStatus
from ..models import Report


def resumed_by_time(reports: Iterable[Report]) -> dict[int, datetime]:
    """{request id: since when headquarters holds it again}, of reports that time gave back and no sweep has recorded yet.

    A return that nobody answered: its deadline. A submission that was taken back and not repeated: the last moment.
    The reports carry `status` and `last_moment` (`with_status`).
    """
    found = {}
    for report in reports:
        if report.state == ReportState.RETURNED and report.status == ReportStatus.UNDER_REVIEW:
            found[report.request_id] = report.correction_due
        elif report.state != ReportState.SUBMITTED and report.status == ReportStatus.SUBMITTED:
            found[report.request_id] = report.last_moment
    return found


def clocks_of(reports: Iterable[Report], at: datetime) -> dict[int, Reading]:
    """{request id: how its clock stands to its target}: three queries. The reports carry their request."""
    reports = list(reports)
    return read_clocks([report.request for report in reports], at, resumed=resumed_by_time(reports))
