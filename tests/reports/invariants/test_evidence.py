"""`checkinvariants` over evidence: one corruption a test, and its own row."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reports.actions.evidence import add_evidence, remove_evidence
from reports.invariants import broken
from reports.models import Evidence, Report
from tests.calls import PDF, report_of, submitted_report


@pytest.fixture
def report(call, cast) -> Report:
    return report_of(call, cast.a)


def add(report: Report, by, number: int = 1) -> Evidence:
    upload = SimpleUploadedFile(f"{number}.pdf", PDF + bytes([number]))
    return add_evidence(report=report, indicator="HSG-01", upload=upload, by=by)


def test_a_report_may_begin_with_a_file(report, cast):
    evidence = add(report, cast.sara)
    assert list(broken()) == []
    remove_evidence(report=report, evidence=evidence, by=cast.sara)

    assert list(broken()) == []


def test_a_file_that_came_after_the_submission_is_an_illegal_step(call, cast):
    report = submitted_report(cast, call)[0]
    Report.objects.filter(pk=report.pk).update(state="draft")
    add(report, cast.sara)
    Report.objects.filter(pk=report.pk).update(state="submitted")

    assert [row for row in broken() if "add_evidence from submitted is not legal" in row]
