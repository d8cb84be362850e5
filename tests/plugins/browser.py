"""A real Chromium: one for the session, a fresh context for each page that a test opens."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from tests.plugins.proof import AGES_FROM_NOW
from tests.services import find_chromium
from units.actions.proof import PROVED

SHOTS = Path(__file__).resolve().parent.parent / "browser" / "shots"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--no-first-run",
    "--disable-domain-reliability",
    "--font-render-hinting=none",
    "--lang=fa-IR",
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
# What the console says of a network that is cut and of a refusal; the page has its own words for both.
TOLD_OTHERWISE = ("Failed to load resource", "htmx:sendError", "htmx:afterRequest", "Response Status Error Code")
PATIENCE = 20_000  # milliseconds a page has, on a machine that does other work too


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    path = find_chromium()
    if path is None:
        pytest.fail("The browser tests need Chromium: install it or name it in CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def session_cookie(person, address: str) -> dict:
    """The cookie of somebody who has signed in, without filling in the form again in every test."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session[PROVED] = AGES_FROM_NOW.timestamp()
    session.save()
    return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": address}


@pytest.fixture
def open_page(chromium, live_server, request) -> Iterator[Callable]:
    """`page = open_page("/desk/", as_=sara, phone=True)`; a script error or a CSP refusal fails the test at its end."""
    contexts: list = []
    complaints: list[str] = []

    def open_(path: str = "/", *, as_=None, phone: bool = False, language: str = "fa", scripts: bool = True):
        context = chromium.new_context(
            base_url=live_server.url,
            locale="fa-IR" if language == "fa" else "en-GB",
            timezone_id="Asia/Tehran",
            viewport=PHONE if phone else DESK,
            java_script_enabled=scripts,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        cookies = [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}]
        if as_ is not None:
            cookies.append(session_cookie(as_, live_server.url))
        context.add_cookies(cookies)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"script error on {page.url}: {error}"))
        page.on("console", lambda message: _listen(message, page.url, complaints))
        page.goto(path)
        return page

    yield open_
    failed = getattr(request.node, "test_failed", False)
    for number, context in enumerate(contexts):
        for page in context.pages if failed else ():
            _shoot(page, f"{request.node.name}-{number}")
        context.close()
    if complaints and not failed:
        pytest.fail("\n".join(complaints))


def _listen(message, url: str, complaints: list[str]) -> None:
    # A refused or missing page is told of by its status; only what the page itself did wrong counts here.
    if message.type == "error" and not message.text.startswith(TOLD_OTHERWISE):
        complaints.append(f"console on {url}: {message.text}")


def _shoot(page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / (re.sub(r"[^\w-]+", "-", name) + ".png"), full_page=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.test_failed = report.failed
    return report
