"""A form that somebody else wrote, on a desk and on a phone: headings, grids, marked words, and words that follow an answer."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.queries.drafts import collect
from tests.calls import published_call, report_of
from tests.faults.races import spin_until
from tests.forms import EN, FA, workbook

from .walking import check


def q(kind: str, name: str, label: str, **cells) -> dict:
    return {"type": kind, "name": name, FA: label, EN: f"{name} of", **cells}


HINT = "hint::فارسی(fa)"
ROWS = [
    q("note", "hello", "به **نظرسنجی** خوش آمدید.\n* نام‌ها محرمانه است\n* پر کردن آن ده دقیقه می‌برد"),
    {"type": "begin_group", "name": "person", FA: "درباره شما", EN: "About you"},
    q("text", "name", "نام شما", required="yes", **{HINT: "همان که در _کارت_ است"}),
    q("select_one yn", "guest", "آیا مهمان هستید؟"),
    {"type": "begin_group", "name": "stay", FA: "اقامت", EN: "Stay", "relevant": "${guest} = 'y'"},
    q("integer", "nights", "${name} چند شب ماند؟", required="yes"),
    {"type": "begin_group", "name": "room", FA: "اتاق", EN: "Room"},
    q("select_one rate", "bed", "تخت", appearance="likert"),
    q("select_multiple rate", "more", "چه چیزهایی خوب بود؟", appearance="columns"),
    {"type": "end_group"},
    {"type": "end_group"},
    {"type": "text", "name": "latin", FA: "", EN: "Anything else? (in English)", "appearance": "multiline"},
    {"type": "end_group"},
    {"type": "begin_group", "name": "rating", FA: "ارزیابی", EN: "Rating"},
    q("select_one rate", "head", "به هر کدام نمره دهید", appearance="label"),
    q("select_one rate", "food", "کیفیت غذا", appearance="list-nolabel", required="yes"),
    q("select_one rate", "clean", "پاکیزگی", appearance="list-nolabel"),
    q("select_one rate", "staff", "رفتار کارکنان با شما و همراهانتان", appearance="list-nolabel"),
    {"type": "end_group"},
    q("note", "thanks", "**سپاس** از شما"),
]
CHOICES = [
    *({"list_name": "yn", "name": name, FA: label, EN: name} for name, label in (("y", "بله"), ("n", "خیر"))),
    *(
        {"list_name": "rate", "name": name, FA: label, EN: name}
        for name, label in (("good", "خوب"), ("middling", "متوسط"), ("bad", "بد"))
    ),
]


def address(report, page):
    return reverse("reports:report_edit", args=[report.tracking_code, page])


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_it_is_filled_in_as_its_author_meant_it(open_page, live_server, cast, phone):
    form = workbook(ROWS, choices=CHOICES, settings={"form_id": "survey", "default_language": "فارسی(fa)"})
    report = report_of(published_call(cast, form=form), cast.a)
    page = open_page(address(report, "person"), as_=cast.sara, phone=phone)
    stay = page.locator("[data-part=part-data-person-stay]")
    expect(stay).to_be_hidden()
    page.locator("#q-name").fill("مریم")
    page.locator("label", has_text="بله").click()
    expect(stay).to_be_visible()
    expect(page.locator("label[for=q-nights]")).to_contain_text("مریم چند شب ماند؟")
    check(page)

    page.goto(address(report, "rating"))
    page.get_by_role("radio", name="کیفیت غذا خوب").check()
    page.get_by_role("radio", name="پاکیزگی بد", exact=True).check()
    expect(page.locator("#saved")).to_contain_text("ذخیره")
    check(page)
    page.reload()
    expect(page.get_by_role("radio", name="پاکیزگی بد", exact=True)).to_be_checked()
    spin_until(lambda: collect(report).answers == {"name": "مریم", "guest": "y", "food": "good", "clean": "bad"})
