"""What people do on pages, in the words that the pages use: English msgids, read off in Persian; and how a page is looked at."""

import re
from functools import cache
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.utils import translation
from playwright.sync_api import Page, expect

from sajad_portal.lib import bundles

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


def complaints(page: Page) -> list[str]:
    """What axe finds on the page."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@cache
def _left_out() -> frozenset[str]:
    whole = Path(settings.BASE_DIR, "node_modules/bootstrap/dist/css/bootstrap.rtl.min.css").read_text("utf-8")
    kept = (bundles.FOLDER / bundles.made()["portal.rtl.css"]).read_text("utf-8")
    styled, still = (frozenset(re.findall(r"\.([A-Za-z_][\w-]*)", css)) for css in (whole, kept))
    return styled - still


def unstyled(page: Page) -> list[str]:
    """Classes on the page that Bootstrap has and set-up left out (tools/bundles.mjs)."""
    worn = page.evaluate(
        "[...new Set([...document.querySelectorAll('[class]')].flatMap((part) => [...part.classList]))]"
    )
    return sorted(_left_out() & set(worn))


def check(page: Page) -> None:
    """axe finds nothing, and nothing sticks out."""
    assert (complaints(page), overflow(page)) == ([], 0), page.url


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
