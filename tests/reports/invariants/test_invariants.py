"""`checkinvariants` is only worth something if it sees what is wrong: one corruption a test, and its own row."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from reports.actions.closing import record_closings
from reports.invariants import CHECKS, broken, every_check, results_are_whole
from reports.models import Report, ResultVersion, Revision, Snapshot
from sajad_portal.lib.clock import database_now
from sla.models import ClockInterval
from tests.calls import at_closing, submitted_report
from tests.reviews import announced_report
from units.actions.events import record
from units.models import Event


@pytest.fixture
def report(cast, call):
    return submitted_report(cast, call)[0]


def the_only_row() -> str:
    rows = list(broken())
    assert len(rows) == 1, rows
    return rows[0]


def copy_of(revision: Revision, **changes) -> Revision:
    """Another revision beside it; the table takes no update."""
    fields = {f.name: getattr(revision, f.name) for f in Revision._meta.concrete_fields if not f.primary_key}
    return Revision.objects.create(**{**fields, "number": 2, "receipt_code": "other", **changes})


def tell_of(report, verb, **data) -> None:
    from django.db import transaction

    with transaction.atomic():
        record(
            verb, noun="report", key=report.tracking_code, at=database_now(), by=None, call_id=report.call_id, data=data
        )


def test_a_sound_portal_prints_one_line_of_figures(report):
    out = StringIO()
    call_command("checkinvariants", stdout=out)
    assert "report=2" in out.getvalue()
    assert "revision=1" in out.getvalue()
    assert out.getvalue().count("\n") == 1


def test_a_broken_portal_exits_1_and_names_the_row(report):
    Report.objects.filter(pk=report.pk).update(state="draft")
    err = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("checkinvariants", stderr=err)
    assert ended.value.code == 1
    assert report.tracking_code in err.getvalue()


def test_a_state_that_no_event_led_to_is_named(report):
    Report.objects.filter(pk=report.pk).update(state="under_review")
    assert the_only_row().startswith(f"report {report.tracking_code}: is under_review")


def test_an_illegal_step_is_named(report):
    tell_of(report, "send_back")
    assert the_only_row().startswith(f"report {report.tracking_code}: send_back from submitted is not legal")


def test_a_revision_without_its_event_is_named(report):
    copy_of(report.revisions.get())
    assert the_only_row().startswith(f"event: submit 2 of report {report.tracking_code}")


def test_an_event_of_nothing_is_named(report):
    tell_of(report, "submit", revision=9)
    assert any(row.startswith("event: submit") and "#9" in row for row in broken())


def test_answers_that_are_not_what_the_hash_was_taken_over_are_named(report):
    changed = copy_of(report.revisions.get(), answers={"housed": "99"})
    assert f"revision {changed.pk}: its hash is not that of its content" in list(broken())


def test_a_submission_after_the_last_moment_is_named(report, call):
    late = at_closing(call, hours=2)
    copy_of(report.revisions.get(), submitted_at=late, deadline=late + timedelta(minutes=1))
    assert f"report {report.tracking_code}: a submission lies at or after its last moment" in list(broken())


def test_a_latch_that_lies_ahead_is_named(report, call):
    Report.objects.filter(pk=report.pk).update(closed_for=at_closing(call, minutes=30))
    assert the_only_row() == f"report {report.tracking_code}: latched closed for an instant that lies ahead"


def test_a_snapshot_that_misses_what_was_accepted_is_named(report, call, clock):
    clock.move_to(at_closing(call, hours=1))
    record_closings()
    good = Snapshot.objects.get()
    wrong = Snapshot.objects.create(
        call=call, number=2, as_of=good.as_of, taken_at=good.taken_at, submitted=[], missed=good.missed, open=[]
    )
    assert set(broken()) == {
        f"snapshot {wrong.pk}: lacks a submission that was accepted before its instant",
        f"snapshot {wrong.pk}: no event tells of these figures",
    }


def test_a_clock_that_stands_still_while_headquarters_holds_the_report_is_named(report):
    ClockInterval.objects.filter(request=report.request).update(ends_at=database_now() + timedelta(seconds=1))
    assert set(broken()) == {
        f"report {report.tracking_code}: headquarters holds it and its clock stands still",
        f"report {report.tracking_code}: its clock did not run as its events say",
    }


def test_a_lost_file_is_named_where_files_are_looked_at(report):
    evidence = report.evidence.get()
    evidence.file.storage.delete(evidence.file.name)
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command("checkinvariants", "--files", stderr=err)
    assert err.getvalue().strip() == f"evidence {evidence.pk}: its file is gone"


def test_the_trail_itself_cannot_be_changed(report):
    from django.db import DatabaseError, transaction

    for change in (lambda e: e.update(verb="x"), lambda e: e.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(Event.objects.all())


def test_a_snapshot_that_names_a_report_twice_is_named(call, clock):
    clock.move_to(at_closing(call, hours=1))
    record_closings()
    good = Snapshot.objects.get()
    wrong = Snapshot.objects.create(
        call=call, number=2, as_of=good.as_of, taken_at=good.taken_at, submitted=[], missed=good.missed * 2, open=[]
    )
    assert list(broken()) == [
        f"snapshot {wrong.pk}: names a report twice",
        f"snapshot {wrong.pk}: no event tells of these figures",
    ]


def test_a_result_that_was_announced_after_the_result_was_final_is_named(cast, call):
    report, version = announced_report(cast, call)
    Report.objects.filter(pk=report.pk).update(final_at=version.announced_at + timedelta(seconds=1))
    fields = {f.attname: getattr(version, f.attname) for f in ResultVersion._meta.concrete_fields if not f.primary_key}
    late = version.announced_at + timedelta(seconds=2)
    wrong = ResultVersion.objects.create(**fields | {"number": 2, "announced_at": late, "verification_code": "another"})
    assert list(results_are_whole()) == [f"result {wrong.pk}: announced after the report’s result was final"]


def test_every_check_is_printed_as_a_sentence_in_the_language_asked_for():
    printed = {}
    for language in ("fa", "en"):
        out = StringIO()
        call_command("checkinvariants", "--list", "--language", language, stdout=out)
        printed[language] = out.getvalue().splitlines()

    checks = every_check(files=True)
    assert "A unit has one report on a call." in printed["en"]
    assert "هر واحد در هر فراخوان یک گزارش دارد." in printed["fa"]
    assert [len(set(lines)) for lines in printed.values()] == [len(checks), len(checks)]


def test_progress_says_after_each_check_that_it_is_done(cast):
    out = StringIO()
    call_command("checkinvariants", "--progress", stdout=out)

    assert out.getvalue().splitlines()[0].startswith(f"1/{len(CHECKS)} one_report_a_unit_and_call ")
    assert len(out.getvalue().splitlines()) == len(CHECKS) + 1
