"""What passes is removed when its days are over; what proves an act, an instant or a decision is there for good."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from reports.actions.closing import record_closings
from reports.actions.deadline_reminders import remind_of_deadlines
from reports.actions.keeping import remove_passed
from reports.actions.sealing import seal_rows
from reports.enums import ReportVerb
from reports.invariants import broken
from reports.models import Export
from reports.queries.keeping import PASSING_NOTICES, passing_notices
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.verbs import VERBS
from sla.enums import AgreementVerb
from tests.calls import published_call, submitted_report
from tests.instants import tehran
from units.actions.events import claim_once, record, tell
from units.enums import Channel, KeepingVerb, UnitVerb
from units.models import Digest, Event, Notice, Once
from units.notices import Message

YEARS = 1000


def told(noun: str, verb: str, cast) -> Notice:
    """A notice to Sara of an Event of that kind."""
    with transaction.atomic():
        event = record(verb, noun=noun, key=1, at=database_now(), by=None)
        tell(event, [Message([cast.sara], lambda: ("اعلان", "متن"))])
    return Notice.objects.get(event=event, channel=Channel.PORTAL)


def there(rows) -> bool:
    return type(rows).objects.filter(pk=rows.pk).exists()


@pytest.mark.django_db
def test_a_reminder_goes_when_its_days_are_over_and_not_a_day_sooner(cast, clock, settings):
    notice = told("call", ReportVerb.REMIND, cast)

    clock.move(days=settings.KEEP_NOTICES_DAYS - 1)
    remove_passed()
    assert there(notice)

    clock.move(days=2)
    remove_passed()
    assert not there(notice)


@pytest.mark.django_db
def test_a_notice_of_anything_else_is_kept_for_good(cast, clock):
    lasting = {
        told(noun, verb, cast).pk
        for noun, verbs in VERBS.items()
        for verb in verbs
        if verb not in PASSING_NOTICES.get(noun, ())
    }
    told("call", ReportVerb.REMIND, cast)
    clock.move(days=YEARS)

    remove_passed()

    assert set(Notice.objects.filter(channel=Channel.PORTAL).values_list("pk", flat=True)) == lasting


@pytest.mark.parametrize(
    ("noun", "verb"),
    [
        ("report", ReportVerb.SUBMIT), ("report", ReportVerb.RETURN), ("report", ReportVerb.ANSWER_RETURN),
        ("report", ReportVerb.LAPSE_RETURN), ("report", ReportVerb.ANNOUNCE), ("report", ReportVerb.FINAL),
        ("report", ReportVerb.ASK_EXTENSION), ("report", ReportVerb.DECIDE_EXTENSION), ("report", ReportVerb.EXTEND),
        ("report", ReportVerb.REACH_QUOTA), ("call", ReportVerb.PUBLISH), ("call", ReportVerb.OPEN), ("call", ReportVerb.CLOSE),
        ("call", ReportVerb.EXTEND), ("call", ReportVerb.CANCEL), ("dispute", AgreementVerb.FILE), ("dispute", AgreementVerb.OFFER),
        ("dispute", AgreementVerb.END), ("agreement", AgreementVerb.PUBLISH), ("general_request", AgreementVerb.DECIDE_REQUEST),
        ("payment", AgreementVerb.SETTLE), ("membership", UnitVerb.END), ("membership", UnitVerb.GRANT),
    ],
)  # fmt: skip
def test_no_act_with_a_deadline_is_among_what_passes(noun, verb):
    assert verb not in PASSING_NOTICES.get(noun, ())


@pytest.mark.django_db
def test_after_years_a_report_and_its_closing_are_still_proved_and_the_seal_holds(cast, clock):
    clock.move_to(tehran(1405, 5, 1, 9))
    call = published_call(cast, closes_at=tehran(1405, 5, 12, 14), grace=timedelta(0))
    submitted_report(cast, call)
    clock.move_to(tehran(1405, 5, 9, 13, 30))
    assert remind_of_deadlines() == 1
    clock.move_to(tehran(1405, 5, 12, 14, 1))
    record_closings()
    seal_rows()
    lasting = set(Notice.objects.values_list("pk", flat=True)) - set(passing_notices().values_list("pk", flat=True))
    reminders = passing_notices().count()
    clock.move(days=YEARS)

    removed = remove_passed()
    seal_rows()

    assert reminders > 0
    assert removed >= reminders
    assert set(Notice.objects.values_list("pk", flat=True)) == lasting
    assert list(broken()) == []
    call_command("verifyaudit")


@pytest.mark.django_db
def test_it_is_recorded_how_much_of_what_was_removed_and_nothing_where_nothing_was(cast, clock, settings):
    for _time in range(3):
        told("call", ReportVerb.REMIND, cast)
    clock.move(days=YEARS)
    before = Notice.objects.count()

    remove_passed()
    remove_passed()

    (event,) = Event.objects.filter(noun="keeping")
    assert (event.verb, event.key, event.person) == (KeepingVerb.REMOVE_PASSED, "units_notice", None)
    assert event.data == {"rows": before, "days": settings.KEEP_NOTICES_DAYS}


@pytest.mark.django_db
def test_in_portions_everything_goes_that_is_due(cast, clock, monkeypatch):
    monkeypatch.setattr("reports.actions.keeping.AT_ONCE", 2)
    for _time in range(5):
        told("call", ReportVerb.REMIND, cast)
    count = Notice.objects.count()
    clock.move(days=YEARS)

    assert remove_passed() == count


@pytest.mark.django_db
def test_claims_on_reminders_and_days_go_and_claims_on_what_latched_stay(cast, clock):
    at = database_now()
    for key in (
        "remind:call:1:20260101:3",
        "dispute:7:reminder:5",
        "request:7:settled",
        "reconcile:1:sadad:2026-01-01",
    ):
        claim_once(key, at)
    Digest.objects.create(person=cast.sara, day=at.date(), sent_at=at)
    clock.move(days=YEARS)

    remove_passed()

    assert set(Once.objects.values_list("key", flat=True)) == {"request:7:settled", "reconcile:1:sadad:2026-01-01"}
    assert not Digest.objects.exists()


@pytest.mark.django_db
def test_of_the_files_that_were_made_those_go_that_are_gone_and_no_other(cast, clock):
    at = database_now()
    common = {"kind": "reports.csv", "title": "x", "language": "fa", "requested_by": cast.sara, "requested_at": at}
    Export.objects.create(key="waits", fingerprint="1", **common)
    Export.objects.create(key="failed", fingerprint="2", failed_at=at, **common)
    ready = {"ready_at": at, "expires_at": at + timedelta(days=3)}
    Export.objects.create(key="lies-there", fingerprint="3", file="exports/x.csv", **ready, **common)
    Export.objects.create(key="gone", fingerprint="4", removed_at=at, **ready, **common)
    clock.move(days=YEARS)

    remove_passed()

    assert set(Export.objects.values_list("key", flat=True)) == {"waits", "lies-there"}


@pytest.mark.django_db
def test_zero_days_keep_for_good(cast, clock, settings):
    settings.KEEP_NOTICES_DAYS = 0
    notice = told("call", ReportVerb.REMIND, cast)
    clock.move(days=YEARS)

    remove_passed()

    assert there(notice)


@pytest.mark.django_db
def test_an_event_that_tells_of_other_rows_is_broken(cast):
    with transaction.atomic():
        record(KeepingVerb.REMOVE_PASSED, noun="keeping", key="reports_revision", at=database_now(), by=None)

    assert [line.partition(":")[0] for line in broken()] == ["keeping"]


def test_every_claim_on_a_reminder_in_the_code_is_written_as_the_sweep_looks_for_it():
    said = [
        text
        for app in ("sla", "reports")
        for path in Path(__file__).resolve().parents[3].joinpath(app, "actions").rglob("*reminders.py")
        for text in re.findall(r'claim_once\(f"(\w+):', path.read_text("utf-8"))
    ]
    assert said == ["remind"]
