"""Nothing moves under a reader's eyes when the typeface comes late."""

import time

import pytest

from tests.calls import fill, published_call, report_of

SHIFTS = """window.shift = 0; window.shifted = [];
new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) {
  window.shift += entry.value; window.shifted.push(...entry.sources.map((source) => source.node && source.node.nodeName)); }
}).observe({ type: "layout-shift", buffered: true });"""


@pytest.mark.parametrize("phone", [False, True], ids=["1280", "390"])
def test_a_desk_does_not_move_when_its_typeface_comes_late(open_page, live_server, cast, phone):
    report = report_of(published_call(cast), cast.a)
    fill(report, cast.sara)
    page = open_page("/account/", as_=cast.sara, phone=phone)
    late = []

    def hold(route):
        late.append(route.request.url)
        time.sleep(1.0)  # the line's, not the test's: words stand there in the machine's own letters until then
        route.continue_()

    page.route("**/*.woff2", hold)
    page.add_init_script(SHIFTS)
    page.goto("/desk/")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.wait_for_function("() => document.fonts.check('16px Vazirmatn')")

    assert len(late) == 1, late  # the first part of the typeface alone
    assert page.evaluate("window.shift") <= 0.05, page.evaluate("window.shifted")


@pytest.mark.parametrize("phone", [False, True], ids=["1280", "390"])
def test_the_entry_page_does_not_move_either(open_page, live_server, cast, phone):
    report = report_of(published_call(cast), cast.a)
    page = open_page("/account/", as_=cast.sara, phone=phone)
    page.route("**/*.woff2", lambda route: (time.sleep(1.0), route.continue_()))
    page.add_init_script(SHIFTS)
    page.goto(f"/reports/{report.tracking_code}/edit/housing/")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => document.fonts.check('16px Vazirmatn')")

    assert page.evaluate("window.shift") <= 0.05, page.evaluate("window.shifted")
