"""The desk of coordinators and auditors: calls that run, whom to chase, what to decide, what is overdue."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.durations import SOON
from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import format_number
from sla.enums import DisputeStatus, Side, Verdict
from units.enums import Role
from units.models import Person

from ...models import Call
from ...queries import desk as ask
from ...queries.open_matters import lost_by_call
from ...queries.quotas import without_room
from .items import DeskItem, Seats
from .money import money_items
from .requests import late_requests

CALLS = 8


@dataclass
class HeadquartersDesk:
    items: list[DeskItem] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)


def headquarters_desk(person: Person, seats: Seats, at: datetime) -> HeadquartersDesk | None:
    """None for somebody who neither coordinates nor audits."""
    if not seats.has(Role.COORDINATOR, Role.AUDITOR):
        return None
    units = seats.units(Role.COORDINATOR, Role.AUDITOR)
    providers = [unit.pk for unit in seats.units(Role.COORDINATOR)]
    running, drafts = ask.calls_of_desk(person, _below(units), providers, at, CALLS)
    desk = HeadquartersDesk(calls=running)
    if seats.has(Role.COORDINATOR):
        mine = Q(call__agreement__service__provider__in=providers)
        rows = ask.standing_of_calls(_below(seats.units(Role.COORDINATOR)), mine, at)
        desk.items = [*_chase(rows, at), *_decide(person, providers, mine, drafts, rows, at)]
    else:
        desk.items = _oversee(units, at)
    return desk


def _below(units) -> Q:
    """Reports of units that now stand in one of the subtrees."""
    where = Q(pk__in=[])
    for unit in units:
        where |= Q(unit__path__startswith=unit.path)
    return where


# ------------------------------------------------------------------------------------------------- whom to chase
def _chase(rows: list[dict], at: datetime) -> list[DeskItem]:
    found = []
    for row in _with(rows, "waiting"):
        title = ngettext("%(n)s unit has not submitted: %(call)s", "%(n)s units have not submitted: %(call)s", row["n"])
        note = _("The call closes soon; remind them, or extend it with a reason.")
        tone = "warn" if row["until"] < at + SOON else ""
        found.append(_line("hourglass-split", tone, title, row, note, _people(row)))
    for row in _with(rows, "headless"):
        title = ngettext(
            "%(n)s unit has nobody who can sign at closing: %(call)s",
            "%(n)s units have nobody who can sign at closing: %(call)s",
            row["n"],
        )
        note = _("No head’s seat lasts until then. Name a head, or excuse the unit.")
        found.append(_line("person-x", "bad", title, row, note, f"{_people(row)}?lacks=head"))
    for row in _with(rows, "unaccepted"):
        title = ngettext(
            "%(n)s unit has not accepted the agreement: %(call)s",
            "%(n)s units have not accepted the agreement: %(call)s",
            row["n"],
        )
        note = _("Without it they cannot submit; remind their heads.")
        found.append(_line("person-check", "", title, row, note, f"{_people(row)}?lacks=acceptance"))
    return found


def _with(rows: list[dict], name: str) -> list[dict]:
    """Of the calls, those with any such report; the number is `n`."""
    return [{**row, "n": row[name]} for row in rows if row[name]]


# ------------------------------------------------------------------------------------------------- what to decide
def _decide(
    person: Person, providers: list[int], mine: Q, drafts: list[Call], rows: list[dict], at: datetime
) -> list[DeskItem]:
    """What only the provider's coordinators do, and the drafts of one's own."""
    found = []
    for call in drafts:
        title, note = _("Publish the call: %(call)s") % {"call": call.title}, _("Until then nobody is asked.")
        found.append(
            DeskItem("pencil", "", title, reverse("reports:call", args=[call.pk]), note, call.opens_at, call.pk)
        )
    for row in ask.extensions_asked(mine):
        title = ngettext(
            "Decide %(n)s request for more time: %(call)s", "Decide %(n)s requests for more time: %(call)s", row["n"]
        )
        address = reverse("reports:extensions", args=[row["call_id"]])
        found.append(_line("calendar-plus", "blue", title, row, "", address))
    for row in without_room(mine):
        title = ngettext(
            "%(n)s unit has no room for its files: %(call)s",
            "%(n)s units have no room for their files: %(call)s",
            row["n"],
        )
        note = _("Give more; it holds at once, and the unit is told.")
        found.append(
            _line("cloud-arrow-up", "bad", title, row, note, reverse("reports:call_files", args=[row["call_id"]]))
        )
    for row in ask.without_reviewers(mine) if providers else ():
        title = ngettext("%(n)s report has no reviewer: %(call)s", "%(n)s reports have no reviewer: %(call)s", row["n"])
        note = _("Assign reviewers; what has come or comes then goes to their queues.")
        address = reverse("reports:call_reviewers", args=[row["call_id"]])
        found.append(_line("person-plus", "warn", title, row, note, address))
    for row in ask.silent_reviewers(mine, at, person):
        name = _("A reviewer") if row["unnamed"] else f"{row['first_name']} {row['last_name']}".strip()
        title = ngettext(
            "%(name)s has not begun %(n)s review: %(call)s", "%(name)s has not begun %(n)s reviews: %(call)s", row["n"]
        )
        note = _("Give the work to somebody else, or settle without it, with a reason.")
        address = reverse("reports:call_reviewers", args=[row["call_id"]])
        found.append(_line("person-dash", "warn", title, row, note, address, name=name))
    found += _lost(mine, at) if providers else []
    found += _late(mine, at)
    found += _unled(rows)
    found += _announce(rows)
    found += money_items(person, providers, at)
    where = Q(agreement__service__provider__in=providers)
    for dispute in ask.disputes_of(where, at, answering=Side.PROVIDER)[: ask.MOST]:
        address = reverse("reports:dispute", args=[dispute.pk])
        facts = {"title": dispute.name, "unit": dispute.unit.name}
        if dispute.status == DisputeStatus.AWAITING_POSITION:
            title, tone = _("Overdue: state the provider’s view: %(title)s, %(unit)s"), "bad"
            note = _("The month of negotiation has passed; until the view is recorded, the unit waits.")
        elif dispute.offered:
            title, tone = _("Answer the unit’s offer: %(title)s, %(unit)s"), "plum"
            note = _("If nobody agrees, your standing view becomes final.")
        elif dispute.unanswered:
            title = ngettext(
                "Answer %(n)s contested indicator: %(title)s, %(unit)s",
                "Answer %(n)s contested indicators: %(title)s, %(unit)s",
                dispute.unanswered,
            )
            tone, address = "plum", f"{address}#lines"
            facts["n"] = format_number(dispute.unanswered, language=current_language())
            note = _("The unit names its figures line by line; without an agreement your standing view becomes final.")
        else:
            title, tone = _("In negotiation: %(title)s, %(unit)s"), ""
            note = _("If nobody agrees, your standing view becomes final.")
        item = DeskItem("s-contested", tone, title % facts, address, note, dispute.final_at)
        found.append(replace(item, service_id=dispute.agreement.service_id))
    return found


def _lost(asked: Q, at: datetime) -> list[DeskItem]:
    """Reports whose unit has ended, and of which nobody has said who acts on them."""
    found = []
    for row in lost_by_call(asked, ask.MOST):
        title = ngettext(
            "%(n)s open report has lost its unit: %(call)s",
            "%(n)s open reports have lost their unit: %(call)s",
            row["n"],
        )
        note = _("The unit was retired or merged. Hand what it left open to its successor, excuse it, or leave it.")
        address = f"{reverse('reports:call', args=[row['call_id']])}?status=lost"
        until = row["until"] if row["until"] > at else None  # a call that has closed asks for it all the same
        found.append(_line("archive", "warn", title, {**row, "until": until}, note, address))
    return found


def _late(asked: Q, at: datetime) -> list[DeskItem]:
    """Reports whose service clock has passed its target while headquarters holds them."""
    found = []
    for row in ask.past_target(asked, at):
        title = ngettext(
            "%(n)s report is past the service target: %(call)s",
            "%(n)s reports are past the service target: %(call)s",
            row["n"],
        )
        note = _("Their clocks run until the initial result; each stands with its working days in the list.")
        address = f"{reverse('reports:oversight_list', args=['requests'])}?verdict={Verdict.OVERDUE}"
        found.append(_line("calendar-x", "bad", title, row, note, address))
    return found


def _unled(rows: list[dict]) -> list[DeskItem]:
    """Where reviewers differ and nobody can settle it: one report leads to its review, several to their list."""
    found = []
    for row in _with(rows, "unled"):
        title = ngettext(
            "The reviewers of %(n)s report differ, and nobody leads: %(call)s",
            "The reviewers of %(n)s reports differ, and nobody leads: %(call)s",
            row["n"],
        )
        note = _("Take the lead, or name one; without a lead it is not settled, and no result is announced.")
        several = reverse("reports:announce", args=[row["call_id"]])
        address = reverse("reports:report_review", args=[row["code"]]) if row["n"] == 1 else several
        found.append(_line("people", "warn", title, {**row, "until": row["review_until"]}, note, address))
    return found


def _announce(rows: list[dict]) -> list[DeskItem]:
    found = []
    for row in rows:
        address, row = reverse("reports:announce", args=[row["call_id"]]), {**row, "until": row["review_until"]}
        if row["ready"]:
            title = ngettext("Announce %(n)s result: %(call)s", "Announce %(n)s results: %(call)s", row["ready"])
            note = _("Their reviews are handed in and settled.")
            found.append(_line("s-announced", "teal", title, {**row, "n": row["ready"]}, note, address))
        if row["missed"]:
            title = ngettext("%(n)s missed report: %(call)s", "%(n)s missed reports: %(call)s", row["missed"])
            note = _("Announce them with zero, or extend the deadline of a unit with a reason.")
            found.append(_line("s-missed", "bad", title, {**row, "n": row["missed"]}, note, address))
    return found


# ------------------------------------------------------------------------------------------------- what is overdue
def _oversee(units, at: datetime) -> list[DeskItem]:
    """For who changes nothing: positions not stated, results and requests late, reports missed."""
    found = []
    below = _below(units)
    for dispute in ask.disputes_of(below, at, answering=Side.PROVIDER)[: ask.MOST]:
        if dispute.status == DisputeStatus.AWAITING_POSITION:
            title = _("The provider has not stated its view: %(title)s, %(unit)s")
            facts = {"title": dispute.name, "unit": dispute.unit.name}
            address = reverse("reports:dispute", args=[dispute.pk])
            item = DeskItem("s-contested", "bad", title % facts, address, "", dispute.final_at)
            found.append(replace(item, service_id=dispute.agreement.service_id))
    found += _late(below, at)
    found += late_requests(below, at)
    for row in ask.standing_of_calls(below, below, at):
        address = reverse("reports:call", args=[row["call_id"]])
        late = row["ready"] + row["reviewing"]
        if late and row["review_until"] <= at:
            title = ngettext(
                "%(n)s report is without a result past its time: %(call)s",
                "%(n)s reports are without a result past their time: %(call)s",
                late,
            )
            found.append(
                _line("calendar-x", "bad", title, {**row, "n": late, "until": row["review_until"]}, "", address)
            )
        if row["missed"]:
            title = ngettext("%(n)s missed report: %(call)s", "%(n)s missed reports: %(call)s", row["missed"])
            found.append(_line("s-missed", "bad", title, {**row, "n": row["missed"], "until": None}, "", address))
    return found


# ------------------------------------------------------------------------------------------------------- its lines
def _line(icon: str, tone: str, title: str, row: Mapping[str, Any], note: str, url: str, **more) -> DeskItem:
    language = current_language()
    facts = {"n": format_number(row["n"], language=language), "call": row["title"], **more}
    return DeskItem(icon, tone, title % facts, url, note, row["until"], call_id=row["call_id"])


def _people(row: dict) -> str:
    """Just those units that have not submitted, with the numbers of their people."""
    return reverse("reports:progress_people", args=[row["call_id"]])
