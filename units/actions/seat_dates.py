"""When a seat begins and ends, changed after it was given."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused

from .. import notices
from ..enums import UnitVerb
from ..models import Membership, Person
from ..rules import can_see_to_seat, needs_consent
from .events import tell
from .offering import (
    checked_dates,
    locked_seat,
    people_of,
    record_seat,
    require_no_other,
    require_no_other_deputy,
    require_state,
    require_within_giver,
)


@transaction.atomic
def change_dates(
    *, membership: Membership, starts_at: datetime, ends_at: datetime | None, by: Person, reason: str = ""
) -> Membership:
    """Move when the seat begins (while it has not begun) and ends (exclusive; None: until somebody ends it).

    By whoever may give it, or has named this deputy; nobody moves their own. Raises Forbidden; Refused where it has ended,
    the dates do not fit, or a longer time would need a second person's consent (`longer-needs-consent`).
    """
    membership = locked_seat(membership)
    at = database_now()
    if by.pk == membership.person_id or not can_see_to_seat(by, membership, at):
        raise Forbidden(_("Who gives a seat moves its dates; nobody their own."), code="may-not-grant")
    require_state(membership, UnitVerb.CHANGE_DATES, at)
    before = membership.starts_at, membership.ends_at
    begun = membership.starts_at <= at
    if begun and tehran_date(starts_at) != tehran_date(membership.starts_at):
        raise Refused(_("This seat has begun; its first day stays."), code="begun")
    if begun:
        membership.ends_at = _checked_end(ends_at, at)
    elif (starts_at, ends_at) != before:
        membership.starts_at, membership.ends_at = checked_dates(starts_at, ends_at, at)
    after = membership.starts_at, membership.ends_at
    if after == before:
        return membership
    _require_room(membership, before, by, at)
    membership.save(update_fields=["starts_at", "ends_at"])
    dates = {"from": [d and d.isoformat() for d in before], "to": [d and d.isoformat() for d in after]}
    event = record_seat(UnitVerb.CHANGE_DATES, membership, by, at, reason=reason, **dates)
    tell(event, notices.seat_dates_changed(membership, by, reason, people_of(membership.unit, at)))
    return membership


def _checked_end(ends_at: datetime | None, at: datetime) -> datetime | None:
    if ends_at is not None and ends_at <= at:
        said = _("This day is over. Choose today or a later day, or end the seat now.")
        raise Refused(said, code="ends-before-start")
    return ends_at


def _require_room(membership: Membership, before: tuple[datetime, datetime | None], by: Person, at: datetime) -> None:
    """A deputy's time lies within the giver's, no other seat of the same is in the way, and a longer time has the consents
    that a new seat would need."""
    require_within_giver(membership)
    require_no_other(membership, at)
    if membership.deputy_for_id is not None:
        giver = Membership.objects.select_for_update(of=("self",)).get(pk=membership.deputy_for_id)
        require_no_other_deputy(membership, giver, at)
    (old_start, old_end), end = before, membership.ends_at
    longer = membership.starts_at < old_start or (old_end is not None and (end is None or end > old_end))
    if longer and needs_consent(membership.person, membership.unit, membership.role, by, at, instead=membership):
        said = _(
            "For a longer time this seat needs a second person’s consent. Offer it anew from the day it ends, or ask an administrator."
        )
        raise Refused(said, code="longer-needs-consent")
