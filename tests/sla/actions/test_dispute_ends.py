"""How a dispute ends: withdrawn, at the end of its month, by the provider’s view; and who is reminded."""

from datetime import timedelta

import pytest

from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.dispute_ends import record_dispute_ends, remind_of_dispute_ends, withdraw_dispute
from sla.actions.disputes import state_position, write_message
from sla.actions.offers import accept_offer, decline_offer, make_offer, take_back_offer
from sla.enums import DisputeStatus, Outcome
from sla.models import Dispute
from tests.instants import in_the_last_working_hour_before
from tests.questions import SECOND, status, told


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
    for days in (7, 1):
        instant = dispute.final_at - timedelta(days=days)
        clock.move_to(in_the_last_working_hour_before(instant) - timedelta(minutes=31))
        assert remind_of_dispute_ends() == 0
        clock.move_to(in_the_last_working_hour_before(instant))
        assert (remind_of_dispute_ends(), remind_of_dispute_ends()) == (1, 0)
        clock.move_to(instant)
        assert remind_of_dispute_ends() == 0
    assert told(dispute, "remind") == [["laleh", "reza"]] * 2
