"""Announcing a whole call by one press: the order is recorded, a worker announces it in portions.

Each portion stands for itself, as in `announce_results`, which gives the version that stands for whatever is announced
already: a portion that a dead worker left half told is done again and announces nothing twice.
"""

import logging

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.codes import new_code
from sajad_portal.lib.doorbell import ring
from sajad_portal.lib.errors import Forbidden, Refused
from sla.rules import provider_membership
from units.actions.events import record, tell
from units.models import Event, Membership, Person

from ..enums import AnnouncedWhich, ReportVerb
from ..models import AnnouncementOrder, Call, Report
from ..models.background import ATTEMPTS
from ..notices.review import ordered_results
from ..queries.results import announce_filters, reports_of_call
from .announcing import Announcement, announce_results
from .background import ClaimLost, claim_order, claimed_order, due_orders

logger = logging.getLogger(__name__)

PORTION = 500


# --------------------------------------------------------------------------------------------------------- ordering
def order_announcement(*, call: Call, which: str, by: Person) -> AnnouncementOrder:
    """Order that the call's reports that are ready now, or missed, are announced. While such an order is open, a second
    one is the same. Refused where there is no such report."""
    which = AnnouncedWhich(which)
    try:
        with transaction.atomic():
            at = database_now()
            membership = provider_membership(by, call.service, at)
            if membership is None:
                raise Forbidden(_("Only a coordinator of the provider announces results."))
            standing = AnnouncementOrder.objects.filter(AnnouncementOrder.OPEN, call=call, which=which).first()
            if standing:
                return standing
            found = reports_of_call(call, at).filter(announce_filters(call)[which]).order_by("unit_sort_key", "pk")
            reports = list(found.values_list("pk", flat=True))
            if not reports:
                raise Refused(_("No report of this call is in this state now."), code="nothing-to-announce")
            order = AnnouncementOrder.objects.create(
                key=new_code(), call=call, which=which, reports=reports, total=len(reports), requested_at=at, requested_by=by
            )  # fmt: skip
            _record(ReportVerb.ORDER_ANNOUNCEMENT, order, membership=membership, data={"reports": len(reports)})
            transaction.on_commit(_ring)
    except IntegrityError:  # the second of two at one time
        return AnnouncementOrder.objects.get(AnnouncementOrder.OPEN, call=call, which=which)
    return order


def _record(verb: ReportVerb, order: AnnouncementOrder, *, membership: Membership | None = None, data: dict) -> Event:
    """By the person who ordered with a membership, without one by the portal."""
    provider = order.call.service.provider
    return record(
        verb, noun="call", key=order.call_id, at=database_now(), by=order.requested_by if membership else None,
        membership=membership, path=provider.path, unit_id=provider.pk, call_id=order.call_id,
        data={"order": order.key, "which": order.which, **data},
    )  # fmt: skip


def _ring() -> None:
    ring("reports.tasks.announce_ordered")


# ------------------------------------------------------------------------------------------------------- announcing
def announce_ordered() -> int:
    """A sweep: carry out the orders that are in nobody's hands, oldest first; how many were ended."""
    ended = 0
    for pk in due_orders(AnnouncementOrder, database_now()).order_by("requested_at").values_list("pk", flat=True)[:50]:
        ended += carry_out(pk)
    return ended


def carry_out(pk: int) -> bool:
    """Claim one order and announce what is left of it. False where somebody else has it, or it could not be ended."""
    if not claim_order(AnnouncementOrder, pk):
        return False
    order = AnnouncementOrder.objects.select_related("call__agreement__service__provider", "requested_by").get(pk=pk)
    with translation.override(order.requested_by.language):
        if order.attempts > ATTEMPTS:
            _give_up(
                order,
                _("The announcing broke off. Order the rest again; if that fails too, tell the portal’s operators."),
            )
            return False
        try:
            return _portions(order) and _end(order)
        except ClaimLost:
            return False
        except Exception:  # whatever it was, it must not keep the other orders back
            # It stays claimed until its beat is old; then another attempt goes on where this one stopped.
            logger.exception("Order %s to announce could not be carried out.", order.key)
            return False


def _portions(order: AnnouncementOrder) -> bool:
    """Announce what is left, portion by portion. False where whoever ordered it may not any more."""
    while order.done < order.total:
        by = Person.objects.get(pk=order.requested_by_id)  # read anew: memberships may have ended since
        if not by.is_active or provider_membership(by, order.call.service, database_now()) is None:
            _give_up(order, _("The membership that this was ordered with has ended. What was announced stands."))
            return False
        ids = order.reports[order.done : order.done + PORTION]
        found = Report.objects.select_related("call").in_bulk(ids)
        _keep(order, len(ids), announce_results(reports=[found[pk] for pk in ids], by=by))
    return True


def _keep(order: AnnouncementOrder, count: int, made: list[Announcement]) -> None:
    """What became of a portion, once. ClaimLost where another worker has taken over: it tells of the portion itself."""
    order.done += count
    order.announced += sum(each.version is not None for each in made)
    order.refused += [
        {"report": each.report.tracking_code, "unit": each.report.unit_name, "why": each.refusal}
        for each in made
        if each.version is None
    ]
    kept = claimed_order(order).update(
        done=order.done, announced=order.announced, refused=order.refused, beat_at=database_now()
    )
    if kept != 1:
        raise ClaimLost(order.key)


def _end(order: AnnouncementOrder) -> bool:
    with transaction.atomic():
        if claimed_order(order).update(ended_at=database_now(), beat_at=None, done=F("total")) != 1:
            raise ClaimLost(order.key)
        data = {"announced": order.announced, "refused": len(order.refused)}
        tell(_record(ReportVerb.END_ANNOUNCEMENT_ORDER, order, data=data), ordered_results(order))
    return True


def _give_up(order: AnnouncementOrder, trouble: str) -> None:
    with transaction.atomic():
        if claimed_order(order).update(failed_at=database_now(), trouble=trouble) == 1:
            order.trouble = trouble
            data = {"announced": order.announced, "trouble": trouble}
            tell(_record(ReportVerb.FAIL_ANNOUNCEMENT_ORDER, order, data=data), ordered_results(order))
