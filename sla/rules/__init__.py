"""Who may do what about agreements, documents, the calendar and disputes, and when. Predicates only read."""

import re
from datetime import datetime

from units.enums import UNIT_ROLES, Role
from units.models import Membership, Unit
from units.queries import memberships_of
from units.queries.lines import of_its_line
from units.queries.naming import named_membership
from units.queries.successions import inherited_units
from units.rules import acting_membership, answering_membership, membership_on

from ..enums import DISPUTE_TRANSITIONS, AgreementState, DisputeStatus, OfferState, Side, Subject
from ..models import AgreementVersion, Dispute, Offer, Service
from ..queries import has_accepted

__all__ = ["has_accepted"]

TYPE_CODE = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$")
RESULT = "result"  # the noun of a position or an offer that is a result version


def provider_membership(person, service: Service, at: datetime) -> Membership | None:
    """The membership with which the person speaks for the provider: coordinator on exactly the provider unit."""
    return membership_on(person, service.provider_id, {Role.COORDINATOR}, at)


def is_provider_coordinator(person, service: Service, at: datetime) -> bool:
    return provider_membership(person, service, at) is not None


def head_membership(person, unit: Unit, at: datetime) -> Membership | None:
    """The membership with which the person answers for exactly this unit, or for one whose open matters theirs took over."""
    return answering_membership(person, unit, {Role.HEAD}, at)


def headed_units(person, at: datetime) -> list[Unit]:
    return [m.unit for m in memberships_of(person, at) if m.role == Role.HEAD]


def own_units(person, at: datetime) -> list[Unit]:
    """The units that the person reports for or heads, each once."""
    seats = [m for m in memberships_of(person, at) if m.role in UNIT_ROLES]
    return list({m.unit_id: m.unit for m in seats}.values())


def answered_units(person, at: datetime) -> list[Unit]:
    """The units for which the person answers as head: their own, and those whose open matters theirs took over."""
    found = [*headed_units(person, at), *inherited_units(person, at)]
    return [unit for unit in found if head_membership(person, unit, at)]


def can_edit_service(person, service: Service, at: datetime) -> bool:
    return is_provider_coordinator(person, service, at)


def can_keep_types(person, service: Service, at: datetime) -> bool:
    return is_provider_coordinator(person, service, at)


def can_edit_agreement(person, agreement: AgreementVersion, at: datetime) -> bool:
    return agreement.state == AgreementState.DRAFT and is_provider_coordinator(person, agreement.service, at)


def can_see_coverage(person, agreement: AgreementVersion, at: datetime) -> bool:
    """Who has accepted and who has not: the provider's coordinators and its auditors; an administrator reads along."""
    provider = agreement.service.provider
    return agreement.state == AgreementState.PUBLISHED and (
        person.is_superuser or membership_on(person, provider, {Role.COORDINATOR, Role.AUDITOR}, at) is not None
    )


def can_remind_heads(person, agreement: AgreementVersion, at: datetime) -> bool:
    return agreement.state == AgreementState.PUBLISHED and is_provider_coordinator(person, agreement.service, at)


def can_answer_agreement(person, agreement: AgreementVersion, unit: Unit, at: datetime) -> bool:
    """A head answers for exactly their unit, until it has accepted."""
    return (
        agreement.state == AgreementState.PUBLISHED
        and head_membership(person, unit, at) is not None
        and not has_accepted(unit, agreement)
    )


def can_manage_documents(person, service: Service, at: datetime) -> bool:
    return is_provider_coordinator(person, service, at)


def calendar_membership(person, at: datetime) -> Membership | None:
    """A coordinator of a unit that provides a service keeps the calendar that its deadlines roll over."""
    providers = set(Service.objects.values_list("provider_id", flat=True))
    return next((m for m in memberships_of(person, at) if m.role == Role.COORDINATOR and m.unit_id in providers), None)


def can_edit_calendar(person, at: datetime) -> bool:
    """Administrators keep the holidays, and so do coordinators of a provider."""
    return person.is_superuser or calendar_membership(person, at) is not None


