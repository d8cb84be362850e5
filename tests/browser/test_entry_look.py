"""The unit's pages as axe and a phone see them: full, with errors and a conflict, waiting, submitted, closed."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.actions.drafts import save_section
from reports.actions.sign_off import request_sign_off
from reports.actions.submission import submit_report
from tests.calls import fill, published_call, report_of

from .walking import check


def address(name, report, *more):
    return reverse(f"reports:{name}", args=[report.tracking_code, *more])


@pytest.mark.long
@pytest.mark.parametrize(
    ("theme", "phone"),
    [pytest.param("dark", False, marks=pytest.mark.full), ("light", True)],
    ids=["dark, wide", "light, phone"],
)
def test_axe_finds_nothing_from_the_first_word_to_the_receipt(open_page, live_server, cast, clock, theme, phone):
    report = report_of(published_call(cast), cast.a)
    page = open_page(address("report", report), as_=cast.sara, phone=phone)
    page.evaluate(f"document.cookie = 'theme={theme};path=/'")
    page.goto(address("report_edit", report, "housing"))
    save_section(report=report, section="housing", base_version=0, changes={"housed": "80"}, by=cast.reza)
    page.locator("#q-housed").fill("75")
    page.locator("#q-eligible").fill("9o")
    expect(page.locator("[data-clash=housed]")).to_be_visible()
    expect(page.locator("#e-q-eligible")).to_contain_text("به‌جای رقم")
    check(page)

    page.evaluate("localStorage.clear()")
    page.on("dialog", lambda dialog: dialog.accept())
    fill(
        report,
        cast.sara,
        {"housing": {"eligible": "100", "waiting_days": "8"}, "welfare": {"events": "4", "confirmed": "OK"}},
    )
    for name, more in (("report_edit", ["welfare"]), ("report_sign", []), ("report", [])):
        page.goto(address(name, report, *more))
        check(page)
    request_sign_off(report=report, by=cast.sara, note="آمار قطعی است.")
    head = open_page(address("report_sign", report), as_=cast.reza, phone=phone)
    check(head)
    submit_report(report=report, by=cast.reza)
    for name in ("report_receipt", "report"):
        head.goto(address(name, report))
        check(head)
    head.goto(reverse("reports:reports"))
    check(head)
    clock.move(days=4)
    head.goto(address("report_edit", report, "housing"))
    check(head)
