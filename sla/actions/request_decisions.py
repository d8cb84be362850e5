"""What the provider decides about a general request, how that is contested, and how an agreement decides it anew."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files import File
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.numbers import listed
from sajad_portal.lib.text import normalise
from units.actions.events import tell
from units.models import Membership, Person
from units.queries.lines import of_its_line, once_in_line_of

from ..enums import NOT_AS_ASKED, AgreementVerb, Decision, GeneralState, OfferState, Side, Subject
from ..files.attachments import inspect_all
from ..models import Dispute, GeneralRequest, Offer, RequestDecision
from ..notices import requests as notices
from ..queries import days_deadline
from ..queries.payments import is_paid
from ..queries.requests import DECISION, deciders_for, dispute_over, standing_decision
from ..rules.requests import decision_side, request_decider
from .disputes import acting_side, next_status, open_dispute, required_text, the_same_filing
from .filing import answer
from .offers import put_offer, settle_dispute
from .requests import lock_dispute_of_request, lock_request, next_request_state, record_request

NAMED_AT_MOST = 3


def decide_request(*, general: GeneralRequest, decision: str, reason: str, by: Person) -> RequestDecision:
    """Grant the request, grant it in part, or refuse it; always with a reason, once only. The clock stops.

    Refused: wrong-state (decided or withdrawn meanwhile), unpaid, no-reason, no-decision; Forbidden in the unit's line.
    """
    with transaction.atomic():
        general, at = lock_request(general)
        membership = request_decider(by, general, at)
        if membership is None:
            raise why_no_decider(by, general, at)
        if general.state == GeneralState.DECIDED:
            raise Refused(_("This request has been decided already."), code="decided-already")
        if general.state == GeneralState.FILED and not is_paid(general.opened):
            raise Refused(
                _("The fee of this request is not paid yet. It can be decided once the unit has paid."), code="unpaid"
            )
        general.state = next_request_state(general, "decide")
        if decision not in Decision.values:
            raise Refused(_("Choose whether it is granted, granted in part or refused."), code="no-decision")
        reason = normalise(reason)
        if len(reason) < 3:
            raise Refused(_("Write the reason: the unit reads it, and it stays on record."), code="no-reason")
        answer(general.opened, at)
        general.decided_at, general.asked_at = max(at, general.filed_at or at), None
        general.save(update_fields=["state", "decided_at", "asked_at"])
        contested_for = general.contest_days if decision in NOT_AS_ASKED else None
        made = _decide(
            general, decision, reason, at=at, by=by, membership=membership,
            contest_until=days_deadline(at, contested_for) if contested_for else None,
        )  # fmt: skip
        event = record_request(
            AgreementVerb.DECIDE_REQUEST, general, at=at, by=by, membership=membership,
            data={"decision": decision, "reason": reason, "number": made.number},
        )  # fmt: skip
        tell(event, notices.request_decided(made, at))
        return made


def _decide(
    general: GeneralRequest, decision: str, reason: str, *, at: datetime, by: Person, membership: Membership | None,
    contest_until: datetime | None = None, dispute: Dispute | None = None,
) -> RequestDecision:  # fmt: skip
    number = (general.decisions.aggregate(last=Max("number"))["last"] or 0) + 1
    return RequestDecision.objects.create(
        general=general, number=number, decision=decision, reason=reason, at=at, by=by, membership=membership,
        contest_until=contest_until, dispute=dispute,
    )  # fmt: skip


def why_no_decider(by: Person, general: GeneralRequest, at: datetime) -> Forbidden:
    """The sentence for who may not decide: why, and whom to ask."""
    service, unit = general.request_type.service, general.unit
    people = deciders_for(service, unit, at, since=general.filed_at)
    names = listed([person.get_full_name() for person in people[:NAMED_AT_MOST]])
    if names:
        asked = _("Ask %(people)s.") % {"people": names}
    else:
        asked = _("Nobody can decide now: ask an administrator to name somebody for the unit, on the page of the unit.")
    if of_its_line(by, unit, None, at, since=general.filed_at):
        said = _(
            "Whoever reports for “%(unit)s”, for a unit above it or one below it, or did since the request was filed, "
            "decides nothing about it. %(asked)s"
        )
        return Forbidden(said % {"unit": unit.name, "asked": asked}, code="in-line")
    said = _("Only a coordinator of the provider decides about a request of “%(unit)s”. %(asked)s")
    return Forbidden(said % {"unit": unit.name, "asked": asked}, code="no-decider")


# --------------------------------------------------------------------------------------------------------- contested
def contest_decision(*, general: GeneralRequest, text: str, by: Person, files: Sequence[File] = ()) -> Dispute:
    """File a dispute over the refusal or part grant that stands, within its days. The decision is position 0.

    The head files for the unit, whoever may decide for the provider. The same click twice is one dispute. Refused:
    not-contestable, dispute-open, decided-already, objection-window-passed.
    """
    inspected = inspect_all(files)
    with transaction.atomic():
        general, at = lock_request(general)
        acting = decision_side(by, general, at)
        if acting is None:
            raise Forbidden(_("A decision is contested by the head of the unit or by a coordinator of the provider."))
        next_request_state(general, "contest")
        decision = standing_decision(general)
        if decision is None or decision.contest_until is None or general.filed_at is None:
            raise Refused(_("This decision is final; it cannot be contested."), code="not-contestable")
        earlier = dispute_over(decision, at)
        if earlier is not None and earlier.outcome == "" and earlier.filed_by_id == by.pk:
            return the_same_filing(earlier, text, inspected)
        if earlier is not None:
            said = _("There is a dispute over this decision already. Go on in its thread.")
            raise Refused(said, code="decided-already" if earlier.outcome else "dispute-open")
        if at >= decision.contest_until:
            raise Refused(_("The days for objecting to this have passed; it stands."), code="objection-window-passed")
        dispute = open_dispute(
            unit=general.unit, agreement=general.opened.agreement, subject=Subject.REQUEST, noun=DECISION,
            key=str(decision.pk), title=general.request_type.title, text=text, inspected=inspected, side=acting[0],
            at=at, by=by, membership=acting[1], position=decision.reason,
            without_vote=Person.objects.filter(pk__in=once_in_line_of(general.unit, at, general.filed_at)),
        )  # fmt: skip
        record_request(
            AgreementVerb.CONTEST_DECISION, general, at=at, by=by, membership=acting[1], data={"dispute": dispute.pk}
        )
        return dispute


# --------------------------------------------------------------------------------------------------- decided anew
# What an offer over a decision may carry: accepting it decides so.
OFFERED = (Decision.GRANTED, Decision.PARTLY)


def offer_decision(*, dispute: Dispute, decision: str, text: str, by: Person) -> Offer:
    """Propose that the request is granted, or granted in part. Accepting decides exactly that and ends the dispute."""
    with transaction.atomic():
        _general, dispute, at = lock_dispute_of_request(dispute, Subject.REQUEST)
        side, membership = acting_side(by, dispute, at)
        next_status(dispute, "offer")
        if decision not in OFFERED:
            raise Refused(_("Choose whether it is granted, or granted in part."), code="no-decision")
        return put_offer(
            dispute, side=side, text=required_text(text), at=at, by=by, membership=membership, act_noun=DECISION,
            act_key=str(decision),
        )  # fmt: skip


def accept_decision_offer(*, offer: Offer, by: Person) -> Dispute:
    """The other side agrees: the request is decided anew and the dispute ends, at one instant. A second click changes
    nothing. The new decision is the provider's: of whoever offered or accepted for it."""
    with transaction.atomic():
        general, dispute, at = lock_dispute_of_request(offer.dispute, Subject.REQUEST)
        offer = dispute.offers.get(pk=offer.pk)
        if offer.state == OfferState.ACCEPTED:
            return dispute
        side, membership = acting_side(by, dispute, at)
        settle_dispute(dispute, offer, at=at, by=by)
        next_request_state(general, "replace")
        for_provider = side == Side.PROVIDER
        made = _decide(
            general, offer.act_key, offer.text, at=at, by=by if for_provider else offer.by,
            membership=membership if for_provider else None, dispute=dispute,
        )  # fmt: skip
        event = record_request(
            AgreementVerb.DECIDE_AGAIN, general, at=at, by=by, membership=membership,
            data={"decision": made.decision, "reason": made.reason, "number": made.number, "dispute": dispute.pk},
        )  # fmt: skip
        tell(event, notices.request_decided(made, at))
        return dispute
