"""The fee of a general request is contested as other fees are: within its days, by either side, and lowered by agreement."""

from datetime import timedelta

import pytest

from reports.invariants import broken
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.dispute_ends import withdraw_dispute
from sla.actions.request_fees import accept_lower_fee, contest_request_fee, offer_lower_fee
from sla.actions.request_types import TypeTerms, add_request_type
from sla.actions.requests import withdraw_general_request
from sla.enums import DisputeStatus, Filers, GeneralStatus, OfferState, RequestKind, Subject
from sla.models import Dispute, GeneralRequest
from sla.queries.requests import fee_contest_until, general_request_of
from tests.general import FEE, again, filed, make_general_type, paid, priced
from units.models import Event, Notice

pytestmark = pytest.mark.django_db
WHY = "تعرفهٔ این نوع درخواست نیست."


@pytest.fixture
def general(cast) -> GeneralRequest:
    return again(filed(cast, priced(make_general_type(cast))))


def contested(cast, general) -> Dispute:
    return contest_request_fee(general=general, text=WHY, by=cast.reza)


def test_the_fee_is_position_0_of_its_dispute(cast, general):
    dispute = contested(cast, general)

    assert (dispute.subject, dispute.subject_key, dispute.call_id) == (Subject.FEE, str(general.request_id), None)
    assert [(p.number, p.text) for p in dispute.positions.all()] == [(0, "")]
    assert general_request_of(dispute) == general
    assert dispute.request.price_rials == 0
    assert list(broken()) == []


def test_the_days_are_those_it_was_filed_under(cast, general, clock):
    clock.move_to(fee_contest_until(general) - timedelta(microseconds=1))
    assert fee_contest_until(general) - general.filed_at > timedelta(days=10)
    clock.move_to(fee_contest_until(general))

    with pytest.raises(Refused) as late:
        contested(cast, general)

    assert late.value.code == "objection-window-passed"


def test_where_the_decision_is_final_its_fee_can_be_contested_all_the_same(cast):
    general = again(filed(cast, priced(make_general_type(cast, contest_days=None))))

    assert contested(cast, general).outcome == ""


def test_either_side_contests_and_nobody_else(cast, general):
    for person in (cast.sara, cast.omid, cast.kamran, cast.nader):
        with pytest.raises(Forbidden):
            contest_request_fee(general=general, text=WHY, by=person)

    assert contest_request_fee(general=general, text=WHY, by=cast.laleh).filed_side == "provider"


def test_the_same_objection_twice_is_one_and_another_is_refused(cast, general):
    dispute = contested(cast, general)
    assert contested(cast, general) == dispute

    with pytest.raises(Refused) as second:
        contest_request_fee(general=general, text=WHY, by=cast.laleh)

    assert second.value.code == "dispute-open"
    withdraw_dispute(dispute=dispute, by=cast.reza)
    assert contest_request_fee(general=general, text=WHY, by=cast.laleh) != dispute


def test_a_free_request_and_a_withdrawn_one_have_no_fee_to_contest(cast, general):
    free = filed(
        cast,
        add_request_type(
            service=general.request_type.service,
            code="free",
            title="رایگان",
            by=cast.laleh,
            target_working_days=3,
            kind=RequestKind.GENERAL,
            terms=TypeTerms(filers=Filers.HEADS),
        ),
    )
    withdraw_general_request(general=general, by=cast.reza)

    for one in (free, general):
        with pytest.raises(Refused) as nothing:
            contested(cast, one)
        assert nothing.value.code == "no-act"


def test_an_accepted_offer_lowers_the_fee_and_ends_the_dispute(cast, general):
    offer = offer_lower_fee(dispute=contested(cast, general), rials=FEE // 2, text="نصف آن", by=cast.laleh)

    dispute = accept_lower_fee(offer=offer, by=cast.reza)
    assert accept_lower_fee(offer=offer, by=cast.reza) == dispute

    assert again(general).status == GeneralStatus.UNPAID
    assert general.opened.payments.count() == 0
    general.request.refresh_from_db()
    assert general.opened.price_rials == FEE // 2
    event = Event.objects.get(verb="lower_fee")
    assert (event.data["before"], event.data["after"], event.at) == (FEE, FEE // 2, dispute.ended_at)
    assert list(broken()) == []


def test_a_waived_fee_lets_the_request_be_decided_from_then_on(cast, general):
    offer = offer_lower_fee(dispute=contested(cast, general), rials=0, text="نمی‌گیریم", by=cast.laleh)

    dispute = accept_lower_fee(offer=offer, by=cast.reza)

    assert again(general).status == GeneralStatus.FILED
    assert [interval.starts_at for interval in general.opened.intervals.all()] == [dispute.ended_at]
    event = Event.objects.get(verb="lower_fee")
    assert set(Notice.objects.filter(event=event).values_list("person", flat=True)) == {cast.laleh.pk}
    assert list(broken()) == []


def test_only_a_lower_fee_can_be_offered(cast, general):
    dispute = contested(cast, general)

    for rials in (None, -1, FEE):
        with pytest.raises(Refused) as refused:
            offer_lower_fee(dispute=dispute, rials=rials, text="مبلغ", by=cast.laleh)
        assert refused.value.code == "not-lower"


@pytest.mark.usefixtures("transactional_db")
def test_what_is_paid_is_not_lowered_any_more(cast, general, bank):
    dispute = contested(cast, general)
    offer = offer_lower_fee(dispute=dispute, rials=1, text="کمتر", by=cast.laleh)
    paid(cast, general, bank)

    for late in (
        lambda: accept_lower_fee(offer=offer, by=cast.reza),
        lambda: offer_lower_fee(dispute=dispute, rials=1, text="کمتر", by=cast.reza),
    ):
        with pytest.raises(Refused) as refused:
            late()
        assert refused.value.code == "not-possible"

    offer.refresh_from_db()
    assert offer.state == OfferState.OPEN
    assert Dispute.objects.with_status(database_now()).get(pk=dispute.pk).status == DisputeStatus.NEGOTIATING
