"""The claim's score beside a revision: kept at signing, outside the hash; worked out for revisions from before."""

import pytest
from django.db import DatabaseError, transaction

from reports.actions.submission import revision_hash, submit_report
from reports.models import Revision
from reports.queries.claimed_scores import claim_of_revision, worked_out
from tests.calls import fill, report_of, submitted_report


@pytest.fixture
def sent(cast, call):
    return submitted_report(cast, call)


def another_revision(revision: Revision, claimed_score: dict | None = None) -> Revision:
    """The same once more with another claim beside it: the table refuses changes."""
    kept = [
        f for f in Revision._meta.concrete_fields if f.name not in ("id", "number", "receipt_code", "claimed_score")
    ]
    values = {f.attname: getattr(revision, f.attname) for f in kept}
    more = {"number": revision.number + 1, "receipt_code": "ANOTHER", "claimed_score": claimed_score}
    Revision.objects.bulk_create([Revision(**values, **more)])
    return Revision.objects.get(receipt_code="ANOTHER")


def test_submitting_keeps_what_the_claim_would_earn(sent):
    report, revision = sent
    claim = claim_of_revision(report, Revision.objects.get(pk=revision.pk))
    assert (claim.kept, claim.score.total, claim.score.open_count) == (True, "96", 0)
    assert claim.score.indicators["WLF-01"].points == "16"


def test_it_is_no_part_of_the_hash(sent):
    report, revision = sent
    stored = Revision.objects.get(pk=revision.pk)
    assert stored.sha256 == revision_hash(report, stored.answers, stored.values, stored.evidence, stored.submitted_at)
    assert "claimed_score" not in stored.answers | stored.values


def test_a_revision_from_before_is_worked_out_and_says_so(sent):
    report, revision = sent
    old = another_revision(revision)
    claim = claim_of_revision(report, old)
    assert (claim.kept, claim.score.total) == (False, "96")


def test_what_is_worked_out_afterwards_is_what_was_kept(cast, call):
    report = fill(report_of(call, cast.b), cast.mina, {
        "housing": {"housed": "30", "eligible": "100", "waiting_days": "", "na:HSG-02": "خوابگاه نداریم"},
        "welfare": {"events": "2", "has_canteen": "no", "survey_date": "1405/06/20", "confirmed": "OK"},
    })  # fmt: skip
    revision = submit_report(report=report, by=cast.kamran)
    kept = claim_of_revision(report, revision).score
    assert worked_out(report, revision) == kept
    assert not kept.indicators["HSG-02"].counts
    assert kept.total != "96"


def test_the_new_column_left_the_guard_of_the_table_in_place(sent):
    """On SQLite a table that is made anew loses its triggers."""
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Revision.objects.update(claimed_score=None)
