"""The way from an act to its dispute: the button that contests it, or the thread over it. For the pages that show the act."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from sla.enums import DisputeStatus, GeneralStatus, Subject
from sla.models import GeneralRequest
from sla.queries.requests import standing_decision
from sla.rules import headed_units
from sla.rules.requests import can_contest_decision, can_contest_fee
from units.queries.successions import inherited, inherited_by

from ...models import Report
from ...queries import reports_at
from ...queries.requests import contested_among, requests_of_units
from ...rules import can_contest, side_over_report
from ...rules.contestable_acts import Act, acts_of, fee_of


@dataclass(frozen=True)
class DisputeLink:
    """`url` contests the act, or leads to `act.dispute`; empty where the person can do neither now."""

    act: Act
    url: str
    may: bool

    @property
    def status(self) -> str:
        """What became of the dispute over the act, in words."""
        return str(DisputeStatus(self.act.dispute.status).label) if self.act.dispute else ""


RECENT = 6  # reports of a head whose acts are looked at; older ones have no objection days left


@dataclass(frozen=True)
class Contestable:
    """One thing that a head may contest now."""

    name: str
    call: str
    unit: str
    url: str
    until: datetime


def contestable_by(person, at: datetime) -> list[Contestable]:
    """What the person may contest now for the units they head, the nearest end of its days first."""
    units = [unit.pk for unit in headed_units(person, at)]
    found = []
    mine = Q(unit__in=units) | inherited(person, at)
    for report in reports_at(at).filter(mine).order_by("-call_id", "pk")[: RECENT if units else 0]:
        code, call = report.tracking_code, report.call.title
        if can_contest(person, report, at):
            url = reverse("reports:contest", args=[code])
            found.append(Contestable(_("Result"), call, report.unit_name, url, report.objections_end))
        found += [
            Contestable(link.act.name, call, report.unit_name, link.url, link.act.until)
            for link in links_of(person, report, at).values()
            if link.may
        ]
    found += _of_requests(person, at)
    return sorted(found, key=lambda one: one.until)


def _of_requests(person, at: datetime) -> list[Contestable]:
    """Decisions on general requests in their days, and fees in theirs, of the units that the person heads."""
    requests = requests_of_units(headed_units(person, at), inherited_by(person, at), at)
    decided = [general for general in requests if general.status == GeneralStatus.DECIDED]
    contested = contested_among(decided, at)
    found = []
    for general in decided:
        made = standing_decision(general)
        if general.pk not in contested and can_contest_decision(person, general, made, at) and made is not None:
            name, url = str(Subject.REQUEST.label), reverse("reports:request_contest", args=[general.pk])
            title = general.request_type.title_here
            found.append(Contestable(name, title, general.unit.name, url, made.contest_end))
    for general in requests:
        link = link_of_fee(person, general, at)
        if link is not None and link.may:
            title = general.request_type.title_here
            found.append(Contestable(link.act.name, title, general.unit.name, link.url, link.act.until))
    return found


def link_of_fee(person, general: GeneralRequest, at: datetime) -> DisputeLink | None:
    """From the fee of a general request to its dispute, or to contesting it."""
    act = fee_of(general, at)
    if act is not None and act.dispute is not None:
        return DisputeLink(act, reverse("reports:dispute", args=[act.dispute.pk]), False)
    if act is None or not can_contest_fee(person, general, at):
        return None
    return DisputeLink(act, reverse("reports:request_contest_fee", args=[general.pk]), True)


Links = dict[tuple[str, int], DisputeLink]


def links_of(person, report: Report, at: datetime) -> Links:
    """(subject, key of the act) → its link, the newest act first; acts that nobody may contest any more and nobody did are
    left out."""
    files = side_over_report(person, report, at) is not None
    found: Links = {}
    for act in acts_of(report, at):
        if act.dispute is not None:
            found[act.subject, act.key] = DisputeLink(act, reverse("reports:dispute", args=[act.dispute.pk]), False)
        elif files and act.is_contestable(at):
            address = reverse("reports:contest_other", args=[report.tracking_code, act.subject, act.key])
            found[act.subject, act.key] = DisputeLink(act, address, True)
    return found
