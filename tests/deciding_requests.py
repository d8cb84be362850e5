"""The verbs that decide about a general request, as deeds beside those about a report (deciding.py)."""

from sajad_portal.lib.clock import database_now, shifted
from sla.actions.request_decisions import accept_decision_offer, contest_decision, decide_request, offer_decision
from sla.actions.request_fees import accept_lower_fee, contest_request_fee, offer_lower_fee
from sla.actions.request_room import raise_request_room
from sla.actions.requests import write_about_request
from sla.enums import Decision
from sla.models import Dispute, GeneralRequest
from tests.deciding import VERBS, WHY, verb
from tests.general import filed, make_general_type, priced

__all__ = ["VERBS"]


def _request(w) -> GeneralRequest:
    """Filed as the call opened, so that who reported for the unit then did since the filing."""
    with shifted(w.call.opens_at - database_now()):
        return filed(w.cast, make_general_type(w.cast, w.call.service))


def _over_decision(w) -> tuple[GeneralRequest, Dispute]:
    general = _request(w)
    decide_request(general=general, decision=Decision.REFUSED, reason=WHY, by=w.cast.laleh)
    return general, contest_decision(general=general, text=WHY, by=w.cast.reza)


@verb
def deciding_a_request(w, by):
    general = _request(w)
    return lambda: decide_request(general=general, decision=Decision.GRANTED, reason=WHY, by=by)


@verb
def asking_about_a_request(w, by):
    general = _request(w)
    return lambda: write_about_request(general=general, text=WHY, by=by)


@verb
def contesting_a_decision(w, by):
    general = _request(w)
    decide_request(general=general, decision=Decision.REFUSED, reason=WHY, by=w.cast.laleh)
    return lambda: contest_decision(general=general, text=WHY, by=by)


@verb
def offering_a_decision(w, by):
    _general, dispute = _over_decision(w)
    return lambda: offer_decision(dispute=dispute, decision=Decision.GRANTED, text=WHY, by=by)


@verb
def accepting_an_offered_decision(w, by):
    _general, dispute = _over_decision(w)
    offer = offer_decision(dispute=dispute, decision=Decision.GRANTED, text=WHY, by=w.cast.reza)
    return lambda: accept_decision_offer(offer=offer, by=by)


def _with_fee(w) -> GeneralRequest:
    with shifted(w.call.opens_at - database_now()):
        return filed(w.cast, priced(make_general_type(w.cast, w.call.service)))


@verb
def contesting_the_fee_of_a_request(w, by):
    general = _with_fee(w)
    return lambda: contest_request_fee(general=general, text=WHY, by=by)


@verb
def offering_a_lower_fee_of_a_request(w, by):
    dispute = contest_request_fee(general=_with_fee(w), text=WHY, by=w.cast.reza)
    return lambda: offer_lower_fee(dispute=dispute, rials=1, text=WHY, by=by)


@verb
def accepting_a_lower_fee_of_a_request(w, by):
    dispute = contest_request_fee(general=_with_fee(w), text=WHY, by=w.cast.reza)
    offer = offer_lower_fee(dispute=dispute, rials=1, text=WHY, by=w.cast.reza)
    return lambda: accept_lower_fee(offer=offer, by=by)


@verb
def giving_the_requests_of_a_unit_more_room(w, by):
    make_general_type(w.cast, w.call.service)
    return lambda: raise_request_room(unit=w.cast.a, mb=10**6, files=10**6, by=by)
