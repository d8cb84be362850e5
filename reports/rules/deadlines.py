"""Until when: the last moment of a submission, how one stands to its deadline, corrections, and how long the agreement is in force.

Predicates and instants over a loaded report; they only read. `models/status.py` says the same as SQL, and property tests hold
the two together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..enums import CallState, ReportState, Standing
from ..models import Report
from ..models.querysets import AFTER_BANK

NEAR = timedelta(days=1)


def deadline(report: Report) -> datetime:
    """The later of the call's closing and the unit's own extension: what people are told."""
    return max(report.call.closes_at, report.extension_until or report.call.closes_at)


def base_moment(report: Report) -> datetime:
    return deadline(report) + report.call.grace


def last_moment(report: Report) -> datetime:
    """The instant, exclusive, before which a first submission counts. The same rule in SQL: `with_last_moment`.

    A bank attempt begun before it and settled at or after it gives the later of it and settlement + 2 hours; no second grace.
    """
    base, request = base_moment(report), report.request
    if (span := request.bank_span) and span[0] < base <= span[1]:
        return max(base, span[1] + AFTER_BANK)
    return base


def has_passed(report: Report, at: datetime) -> bool:
    """Whether the last moment lies behind. The latch counts too: a clock that jumps back reopens nothing."""
    last = last_moment(report)
    return at >= last or (report.closed_for is not None and report.closed_for >= last)


def is_open(report: Report, at: datetime) -> bool:
    """Whether first submissions of this report are taken at `at`."""
    return (
        report.call.state == CallState.PUBLISHED
        and report.state != ReportState.EXCUSED
        and report.call.opens_at <= at
        and not has_passed(report, at)
    )


def standing(report: Report, at: datetime) -> Standing:
    """How a submission at `at` (before the last moment) stands: on time, extended, in grace; after a bank's delay, extended."""
    if at < report.call.closes_at:
        return Standing.ON_TIME
    if deadline(report) <= at < base_moment(report):
        return Standing.IN_GRACE
    return Standing.EXTENDED


def takes_submission(report: Report, at: datetime) -> bool:
    """Whether something sent at `at` would still count: a first submission, or the answer to a return."""
    return is_open(report, at) or in_correction(report, at)


def standing_if_sent(report: Report, at: datetime) -> Standing:
    """How a submission at `at` would be recorded: a correction never changes how the report stood."""
    last = report.revisions.order_by("-number").first() if in_correction(report, at) else None
    return Standing(last.standing) if last else standing(report, at)


def in_correction(report: Report, at: datetime) -> bool:
    """Returned, and its own deadline still ahead."""
    return (
        report.state == ReportState.RETURNED and report.correction_due_at is not None and at < report.correction_due_at
    )


def force_ends_at(report: Report) -> datetime:
    """The instant, exclusive, at which the agreement ends for this unit and call. The same rule in SQL: `with_force`.

    The last deadline for submitting, the unit's own extension counted. Grace, corrections, disputes and a bank's delay
    are no part of it. A call cancelled, or a unit excused, before that ends it there.
    """
    ends = (deadline(report), report.call.cancelled_at, report.excused_at)
    return min(end for end in ends if end is not None)


def in_force(report: Report, at: datetime) -> bool:
    """From the moment the unit was asked until `force_ends_at`; whether it has accepted is another question."""
    return report.request.created_at <= at < force_ends_at(report)


# ------------------------------------------------------------------------------ for the bars and banners of a page
@dataclass(frozen=True)
class ReportPhase:
    """`phase`: upcoming | open | grace | correction | closed. `until` is the instant, exclusive, at which that ends."""

    phase: str
    until: datetime
    deadline: datetime
    is_near: bool


def report_phase(report: Report, at: datetime) -> ReportPhase:
    """The phase of one report: its unit's extension, grace, a bank's delay and its return counted in."""
    due = deadline(report)
    if in_correction(report, at) and report.correction_due_at:
        return _phase("correction", report.correction_due_at, report.correction_due_at, at)
    if report.call.opens_at > at:
        return _phase("upcoming", report.call.opens_at, due, at)
    if not is_open(report, at):
        return _phase("closed", last_moment(report), due, at)
    if at < due:
        return _phase("open", due, due, at)
    phase = "grace" if standing(report, at) == Standing.IN_GRACE else "open"
    return _phase(phase, last_moment(report), due, at)


def _phase(phase: str, until: datetime, due: datetime, at: datetime) -> ReportPhase:
    return ReportPhase(phase, until, due, until - at < NEAR)
