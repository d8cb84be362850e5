"""Offers in a dispute: one side proposes how it ends, the other accepts or declines."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.text import normalise
from units.actions.events import tell
from units.models import Event, Membership, Person

from .. import notices, rules
from ..enums import AgreementVerb, OfferState, Outcome
from ..models import Dispute, Offer
from .disputes import acting_side, end_dispute, lock_dispute, next_status, record_dispute, required_text


def make_offer(*, dispute: Dispute, text: str, by: Person) -> Offer:
    """Propose how the dispute ends. Over a result an offer carries a prepared result version: `reports` makes those."""
    with transaction.atomic():
        dispute, at = lock_dispute(dispute)
        side, membership = acting_side(by, dispute, at)
        if rules.is_over_a_result(dispute):
            raise Refused(_("An offer over a result names the values that it would verify."), code="offer-needs-result")
        return put_offer(dispute, side=side, text=text, at=at, by=by, membership=membership)


def put_offer(
    dispute: Dispute, *, side: str, text: str, at: datetime, by: Person, membership: Membership,
    act_noun: str = "", act_key: str = "",
) -> Offer:  # fmt: skip
    """Part of making an offer: the dispute is locked, `act_*` name what accepting would announce."""
    next_status(dispute, "offer")
    if dispute.offers.filter(side=side, state=OfferState.OPEN).exists():
        raise Refused(
            _("Your side has an offer on the table. Take it back before you make another."), code="offer-open"
        )
    offer = Offer.objects.create(
        dispute=dispute, number=(dispute.offers.aggregate(last=Max("number"))["last"] or 0) + 1, side=side,
        text=required_text(text), act_noun=act_noun, act_key=act_key, at=at, by=by, membership=membership,
    )  # fmt: skip
    event = record_dispute(
        AgreementVerb.OFFER, dispute, at=at, by=by, membership=membership, data={"offer": offer.number}
    )
    tell(event, notices.offer_made(offer, at))
    return offer


def accept_offer(*, offer: Offer, by: Person) -> Dispute:
    """The other side agrees, and the dispute ends at that instant. A second click changes nothing."""
    with transaction.atomic():
        dispute, at = lock_dispute(offer.dispute)
        offer = dispute.offers.get(pk=offer.pk)
        if offer.act_noun:
            raise RuntimeError("An offer that carries an act is accepted by the verb that performs the act.")
        if offer.state == OfferState.ACCEPTED:
            return dispute
        settle_dispute(dispute, offer, at=at, by=by)
        return dispute


def settle_dispute(dispute: Dispute, offer: Offer, *, at: datetime, by: Person) -> Event:
    """Part of accepting: asks who may, ends the dispute at `at`, lets the other offers lapse, tells both sides."""
    membership = _answering(by, offer, dispute, at)
    next_status(dispute, "accept")
    _decide(offer, OfferState.ACCEPTED, at=at, by=by)
    event = end_dispute(
        dispute, Outcome.SETTLED, ended_at=at, at=at, by=by, membership=membership, data={"offer": offer.number}
    )
    tell(event, notices.dispute_settled(dispute, offer, at))
    return event


def decline_offer(*, offer: Offer, by: Person, reply: str = "") -> Offer:
    """The other side says no; negotiation goes on."""
    with transaction.atomic():
        dispute, at = lock_dispute(offer.dispute)
        offer = dispute.offers.get(pk=offer.pk)
        if offer.state == OfferState.DECLINED:
            return offer
        membership = _answering(by, offer, dispute, at)
        next_status(dispute, "decline")
        _decide(offer, OfferState.DECLINED, at=at, by=by, reply=normalise(reply))
        event = record_dispute(
            AgreementVerb.DECLINE, dispute, at=at, by=by, membership=membership, data={"offer": offer.number}
        )
        tell(event, notices.offer_declined(offer, at))
        return offer


def take_back_offer(*, offer: Offer, by: Person) -> Offer:
    """The side that made it takes it off the table."""
    with transaction.atomic():
        dispute, at = lock_dispute(offer.dispute)
        offer = dispute.offers.get(pk=offer.pk)
        if offer.state == OfferState.WITHDRAWN:
            return offer
        side, membership = acting_side(by, dispute, at)
        if side != offer.side:
            raise Forbidden(_("Only the side that made an offer takes it back."))
        _require_open(offer)
        next_status(dispute, "take_back")
        _decide(offer, OfferState.WITHDRAWN, at=at, by=by)
        event = record_dispute(
            AgreementVerb.TAKE_BACK, dispute, at=at, by=by, membership=membership, data={"offer": offer.number}
        )
        tell(event, notices.offer_taken_back(offer, at))
        return offer


def _answering(by: Person, offer: Offer, dispute: Dispute, at: datetime) -> Membership:
    side, membership = acting_side(by, dispute, at)
    if side == offer.side:
        raise Forbidden(_("An offer is answered by the other side; you can take it back."))
    _require_open(offer)
    return membership


def _require_open(offer: Offer) -> None:
    if offer.state != OfferState.OPEN:
        raise Refused(
            _("This offer is no longer on the table: it is “%(state)s”. Reload the page.")
            % {"state": offer.get_state_display()},
            code="offer-closed",
        )


def _decide(offer: Offer, state: str, *, at: datetime, by: Person, reply: str = "") -> None:
    offer.state, offer.decided_at, offer.decided_by, offer.reply = state, at, by, reply
    offer.save(update_fields=["state", "decided_at", "decided_by", "reply"])
