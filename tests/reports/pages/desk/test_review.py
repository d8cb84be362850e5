"""What the desks of a lead and of a coordinator say where reviewers differ."""

import pytest
from django.urls import reverse

from reports.actions.review import hand_in_review, take_lead
from tests.calls import report_of, submitted_report
from tests.reports.views.desk.test_page import desk
from tests.reviews import assign, review_of, second_reviewer, verify, verify_all

pytestmark = pytest.mark.django_db


def line(answer, words):
    return next((item for item in answer.context["items"] if words in item.title), None)


def to_settle(client_for, person):
    return line(desk(client_for, person), "هم‌نظر نیستند؛ داوری کنید")


def unled(client_for, person):
    return line(desk(client_for, person), "سرارزیاب ندارد")


def reviewed(cast, call, *values):
    """Unit A's report: so many reviewers, each with this value for the first indicator; the last hands in where it is asked for."""
    report, _revision = submitted_report(cast, call)
    people = [cast.omid, *(second_reviewer(cast, f"r{n}", f"ارزیاب {n}") for n in range(1, len(values)))]
    for person, value in zip(people, values, strict=True):
        assign(cast, call, person)
        review = review_of(report, person)
        verify_all(review, but=("HSG-01",))
        if value:
            verify(review, "HSG-01", verified={"numerator": value, "denominator": "100"}, reason="شمارش از فهرست")
            hand_in_review(review=review, by=person)
    return report_of(call, cast.a)


@pytest.fixture
def lead(cast):
    return second_reviewer(cast, "farid", "فرید نوری")


def test_who_leads_is_led_straight_to_what_they_differ_about(cast, call, lead, client_for):
    report = reviewed(cast, call, "80", "70")
    assert to_settle(client_for, lead) is None

    assign(cast, call, lead, lead=True)

    item = to_settle(client_for, lead)
    assert item.url == reverse("reports:report_review", args=[report.tracking_code]) + "?i=HSG-01"
    assert ("۱ شاخص" in item.title, cast.a.name in item.title, item.due) == (True, True, call.review_until)
    assert to_settle(client_for, cast.omid) is None  # who reviews beside others settles nothing
    assert client_for(lead).get(item.url).status_code == 200


@pytest.mark.parametrize("values", [("80", "70", ""), ("80", "80")], ids=["one has not handed in", "they agree"])
def test_nothing_is_to_be_settled_where(cast, call, lead, client_for, values):
    reviewed(cast, call, *values)
    assert unled(client_for, cast.laleh) is None

    assign(cast, call, lead, lead=True)

    assert to_settle(client_for, lead) is None


def test_the_coordinator_sees_that_nobody_leads_takes_the_lead_and_settles(cast, call, client_for):
    report = reviewed(cast, call, "80", "70")

    assert unled(client_for, cast.laleh).url == reverse("reports:report_review", args=[report.tracking_code])
    take_lead(report=report, by=cast.laleh)

    assert unled(client_for, cast.laleh) is None
    assert to_settle(client_for, cast.laleh).url.endswith("?i=HSG-01")
