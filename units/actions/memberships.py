"""Who works where in which role, from when to when. A seat is offered, and takes effect when its person accepts it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused

from .. import notices
from ..enums import SeatState, UnitVerb
from ..models import Membership, Person, Unit
from ..queries import known_in
from ..rules import can_consent, can_grant, can_manage_unit, can_see_to_seat, needs_consent
from .events import tell
from .offering import ask_for_consent, awaits_consent, locked_seat, offer_seat, people_of, record_seat, require_state


@transaction.atomic
def grant_membership(
    *,
    unit: Unit,
    person: Person,
    role: str,
    by: Person | None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    invited: bool = False,
    unknown: bool = False,
) -> Membership:
    """Offer the person the role on exactly this unit, from `starts_at` (None: from now) until `ends_at` (exclusive; None:
    until it is ended).

    It gives no right before `accept_seat`. `by=None` is the portal itself (a command, the demo); `invited`:
    the account is new, and the invitation tells its person; `unknown`: `by` may not know the person. Raises Forbidden, and
    Refused where they hold it already or it waits for them.
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    at = database_now()
    _may_give(by, person, unit, role, at)
    seat = Membership(unit=unit, person=person, role=role, starts_at=starts_at or at, ends_at=ends_at, granted_by=by)
    return offer_seat(seat, UnitVerb.GRANT, at, invited=invited, unknown=unknown)


def accept_seat(*, membership: Membership, by: Person) -> Membership:
    """Take the seat: it gives its rights from now on, and the seat that it replaces ends in the same moment.

    Raises Forbidden to anybody but its person, Refused where it does not wait or its unit is retired. Whether a second person
    must consent is decided again: what changed since the offer may ask for it (`awaits-consent`; the seat then waits).
    """
    with transaction.atomic():
        membership, at = locked_seat(membership), database_now()
        _own(membership, by)
        if not (waits := _consent_became_necessary(membership, by, at)):
            return _accept(membership, by, at)
    raise waits


def _consent_became_necessary(membership: Membership, by: Person, at: datetime) -> Refused | None:
    """Stored before it is refused, so that a second person is asked."""
    seat = membership
    if seat.consent_needed or seat.state_at(at) != SeatState.OFFERED:
        return None
    if not needs_consent(seat.person, seat.unit, seat.role, seat.granted_by, at, instead=seat.replaces):
        return None
    seat.consent_needed = True
    seat.save(update_fields=["consent_needed"])
    tell(record_seat(UnitVerb.ASK_CONSENT, seat, None, at), ask_for_consent(seat, at))
    return awaits_consent()


def accept_first_seat(*, person: Person, key: int | None, by: Person, at: datetime) -> Membership | None:
    """The seat that the link of somebody's first password names, where it is theirs and still waits; no other.

    A part of `set_password`, which has locked the person.
    """
    found = Membership.objects.offered_at(at).filter(pk=key, person=person, unit__retired_at=None).first()
    if found is None or found.state_at(at) != SeatState.OFFERED:  # a second person must consent first
        return None
    seat = locked_seat(found)
    return None if _consent_became_necessary(seat, by, at) else _accept(seat, by, at)


def _accept(membership: Membership, by: Person, at: datetime) -> Membership:
    require_state(membership, UnitVerb.ACCEPT, at)
    if membership.unit.retired_at and membership.unit.retired_at <= at:
        raise Refused(_("This unit is retired; nobody new joins it."), code="unit-retired")
    membership.accepted_at = at
    membership.save(update_fields=["accepted_at"])
    event = record_seat(UnitVerb.ACCEPT, membership, by, at)
    tell(event, notices.seat_accepted(membership, people_of(membership.unit, at)))
    replaced = membership.replaces and locked_seat(membership.replaces)
    if replaced and replaced.state_at(at) == SeatState.HELD:
        _end(replaced, UnitVerb.END, by, at, _("The role was changed."))
    return membership


@transaction.atomic
def consent_to_seat(*, membership: Membership, by: Person) -> Membership:
    """The second person: from now on the seat can be accepted. Raises Forbidden, and Refused where no consent is awaited."""
    membership, at = _consenting(membership, UnitVerb.CONSENT, by)
    membership.consented_at, membership.consented_by = at, by
    membership.save(update_fields=["consented_at", "consented_by"])
    event = record_seat(UnitVerb.CONSENT, membership, by, at)
    giver = membership.granted_by  # who gives a seat below learns nothing of what its person holds above
    told = [giver] if giver and can_manage_unit(giver, membership.unit, at) else []
    tell(event, notices.seat_consented(membership, by, told))
    return membership


