"""Sessions in a real browser: they end, by time, by an administrator, by hand, by somebody else; and no typed word is lost or
stands under another name."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.queries.drafts import collect
from tests.calls import published_call, report_of
from tests.factories import PASSWORD
from tests.faults.races import spin_until
from tests.plugins.browser import session_cookie
from units.actions.accounts import close_account, reopen_account
from units.models import AccountSession, Person

from .walking import check

WHY = "از سازمان رفته است."


@pytest.fixture
def report(live_server, cast):
    return report_of(published_call(cast), cast.a)


def address(report, section: str = "housing") -> str:
    return reverse("reports:report_edit", args=[report.tracking_code, section])


def field(page, name: str):
    return page.locator(f"#q-{name}")


def answers(report) -> dict:
    return collect(type(report).objects.get(pk=report.pk)).answers


def kept(page) -> list[str]:
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('portal-entry:'))")


def saved(page) -> None:
    expect(page.locator("#saved")).to_contain_text("ذخیره شد")


def sign_in_as(page, person, live_server) -> None:
    """Another window of the same browser in which somebody else has signed in."""
    page.context.add_cookies([session_cookie(person, live_server.url)])


def sign_out(page) -> None:
    page.locator("details.menu-end summary").click()
    page.get_by_role("button", name="خروج").click()


def type_password(page, password: str = PASSWORD) -> None:
    dialog = page.locator("#sign-in-dialog")
    expect(dialog).to_be_visible()
    dialog.locator("input[type=password]").fill(password)
    dialog.get_by_role("button").click()


# ------------------------------------------------------------------------------------------- closed, inactive
def test_an_account_closed_in_mid_session_is_out_with_the_next_word_which_stays_until_it_is_open_again(
    open_page, report, cast
):
    page = open_page(address(report), as_=cast.sara)
    close_account(person=cast.sara, reason=WHY, by=cast.admin)
    field(page, "housed").fill("72")
    type_password(page)
    expect(page.locator("#sign-in-dialog [data-said]")).to_contain_text("این حساب بسته است")
    assert answers(report) == {}
    assert len(kept(page)) == 1

    reopen_account(person=cast.sara, by=cast.admin)
    type_password(page)
    saved(page)
    expect(field(page, "housed")).to_have_value("72")
    assert (answers(report), kept(page)) == ({"housed": "72"}, [])


def test_after_an_hour_of_nothing_the_entry_page_asks_for_the_password_and_goes_on(
    open_page, report, cast, clock, settings
):
    settings.SESSION_IDLE = timedelta(minutes=60)
    page = open_page(address(report), as_=cast.sara)
    clock.move(minutes=61)
    field(page, "housed").fill("72")
    type_password(page)
    saved(page)

    assert answers(report) == {"housed": "72"}


def test_a_form_that_was_filled_in_before_the_session_ended_is_sent_after_signing_in_in_place(
    open_page, live_server, cast, clock, settings
):
    settings.SESSION_IDLE = timedelta(minutes=60)
    page = open_page("/account/", as_=cast.sara)
    page.locator("#id_mobile").fill("09121112233")
    clock.move(minutes=61)
    page.evaluate("Date.now = () => performance.timeOrigin + 3700000")
    page.get_by_role("button", name="ذخیرهٔ نمایه").click()
    type_password(page)
    expect(page.locator("#id_mobile")).to_have_value("09121112233")
    expect(page.get_by_role("status").first).to_be_visible()

    assert Person.objects.get(pk=cast.sara.pk).mobile == "09121112233"


def test_a_session_that_is_ended_on_another_device_is_out(open_page, live_server, cast):
    mobile = open_page("/account/", as_=cast.sara, phone=True)
    page = open_page("/account/sessions/", as_=cast.sara)
    page.locator("form[action$='/end/'] button").click()
    page.locator("#confirm-dialog [data-yes]").click()
    expect(page.get_by_text("نشست پایان یافت")).to_be_visible()

    mobile.reload()
    mobile.wait_for_url("**/sign-in/**")
    assert AccountSession.objects.filter(ended_at=None).count() == 1


# ------------------------------------------------------------------------------------------- signing out by hand
def test_signing_out_first_sends_what_is_typed(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    field(page, "housed").fill("72")
    sign_out(page)
    page.wait_for_url("**/sign-in/")

    assert (answers(report), kept(page)) == ({"housed": "72"}, [])


def test_signing_out_with_everything_saved_needs_no_second_press(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    field(page, "housed").fill("72")
    spin_until(lambda: answers(report) == {"housed": "72"} and kept(page) == [])
    sign_out(page)
    page.wait_for_url("**/sign-in/")


def test_answers_that_cannot_be_sent_hold_up_a_sign_out_until_they_are_dropped(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    page.route("**/edit/**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    field(page, "housed").fill("72")
    sign_out(page)
    dialog = page.locator("#leave-dialog")
    expect(dialog).to_contain_text("(۱ پاسخ)")
    check(page)
    dialog.get_by_role("button", name="ماندن").click()
    expect(field(page, "housed")).to_have_value("72")
    assert len(kept(page)) == 1

    sign_out(page)
    dialog.get_by_role("button", name="دور ریختن").click()
    page.wait_for_url("**/sign-in/")
    assert (answers(report), kept(page)) == ({}, [])


def test_answers_left_behind_are_named_with_the_way_to_them_on_every_page(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    page.route("**/edit/**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    field(page, "housed").fill("72")
    expect(page.locator("#offline")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/account/")
    page.unroute("**/edit/**")
    sign_out(page)
    page.locator("#leave-dialog a").click()

    expect(page.locator("#restored")).to_be_visible()
    saved(page)
    assert (answers(report), kept(page)) == ({"housed": "72"}, [])


def test_without_a_script_signing_out_is_a_button_and_nothing_is_kept(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara, scripts=False)
    sign_out(page)

    page.wait_for_url("**/sign-in/")


# ------------------------------------------------------------------------------------------- another person
def test_after_another_person_has_signed_in_the_old_page_says_so_and_sends_nothing(
    open_page, live_server, report, cast
):
    old = open_page(address(report), as_=cast.sara)
    old.route("**/edit/**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    field(old, "housed").fill("72")
    expect(old.locator("#offline")).to_be_visible()
    old.unroute("**/edit/**")

    sign_in_as(old, cast.reza, live_server)
    new = old.context.new_page()
    new.goto("/desk/")
    expect(old.locator("#session-other-person")).to_contain_text("شخص دیگری")
    expect(field(old, "housed")).to_be_hidden()
    posted = []
    old.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    old.evaluate("window.dispatchEvent(new Event('online'))")
    old.evaluate("htmx.trigger('#entry', 'save')")
    assert (posted, answers(report)) == ([], {})

    new.goto(address(report))  # Reza fills in the same section, and sees nothing of hers
    expect(field(new, "housed")).to_have_value("")
    assert len(kept(new)) == 1

    sign_in_as(new, cast.sara, live_server)
    new.goto(address(report))
    expect(new.locator("#restored")).to_be_visible()
    saved(new)
    assert answers(report) == {"housed": "72"}


@pytest.mark.parametrize("token", ["old", "new"])
def test_where_the_browser_tells_no_other_window_the_portal_does(open_page, live_server, report, cast, token):
    old = open_page(address(report), as_=cast.sara)
    sign_in_as(old, cast.reza, live_server)
    if token == "new":  # as signing in leaves it; no script writes where the old page would hear of it
        old.context.clear_cookies(name="csrftoken")
        old.context.request.get("/account/")
    field(old, "housed").fill("72")

    expect(old.locator("#session-other-person")).to_be_visible()
    assert answers(report) == {}


def test_the_same_person_signed_in_again_elsewhere_goes_on_without_a_word(open_page, live_server, report, cast):
    page = open_page(address(report), as_=cast.sara)
    page.context.clear_cookies(name="csrftoken")
    sign_in_as(page, cast.sara, live_server)
    page.context.new_page().goto("/account/")  # a new token, which the old page does not know
    field(page, "housed").fill("72")

    saved(page)
    assert answers(report) == {"housed": "72"}


def test_signing_out_in_one_window_is_seen_in_the_others(open_page, live_server, report, cast):
    entry = open_page(address(report), as_=cast.sara)
    other = entry.context.new_page()
    other.goto("/account/")
    sign_out(other)

    expect(entry.locator("#session-left")).to_contain_text("در پنجره‌ای دیگر خارج شده‌اید")
    expect(field(entry, "housed")).to_be_hidden()
