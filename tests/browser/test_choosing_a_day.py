"""The calendar beside a date field, by keys and by mouse: a month of buttons that say their whole date in Persian."""

import pytest
from playwright.sync_api import expect

from tests.calls import make_call
from tests.faults.races import spin_until

from .walking import complaints, overflow

CLOSES = "[name=closes_at]"


@pytest.fixture
def page(open_page, live_server, cast):
    return open_page(f"/calls/{make_call(cast).pk}/edit/", as_=cast.laleh)


def focused(page) -> str:
    return page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.name || ''")


def is_at(page, name: str) -> None:
    spin_until(lambda: focused(page) == name)


def open_calendar(page, typed: str):
    page.fill(CLOSES, typed)
    page.locator(CLOSES).press("Tab")
    page.keyboard.press("Enter")
    dialog = page.locator("dialog.day-picker")
    expect(dialog).to_be_visible()
    return dialog


@pytest.mark.parametrize(
    ("keys", "date"),
    [
        (["ArrowLeft"], "۱۴۰۵/۰۹/۱۳"),
        (["ArrowRight"], "۱۴۰۵/۰۹/۱۱"),
        (["ArrowDown", "ArrowDown"], "۱۴۰۵/۰۹/۲۶"),
        (["ArrowUp", "ArrowUp"], "۱۴۰۵/۰۸/۲۸"),
        (["Home"], "۱۴۰۵/۰۹/۰۷"),
        (["End"], "۱۴۰۵/۰۹/۱۳"),
        (["PageDown", "PageDown", "PageDown", "PageDown"], "۱۴۰۶/۰۱/۱۲"),
        (["Shift+PageUp"], "۱۴۰۴/۰۹/۱۲"),
    ],
)
def test_keys_choose_a_day_and_keep_the_time(page, keys, date):
    open_calendar(page, "۱۴۰۵/۰۹/۱۲ ۱۴:۳۰")
    is_at(page, "پنجشنبه ۱۲ آذر ۱۴۰۵")
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.press("Enter")

    expect(page.locator(CLOSES)).to_have_value(f"{date} ۱۴:۳۰")
    is_at(page, "closes_at")


def test_the_last_day_of_a_leap_year_and_of_its_neighbour(page):
    open_calendar(page, "۱۴۰۸/۱۱/۳۰")
    page.keyboard.press("PageDown")
    is_at(page, "چهارشنبه ۳۰ اسفند ۱۴۰۸")
    page.keyboard.press("Shift+PageDown")
    is_at(page, "پنجشنبه ۲۹ اسفند ۱۴۰۹")


def test_escape_leaves_the_field_as_it_was(page):
    open_calendar(page, "پس‌فردا")
    page.keyboard.press("Escape")
    expect(page.locator(CLOSES)).to_have_value("پس‌فردا")
    is_at(page, "closes_at")


def test_the_mouse_turns_months_and_axe_finds_nothing(page):
    dialog = open_calendar(page, "۱۴۰۵/۰۹/۱۲")
    dialog.get_by_role("button", name="ماه بعد", exact=True).click()
    expect(dialog.locator("h2")).to_have_text("دی ۱۴۰۵")
    assert (complaints(page), overflow(page)) == ([], 0)
    dialog.get_by_role("button", name="شنبه ۵ دی ۱۴۰۵", exact=True).click()
    expect(page.locator(CLOSES)).to_have_value("۱۴۰۵/۱۰/۰۵")
