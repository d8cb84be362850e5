"""A form with sections for some kinds of units, on a desk and on a phone: what each unit is shown, the league, the form's own page."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.actions.results import announce_result
from reports.actions.review import hand_in_review
from reports.actions.submission import submit_report
from tests.calls import fill, report_of
from tests.kinds_of_units import OF_DORMITORY, OF_SPORTS, call_of_kinds
from tests.reviews import assign, review_of, verify_all

from .walking import check

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_unit_is_shown_its_own_sections_and_sends_them(open_page, live_server, cast):
    call = call_of_kinds(cast)
    report = report_of(call, cast.b)
    page = open_page(reverse("reports:report_edit", args=[report.tracking_code, "games"]), as_=cast.mina, phone=True)

    expect(page.locator("body")).to_contain_text("بخش games")
    expect(page.locator("body")).not_to_contain_text("بخش beds")
    check(page)
    page.locator("#q-matches").fill("۱۰")
    page.locator("#q-matches").press("Tab")
    expect(page.get_by_role("status").first).to_contain_text("ذخیره شد")
    expect(page.locator("body")).to_contain_text("۲۰ از ۶۰")


def test_each_group_has_a_league_of_its_own(open_page, live_server, cast):
    call = call_of_kinds(cast)
    assign(cast, call)
    for unit, expert, head, answers in (
        (cast.a, cast.sara, cast.reza, OF_DORMITORY), (cast.b, cast.mina, cast.kamran, OF_SPORTS)
    ):  # fmt: skip
        report = fill(report_of(call, unit), expert, answers)
        submit_report(report=report, by=head)
        review = review_of(report, cast.omid)
        verify_all(review)
        hand_in_review(review=review, by=cast.omid)
        announce_result(report=report, by=cast.laleh)

    page = open_page(reverse("reports:analysis_league", args=[call.pk]), as_=cast.laleh)
    expect(page.locator("tbody th")).to_have_text([cast.a.name])
    check(page)
    page.get_by_role("link", name="sports").first.click()
    expect(page.locator("tbody th")).to_have_text([cast.b.name])

    page.goto(reverse("reports:analysis_compare", args=[call.pk]) + f"?unit={cast.a.code}&unit={cast.b.code}")
    expect(page.locator("tbody").last).to_contain_text("بدون رتبه")
    expect(page.locator("tbody").last).to_contain_text("برای این واحد نیست")
    for name, args in (("form", [call.form_version_id]), ("call", [call.pk])):
        page.goto(reverse(f"reports:{name}", args=args))
        check(page)
    phone = open_page(reverse("reports:form", args=[call.form_version_id]), as_=cast.laleh, phone=True)
    check(phone)
