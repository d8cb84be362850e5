"""Offers that carry an act: more time, being excused, a return taken back, a lower fee. Accepting one does exactly that and
ends the dispute, in one transaction. Offers of another result are in objections.py; offers in words in `sla`."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sla.actions.disputes import acting_side, lock_dispute, next_status, required_text
from sla.actions.offers import put_offer, settle_dispute
from sla.enums import OfferState
from sla.models import Dispute, Offer, ServiceRequest
from units.actions.events import record
from units.models import Membership, Person

from ..enums import ReportVerb
from ..models import Report
from ..queries import reports_at
from ..queries.disputes import report_of
from ..rules.deadlines import deadline
from ..rules.offered_acts import EXCUSE, EXTENSION, FEE, TAKE_BACK, is_open_fee, is_open_return, possible_acts
from .calls import excuse_report, grant_extension
from .locking import lock_report
from .returns import take_back


def offer_act(
    *, dispute: Dispute, act: str, text: str, by: Person, until: datetime | None = None, rials: int | None = None
) -> Offer:
    """Propose that the dispute ends with `act` (one of `rules.offered_acts.possible_acts`), which accepting performs.

    `until` (exclusive) with EXTENSION, `rials` with FEE. Refused: not-possible, not-later, not-lower.
    """
    with transaction.atomic():
        report, dispute, at = lock_both(dispute)
        side, membership = acting_side(by, dispute, at)
        next_status(dispute, "offer")
        if act not in possible_acts(dispute, report):
            raise Refused(
                _("As the report stands now this cannot be agreed on any more. Make an offer in words."),
                code="not-possible",
            )
        key = _key_of(act, report, until=until, rials=rials, at=at)
        return put_offer(
            dispute, side=side, text=required_text(text), at=at, by=by, membership=membership, act_noun=act, act_key=key
        )


def _key_of(act: str, report: Report, *, until: datetime | None, rials: int | None, at: datetime) -> str:
    if act == EXTENSION:
        if until is None or until <= max(deadline(report), at):
            raise Refused(_("Write until when: a time after the present deadline and in the future."), code="not-later")
        return until.isoformat()
    if act == FEE:
        if rials is None or not 0 <= rials < report.request.price_rials:
            raise Refused(_("Write an amount below the present fee; 0 waives it."), code="not-lower")
        return str(rials)
    if act == EXCUSE:
        return report.tracking_code
    return str(report.returns.order_by("-number").values_list("pk", flat=True)[0])


def accept_act_offer(*, offer: Offer, by: Person) -> Dispute:
    """The other side agrees: the act is done and the dispute ends, at one instant. A second click changes nothing.

    Refused as a whole where the act has become impossible: a date that has passed, a report that was submitted.
    """
    with transaction.atomic():
        report, dispute, at = lock_both(offer.dispute)
        offer = dispute.offers.get(pk=offer.pk)
        if offer.state == OfferState.ACCEPTED:
            return dispute
        settle_dispute(dispute, offer, at=at, by=by)
        _side, membership = acting_side(by, dispute, at)
        _PERFORM[offer.act_noun](report, offer, at=at, by=by, membership=membership)
        return dispute


def lock_both(dispute: Dispute) -> tuple[Report, Dispute, datetime]:
    """The call alone (time may move), the report, the dispute; then both as of the clock after the last wait."""
    found = report_of(dispute, database_now())
    if found is None:
        raise Refused(_("This dispute is over no act of a report."), code="no-report")
    lock_report(found, alone=True)
    dispute, at = lock_dispute(dispute)
    return reports_at(at).get(pk=found.pk), dispute, at


def _extend(report: Report, offer: Offer, *, at: datetime, by: Person, membership: Membership) -> None:
    until = datetime.fromisoformat(offer.act_key)
    grant_extension(report, until, at=at, by=by, membership=membership, reason=offer.text)


def _excuse(report: Report, offer: Offer, *, at: datetime, by: Person, membership: Membership) -> None:
    excuse_report(report, reason=offer.text, at=at, by=by, membership=membership)


def _take_back(report: Report, offer: Offer, *, at: datetime, by: Person, membership: Membership) -> None:
    if not is_open_return(offer.dispute, report):
        raise Refused(_("The return has ended meanwhile; nothing is left to take back."), code="not-possible")
    take_back(report, reason=offer.text, at=at, by=by, membership=membership)


def _lower_fee(report: Report, offer: Offer, *, at: datetime, by: Person, membership: Membership) -> None:
    ServiceRequest.objects.select_for_update().get(pk=report.request_id)  # a payment that begins meanwhile waits here
    report = reports_at(at).get(pk=report.pk)
    before, rials = report.request.price_rials, int(offer.act_key)
    if not is_open_fee(offer.dispute, report) or rials >= before:
        raise Refused(
            _("The fee is paid or being paid. Decline the offer and agree on a refund in words."), code="not-possible"
        )
    report.request.price_rials = rials
    report.request.save(update_fields=["price_rials"])
    record(
        ReportVerb.LOWER_FEE, noun="report", key=report.tracking_code, at=at, by=by, membership=membership,
        path=report.unit_path, unit_id=report.unit_id, call_id=report.call_id,
        data={"before": before, "after": rials, "dispute": offer.dispute_id},
    )  # fmt: skip


_PERFORM: dict[str, Callable[..., None]] = {EXTENSION: _extend, EXCUSE: _excuse, TAKE_BACK: _take_back, FEE: _lower_fee}
