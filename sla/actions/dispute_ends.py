"""How disputes end without an agreement: withdrawn, by the provider's view, by time.

The end of the month is true for every reader at `final_at` (models/querysets.py); the sweep here records it once.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.text import normalise
from units.actions.events import claim_once, record, tell
from units.models import Person

from .. import notices, rules
from ..enums import AgreementVerb, Outcome
from ..models import Dispute
from ..queries import reminder_hour
from .disputes import close_books, end_dispute, lapse_offers, lock_dispute, next_status

REMINDERS = (7, 1)  # days before the end of negotiation


def withdraw_dispute(*, dispute: Dispute, by: Person, reason: str = "") -> Dispute:
    """The side that filed ends it; what was contested stands, and what is left of an objection window stays open."""
    with transaction.atomic():
        dispute, at = lock_dispute(dispute)
        if dispute.outcome == Outcome.WITHDRAWN:
            return dispute
        acting = rules.side_of(by, dispute, at)
        if acting is None or acting[0] != dispute.filed_side:
            raise Forbidden(_("Only the side that filed a dispute withdraws it."))
        next_status(dispute, "withdraw")
        event = end_dispute(
            dispute, Outcome.WITHDRAWN, ended_at=at, at=at, by=by, membership=acting[1],
            data={"reason": normalise(reason)},
        )  # fmt: skip
        tell(event, notices.dispute_withdrawn(dispute, at))
        return dispute


def record_dispute_ends() -> int:
    """Record each dispute whose month has passed, and tell both sides; where the provider stated no view, tell it once that
    it is overdue. Returns how many this run recorded. May run twice, late, or never.
    """
    at = database_now()
    done = 0
    waiting = Dispute.objects.filter(outcome="", recorded_at=None, final_at__lte=at).order_by("final_at", "pk")
    for pk in waiting.values_list("pk", flat=True):
        with transaction.atomic():
            done += _record_end(pk, at)
    return done


def _record_end(pk: int, at: datetime) -> bool:
    # The conditional UPDATE is the claim, and the wait: an acceptance under way holds the row, and where it committed
    # first the outcome is no longer empty, so that this changes 0 rows. The instant was read before; it only can be late.
    if Dispute.objects.filter(pk=pk, outcome="", recorded_at=None, final_at__lte=at).update(recorded_at=at) != 1:
        return False
    dispute = Dispute.objects.select_related("unit", "agreement__service__provider", "request").get(pk=pk)
    last = dispute.positions.order_by("number").last()
    if last is None:
        dispute.overdue_told_at = at
        dispute.save(update_fields=["overdue_told_at"])
        lapse_offers(dispute, dispute.final_at)  # the clock goes on: the provider still owes its view
        event = _by_time(AgreementVerb.END_NEGOTIATION, dispute, at, {"final_at": dispute.final_at.isoformat()})
        tell(event, notices.position_overdue(dispute, at))
        return True
    ended_at = max(dispute.final_at, last.at)
    dispute.outcome, dispute.ended_at = Outcome.FINAL, ended_at
    dispute.save(update_fields=["outcome", "ended_at"])
    close_books(dispute, ended_at)
    event = _by_time(AgreementVerb.END, dispute, at, {"outcome": Outcome.FINAL.value, "ended_at": ended_at.isoformat()})
    tell(event, notices.dispute_final(dispute, at))
    return True


def remind_of_dispute_ends() -> int:
    """Remind both sides before the month ends, each time once, in the last working hour before seven days and before one day
    are left. Returns how many reminders this run made."""
    at = database_now()
    hour = reminder_hour(at)
    done = 0
    near = Dispute.objects.filter(outcome="", recorded_at=None, filed_at__lt=hour.since)
    for dispute in near.filter(final_at__gt=at).select_related("unit", "agreement__service__provider"):
        leaving = [d for d in REMINDERS if at < dispute.final_at - timedelta(days=d) < hour.until]
        days = min(leaving, default=0)
        with transaction.atomic():
            if days and claim_once(f"dispute:{dispute.pk}:reminder:{days}", at):
                event = _by_time(AgreementVerb.REMIND, dispute, at, {"days": days})
                tell(event, notices.dispute_ends_soon(dispute, at))
                done += 1
    return done


def _by_time(verb: AgreementVerb, dispute: Dispute, at: datetime, data: dict):
    return record(
        verb, noun="dispute", key=dispute.pk, at=at, by=None, path=dispute.unit.path, unit_id=dispute.unit_id,
        call_id=dispute.call_id, data=data,
    )  # fmt: skip
