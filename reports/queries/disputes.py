"""Which report a dispute is about, and what of it."""

from datetime import datetime

from sla.enums import Subject
from sla.models import Dispute

from ..models import Report
from . import reports_at

# What reviewers had a part in: they may explain it in the thread.
REVIEWED = (Subject.RESULT, Subject.RETURN, Subject.MISS)


def report_of(dispute: Dispute, at: datetime) -> Report | None:
    """The report over which the two sides differ, as of `at`; None for a question of interpretation."""
    if dispute.call_id is None:
        return None
    return reports_at(at).filter(call_id=dispute.call_id, unit_id=dispute.unit_id).first()


def reviewed_report_of(dispute: Dispute, at: datetime) -> Report | None:
    """The same, where what is contested came out of a review."""
    return report_of(dispute, at) if dispute.subject in REVIEWED else None
