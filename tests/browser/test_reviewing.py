"""Reviewing in a real browser: by keyboard, with the score that follows, and without a script."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.actions.review import hand_in_review
from reports.models import ReviewItem
from tests.calls import published_call, submitted_report
from tests.reviews import announced_report, assign, review_of, second_reviewer, verify_all

from .walking import check, press, says

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def report(cast):
    call = published_call(cast)
    assign(cast, call)
    return submitted_report(cast, call)[0]


def address(report, name: str = "report_review") -> str:
    return reverse(f"reports:{name}", args=[report.tracking_code])


def test_the_score_follows_while_typing(open_page, cast, report):
    page = open_page(address(report), as_=cast.omid)
    expect(page.locator("#score .huge")).to_have_text(re.compile("۵۰"))

    page.locator("#v-numerator").fill("۴۰")

    expect(page.locator("#score .huge")).to_have_text(re.compile("۲۵"))
    expect(page.locator("#verified-amount")).to_contain_text("۴۰")
    assert not ReviewItem.objects.exists()


def test_a_reviewer_works_by_keyboard_alone(open_page, cast, report):
    page = open_page(address(report), as_=cast.omid)

    page.keyboard.press("v")
    expect(page.locator("#v-numerator")).to_be_focused()
    page.locator("#v-numerator").fill("75")
    page.locator("#reason").focus()
    page.keyboard.type("لغو اسکان")
    page.keyboard.press("Control+Enter")

    for there, then in (("HSG-02", "a"), ("WLF-01", "k"), ("HSG-02", "k")):
        expect(page).to_have_url(re.compile(rf"\?i={there}$"))
        page.wait_for_load_state()  # a key pressed before the page's script is there goes nowhere
        page.keyboard.press(then)
    expect(page.locator("#v-numerator")).to_have_value("۷۵")
    page.keyboard.press("r")
    expect(page).to_have_url(re.compile(r"/return/"))


def test_a_zero_denominator_asks_at_once_whether_the_indicator_applies(open_page, cast, report):
    page = open_page(address(report), as_=cast.omid)

    page.locator("#v-numerator").fill("0")
    page.locator("#v-denominator").fill("0")

    expect(page.locator("#na-yes")).to_be_visible()
    page.locator("#na-yes").check()
    page.locator("[data-submit]").click()
    expect(page).to_have_url(re.compile(r"\?i=HSG-02$"))


def test_without_a_script_the_whole_review_is_handed_in(open_page, cast, report):
    page = open_page(address(report), as_=cast.omid, scripts=False)

    for _indicator in range(3):
        page.locator("button[name=accept]").click()
    page.locator("button[name=accept_rest]").click()
    page.locator("#hand-in button[type=submit]").click()

    expect(page).to_have_url(re.compile(r"/review/$"))
    expect(page.locator("#messages")).to_be_visible()


def test_what_cannot_be_read_stands_beside_its_field(open_page, cast, report):
    page = open_page(address(report), as_=cast.omid)

    page.locator("#v-numerator").fill("هفتاد")
    page.locator("[data-submit]").click()

    expect(page.locator("#v-numerator-error")).to_be_visible()
    expect(page.locator("#v-numerator")).to_have_value("هفتاد")
    expect(page.locator("#form-errors")).to_be_focused()


def test_a_coordinator_assigns_settles_and_announces(open_page, cast, report):
    parisa = second_reviewer(cast)
    page = open_page(reverse("reports:call_reviewers", args=[report.call_id]), as_=cast.laleh)
    page.locator("[name=reviewer]").select_option(label=parisa.get_full_name())
    page.locator("form button[type=submit]", has_text="سپردن به ارزیاب").click()
    expect(page.locator("#messages")).to_contain_text(parisa.get_full_name())

    for review in report.reviews.all():
        verify_all(review)
        hand_in_review(review=review, by=review.reviewer)
    page.goto(reverse("reports:announce", args=[report.call_id]))
    page.get_by_role("button", name="اعلام علامت‌خورده‌ها").click()
    page.get_by_role("button", name="اعلام نتیجه").click()

    expect(page.locator("#messages")).to_be_visible()
    assert report.results.count() == 1


@pytest.mark.long
@pytest.mark.parametrize(("language", "phone"), [("fa", True), pytest.param("en", False, marks=pytest.mark.full)])
def test_pages_are_accessible_and_fit(open_page, cast, report, language, phone):
    other, version = announced_report(cast, report.call, cast.b)
    pages = [
        (cast.omid, reverse("reports:review_queue")),
        (cast.omid, address(report)),
        (cast.omid, address(report, "report_return")),
        (cast.laleh, reverse("reports:call_reviewers", args=[report.call_id])),
        (cast.laleh, reverse("reports:announce", args=[report.call_id]) + "?show=reviewing"),
        (cast.kamran, address(other, "report_result")),
        (cast.laleh, address(other, "result_revise")),
        (cast.kamran, address(other, "letter_page")),
        (None, reverse("reports:track") + f"?code={other.tracking_code}"),
        (None, reverse("reports:verify_code", args=[version.verification_code])),
    ]
    for person, path in pages:
        page = open_page(path, as_=person, phone=phone, language=language)
        check(page)
        page.context.close()


def test_a_coordinator_goes_from_the_desk_to_announced(open_page, cast):
    """The desk says that nobody reviews; once somebody has, that a result can be announced; and then nothing of it."""
    call = published_call(cast)
    report, _revision = submitted_report(cast, call)
    laleh = open_page("/desk/", as_=cast.laleh)
    check(laleh)
    laleh.locator("main a", has_text="ارزیاب ندارد").first.click()
    expect(laleh).to_have_url(re.compile(reverse("reports:call_reviewers", args=[call.pk])))
    assign(cast, call)
    review = review_of(report, cast.omid)
    verify_all(review)
    hand_in_review(review=review, by=cast.omid)

    laleh.goto("/desk/")
    expect(laleh.locator("main")).not_to_contain_text("ارزیاب ندارد")
    laleh.locator("main a", has_text="اعلام ۱ نتیجه").first.click()
    expect(laleh).to_have_url(re.compile(reverse("reports:announce", args=[call.pk])))
    check(laleh)
    laleh.locator("main tbody input[type=checkbox]").first.check()
    press(laleh, "Announce the ticked")
    check(laleh)
    press(laleh, "Announce")
    says(laleh, "۱ نتیجه")

    assert report.results.get().announced_at is not None
    laleh.goto("/desk/")
    expect(laleh.locator("main")).not_to_contain_text("اعلام ۱ نتیجه")
