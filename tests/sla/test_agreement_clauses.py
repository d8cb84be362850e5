"""The agreement's clauses, in the order of the founding text. Each test performs, on the pages, the act that its clause
governs, and looks at what the portal then does. None of them reads the clause's wording."""

import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from reports.actions.calls import extend_unit
from reports.actions.closing import record_closings, record_final_results
from reports.actions.results import announce_result
from reports.enums import ReportStatus
from reports.invariants import broken
from reports.models import Call, Report
from reports.queries import reports_at
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.jalali import format_date
from sla.actions.clocks import open_request, start_clock, stop_clock
from sla.actions.dispute_ends import record_dispute_ends
from sla.enums import PINNED_SLOTS, DisputeStatus, Slot
from sla.models import Dispute, Document, Payment
from tests.calls import PDF, fill, make_call, published_call, report_of
from tests.factories import make_document, make_service, make_tariffs
from tests.forms import small_form
from tests.reviews import assign, reviewed_report


def page_of(report: Report, name: str, *more) -> str:
    return reverse(f"reports:{name}", args=[report.tracking_code, *more])


def read(client, address: str) -> str:
    """A page's text, with the marks that keep numbers in order taken out."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return re.sub(r"<[^>]+>", " ", answer.content.decode())


def sign(client, report: Report):
    """The head signs what the page shows."""
    shown = client.get(page_of(report, "report_sign")).content.decode()
    seen = re.search(r'name="seen"\s+value="([^"]*)"', shown)
    return client.post(page_of(report, "report_sign"), {"seen": seen.group(1) if seen else "", "confirm": "on"})


def status(report: Report) -> str:
    return reports_at(database_now()).get(pk=report.pk).status


@pytest.fixture
def service(cast):
    return make_service(cast)


@pytest.fixture(autouse=True)
def _consistent(db, clock):
    yield  # with the clock as the test left it
    assert list(broken()) == []


# ------------------------------------------------------------------------------------------------ مقدمه (the header)
def test_header_a_published_version_keeps_its_service_its_sides_its_date_and_its_number(cast, service, client_for):
    laleh, agreement = client_for(cast.laleh), service.agreement_versions.get(number=1)
    before = read(laleh, reverse("sla:agreement", args=[agreement.pk]))
    edit = reverse("sla:service_edit", args=[service.slug])
    typed = {field.name: field.value() or "" for field in laleh.get(edit).context["form"] if field.value() is not None}
    assert laleh.post(edit, {**typed, "title": "خدمتی با نام تازه", "recipients": "دیگران"}).status_code == 302
    after = read(laleh, reverse("sla:agreement", args=[agreement.pk]))
    for said in (agreement.header.service_title, agreement.header.recipients, "my.saorg.ir"):
        assert said in before
        assert said in after
    assert format_date(agreement.edited_on, "numeric", "fa") in after
    assert "خدمتی با نام تازه" in read(laleh, reverse("reports:service", args=[service.slug]))


def test_header_the_next_version_carries_the_day_of_its_last_edit_and_the_next_number(cast, service, client_for):
    laleh = client_for(cast.laleh)
    edit = laleh.post(reverse("sla:agreement_new", args=[service.slug]))["Location"]
    draft = service.agreement_versions.get(number=2)
    section = draft.sections.get(key="purpose")
    shown = laleh.get(edit).content.decode()
    seen = re.search(r'name="purpose-seen"\s+value="([^"]*)"', shown).group(1)
    changed = {"section": "purpose", "purpose-seen": seen, "purpose-heading": section.heading}
    assert laleh.post(edit, {**changed, "purpose-body": "هدف، روشن‌تر از پیش."}).status_code == 302
    laleh.post(reverse("sla:agreement_publish", args=[draft.pk]))
    reader = read(client_for(cast.reza), reverse("sla:agreement", args=[draft.pk]))
    assert "هدف، روشن‌تر از پیش." in reader
    assert format_date(draft.edited_on, "numeric", "fa") in reader
    assert "نسخهٔ ۲" in reader
    assert "روشن‌تر" not in read(
        client_for(cast.reza), reverse("sla:agreement", args=[service.agreement_versions.get(number=1).pk])
    )


# ------------------------------------------------------------------------------------------------ هدف (the purpose)
def test_purpose_both_sides_a_head_who_has_not_accepted_cannot_sign_and_drafting_goes_on(cast, client_for):
    call = published_second_version(cast, published_call(cast), client_for)  # unit A has accepted version 1 only
    reza, report = client_for(cast.reza), report_of(call, cast.a)
    fill(report, cast.sara)
    assert sign(reza, report).status_code == 409
    assert report.revisions.count() == 0
    reza.post(reverse("sla:agreement_answer", args=[call.agreement_id]), {"answer": "accepted"})
    assert sign(reza, report).status_code == 302
    assert status(report) == ReportStatus.SUBMITTED


def published_second_version(cast, call: Call, client_for) -> Call:
    """A call under version 2, which nobody has accepted yet."""
    laleh, service = client_for(cast.laleh), call.service
    laleh.post(reverse("sla:agreement_new", args=[service.slug]))
    second = service.agreement_versions.get(number=2)
    laleh.post(reverse("sla:agreement_publish", args=[second.pk]))
    second.refresh_from_db()
    other = make_call(cast, service=service, agreement=second, form=None, period_code="1405-Q3")
    laleh.post(reverse("reports:call_publish", args=[other.pk]))
    return Call.objects.get(pk=other.pk)


def test_purpose_a_refusal_is_recorded_with_its_reason_where_the_provider_reads_it(cast, service, client_for):
    agreement = service.agreement_versions.get(number=1)
    answer = reverse("sla:agreement_answer", args=[agreement.pk])
    client_for(cast.reza).post(answer, {"answer": "refused", "reason": "بند هزینه برای ما روشن نیست."})
    coverage = reverse("sla:agreement_coverage", args=[agreement.pk])
    assert "بند هزینه برای ما روشن نیست." in read(client_for(cast.laleh), coverage)
    assert client_for(cast.kamran).get(coverage).status_code == 403


def test_purpose_ways_of_oversight_an_auditor_reads_what_was_missed_and_changes_nothing(cast, call, client_for):
    reason = "سامانهٔ مالی دو روز قطع بود."
    report = report_of(call, cast.a)
    extend = reverse("reports:call_units", args=[call.pk, "extend"])
    extend_unit(report=report, until=call.closes_at + timedelta(days=2), by=cast.laleh, reason=reason)
    nader = client_for(cast.nader)
    assert reason in read(nader, reverse("reports:oversight_list", args=["acts"]))
    assert nader.post(extend, {"reports": [report.tracking_code]}).status_code == 403


# ------------------------------------------------------------------------------------------ مسئولیت (responsibility)
@pytest.mark.parametrize("slot", PINNED_SLOTS)
def test_responsibility_no_call_is_published_without_the_workflow_the_directive_and_the_bylaw(cast, client_for, slot):
    service = make_service(cast, documents=False)
    for kept in PINNED_SLOTS:
        if kept != slot:
            make_document(service, kept)
    call = make_call(cast, service=service)
    publish = reverse("reports:call_publish", args=[call.pk])
    assert client_for(cast.laleh).post(publish).status_code == 422
    assert not Report.objects.filter(call=call).exists()
    make_document(service, slot)
    assert client_for(cast.laleh).post(publish).status_code == 302
    assert Report.objects.filter(call=call).count() == 2


def test_responsibility_a_report_keeps_the_documents_that_its_call_was_published_with(cast, call, client_for):
    laleh, service = client_for(cast.laleh), call.service
    first = service.documents.get(slot=Slot.DIRECTIVE)
    upload = {"slot": Slot.DIRECTIVE, "title": "دستورالعمل تازه", "file": SimpleUploadedFile("new.pdf", PDF + b"%2\n")}
    laleh.post(reverse("sla:documents", args=[service.slug]), upload)
    second = Document.objects.get(slot=Slot.DIRECTIVE, number=2)
    laleh.post(reverse("sla:document_publish", args=[second.pk]))
    shown = client_for(cast.sara).get(page_of(report_of(call, cast.a), "report")).content.decode()
    assert reverse("sla:document_file", args=[first.pk]) in shown
    assert reverse("sla:document_file", args=[second.pk]) not in shown
    assert reverse("sla:document_file", args=[second.pk]) in client_for(cast.sara).get(
        reverse("reports:service", args=[service.slug])
    ).content.decode()  # fmt: skip


# ------------------------------------------------------------------------- تعهدات متقابل (mutual commitments)
def test_commitments_only_the_window_takes_a_report_and_only_from_the_units_own_head(cast, call, client_for):
    report = fill(report_of(call, cast.a), cast.sara)
    for outsider in (cast.sara, cast.omid, cast.laleh, cast.nader, cast.admin):
        assert sign(client_for(outsider), report).status_code == 403
    assert sign(client_for(cast.kamran), report).status_code == 404
    assert client_for(cast.reza).post(page_of(report, "report"), {"state": "submitted"}).status_code == 405
    assert status(report) == ReportStatus.DRAFT
    assert sign(client_for(cast.reza), report).status_code == 302
    assert status(report) == ReportStatus.SUBMITTED


def test_commitments_the_general_terms_are_a_document_that_anybody_reads_beside_the_agreement(
    cast, service, client, client_for
):
    laleh = client_for(cast.laleh)
    upload = {"slot": Slot.GENERAL_TERMS, "title": "مقررات کلی", "file": SimpleUploadedFile("terms.pdf", PDF)}
    laleh.post(reverse("sla:documents", args=[service.slug]), upload)
    terms = Document.objects.get(slot=Slot.GENERAL_TERMS)
    address, page = reverse("sla:document_file", args=[terms.pk]), reverse("reports:service", args=[service.slug])
    assert address not in client.get(page).content.decode()
    assert client.get(address).status_code == 404
    laleh.post(reverse("sla:document_publish", args=[terms.pk]))
    assert address in client.get(page).content.decode()
    assert client.get(address).status_code == 200


# ------------------------------------------------------------------------------------ داده‌های مرتبط (related data)
def test_data_the_fields_of_a_report_are_those_of_the_guide_that_the_unit_downloads(cast, call, client_for):
    sara, report = client_for(cast.sara), report_of(call, cast.a)
    guide = sara.get(reverse("reports:form_guide", args=[call.form_version_id]))
    content = b"".join(guide.streaming_content) if guide.streaming else guide.content
    assert content == small_form()
    rows = list(load_workbook(io.BytesIO(content))["survey"].iter_rows(values_only=True))
    types, names = rows[0].index("type"), rows[0].index("name")
    described = {
        row[names] for row in rows[1:] if (row[types] or "").split()[:1] in (["integer"], ["decimal"], ["date"])
    }
    entered = "".join(
        sara.get(page_of(report, "report_edit", section)).content.decode() for section in ("housing", "welfare")
    )
    assert described
    assert [name for name in described if f'name="q:{name}"' not in entered] == []


# ------------------------------------------------------------------------------- هزینه‌ها و پرداخت‌ها (costs)
def test_costs_without_a_row_in_the_tariff_table_the_service_is_free(cast, call, client_for):
    report = fill(report_of(call, cast.a), cast.sara)
    assert "رایگان" in read(client_for(cast.reza), page_of(report, "report"))
    assert sign(client_for(cast.reza), report).status_code == 302
    assert not Payment.objects.exists()


def test_costs_a_fee_is_the_annual_tables_and_is_frozen_when_the_call_is_published(cast, service, client_for, bank):
    make_tariffs(service, periodic_report=2_500_000)
    call = published_call(cast, service=service)
    make_tariffs(service, periodic_report=9_000_000)
    shown = read(client_for(cast.reza), page_of(report_of(call, cast.a), "report"))
    assert "۲٬۵۰۰٬۰۰۰" in shown
    assert "۹٬۰۰۰٬۰۰۰" not in shown


def test_costs_it_is_paid_electronically_inside_the_process_and_before_submitting(cast, service, client_for, bank):
    make_tariffs(service, periodic_report=2_500_000)
    call = published_call(cast, service=service)
    reza, report = client_for(cast.reza), fill(report_of(call, cast.a), cast.sara)
    assert sign(reza, report).status_code == 409
    assert reza.post(page_of(report, "report_pay")).status_code == 302
    payment = Payment.objects.get()
    back = bank.visit(payment)
    assert "۲٬۵۰۰٬۰۰۰" in read(reza, reverse("reports:payment_return", args=[payment.order_id]))
    assert payment.order_id in back
    assert sign(reza, report).status_code == 302
    assert status(report) == ReportStatus.SUBMITTED


def test_costs_what_only_the_browser_says_was_paid_opens_nothing(cast, service, client_for, bank):
    make_tariffs(service, periodic_report=2_500_000)
    call = published_call(cast, service=service)
    reza, report = client_for(cast.reza), fill(report_of(call, cast.a), cast.sara)
    reza.post(page_of(report, "report_pay"))
    payment = Payment.objects.get()
    said = {"status": "OK", "amount": "2500000", "reference": "123456"}
    reza.post(reverse("reports:payment_return", args=[payment.order_id]), said)
    assert sign(reza, report).status_code == 409


# --------------------------------------------------------------------------- فرایند حل اختلاف (settling differences)
@pytest.fixture
def contested(cast, call, client_for):
    """Unit A's announced result, contested by its head on the page."""
    report = reviewed_report(cast, call)
    announce_result(report=report, by=cast.laleh)
    client_for(cast.reza).post(page_of(report, "contest"), {"text": "دو اردوگاه در شمارش نیامده است."})
    return report


