"""The second of the deadline on an open entry page: it says that the time has come, asks a little later, and claims nothing."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.calls import at_closing, published_call, report_of

CAME = "زمان نمایش‌داده‌شده فرا رسید"
ASKING = "در حال پرسیدن وضعیت کنونی"
HIDDEN = "let unseen = true; Object.defineProperty(document, 'hidden', { get: () => unseen }); window.look = () => { unseen = false; document.dispatchEvent(new Event('visibilitychange')); };"


@pytest.fixture
def report(live_server, cast):
    return report_of(published_call(cast), cast.a)


@pytest.fixture
def entry(open_page, report, cast, clock):
    """`entry(script)`: the page eight seconds before the call closes, with what a browser is told beforehand, and the
    questions about the time that it sends."""

    def open_it(script: str) -> tuple[Page, list[str]]:
        page, asked = open_page("/account/", as_=cast.sara), []
        page.add_init_script(script)
        page.on("request", lambda request: asked.append(request.url) if "/time/" in request.url else None)
        clock.move_to(at_closing(report.call, seconds=-8))
        page.goto(reverse("reports:report_edit", args=[report.tracking_code, "housing"]))
        return page, asked

    return open_it


@pytest.mark.long
def test_at_the_second_itself_it_says_that_the_time_has_come_and_then_what_the_portal_says(entry, report, clock):
    page, asked = entry("Math.random = () => 0.15;")  # asks three seconds later

    expect(page.locator("#time-left")).to_contain_text(CAME, timeout=20_000)
    expect(page.locator("#time-left")).to_contain_text(ASKING)
    assert asked == []
    clock.move_to(at_closing(report.call, seconds=1))  # a page that came slowly is that much early
    expect(page.locator("#time-left")).not_to_contain_text(re.compile("بسته|مهلت گذشته"))
    expect(page.locator("#time-left")).to_contain_text(
        "مهلت گذشته است؛ تا پایان مهلت ارفاقی می‌توان ارسال کرد", timeout=20_000
    )
    assert len(asked) == 1


@pytest.mark.long
def test_a_tab_that_nobody_sees_asks_when_somebody_looks(entry, report, clock):
    page, asked = entry("Math.random = () => 0;" + HIDDEN)

    expect(page.locator("#time-left")).to_contain_text(CAME, timeout=20_000)
    page.wait_for_timeout(1500)
    assert asked == []
    clock.move_to(at_closing(report.call, seconds=1))
    page.evaluate("look()")
    expect(page.locator("#time-left")).to_contain_text(
        "مهلت گذشته است؛ تا پایان مهلت ارفاقی می‌توان ارسال کرد", timeout=20_000
    )
    assert len(asked) == 1
