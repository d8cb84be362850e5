"""Who may review, settle and return, and who sees what reviewers wrote. Predicates only read.

`reviews` is `reviewing.reviews_of(report)`: loaded once a page, asked again under the lock by the verb.
"""

from collections.abc import Iterable
from datetime import datetime

from units.enums import HEADQUARTERS_ROLES, Role
from units.models import Membership
from units.queries import stands_in_for
from units.rules import membership_over, own_membership_over

from ..enums import IN_REVIEW, ReportStatus, ReviewState
from ..models import Report, Review
from ..queries.findings import in_hand
from ..queries.lines import is_barred
from . import deciding_membership


def can_see_reviews(person, report: Report, at: datetime) -> bool:
    """The review page: headquarters over the unit, never somebody who reports for it. Items follow `visible_items`."""
    if is_barred(person, report, at):
        return False
    return person.is_superuser or bool(membership_over(person, report.unit.path, HEADQUARTERS_ROLES, at))


def reviewing_membership(person, report: Report, review: Review, at: datetime) -> Membership | None:
    """With which the person works on the review: a reviewer's role over the unit, a lead's also as coordinator; a deputy's
    seat on the review of whom they stand in for, where they have no other review of this report in hand."""
    if is_barred(person, report, at):
        return None
    if review.reviewer_id == person.pk:
        roles = {Role.REVIEWER, Role.COORDINATOR} if review.lead else {Role.REVIEWER}
        return own_membership_over(person, report.unit.path, roles, at)
    seat = stands_in_for(person, Role.REVIEWER, at).get(review.reviewer_id)
    if seat is None or not report.unit.path.startswith(seat.unit.path):
        return None
    live = Review.objects.filter(report=report).exclude(state=ReviewState.RELEASED)
    return seat if review in in_hand(person, live, at) else None


def can_work_on(person, report: Report, review: Review, at: datetime) -> bool:
    """Whether items of this review may change: their own, not handed in, the report in reviewing."""
    return (
        report.status in IN_REVIEW
        and review.state == ReviewState.ASSIGNED
        and reviewing_membership(person, report, review, at) is not None
    )


def lead_membership(person, report: Report, at: datetime) -> Membership | None:
    """With which whoever decides about the report takes its lead."""
    return deciding_membership(person, report, at)


def can_take_lead(person, report: Report, at: datetime) -> bool:
    return report.status in IN_REVIEW and lead_membership(person, report, at) is not None


def returning_membership(person, report: Report, reviews: Iterable[Review], at: datetime) -> Membership | None:
    """With which the person returns the report: one of its reviewers, or a coordinator of the provider."""
    live = [review for review in reviews if review.state != ReviewState.RELEASED]
    mine = next(iter(in_hand(person, live, at)), None)
    if mine and (found := reviewing_membership(person, report, mine, at)):
        return found
    return lead_membership(person, report, at)


def rounds_left(report: Report) -> int:
    """A return that was taken back is not counted."""
    taken_back = report.returns.filter(withdrawn_at__isnull=False).count() if report.correction_round else 0
    return max(0, report.call.correction_rounds - report.correction_round + taken_back)


def can_withdraw_return(person, report: Report, reviews: Iterable[Review], at: datetime) -> bool:
    """Before it is answered, and while its time runs."""
    return report.status == ReportStatus.RETURNED and returning_membership(person, report, reviews, at) is not None


def can_return(person, report: Report, reviews: Iterable[Review], at: datetime) -> bool:
    """Until the announcement, also after the closing, while a round is left."""
    return (
        report.status in IN_REVIEW
        and rounds_left(report) > 0
        and returning_membership(person, report, reviews, at) is not None
    )