def test_disputes_within_the_month_the_two_sides_negotiate_and_may_agree(cast, contested, client_for):
    dispute = Dispute.objects.get()
    where = reverse("reports:dispute", args=[dispute.pk])
    client_for(cast.laleh).post(reverse("reports:dispute_write", args=[dispute.pk]), {"text": "فهرست را بفرستید."})
    assert "فهرست را بفرستید." in read(client_for(cast.reza), where)
    offered = client_for(cast.laleh).get(reverse("reports:dispute_offer", args=[dispute.pk]))
    line = next(line for line in [*offered.context["sheet"].contested, *offered.context["sheet"].others] if line.inputs)
    typed = {line.inputs[0].name: "79", "text": "با این رقم موافقیم."}
    client_for(cast.laleh).post(reverse("reports:dispute_offer", args=[dispute.pk]), typed)
    client_for(cast.reza).post(reverse("reports:dispute_answer", args=[dispute.pk, 1, "accept"]))
    dispute = Dispute.objects.with_status(database_now()).get()
    assert dispute.status == DisputeStatus.SETTLED
    assert contested.results.filter(announced_at__isnull=False).count() == 2
    assert status(contested) == ReportStatus.FINAL


def test_disputes_after_a_month_without_agreement_the_providers_view_stands(cast, contested, client_for, clock):
    dispute = Dispute.objects.get()
    standing = contested.results.get(announced_at__isnull=False)
    reza, where = client_for(cast.reza), reverse("reports:dispute", args=[dispute.pk])
    clock.move(seconds=(dispute.final_at - database_now()).total_seconds() - 60)
    assert status(contested) == ReportStatus.CONTESTED
    clock.move(minutes=2)
    assert status(contested) == ReportStatus.FINAL  # before anything has recorded it
    assert reza.post(reverse("reports:dispute_write", args=[dispute.pk]), {"text": "یک سخن دیگر"}).status_code == 422
    assert "نهایی" in read(reza, where)
    assert record_dispute_ends() == 1
    assert record_final_results() == 1
    assert contested.results.filter(announced_at__isnull=False).get() == standing
    letter = read(reza, page_of(contested, "letter_page"))
    assert "نهایی" in letter
    assert "نظریهٔ خدمت‌دهنده ملاک عمل است" in letter
    assert format_date(dispute.final_at, "full", "fa") in letter


