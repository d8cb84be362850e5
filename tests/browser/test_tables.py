"""Tables of a report in a real browser: on a desk and on a phone, by keyboard, without a script, and beside a colleague."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import Page, expect

from reports.actions.evidence import add_evidence
from reports.actions.submission import submit_report
from reports.actions.table_rows import add_row, remove_row
from reports.models import Report
from reports.queries.drafts import collect, field_id
from tests.calls import PDF, accept, published_call, report_of
from tests.reviews import assign
from tests.tables import dormitory, save, table_form

ADD = "افزودن سطر به خوابگاه‌ها"


@pytest.fixture
def report(live_server, cast) -> Report:
    report = report_of(published_call(cast, form=table_form()), cast.a)
    save(report, "about", cast.sara, most="500")
    return report


def address(report, section="dorms"):
    return reverse("reports:report_edit", args=[report.tracking_code, section])


def saved(page: Page):
    expect(page.locator("#saved")).to_contain_text("ذخیره شد")


def answers(report) -> dict:
    return collect(Report.objects.get(pk=report.pk)).answers


def rows(page: Page):
    return page.locator(".rows-1 > .rows-body > .row-card")


def test_rows_are_added_and_filled_in_by_keyboard(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    page.get_by_role("button", name=ADD).focus()
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    page.locator("[name^='q:dorm@']").focus()
    page.keyboard.type("یک")
    page.keyboard.press("Tab")
    page.keyboard.type("600")
    saved(page)
    expect(rows(page).locator("h3")).to_have_text("خوابگاه‌ها، سطر ۱: یک")
    expect(page.locator(".field-error").filter(has_text="تخت‌های یک از ۵۰۰ بیشتر است.")).to_be_visible()
    page.get_by_role("button", name=ADD).click()
    expect(rows(page)).to_have_count(2)
    assert sorted(value for name, value in answers(report).items() if "@" in name and "row:" not in name) == [
        "600",
        "یک",
    ]


def test_a_word_typed_just_before_a_row_is_added_is_kept(open_page, report, cast):
    row = dormitory(report, cast.sara, "یک")
    page = open_page(address(report), as_=cast.sara)
    page.locator(f"[name='q:dorm@{row}']").fill("دو")
    page.get_by_role("button", name=ADD).click()
    expect(rows(page)).to_have_count(2)
    assert answers(report)[f"dorm@{row}"] == "دو"


def test_a_filled_row_is_taken_out_after_a_question(open_page, report, cast):
    row = dormitory(report, cast.sara, "یک")
    page = open_page(address(report), as_=cast.sara)
    page.get_by_role("button", name=re.compile("^برداشتن: خوابگاه‌ها، سطر ۱")).click()
    page.get_by_role("button", name="برداشتن سطر").click()
    expect(rows(page)).to_have_count(0)
    assert f"dorm@{row}" not in answers(report)


def test_a_colleagues_row_appears_while_somebody_writes_elsewhere(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara)
    row = dormitory(report, cast.reza, "از همکار")
    other = add_row(report=report, table="dorms", by=cast.reza)
    save(report, "about", cast.reza, span="1")
    mine = open_page(address(report), as_=cast.sara)
    expect(rows(mine)).to_have_count(2)
    remove_row(report=report, table="dorms", row=other, base_version=99, by=cast.reza)
    mine.locator(f"[name='q:beds@{row}']").fill("7")
    saved(mine)
    expect(mine.locator("#rows-changed")).to_be_visible()
    assert answers(report)[f"beds@{row}"] == "7"
    page.close()


def test_on_a_phone_a_row_is_a_card_that_fits(open_page, report, cast):
    row = dormitory(report, cast.sara, "خوابگاه " * 8, beds="600")
    add_row(report=report, table="rooms", around=row, by=cast.sara)
    page = open_page(address(report), as_=cast.sara, phone=True)
    card = rows(page).bounding_box()
    assert card["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    boxes = [box.bounding_box()["x"] for box in page.locator(f"[name='q:dorm@{row}'], [name='q:beds@{row}']").all()]
    assert boxes[0] == boxes[1]


def test_without_a_script_rows_are_added_and_taken_out(open_page, report, cast):
    page = open_page(address(report), as_=cast.sara, scripts=False)
    page.get_by_role("button", name=ADD).click()
    page.locator("[name^='q:dorm@']").fill("یک")
    page.get_by_role("button", name=ADD).click()
    expect(rows(page)).to_have_count(2)
    assert [value for name, value in answers(report).items() if name.startswith("dorm@")] == ["یک"]
    page.get_by_role("button", name=re.compile("^برداشتن: خوابگاه‌ها، سطر ۲")).click()
    expect(rows(page)).to_have_count(1)


# ------------------------------------------------------------------------------------------------------------- reviewing
@pytest.fixture
def sent(live_server, cast) -> tuple[Report, str, str]:
    """A submitted report of two dormitories, the first with a plan, which Omid reviews; and the keys of the rows."""
    call = published_call(cast, form=table_form())
    report = report_of(call, cast.a)
    save(report, "about", cast.sara, most="500")
    one, two = (
        dormitory(report, cast.sara, "شهید بهشتی", beds="40"),
        dormitory(report, cast.sara, "شهید چمران", beds="7"),
    )
    add_evidence(report=report, indicator=f"file:plan@{one}", upload=SimpleUploadedFile("plan.pdf", PDF), by=cast.sara)
    accept(call, cast.a, cast.reza)
    submit_report(report=report, by=cast.reza)
    assign(cast, call)
    return report_of(call, cast.a), one, two


def review_address(report: Report, code: str = "table:dorms") -> str:
    return reverse("reports:report_review", args=[report.tracking_code]) + f"?i={code}"


def row_of_review(page: Page, row: str):
    return page.locator(f"#a-{field_id(f'row:dorms@{row}')}")


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_one_row_is_remarked_on_returned_corrected_and_seen_again(open_page, sent, cast, phone):
    report, one, two = sent
    page = open_page(review_address(report), as_=cast.omid, phone=phone)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    row = row_of_review(page, one)
    expect(row).to_contain_text("plan.pdf")
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("نقشه خوانا نیست.")
    page.get_by_role("button", name="پذیرش هر چه تذکر ندارد").click()
    page.wait_for_url(re.compile("review"))
    page.goto(page.url.partition("/reports/")[0] + reverse("reports:report_return", args=[report.tracking_code]))
    expect(page.locator("textarea").filter(has_text="نقشه خوانا نیست.")).to_be_visible()
    page.locator("form.cols button[type=submit]").click()
    page.wait_for_url(re.compile("review|reports"))

    unit = open_page(address(report), as_=cast.sara, phone=phone)
    expect(unit.locator(".row-card").filter(has_text="نقشه خوانا نیست.")).to_have_count(1)
    assert unit.locator(f"[name='q:beds@{one}']").is_editable()
    assert not unit.locator(f"[name='q:beds@{two}']").is_editable()
    unit.locator(f"[name='q:beds@{one}']").fill("41")
    saved(unit)
    unit.get_by_role("button", name=re.compile("^پایین بردن: .*شهید بهشتی")).click()
    expect(rows(unit).nth(1)).to_contain_text("شهید بهشتی")
    submit_report(report=report, by=cast.reza)

    page = open_page(review_address(report), as_=cast.omid, phone=phone)
    row = row_of_review(page, one)
    expect(row.locator("del")).to_have_text("۴۰")
    expect(row.locator("ins")).to_have_text("۴۱")
    expect(row).to_contain_text("جابه‌جا شده است")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_without_a_script_a_row_is_accepted_and_another_remarked_on(open_page, sent, cast):
    report, one, two = sent
    page = open_page(review_address(report), as_=cast.omid, scripts=False)
    row_of_review(page, one).get_by_label("پذیرفته‌شده").check()
    row_of_review(page, two).locator("summary").click()
    row_of_review(page, two).locator("textarea").fill("کم است.")
    page.get_by_role("button", name="ثبت موارد علامت‌خورده").click()
    page.goto(page.url.partition("/reports/")[0] + review_address(report))
    expect(row_of_review(page, two).locator("textarea")).to_have_value("کم است.")
    expect(row_of_review(page, one).get_by_label("پذیرفته‌شده")).to_be_checked()
