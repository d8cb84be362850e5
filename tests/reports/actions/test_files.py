"""What nothing names leaves the store after a day; what a revision or a round of signing names never does."""

import os
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from reports.actions.evidence import add_evidence, remove_evidence
from reports.actions.files import remove_orphans
from reports.actions.sign_off import request_sign_off, withdraw_request
from reports.actions.submission import submit_report
from reports.models import Evidence, Report
from reports.queries import files
from sajad_portal.lib.clock import database_now
from tests.calls import PDF, fill, published_call, report_of

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    """No other test's files."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def report(cast) -> Report:
    return report_of(published_call(cast), cast.a)


@pytest.fixture
def add(report, cast) -> Callable[..., Evidence]:
    def stored(number: int = 0) -> Evidence:
        upload = SimpleUploadedFile(f"{number}.pdf", PDF + bytes([number]))
        return add_evidence(report=report, indicator="HSG-01", upload=upload, by=cast.sara)

    return stored


def unnamed(name: str, *, age: timedelta) -> str:
    """A file that no row names, last written so long ago."""
    stored = default_storage.save(name, ContentFile(PDF))
    then = (database_now() - age).timestamp()
    os.utime(default_storage.path(stored), (then, then))
    return stored


def take_out(evidence: Evidence, by, *, ago: timedelta) -> Evidence:
    """Out of the draft, everything about it so long ago."""
    evidence = remove_evidence(report=evidence.report, evidence=evidence, by=by)
    was = evidence.removed_at - evidence.uploaded_at
    evidence.removed_at = database_now() - ago
    evidence.uploaded_at = evidence.removed_at - was
    evidence.save()
    return evidence


def is_there(evidence: Evidence) -> bool:
    return default_storage.exists(evidence.file.name)


def test_a_file_that_no_row_names_goes_after_a_day_and_not_before(add):
    kept = add()
    old, young = unnamed("evidence/1405/09/old.pdf", age=1.1 * DAY), unnamed("evidence/1405/09/new.pdf", age=0.9 * DAY)
    assert (remove_orphans(), remove_orphans()) == (1, 0)
    assert [default_storage.exists(name) for name in (old, young, kept.file.name)] == [False, True, True]


def test_a_file_that_a_row_names_stays_however_old_it_is(add):
    kept = add()
    os.utime(kept.file.path, (0, 0))
    assert (remove_orphans(), is_there(kept)) == (0, True)


def test_nothing_goes_where_the_database_knows_no_file_of_the_folder(add):
    add()
    other = unnamed("disputes/1405/x.pdf", age=9 * DAY)
    assert (remove_orphans(), default_storage.exists(other)) == (0, True)
    Evidence.objects.all().delete()
    lost = unnamed("evidence/1405/09/old.pdf", age=9 * DAY)
    assert (remove_orphans(), default_storage.exists(lost)) == (0, True)


def test_a_folder_of_nobody_is_left_alone(add):
    add()
    assert (unnamed("elsewhere/x.pdf", age=9 * DAY), remove_orphans()) == ("elsewhere/x.pdf", 0)


def test_the_folders_are_those_of_the_columns_that_hold_files():
    assert set(files.file_fields()) == {
        "evidence",
        "forms",
        "documents",
        "disputes",
        "exports",
        "organisation",
        "requests",
    }


def test_evidence_that_came_and_went_in_a_draft_goes_with_its_row(add, cast):
    gone, young = take_out(add(1), cast.sara, ago=1.1 * DAY), take_out(add(2), cast.sara, ago=0.9 * DAY)
    assert (remove_orphans(), remove_orphans()) == (1, 0)
    assert (is_there(gone), is_there(young)) == (False, True)
    assert list(Evidence.objects.all()) == [young]


def test_a_sweep_that_died_between_the_row_and_the_file_is_finished_by_the_next(add, cast, monkeypatch):
    kept, gone = add(1), take_out(add(2), cast.sara, ago=3 * DAY)
    os.utime(gone.file.path, (0, 0))
    with monkeypatch.context() as broken:
        broken.setattr(default_storage, "delete", lambda _name: (_ for _ in ()).throw(OSError("the store is away")))
        with pytest.raises(OSError, match="away"):
            remove_orphans()
    assert (list(Evidence.objects.all()), is_there(gone)) == ([kept], True)
    assert (remove_orphans(), is_there(gone), is_there(kept)) == (1, False, True)


def test_what_stood_in_the_draft_when_a_signature_was_asked_stays(report, add, cast):
    fill(report, by=cast.sara)
    shown = add(1)
    request_sign_off(report=report, by=cast.sara)
    withdraw_request(report=report, by=cast.sara)
    shown = remove_evidence(report=report, evidence=shown, by=cast.sara)
    later = database_now() + 2 * DAY
    assert list(files.discarded_evidence(later)) == []
    report.sign_offs.all().delete()
    assert list(files.discarded_evidence(later)) == [shown]


def test_what_a_revision_names_stays(report, add, cast, monkeypatch):
    fill(report, by=cast.sara)
    submitted = add(1)
    submit_report(report=report, by=cast.reza)
    Evidence.objects.filter(pk=submitted.pk).update(removed_at=database_now(), removed_by=cast.sara)
    later = database_now() + 2 * DAY
    assert list(files.discarded_evidence(later)) == []
    # Also where no instant says so: a clock that was put back.
    monkeypatch.setattr("reports.actions.files.discarded_evidence", lambda _before: Evidence.objects.all())
    monkeypatch.setattr("reports.actions.files.database_now", lambda: later)
    assert (remove_orphans(), is_there(submitted)) == (0, True)


def test_the_check_names_files_that_the_sweep_should_have_removed(report, cast):
    fill(report, by=cast.sara)
    lost, _young = (
        unnamed("evidence/1405/09/old.pdf", age=2.1 * DAY),
        unnamed("evidence/1405/09/new.pdf", age=1.9 * DAY),
    )
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("checkinvariants", "--files", stderr=said)
    assert said.getvalue() == f"file {lost}: nothing names it, and `remove_orphans` has not removed it\n"
