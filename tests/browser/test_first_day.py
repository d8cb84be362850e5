"""An empty portal and `createadmin`; then only pages, up to a submitted report and its result. And each step's page once more."""

import re

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import expect

from reports.actions.closing import record_closings, record_openings
from reports.enums import ReportStatus
from reports.invariants import broken
from reports.models import Call, Report
from sajad_portal.lib.clock import database_now
from sla.models import AgreementVersion, Dispute, GeneralRequest, Service, ServiceRequest, WorkingWeek
from tests.calls import PDF
from tests.faults.races import spin_until
from tests.papers import unsaid
from units.models import Organisation, Unit

from .first_day import (
    ADMIN,
    PASSWORD,
    accept_by_link,
    add_general_type,
    add_kind,
    add_unit,
    create_service,
    declare_free,
    describe_organisation,
    import_workbook,
    invite,
    next_step,
    press,
    publish_documents,
    set_calendar,
    stands,
    write_agreement,
    write_call,
)
from .test_whole_way import page_of, status, wait_until_stored
from .walking import check, says, sign_in, words

DORMS = "ادارهٔ خوابگاه‌ها"


@pytest.fixture
def admin(open_page, monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    call_command("createadmin", no_input=True, **ADMIN)
    page = open_page("/")
    sign_in(page, ADMIN["username"], PASSWORD)
    return page


def set_up_portal(admin, open_page):
    """The administrator's steps and the coordinator's, each as the list says that it is next; the coordinator's page."""
    assert next_step(admin) == words("The organization")
    describe_organisation(
        admin, name="سازمان نمونه", portal_name="سنجه", ministry="وزارت نمونه", window="my.example.ir"
    )
    assert next_step(admin) == words("Working calendar")
    set_calendar(admin)
    assert next_step(admin) == words("Units")
    add_kind(admin, "organization", "سازمان")
    add_kind(admin, "department", "اداره")
    add_unit(admin, "ORG", "سازمان نمونه", "organization")
    add_unit(admin, "DORM", DORMS, "department", parent="ORG")
    assert next_step(admin) == words("The service and its provider")
    create_service(admin, "سازمان نمونه")
    assert next_step(admin) == words("Coordinators of the provider")
    link = invite(admin, "ORG", "coordinator", "laleh", "لاله حسینی")
    laleh = open_page("/sign-in/")
    accept_by_link(laleh, link)
    laleh.goto("/desk/")
    laleh.get_by_role("link", name=words("Go on setting it up")).click()
    assert next_step(laleh) == words("Reviewers, heads and experts")
    return laleh


@pytest.mark.long
def test_from_an_empty_portal_to_a_result_by_pages_alone(live_server, admin, open_page, clock):
    laleh = set_up_portal(admin, open_page)
    people = {"omid": ("ORG", "reviewer", "امید رحیمی"), "reza": ("DORM", "head", "رضا کریمی"), "sara": ("DORM", "reporter", "سارا محمدی")}  # fmt: skip
    pages = {}
    for username, (unit, role, name) in people.items():
        link = invite(laleh, unit, role, username, name)
        pages[username] = open_page("/sign-in/")
        accept_by_link(pages[username], link)
    omid, reza, sara = pages["omid"], pages["reza"], pages["sara"]
    assert stands(laleh, "types")
    assert next_step(laleh) == words("Service-level agreement")
    write_agreement(laleh)
    assert next_step(laleh) == words("Documents")
    publish_documents(laleh)
    assert next_step(laleh) == words("Form")
    import_workbook(laleh)
    assert next_step(laleh) == words("Tariffs")
    declare_free(laleh)
    assert next_step(laleh) == words("The first call")
    write_call(laleh, title="ارزیابی عملکرد، نخستین فراخوان", units="DORM")
    assert next_step(laleh) == ""
    says(laleh, words("Everything stands"))
    check(laleh)
    laleh.goto("/desk/")
    assert laleh.locator("#setup").count() == 0

    record_openings()
    call = Call.objects.get()
    report = Report.objects.get(call=call, unit__code="DORM")
    laleh.goto(reverse("reports:call_reviewers", args=[call.pk]))
    laleh.locator("main select[name=reviewer]").select_option(index=1)
    press(laleh, "Assign")
    says(laleh, "امید رحیمی")
    reza.goto(reverse("sla:agreement_answer", args=[call.agreement_id]))
    press(reza, "Accept the agreement")
    says(reza, words("Accepted"))
    sara.goto(page_of("report_edit", report, "housing"))
    for name, text in {"housed": "۸۰", "eligible": "۱۰۰", "waiting_days": "۸"}.items():
        sara.locator(f"#q-{name}").fill(text)
    sara.locator("#files-HSG-01 input[type=file], [data-files='HSG-01'] input[type=file]").first.set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    says(sara, "a.pdf")
    wait_until_stored(report, {"housed": "80", "eligible": "100", "waiting_days": "8"})
    sara.goto(page_of("report_edit", report, "welfare"))
    sara.locator("#q-events").fill("۴")
    sara.get_by_label("بله").check()
    sara.locator("#q-canteen_note").fill("دو سلف")
    sara.locator("#q-survey_date").fill("۱۴۰۵/۰۶/۲۰")
    sara.locator("#q-confirmed").check()
    wait_until_stored(report, {"events": "4", "has_canteen": "yes", "canteen_note": "دو سلف", "confirmed": "OK"})
    sara.goto(page_of("report_sign", report))
    press(sara, "Ask for the signature")
    reza.goto(page_of("report_sign", report))
    press(reza, "Sign and submit the report")
    expect(reza).to_have_url(re.compile("receipt"))
    says(reza, "سازمان نمونه")
    omid.goto(page_of("report_review", report))
    for done in range(1, 4):
        press(omid, "Accept the unit’s figures")
        spin_until(lambda done=done: sum(r.items.count() for r in report.reviews.all()) == done)
    press(omid, "Accept what has no remark, and go on")
    press(omid, "Hand in")
    expect(omid).to_have_url(re.compile(r"/review/$"))
    clock.move_to(call.closes_at.replace(microsecond=0))
    clock.move(hours=3)
    record_closings()
    laleh.goto(reverse("reports:announce", args=[call.pk]))
    laleh.locator(f"input[value='{report.pk}'], input[value='{report.tracking_code}']").first.check()
    press(laleh, "Announce the ticked")
    laleh.locator("main button[value=confirmed]").click()
    spin_until(lambda: status(report) == ReportStatus.ANNOUNCED)
    reza.goto(page_of("report_result", report))
    says(reza, words("Initial result announced"))
    assert unsaid(reza.request.get(page_of("letter", report)).body(), report.tracking_code) == []
    assert list(broken()) == []


@pytest.mark.long
def test_a_general_request_is_asked_for_and_contested_before_there_is_any_call(
    live_server, admin, open_page, becomes_true
):
    laleh = set_up_portal(admin, open_page)
    people = {"reza": ("head", "رضا کریمی"), "sara": ("reporter", "سارا محمدی")}
    pages = {}
    for username, (role, name) in people.items():
        link = invite(laleh, "DORM", role, username, name)
        pages[username] = open_page("/sign-in/")
        accept_by_link(pages[username], link)
    reza, sara = pages["reza"], pages["sara"]
    write_agreement(laleh)
    title = "درخواست بازنگری شاخص"
    add_general_type(laleh, title)
    reza.goto(reverse("sla:agreement_answer", args=[AgreementVersion.objects.get().pk]))
    press(reza, "Accept the agreement")
    says(reza, words("Accepted"))

    sara.goto("/requests/new/")
    sara.get_by_role("link", name=words("Write a draft")).click()
    sara.locator("[name=reason]").fill("وزن شاخص را بازبینی کنید.")
    press(sara, "Keep the draft")
    says(sara, title)
    general = GeneralRequest.objects.get()
    address = reverse("reports:request", args=[general.pk])
    reza.goto(address)
    press(reza, "File the request")
    says(reza, words("The request is filed; the provider has been told."))
    laleh.goto("/desk/")
    laleh.get_by_role("link", name=re.compile(title)).first.click()
    laleh.get_by_label(words("Refuse the request")).check()
    laleh.locator("[name=reason]").fill("وزن‌ها برای این سال ثابت است.")
    press(laleh, "Record the decision")
    says(laleh, words("The decision is recorded and the unit is told."))
    reza.goto(address)
    reza.get_by_role("link", name=words("Contest"), exact=True).click()
    reza.locator("main textarea").first.fill("دست‌کم برای سال آینده بازبینی شود.")
    press(reza, "File the objection")
    assert becomes_true(lambda: Dispute.objects.filter(subject="request").exists())
    assert not Call.objects.exists()
    assert list(broken()) == []


@pytest.mark.long
def test_each_step_is_used_again_a_year_later_to_change_what_it_made(
    live_server, admin, open_page, clock, becomes_true
):
    laleh = set_up_portal(admin, open_page)
    write_agreement(laleh)
    publish_documents(laleh)
    clock.move(days=365)

    describe_organisation(admin, portal_name="سنجش")
    assert becomes_true(lambda: Organisation.objects.get().portal_name == "سنجش")
    laleh.goto("/calendar/")
    laleh.get_by_text(words("Set the weekend and the hours")).click()
    laleh.locator("main [name=closes]").fill("۱۵")
    press(laleh, "Set the week")
    says(laleh, "۸ تا ۱۵")
    assert [week.hours for week in WorkingWeek.objects.order_by("pk")] == [(8, 16), (8, 15)]
    admin.goto("/units/DORM/edit/")
    admin.locator("main [name=name]").first.fill("ادارهٔ کل خوابگاه‌ها")
    press(admin, "Save the unit")
    assert becomes_true(lambda: Unit.objects.get(code="DORM").name == "ادارهٔ کل خوابگاه‌ها")
    laleh.goto("/services/performance/edit/")
    laleh.locator("main [name=contact]").fill("021-87654321")
    press(laleh, "Save the card")
    assert becomes_true(lambda: Service.objects.get().contact == "021-87654321")
    laleh.goto("/services/performance/types/periodic-report/")
    laleh.locator("main [name=working_days]").fill("۱۰")
    press(laleh, "Set the target")
    says(laleh, words("It is saved. What was opened before keeps what it was opened under."))
    assert Service.objects.get().request_types.get(code="periodic-report").targets.get().working_days == 10
    laleh.goto("/services/performance/types/")
    for name, text in {
        "new-title": "گزارش ماهانه",
        "new-code": "monthly-report",
        "new-target_working_days": "۷",
    }.items():
        laleh.locator(f"main [name='{name}']").fill(text)
    press(laleh, "Add the type")
    says(laleh, "گزارش ماهانه")
    laleh.goto("/agreements/")
    press(laleh, "Write the next version")
    press(laleh, "Publish the version")
    assert becomes_true(lambda: AgreementVersion.objects.filter(published_at__isnull=False).count() == 2)
    laleh.goto("/forms/import/")
    press(laleh, "Take the sample form")
    expect(laleh).to_have_url(re.compile(r"/forms/\d+/$"))
    declare_free(laleh)
    laleh.goto("/services/performance/close/")
    laleh.locator("main [name=reason]").fill("پایان کار")
    press(laleh, "Close the service")
    assert becomes_true(lambda: Service.objects.filter(closed_at__lte=database_now()).exists())
    assert not ServiceRequest.objects.exists()
