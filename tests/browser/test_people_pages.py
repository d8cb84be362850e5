"""The pages of accounts, units, notices and the desk in a real browser: nothing for axe, no overflow, folds that unfold."""

import re

import pytest
from playwright.sync_api import expect

from tests.calls import fill, published_call, report_of, submitted_report
from tests.factories import PASSWORD, make_unit
from tests.reviews import assign
from units.actions.accounts import close_account
from units.actions.people import NewPerson, invite_person
from units.enums import Role

from .walking import check


@pytest.fixture
def story(cast):
    """Something of everything: an open report with a draft, one in review, a unit to chase, an invitation."""
    call = published_call(cast)
    fill(report_of(call, cast.a), cast.sara)
    submitted_report(cast, call, cast.b)
    assign(cast, call)
    invite_person(
        unit=cast.a, role=Role.REPORTER, new=NewPerson("zahra", first_name="زهرا", last_name="نوری"), by=cast.reza
    )
    return cast


@pytest.mark.long
@pytest.mark.parametrize(
    ("theme", "phone"),
    [pytest.param("light", False, marks=pytest.mark.full), ("dark", True)],
    ids=["light, wide", "dark, phone"],
)
def test_axe_finds_nothing_on_the_desks_and_the_pages_of_people(open_page, story, theme, phone):
    pages = {
        story.sara: ["/desk/", "/account/", "/account/password/", "/notices/"],
        story.reza: ["/desk/", "/units/", "/units/KHB/invite/"],
        story.omid: ["/desk/"],
        story.laleh: [
            "/desk/", "/units/", "/units/?q=اداره", "/units/KHB/", "/units/KHB/edit/", "/units/KHB/history/",
            f"/units/KHB/people/{story.membership(story.sara).pk}/",
        ],
        story.nader: ["/desk/"],
        story.stranger: ["/desk/", "/units/", "/notices/", "/account/sessions/"],
        story.admin: [
            "/people/", "/people/?q=ناپیدا", f"/people/{story.reza.pk}/", f"/people/{story.mina.pk}/",
            f"/people/{story.admin.pk}/",
        ],
    }  # fmt: skip
    close_account(person=story.mina, reason="از سازمان رفته است.", by=story.admin)
    for person, addresses in pages.items():
        page = open_page("/account/", as_=person, phone=phone)
        page.evaluate(f"localStorage.setItem('theme', '{theme}'); document.cookie = 'theme={theme};path=/'")
        for address in addresses:
            page.goto(address)
            check(page)


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_axe_finds_nothing_before_the_door(open_page, cast, phone):
    page = open_page("/sign-in/", phone=phone)
    check(page)
    page.locator("[name=name]").fill("sara")
    page.locator("[name=password]").fill("wrong")
    page.locator("[name=password]").press("Enter")
    expect(page.locator("#form-errors")).to_be_focused()
    check(page)
    for address in ("/password/", "/password/sent/", "/password/x/y/"):
        page.goto(address)
        check(page)


def test_a_branch_of_the_tree_unfolds_where_it_is(open_page, cast):
    make_unit("KHB-IMN-1", "گروه بازرسی", parent=cast.a_child)
    page = open_page("/units/", as_=cast.laleh)
    expect(page.get_by_text("گروه بازرسی")).to_have_count(0)

    page.get_by_role("img", name="واحد زیر اداره کل خوابگاه‌ها").click()
    page.get_by_role("img", name="واحد زیر اداره بهسازی و ایمنی").click()

    expect(page.get_by_role("link", name="گروه بازرسی")).to_be_visible()
    check(page)


def test_without_scripts_the_way_down_the_tree_is_a_link(open_page, cast):
    page = open_page("/units/", as_=cast.laleh, scripts=False)

    page.get_by_role("link", name="اداره کل خوابگاه‌ها").click()
    page.get_by_role("link", name="اداره بهسازی و ایمنی").click()

    expect(page).to_have_url(re.compile("/units/KHB-IMN/$"))


def test_an_invitation_from_the_form_to_the_desk(open_page, cast):
    page = open_page("/units/KHB/invite/", as_=cast.reza)
    page.locator("[name=username]").fill("zahra")
    page.locator("[name=first_name]").fill("زهرا")
    page.locator("[name=last_name]").fill("نوری")
    page.locator("main button.btn-primary").click()
    link = page.locator("#hand-over").input_value()
    check(page)

    other = open_page(link[link.index("/password/") :])
    check(other)
    for name in ("new", "again"):
        other.locator(f"[name={name}]").fill("zard-alu-1405-sard")
    other.locator("[name=again]").press("Enter")

    expect(other).to_have_url(re.compile("/desk/$"))
    expect(other.locator(".who").first).to_contain_text("زهرا نوری")


def test_a_notice_leads_where_it_points_and_the_bell_is_quiet_again(open_page, story):
    page = open_page("/notices/", as_=story.mina)
    expect(page.locator(".pip")).to_be_visible()

    page.locator(".notice-list button.hit").first.click()
    page.goto("/notices/")
    if page.locator(".page-actions button").count():
        page.locator(".page-actions button").click()

    expect(page.locator(".pip")).to_have_count(0)


def test_the_password_can_be_looked_at(open_page, cast):
    page = open_page("/sign-in/")
    page.locator("[name=password]").fill(PASSWORD)

    page.locator("[data-reveal]").click()

    expect(page.locator("[name=password]")).to_have_attribute("type", "text")
