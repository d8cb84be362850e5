"""Indicators that are a choice or a text: entered, verified by level, and said in words in the result."""

import re

import pytest
from django.core.management import call_command
from django.urls import reverse

from reports.actions.results import announce_result
from reports.actions.review import hand_in_review
from reports.actions.submission import submit_report
from tests.calls import fill, published_call, report_of
from tests.forms import FA, workbook
from tests.reviews import assign, review_of

pytestmark = pytest.mark.django_db

SURVEY = [
    {"type": "begin_group", "name": "quality", FA: "کیفیت"},
    {
        "type": "select_one state", "name": "plan", FA: "برنامهٔ ایمنی", "bind::sajad:indicator": "PLN-01",
        "bind::sajad:role": "value", "bind::sajad:weight": 40, "bind::sajad:score": "levels",
        "bind::sajad:levels": "full=100; part=50; none=0",
    },
    {
        "type": "text", "name": "story", FA: "شرح اقدام‌ها", "bind::sajad:indicator": "STR-01", "bind::sajad:role": "value",
        "bind::sajad:weight": 60, "bind::sajad:score": "rubric",
        "bind::sajad:levels": "good=100|مستند و روشن; fair=50|کلی; none=0|بی‌ربط",
    },
    {"type": "end_group", "name": "quality"},
]  # fmt: skip
CHOICES = [
    {"list_name": "state", "name": "full", FA: "کامل"},
    {"list_name": "state", "name": "part", FA: "ناقص"},
    {"list_name": "state", "name": "none", FA: "ندارد"},
]


def test_a_choice_and_a_text_are_verified_by_their_levels(cast, client_for):
    call = published_call(cast, form=workbook(SURVEY, choices=CHOICES, settings={"form_id": "levels"}))
    fill(report_of(call, cast.a), cast.sara, {"quality": {"plan": "full", "story": "سه رزمایش برگزار شد"}})
    entry = client_for(cast.sara).get(
        reverse("reports:report_edit", args=[report_of(call, cast.a).tracking_code, "quality"])
    )
    assert "مستند و روشن" in entry.content.decode()
    submit = reverse("reports:report_sign", args=[report_of(call, cast.a).tracking_code])
    assert client_for(cast.reza).get(submit).status_code == 200
    submit_report(report=report_of(call, cast.a), by=cast.reza)
    assign(cast, call)
    report, omid = report_of(call, cast.a), client_for(cast.omid)
    review = review_of(report, cast.omid)
    page = omid.get(reverse("reports:report_review", args=[report.tracking_code])).content.decode()
    page = re.sub(r"\s+", " ", page)
    assert '<option value="full" selected>کامل</option>' in page
    item = reverse("reports:review_item", args=[report.tracking_code])
    posted = {"review": review.pk, "indicator": "PLN-01", "v-value": "part", "reason": "پیوست ایمنی ندارد"}
    assert omid.post(item, posted).status_code == 302
    page = omid.get(reverse("reports:report_review", args=[report.tracking_code]), {"i": "STR-01"}).content.decode()
    assert "سه رزمایش برگزار شد" in page
    posted = {
        "review": review.pk,
        "indicator": "STR-01",
        "v-value": "سه رزمایش برگزار شد",
        "points": "31",
        "reason": "کلی است",
    }
    assert omid.post(item, posted).status_code == 422
    assert omid.post(item, {**posted, "points": "30"}).status_code == 302
    hand_in_review(review=review, by=cast.omid)
    version = announce_result(report=report_of(call, cast.a), by=cast.laleh)

    assert version.total == 50
    result = client_for(cast.reza).get(reverse("reports:report_result", args=[report.tracking_code])).content.decode()
    assert "ناقص" in result
    call_command("checkinvariants")
