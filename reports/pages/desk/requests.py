"""General requests on the desk: a unit's own, what waits for a decision, and what has lost its unit."""

from dataclasses import replace
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.numbers import local_number
from sla.enums import NOT_AS_ASKED, GeneralStatus, Verdict
from sla.models import GeneralRequest
from sla.queries.clocks import read_clocks
from sla.queries.requests import units_without_room
from sla.rules.requests import can_give_room, filing_roles
from units.enums import UNIT_ROLES, Role
from units.models import Person

from ...queries.requests import (
    MOST,
    by_type,
    contested_among,
    decidable_by,
    late_by_type,
    lost_requests,
    requests_of_units,
)
from ..oversight.clocks import type_key
from .items import DeskItem, Seats


def request_items(person: Person, seats: Seats, at: datetime) -> list[DeskItem]:
    """What wants this person, on whichever side they are."""
    return [*_own(seats, at), *_to_decide(person, seats, at), *_lost_ones(seats, at), *_no_room(person, seats, at)]


# --------------------------------------------------------------------------------------------------- the unit's own
def _own(seats: Seats, at: datetime) -> list[DeskItem]:
    units = seats.units(*UNIT_ROLES)
    requests = requests_of_units(units, seats.matters, at)
    contested = contested_among([g for g in requests if g.status == GeneralStatus.DECIDED], at)
    found = []
    for general in requests:
        item = _own_item(general, seats, general.pk in contested)
        if item is not None:
            found.append(item)
    return found


def _own_item(general: GeneralRequest, seats: Seats, contested: bool) -> DeskItem | None:
    address = reverse("reports:request", args=[general.pk])
    several = len(seats.units(*UNIT_ROLES)) > 1 or general.unit.retired_at
    title = general.request_type.title_here
    facts = {"type": f"{title}، {general.unit.name}" if several else title}
    files = any(seats.holds(general.unit_id, role, None) for role in filing_roles(general.request_type))
    if general.status == GeneralStatus.DRAFT:
        note = _("It is a draft; the provider does not see it yet.")
        if files:
            return DeskItem("file-earmark-text", "", _("Check and file the request: %(type)s") % facts, address, note)
        return DeskItem("file-earmark-text", "", _("A request in draft: %(type)s") % facts, address, note)
    if general.status == GeneralStatus.UNPAID:
        facts["rials"] = local_number(general.opened.price_rials)
        words = _("Pay the fee of %(rials)s rials: %(type)s") % facts
        return (
            DeskItem("credit-card", "warn", words, f"{address}#fee", _("It is decided once it is paid."))
            if files
            else None
        )
    if general.status == GeneralStatus.ASKED:
        note = _("The service clock stands still until you answer.")
        return DeskItem("chat-square-text", "warn", _("Answer the question: %(type)s") % facts, address, note)
    last = max(general.decisions.all(), key=lambda made: made.number, default=None)
    heads = seats.holds(general.unit_id, Role.HEAD, None)
    if last is not None and last.decision in NOT_AS_ASKED and last.contest_until and heads and not contested:
        note = _("Until then you can contest it; afterwards it is final.")
        return DeskItem(
            "s-announced", "teal", _("Read the decision: %(type)s") % facts, address, note, last.contest_until
        )
    return None


# ------------------------------------------------------------------------------------------------- what to decide
def _to_decide(person: Person, seats: Seats, at: datetime) -> list[DeskItem]:
    """A line a type: how many wait, and whether one is past its target."""
    if not seats.has(Role.COORDINATOR, Role.REVIEWER):
        return []
    providers = [unit.pk for unit in seats.units(Role.COORDINATOR)]
    waiting = decidable_by(person, providers, at).filter(status=GeneralStatus.FILED).order_by("filed_at", "pk")
    requests = list(waiting[:MOST])
    readings = read_clocks([general.opened for general in requests], at) if requests else {}
    found = []
    for kind, mine in by_type(requests).items():
        late = sum(readings[general.opened.pk].verdict == Verdict.OVERDUE for general in mine)
        words = ngettext("Decide %(n)s request: %(type)s", "Decide %(n)s requests: %(type)s", len(mine))
        note = ""
        if late:
            note = ngettext("%(n)s is past the service target.", "%(n)s are past the service target.", late)
        address = f"{reverse('reports:requests')}?status=filed&type={kind.pk}"
        if len(mine) == 1:
            address = reverse("reports:request", args=[mine[0].pk])
        found.append(
            DeskItem(
                "file-earmark-text", "bad" if late else "blue",
                words % {"n": local_number(len(mine)), "type": kind.title_here}, address,
                note % {"n": local_number(late)} if late else "",
            )
        )  # fmt: skip
    return found


def late_requests(asked: Q, at: datetime) -> list[DeskItem]:
    """For who oversees: what nobody has decided in time, a line a type."""
    found = []
    for kind, count in late_by_type(asked, at).items():
        words = ngettext(
            "%(n)s request is past the service target: %(type)s",
            "%(n)s requests are past the service target: %(type)s",
            count,
        )
        address = (
            f"{reverse('reports:oversight_list', args=['requests'])}?verdict={Verdict.OVERDUE}&type={type_key(kind)}"
        )
        title = words % {"n": local_number(count), "type": kind.title_here}
        found.append(replace(DeskItem("calendar-x", "bad", title, address, ""), service_id=kind.service_id))
    return found


def _lost_ones(seats: Seats, at: datetime) -> list[DeskItem]:
    """Requests whose unit has ended, and of which nobody has said who acts on them."""
    providers = [unit.pk for unit in seats.units(Role.COORDINATOR)]
    if not providers:
        return []
    lost = lost_requests(providers, at).order_by("unit__sort_key", "pk").select_related("unit")[:MOST]
    units = {general.unit for general in lost}
    return [
        DeskItem(
            "archive", "warn", _("An open request has lost its unit: %(unit)s") % {"unit": unit.name},
            reverse("reports:unit_left_open", args=[unit.code]),
            _("The unit was retired or merged. Hand what it left open to its successor, or leave it."),
        )
        for unit in sorted(units, key=lambda unit: unit.sort_key)
    ]  # fmt: skip


def _no_room(person: Person, seats: Seats, at: datetime) -> list[DeskItem]:
    """Units whose last file for a request found no room."""
    if not seats.has(Role.COORDINATOR):
        return []
    return [
        DeskItem(
            "cloud-arrow-up", "bad", _("%(unit)s has no room for files of its requests") % {"unit": unit.name},
            reverse("reports:request_room", args=[unit.code]),
            _("Give more; it holds at once, and the unit is told."),
        )
        for unit in units_without_room()[:MOST]
        if can_give_room(person, unit, at)
    ]  # fmt: skip
