"""Disputes over the interpretation of the agreement: filed, argued, offered, ended."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.dispute_ends import record_dispute_ends, remind_of_dispute_ends, withdraw_dispute
from sla.actions.disputes import file_dispute, state_position, write_message
from sla.actions.offers import accept_offer, decline_offer, make_offer, take_back_offer
from sla.enums import DISPUTE_TRANSITIONS, DisputeStatus, OfferState, Outcome, Side
from sla.models import Dispute
from sla.rules import side_of
from tests.factories import make_agreement, make_holiday, make_membership, make_service
from tests.instants import tehran
from units.enums import Role
from units.models import Event, Notice

FILED = tehran(1405, 2, 23, 10)  # the agreement's own date; the month ends with 1405/03/23
SECOND = timedelta(seconds=1)


@pytest.fixture
def service(cast):
    return make_service(cast)


def file(cast, service, by=None, section="data", text="«داده» جدول‌های پیوست را هم در بر می‌گیرد؟", **more):
    return file_dispute(
        unit=cast.a, agreement=service.agreement_versions.get(number=1), section=section, text=text,
        by=by or cast.reza, **more,
    )  # fmt: skip


@pytest.fixture
def dispute(cast, service, clock):
    clock.move_to(FILED)
    return file(cast, service)


def status(dispute):
    return Dispute.objects.with_status(database_now()).get(pk=dispute.pk).status


def told(dispute, verb):
    """Who is told of the dispute's event, by user name."""
    events = Event.objects.filter(noun="dispute", key=str(dispute.pk), verb=verb)
    return [
        sorted(set(Notice.objects.filter(event=event).values_list("person__username", flat=True)))
        for event in events.order_by("id")
    ]


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


# ---------------------------------------------------------------------------------------------- offers
def test_an_accepted_offer_ends_the_dispute_at_that_instant(dispute, cast, clock):
    offer = make_offer(dispute=dispute, text="جدول‌های پیوست داده‌اند.", by=cast.laleh)
    clock.move(days=5)
    ended = accept_offer(offer=offer, by=cast.reza)
    assert (ended.outcome, status(dispute)) == (Outcome.SETTLED, DisputeStatus.SETTLED)
    assert abs(ended.ended_at - database_now()) < timedelta(minutes=1)
    offer.refresh_from_db()
    assert (offer.state, offer.decided_by) == (OfferState.ACCEPTED, cast.reza)
    assert told(dispute, "end") == [["laleh", "reza"]]


def test_a_second_click_on_accepting_changes_nothing(dispute, cast):
    offer = make_offer(dispute=dispute, text="جدول‌های پیوست داده‌اند.", by=cast.laleh)
    first = accept_offer(offer=offer, by=cast.reza)
    assert accept_offer(offer=offer, by=cast.reza).ended_at == first.ended_at
    assert Event.objects.filter(noun="dispute", verb="end").count() == 1


def test_a_settled_dispute_lets_the_other_sides_offer_lapse(dispute, cast):
    mine = make_offer(dispute=dispute, text="همهٔ پیوست‌ها.", by=cast.reza)
    accept_offer(offer=make_offer(dispute=dispute, text="دو پیوست.", by=cast.laleh), by=cast.reza)
    mine.refresh_from_db()
    assert mine.state == OfferState.LAPSED


def test_a_declined_offer_leaves_the_negotiation_open(dispute, cast):
    offer = make_offer(dispute=dispute, text="دو پیوست.", by=cast.laleh)
    declined = decline_offer(offer=offer, by=cast.reza, reply="سه پیوست")
    assert (declined.state, declined.reply, status(dispute)) == (
        OfferState.DECLINED, "سه پیوست", DisputeStatus.NEGOTIATING,
    )  # fmt: skip
    assert make_offer(dispute=dispute, text="سه پیوست.", by=cast.laleh).number == 2


def test_a_side_has_one_offer_on_the_table(dispute, cast):
    offer = make_offer(dispute=dispute, text="دو پیوست.", by=cast.laleh)
    with pytest.raises(Refused) as refusal:
        make_offer(dispute=dispute, text="سه پیوست.", by=cast.laleh)
    assert refusal.value.code == "offer-open"
    take_back_offer(offer=offer, by=cast.laleh)
    make_offer(dispute=dispute, text="سه پیوست.", by=cast.laleh)


