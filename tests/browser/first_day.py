"""The steps of a portal's first day, each on its page, by whoever does it there. What comes back is what the page says."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.jalali import format_date
from tests.calls import PDF
from tests.forms import small_form

from . import walking
from .walking import check, says, words

PASSWORD = "first-day-of-the-portal"  # noqa: S105
ADMIN = {"username": "admin", "first_name": "راهبر", "last_name": "سامانه"}


def fill(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.locator(f"main [name='{name}']").first.fill(text)


def next_step(page: Page) -> str:
    """The title of what the list of steps says is next."""
    page.goto("/setup/")
    step = page.locator(".setup-steps [aria-current=step] a.hit")
    return step.inner_text() if step.count() else ""


def stands(page: Page, key: str) -> bool:
    page.goto("/setup/")
    return page.locator(f"#step-{key} .glyph-good").count() == 1


def describe_organisation(page: Page, **fields: str) -> None:
    page.goto("/organisation/")
    fill(page, **fields)
    press(page, "Save the organization")
    says(page, words("It is saved. Every page shows it within half a minute."))


def set_calendar(page: Page) -> None:
    page.goto("/calendar/")
    if not page.locator("main [name=opens]").is_visible():
        page.get_by_text(words("Set the weekend and the hours")).click()
    press(page, "Set the week")
    says(page, words("It is saved. What was counted before that day stays as it was counted."))
    page.locator("form[action='/calendar/seed/'] button").click()
    says(page, words("Days off"))


def add_kind(page: Page, code: str, name: str) -> None:
    """An empty portal has no kinds: each organisation has its own."""
    page.goto("/units/-kinds/")
    page.get_by_role("link", name=words("Add a kind")).click()
    fill(page, name=name, code=code)
    page.locator("main form button[type=submit]").last.click()
    says(page, name)


def add_unit(page: Page, code: str, name: str, kind: str, parent: str = "") -> None:
    page.goto(f"/units/{parent}/add/" if parent else "/units/-new/")
    fill(page, code=code, name=name)
    page.locator("main [name=kind]").select_option(kind)
    press(page, "Add the unit")
    says(page, name)


def create_service(page: Page, provider: str) -> None:
    page.goto("/services/-new/")
    fill(
        page, title="ارزیابی عملکرد", description="واحدها عملکرد خود را گزارش می‌کنند.", recipients="ادارات سازمان",
        slug="performance", code="10011400000", window="my.example.ir",
    )  # fmt: skip
    page.locator("main [name=provider]").select_option(label=provider)
    press(page, "Create the service")
    expect(page).to_have_url(re.compile("/services/performance/$"))


def invite(page: Page, unit: str, role: str, username: str, name: str) -> str:
    """The link that opens the account."""
    page.goto(f"/units/{unit}/invite/")
    page.locator("main [name=role]").first.select_option(role)
    first, _space, last = name.partition(" ")
    fill(page, username=username, first_name=first, last_name=last)
    press(page, "Send the invitation")
    return page.locator("#hand-over").input_value()


def accept_by_link(page: Page, link: str) -> None:
    """The first password accepts the seat that the link names."""
    page.goto(link[link.index("/password/") :])
    fill(page, new=PASSWORD, again=PASSWORD)
    press(page, "Set the password and sign in")
    expect(page).not_to_have_url(re.compile("password"))


def press(page: Page, msgid: str) -> None:
    """And where the portal asks who it is, before what weighs, say it: what was sent goes on."""
    walking.press(page, msgid)
    asked = page.locator("[name='proof:password']")
    if asked.count():
        asked.fill(PASSWORD)
        asked.press("Enter")
        page.wait_for_load_state()


def write_agreement(page: Page) -> None:
    """Version 1 from the shipped text, with a word changed, published."""
    page.goto("/agreements/")
    press(page, "Write the first version from the shipped text")
    assert page.locator("main section[id], main form[id]").count() >= 8
    page.locator("[name='purpose-heading']").fill("هدف و دامنه")
    page.locator("form:has([name='purpose-heading']) button[type=submit]").first.click()
    says(page, "هدف و دامنه")
    press(page, "Publish the version")
    says(page, words("The version is in force. Every head has been asked to accept it."))


def publish_documents(page: Page, slug: str = "performance") -> None:
    for slot in ("workflow", "directive", "bylaw"):
        page.goto(f"/documents/of/{slug}/")
        page.locator("main [name=slot]").select_option(slot)
        page.locator("main [name=file]").set_input_files(
            {"name": f"{slot}.pdf", "mimeType": "application/pdf", "buffer": PDF + slot.encode()}
        )
        press(page, "Upload")
        press(page, "Publish")
        says(page, words("Version %(number)s is public.") % {"number": 1})


def import_workbook(page: Page) -> None:
    page.goto("/forms/import/")
    page.locator("main [name=workbook]").set_input_files(
        {"name": "small.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": small_form()}
    )
    press(page, "Import")
    expect(page).to_have_url(re.compile(r"/forms/\d+/$"))


def add_general_type(page: Page, title: str, slug: str = "performance") -> None:
    """A request that heads file by themselves, whose refusal can be contested for ten days."""
    page.goto(f"/services/{slug}/types/")
    page.locator("main [name='new-kind']").select_option("general")
    for name, text in {
        "title": title,
        "code": "indicator-revision",
        "target_working_days": "۸",
        "contest_days": "۱۰",
    }.items():
        page.locator(f"main [name='new-{name}']").fill(text)
    check(page)
    press(page, "Add the type")
    says(page, title)


def declare_free(page: Page, slug: str = "performance") -> None:
    page.goto(f"/services/{slug}/tariffs/")
    page.locator("form[action$='/tariffs/free/'] button").click()
    says(page, words("version %(number)s: declared free of charge") % {"number": "۱"})


def write_call(page: Page, *, title: str, units: str, service: str = "", request_type: str = "") -> None:
    """Open from today for three days, with the first form that is there, to these units; published."""
    today = tehran_date(database_now())
    page.goto(f"/calls/new/?service={service}" if service else "/calls/new/")
    if request_type:
        page.locator("main [name=request_type]").select_option(label=request_type)
    fill(
        page, title=title, opens_at=format_date(today, "numeric"), closes_at=format_date(today + timedelta(days=3), "numeric"),
        review_until=format_date(today + timedelta(days=60), "numeric"), subtree=units,
    )  # fmt: skip
    page.locator("main [name=period]").select_option(index=1)
    page.locator("main [name=form_version]").select_option(index=1)
    press(page, "Store the draft")
    says(page, title)
    page.goto(f"{page.url}publish/")
    press(page, "Publish the call")
    says(page, title)
