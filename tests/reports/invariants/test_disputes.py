"""What `checkinvariants` sees of disputes: one corruption a test, and its own row. What the database refuses is not tried."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile

from reports.actions.dispute_offers import accept_act_offer, offer_act
from reports.actions.objections import contest_result, offer_result
from reports.actions.results import last_announced, prepare_result, prepare_version
from reports.actions.review import TypedFinding
from reports.invariants import broken
from reports.invariants.files import attachments_are_on_disk
from reports.models import ExtensionRequest, Objection, Report, ResultVersion
from reports.queries import reports_at
from reports.rules.offered_acts import EXTENSION
from sajad_portal.lib.clock import database_now
from sla.actions.dispute_ends import record_dispute_ends, withdraw_dispute
from sla.actions.disputes import file_dispute, write_message
from sla.calendar.dispute_end import compute
from sla.calendar.workdays import WorkingCalendar
from sla.enums import Subject
from sla.models import ClockInterval, Dispute, DisputeFile, Position, ServiceRequest
from tests.calls import at_closing, report_of
from tests.contests import contested, refused_extension
from tests.disputes import announced_report_with
from units.models import Event


@pytest.fixture
def dispute(cast, call) -> Dispute:
    asked = refused_extension(cast, call)
    return contested(cast, report_of(call, cast.a), Subject.EXTENSION, asked.pk)


@pytest.fixture
def over_result(cast, call) -> Dispute:
    report = announced_report_with(cast, call, verified={"numerator": "40", "denominator": "100"})
    return contest_result(report=report, text="شمارش نادرست است.", by=cast.reza)


def the_only_row() -> str:
    rows = list(broken())
    assert len(rows) == 1, rows
    return rows[0]


def position(dispute, number, **fields) -> Position:
    return Position.objects.create(dispute=dispute, number=number, text="نظر", at=database_now(), **fields)


def test_sound_disputes_break_nothing(dispute, over_result):
    assert list(broken()) == []


def test_a_count_that_the_snapshot_does_not_give_again(cast, call):
    at = database_now()
    end = compute(at, "30_clear_days", WorkingCalendar(frozenset({3, 4})))
    fields = {
        "agreement": call.agreement, "unit": cast.a, "subject": "interpretation", "subject_noun": "agreement_section",
        "subject_key": "1:data", "title": "پرسش", "filed_at": at, "filed_by": cast.reza, "filed_side": "recipient",
        "rule": "30_clear_days", "last_day": end.last_day, "calendar": end.snapshot,
    }  # fmt: skip
    request = ServiceRequest.objects.create(
        unit=cast.a,
        request_type=call.service.request_types.get(kind="objection"),
        agreement=call.agreement,
        created_at=at,
        target_working_days=20,
    )
    ClockInterval.objects.create(request=request, starts_at=at)
    made = Dispute.objects.create(request=request, final_at=end.final_at + timedelta(hours=1), **fields)
    assert the_only_row().startswith(f"dispute {made.pk}: its snapshot gives")


def test_a_dispute_that_was_charged_for(dispute):
    ServiceRequest.objects.filter(pk=dispute.request_id).update(price_rials=1000)
    assert f"dispute {dispute.pk}: it was charged for" in list(broken())


def test_a_gap_in_the_positions(dispute):
    position(dispute, 2)
    assert the_only_row() == f"dispute {dispute.pk}: its positions are not numbered from 0 without gaps"


def test_a_question_answered_by_an_act(cast, call):
    question = file_dispute(unit=cast.a, agreement=call.agreement, section="data", text="پرسش", by=cast.reza)
    position(question, 0, act_noun="extension", act_key="x")
    assert the_only_row() == f"dispute {question.pk}: a question of interpretation is answered by an act"


def test_a_result_among_the_positions_without_its_objection(over_result):
    Objection.objects.all().delete()
    assert f"dispute {over_result.pk}: over a result without an objection" in list(broken())


def test_a_position_on_a_result_that_nobody_announced(cast, over_result):
    report = reports_at(database_now()).get(objections__dispute=over_result)
    version = prepare_version(
        report, prepare_result(report, database_now()), kind="revised", at=database_now(), by=cast.laleh
    )
    version.save()
    position(over_result, 1, act_noun="result", act_key=str(version.pk))
    assert the_only_row() == f"dispute {over_result.pk}: stands on result {version.pk}, which was not announced"


def test_an_offered_result_that_is_announced_without_being_accepted(cast, over_result):
    typed = {"HSG-01": TypedFinding(verified={"numerator": "60", "denominator": "100"})}
    offer = offer_result(dispute=over_result, typed=typed, text="با جایگزین‌ها", by=cast.laleh)
    ResultVersion.objects.filter(pk=int(offer.act_key)).update(announced_at=database_now(), announced_by=cast.laleh)
    assert f"offer {offer.pk}: is open, its result is announced" in list(broken())


def test_an_accepted_offer_whose_act_was_not_done(cast, call, dispute, monkeypatch):
    from reports.actions import dispute_offers

    monkeypatch.setitem(dispute_offers._PERFORM, EXTENSION, lambda *a, **k: None)
    offer = offer_act(dispute=dispute, act=EXTENSION, until=at_closing(call, days=2), text="دو روز", by=cast.laleh)
    accept_act_offer(offer=offer, by=cast.reza)
    assert the_only_row() == f"offer {offer.pk}: accepted, and what it carries was not done"


def test_a_filing_outside_the_days_of_its_act(dispute):
    ExtensionRequest.objects.update(decided_at=dispute.filed_at - timedelta(days=40))
    assert any(
        row.startswith(f"dispute {dispute.pk}: filed outside the objection days of the act of") for row in broken()
    )


def test_an_objection_after_its_window(over_result):
    report = Report.objects.get(objections__dispute=over_result)
    Report.objects.filter(pk=report.pk).update(objection_until=report.announced_at)
    assert f"dispute {over_result.pk}: filed after the objection window of the result" in list(broken())
    assert last_announced(report) is not None


def test_an_end_without_its_event_and_with_a_clock_that_goes_on(dispute):
    Dispute.objects.filter(pk=dispute.pk).update(
        outcome="withdrawn", ended_at=database_now(), recorded_at=database_now()
    )
    rows = list(broken())
    assert f"dispute {dispute.pk}: ended and its clock goes on" in rows
    assert f"dispute {dispute.pk}: its end is not told of exactly once" in rows


def test_an_end_told_of_twice(cast, dispute):
    withdraw_dispute(dispute=dispute, by=cast.reza)
    told = Event.objects.get(noun="dispute", verb="end")
    Event.objects.create(verb="end", noun="dispute", key=told.key, at=told.at, path=told.path, data=told.data)
    assert the_only_row() == f"dispute {dispute.pk}: its end is not told of exactly once"


def test_an_open_dispute_whose_clock_stands_still(dispute):
    ClockInterval.objects.filter(request=dispute.request).update(ends_at=database_now() + timedelta(seconds=1))
    assert set(broken()) == {
        f"dispute {dispute.pk}: open and its clock stands still",
        f"request {dispute.request_id}: its clock did not run from its filing to its answer",
    }


def test_a_month_recorded_as_over_before_it_was(dispute):
    Dispute.objects.filter(pk=dispute.pk).update(recorded_at=database_now())
    assert the_only_row() == f"dispute {dispute.pk}: recorded as ended before its month had passed"


def test_an_attachment_without_a_hash_and_one_that_is_gone(cast, dispute):
    said = write_message(dispute=dispute, text="سند", by=cast.reza)
    stored = DisputeFile.objects.create(
        message=said, name="a.pdf", file=ContentFile(b"pdf", "a.pdf"), media_type="application/pdf", size=3, sha256="x"
    )
    assert the_only_row() == f"dispute file {stored.pk}: without a hash or without content"
    stored.file.storage.delete(stored.file.name)
    assert list(attachments_are_on_disk()) == [f"dispute file {stored.pk}: its file is gone"]


def test_everything_that_ended_by_time_is_sound(dispute, over_result, clock):
    clock.move_to(max(dispute.final_at, over_result.final_at))
    assert record_dispute_ends() == 2
    assert list(broken()) == []
