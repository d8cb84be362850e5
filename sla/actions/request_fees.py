"""The fee of a general request in dispute: contested as other fees are, lowered by an offer that both sides agree on."""

from collections.abc import Sequence

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Forbidden, Refused
from units.actions.events import tell
from units.models import Person
from units.queries.lines import once_in_line_of

from ..enums import AgreementVerb, OfferState, Subject
from ..files.attachments import inspect_all
from ..models import Dispute, GeneralRequest, Offer, ServiceRequest
from ..notices import requests as notices
from ..queries.requests import FEE, PRICED, dispute_over_fee, fee_contest_until
from ..rules.requests import decision_side, fee_stands, is_unpaid_fee
from .clocks import start_clock
from .disputes import acting_side, next_status, open_dispute, required_text, the_same_filing
from .offers import put_offer, settle_dispute
from .requests import lock_dispute_of_request, lock_request, record_request


def contest_request_fee(*, general: GeneralRequest, text: str, by: Person, files: Sequence[File] = ()) -> Dispute:
    """File a dispute over the fee under which the request was filed, within its days. The fee is position 0.

    The head files for the unit, whoever may decide for the provider. The same click twice is one dispute. Refused: no-act,
    dispute-open, decided-already, objection-window-passed.
    """
    inspected = inspect_all(files)
    with transaction.atomic():
        general, at = lock_request(general)
        acting = decision_side(by, general, at)
        if acting is None:
            raise Forbidden(_("A dispute is filed by the head of the unit or by a coordinator of the provider."))
        if not fee_stands(general) or general.filed_at is None:
            raise Refused(_("This request has no fee that could be contested."), code="no-act")
        earlier = dispute_over_fee(general, at)
        if earlier is not None and earlier.outcome == "" and earlier.filed_by_id == by.pk:
            return the_same_filing(earlier, text, inspected)
        if earlier is not None:
            said = _("There is a dispute over this fee already. Go on in its thread.")
            raise Refused(said, code="decided-already" if earlier.outcome else "dispute-open")
        if at >= fee_contest_until(general):
            raise Refused(_("The days for objecting to this have passed; it stands."), code="objection-window-passed")
        dispute = open_dispute(
            unit=general.unit, agreement=general.opened.agreement, subject=Subject.FEE, noun=PRICED,
            key=str(general.request_id), title=general.request_type.title, text=text, inspected=inspected,
            side=acting[0], at=at, by=by, membership=acting[1], position="",
            without_vote=Person.objects.filter(pk__in=once_in_line_of(general.unit, at, general.filed_at)),
        )  # fmt: skip
        record_request(
            AgreementVerb.CONTEST_FEE, general, at=at, by=by, membership=acting[1], data={"dispute": dispute.pk}
        )
        return dispute


def offer_lower_fee(*, dispute: Dispute, rials: int | None, text: str, by: Person) -> Offer:
    """Propose that the fee is lowered, to 0 that it is waived. Refused: not-possible (paid, or being paid), not-lower."""
    with transaction.atomic():
        general, dispute, at = lock_dispute_of_request(dispute, Subject.FEE)
        side, membership = acting_side(by, dispute, at)
        next_status(dispute, "offer")
        if not is_unpaid_fee(general):
            raise Refused(
                _("The fee is paid or being paid. Make an offer in words, and agree on a refund."), code="not-possible"
            )
        if rials is None or not 0 <= rials < general.opened.price_rials:
            raise Refused(_("Write an amount below the present fee; 0 waives it."), code="not-lower")
        return put_offer(
            dispute, side=side, text=required_text(text), at=at, by=by, membership=membership, act_noun=FEE,
            act_key=str(rials),
        )  # fmt: skip


def accept_lower_fee(*, offer: Offer, by: Person) -> Dispute:
    """The other side agrees: the fee is lowered and the dispute ends, at one instant. A second click changes nothing.

    Where it is waived the request waits for its decision from now on: its clock starts, whoever decides is told.
    """
    with transaction.atomic():
        general, dispute, at = lock_dispute_of_request(offer.dispute, Subject.FEE)
        offer = dispute.offers.get(pk=offer.pk)
        if offer.state == OfferState.ACCEPTED:
            return dispute
        settle_dispute(dispute, offer, at=at, by=by)
        _side, membership = acting_side(by, dispute, at)
        request = ServiceRequest.objects.select_for_update().get(
            pk=general.request_id
        )  # a payment that begins waits here
        before, rials = request.price_rials, int(offer.act_key)
        general = GeneralRequest.objects.with_status().select_related("request", "request_type__service", "unit").get(
            pk=general.pk
        )  # fmt: skip
        if not is_unpaid_fee(general) or rials >= before:
            raise Refused(
                _("The fee is paid or being paid. Decline the offer and agree on a refund in words."),
                code="not-possible",
            )
        request.price_rials = rials
        request.save(update_fields=["price_rials"])
        event = record_request(
            AgreementVerb.LOWER_FEE, general, at=at, by=by, membership=membership,
            data={"before": before, "after": rials, "dispute": dispute.pk},
        )  # fmt: skip
        if rials == 0:
            start_clock(request, at)
            tell(event, notices.request_filed(general, at))
        return dispute