def test_nobody_accepts_an_offer_of_their_own_side(dispute, cast):
    offer = make_offer(dispute=dispute, text="دو پیوست.", by=cast.laleh)
    with pytest.raises(Forbidden):
        accept_offer(offer=offer, by=cast.laleh)


def test_an_offer_that_was_taken_back_cannot_be_accepted(dispute, cast):
    offer = make_offer(dispute=dispute, text="دو پیوست.", by=cast.laleh)
    take_back_offer(offer=offer, by=cast.laleh)
    with pytest.raises(Refused) as refusal:
        accept_offer(offer=offer, by=cast.reza)
    assert refusal.value.code == "offer-closed"


# ---------------------------------------------------------------------------------------------- withdrawal
def test_only_the_side_that_filed_withdraws(dispute, cast):
    with pytest.raises(Forbidden):
        withdraw_dispute(dispute=dispute, by=cast.laleh)
    assert withdraw_dispute(dispute=dispute, by=cast.reza).outcome == Outcome.WITHDRAWN
    assert told(dispute, "end") == [["laleh", "reza"]]


# ---------------------------------------------------------------------------------------------- the end of the month
def test_the_month_ends_at_midnight_and_not_a_microsecond_before(dispute, cast):
    state_position(dispute=dispute, text="پیوست‌ها داده‌اند.", by=cast.laleh)
    at = dispute.final_at
    read = lambda instant: Dispute.objects.with_status(instant).get(pk=dispute.pk).status  # noqa: E731
    assert read(at - timedelta(microseconds=1)) == DisputeStatus.NEGOTIATING
    assert read(at) == DisputeStatus.FINAL


def test_the_providers_view_is_final_for_every_reader_before_any_task_has_run(dispute, cast, clock):
    state_position(dispute=dispute, text="پیوست‌ها داده‌اند.", by=cast.laleh)
    clock.move_to(dispute.final_at)
    dispute.refresh_from_db()
    assert (status(dispute), dispute.outcome) == (DisputeStatus.FINAL, "")


def test_the_sweep_records_the_end_once_and_tells_both_sides(dispute, cast, clock):
    state_position(dispute=dispute, text="پیوست‌ها داده‌اند.", by=cast.laleh)
    clock.move_to(dispute.final_at + timedelta(days=3))
    assert (record_dispute_ends(), record_dispute_ends()) == (1, 0)
    dispute.refresh_from_db()
    assert (dispute.outcome, dispute.ended_at, dispute.ended_by) == (Outcome.FINAL, dispute.final_at, None)
    assert dispute.request.stopped_at == dispute.final_at
    assert told(dispute, "end") == [["laleh", "reza"]]


def test_the_sweep_leaves_a_dispute_in_negotiation_alone(dispute, clock):
    clock.move_to(dispute.final_at - 10 * SECOND)
    assert record_dispute_ends() == 0


def test_a_clock_that_jumps_back_reopens_nothing(dispute, cast, clock):
    state_position(dispute=dispute, text="پیوست‌ها داده‌اند.", by=cast.laleh)
    clock.move_to(dispute.final_at)
    record_dispute_ends()
    clock.move(days=-10)
    assert status(dispute) == DisputeStatus.FINAL
    with pytest.raises(Refused):
        write_message(dispute=dispute, text="باز هم", by=cast.reza)


