"""What the page of a dispute shows: the thread in the order of time, who may do what now, the count of the days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from sajad_portal.lib.clock import tehran_date
from sla import rules
from sla.enums import DisputeStatus, OfferState, Side, Subject
from sla.files.attachments import megabytes
from sla.models import AgreementSection, Dispute, DisputeMessage, GeneralRequest, Holiday, Offer, Position
from sla.pages.dispute_end import counting_steps, marks
from sla.queries.requests import general_request_of
from units.models import Person

from ...models import Report, ResultVersion
from ...queries.disputes import report_of, reviewed_report_of
from ...queries.lines import judges_of, learns_reviewers
from ...queries.objection_lines import lines_of
from ...rules.disputes import can_answer_lines, can_see_offers, contested_review_membership
from ...rules.review import can_withdraw_return
from .act import act_facts, decision_facts, fee_facts
from .lines import shown_lines, unit_view
from .offered_act import words_of
from .scores import ScoreComparison, compare_scores


@dataclass
class Entry:
    """One thing in the thread. Exactly one of message, offer, position is set; `version`: the result it is about; `words`:
    what it does. `hidden`: the prepared scores are between the two sides."""

    at: datetime
    side: str
    ours: bool
    by: Person | None = None
    message: DisputeMessage | None = None
    offer: Offer | None = None
    position: Position | None = None
    version: ResultVersion | None = None
    words: str = ""
    hidden: bool = False
    can_answer: bool = False
    can_take_back: bool = False

    @property
    def who(self) -> str:
        """The name that stands over it, “X for Y” where a deputy acted; "" for the provider as such."""
        said = self.message or self.offer or self.position
        return said.who if said and self.by else ""


@dataclass(frozen=True)
class Abilities:
    write: bool
    offer: bool
    withdraw: bool
    state_position: bool
    as_reviewer: bool  # writes on the provider's side, decides nothing
    take_back: bool = False  # the contested return


def writes_as_reviewer(person, dispute: Dispute, at: datetime) -> bool:
    """Who made what is contested, and speaks for neither side."""
    if not rules.allows(dispute, "write") or rules.side_of(person, dispute, at) is not None:
        return False
    report = reviewed_report_of(dispute, at)
    return report is not None and contested_review_membership(person, report, at) is not None


def abilities(person, dispute: Dispute, report: Report | None, at: datetime) -> Abilities:
    as_reviewer = writes_as_reviewer(person, dispute, at)
    return Abilities(
        write=as_reviewer or rules.can_write(person, dispute, at),
        offer=rules.can_offer(person, dispute, at),
        withdraw=rules.can_withdraw(person, dispute, at),
        state_position=rules.can_state_position(person, dispute, at),
        as_reviewer=as_reviewer,
        take_back=bool(
            report
            and dispute.subject == Subject.RETURN
            and rules.allows(dispute, "state_position")
            and can_withdraw_return(person, report, report.reviews.all(), at)
        ),
    )


def dispute_context(
    person, dispute: Dispute, at: datetime, language: str, *, data: QueryDict | None = None,
    errors: Mapping[str, Mapping[str, str]] | None = None,
) -> dict:  # fmt: skip
    """Everything the template prints; it decides nothing. `data` and `errors`: an answer to contested indicators that was
    refused, as typed."""
    report = report_of(dispute, at)
    general = general_request_of(dispute)
    can = abilities(person, dispute, report, at)
    acting = rules.side_of(person, dispute, at)
    mine = acting[0] if acting else Side.PROVIDER if can.as_reviewer else ""
    sees = can_see_offers(person, dispute, at)
    versions = _versions(report)
    positions = list(dispute.positions.select_related("by").order_by("number"))
    offers = list(
        dispute.offers.select_related("by", "membership__deputy_for__person", "decided_by").order_by("number")
    )
    standing = _standing_version(positions, versions)
    latest = next((offer for offer in reversed(offers) if offer.state in (OfferState.OPEN, OfferState.ACCEPTED)), None)
    offered = _shown(_version(latest, versions), sees) if latest else None
    lines = lines_of(dispute) if standing else []
    carried = [(o, versions[o.act_key]) for o in offers if _version(o, versions)] if sees else []
    unit_says = unit_view(lines, standing, carried) if standing else {}
    contested = versions.get(dispute.subject_key)
    answering = can_answer_lines(person, dispute, at)
    shown = None
    if report and contested and lines:
        shown = shown_lines(report, lines, contested, language, may_answer=answering, data=data, errors=errors)
    return {
        "dispute": dispute,
        "clause": _clause(dispute),
        "megabytes": megabytes(),
        "report": report,
        "general": general,
        "can": can,
        "thread": without_judges(
            _thread(person, dispute, at, mine, positions, offers, versions, sees), person, report, at
        ),
        "position": positions[-1] if positions else None,
        "position_words": words_of(positions[-1].act_noun, positions[-1].act_key) if positions else "",
        "act": _contested(dispute, report, general),
        "standing": standing,
        "comparison": _comparison(report, standing, offered, language, unit_says, lines, latest),
        "lines": shown,
        "offered_number": latest.number if latest and offered else None,
        "negotiating": dispute.status == DisputeStatus.NEGOTIATING,
        "awaiting": dispute.status == DisputeStatus.AWAITING_POSITION,
        "ended_at": dispute.ended_at or (dispute.final_at if dispute.status == DisputeStatus.FINAL else None),
        "steps": counting_steps(dispute.calendar),
        "marks": marks(dispute.calendar, tehran_date(at)),
        "filed_on": tehran_date(dispute.filed_at),
        "closed_since": Holiday.objects.filter(day=dispute.last_day, added_at__gt=dispute.filed_at).first(),
    }


def _clause(dispute: Dispute) -> AgreementSection | None:
    """What is to be read, where the dispute is about how to read it."""
    if dispute.subject != Subject.INTERPRETATION:
        return None
    return dispute.agreement.sections.filter(key=dispute.subject_key.rpartition(":")[2]).first()


def _contested(dispute: Dispute, report: Report | None, general: GeneralRequest | None) -> list[tuple[str, str]]:
    """What was done to the unit, as names and values; a result has a table of its own."""
    if general is not None and dispute.subject == Subject.FEE:
        return fee_facts(general.opened)
    if general is not None:
        return decision_facts(general, general.decisions.get(pk=int(dispute.subject_key)))
    return act_facts(report, dispute.subject, int(dispute.subject_key)) if report else []


def _versions(report: Report | None) -> dict[str, ResultVersion]:
    if report is None:
        return {}
    return {str(version.pk): version for version in report.results.select_related("revision")}


def _shown(version: ResultVersion | None, sees: bool) -> ResultVersion | None:
    """A prepared version is shown to who may see offers, an announced one to every reader."""
    return version if version is not None and (sees or version.announced_at) else None


def _standing_version(positions: list[Position], versions: dict[str, ResultVersion]) -> ResultVersion | None:
    """The result that is the provider's view: the last position that names one."""
    return next((versions.get(p.act_key) for p in reversed(positions) if p.act_noun == "result"), None)


