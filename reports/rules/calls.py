"""What a coordinator is offered on a call's page: the same questions that the verbs ask, put together for the buttons."""

from datetime import datetime

from sla.rules import is_provider_coordinator
from units.enums import HEADQUARTERS_ROLES
from units.rules import membership_over

from ..enums import CallPhase, CallState
from ..models import Call
from ..queries.lines import barred_in, free_of_call
from . import can_prepare_calls

P = CallPhase
# ReportVerb → the phases in which it means something. Publishing has been asked by then, so no draft is here.
OFFERED = {
    "remind": {P.OPEN, P.GRACE},
    "extend": {P.UPCOMING, P.OPEN, P.GRACE, P.CLOSED},
    "open-early": {P.UPCOMING},
    "close-early": {P.OPEN},
    "ask": {P.UPCOMING, P.OPEN, P.GRACE, P.CLOSED},
    "cancel": {P.UPCOMING, P.OPEN, P.GRACE, P.CLOSED},
}
# Not once a result of the call is announced.
BEFORE_RESULTS = {"cancel"}


def offered(call: Call) -> list[str]:
    """The verbs over the call itself, by its annotated `phase`, for whom may manage it (rules.can_manage_call)."""
    if call.state != CallState.PUBLISHED:
        return []
    return [
        verb
        for verb, phases in OFFERED.items()
        if call.phase in phases and not (verb in BEFORE_RESULTS and call.first_announced_at)
    ]


# What moves the times of every unit at once, or ends the call.
OVER_ALL = {"extend", "open-early", "close-early", "cancel"}


def may_over_call(person, call: Call, verb: str, at: datetime) -> bool:
    """Whether a coordinator may use this verb of OFFERED: what moves their own unit's times too is somebody else's, as long
    as a coordinator of the provider is barred from no report of the call."""
    if verb not in OVER_ALL or not barred_in(call, person, at).exists():
        return True
    return not free_of_call(call, at)


def can_edit_call(person, call: Call, at: datetime) -> bool:
    """Its writer and the provider's coordinators change a draft."""
    if call.state != CallState.DRAFT:
        return False
    own = call.created_by_id == person.pk and can_prepare_calls(person, at)
    return own or is_provider_coordinator(person, call.service, at)


def can_oversee_call(person, call: Call, at: datetime) -> bool:
    """Numbers over all units, the snapshots, the hidden grace: headquarters of the provider, and who audits it."""
    return person.is_superuser or bool(membership_over(person, call.service.provider.path, HEADQUARTERS_ROLES, at))
