"""Room for evidence: counted for a unit and for a call, told in plain words, given at once, and never what a deadline is missed for."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reports.actions.evidence import add_evidence, remove_evidence
from reports.actions.files import remove_orphans
from reports.actions.quotas import NoRoom, raise_call_quotas, raise_unit_quota
from reports.actions.returns import return_for_correction
from reports.actions.submission import recall_submission, submit_report
from reports.models import Call, Evidence, EvidenceTotal, Report
from reports.queries.quotas import MB, call_room, call_total, unit_room
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.calls import PDF, fill, published_call, report_of, submitted_report
from tests.factories import make_membership, make_unit
from tests.reports.actions.test_evidence import stored_files
from units.enums import Role
from units.models import Event, Notice


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def report(cast) -> Report:
    return report_of(published_call(cast), cast.a)


def paper(number: int, size: int = 0) -> SimpleUploadedFile:
    body = PDF + b"%" + str(number).encode() + b"\n"
    return SimpleUploadedFile(f"{number}.pdf", body + b"0" * max(0, size - len(body)))


@pytest.fixture
def add(cast) -> Callable[..., Evidence]:
    def stored(report: Report, number: int, *, indicator: str = "HSG-01", size: int = 0, by=None) -> Evidence:
        return add_evidence(report=report, indicator=indicator, upload=paper(number, size), by=by or cast.sara)

    return stored


def files_of_a_unit(call: Call, files: int) -> None:
    Call.objects.filter(pk=call.pk).update(unit_quota_files=files)


# ----------------------------------------------------------------------------------------------------- what is counted
def test_without_anybody_setting_anything_there_is_room(report, add):
    evidence = add(report, 1)
    room = unit_room(report, database_now())

    assert (room.size, room.files, room.most_mb, room.most_files) == (evidence.size, 1, 500, 500)
    assert (call_room(report.call).files, call_room(report.call).most_mb) == (1, 100_000)


def test_a_unit_holds_so_many_bytes_and_no_more_and_nothing_is_half_stored(report, add):
    Call.objects.filter(pk=report.call_id).update(unit_quota_mb=2)
    add(report, 1, size=MB)
    add(report, 2, size=MB)
    before = stored_files()

    with pytest.raises(NoRoom) as refusal:
        add(report, 3)

    assert refusal.value.code == "no-room-of-unit"
    assert "۲ از ۲ مگابایت" in str(refusal.value)
    assert (stored_files(), Evidence.objects.count(), call_room(report.call).files) == (before, 2, 2)


def test_a_unit_holds_so_many_files_and_no_more_over_all_indicators(report, add):
    files_of_a_unit(report.call, 2)
    add(report, 1)
    add(report, 2, indicator="HSG-02")

    with pytest.raises(NoRoom):
        add(report, 3, indicator="HSG-02")


def test_the_same_file_beside_two_indicators_counts_twice_as_it_is_stored(report, add):
    first, second = add(report, 1), add(report, 1, indicator="HSG-02")

    assert first.sha256 == second.sha256
    assert unit_room(report, database_now()).size == first.size + second.size
    assert len(stored_files()) == 2


def test_a_call_holds_so_many_files_and_no_more(report, cast, add):
    Call.objects.filter(pk=report.call_id).update(quota_files=2)
    add(report, 1)
    add(report_of(report.call, cast.b), 2, by=cast.mina)

    with pytest.raises(NoRoom) as refusal:
        add(report, 3)

    assert refusal.value.code == "no-room-in-call"
    assert EvidenceTotal.objects.get(call=report.call).files == 2


def test_the_total_of_a_call_that_had_files_before_it_was_kept_is_counted(report, cast, add):
    add(report, 1)
    EvidenceTotal.objects.all().delete()
    add(report, 2)

    total = EvidenceTotal.objects.get(call=report.call)
    assert {"size": total.size, "files": total.files} == call_total(report.call_id)


def test_what_is_taken_out_before_anybody_was_asked_makes_room_at_once(report, cast, add):
    files_of_a_unit(report.call, 1)
    remove_evidence(report=report, evidence=add(report, 1), by=cast.sara)
    assert unit_room(report, database_now()).files == 0

    kept = add(report, 2)

    assert list(Evidence.objects.all()) == [kept]
    assert EvidenceTotal.objects.get(call=report.call).files == 1


def test_its_file_is_deleted_once_the_room_is_taken(report, cast, add, django_capture_on_commit_callbacks):
    files_of_a_unit(report.call, 1)
    remove_evidence(report=report, evidence=add(report, 1), by=cast.sara)
    with django_capture_on_commit_callbacks(execute=True):
        kept = add(report, 2)

    assert [str(path) for path in stored_files()] == [kept.file.path]


def test_what_the_sweep_deletes_is_counted_out(report, cast, add, clock):
    remove_evidence(report=report, evidence=add(report, 1), by=cast.sara)
    clock.move(days=2)
    remove_orphans()

    assert (Evidence.objects.count(), EvidenceTotal.objects.get(call=report.call).files) == (0, 0)


# ---------------------------------------------------------------------------------------------------- taking a place
@pytest.fixture
def returned(cast) -> Report:
    """Unit A's report, sent back with a remark on the indicator whose one file fills the unit's room."""
    report, _revision = submitted_report(cast, published_call(cast))
    return_for_correction(report=report, remarks={"HSG-01": "سند تازه بفرستید."}, note="", by=cast.laleh)
    files_of_a_unit(report.call, Evidence.objects.filter(report=report).count())
    return report_of(report.call, cast.a)


def test_a_file_that_a_revision_names_is_replaced_once_when_there_is_no_room(returned, cast, add):
    named = returned.evidence.get(indicator="HSG-01")
    with pytest.raises(NoRoom):
        add(returned, 1)  # beside it there is none
    remove_evidence(report=returned, evidence=named, by=cast.sara)

    assert add(returned, 2).replaces == named
    with pytest.raises(NoRoom):
        add(returned, 3)


def test_a_replacement_that_was_taken_out_again_leaves_its_place(returned, cast, add):
    named = returned.evidence.get(indicator="HSG-01")
    remove_evidence(report=returned, evidence=named, by=cast.sara)
    remove_evidence(report=returned, evidence=add(returned, 2), by=cast.sara)

    assert add(returned, 3).replaces == named


def test_in_a_full_call_too(returned, cast, add):
    Call.objects.filter(pk=returned.call_id).update(unit_quota_files=None, quota_files=1)
    named = returned.evidence.get(indicator="HSG-01")
    remove_evidence(report=returned, evidence=named, by=cast.sara)

    assert add(returned, 2).replaces == named


def test_a_submission_taken_back_opens_no_second_door(cast, add):
    report = fill(report_of(published_call(cast), cast.a), cast.sara)
    submit_report(report=report, by=cast.reza)
    recall_submission(report=report, by=cast.reza)
    files_of_a_unit(report.call, 1)
    report = report_of(report.call, cast.a)
    remove_evidence(report=report, evidence=report.evidence.get(), by=cast.sara)
    second = add(report, 1)
    submit_report(report=report, by=cast.reza)
    recall_submission(report=report, by=cast.reza)
    remove_evidence(report=report, evidence=second, by=cast.sara)

    with pytest.raises(NoRoom):
        add(report, 2)


# ------------------------------------------------------------------------------------------------------- giving more
def told(person) -> list[str]:
    return list(
        Notice.objects.filter(person=person, channel="portal").order_by("-pk").values_list("subject", flat=True)
    )


def full(report: Report, add) -> None:
    files_of_a_unit(report.call, 1)
    add(report, 1)
    for number in (2, 3):
        with pytest.raises(NoRoom):
            add(report, number)


def test_the_coordinators_hear_once_that_a_unit_found_no_room(report, cast, add):
    full(report, add)

    report.refresh_from_db()
    assert report.quota_reached_at is not None
    assert [words for words in told(cast.laleh) if "فضای فایل‌های" in words] == [told(cast.laleh)[0]]
    assert [event.data for event in Event.objects.filter(verb="reach_quota")] == [{"of_call": False}]


def test_more_room_is_there_at_once_and_the_unit_hears_it(report, cast, add):
    full(report, add)
    raise_unit_quota(report=report, mb=600, files=3, by=cast.laleh)
    raise_unit_quota(report=report, mb=600, files=3, by=cast.laleh)  # a second click changes nothing

    assert add(report, 4).pk
    report.refresh_from_db()
    assert report.quota_reached_at is None
    assert "بیشتر شد" in told(cast.sara)[0]
    assert [event.data for event in Event.objects.filter(verb="raise_quota")] == [
        {"before": [500, 1], "after": [600, 3]}
    ]


def test_more_room_for_all_is_there_at_once_and_who_found_none_hears_it(report, cast, add):
    full(report, add)
    raise_call_quotas(call=report.call, unit_mb=500, unit_files=5, mb=100_000, files=100_000, by=cast.laleh)

    report.refresh_from_db()
    assert (report.quota_reached_at, unit_room(report_of(report.call, cast.a), database_now()).most_files) == (None, 5)
    assert "بیشتر شد" in told(cast.sara)[0]
    assert not any("بیشتر شد" in words for words in told(cast.mina))


def test_room_is_only_added(report, cast):
    with pytest.raises(Refused) as refusal:
        raise_unit_quota(report=report, mb=400, files=500, by=cast.laleh)

    assert refusal.value.code == "less-room"


def test_who_gives_more_room(report, cast):
    for person in (cast.sara, cast.reza, cast.mina, cast.omid, cast.nader, cast.stranger):
        with pytest.raises(Forbidden):
            raise_unit_quota(report=report, mb=600, files=600, by=person)
        with pytest.raises(Forbidden):
            raise_call_quotas(call=report.call, unit_mb=900, unit_files=900, mb=200_000, files=200_000, by=person)

    assert raise_unit_quota(report=report, mb=600, files=600, by=cast.admin).quota_mb == 600


def test_a_coordinator_in_the_units_line_gives_it_none_and_others_some(report, cast):
    make_membership(cast.laleh, make_unit(parent=cast.a), Role.REPORTER)

    with pytest.raises(Forbidden):
        raise_unit_quota(report=report, mb=600, files=600, by=cast.laleh)
    assert raise_unit_quota(report=report_of(report.call, cast.b), mb=600, files=600, by=cast.laleh).quota_mb == 600


def test_a_file_that_fits_again_says_that_there_is_room(report, cast, add):
    full(report, add)
    remove_evidence(report=report, evidence=report.evidence.get(), by=cast.sara)
    add(report, 5)

    report.refresh_from_db()
    assert report.quota_reached_at is None
