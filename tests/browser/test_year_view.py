"""The year of results in a real browser: from the front page of analysis to the reports behind a figure, and away as a file."""

import io
import re

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from reports.enums import Standing
from sajad_portal.lib import periods
from sajad_portal.lib.periods import PeriodKind
from tests.factories import make_service, make_unit
from tests.field import Figures, announce_field, field_call

from .walking import check, complaints, overflow

BASE = {"cnt": "10", "day": "4", "avg": "50", "rat_n": "8", "rat_d": "10", "wmn": "4", "wmn_count": "20"}


def figures(standing=Standing.ON_TIME, **changed):
    return Figures({**BASE, **changed}, standing=standing)


@pytest.fixture
def units(cast):
    """A rises, B is late once and misses once, two more stand still."""
    units = [cast.a, cast.b, *(make_unit(parent=cast.b, kind=cast.a.kind) for _n in range(2))]
    service = make_service(cast)
    for number, own in (
        (1, [figures(cnt="2"), figures(Standing.IN_GRACE), figures(), figures()]),
        (2, [figures(cnt="9"), Figures({}, missed=True), figures(), figures()]),
    ):
        period = periods.regular(PeriodKind.QUARTER, 1404, number)
        call, _units = field_call(
            cast, 0, units=units, service=service, period_code=period.code, period_starts=period.starts, period_ends=period.ends,
            title=f"فراخوان {number}",
        )  # fmt: skip
        announce_field(cast, call, units, own)
    return units


def test_from_the_year_to_the_reports_behind_a_figure(open_page, cast, units):
    page = open_page("/analysis/", as_=cast.laleh)
    page.get_by_role("link", name="سال ۱۴۰۴", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("سال ۱۴۰۴")
    check(page)

    late = page.locator("#deadlines").locator("xpath=ancestor-or-self::section").first
    row = late.get_by_role("row", name=re.compile(cast.b.name))
    expect(row).to_contain_text("۲ از ۲")
    row.get_by_role("link", name="۲ از ۲").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    check(page)
    page.locator("tbody").get_by_role("link", name=cast.b.name).last.click()
    expect(page).to_have_url(re.compile("/reports/"))

    page.go_back()
    page.go_back()
    risen = page.locator("#risen").locator("xpath=ancestor-or-self::section").first
    expect(risen).to_contain_text(cast.a.name)
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("XLSX")).click()
    book = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert len(book.worksheets) == 5
    assert book.worksheets[-1].max_row == 1 + 8


@pytest.mark.parametrize("who", ["laleh", "reza"])
def test_it_fits_a_phone_for_headquarters_and_for_a_unit(open_page, cast, units, who):
    page = open_page("/analysis/years/1404-Y/", as_=getattr(cast, who), phone=True)

    assert (overflow(page), complaints(page)) == (0, [])
    assert (cast.b.name in page.content()) is (who == "laleh")


def test_a_year_without_results_says_so(open_page, cast, units):
    page = open_page("/analysis/years/1399-Y/", as_=cast.laleh)

    expect(page.locator("main")).to_contain_text("نتیجه‌ای از این سال نیست")
    check(page)
