"""The whole way, as each role, on the pages: accepted → opened → filled, signed, submitted → returned, corrected, reviewed
→ announced → letter → contested → a month passes → the provider's view stands."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.actions.closing import record_closings, record_final_results, record_openings
from reports.enums import ReportStatus
from reports.invariants import broken
from reports.models import Report, ResultVersion, ReviewItem
from reports.queries import reports_at
from reports.queries.drafts import collect
from sajad_portal.lib.clock import database_now
from sla.actions.dispute_ends import record_dispute_ends
from sla.models import Acceptance, Dispute
from tests.calls import PDF, make_call
from tests.faults.races import spin_until
from tests.papers import unsaid

from .walking import press, says, words


def page_of(name: str, report: Report, *more) -> str:
    return reverse(f"reports:{name}", args=[report.tracking_code, *more])


def wait_until_stored(report: Report, answers: dict[str, str]) -> None:
    """Until the autosave has brought all of them to the server."""
    spin_until(lambda: answers.items() <= collect(Report.objects.get(pk=report.pk)).answers.items())


def status(report: Report) -> str:
    return reports_at(database_now()).get(pk=report.pk).status


@pytest.fixture
def people(open_page, cast):
    """A page for each of them, opened as they are needed: `people("reza")`."""
    pages = {}

    def page(name: str):
        if name not in pages:
            pages[name] = open_page("/account/", as_=getattr(cast, name))
        return pages[name]

    return page


def test_the_whole_way(live_server, cast, people, clock):
    call = make_call(cast)

    # Laleh publishes the call and assigns the reviewer.
    laleh = people("laleh")
    laleh.goto(reverse("reports:call_publish", args=[call.pk]))
    press(laleh, "Publish the call")
    spin_until(lambda: Report.objects.filter(call=call).exists())
    report = Report.objects.get(call=call, unit=cast.a)
    record_openings()
    laleh.goto(reverse("reports:call_reviewers", args=[call.pk]))
    laleh.locator("main select[name=reviewer]").select_option(str(cast.omid.pk))
    press(laleh, "Assign")
    says(laleh, "امید رحیمی")

    # Reza, the head, accepts the agreement for his unit.
    reza = people("reza")
    reza.goto(reverse("sla:agreement_answer", args=[call.agreement_id]))
    press(reza, "Accept the agreement")
    spin_until(lambda: Acceptance.objects.filter(unit=cast.a, by=cast.reza).exists())

    # Sara fills in the report and asks for the signature.
    sara = people("sara")
    sara.goto(page_of("report_edit", report, "housing"))
    for name, text in {"housed": "۸۰", "eligible": "۱۰۰", "waiting_days": "۸"}.items():
        sara.locator(f"#q-{name}").fill(text)
    sara.locator("#files-HSG-01 input[type=file], [data-files='HSG-01'] input[type=file]").first.set_input_files(
        {"name": "فهرست اسکان.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    says(sara, "فهرست اسکان.pdf")
    wait_until_stored(report, {"housed": "80", "eligible": "100", "waiting_days": "8"})
    sara.goto(page_of("report_edit", report, "welfare"))
    sara.locator("#q-events").fill("۴")
    sara.get_by_label("بله").check()
    sara.locator("#q-canteen_note").fill("دو سلف")
    sara.locator("#q-survey_date").fill("۱۴۰۵/۰۶/۲۰")
    sara.locator("#q-confirmed").check()
    wait_until_stored(
        report,
        {"events": "4", "has_canteen": "yes", "canteen_note": "دو سلف", "survey_date": "2026-09-11", "confirmed": "OK"},
    )
    sara.goto(page_of("report_sign", report))
    press(sara, "Ask for the signature")
    spin_until(lambda: status(report) == ReportStatus.AWAITING_SIGN_OFF)

    # Reza signs; the receipt carries the tracking code.
    reza.goto(page_of("report_sign", report))
    press(reza, "Sign and submit the report")
    expect(reza).to_have_url(re.compile("receipt"))
    says(reza, report.tracking_code)
    says(reza, words("On time"))

    # Anybody with the code sees where it stands, and nothing else.
    visitor = people("stranger")
    visitor.goto(f"{reverse('reports:track')}?code={report.tracking_code}")
    says(visitor, words("Submitted"))

    # Omid returns one indicator; Sara corrects it; Reza signs again.
    omid = people("omid")
    omid.goto(page_of("report_return", report) + "?i=HSG-01")
    omid.locator("#remark-HSG-01").fill("ده نفر در فهرست تکراری‌اند.")
    press(omid, "Return for correction")
    spin_until(lambda: status(report) == ReportStatus.RETURNED)
    sara.goto(page_of("report_edit", report, "housing"))
    says(sara, "ده نفر در فهرست تکراری‌اند.")
    sara.locator("#q-housed").fill("۷۰")
    wait_until_stored(report, {"housed": "70"})
    sara.goto(page_of("report_sign", report))
    press(sara, "Ask for the signature")
    reza.goto(page_of("report_sign", report))
    says(reza, "۸۰")
    press(reza, "Sign and submit the report")
    spin_until(lambda: report.revisions.count() == 2)

    # Omid accepts the figures one by one and hands in.
    omid.goto(page_of("report_review", report))
    for done in range(1, 4):
        seen = omid.locator("h1").inner_text()
        press(omid, "Accept the unit’s figures")
        spin_until(lambda done=done: ReviewItem.objects.filter(review__report=report).count() == done)
        if done < 3:
            expect(omid.locator("h1")).not_to_have_text(seen)
    # And what was answered beside the figures, all at once.
    press(omid, "Accept what has no remark, and go on")
    press(omid, "Hand in")
    expect(omid).to_have_url(re.compile(r"/review/$"))

    # After the closing Laleh announces; the other unit missed it.
    clock.move_to(call.closes_at.replace(microsecond=0))
    clock.move(hours=2)
    record_closings()
    laleh.goto(reverse("reports:announce", args=[call.pk]))
    laleh.locator(f"input[value='{report.pk}'], input[value='{report.tracking_code}']").first.check()
    press(laleh, "Announce the ticked")
    laleh.locator("main button[value=confirmed]").click()
    spin_until(lambda: status(report) == ReportStatus.ANNOUNCED)
    result = ResultVersion.objects.get(report=report)

    # Reza reads it, prints the letter, and contests it.
    reza.goto(page_of("report_result", report))
    says(reza, words("Initial result announced"))
    letter = reza.request.get(page_of("letter", report))
    assert letter.headers["content-type"] == "application/pdf"
    assert unsaid(letter.body(), report.tracking_code, result.verification_code) == []
    reza.goto(page_of("contest", report))
    reza.locator("#text").fill("ده نفر تکراری نیستند؛ دو برادر هم‌نام‌اند.")
    press(reza, "File the objection")
    spin_until(lambda: status(report) == ReportStatus.CONTESTED)
    dispute = Dispute.objects.get()
    visitor.goto(reverse("reports:verify_code", args=[result.verification_code]))
    says(visitor, words("The letter is genuine and stands"))

    # Nobody agrees. The month passes; before any task has run, everybody reads that the provider's view is final.
    clock.move_to(dispute.final_at)
    reza.goto(reverse("reports:dispute", args=[dispute.pk]))
    says(reza, words("The provider’s view is final"))
    reza.goto(page_of("report_result", report))
    says(reza, words("Final result"))
    assert record_dispute_ends() == 1
    assert record_final_results() == 1
    assert (record_dispute_ends(), record_final_results()) == (0, 0)
    assert Report.objects.get(pk=report.pk).final_at == dispute.final_at
    assert ResultVersion.objects.filter(report=report).count() == 1
    assert list(broken()) == []
