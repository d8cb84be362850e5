"""Contested results for tests, made through the verbs."""

from reports.actions.results import announce_result
from reports.actions.review import hand_in_review
from reports.models import Call, Report

from .calls import report_of, submitted_report
from .people import Cast
from .reviews import assign, review_of, verify, verify_all


def announced_report_with(
    cast: Cast, call: Call, *, code: str = "HSG-01", verified: dict, reason: str = "لغو اسکان کم شد."
) -> Report:
    """Unit A's report, announced with one indicator verified otherwise than claimed: something to differ over."""
    assign(cast, call)
    report, _revision = submitted_report(cast, call)
    review = review_of(report, cast.omid)
    verify_all(review, but=(code,))
    verify(review, code, verified=verified, reason=reason)
    hand_in_review(review=review, by=cast.omid)
    announce_result(report=report, by=cast.laleh)
    return report_of(call, report.unit)
