"""After its end nothing is added to a dispute, and what filing fixed does not move: in the database itself."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, transaction

from sajad_portal.lib.clock import database_now
from sla.actions.dispute_ends import record_dispute_ends, remind_of_dispute_ends, withdraw_dispute
from sla.actions.disputes import file_dispute, state_position, write_message
from sla.actions.offers import make_offer
from sla.enums import DisputeStatus
from sla.models import Dispute, DisputeFile, DisputeMessage, Offer, Position
from sla.rules import filing_side, side_of
from tests.factories import make_membership, make_service
from tests.instants import in_the_last_working_hour_before
from units.enums import Role
from units.models import Event, Notice

MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def dispute(cast):
    service = make_service(cast)
    filed = file_dispute(
        unit=cast.a, agreement=service.agreement_versions.get(), section="data", text="پرسش", by=cast.reza
    )
    state_position(dispute=filed, text="پیوست‌ها داده نیستند.", by=cast.laleh)
    return filed


def message(cast, dispute, at):
    return DisputeMessage(
        dispute=dispute, side="recipient", text="پیام", at=at, by=cast.reza, membership=cast.membership(cast.reza)
    )


def offer(cast, dispute, at):
    return Offer(dispute=dispute, number=9, side="provider", text="پیشنهاد", at=at, by=cast.laleh)


def position(cast, dispute, at):
    return Position(
        dispute=dispute, number=1, text="نظر تازه", at=at, by=cast.laleh, membership=cast.membership(cast.laleh)
    )


ROWS = pytest.mark.parametrize("make", [message, offer, position])


# ------------------------------------------------------------------------------------------------- after the end
@ROWS
def test_one_microsecond_before_the_end_the_database_takes_it(cast, dispute, make):
    make(cast, dispute, dispute.final_at - MICROSECOND).save()


@ROWS
def test_at_the_end_the_database_refuses_it(cast, dispute, make):
    with pytest.raises(DatabaseError), transaction.atomic():
        make(cast, dispute, dispute.final_at).save()


@ROWS
def test_after_a_withdrawal_it_refuses_it_though_the_month_goes_on(cast, dispute, make):
    withdraw_dispute(dispute=dispute, by=cast.reza)
    with pytest.raises(DatabaseError), transaction.atomic():
        make(cast, dispute, dispute.final_at - MICROSECOND).save()


@ROWS
def test_once_the_end_is_recorded_a_clock_that_jumps_back_lets_nothing_in(cast, dispute, make, clock):
    clock.move_to(dispute.final_at)
    record_dispute_ends()
    clock.move(days=-3)
    assert Dispute.objects.with_status(database_now()).get(pk=dispute.pk).status == DisputeStatus.FINAL
    with pytest.raises(DatabaseError), transaction.atomic():
        make(cast, dispute, database_now()).save()


def test_no_file_joins_a_message_after_the_end(cast, dispute):
    said = write_message(dispute=dispute, text="سند می‌آید", by=cast.reza)
    stored = {"message": said, "name": "سند.pdf", "media_type": "application/pdf", "size": 3, "sha256": "0" * 64}
    DisputeFile.objects.create(**stored, file=ContentFile(b"pdf", "a.pdf"))
    withdraw_dispute(dispute=dispute, by=cast.reza)
    with pytest.raises(DatabaseError), transaction.atomic():
        DisputeFile.objects.create(**stored, file=ContentFile(b"pdf", "b.pdf"))


def test_the_view_that_is_still_owed_may_come_later_and_only_once(cast, clock):
    service = make_service(cast)
    question = file_dispute(
        unit=cast.a, agreement=service.agreement_versions.get(), section="data", text="پرسش", by=cast.reza
    )
    clock.move_to(question.final_at + timedelta(days=2))
    state_position(dispute=question, text="نظر ما این است.", by=cast.laleh)
    with pytest.raises(DatabaseError), transaction.atomic():
        position(cast, question, database_now()).save()


@pytest.mark.parametrize(
    "change",
    [
        {"final_at": database_now},
        {"filed_at": database_now},
        {"rule": "jalali_month"},
        {"calendar": {}},
        {"subject": "fee"},
        {"filed_side": "provider"},
    ],
)
def test_what_filing_fixed_does_not_move(dispute, change):
    value = {name: given() if callable(given) else given for name, given in change.items()}
    with pytest.raises(DatabaseError), transaction.atomic():
        Dispute.objects.filter(pk=dispute.pk).update(**value)


def test_an_offer_keeps_its_words(cast, dispute):
    made = make_offer(dispute=dispute, text="دو پیوست.", by=cast.laleh)
    for change in (lambda o: o.update(text="سه پیوست."), lambda o: o.update(act_key="1"), lambda o: o.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(Offer.objects.filter(pk=made.pk))


def test_a_dispute_is_never_deleted(dispute):
    with pytest.raises(DatabaseError), transaction.atomic():
        Dispute.objects.filter(pk=dispute.pk)._raw_delete("default")


# ------------------------------------------------------------------------------------------------- the two sides
@pytest.mark.parametrize("role", [Role.REPORTER, Role.HEAD])
@pytest.mark.parametrize("where", ["a_child", "provider"])
def test_who_reports_below_or_above_the_unit_does_not_speak_for_the_provider(cast, dispute, role, where):
    make_membership(cast.laleh, getattr(cast, where), role)
    at = database_now()
    assert side_of(cast.laleh, dispute, at) is None
    assert filing_side(cast.laleh, cast.a, dispute.agreement.service, at) is None


def test_who_reports_elsewhere_does(cast, dispute):
    make_membership(cast.laleh, cast.b, Role.REPORTER)
    assert side_of(cast.laleh, dispute, database_now())[0] == "provider"


def test_who_reports_for_the_unit_reads_the_dispute_and_writes_nothing_in_it(cast, dispute):
    from sajad_portal.lib.errors import Forbidden

    make_membership(cast.laleh, cast.a, Role.REPORTER)
    for act in (
        lambda: write_message(dispute=dispute, text="پیام", by=cast.laleh),
        lambda: make_offer(dispute=dispute, text="پیشنهاد", by=cast.laleh),
        lambda: state_position(dispute=dispute, text="نظر", by=cast.laleh),
    ):
        with pytest.raises(Forbidden):
            act()


# ------------------------------------------------------------------------------------------------- reminders
def reminded() -> list[list[str]]:
    """Who was reminded, one list for each reminder."""
    return [
        sorted(Notice.objects.filter(event=event, channel="portal").values_list("person__username", flat=True))
        for event in Event.objects.filter(noun="dispute", verb="remind").order_by("id")
    ]


def test_what_the_tasks_slept_through_is_not_sent_after_its_instant_and_the_nearer_one_comes(dispute, clock):
    clock.move_to(dispute.final_at - timedelta(days=7))
    assert remind_of_dispute_ends() == 0
    clock.move_to(in_the_last_working_hour_before(dispute.final_at - timedelta(days=1)))
    assert (remind_of_dispute_ends(), remind_of_dispute_ends()) == (1, 0)
    assert Event.objects.get(noun="dispute", verb="remind").data == {"days": 1}
    clock.move_to(dispute.final_at - timedelta(hours=3))
    assert remind_of_dispute_ends() == 0
    assert reminded() == [["laleh", "reza"]]


def test_where_they_slept_through_the_end_nobody_is_reminded_of_what_has_passed(dispute, clock):
    clock.move_to(dispute.final_at)
    assert remind_of_dispute_ends() == 0
    assert record_dispute_ends() == 1
    assert reminded() == []


def test_a_dispute_that_has_ended_reminds_nobody(cast, dispute, clock):
    withdraw_dispute(dispute=dispute, by=cast.reza)
    clock.move_to(in_the_last_working_hour_before(dispute.final_at - timedelta(days=1)))
    assert remind_of_dispute_ends() == 0
