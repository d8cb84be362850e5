"""A column or a block copied from a spreadsheet, pasted into the entry page: what lands where, before anything is written."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from reports.models import Report
from reports.queries.drafts import collect
from tests.calls import published_call, report_of
from tests.tables import dormitory, save, table_form
from tests.workbooks import every_kind_form

PASTE = """([name, text]) => {
  const field = document.querySelector(`[name="${CSS.escape('q:' + name)}"]`);
  const data = new DataTransfer();
  data.setData("text/plain", text);
  field.focus();
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def paste(page: Page, name: str, text: str) -> list[list[str]]:
    """The lines of the preview."""
    page.evaluate(PASTE, [name, text])
    expect(page.locator("#paste-dialog")).to_be_visible()
    return [row.locator("td").all_inner_texts() for row in page.locator("#paste-dialog tbody tr").all()]


def answers(report) -> dict:
    return collect(Report.objects.get(pk=report.pk)).answers


def open_section(open_page, report, section, person) -> Page:
    return open_page(reverse("reports:report_edit", args=[report.tracking_code, section]), as_=person)


def put_in(page: Page) -> None:
    page.get_by_role("button", name="بنویس در خانه‌ها").click()
    expect(page.locator("#saved")).to_contain_text("ذخیره شد")


@pytest.fixture
def kinds(live_server, cast) -> Report:
    return report_of(published_call(cast, form=every_kind_form()), cast.a)


def test_a_column_goes_field_by_field_and_only_when_it_is_said(open_page, kinds, cast):
    page = open_section(open_page, kinds, "all", cast.sara)
    lines = paste(page, "students", "۱۲۰\n12.5\n85\n")
    assert [line[:3] for line in lines] == [
        ["۱۲۰", "دانشجو", "—"],
        ["12.5", "میانگین", "—"],
        ["85", "سهم", "—"],
    ]
    page.get_by_role("button", name="بازگشت").last.click()
    assert (page.locator("[name='q:students']").input_value(), answers(kinds)) == ("", {})
    paste(page, "students", "۱۲۰\n12.5\n85\n")
    put_in(page)
    assert answers(kinds) == {"students": "120", "mean": "12.5", "share": "85"}


def test_choices_are_found_by_their_words_and_what_fits_nowhere_is_said(open_page, kinds, cast):
    page = open_section(open_page, kinds, "all", cast.sara)
    lines = paste(page, "city", "تهران\nپاریس\n")
    assert [line[3] for line in lines] == ["", "این پرسش آن را نمی‌پذیرد."]
    put_in(page)
    assert answers(kinds) == {"city": "tehran"}


def test_a_block_goes_row_by_row_into_a_table(open_page, live_server, cast):
    report = report_of(published_call(cast, form=table_form()), cast.a)
    save(report, "about", cast.sara, most="500")
    one, two = dormitory(report, cast.sara, "یک"), dormitory(report, cast.sara, "دو")
    page = open_section(open_page, report, "dorms", cast.sara)
    lines = paste(page, f"dorm@{one}", "الف\t10\nب\t20\nپ\t30\n")
    assert [line[3] for line in lines] == [""] * 4 + ["اینجا جایی برای آن نیست."] * 2
    put_in(page)
    stored = answers(report)
    assert [stored[f"{name}@{row}"] for row in (one, two) for name in ("dorm", "beds")] == ["الف", "10", "ب", "20"]


def test_lines_of_words_in_a_text_are_pasted_as_ever(open_page, kinds, cast):
    page = open_section(open_page, kinds, "all", cast.sara)
    page.evaluate(PASTE, ["students", "12"])
    expect(page.locator("#paste-dialog")).to_be_hidden()
