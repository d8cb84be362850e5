"""Who may do what in a dispute over a result, beside what `sla.rules` says of every dispute."""

from datetime import datetime

from units.models import Membership

from .enums import ReviewState
from .models import Report
from .rules import review_membership


def contested_review_membership(person, report: Report, at: datetime) -> Membership | None:
    """The membership with which the person reviewed what is contested: they may write, not decide."""
    reviewed = report.reviews.filter(reviewer=person).exclude(state=ReviewState.RELEASED).exists()
    return review_membership(person, report, at) if reviewed else None
