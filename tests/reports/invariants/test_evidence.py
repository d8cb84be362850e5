"""`checkinvariants` over evidence: one corruption a test, and its own row."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reports.actions.evidence import add_evidence, remove_evidence
from reports.invariants import broken
from reports.models import Evidence, EvidenceTotal, Report
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


def test_a_total_that_is_not_what_is_stored_is_named(report, cast):
    add(report, cast.sara)
    EvidenceTotal.objects.update(files=7)

    assert [row.split(":")[0] for row in broken()] == [f"evidence of call {report.call_id}"]


def test_a_file_in_the_place_of_one_that_no_revision_names_is_named(report, cast):
    first, second = add(report, cast.sara, 1), add(report, cast.sara, 2)
    remove_evidence(report=report, evidence=first, by=cast.sara)
    Evidence.objects.filter(pk=second.pk).update(replaces=first)

    assert list(broken()) == [f"evidence {second.pk}: took the place of a file that no revision names"]


def test_a_file_in_the_place_of_one_that_stayed_is_named(report, cast):
    first, second = add(report, cast.sara, 1), add(report, cast.sara, 2)
    Evidence.objects.filter(pk=second.pk).update(replaces=first)

    assert any("or of one that stayed" in row for row in broken())
