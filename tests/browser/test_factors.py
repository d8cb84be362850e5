"""Second factors in a real browser: an app, a security key (Chromium's own virtual one), a lost one reset by two, and the question
before what weighs that loses nothing."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories import PASSWORD, make_person
from tests.units.actions.test_factors import code_of, with_app
from units.actions.proof import note_proof
from units.actions.session_store import SessionStore
from units.models import Membership
from units.queries.factors import KEY, factors_of, has_factor

from .walking import check

USB = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True, "isUserVerified": True}


@pytest.fixture
def plug_in():
    """A security key at this page's browser, which is touched at once when it blinks."""

    def plug(page) -> None:
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": {**USB, "hasUserVerification": True}})

    return plug


def sign_in(page, name: str) -> None:
    page.goto("/sign-in/")
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")


def test_an_app_is_set_up_from_its_letters_and_asked_for_at_the_next_sign_in(open_page, live_server, cast):
    page = open_page("/account/", as_=cast.sara, phone=True)
    page.get_by_role("link", name="عامل دوم").click()
    check(page)
    page.get_by_role("link", name="راه‌اندازی برنامه").click()
    page.locator("main summary").click()
    secret = page.locator("main details bdi.code").text_content().replace(" ", "")
    check(page)
    page.locator("#code").fill(code_of(secret, -1))
    page.get_by_role("button", name="راه‌اندازی برنامه").click()
    expect(page.locator(".factor-codes li")).to_have_count(10)
    check(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="دریافت کدها").click()
    assert len(download.value.path().read_text("utf-8").split()) > 10
    page.get_by_role("button", name="کنار گذاشتم").click()
    expect(page.get_by_text("کد مانده است")).to_be_visible()

    page.context.clear_cookies()
    sign_in(page, "sara")
    page.wait_for_url("**/sign-in/factor/")
    check(page)
    page.locator("#factor-code").fill("000000")
    page.get_by_role("button", name="ادامه").click()
    expect(page.get_by_role("alert")).to_contain_text("این کد درست نیست")
    page.locator("#factor-code").fill(code_of(secret))
    page.get_by_role("button", name="ادامه").click()
    page.wait_for_url("**/desk/")


def test_a_security_key_is_added_renamed_and_signs_in(open_page, live_server, cast, plug_in):
    page = open_page(reverse("units:factor_key"), as_=cast.omid)
    plug_in(page)
    page.locator("#key-name").fill("کلید آبی")
    check(page)
    page.get_by_role("button", name="خواندن کلید").click()
    page.get_by_role("button", name="کنار گذاشتم").click()
    page.get_by_label("نام تازهٔ کلید").fill("کلید سبز")
    page.get_by_role("button", name="تغییر نام").click()
    expect(page.get_by_text("نام کلید عوض شد")).to_be_visible()
    check(page)
    assert [factor.data["name"] for factor in factors_of(cast.omid) if factor.type == KEY] == ["کلید سبز"]

    page.context.clear_cookies()
    sign_in(page, "omid")
    page.wait_for_url("**/sign-in/factor/")
    page.get_by_role("button", name="به کار بردن کلید").click()
    page.wait_for_url("**/desk/")


def test_two_administrators_reset_a_lost_one_and_the_person_is_out(open_page, live_server, cast):
    second = make_person("second", "راهبر دوم", is_superuser=True)
    with_app(cast.omid)
    his = open_page("/desk/", as_=cast.omid)
    one = open_page(reverse("units:person", args=[cast.omid.pk]), as_=cast.admin)
    one.get_by_text("گم شده است", exact=True).click()
    one.locator("#factor-reason").fill("تلفنی پرسیدم.")
    one.get_by_role("button", name="پیشنهاد برداشتن").click()
    expect(one.get_by_text("راهبر دیگری آن را تأیید می‌کند.")).to_be_visible()
    check(one)
    other = open_page(reverse("units:person", args=[cast.omid.pk]), as_=second)
    check(other)
    other.get_by_role("button", name="تأیید و برداشتن").click()
    other.locator("#confirm-dialog [data-yes]").click()
    expect(other.get_by_text("عامل دوم برداشته شد").first).to_be_visible()

    assert not has_factor(cast.omid)
    his.reload()
    his.wait_for_url("**/sign-in/**")


def test_a_form_that_comes_late_is_sent_on_with_the_password_as_it_was_typed(open_page, live_server, cast, clock):
    seat = cast.membership(cast.sara)
    page = open_page(reverse("units:member", args=[cast.a.code, seat.pk]), as_=cast.laleh)
    cookie = next(each for each in page.context.cookies() if each["name"] == "sessionid")
    session = SessionStore(cookie["value"])
    note_proof(session, clock.now())
    session.save()
    clock.move(minutes=16)
    form = page.locator("form[action$='/end/']")
    form.locator("[name=reason]").fill("به واحد دیگری رفته است.")
    form.get_by_role("button").click()
    if page.locator("#confirm-dialog[open]").count():
        page.locator("#confirm-dialog [data-yes]").click()
    expect(page.locator("#proof-password")).to_be_visible()
    check(page)
    assert Membership.objects.get(pk=seat.pk).ends_at is None
    page.locator("#proof-password").fill(PASSWORD)
    page.get_by_role("button", name="تأیید هویت و فرستادن").click()
    page.wait_for_url("**/units/**")

    assert Membership.objects.get(pk=seat.pk).ends_at is not None
