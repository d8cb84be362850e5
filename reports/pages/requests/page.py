"""What the pages of general requests show: one with its thread and what may be done now, and what may be asked for."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from sajad_portal.lib.clock import tehran_date
from sla.actions.request_decisions import why_no_decider
from sla.enums import Side
from sla.files.attachments import megabytes
from sla.models import AgreementVersion, GeneralRequest, RequestDecision, RequestMessage, RequestType
from sla.queries import current_agreement, has_accepted
from sla.queries.clocks import Reading, read_clocks
from sla.queries.requests import askable_types, dispute_over
from sla.queries.tariffs import Price, price_of_filing
from sla.rules import is_provider_coordinator, own_units
from sla.rules.requests import (
    admits,
    can_contest_decision,
    can_decide_request,
    can_edit_request,
    can_file_request,
    can_withdraw_request,
    can_write_about,
    thread_side,
)
from units.models import Unit
from units.queries.lines import of_its_line

from ..disputes.links import link_of_fee
from ..payments.fees import fee_of_request


@dataclass(frozen=True)
class RequestAbilities:
    """What the person may do with the request now."""

    edit: bool
    file: bool
    withdraw: bool
    write: bool
    decide: bool
    contest: bool
    asks: bool  # writes for the provider: a question


def request_abilities(
    person, general: GeneralRequest, standing: RequestDecision | None, at: datetime
) -> RequestAbilities:
    acting = thread_side(person, general, at)
    return RequestAbilities(
        edit=can_edit_request(person, general, at),
        file=can_file_request(person, general, at),
        withdraw=can_withdraw_request(person, general, at),
        write=can_write_about(person, general, at),
        decide=can_decide_request(person, general, at),
        contest=can_contest_decision(person, general, standing, at),
        asks=acting is not None and acting[0] == Side.PROVIDER,
    )


@dataclass(frozen=True)
class Thing:
    """One thing in the thread: a message or a decision."""

    at: datetime
    ours: bool
    message: RequestMessage | None = None
    decision: RequestDecision | None = None


def request_context(person, general: GeneralRequest, at: datetime) -> dict:
    """Everything that the page of one request prints; its template decides nothing."""
    decisions = list(general.decisions.select_related("by", "membership__deputy_for__person", "dispute"))
    standing = decisions[-1] if decisions else None
    can = request_abilities(person, general, standing, at)
    disputes = [found for made in decisions if (found := dispute_over(made, at))]
    agreement = general.request.agreement if general.request else current_agreement(general.request_type.service)
    filed = general.request is not None
    return {
        "general": general,
        "kind": general.request_type,
        "can": can,
        "files": [file for file in general.files.all() if file.message_id is None],
        "thread": _things(person, general, decisions, at),
        "standing": standing,
        "dispute": disputes[-1] if disputes else None,
        "fee": fee_of_request(general, person, at) if general.request else None,
        "fee_link": link_of_fee(person, general, at),
        "price": None if filed else price_of_filing(general.request_type, at),
        "target": general.request.target_working_days if general.request else None,
        "reading": _reading(general, at),
        "agreement": agreement,
        "contest_days": general.contest_days if filed else general.request_type.contest_days,
        "lacks": [] if filed or not admits(general, "file") else lacks_of(general, agreement),
        "megabytes": megabytes(),
        "barred": _barred(person, general, at),
    }


def _things(person, general: GeneralRequest, decisions: list[RequestDecision], at: datetime) -> list[Thing]:
    acting = thread_side(person, general, at)
    mine = acting[0] if acting else ""
    messages = general.messages.select_related("by", "membership__deputy_for__person").prefetch_related("files")
    things = [Thing(m.at, m.side == mine, message=m) for m in messages]
    if things or len(decisions) > 1:  # the one that stands is told above
        things += [Thing(d.at, mine == Side.PROVIDER, decision=d) for d in decisions]
    return sorted(things, key=lambda thing: thing.at)


def _reading(general: GeneralRequest, at: datetime) -> Reading | None:
    return read_clocks([general.request], at)[general.request.pk] if general.request else None


def _barred(person, general: GeneralRequest, at: datetime) -> str:
    """Why the person decides nothing here, where a colleague of theirs does."""
    if not admits(general, "decide") or not is_provider_coordinator(person, general.request_type.service, at):
        return ""
    barred = of_its_line(person, general.unit, None, at, since=general.filed_at)
    return str(why_no_decider(person, general, at)) if barred else ""


def lacks_of(general: GeneralRequest, agreement: AgreementVersion | None) -> list[str]:
    """What keeps a draft from being filed, by the code of the refusal that filing would give."""
    kind = general.request_type
    found = []
    if general.unit.retired_at:
        found.append("unit-ended")
    if kind.closed_at or kind.service.closed_at:
        found.append("no-such-type")
    if agreement is None:
        found.append("no-agreement")
    elif not has_accepted(general.unit, agreement):
        found.append("not-accepted")
    if len(general.reason) < 3:
        found.append("no-reason")
    if kind.needs_files and not general.files.exists():
        found.append("no-files")
    return found


# ------------------------------------------------------------------------------------------------ what may be asked
@dataclass(frozen=True)
class Askable:
    """A type that a unit of the person may ask for, and what it would cost today."""

    kind: RequestType
    unit: Unit
    price: Price
    target: int
    url: str


def asked_for(kind: RequestType, unit: Unit, at: datetime) -> Askable:
    """What a request of this type would ask of the unit today."""
    url = f"{reverse('reports:request_new')}?type={kind.pk}&unit={unit.code}"
    return Askable(kind, unit, price_of_filing(kind, at), kind.target_on(tehran_date(at)), url)


def askable_by(person, at: datetime) -> list[Askable]:
    """By service and title, a line a unit; constant queries a unit, and a person has few."""
    return [
        asked_for(kind, unit, at)
        for unit in own_units(person, at)
        if not unit.retired_at
        for kind in askable_types(unit).prefetch_related("targets")
    ]
