"""The entry page, without a script and as its script calls it; the report's other pages."""

import pytest
from django.urls import reverse

from tests.calls import published_call, report_of


@pytest.fixture
def report(cast):
    return report_of(published_call(cast), cast.a)


def address(report, section="housing"):
    return reverse("reports:report_edit", args=[report.tracking_code, section])


def test_the_page_opens(report, cast, client_for):
    answer = client_for(cast.sara).get(address(report))

    assert answer.status_code == 200
