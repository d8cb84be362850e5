"""A coordinator's way through an open call: down the tree, a reminder seen before it goes, reviews handed over in bulk."""

import re

import pytest
from playwright.sync_api import expect

from reports.enums import ReviewState
from reports.models import Review
from tests.calls import fill, published_call, report_of, submitted_report
from tests.reviews import assign, second_reviewer
from units.models import Notice

from .walking import check, press, says, words

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def call(cast):
    call = published_call(cast, audience={"subtree": cast.provider.pk, "kinds": []})
    assign(cast, call)
    submitted_report(cast, call)
    return call


def test_a_coordinator_looks_reminds_and_hands_over(open_page, cast, call):
    parisa = second_reviewer(cast)
    page = open_page(f"/calls/{call.pk}/progress/", as_=cast.laleh)
    check(page)
    page.get_by_role("link", name=cast.a.name).first.click()
    expect(page.locator("#state-title")).to_have_text(cast.a.name)

    page.goto(f"/calls/{call.pk}/progress/people/")
    check(page)
    press(page, "Remind all that have not submitted")
    page.locator("[name=note]").fill("پشتیبانی تا نیمه‌شب برقرار است.")
    press(page, "See what this does")
    says(page, cast.mina.get_full_name())
    says(page, cast.a_child.name)
    check(page)
    assert not Notice.objects.filter(event__verb="remind_units").exists()
    press(page, "Send the reminder")
    assert set(Notice.objects.filter(event__verb="remind_units").values_list("person", flat=True)) == {
        cast.mina.pk, cast.kamran.pk,
    }  # fmt: skip

    page.goto(f"/calls/{call.pk}/reviewers/")
    check(page)
    page.get_by_role("link", name=re.compile(words("Open reviews of %(person)s") % {"person": cast.omid})).click()
    check(page)
    page.get_by_label(re.compile(cast.b.name)).check()
    page.get_by_label(re.compile(cast.a.name)).check()
    page.locator("[name=to]").select_option(label=parisa.get_full_name())
    page.locator("[name=reason]").fill("مأموریت یک‌ماهه")
    press(page, "See what becomes of the ticked")
    check(page)
    press(page, "Hand them over")
    says(page, parisa.get_full_name())
    given = Review.objects.filter(reviewer=parisa, state=ReviewState.ASSIGNED)
    assert {review.report.unit for review in given.select_related("report__unit")} == {cast.a, cast.b}


def test_the_open_page_takes_up_what_happens_without_being_loaded_again(open_page, cast, call):
    page = open_page(f"/calls/{call.pk}/progress/", as_=cast.laleh)
    expect(page.locator("#live .big").first).to_have_text("۱")
    ask = (
        "htmx.ajax('GET', document.querySelector('#live').getAttribute('hx-get'), {source: '#live', swap: 'outerHTML'})"
    )

    with page.expect_response(lambda answer: "/live/" in answer.url) as same:
        page.evaluate(ask)
    assert same.value.status == 304
    expect(page.locator("#live .big").first).to_have_text("۱")

    fill(report_of(call, cast.b), cast.mina)
    with page.expect_response(lambda answer: "/live/" in answer.url) as other:
        page.evaluate(ask)
    assert other.value.status == 200
    expect(page.locator("#live")).to_contain_text(words("Draft"))


@pytest.mark.long
@pytest.mark.parametrize(
    ("phone", "language"),
    [(True, "fa"), *(pytest.param(phone, "en", marks=pytest.mark.full) for phone in (True, False))],
)
def test_axe_finds_nothing_on_the_pages_of_progress(open_page, cast, call, phone, language):
    page = open_page("/account/", as_=cast.laleh, phone=phone, language=language)
    for part in ("progress/", "progress/sections/", "progress/pace/", "progress/people/", "reviewers/"):
        page.goto(f"/calls/{call.pk}/{part}")
        check(page)
