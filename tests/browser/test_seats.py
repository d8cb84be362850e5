"""Seats in a real browser: invited, accepted, declined, left; a deputy is named, accepts, signs, and the papers say for whom."""

import pytest
from playwright.sync_api import expect

from reports.actions.sign_off import request_sign_off
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.jalali import format_date
from tests.calls import fill, published_call, report_of
from units.models import Membership

from .walking import check, press, says, words


def invite(page, username: str) -> None:
    page.goto("/units/KHB/invite/")
    page.locator("[name=username]").fill(username)
    press(page, "Send the invitation")


def test_somebody_with_an_account_is_invited_accepts_and_leaves(open_page, cast):
    head = open_page("/units/KHB/", as_=cast.reza)
    invite(head, "pouya")
    expect(head.get_by_text("پویا بیگی")).to_have_count(0)

    guest = open_page("/desk/", as_=cast.stranger, phone=True)
    check(guest)
    with guest.expect_navigation():
        guest.locator("form[action$='/accept/'] button").click()
    head.goto("/units/KHB/")
    expect(head.get_by_role("link", name="پویا بیگی")).to_be_visible()

    guest.goto("/account/")
    guest.get_by_text(words("Leave this seat")).first.click()
    press(guest, "Leave the seat")
    assert not Membership.objects.valid_at(database_now()).filter(person=cast.stranger).exists()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_an_offer_is_sent_again_and_declined(open_page, cast, scripts):
    head = open_page("/units/KHB/", as_=cast.reza, scripts=scripts)
    invite(head, "pouya")
    head.goto("/units/KHB/")
    press(head, "Send again")

    guest = open_page("/desk/", as_=cast.stranger, scripts=scripts)
    with guest.expect_navigation():
        guest.locator("form[action$='/decline/'] button").click()
        if scripts:
            guest.locator("dialog[open] [data-yes]").click()
    expect(guest.locator("form[action$='/accept/']")).to_have_count(0)
    assert not Membership.objects.not_ended_at(database_now()).filter(person=cast.stranger).exists()


def test_a_link_is_selected_whole_by_a_click(open_page, cast):
    head = open_page("/units/KHB/invite/", as_=cast.reza)
    head.locator("[name=username]").fill("zahra")
    head.locator("[name=first_name]").fill("زهرا")
    head.locator("[name=last_name]").fill("نوری")
    press(head, "Send the invitation")

    field = head.locator("#hand-over")
    field.click()

    assert head.evaluate("document.getSelection().toString()") == field.input_value()
    assert field.input_value().startswith("http")


def test_a_deputy_is_named_accepts_and_signs_for_the_head(open_page, cast):
    call = published_call(cast)
    report = fill(report_of(call, cast.a), cast.sara)
    request_sign_off(report=report, by=cast.sara)
    head = open_page("/units/KHB/", as_=cast.reza)
    head.get_by_role("link", name="معرفی جانشین").click()
    head.get_by_label("چه کسی جانشین شما می‌شود").select_option(label="سارا محمدی")
    today = format_date(tehran_date(database_now()), "numeric")
    head.locator("[name=ends_at]").fill("1300/01/01")
    head.locator("main form button[type=submit]").last.click()
    expect(head.locator("#form-errors")).to_be_visible()
    check(head)
    head.locator("[name=ends_at]").fill(today)
    head.locator("main form button[type=submit]").last.click()
    says(head, "جانشینی به سارا محمدی پیشنهاد شد")

    deputy = open_page("/desk/", as_=cast.sara, phone=True)
    check(deputy)
    with deputy.expect_navigation():
        deputy.locator("form[action$='/accept/'] button").click()
    deputy.goto(f"/reports/{report.tracking_code}/sign/")
    press(deputy, "Sign and submit")

    for address in ("", "receipt/"):
        head.goto(f"/reports/{report.tracking_code}/{address}")
        says(head, "سارا محمدی به‌جای رضا کریمی")
