"""Calls and reports for tests. Terms and windows straight into the tables; what a test is about goes through its verb."""

from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from reports.actions.calls import publish_call
from reports.actions.drafts import save_section
from reports.actions.evidence import add_evidence
from reports.actions.forms import import_form
from reports.actions.submission import submit_report
from reports.enums import ReportVerb
from reports.models import Call, Report, Revision
from reports.queries import asked_of
from reports.queries.drafts import collect
from sajad_portal.lib.clock import database_now
from sla.actions.agreements import answer_agreement
from sla.enums import Answer
from units.actions.events import record
from units.models import Person, Unit

from .factories import make_service
from .forms import small_form
from .people import Cast

# What a careful expert writes into `small_form`.
ANSWERS = {
    "housing": {"housed": "80", "eligible": "100", "waiting_days": "8"},
    "welfare": {
        "events": "4", "has_canteen": "yes", "canteen_note": "دو سلف", "survey_date": "1405/06/20", "confirmed": "OK",
    },
}  # fmt: skip
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def make_call(cast: Cast, *, service=None, form: bytes | None = None, **fields) -> Call:
    """A draft call to units A and B: opened an hour ago, closes in three days, 30 minutes of grace."""
    now = database_now()
    service = service or make_service(cast)
    version = fields.get("form_version") or import_form(data=form or small_form(), name="small.xlsx", by=None)
    defaults = {
        "title": "ارزیابی عملکرد خدمات دانشجویی، سه‌ماههٔ دوم ۱۴۰۵",
        "period_kind": "quarter", "period_code": "1405-Q2", "period_starts": date(2026, 6, 22), "period_ends": date(2026, 9, 22),
        "form_version": version, "agreement": service.agreement_versions.get(number=1),
        "request_type": service.request_types.get(code="periodic-report"),
        "audience": {"units": [cast.a.pk, cast.b.pk]},
        "opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(days=3), "grace": timedelta(minutes=30),
        "review_until": now + timedelta(days=60), "created_at": now, "created_by": cast.laleh,
    }  # fmt: skip
    return Call.objects.create(**{**defaults, **fields})


def published_call(cast: Cast, **fields) -> Call:
    """A published call whose units have accepted the agreement."""
    call = publish_call(call=make_call(cast, **fields), by=cast.laleh)
    for unit, head in ((cast.a, cast.reza), (cast.b, cast.kamran)):
        accept(call, unit, head)
    return call


def accept(call: Call, unit: Unit, head: Person) -> None:
    answer_agreement(agreement=call.agreement, unit=unit, answer=Answer.ACCEPTED, by=head)


def report_of(call: Call, unit: Unit) -> Report:
    return Report.objects.select_related("call", "unit", "request").get(call=call, unit=unit)


def fill(report: Report, by: Person, answers: dict | None = None) -> Report:
    """Write a complete draft, with a file for each indicator that needs evidence."""
    for section, changes in (answers or ANSWERS).items():
        outcome = save_section(report=report, section=section, base_version=0, changes=changes, by=by)
        assert not outcome.errors, outcome.errors
    have = {e.indicator for e in collect(report).evidence}
    for indicator in asked_of(report).indicators:
        if indicator.evidence and indicator.code not in have:
            add_evidence(report=report, indicator=indicator.code, upload=SimpleUploadedFile("sanad.pdf", PDF), by=by)
    return report


def submitted_report(cast: Cast, call: Call, unit: Unit | None = None) -> tuple[Report, Revision]:
    """Unit A's report (or B's), filled by its expert and submitted by its head."""
    unit = unit or cast.a
    expert, head = (cast.sara, cast.reza) if unit == cast.a else (cast.mina, cast.kamran)
    report = fill(report_of(call, unit), expert)
    revision = submit_report(report=report, by=head)
    return report_of(call, unit), revision


def at_closing(call: Call, **offset) -> datetime:
    """An instant relative to the call's closing."""
    return call.closes_at + timedelta(**offset)


def with_closing(call: Call, closes_at: datetime) -> Call:
    """The call with another closing, told as a verb tells it, without the locks and the bounds of the verb."""
    before, moved = call.closes_at, closes_at - call.closes_at
    call.closes_at, call.review_until = closes_at, call.review_until + moved
    with transaction.atomic():
        call.save(update_fields=["closes_at", "review_until"])
        record(
            ReportVerb.EXTEND, noun="call", key=call.pk, at=database_now(), by=call.created_by, call_id=call.pk,
            data={"before": before.isoformat(), "after": closes_at.isoformat(), "reason": ""},
        )  # fmt: skip
    return Call.objects.get(pk=call.pk)


@pytest.fixture
def call(cast) -> Call:
    return published_call(cast)
