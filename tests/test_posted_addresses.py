"""The address of a form that was refused stays readable: asked for again, it leads to the page that the form stands on."""

import pytest
from django.urls import reverse

from sajad_portal.middleware import page_above
from tests.calls import fill, report_of, submitted_report
from tests.reviews import announced_report, assign, review_of


@pytest.fixture
def report(cast, call):
    return fill(report_of(call, cast.a), cast.sara)


def test_a_refused_finding_is_read_again_on_its_own_indicator(cast, call, client_for):
    assign(cast, call)
    report, _version = announced_report(cast, call)
    item = reverse("reports:review_item", args=[report.tracking_code])
    answer = client_for(cast.omid).get(f"{item}?i=HSG-02")
    assert (answer.status_code, answer.url) == (
        302, reverse("reports:report_review", args=[report.tracking_code]) + "?i=HSG-02",
    )  # fmt: skip


def test_the_form_of_a_finding_carries_its_indicator_in_the_address(cast, call, client_for):
    assign(cast, call)
    report, _revision = submitted_report(cast, call)
    client, review = client_for(cast.omid), review_of(report, cast.omid)
    given = {"review": review.pk, "indicator": "HSG-02", "v-value": "هشت"}
    refused = client.post(reverse("reports:review_item", args=[report.tracking_code]) + "?i=HSG-02", given)
    page = refused.content.decode()
    assert (refused.status_code, 'href="#v-value"' in page) == (422, True)
    assert 'review/item/?i=HSG-02"' in page


@pytest.mark.parametrize(
    ("name", "above"), [("report_ask", "report"), ("report_send_back", "report"), ("report_withdraw", "report")]
)
def test_what_is_sent_from_a_reports_page_leads_back_to_the_report(cast, report, client_for, name, above):
    answer = client_for(cast.reza).get(reverse(f"reports:{name}", args=[report.tracking_code]))
    assert (answer.status_code, answer.url) == (302, reverse(f"reports:{above}", args=[report.tracking_code]))


def test_a_script_is_told_that_the_address_takes_no_reading(cast, report, client_for):
    address = reverse("reports:report_ask", args=[report.tracking_code])
    assert client_for(cast.reza).get(address, headers={"HX-Request": "true"}).status_code == 405


def test_a_page_that_only_is_read_takes_no_form(cast, report, client_for):
    assert client_for(cast.reza).post(reverse("reports:report", args=[report.tracking_code])).status_code == 405


def test_a_stranger_learns_nothing_by_it(client, report):
    assert "/sign-in/" in client.get(reverse("reports:report_ask", args=[report.tracking_code])).url


@pytest.mark.parametrize(
    ("path", "above"),
    [
        ("/disputes/1/write/", "/disputes/1/"),
        ("/calls/1/units/extend/", "/calls/1/"),
        ("/units/A/people/3/dates/", "/units/A/people/3/"),
        ("/nowhere/", "/"),
    ],
)
def test_the_nearest_address_above_that_is_a_page(path, above):
    assert page_above(path) == above
