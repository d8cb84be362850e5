"""Disputes over the interpretation of the agreement: filed, argued, offered, ended."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.dispute_ends import withdraw_dispute
from sla.actions.disputes import file_dispute, state_position, write_message
from sla.actions.offers import accept_offer, decline_offer, make_offer, take_back_offer
from sla.enums import DISPUTE_TRANSITIONS, DisputeStatus, Side
from sla.models import Dispute
from sla.rules import side_of
from tests.factories import make_agreement, make_holiday, make_membership, make_service
from tests.instants import tehran
from tests.questions import FILED, file, status, told
from units.enums import Role
from units.models import Event, Notice


# ---------------------------------------------------------------------------------------------- filing
def test_a_head_files_a_question_of_interpretation(dispute, cast):
    assert (dispute.filed_side, dispute.unit, dispute.title) == (Side.RECIPIENT, cast.a, "داده‌های مرتبط با خدمت")
    assert (dispute.last_day, dispute.final_at) == (tehran(1405, 3, 23).date(), tehran(1405, 3, 24, 0))
    assert dispute.messages.get().text == "«داده» جدول‌های پیوست را هم در بر می‌گیرد؟"
    assert status(dispute) == DisputeStatus.NEGOTIATING


def test_the_provider_may_file_too(cast, service):
    assert file(cast, service, by=cast.laleh).filed_side == Side.PROVIDER


@pytest.mark.parametrize("who", ["sara", "mina", "kamran", "omid", "nader", "stranger", "admin"])
def test_nobody_else_files(cast, service, who):
    with pytest.raises(Forbidden):
        file(cast, service, by=getattr(cast, who))
    assert not Dispute.objects.exists()


def test_a_question_of_interpretation_starts_without_a_position(dispute):
    assert not dispute.positions.exists()


def test_contesting_is_free_and_its_clock_runs(dispute):
    assert (dispute.request.price_rials, dispute.request.request_type.kind) == (0, "objection")
    assert dispute.request.intervals.get().ends_at is None


def test_the_other_side_is_told_at_once(dispute):
    assert told(dispute, "file") == [["laleh"]]
    assert Notice.objects.filter(event__verb="file", urgent=True).exists()


def test_a_second_dispute_over_the_same_section_is_refused_while_one_is_open(dispute, cast, service):
    with pytest.raises(Refused) as refusal:
        file(cast, service, by=cast.laleh)
    assert refusal.value.code == "dispute-open"
    file(cast, service, section="costs")
    withdraw_dispute(dispute=dispute, by=cast.reza)
    file(cast, service)


def test_a_draft_of_the_agreement_cannot_be_disputed(cast, service):
    draft = make_agreement(service, 2, published=False)
    with pytest.raises(Refused) as refusal:
        file_dispute(unit=cast.a, agreement=draft, section="data", text="پرسش", by=cast.reza)
    assert refusal.value.code == "not-published"


def test_the_rule_of_the_agreement_version_counts(cast, clock):
    service = make_service(cast, dispute_rule="jalali_month")
    clock.move_to(tehran(1405, 5, 19, 10))
    dispute = file(cast, service)
    assert (dispute.rule, dispute.last_day) == ("jalali_month", tehran(1405, 6, 21).date())  # the 19th is a Thursday


def test_a_holiday_known_at_filing_moves_the_end(cast, service, clock):
    clock.move_to(FILED)
    make_holiday(tehran(1405, 3, 23).date())
    assert file(cast, service).final_at == tehran(1405, 3, 25, 0)


def test_a_closure_announced_after_filing_does_not_move_the_end(dispute):
    make_holiday(dispute.last_day, "تعطیل عمومی", source="closure")
    dispute.refresh_from_db()
    assert dispute.final_at == tehran(1405, 3, 24, 0)
    assert dispute.calendar["days"][-1]["off"] == ""


def test_a_new_version_of_the_agreement_does_not_move_the_end(dispute, service):
    make_agreement(service, 2, dispute_rule="jalali_month")
    dispute.refresh_from_db()
    assert (dispute.agreement.number, dispute.rule, dispute.final_at) == (1, "30_clear_days", tehran(1405, 3, 24, 0))


# ---------------------------------------------------------------------------------------------- sides
def test_who_heads_the_unit_speaks_for_it_even_as_a_coordinator(dispute, cast):
    make_membership(cast.reza, cast.provider, Role.COORDINATOR)
    assert side_of(cast.reza, dispute, database_now())[0] == Side.RECIPIENT


def test_a_head_whose_membership_ended_speaks_for_nobody(dispute, cast):
    cast.reza.memberships.update(ends_at=database_now())
    with pytest.raises(Forbidden):
        write_message(dispute=dispute, text="هنوز این‌جا هستم", by=cast.reza)


@pytest.mark.parametrize("who", ["sara", "mina", "kamran", "omid", "nader", "stranger", "admin"])
def test_nobody_but_the_two_sides_acts(dispute, cast, who):
    person = getattr(cast, who)
    offer = make_offer(dispute=dispute, text="پیوست‌ها داده‌اند.", by=cast.laleh)
    for act in (
        lambda: write_message(dispute=dispute, text="پیام", by=person),
        lambda: make_offer(dispute=dispute, text="پیشنهاد", by=person),
        lambda: accept_offer(offer=offer, by=person),
        lambda: decline_offer(offer=offer, by=person),
        lambda: take_back_offer(offer=offer, by=person),
        lambda: withdraw_dispute(dispute=dispute, by=person),
        lambda: state_position(dispute=dispute, text="نظریه", by=person),
    ):
        with pytest.raises(Forbidden):
            act()


def test_the_same_filing_twice_is_one_dispute_and_other_words_are_refused(cast, service, dispute):
    assert file(cast, service) == dispute
    with pytest.raises(Refused) as refusal:
        file(cast, service, text="و نمودارها؟")
    assert refusal.value.code == "dispute-open"
    assert dispute.messages.count() == 1


# ---------------------------------------------------------------------------------------------- the thread
def test_the_same_message_sent_twice_is_one_message_and_tells_once(dispute, cast):
    sent = [
        write_message(
            dispute=dispute, text="فهرست پیوست است.", by=cast.reza, files=[SimpleUploadedFile("a.txt", b"1405")]
        )
        for _turn in range(2)
    ]
    assert sent[0] == sent[1]
    assert dispute.messages.filter(text="فهرست پیوست است.").count() == 1
    assert Event.objects.filter(noun="dispute", key=str(dispute.pk), verb="write").count() == 1


def test_other_files_or_a_word_in_between_make_another_message(dispute, cast):
    for files in ([], [SimpleUploadedFile("a.txt", b"1405")], [SimpleUploadedFile("a.txt", b"1406")]):
        write_message(dispute=dispute, text="فهرست پیوست است.", by=cast.reza, files=files)
    write_message(dispute=dispute, text="رسید.", by=cast.laleh)
    write_message(dispute=dispute, text="فهرست پیوست است.", by=cast.reza, files=[SimpleUploadedFile("a.txt", b"1406")])
    assert dispute.messages.filter(text="فهرست پیوست است.").count() == 4


def test_each_side_writes_and_the_other_is_told(dispute, cast):
    write_message(dispute=dispute, text="پیوست‌ها داده نیستند.", by=cast.laleh)
    write_message(dispute=dispute, text="در راهنما آمده‌اند.", by=cast.reza)
    assert [m.side for m in dispute.messages.all()] == [Side.RECIPIENT, Side.PROVIDER, Side.RECIPIENT]
    assert told(dispute, "write") == [["reza"], ["laleh"]]


def test_files_travel_with_a_message(dispute, cast):
    letter = SimpleUploadedFile("نامه.pdf", b"%PDF-1.4\n%%EOF\n")
    message = write_message(dispute=dispute, text="نامه پیوست است.", by=cast.reza, files=[letter])
    stored = message.files.get()
    assert (stored.name, stored.media_type, stored.size) == ("نامه.pdf", "application/pdf", 15)


def test_a_file_that_is_not_what_its_name_says_stores_nothing(dispute, cast):
    drawing = SimpleUploadedFile("نامه.pdf", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    with pytest.raises(Refused):
        write_message(dispute=dispute, text="نامه پیوست است.", by=cast.reza, files=[drawing])
    assert dispute.messages.count() == 1


def test_an_empty_message_is_refused(dispute, cast):
    with pytest.raises(Refused) as refusal:
        write_message(dispute=dispute, text="   ", by=cast.reza)
    assert refusal.value.code == "empty-text"


# ---------------------------------------------------------------------------------------------- the table
def test_every_action_of_the_table_leads_where_it_says():
    ended = {DisputeStatus.SETTLED, DisputeStatus.WITHDRAWN, DisputeStatus.FINAL}
    assert not [key for key in DISPUTE_TRANSITIONS if key[0] in ended]
    waiting = {action for state, action in DISPUTE_TRANSITIONS if state == DisputeStatus.AWAITING_POSITION}
    assert waiting == {"state_position"}


def test_the_clock_of_a_dispute_runs_until_it_ends(dispute, cast, clock):
    clock.move(days=2)
    withdraw_dispute(dispute=dispute, by=cast.reza)
    stretch = dispute.request.intervals.get()
    assert stretch.ends_at - stretch.starts_at >= timedelta(days=2)