# --------------------------------------------------------------------------------------------- disputes
def speaking_membership(
    person, service: Service, unit: Unit, at: datetime, call_id: int | None = None, *, since: datetime | None = None
) -> Membership | None:
    """The membership with which the person speaks for the provider towards this unit: a coordinator of the provider, or
    whom an administrator named for the unit; never somebody in its line, at `at` or at any time from `since` on, nor in the
    line of the unit that acts for it in this call."""
    if of_its_line(person, unit, call_id, at, since=since):
        return None
    return provider_membership(person, service, at) or named_membership(person, service.provider_id, unit, at)


def side_of(person, dispute: Dispute, at: datetime) -> tuple[Side, Membership] | None:
    """For which side the person speaks, and with which membership.

    Who heads the unit speaks for the unit, even where they coordinate at the provider too: nobody decides on both sides.
    Who made the contested score speaks for nobody, nor does who was in the unit's line while the dispute was open, or the
    report that it is over.
    """
    acting = filing_side(person, dispute.unit, dispute.agreement.service, at, dispute.call_id, since=dispute.filed_at)
    return None if acting and acting[0] == Side.PROVIDER and person.pk in dispute.voteless else acting


def filing_side(
    person, unit: Unit, service: Service, at: datetime, call_id: int | None = None, *, since: datetime | None = None
) -> tuple[Side, Membership] | None:
    """For which side the person may file a dispute between this unit and the provider, over something of a call or of none.
    `since`: as in `speaking_membership`."""
    head = acting_membership(person, unit, call_id, {Role.HEAD}, at)
    if head is not None:
        return Side.RECIPIENT, head
    provider = speaking_membership(person, service, unit, at, call_id, since=since)
    return (Side.PROVIDER, provider) if provider is not None else None


def other_side(side: str) -> Side:
    return Side.PROVIDER if side == Side.RECIPIENT else Side.RECIPIENT


def allows(dispute: Dispute, action: str) -> bool:
    """Whether the dispute's status (annotated) admits the action at all."""
    return (DisputeStatus(dispute.status), action) in DISPUTE_TRANSITIONS


def can_write(person, dispute: Dispute, at: datetime) -> bool:
    return allows(dispute, "write") and side_of(person, dispute, at) is not None


def can_offer(person, dispute: Dispute, at: datetime) -> bool:
    """One offer of a side lies on the table at a time."""
    acting = side_of(person, dispute, at)
    return bool(
        acting
        and allows(dispute, "offer")
        and not dispute.offers.filter(side=acting[0], state=OfferState.OPEN).exists()
    )


def can_answer_offer(person, offer: Offer, dispute: Dispute, at: datetime) -> bool:
    """The other side accepts or declines."""
    acting = side_of(person, dispute, at)
    return bool(
        acting and offer.state == OfferState.OPEN and allows(dispute, "accept") and acting[0] == other_side(offer.side)
    )


def can_take_back(person, offer: Offer, dispute: Dispute, at: datetime) -> bool:
    acting = side_of(person, dispute, at)
    return bool(acting and offer.state == OfferState.OPEN and allows(dispute, "take_back") and acting[0] == offer.side)


def can_withdraw(person, dispute: Dispute, at: datetime) -> bool:
    """Only the side that filed."""
    acting = side_of(person, dispute, at)
    return bool(acting and allows(dispute, "withdraw") and acting[0] == dispute.filed_side)


def is_over_a_result(dispute: Dispute) -> bool:
    """A result stands as the provider's view, from filing on or announced since: only another result replaces it."""
    return dispute.subject == Subject.RESULT or (
        dispute.subject != Subject.INTERPRETATION and dispute.positions.filter(act_noun=RESULT).exists()
    )


def can_state_position(person, dispute: Dispute, at: datetime) -> bool:
    """The provider, in words; a result is replaced by announcing another one."""
    acting = side_of(person, dispute, at)
    return bool(
        acting and acting[0] == Side.PROVIDER and allows(dispute, "state_position") and not is_over_a_result(dispute)
    )


def can_file_disputes(person, at: datetime) -> bool:
    """A head for their unit; a coordinator of a provider about any unit below it."""
    return bool(headed_units(person, at)) or calendar_membership(person, at) is not None