def _comparison(report, standing, offered, language: str, unit_says, lines, latest) -> ScoreComparison | None:
    if report is None or standing is None:
        return None
    named = {line.indicator for line in lines}
    by_unit = offered is not None and latest.side == Side.RECIPIENT
    return compare_scores(report, standing, offered, language, unit_says=unit_says, named=named, by_unit=by_unit)


def _thread(person, dispute, at, mine, positions, offers, versions, sees) -> list[Entry]:
    messages = (
        dispute.messages.select_related("by", "membership__unit", "membership__deputy_for__person")
        .prefetch_related("files")
        .order_by("id")
    )
    entries = [Entry(m.at, m.side, m.side == mine, by=m.by, message=m) for m in messages]
    entries += [
        Entry(
            o.at,
            o.side,
            o.side == mine,
            by=o.by,
            offer=o,
            version=_shown(_version(o, versions), sees),
            words=words_of(o.act_noun, o.act_key),
            hidden=_version(o, versions) is not None and _shown(_version(o, versions), sees) is None,
            can_answer=rules.can_answer_offer(person, o, dispute, at),
            can_take_back=rules.can_take_back(person, o, dispute, at),
        )
        for o in offers
    ]
    entries += [
        Entry(
            p.at,
            Side.PROVIDER,
            mine == Side.PROVIDER,
            by=p.by,
            position=p,
            version=_version(p, versions),
            words=words_of(p.act_noun, p.act_key),
        )
        for p in positions
        if p.number or not p.act_noun  # position 0 of an act is what is contested: the page's head shows it
    ]
    return sorted(entries, key=lambda entry: entry.at)


def without_judges(entries: list[Entry], person, report: Report | None, at: datetime) -> list[Entry]:
    """What a reviewer of the report wrote is the provider's to whoever may not learn who judges the unit."""
    if report is None or learns_reviewers(person, report, at):
        return entries
    judges = judges_of(report)
    for entry in entries:
        if entry.side == Side.PROVIDER and entry.by is not None and entry.by.pk in judges:
            entry.by = None
    return entries


def _version(row: Offer | Position, versions: dict[str, ResultVersion]) -> ResultVersion | None:
    return versions.get(row.act_key) if row.act_noun == rules.RESULT else None
