"""Offers in a dispute: made, accepted, declined, taken back."""

from datetime import timedelta

import pytest

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.offers import accept_offer, decline_offer, make_offer, take_back_offer
from sla.enums import DisputeStatus, OfferState, Outcome
from tests.questions import status, told
from units.models import Event


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
