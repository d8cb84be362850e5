"""What `checkinvariants` sees of contested indicators and kept claims: one corruption a test, and its own row."""

from datetime import timedelta

import pytest

from reports.actions.objection_lines import TypedLine
from reports.actions.objections import contest_result
from reports.invariants import broken
from reports.models import ObjectionLine, Revision
from sla.actions.disputes import file_dispute
from sla.models import DisputeFile
from tests.calls import submitted_report
from tests.disputes import announced_report_with
from tests.reports.queries.test_claimed_scores import another_revision


@pytest.fixture
def line(cast, call) -> ObjectionLine:
    report = announced_report_with(cast, call, verified={"numerator": "40", "denominator": "100"})
    given = TypedLine({"numerator": "75", "denominator": "100"}, reason="شمارش دوباره")
    contest_result(report=report, text="", by=cast.reza, lines={"HSG-01": given})
    return ObjectionLine.objects.get()


def test_sound_lines_break_nothing(line):
    assert list(broken()) == []


def test_an_indicator_that_the_result_does_not_have(line):
    ObjectionLine.objects.update(indicator="LON-01")
    assert list(broken()) == [f"objection line {line.pk}: its result says nothing of LON-01"]


def test_an_answer_from_before_the_filing(line, cast):
    at = line.objection.dispute.filed_at - timedelta(seconds=1)
    ObjectionLine.objects.update(answer="accepted", answered_at=at, answered_by=cast.laleh)
    assert list(broken()) == [f"objection line {line.pk}: answered {at}, outside its dispute"]


def test_a_file_of_another_dispute(line, cast):
    agreement = line.objection.dispute.agreement
    other = file_dispute(
        unit=cast.b, agreement=agreement, section=agreement.sections.first().key, text="پرسش", by=cast.kamran
    )
    stranger = DisputeFile.objects.create(
        message=other.messages.get(), name="x.pdf", file="x.pdf", media_type="application/pdf", size=1, sha256="0" * 64
    )
    ObjectionLine.objects.update(file=stranger)
    assert f"objection line {line.pk}: its file is of another dispute" in list(broken())


def test_a_claim_whose_parts_make_another_total(cast, call):
    _report, revision = submitted_report(cast, call)
    claim = {**revision.claimed_score, "total": "97"}
    other = another_revision(Revision.objects.get(pk=revision.pk), claimed_score=claim)
    assert f"revision {other.pk}: its claim keeps 97, its parts make 96" in list(broken())
