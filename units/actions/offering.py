"""What the verbs of seats share: the lock, the states, offering, the trail. Parts of verbs; none is called by a view."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import start_of_day, tehran_date
from sajad_portal.lib.errors import Refused

from .. import notices
from ..enums import SEAT_TRANSITIONS, Role, SeatState, UnitVerb
from ..models import Event, Membership, Person, Unit
from ..queries import deputies_of, known_in, people_with
from ..rules import can_consent, granting_membership, needs_consent
from .events import record, tell


def locked_seat(membership: Membership) -> Membership:
    # The person first, as in `grant_membership`: two changes of one person's roles wait for each other. Not their key: a notice
    # to them is written meanwhile by who changes a colleague's, or each of the two would wait for the other.
    Person.objects.select_for_update(no_key=True).get(pk=membership.person_id)
    found = Membership.objects.select_for_update(of=("self",)).select_related(
        "unit", "person", "granted_by", "replaces", "deputy_for__person"
    )
    return found.get(pk=membership.pk)


def require_state(membership: Membership, verb: UnitVerb, at: datetime) -> None:
    state = membership.state_at(at)
    if (state, verb) in SEAT_TRANSITIONS:
        return
    if state == SeatState.ENDED:
        raise Refused(_("This membership has already ended."), code="already-ended")
    if state == SeatState.CONSENT:
        raise awaits_consent()
    if verb in (UnitVerb.CONSENT, UnitVerb.REFUSE):
        raise Refused(_("This seat waits for nobody’s consent."), code="no-consent-awaited")
    if state == SeatState.HELD:
        raise Refused(_("This seat is accepted already."), code="already-accepted")
    raise Refused(_("This seat has not been accepted yet. Decline it if you do not want it."), code="not-accepted")


def awaits_consent() -> Refused:
    said = _("This seat needs the consent of a second coordinator or an administrator before it can be accepted.")
    return Refused(said, code="awaits-consent")


def offer_seat(
    seat: Membership, verb: UnitVerb, at: datetime, *, invited: bool = False, unknown: bool = False
) -> Membership:
    """Part of the verbs that offer a seat (unsaved): its person is locked, and that its giver may give it is known.

    `invited`: the account is new; `unknown`: the giver may not know the person, so that a closed account is offered the seat
    like an open one, and nobody can accept it.
    """
    person, unit, by = seat.person, seat.unit, seat.granted_by
    if not person.is_active and not unknown:
        raise Refused(_("This account is closed. An administrator can open it again."), code="account-closed")
    if unit.retired_at and unit.retired_at <= at:
        raise Refused(_("This unit is retired; nobody new joins it."), code="unit-retired")
    seat.starts_at, seat.ends_at = checked_dates(seat.starts_at, seat.ends_at, at)
    require_no_other(seat, at)
    seat.consent_needed = needs_consent(person, unit, seat.role, by, at, instead=seat.replaces)
    try:
        with transaction.atomic():
            seat.save()
    except IntegrityError as error:  # the same grant at the same instant
        raise Refused(_("Somebody gave this role a moment ago. Load the page again."), code="already-member") from error
    event = record_seat(verb, seat, by, at)
    if not (invited or person.has_usable_password()):
        next_link(person)  # a link handed out earlier opened fewer seats; whoever has it gets no further one with it
    named = invited or known_in(unit, person)
    tell(event, [*ask_for_consent(seat, at), *notices.seat_offered(seat, by, people_of(unit, at), invited, named)])
    return seat


def checked_dates(starts_at: datetime, ends_at: datetime | None, at: datetime) -> tuple[datetime, datetime | None]:
    """What was typed for a seat that has not begun: today's 00:00 means now. Raises Refused for a day that is past, and for
    an end before the beginning."""
    if starts_at < start_of_day(tehran_date(at)):
        raise Refused(_("A seat cannot begin in the past. Choose today or a later day."), code="starts-in-the-past")
    starts_at = max(starts_at, at)
    if ends_at is not None and ends_at <= starts_at:
        raise Refused(_("The membership would end before it begins. Choose a later day."), code="ends-before-start")
    return starts_at, ends_at


def require_no_other(seat: Membership, at: datetime) -> None:
    """One seat of a role on a unit at a time, and one in the same place of a deputy; a later one may follow it."""
    rows = Membership.objects.not_ended_at(at).overlapping(seat.starts_at, seat.ends_at)
    held = rows.filter(person=seat.person, unit=seat.unit, role=seat.role, deputy_for=seat.deputy_for)
    other = held.exclude(pk=seat.pk).select_related("deputy_for__person").first()
    if other is None:
        return
    facts = {"person": seat.person.get_full_name(), "role": seat.title}
    if other.state_at(at) in (SeatState.CONSENT, SeatState.OFFERED):
        said = _("%(person)s has been offered this seat (%(role)s) and has not answered yet.") % facts
        raise Refused(said, code="already-offered")
    raise Refused(_("%(person)s is already %(role)s of this unit.") % facts, code="already-member")


def require_within_giver(seat: Membership) -> None:
    giver = seat.deputy_for
    if giver and giver.ends_at and (seat.ends_at is None or seat.ends_at > giver.ends_at):
        raise Refused(_("The seat that is stood in for ends earlier. Choose a day within it."), code="beyond-the-giver")
    if giver and seat.ends_at is None:
        raise Refused(_("A deputy is named for a time: write until when."), code="no-end")


def require_no_other_deputy(seat: Membership, giver: Membership, at: datetime) -> None:
    """One deputy of a seat at a time; the giver's seat is locked."""
    others = deputies_of(giver, at).exclude(pk=seat.pk)
    if (other := others.overlapping(seat.starts_at, seat.ends_at).first()) is not None:
        said = _("%(person)s is named as your deputy for this time. End that first, or choose another time.")
        raise Refused(said % {"person": other.person.get_full_name()}, code="deputy-named")


def ask_for_consent(membership: Membership, at: datetime) -> list[notices.Message]:
    """To whoever may consent."""
    if not membership.consent_needed:
        return []
    coordinators = people_with(membership.unit, Role.COORDINATOR, at=at, upwards=True)
    administrators = Person.objects.filter(is_superuser=True, is_active=True)
    asked = [person for person in (*coordinators, *administrators) if can_consent(person, membership, at)]
    return [notices.consent_asked(membership, asked)]


def people_of(unit: Unit, at: datetime) -> list[Person]:
    """Who hears of the unit's seats: everybody who has one."""
    return list(people_with(unit, *Role, at=at))


def next_link(person: Person) -> int:
    """From now on only links that are made next set the password of this locked person; all earlier ones end."""
    person.link_number += 1
    person.save(update_fields=["link_number"])
    return person.link_number


def record_seat(verb: UnitVerb, membership: Membership, by: Person | None, at: datetime, **more) -> Event:
    return record(
        verb, noun="membership", key=membership.pk, at=at, by=by,
        membership=_acting_as(membership, by, at),
        path=membership.unit.path, unit_id=membership.unit_id,
        data={
            "person": membership.person_id, "role": membership.role,
            **({"deputy_for": membership.deputy_for.person_id} if membership.deputy_for else {}),
            **{k: v for k, v in more.items() if v},
        },
    )  # fmt: skip


def _acting_as(membership: Membership, by: Person | None, at: datetime) -> Membership | None:
    """Who accepts, declines or leaves acts as the seat itself; who gives or takes, as the seat that allows it."""
    if by is None or by.pk == membership.person_id:
        return membership if by else None
    if membership.deputy_for and membership.deputy_for.person_id == by.pk:
        return membership.deputy_for
    return granting_membership(by, membership.unit, at)
