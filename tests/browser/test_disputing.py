"""A contested result in a real browser: contested → negotiated, with an offer declined and a counter-offer → settled."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.enums import ReportStatus
from reports.invariants import broken
from reports.models import Report, ResultVersion
from reports.queries import reports_at
from sajad_portal.lib.clock import database_now
from sla.models import Dispute, Offer
from tests.calls import PDF, published_call
from tests.disputes import announced_report_with
from tests.faults.races import spin_until
from tests.papers import unsaid

from .walking import check, press, says, words

pytestmark = pytest.mark.django_db(transaction=True)
HOUSED = "[name='v:HSG-01:numerator']"


@pytest.fixture
def report(cast) -> Report:
    """80 of 100 were claimed, 60 verified."""
    return announced_report_with(cast, published_call(cast), verified={"numerator": "60", "denominator": "100"})


def status(report: Report) -> str:
    return reports_at(database_now()).get(pk=report.pk).status


def test_two_sides_negotiate_and_the_settled_result_is_final_at_once(open_page, live_server, cast, report):
    # Reza contests the result of his unit.
    reza = open_page(reverse("reports:contest", args=[report.tracking_code]), as_=cast.reza, phone=True)
    check(reza)
    reza.locator("#text").fill("بیست نفر به‌اشتباه از فهرست افتاده‌اند.")
    press(reza, "File the objection")
    spin_until(lambda: status(report) == ReportStatus.CONTESTED)
    dispute = Dispute.objects.get()

    # Laleh answers, and offers 70 instead of 60.
    laleh = open_page(reverse("reports:dispute", args=[dispute.pk]), as_=cast.laleh)
    says(laleh, "بیست نفر به‌اشتباه")
    check(laleh)
    laleh.locator("#text").fill("فهرست را دوباره شمردیم.")
    press(laleh, "Send the answer")
    says(laleh, "فهرست را دوباره شمردیم.")
    laleh.goto(reverse("reports:dispute_offer", args=[dispute.pk]))
    check(laleh)
    laleh.locator(HOUSED).fill("۷۰")
    laleh.locator("#text").fill("ده نفر پذیرفته است.")
    press(laleh, "Put the offer on the table")
    spin_until(lambda: Offer.objects.count() == 1)

    # Reza declines it and asks for 75.
    reza.goto(reverse("reports:dispute", args=[dispute.pk]))
    check(reza)
    reza.locator("summary", has_text=words("Decline")).click()
    reza.locator("[name=reply]").fill("پنج نفر دیگر هم سند دارند.")
    press(reza, "Decline the offer")
    says(reza, "پنج نفر دیگر هم سند دارند.")
    reza.goto(reverse("reports:dispute_offer", args=[dispute.pk]))
    reza.locator(HOUSED).fill("۷۵")
    reza.locator("#text").fill("با سند پیوست، پانزده نفر.")
    press(reza, "Put the offer on the table")
    spin_until(lambda: Offer.objects.count() == 2)
    assert status(report) == ReportStatus.CONTESTED
    assert ResultVersion.objects.filter(announced_at__isnull=False).count() == 1

    # Laleh accepts: exactly that version is announced, the dispute has ended, and the result is final at that moment.
    laleh.goto(reverse("reports:dispute", args=[dispute.pk]))
    press(laleh, "Accept the offer")
    spin_until(lambda: status(report) == ReportStatus.FINAL)
    first, second = ResultVersion.objects.filter(report=report, announced_at__isnull=False).order_by("number")
    assert second.total > first.total
    assert Dispute.objects.get().outcome == "settled"

    # Both read it so; nothing more can be said; the letter says that it is settled.
    reza.goto(reverse("reports:dispute", args=[dispute.pk]))
    check(reza)
    expect(reza.locator("#write")).to_have_count(0)
    reza.goto(reverse("reports:report_result", args=[report.tracking_code]))
    says(reza, words("Final result"))
    reza.goto(reverse("reports:letter_page", args=[report.tracking_code]))
    expect(reza.locator("main")).to_contain_text(re.compile("با توافق دو طرف"))
    letter = reza.request.get(reverse("reports:letter", args=[report.tracking_code]))
    assert unsaid(letter.body(), report.tracking_code, "با توافق دو طرف") == []
    visitor = open_page(reverse("reports:verify_code", args=[first.verification_code]))
    check(visitor)
    assert list(broken()) == []


def test_an_objection_by_indicator_to_its_settled_letter(open_page, live_server, cast, report):
    # Reza ticks the indicator on the page of the result, and writes by which figure he stands and why.
    reza = open_page(reverse("reports:report_result", args=[report.tracking_code]), as_=cast.reza, phone=True)
    check(reza)
    reza.locator("#pick-HSG-01").check()
    reza.get_by_role("button", name=words("Contest the ticked indicators")).click()
    expect(reza.locator("#tick-HSG-01")).to_be_checked()
    check(reza)
    reza.locator(HOUSED).fill("۷۵")
    press(reza, "File the objection")
    expect(
        reza.locator("#why-HSG-01-error")
    ).to_be_visible()  # without a reason nothing is filed, and what was typed stays
    expect(reza.locator(HOUSED)).to_have_value("۷۵")
    check(reza)
    reza.locator("#why-HSG-01").fill("پانزده نفر از فهرست افتاده‌اند.")
    reza.locator("#file-HSG-01").set_input_files({"name": "list.pdf", "mimeType": "application/pdf", "buffer": PDF})
    press(reza, "File the objection")
    spin_until(lambda: status(report) == ReportStatus.CONTESTED)
    dispute = Dispute.objects.get()
    says(reza, words("Not answered yet"))
    check(reza)

    # Laleh reads the line first, accepts it in part, and the offer stands there with the figure of her answer.
    laleh = open_page(reverse("reports:dispute", args=[dispute.pk]), as_=cast.laleh)
    says(laleh, "پانزده نفر از فهرست افتاده‌اند.")
    says(laleh, "list.pdf")
    check(laleh)
    laleh.locator("#answer-HSG-01-partly").check()
    laleh.locator("#lines summary").click()
    laleh.locator(f"#lines {HOUSED}").fill("۷۰")
    laleh.locator("#answer-why-HSG-01").fill("ده نفر سند دارند.")
    press(laleh, "Answer the chosen lines")
    expect(laleh).to_have_url(re.compile("/offer/"))
    expect(laleh.locator(HOUSED)).to_have_value("۷۰")
    check(laleh)
    laleh.locator("#text").fill("بر پایهٔ پاسخ به سطرها.")
    press(laleh, "Put the offer on the table")
    spin_until(lambda: Offer.objects.count() == 1)

    # Reza sees the answer, accepts, and the letter is of exactly that version.
    reza.goto(reverse("reports:dispute", args=[dispute.pk]))
    says(reza, "ده نفر سند دارند.")
    check(reza)
    press(reza, "Accept the offer")
    spin_until(lambda: status(report) == ReportStatus.FINAL)
    second = ResultVersion.objects.filter(report=report, announced_at__isnull=False).latest("announced_at")
    assert second.score["findings"]["HSG-01"]["verified"] == {"numerator": "70", "denominator": "100"}
    reza.goto(reverse("reports:letter_page", args=[report.tracking_code]))
    expect(reza.locator("body")).to_contain_text(second.verification_code)
    assert list(broken()) == []