@pytest.mark.parametrize("recorded", [False, True])
def test_nothing_is_added_after_the_end(dispute, cast, clock, recorded):
    offer = make_offer(dispute=dispute, text="دو پیوست.", by=cast.laleh)
    mine = make_offer(dispute=dispute, text="سه پیوست.", by=cast.reza)
    state_position(dispute=dispute, text="پیوست‌ها داده‌اند.", by=cast.laleh)
    clock.move_to(dispute.final_at)
    if recorded:
        record_dispute_ends()
    for act in (
        lambda: write_message(dispute=dispute, text="یک پیام دیگر", by=cast.reza),
        lambda: make_offer(dispute=dispute, text="پیشنهاد", by=cast.reza),
        lambda: accept_offer(offer=offer, by=cast.reza),
        lambda: decline_offer(offer=offer, by=cast.reza),
        lambda: take_back_offer(offer=mine, by=cast.reza),
        lambda: withdraw_dispute(dispute=dispute, by=cast.reza),
        lambda: state_position(dispute=dispute, text="نظریهٔ دیگر", by=cast.laleh),
    ):
        with pytest.raises(Refused):
            act()
    assert (dispute.messages.count(), dispute.positions.count()) == (1, 1)


# ---------------------------------------------------------------------------------------------- no position stated
def test_without_a_position_the_dispute_waits_for_the_provider(dispute, clock):
    clock.move_to(dispute.final_at)
    assert status(dispute) == DisputeStatus.AWAITING_POSITION


def test_the_overdue_position_is_told_once(dispute, clock):
    clock.move_to(dispute.final_at)
    assert (record_dispute_ends(), record_dispute_ends()) == (1, 0)
    assert told(dispute, "end_negotiation") == [["laleh", "reza"]]
    dispute.refresh_from_db()
    assert (dispute.outcome, dispute.overdue_told_at is None) == ("", False)
    assert dispute.request.intervals.get().ends_at is None  # the provider still owes its view


def test_only_the_view_remains_to_be_stated_and_it_ends_the_dispute(dispute, cast, clock):
    offer = make_offer(dispute=dispute, text="دو پیوست.", by=cast.laleh)
    clock.move_to(dispute.final_at)
    record_dispute_ends()
    for act in (
        lambda: write_message(dispute=dispute, text="یک پیام دیگر", by=cast.laleh),
        lambda: accept_offer(offer=offer, by=cast.reza),
        lambda: withdraw_dispute(dispute=dispute, by=cast.reza),
    ):
        with pytest.raises(Refused):
            act()
    clock.move(days=4)
    state_position(dispute=dispute, text="پیوست‌ها داده نیستند.", by=cast.laleh)
    dispute.refresh_from_db()
    assert (dispute.outcome, status(dispute)) == (Outcome.FINAL, DisputeStatus.FINAL)
    assert dispute.ended_at >= dispute.final_at + timedelta(days=4)
    assert dispute.request.stopped_at == dispute.ended_at
    assert record_dispute_ends() == 0


def test_a_latched_wait_for_the_view_survives_a_clock_that_jumps_back(dispute, clock):
    clock.move_to(dispute.final_at)
    record_dispute_ends()
    clock.move(days=-5)
    assert status(dispute) == DisputeStatus.AWAITING_POSITION


def test_only_the_provider_states_its_view(dispute, cast):
    with pytest.raises(Forbidden):
        state_position(dispute=dispute, text="نظر واحد", by=cast.reza)


def test_a_view_stated_in_the_month_is_replaced_by_a_later_one(dispute, cast, clock):
    state_position(dispute=dispute, text="پیوست‌ها داده‌اند.", by=cast.laleh)
    state_position(dispute=dispute, text="تنها دو پیوست نخست.", by=cast.laleh)
    assert list(dispute.positions.values_list("number", "text")) == [
        (0, "پیوست‌ها داده‌اند."), (1, "تنها دو پیوست نخست."),
    ]  # fmt: skip
    assert told(dispute, "state_position") == [["reza"], ["reza"]]


# ---------------------------------------------------------------------------------------------- reminders
def test_both_sides_are_reminded_seven_days_and_one_day_before_each_once(dispute, clock):
    clock.move_to(dispute.final_at - timedelta(days=8))
    assert remind_of_dispute_ends() == 0
    clock.move(days=1, minutes=1)
    assert (remind_of_dispute_ends(), remind_of_dispute_ends()) == (1, 0)
    clock.move(days=6)
    assert (remind_of_dispute_ends(), remind_of_dispute_ends()) == (1, 0)
    assert told(dispute, "remind") == [["laleh", "reza"]] * 2


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
