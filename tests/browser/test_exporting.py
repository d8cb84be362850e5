"""Taking reports away in a real browser: ordered, waited for, fetched, read."""

import csv

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.actions.exports import make_exports
from reports.models import Export
from reports.pages.export_files import MAKERS
from tests.calls import published_call, submitted_report
from tests.plugins.browser import PATIENCE

from .walking import press, words

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_csv_is_ordered_from_a_call_waited_for_and_fetched(open_page, cast, monkeypatch):
    # The doorbell finds nobody at home: the page waits until the sweep comes by.
    monkeypatch.setattr("reports.tasks.make_exports.delay", lambda: None)
    call = published_call(cast)
    report, revision = submitted_report(cast, call)
    page = open_page(reverse("reports:call", args=[call.pk]), as_=cast.laleh)
    page.get_by_role("link", name=words("Take away as a file")).click()
    press(page, "Order as CSV")
    expect(page.locator("#export progress")).to_be_visible()
    assert make_exports(MAKERS) == 1
    ready = page.get_by_role("link", name=words("Download the file"))
    expect(ready).to_be_visible(timeout=PATIENCE)

    with page.expect_download() as fetched:
        ready.click()

    assert fetched.value.suggested_filename == Export.objects.get().name == f"reports-call-{call.pk}.csv"
    with open(fetched.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = {row["unit_code"]: row for row in csv.DictReader(file)}
    assert rows.keys() == {cast.a.code, cast.b.code}
    mine = rows[cast.a.code]
    assert (mine["tracking_code"], mine["receipt"]) == (report.tracking_code, revision.receipt_code)
    assert (mine["housed"], mine["canteen_note"], mine["HSG-01.claimed"]) == ("80", "دو سلف", "80")
    assert rows[cast.b.code]["receipt"] == ""


def test_a_unit_takes_its_own_report_away_on_a_phone(open_page, cast):
    call = published_call(cast)
    submitted_report(cast, call)
    page = open_page(reverse("reports:call", args=[call.pk]), as_=cast.sara, phone=True)
    page.get_by_role("link", name=words("Take away as a file")).click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    press(page, "Order as JSON lines")
    with page.expect_download() as fetched:
        page.get_by_role("link", name=words("Download the file")).click(timeout=PATIENCE)
    with open(fetched.value.path(), encoding="utf-8") as file:
        assert len(file.readlines()) == 1
