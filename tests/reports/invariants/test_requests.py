"""What `checkinvariants` sees of general requests: one corruption a test, and its own row. What the database refuses is not tried."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from reports.invariants import CHECKS
from reports.invariants.files import request_files_are_on_disk
from reports.invariants.replay import REPLAY_CHECKS, clocks_of_other_requests_ran_as_told
from sajad_portal.lib.clock import database_now
from sla.actions.request_decisions import accept_decision_offer, contest_decision, offer_decision
from sla.actions.requests import write_about_request
from sla.enums import Decision, Side
from sla.models import ClockInterval, GeneralRequest, RequestDecision, RequestFile, RequestMessage, ServiceRequest
from tests.general import WHY, a_pdf, contested_request, decided, filed, make_general_type, paid, priced
from units.models import Event


@pytest.fixture
def kind(cast):
    return make_general_type(cast)


def rows() -> list[str]:
    """Without the clock played again, which every break of a clock breaks too (test_breaks.py)."""
    return [row for check in CHECKS if check not in REPLAY_CHECKS for row in check()]


def message(general, side, by, membership) -> RequestMessage:
    return RequestMessage.objects.create(
        general=general, side=side, text=WHY, at=database_now(), by=by, membership=membership
    )


@contextmanager
def unguarded(table: str):
    """What a hand in the database could do: the triggers of this table off (SQLite), as long as this lasts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        kept = cursor.fetchall()
        for name, _sql in kept:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _name, sql in kept:
            cursor.execute(sql)


def test_a_clock_that_the_fee_started_and_of_which_nothing_is_left_is_named(cast, kind, bank):
    general = filed(cast, priced(kind))
    paid(cast, general, bank)
    assert list(clocks_of_other_requests_ran_as_told()) == []

    ClockInterval.objects.filter(request=general.request)._raw_delete("default")

    assert list(clocks_of_other_requests_ran_as_told()) == [
        f"request {general.request_id}: its fee came and started its clock, of which nothing is left"
    ]


def test_sound_requests_break_nothing(cast, kind, bank):
    filed(cast, kind, files=[a_pdf()])
    decided(cast, kind)
    _general, dispute = contested_request(cast, kind)
    accept_decision_offer(
        offer=offer_decision(dispute=dispute, decision=Decision.GRANTED, text=WHY, by=cast.laleh), by=cast.reza
    )
    paid(cast, filed(cast, priced(kind)), bank)

    assert rows() == []


def test_a_service_request_of_another_unit(cast, kind):
    general = filed(cast, kind)
    ServiceRequest.objects.filter(pk=general.request_id).update(unit=cast.b)

    assert rows() == [f"general request {general.pk}: its service request is another’s"]


def test_a_decided_request_whose_clock_was_not_stopped(cast, kind):
    general, _made = decided(cast, kind)
    ServiceRequest.objects.filter(pk=general.request_id).update(stopped_at=None)

    assert f"general request {general.pk}: is decided, and its clock is not stopped" in rows()


def test_a_clock_that_is_void_of_a_request_that_waits(cast, kind):
    general = filed(cast, kind)
    ClockInterval.objects.filter(request=general.request_id).update(ends_at=database_now())
    ServiceRequest.objects.filter(pk=general.request_id).update(voided_at=database_now())

    assert f"general request {general.pk}: is filed, and its clock is void" in rows()


def test_a_clock_that_ran_before_the_fee_came(cast, kind):
    general = filed(cast, kind)
    ServiceRequest.objects.filter(pk=general.request_id).update(price_rials=1000)

    assert f"general request {general.pk}: its clock ran before its fee came" in rows()


def test_a_clock_that_stands_still_while_the_provider_holds_it(cast, kind):
    general = filed(cast, kind)
    ClockInterval.objects.filter(request=general.request_id).update(ends_at=database_now())

    assert rows() == [f"general request {general.pk}: its clock stands still"]


def test_a_clock_that_runs_while_a_question_waits(cast, kind):
    general = filed(cast, kind)
    write_about_request(general=general, text="کدام ترم؟", by=cast.laleh)
    ClockInterval.objects.filter(request=general.request_id).update(ends_at=None)

    assert rows() == [f"general request {general.pk}: waits for the unit and its clock runs"]


def test_a_free_request_whose_clock_never_ran(cast, kind):
    general = filed(cast, kind)
    ClockInterval.objects.filter(request=general.request_id).delete()

    assert rows() == [f"general request {general.pk}: free, filed, and its clock never ran"]


