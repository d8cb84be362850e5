"""What the page of a dispute shows: the thread in the order of time, who may do what now, the count of the days."""

from dataclasses import dataclass
from datetime import datetime

from sajad_portal.lib.clock import tehran_date
from sla import rules
from sla.attachments import megabytes
from sla.enums import DisputeStatus, OfferState, Side, Subject
from sla.explanation import marks, steps
from sla.models import Dispute, DisputeMessage, Holiday, Offer, Position

from .dispute_scores import Comparison, compare
from .models import Report, ResultVersion
from .queries import reports_at
from .rules_disputes import contested_review_membership


@dataclass
class Entry:
    """One thing in the thread. Exactly one of message, offer, position is set; `version`: the result it is about."""

    at: datetime
    side: str
    ours: bool
    by: object = None
    message: DisputeMessage | None = None
    offer: Offer | None = None
    position: Position | None = None
    version: ResultVersion | None = None
    can_answer: bool = False
    can_take_back: bool = False


@dataclass(frozen=True)
class Abilities:
    write: bool
    offer: bool
    withdraw: bool
    state_position: bool
    as_reviewer: bool  # writes on the provider's side, decides nothing


def report_of(dispute: Dispute, at: datetime) -> Report | None:
    """The report whose result is contested; None for other subjects."""
    if dispute.subject != Subject.RESULT:
        return None
    return reports_at(at).filter(objections__dispute=dispute).first()


def abilities(person, dispute: Dispute, report: Report | None, at: datetime) -> Abilities:
    as_reviewer = bool(
        report
        and rules.allows(dispute, "write")
        and rules.side_of(person, dispute, at) is None
        and contested_review_membership(person, report, at)
    )
    return Abilities(
        write=as_reviewer or rules.can_write(person, dispute, at),
        offer=rules.can_offer(person, dispute, at),
        withdraw=rules.can_withdraw(person, dispute, at),
        state_position=rules.can_state_position(person, dispute, at),
        as_reviewer=as_reviewer,
    )


def page_context(person, dispute: Dispute, at: datetime, language: str) -> dict:
    """Everything the template prints; it decides nothing."""
    report = report_of(dispute, at)
    can = abilities(person, dispute, report, at)
    acting = rules.side_of(person, dispute, at)
    mine = acting[0] if acting else Side.PROVIDER if can.as_reviewer else ""
    versions = _versions(report)
    positions = list(dispute.positions.select_related("by").order_by("number"))
    offers = list(dispute.offers.select_related("by", "decided_by").order_by("number"))
    standing = _standing_version(positions, versions)
    latest = next((offer for offer in reversed(offers) if offer.state in (OfferState.OPEN, OfferState.ACCEPTED)), None)
    offered = versions.get(latest.act_key) if latest else None
    return {
        "dispute": dispute,
        "megabytes": megabytes(),
        "report": report,
        "can": can,
        "thread": _thread(person, dispute, at, mine, positions, offers, versions),
        "position": positions[-1] if positions else None,
        "standing": standing,
        "comparison": _comparison(report, standing, offered, language),
        "offered_number": latest.number if latest else None,
        "negotiating": dispute.status == DisputeStatus.NEGOTIATING,
        "awaiting": dispute.status == DisputeStatus.AWAITING_POSITION,
        "ended_at": dispute.ended_at or (dispute.final_at if dispute.status == DisputeStatus.FINAL else None),
        "steps": steps(dispute.calendar),
        "marks": marks(dispute.calendar, tehran_date(at)),
        "filed_on": tehran_date(dispute.filed_at),
        "closed_since": Holiday.objects.filter(day=dispute.last_day, added_at__gt=dispute.filed_at).first(),
    }


def _versions(report: Report | None) -> dict[str, ResultVersion]:
    if report is None:
        return {}
    return {str(version.pk): version for version in report.results.select_related("revision")}


def _standing_version(positions: list[Position], versions: dict[str, ResultVersion]) -> ResultVersion | None:
    """The result that is the provider's view: the last position that names one."""
    return next((versions.get(p.act_key) for p in reversed(positions) if p.act_noun == "result"), None)


def _comparison(report, standing, offered, language: str) -> Comparison | None:
    if report is None or standing is None:
        return None
    return compare(report, standing, offered, language)


def _thread(person, dispute, at, mine, positions, offers, versions) -> list[Entry]:
    messages = dispute.messages.select_related("by", "membership__unit").prefetch_related("files").order_by("id")
    entries = [Entry(m.at, m.side, m.side == mine, by=m.by, message=m) for m in messages]
    entries += [
        Entry(
            o.at,
            o.side,
            o.side == mine,
            by=o.by,
            offer=o,
            version=versions.get(o.act_key),
            can_answer=rules.can_answer_offer(person, o, dispute, at),
            can_take_back=rules.can_take_back(person, o, dispute, at),
        )
        for o in offers
    ]
    entries += [
        Entry(p.at, Side.PROVIDER, mine == Side.PROVIDER, by=p.by, position=p, version=versions.get(p.act_key))
        for p in positions
        if p.number or not p.act_noun  # position 0 of an act is what is contested: the page's head shows it
    ]
    return sorted(entries, key=lambda entry: entry.at)
