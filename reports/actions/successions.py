"""What a retired unit left open: handed to its successor, excused, or left. The matter keeps its unit and its frozen place."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.locks import hold_call, hold_tree
from sla.rules import speaking_membership
from sla.rules.requests import request_decider
from units.actions.events import record, tell
from units.enums import UnitVerb
from units.models import Membership, Person, Succession, Unit
from units.queries.lines import in_line_of

from ..enums import Fate, ReportVerb
from ..models import Report
from ..notices.successions import matter_handed_over
from ..queries.open_matters import OpenMatter, open_matters
from ..rules import deciding_membership
from .calls import excuse_report
from .locking import require, require_reason

VERBS = {
    Fate.HAND: (UnitVerb.HAND_TO_SUCCESSOR, ReportVerb.HAND_TO_SUCCESSOR),
    Fate.LEAVE: (UnitVerb.LEAVE_OPEN, ReportVerb.LEAVE_OPEN),
}


@transaction.atomic
def settle_left_open(
    *, unit: Unit, fates: Mapping[int | None, Fate], by: Person, reason: str, successor: Unit | None = None
) -> int:
    """Decide what becomes of a retired unit's open matters, by call (None: what belongs to no call). How many were decided.

    HAND: the people of `successor` act on the report, its requests for more time, payments, disputes and general requests, beside
    whoever still has a seat on the unit. EXCUSE: the report leaves the call (until its result is announced). LEAVE: it stays
    as it is, and nobody is asked again. A later decision replaces an earlier one. By a coordinator of the service's provider;
    nobody hands anything into the line in which they report. Refused where the unit works, where nothing is open in a call,
    and without an active successor.
    """
    reason = require_reason(reason)
    # Lock order: calls (the lower first), reports, the tree.
    calls = sorted(pk for pk in fates if pk is not None)
    for pk in calls:
        hold_call(pk)
    list(Report.objects.select_for_update().filter(unit=unit, call__in=calls).values_list("pk"))
    hold_tree()
    at = database_now()
    unit = Unit.objects.get(pk=unit.pk)
    if unit.retired_at is None:
        raise Refused(_("This unit works; its people act on what it has open."), code="not-retired")
    heir = _checked_heir(unit, successor, by, at) if Fate.HAND in fates.values() else None
    matters = {matter.call_id: matter for matter in open_matters([unit], at)}
    for call_id, fate in sorted(fates.items(), key=lambda item: (item[0] is None, item[0] or 0)):
        matter = matters.get(call_id)
        if matter is None:
            raise Refused(
                _("Something of this is not open any more. Reload the page to see what is."), code="nothing-open"
            )
        _settle(unit, matter, Fate(fate), heir, reason, at, by)
    return len(fates)


def _checked_heir(unit: Unit, successor: Unit | None, by: Person, at: datetime) -> Unit:
    heir = Unit.objects.filter(pk=successor.pk).first() if successor else None
    if heir is None or heir.retired_at or heir.pk == unit.pk:
        raise Refused(_("Name an active unit that takes over what is handed over."), code="bad-successor")
    if in_line_of(by, heir.path, at):
        raise Forbidden(_("You report in the line of the unit that takes over; another coordinator decides this."))
    return heir


def _settle(
    unit: Unit, matter: OpenMatter, fate: Fate, heir: Unit | None, reason: str, at: datetime, by: Person
) -> None:
    membership = require(
        _deciding_membership(matter, by, at), _("Only a coordinator of the provider decides what becomes of this.")
    )
    if fate == Fate.EXCUSE:
        if matter.report is None:
            raise Refused(_("Only a report can be excused. Hand this over, or leave it."), code="no-report")
        excuse_report(matter.report, reason=reason, at=at, by=by, membership=membership)
        return
    heir = heir if fate == Fate.HAND else None
    standing = Succession.objects.standing().filter(unit=unit, call_id=matter.call_id)
    standing.update(ended_at=at)
    Succession.objects.create(unit=unit, call_id=matter.call_id, successor=heir, reason=reason[:500], at=at, by=by)
    data = {"reason": reason, "successor": heir.code if heir else "", "name": heir.name if heir else ""}
    of_unit, of_report = VERBS[fate]
    event = record(
        of_unit, noun="unit", key=unit.pk, at=at, by=by, membership=membership, path=unit.path, unit_id=unit.pk,
        call_id=matter.call_id, data=data,
    )  # fmt: skip
    if matter.report is not None:
        report = matter.report
        event = record(
            of_report, noun="report", key=report.tracking_code, at=at, by=by, membership=membership, path=report.unit_path,
            unit_id=report.unit_id, call_id=report.call_id, data=data,
        )  # fmt: skip
    if heir is not None:
        tell(event, matter_handed_over(unit, matter, heir, reason, at))


def _deciding_membership(matter: OpenMatter, by: Person, at: datetime) -> Membership | None:
    """Of who decides about the report; of every provider that is concerned, where disputes and general requests belong to no
    call. Nobody in the unit's line."""
    if matter.report is not None:
        return deciding_membership(by, matter.report, at)
    found = [speaking_membership(by, dispute.agreement.service, dispute.unit, at) for dispute in matter.disputes]
    found += [request_decider(by, general, at) for general in matter.requests]
    return found[0] if found and all(found) else None
