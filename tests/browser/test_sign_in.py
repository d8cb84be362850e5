"""The first page anybody sees, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from sajad_portal.lib.national_code import encrypt, keyed_hash
from tests.factories import PASSWORD, national_code
from units.actions.sign_in import ADDRESS
from units.models import Person
from units.notices.links import password_link

from .walking import check


def test_the_sign_in_page_is_persian_and_right_to_left(open_page):
    page = open_page("/sign-in/")

    expect(page.locator("html")).to_have_attribute("lang", "fa")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px Vazirmatn'))")


def test_the_same_page_in_english_reads_from_the_left(open_page):
    page = open_page("/sign-in/", language="en")

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("html")).to_have_attribute("dir", "ltr")


def test_it_fits_a_phone(open_page):
    page = open_page("/sign-in/", phone=True)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_somebody_signs_in_with_a_name_and_a_password(open_page, cast, scripts):
    page = open_page("/account/", scripts=scripts)
    expect(page).to_have_url(re.compile(r"/sign-in/\?next="))

    page.locator("[name=name]").fill("sara")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")

    expect(page).to_have_url(re.compile(r"/account/$"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(open_page, cast):
    page = open_page("/sign-in/")

    page.locator("[name=name]").fill("sara")
    page.locator("[name=password]").fill("wrong")
    page.locator("[name=password]").press("Enter")

    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("sara")


def test_a_session_of_ones_own_opens_a_page_at_once(open_page, cast):
    page = open_page("/account/", as_=cast.sara)

    expect(page).to_have_url(re.compile(r"/account/$"))


# ------------------------------------------------------------------------------------ office locked out no more
def sign_in(page, name: str = "sara", password: str = PASSWORD) -> None:
    page.goto("/sign-in/")
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")


def guess_many_names(client) -> None:
    """From the address that the browsers of these tests have too."""
    for number in range(ADDRESS + 1):
        client.post("/sign-in/", {"name": f"name{number}", "password": "wrong"}, REMOTE_ADDR="127.0.0.1")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_office_is_not_kept_out_by_somebody_who_guesses_from_it(open_page, cast, client, scripts):
    known = open_page("/sign-in/", scripts=scripts)
    sign_in(known)
    expect(known).to_have_url(re.compile("/desk/$"))
    known.context.clear_cookies(name="sessionid")

    guess_many_names(client)

    new = open_page("/sign-in/", scripts=scripts)
    sign_in(new)
    expect(new.get_by_role("alert").first).to_contain_text("مرورگری که پیش از این با آن وارد شده‌اید")
    sign_in(known)
    expect(known).to_have_url(re.compile("/desk/$"))


def test_a_link_is_opened_without_scripts_and_leaves_no_token_in_the_address(open_page, cast):
    link = password_link(cast.sara)
    page = open_page(link[link.index("/password/") :], scripts=False)
    token = link.rstrip("/").rpartition("/")[2]
    expect(page).to_have_url(re.compile(r"/password/\w+/set/$"))
    assert token not in page.content()

    for name in ("new", "again"):
        page.locator(f"[name={name}]").fill("sajadsajad-۱")
    page.locator("[name=again]").press("Enter")
    expect(page.get_by_text("یا نام سامانه است").first).to_be_visible()
    for name in ("new", "again"):
        page.locator(f"[name={name}]").fill("زردآلوی ترش ۱۴۰۵")
    page.locator("[name=again]").press("Enter")

    expect(page).to_have_url(re.compile("/desk/$"))
    page.context.clear_cookies(name="sessionid")
    sign_in(page, password="زردآلوي ترش 1405")
    expect(page).to_have_url(re.compile("/desk/$"))


def test_by_single_sign_on_who_is_known_here_comes_in_and_nobody_else(open_page, live_server, cast, provider):
    code = national_code(11)
    known = {"national_code_cipher": encrypt(code), "national_code_hash": keyed_hash(code)}
    Person.objects.filter(pk=cast.sara.pk).update(**known)
    provider.knows("sara", national_code=code)
    provider.knows("nobody", national_code=national_code(12))
    page = open_page("/sign-in/")
    check(page)
    page.get_by_role("link", name="ورود با پنجرهٔ واحد").click()
    page.locator("[name=sub]").first.fill("nobody")
    page.locator("[name=sub]").first.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("کد ملی")
    check(page)
    page.get_by_role("link", name="دوباره تلاش کنید").click()
    page.locator("[name=sub]").first.fill("sara")
    page.locator("[name=sub]").first.press("Enter")
    page.wait_for_url("**/desk/")