@transaction.atomic
def refuse_seat(*, membership: Membership, by: Person) -> Membership:
    """The second person says no: the offer is over. Raises Forbidden, and Refused where no consent is awaited."""
    membership, at = _consenting(membership, UnitVerb.REFUSE, by)
    return _end(membership, UnitVerb.REFUSE, by, at)


def _consenting(membership: Membership, verb: UnitVerb, by: Person) -> tuple[Membership, datetime]:
    membership = locked_seat(membership)
    at = database_now()
    require_state(membership, verb, at)
    if not can_consent(by, membership, at):
        raise Forbidden(
            _(
                "A second coordinator or an administrator consents; nobody whose account the giver or the person opened."
            ),
            code="no-second-person",
        )
    return membership, at


@transaction.atomic
def decline_seat(*, membership: Membership, by: Person) -> Membership:
    """Refuse a seat that is offered. Raises Forbidden to anybody but its person, Refused where it does not wait."""
    membership = _own(locked_seat(membership), by)
    return _end(membership, UnitVerb.DECLINE, by, database_now())


@transaction.atomic
def leave_seat(*, membership: Membership, by: Person, reason: str = "") -> Membership:
    """Give up a seat of one's own, whoever gave it. Raises Forbidden to anybody else, Refused where it has ended."""
    membership = _own(locked_seat(membership), by)
    return _end(membership, UnitVerb.LEAVE, by, database_now(), reason)


@transaction.atomic
def end_membership(*, membership: Membership, by: Person | None, reason: str = "") -> Membership:
    """End the seat now, or take back its offer: whatever it allowed ends with it. Raises Forbidden, and Refused where it has ended."""
    membership = locked_seat(membership)
    at = database_now()
    if by is None or not can_see_to_seat(by, membership, at):
        _may_grant(by, membership.unit, membership.role, at)
    return _end(membership, UnitVerb.END, by, at, reason)


def _end(membership: Membership, verb: UnitVerb, by: Person | None, at: datetime, reason: str = "") -> Membership:
    require_state(membership, verb, at)
    told = people_of(membership.unit, at)  # before: who leaves a unit is told of by its people, not to themselves
    membership.starts_at = min(membership.starts_at, at)  # what never began does not end later than now
    membership.ends_at = max(filter(None, (at, membership.accepted_at)))
    membership.save(update_fields=["starts_at", "ends_at"])
    event = record_seat(verb, membership, by, at, reason=reason)
    named = membership.accepted_at is not None or known_in(membership.unit, membership.person)
    tell(event, notices.seat_ended(membership, verb, by, reason, told, named))
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: Person | None) -> Membership:
    """Offer the other role on the same unit; the present one ends when it is accepted, so that nobody is left without either."""
    membership = locked_seat(membership)
    at = database_now()
    if membership.role == role:
        raise Refused(_("This is the role they hold already."), code="same-role")
    _may_grant(by, membership.unit, membership.role, at)
    _may_give(by, membership.person, membership.unit, role, at)
    if membership.state_at(at) != SeatState.HELD:
        raise Refused(_("Only a seat that is in force changes into another one."), code="not-held")
    seat = Membership(
        unit=membership.unit, person=membership.person, role=role, starts_at=at, ends_at=membership.ends_at,
        granted_by=by, replaces=membership,
    )  # fmt: skip
    return offer_seat(seat, UnitVerb.GRANT, at)


def _own(membership: Membership, by: Person) -> Membership:
    if membership.person_id != by.pk:
        raise Forbidden(_("A seat is accepted, declined or left by the person whose it is."), code="not-yours")
    return membership


def _may_grant(by: Person | None, unit: Unit, role: str, at: datetime) -> None:
    if by is not None and not can_grant(by, unit, role, at):
        raise Forbidden(
            _("Roles are given by a coordinator of the unit or of one above it; a head names the unit’s experts."),
            code="may-not-grant",
        )


def _may_give(by: Person | None, person: Person, unit: Unit, role: str, at: datetime) -> None:
    if by is not None and by.pk == person.pk:
        raise Forbidden(
            _("Nobody gives a seat to themselves. Ask another coordinator or an administrator."), code="to-oneself"
        )
    _may_grant(by, unit, role, at)