def test_disputes_over_the_agreements_interpretation_wait_for_the_providers_view(cast, call, client_for, clock):
    reza = client_for(cast.reza)
    asked = {"section": f"{call.agreement_id}:costs", "text": "آیا تمدید مهلت هزینه دارد؟"}
    reza.post(reverse("reports:dispute_new"), asked)
    dispute = Dispute.objects.get()
    clock.move(seconds=(dispute.final_at - database_now()).total_seconds() + 1)
    assert "در انتظار" in read(reza, reverse("reports:dispute", args=[dispute.pk]))
    record_dispute_ends()
    view = reverse("reports:dispute_position", args=[dispute.pk])
    assert reza.post(view, {"text": "نظر ما"}).status_code == 403
    client_for(cast.laleh).post(view, {"text": "تمدید مهلت رایگان است."})
    assert "تمدید مهلت رایگان است." in read(reza, reverse("reports:dispute", args=[dispute.pk]))
    assert Dispute.objects.with_status(database_now()).get().status == DisputeStatus.FINAL


# -------------------------------------------------------------------------------------- دورهٔ عملکرد (performance)
def test_performance_the_mean_time_to_the_initial_result_is_published_by_request_type(cast, service, client, clock):
    agreement = service.agreement_versions.get(number=1)
    clock.move(days=-90)
    begun = database_now()
    report, objection = (service.request_types.get(kind=kind) for kind in ("periodic_report", "objection"))
    for n in range(6):
        for request_type, days in ((report, 7), (objection, 28)):
            filed = begun + timedelta(days=n)
            request = open_request(unit=cast.a, request_type=request_type, agreement=agreement, price_rials=0, at=filed)
            start_clock(request, filed)
            stop_clock(request, filed + timedelta(days=days))
    clock.move(days=90)
    figures = {
        m.request_type.kind: m for m in client.get(reverse("reports:service", args=[service.slug])).context["figures"]
    }
    assert figures["periodic_report"].count == figures["objection"].count == 6
    assert 3 < figures["periodic_report"].mean < 7  # a week holds five working days
    assert figures["objection"].mean > 3 * figures["periodic_report"].mean
    assert figures["extension"].mean is None


