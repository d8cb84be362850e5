"""Lists in a real browser: the address holds their state, so Back goes through it; without a script they work the same."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.calls import published_call
from tests.factories import make_unit

from .walking import words

pytestmark = pytest.mark.django_db(transaction=True)
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


@pytest.fixture
def call(cast, monkeypatch):
    """Eight units of one kind of name and more; three to a page."""
    monkeypatch.setattr("reports.views.report.list.SIZE", 3)
    units = [make_unit(name=f"دفتر {name}", parent=cast.provider) for name in "اپتجحخدر"]
    return published_call(cast, audience={"units": [cast.a.pk, *(unit.pk for unit in units)]})


def rows(page) -> list[str]:
    return [name.strip() for name in page.locator("tbody th").all_inner_texts()]


def test_back_goes_through_the_filter_the_order_and_the_pages(open_page, cast, call):
    page = open_page("/reports/", as_=cast.laleh)
    page.locator("#list-call").select_option(str(call.pk))
    page.locator("#list-q").fill("دفتر")
    page.locator("#list-q").press("Enter")
    expect(page.locator(".list-narrowed")).to_contain_text("دفتر")
    searched = rows(page)
    page.locator("th a.sort").first.click()
    expect(page.locator("th[aria-sort=descending]")).to_be_visible()
    turned = rows(page)
    assert turned[0] == "دفتر ر"
    page.locator("a[rel=next]").click()
    expect(page).to_have_url(re.compile("after="))
    second = rows(page)

    page.go_back()
    expect(page).not_to_have_url(re.compile("after="))
    assert rows(page) == turned
    page.go_back()
    expect(page.locator("th[aria-sort=ascending]")).to_be_visible()
    assert rows(page) == searched
    page.go_forward()
    page.go_forward()
    assert rows(page) == second

    page.locator(".list-narrowed .pill").filter(has_text="دفتر").click()
    expect(page.locator(".list-narrowed .pill")).to_have_count(1)
    assert "sort=-unit" in page.url


@pytest.mark.parametrize("scripts", [True, False], ids=["", "no script"])
def test_on_a_phone_the_order_and_the_columns_are_chosen_in_a_form(open_page, cast, call, scripts):
    page = open_page(f"/reports/?call={call.pk}", as_=cast.laleh, phone=True, scripts=scripts)
    page.locator(".list-layout summary").click()
    page.locator("#list-sort").select_option("-unit")
    page.locator("#list-col-code").check()
    page.locator("#list-col-period").uncheck()
    page.locator(".list-choices button").click()

    assert rows(page)[0] == "دفتر ر"
    labels = (
        page.locator("tbody tr").first.locator("[data-label]").evaluate_all("them => them.map(t => t.dataset.label)")
    )
    assert words("Tracking code") in labels
    assert words("Period") not in labels


def test_ticked_rows_are_counted_and_named_before_anything_happens(open_page, cast, call):
    page = open_page(f"/calls/{call.pk}/", as_=cast.laleh)
    page.locator("[data-tick]").first.check()
    expect(page.locator("[data-ticked]")).to_have_text(words("{n} ticked:").replace("{n}", "۱"))
    page.locator("[data-tick-all]").check()
    expect(page.locator("[data-ticked]")).to_have_text(words("{n} ticked:").replace("{n}", "۹"))
    page.locator("[data-tick-all]").uncheck()
    page.locator("[data-tick]").first.check()
    page.locator("[data-bulk] button[formaction*=excuse]").click()

    expect(page.locator("#chosen")).to_contain_text(cast.a.name)
    assert not call.reports.filter(state="excused").exists()


@pytest.mark.parametrize(
    ("phone", "language"), [(True, "fa"), *(pytest.param(False, name, marks=pytest.mark.full) for name in ("fa", "en"))]
)
def test_axe_finds_nothing_on_a_list_at_work(open_page, cast, call, phone, language):
    page = open_page(f"/reports/?call={call.pk}&q=دفتر&sort=-unit", as_=cast.laleh, phone=phone, language=language)
    page.locator(".list-layout summary").click()
    for address, part in (("", "main"), (f"/calls/{call.pk}/", "#reports")):
        if address:
            page.goto(address)
            page.locator("[data-tick]").first.check()
        found = Axe().run(page, context=part, options=RULES).response["violations"]
        assert [f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]] == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
