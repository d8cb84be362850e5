"""A general request in a real browser: drafted → filed → (paid) → asked about → granted in part → contested → decided anew."""

import re
from copy import deepcopy

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.invariants import broken
from sla.enums import GeneralStatus, PaymentState
from sla.models import Dispute, GeneralRequest, Offer, Payment, RequestDecision
from tests.calls import PDF
from tests.factories import make_service
from tests.faults.races import spin_until
from tests.general import FEE, WHY, again, make_general_type, priced

from .walking import check, press, says, words

pytestmark = pytest.mark.django_db(transaction=True)


def status() -> str:
    return again(GeneralRequest.objects.get()).status


def page_of(name: str, *args) -> str:
    return reverse(f"reports:{name}", args=args)


def draft(open_page, cast, *, phone: bool = False, file: bool = True):
    """Sara chooses the type, writes, and attaches a file."""
    sara = open_page(page_of("desk"), as_=cast.sara, phone=phone)
    sara.goto(page_of("requests"))
    check(sara)
    sara.get_by_role("link", name=words("A new request")).click()
    says(sara, "درخواست بازنگری شاخص")
    check(sara)
    sara.get_by_role("link", name=words("Write a draft")).click()
    check(sara)
    sara.locator("[name=reason]").fill(WHY)
    if file:
        sara.locator("[name=files]").set_input_files(
            {"name": "sanad.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
    press(sara, "Keep the draft")
    spin_until(lambda: GeneralRequest.objects.exists())
    return sara


@pytest.mark.long
def test_from_the_draft_to_the_decision_anew_by_agreement(open_page, live_server, cast):
    kind = make_general_type(cast, needs_files=True)
    sara = draft(open_page, cast, phone=True)
    general = GeneralRequest.objects.get()
    assert general.files.get().name == "sanad.pdf"
    says(sara, kind.title)
    check(sara)

    # Reza finds it on his desk, reads it and files it.
    reza = open_page(page_of("desk"), as_=cast.reza)
    reza.get_by_role("link", name=re.compile("درخواست بازنگری شاخص")).first.click()
    check(reza)
    press(reza, "File the request")
    spin_until(lambda: status() == GeneralStatus.FILED)

    # Laleh asks; the clock stands still; Sara answers.
    laleh = open_page(page_of("desk"), as_=cast.laleh)
    laleh.get_by_role("link", name=re.compile("درخواست بازنگری شاخص")).first.click()
    check(laleh)
    laleh.locator("#text").fill("کدام ترم؟")
    press(laleh, "Send the question")
    spin_until(lambda: status() == GeneralStatus.ASKED)
    sara.goto(page_of("request", general.pk))
    says(sara, "کدام ترم؟")
    check(sara)
    sara.locator("#text").fill("ترم بهار.")
    press(sara, "Send", within="#write")
    spin_until(lambda: status() == GeneralStatus.FILED)

    # Laleh grants a part; without a reason it is not taken.
    laleh.goto(page_of("request", general.pk))
    laleh.get_by_label(words("Grant a part of it")).check()
    press(laleh, "Record the decision")
    expect(laleh.locator(".is-invalid").first).to_be_visible()
    check(laleh)
    assert not RequestDecision.objects.exists()
    laleh.locator("[name=reason]").fill("از ترم آینده پذیرفته است.")
    press(laleh, "Record the decision")
    spin_until(lambda: status() == GeneralStatus.DECIDED)

    # Reza contests it within its days.
    reza.goto(page_of("request", general.pk))
    says(reza, "از ترم آینده پذیرفته است.")
    check(reza)
    reza.get_by_role("link", name=words("Contest"), exact=True).click()
    check(reza)
    reza.locator("main textarea").first.fill("این ترم را هم می‌خواهیم.")
    press(reza, "File the objection")
    spin_until(lambda: Dispute.objects.exists())
    dispute = Dispute.objects.get()

    # Laleh offers to grant it; Reza accepts: that is a new decision.
    laleh.goto(page_of("dispute", dispute.pk))
    says(laleh, "این ترم را هم می‌خواهیم.")
    check(laleh)
    laleh.goto(page_of("dispute_offer", dispute.pk))
    check(laleh)
    laleh.get_by_label(words("The request is granted"), exact=True).check()
    laleh.locator("[name=text]").fill("از همین ترم.")
    press(laleh, "Put the offer on the table")
    spin_until(lambda: Offer.objects.exists())
    reza.goto(page_of("dispute", dispute.pk))
    check(reza)
    press(reza, "Accept the offer")
    spin_until(lambda: RequestDecision.objects.count() == 2)

    reza.goto(page_of("request", general.pk))
    says(reza, "از همین ترم.")
    says(reza, words("by agreement"))
    check(reza)
    assert [d.decision for d in general.decisions.all()] == ["partly", "granted"]
    assert list(broken()) == []


@pytest.fixture
def _the_way_to_the_bank(bank, settings):
    policy = deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"].append(bank.url)
    settings.CONTENT_SECURITY_POLICY = policy


@pytest.mark.usefixtures("_the_way_to_the_bank")
def test_with_a_fee_paid_at_the_bank_and_withdrawn_afterwards(open_page, live_server, cast):
    priced(make_general_type(cast, make_service(cast)))
    draft(open_page, cast, file=False)
    general = GeneralRequest.objects.get()
    reza = open_page(page_of("request", general.pk), as_=cast.reza, phone=True)
    check(reza)
    press(reza, "File the request")
    expect(reza.get_by_role("button", name=words("Pay the fee"))).to_be_visible()
    assert status() == GeneralStatus.UNPAID
    check(reza)

    press(reza, "Pay the fee")
    expect(reza.locator("body")).to_contain_text("۳۰۰٬۰۰۰")
    reza.get_by_role("button", name="پرداخت", exact=True).click()
    reza.wait_for_load_state()
    spin_until(lambda: status() == GeneralStatus.FILED)
    assert Payment.objects.get().state == PaymentState.PAID
    expect(reza.get_by_role("link", name=re.compile(words("To the request")))).to_be_visible()
    check(reza)
    reza.get_by_role("link", name=re.compile(words("To the request"))).click()
    says(reza, words("Paid"))
    check(reza)

    # It waits on the coordinator's desk now. Withdrawn, the fee stands on the refund list.
    laleh = open_page(page_of("desk"), as_=cast.laleh)
    says(laleh, "درخواست بازنگری شاخص")
    press(reza, "Withdraw the request")
    spin_until(lambda: status() == GeneralStatus.WITHDRAWN)
    laleh.goto(page_of("refunds"))
    says(laleh, words("The request was withdrawn after its fee was paid."))
    check(laleh)
    assert Payment.objects.get().received_rials == FEE
    assert list(broken()) == []