def test_a_question_of_which_the_request_knows_nothing(cast, kind):
    general = filed(cast, kind)
    message(general, Side.PROVIDER, cast.laleh, cast.membership(cast.laleh))

    assert rows() == [f"general request {general.pk}: its last message does not say whether it waits for the unit"]


def test_a_decision_of_a_request_that_is_not_decided(cast, kind):
    general = filed(cast, kind)
    RequestDecision.objects.create(
        general=general, number=1, decision="granted", reason=WHY, at=database_now(), by=cast.laleh
    )

    assert rows() == [f"general request {general.pk}: is filed with 1 decisions"]


def test_a_request_decided_at_another_instant_than_its_decision(cast, kind):
    general, made = decided(cast, kind, Decision.GRANTED)
    GeneralRequest.objects.filter(pk=general.pk).update(decided_at=made.at + timedelta(seconds=1))

    assert rows() == [f"decision {made.pk}: of another instant than its request was decided"]


@pytest.mark.sqlite
def test_a_decision_that_may_be_contested_otherwise_than_it_was_filed_under(cast, kind):
    _general, made = decided(cast, kind)
    with unguarded("sla_requestdecision"):
        RequestDecision.objects.filter(pk=made.pk).update(contest_until=None)

    assert rows() == [f"decision {made.pk}: may be contested otherwise than its request was filed under"]


@pytest.mark.sqlite
def test_a_decision_anew_that_no_dispute_ended_with(cast, kind):
    general, dispute = contested_request(cast, kind)
    offer = offer_decision(dispute=dispute, decision=Decision.GRANTED, text=WHY, by=cast.laleh)
    accept_decision_offer(offer=offer, by=cast.reza)
    second = general.decisions.get(number=2)
    with unguarded("sla_requestdecision"):
        RequestDecision.objects.filter(pk=second.pk).update(at=second.at + timedelta(seconds=1))

    assert f"decision {second.pk}: no dispute over its request ended with it" in rows()


@pytest.mark.sqlite
def test_a_dispute_that_was_filed_after_the_days_of_the_decision(cast, kind, clock):
    _general, made = decided(cast, kind)
    with unguarded("sla_requestdecision"):
        RequestDecision.objects.filter(pk=made.pk).update(contest_until=made.at + timedelta(days=30))
        _general, dispute = _contest_late(cast, made, clock)
        RequestDecision.objects.filter(pk=made.pk).update(contest_until=made.contest_until)

    assert rows() == [f"dispute {dispute.pk}: filed outside the days to contest decision {made.pk}"]


def _contest_late(cast, made, clock):
    clock.move(days=20)
    return made.general, contest_decision(general=made.general, text=WHY, by=cast.reza)


def test_a_request_that_was_decided_before_its_fee_was_paid(cast, kind):
    general, _made = decided(cast, kind)
    ServiceRequest.objects.filter(pk=general.request_id).update(price_rials=1000)

    assert f"general request {general.pk}: decided before its fee was paid" in rows()


def test_a_filing_that_is_told_of_twice(cast, kind):
    general = filed(cast, kind)
    told = Event.objects.get(verb="file_request")
    Event.objects.create(verb=told.verb, noun=told.noun, key=told.key, at=told.at, person=told.person, path=told.path)

    assert rows() == [f"general request {general.pk}: file_request is not told of exactly once"]


def test_a_file_without_a_hash(cast, kind):
    general = filed(cast, kind)
    stored = RequestFile.objects.create(
        general=general, name="x.pdf", file="requests/x.pdf", media_type="application/pdf", size=3, sha256="",
        added_at=database_now(), added_by=cast.sara,
    )  # fmt: skip

    assert rows() == [f"request file {stored.pk}: without a hash or without content"]


def test_a_file_that_is_gone_from_the_store_or_has_changed(cast, kind):
    general = filed(cast, kind, files=[a_pdf("1.pdf"), a_pdf("2.pdf")])
    gone, changed = general.files.all()
    gone.file.storage.delete(gone.file.name)
    with changed.file.storage.open(changed.file.name, "wb") as file:
        file.write(b"something else")

    assert list(request_files_are_on_disk()) == [
        f"request file {gone.pk}: its file is gone",
        f"request file {changed.pk}: its file has changed",
    ]
