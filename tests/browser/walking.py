"""What people do on pages, in the words that the pages use: English msgids, read off in Persian."""

import re

from django.utils import translation
from playwright.sync_api import Page, expect


def words(msgid: str) -> str:
    with translation.override("fa"):
        return translation.gettext(msgid)


def press(page: Page, msgid: str, *, within: str = "main") -> None:
    """Press the button with these words; where a dialog asks again, answer with its verb."""
    page.locator(within).get_by_role("button", name=re.compile("^\\s*" + re.escape(words(msgid)))).first.click()
    confirm = page.locator("dialog[open] [data-yes]")
    if confirm.count():
        confirm.click()
    page.wait_for_load_state()


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/sign-in/")
    page.locator("[name=name]").fill(username)
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")
    expect(page).not_to_have_url(re.compile("sign-in"))


def says(page: Page, text: str) -> None:
    """The main part of the page says this somewhere."""
    expect(page.locator("main")).to_contain_text(text)


def state(page: Page, msgid: str) -> None:
    """The page's head shows this status."""
    expect(page.locator(".page-head .state, .hero .state, main .state").first).to_have_text(re.compile(words(msgid)))
