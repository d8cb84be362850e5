"""The first page anybody sees, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import PASSWORD


def test_the_sign_in_page_is_persian_and_right_to_left(open_page):
    page = open_page("/sign-in/")

    expect(page.locator("html")).to_have_attribute("lang", "fa")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px Vazirmatn'))")


def test_the_same_page_in_english_reads_from_the_left(open_page):
    page = open_page("/sign-in/", language="en")

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("html")).to_have_attribute("dir", "ltr")


def test_it_fits_a_phone(open_page):
    page = open_page("/sign-in/", phone=True)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_somebody_signs_in_with_a_name_and_a_password(open_page, cast, scripts):
    page = open_page("/account/", scripts=scripts)
    expect(page).to_have_url(re.compile(r"/sign-in/\?next="))

    page.locator("[name=name]").fill("sara")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")

    expect(page).to_have_url(re.compile(r"/account/$"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(open_page, cast):
    page = open_page("/sign-in/")

    page.locator("[name=name]").fill("sara")
    page.locator("[name=password]").fill("wrong")
    page.locator("[name=password]").press("Enter")

    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("sara")


def test_a_session_of_ones_own_opens_a_page_at_once(open_page, cast):
    page = open_page("/account/", as_=cast.sara)

    expect(page).to_have_url(re.compile(r"/account/$"))
