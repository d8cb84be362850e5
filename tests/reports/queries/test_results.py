"""What is counted as ready to announce is what announcing takes: the filter and the row of each report say the same."""

import pytest
from django.db.models import Q

from reports.actions.results import announce_result
from reports.actions.review import hand_in_review, settle_review, take_lead
from reports.queries.desk import standing_of_calls
from reports.queries.results import announce_filters, ready_rows, reports_of_call
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from tests.calls import at_closing, published_call, report_of, submitted_report
from tests.oversight import get
from tests.reviews import assign, review_of, second_reviewer, verify, verify_all

HOUSING = "HSG-01"


@pytest.fixture
def call(cast):
    return published_call(cast)


@pytest.fixture
def parisa(cast):
    return second_reviewer(cast)


def ready(call) -> int:
    """As the page counts it, as the row says it and as the desk counts it: one number."""
    at = database_now()
    found = reports_of_call(call, at)
    counted = found.filter(announce_filters(call)["ready"]).count()
    assert counted == sum(row.is_ready and not row.missed for row in ready_rows(list(found)))
    desk = {row["call_id"]: row for row in standing_of_calls(Q(call=call), Q(call=call), at)}
    assert desk[call.pk]["ready"] == counted
    return counted


def test_two_reviewers_who_differ_are_not_ready_until_a_lead_has_settled(cast, call, clock, parisa, client_for):
    report, _revision = submitted_report(cast, call)
    for person in (cast.omid, parisa):
        assign(cast, call, person)
        verify_all(review_of(report, person), but=(HOUSING,) if person == parisa else ())
    verify(
        review_of(report, parisa), HOUSING, verified={"numerator": "70", "denominator": "100"}, reason="شمارش دوباره"
    )
    clock.move_to(at_closing(call, hours=1))
    hand_in_review(review=review_of(report, cast.omid), by=cast.omid)
    assert ready(call) == 0
    hand_in_review(review=review_of(report, parisa), by=parisa)
    assert ready(call) == 0
    with pytest.raises(Refused):
        announce_result(report=report, by=cast.laleh)
    laleh = client_for(cast.laleh)
    assert [row.report for row in get(laleh, "reports:announce", call.pk, show="reviewing").context["rows"]] == [report]
    assert "اعلام ۱ نتیجه" not in get(laleh, "reports:desk").content.decode()

    lead = take_lead(report=report, by=cast.laleh)
    verify(lead, HOUSING, verified={"numerator": "72", "denominator": "100"}, reason="میانهٔ دو شمارش")
    settle_review(review=lead, by=cast.laleh)
    assert ready(call) == 1
    assert announce_result(report=report, by=cast.laleh).number == 1


def test_two_reviewers_who_agree_in_other_words_are_ready(cast, call, clock, parisa):
    report, _revision = submitted_report(cast, call)
    for person in (cast.omid, parisa):
        assign(cast, call, person)
        verify_all(review_of(report, person), but=(HOUSING,))
        claimed = {"numerator": "70", "denominator": "100"}
        verify(review_of(report, person), HOUSING, verified=claimed, reason=f"دلیل {person.username}")
        hand_in_review(review=review_of(report, person), by=person)
    clock.move_to(at_closing(call, hours=1))
    assert ready(call) == 1


def test_a_section_that_nobody_reviews_keeps_the_report_from_being_ready(cast, call, clock, parisa):
    report, _revision = submitted_report(cast, call)
    sections = sorted({i.section for i in _indicators(report)})
    assert len(sections) == 2
    assign(cast, call, cast.omid, section=sections[0])
    verify_all(review_of(report, cast.omid, sections[0]))
    hand_in_review(review=review_of(report, cast.omid, sections[0]), by=cast.omid)
    clock.move_to(at_closing(call, hours=1))
    assert ready(call) == 0

    assign(cast, call, parisa, section=sections[1])
    assert ready(call) == 0
    verify_all(review_of(report, parisa, sections[1]))
    hand_in_review(review=review_of(report, parisa, sections[1]), by=parisa)
    assert ready(call) == 1


def _indicators(report):
    from reports.queries import form_of
    from reports.queries.findings import reviewed_indicators

    return reviewed_indicators(form_of(report.call.form_version))


def test_a_reviewer_is_told_of_taking_back_only_while_the_head_can(cast, call, clock, client_for):
    report, _revision = submitted_report(cast, call)
    assign(cast, call)
    omid = client_for(cast.omid)
    assert get(omid, "reports:report_review", report.tracking_code).context["recallable"] is True
    before = get(omid, "reports:report_review", report.tracking_code).content.decode()
    clock.move_to(at_closing(call, hours=1))
    after = get(omid, "reports:report_review", report.tracking_code)
    assert after.context["recallable"] is False
    assert "دیگر نمی‌توان پس گرفت" in after.content.decode()
    assert "دیگر نمی‌توان پس گرفت" not in before
    assert report_of(call, cast.a).state == "submitted"
