"""Who may do what with a general request. The request comes with its `status` (`with_status()`), type, service and unit."""

from collections.abc import Collection
from datetime import datetime

from units.enums import UNIT_ROLES, Role
from units.models import Membership, Unit
from units.queries import memberships_of
from units.rules import acting_membership

from ..enums import GENERAL_TRANSITIONS, Filers, GeneralStatus, Side
from ..models import GeneralRequest, RequestDecision, RequestType
from ..queries.requests import askable_types, dispute_over, dispute_over_fee, fee_contest_until
from . import filing_side, speaking_membership

FILING_ROLES: dict[str, Collection[str]] = {
    Filers.HEADS: {Role.HEAD},
    Filers.EXPERTS: {Role.REPORTER},
    Filers.BOTH: UNIT_ROLES,
}


def filing_roles(kind: RequestType) -> Collection[str]:
    """Who of a unit files by this type, pays and withdraws."""
    return FILING_ROLES[kind.filers]


def admits(general: GeneralRequest, action: str) -> bool:
    """Whether the request, as it stands, admits the action at all."""
    return (GeneralStatus(general.status), action) in GENERAL_TRANSITIONS


def asking_membership(
    person, general: GeneralRequest, at: datetime, roles: Collection[str] = UNIT_ROLES
) -> Membership | None:
    """The membership with which the person acts on the request for its unit, or for the one to which it was handed."""
    return acting_membership(person, general.unit, None, roles, at)


def can_draft_requests(person, at: datetime) -> bool:
    """Anybody of a unit writes a draft for it."""
    return any(m.role in UNIT_ROLES for m in memberships_of(person, at))


def can_edit_request(person, general: GeneralRequest, at: datetime) -> bool:
    return admits(general, "edit") and asking_membership(person, general, at) is not None


def can_file_request(person, general: GeneralRequest, at: datetime) -> bool:
    roles = filing_roles(general.request_type)
    return admits(general, "file") and asking_membership(person, general, at, roles) is not None


def can_pay_request(person, general: GeneralRequest, at: datetime) -> bool:
    roles = filing_roles(general.request_type)
    return admits(general, "pay") and asking_membership(person, general, at, roles) is not None


def withdrawing_roles(general: GeneralRequest) -> Collection[str]:
    """Of a draft whoever writes it; what was filed, whoever may file."""
    return UNIT_ROLES if general.status == GeneralStatus.DRAFT else filing_roles(general.request_type)


def can_withdraw_request(person, general: GeneralRequest, at: datetime) -> bool:
    return (
        admits(general, "withdraw") and asking_membership(person, general, at, withdrawing_roles(general)) is not None
    )


def request_decider(person, general: GeneralRequest, at: datetime) -> Membership | None:
    """With which the person asks about the request and decides it, for the provider: a coordinator of it, or whom an
    administrator named for the unit; nobody in the unit's line, now or since the filing."""
    return speaking_membership(person, general.request_type.service, general.unit, at, since=general.filed_at)


def can_decide_request(person, general: GeneralRequest, at: datetime) -> bool:
    return admits(general, "decide") and request_decider(person, general, at) is not None


def thread_side(person, general: GeneralRequest, at: datetime) -> tuple[Side, Membership] | None:
    """For which side the person writes: the unit's people answer, whoever decides asks. Nobody is on both."""
    mine = asking_membership(person, general, at)
    if mine is not None:
        return Side.RECIPIENT, mine
    theirs = request_decider(person, general, at)
    return (Side.PROVIDER, theirs) if theirs is not None else None


def can_write_about(person, general: GeneralRequest, at: datetime) -> bool:
    return admits(general, "write") and thread_side(person, general, at) is not None


def decision_side(person, general: GeneralRequest, at: datetime):
    """For which side the person may contest the decision: (Side, Membership) or None."""
    return filing_side(person, general.unit, general.request_type.service, at, since=general.filed_at)


def can_contest_decision(person, general: GeneralRequest, decision: RequestDecision | None, at: datetime) -> bool:
    """Either side, within the days of a refusal or part grant, as long as it is neither in dispute nor settled."""
    return (
        decision is not None
        and decision.contest_until is not None
        and decision.at <= at < decision.contest_until
        and admits(general, "contest")
        and dispute_over(decision, at) is None
        and decision_side(person, general, at) is not None
    )


def fee_stands(general: GeneralRequest) -> bool:
    """Whether it was filed with a fee, and is not withdrawn: then the fee is owed back."""
    filed = general.request is not None and general.status != GeneralStatus.WITHDRAWN
    return filed and general.opened.price_rials > 0


def can_contest_fee(person, general: GeneralRequest, at: datetime) -> bool:
    """Either side, within the days from its filing, as long as it is neither in dispute nor settled."""
    return (
        fee_stands(general)
        and at < fee_contest_until(general)
        and dispute_over_fee(general, at) is None
        and decision_side(person, general, at) is not None
    )


def is_unpaid_fee(general: GeneralRequest) -> bool:
    """Not paid and not being paid: it can still be lowered."""
    if general.status != GeneralStatus.UNPAID:
        return False
    return not any(payment.is_live for payment in general.opened.payments.all())


# -------------------------------------------------------------------------------------------------------------- room
def room_giver(person, unit: Unit, at: datetime) -> Membership | None:
    """With which the person gives the unit's requests more room for files: that of whoever decides about one of them."""
    services = {kind.service for kind in askable_types(unit)}
    found = (speaking_membership(person, service, unit, at) for service in services)
    return next((membership for membership in found if membership), None)


def can_give_room(person, unit: Unit, at: datetime) -> bool:
    """Whoever decides about requests of the unit, and administrators, whose disk it is."""
    return person.is_superuser or room_giver(person, unit, at) is not None
