"""The description of the interface in a real browser: it stands under our policy, and every line can be tried."""

import pytest

from tests.calls import published_call
from tests.clients import make_program


@pytest.mark.django_db(transaction=True)
def test_the_description_is_drawn_from_our_own_files_and_a_request_is_tried(open_page, live_server, cast):
    call = published_call(cast)
    program = make_program(cast, call.service, cast.sara)
    page = open_page("/api/v1/docs")
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.reload()

    page.locator(".opblock").first.wait_for()
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".auth-container input").fill(program.token)
    page.locator(".auth-container button[type=submit]").click()
    page.locator(".auth-container .btn-done").click()
    block = page.locator(".opblock", has_text="/api/v1/me").first
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    block.locator(".live-responses-table").wait_for()

    assert program.client.name in block.locator(".live-responses-table").inner_text()
    assert said == []