def test_performance_the_clock_runs_from_the_submission_and_stands_while_the_unit_holds_the_report(
    cast, call, client_for, clock
):
    report = fill(report_of(call, cast.a), cast.sara)
    sign(client_for(cast.reza), report)
    submitted = database_now()
    clock.move(hours=5)
    assign(cast, call)
    client_for(cast.omid).post(page_of(report, "review_start"))
    client_for(cast.omid).post(page_of(report, "report_return"), {"remark-HSG-01": "فهرست پیوست نیست."})
    assert status(report) == ReportStatus.RETURNED
    held = database_now()
    clock.move(days=2)
    first = report.request.intervals.get()
    assert abs(first.starts_at - submitted) < timedelta(minutes=1)
    assert abs(first.ends_at - held) < timedelta(minutes=1)


# -------------------------------------------------------------------------------------- خاتمهٔ عملکرد (termination)
def test_termination_the_agreement_ends_with_the_call_for_each_unit_at_its_own_end(cast, call, client_for, clock):
    extend_unit(
        report=report_of(call, cast.b), until=call.closes_at + timedelta(days=5), by=cast.laleh, reason="قطع شبکهٔ استان"
    )
    page_a = reverse("reports:agreement_of_unit", args=[call.agreement_id, cast.a.code])
    page_b = reverse("reports:agreement_of_unit", args=[call.agreement_id, cast.b.code])
    reza, kamran = client_for(cast.reza), client_for(cast.kamran)
    assert "در حال اجرا" in read(reza, page_a)
    clock.move(seconds=(call.closes_at - database_now()).total_seconds() + 1)
    assert "پایان‌یافته" in read(reza, page_a)  # although the grace period still takes submissions
    assert "در حال اجرا" in read(kamran, page_b)
    clock.move(days=5)
    assert "پایان‌یافته" in read(kamran, page_b)


def test_termination_does_not_end_the_right_to_contest_what_was_done_under_the_call(cast, call, client_for, clock):
    report = reviewed_report(cast, call)
    clock.move(seconds=(call.closes_at + call.grace - database_now()).total_seconds() + 60)
    record_closings()
    announce_result(report=report, by=cast.laleh)
    assert "پایان‌یافته" in read(
        client_for(cast.reza), reverse("reports:agreement_of_unit", args=[call.agreement_id, cast.a.code])
    )
    client_for(cast.reza).post(page_of(report, "contest"), {"text": "عدد درست نیست."})
    assert status(report) == ReportStatus.CONTESTED


def test_termination_a_newer_version_ends_nothing_a_call_goes_on_under_the_version_it_was_published_with(
    cast, call, client_for
):
    published_second_version(cast, call, client_for)
    report = fill(report_of(call, cast.a), cast.sara)
    assert sign(client_for(cast.reza), report).status_code == 302
    assert call.agreement.acceptances.get(unit=cast.a).text_hash == call.agreement.text_hash
