"""A merger in an open call, the successor asked too, in a real browser: merged → handed over → both reports submitted by the
successor's people."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.enums import ReportState
from reports.invariants import broken
from tests.calls import fill, published_call, report_of
from tests.faults.races import spin_until
from units.models import Succession, Unit

from .walking import check, press, says, words

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "ادغام دو اداره کل"


@pytest.mark.long
def test_a_merger_in_an_open_call(open_page, live_server, cast):
    call = published_call(cast)

    # Laleh merges unit A into unit B: the page shows what hangs on A, and leads to what it left open.
    laleh = open_page(reverse("units:unit_edit", args=["KHB"]), as_=cast.laleh)
    laleh.get_by_role("link", name=words("Retire or merge it")).click()
    says(laleh, call.title)
    check(laleh)
    laleh.locator("[name=code]").fill("TGZ")
    laleh.locator("[name=reason]").fill(WHY)
    press(laleh, "Retire the unit")
    spin_until(lambda: Unit.objects.get(code="KHB").retired_at is not None)
    expect(laleh).to_have_url(live_server.url + reverse("reports:unit_left_open", args=["KHB"]))
    check(laleh)

    # Her desk and the call's list say that a report has lost its unit.
    laleh.goto(reverse("reports:desk"))
    says(laleh, "بی‌واحد مانده است")
    laleh.goto(reverse("reports:call", args=[call.pk]) + "?status=lost")
    says(laleh, words("the unit has ended"))
    check(laleh)

    # She hands it over.
    laleh.goto(reverse("reports:unit_left_open", args=["KHB"]))
    laleh.locator(f"#fate-{call.pk}").select_option("hand")
    laleh.locator("[name=reason]").fill(WHY)
    press(laleh, "Store the decisions")
    spin_until(lambda: Succession.objects.count() == 1)
    says(laleh, cast.b.name)

    # Mina, the expert of unit B, finds it on her desk beside her own, opens it and writes; on a phone.
    handed, own = report_of(call, cast.a), report_of(call, cast.b)
    mina = open_page(reverse("reports:desk"), as_=cast.mina, phone=True)
    says(mina, cast.a.name)
    check(mina)
    mina.goto(reverse("reports:report", args=[handed.tracking_code]))
    says(mina, cast.b.name)
    check(mina)
    mina.goto(reverse("reports:report_edit", args=[handed.tracking_code]))
    expect(mina.locator("main form").first).to_be_visible()
    for report in (handed, own):
        fill(report, cast.mina)

    # Kamran, the head of unit B, submits both.
    for report in (handed, own):
        kamran = open_page(reverse("reports:report_sign", args=[report.tracking_code]), as_=cast.kamran)
        check(kamran)
        press(kamran, "Sign and submit the report")
        spin_until(lambda report=report: report_of(call, report.unit).state == ReportState.SUBMITTED)
    assert report_of(call, cast.a).unit_path == handed.unit_path
    assert list(broken()) == []
