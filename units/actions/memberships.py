"""Who works where in which role, from when to when. A seat is offered, and takes effect when its person accepts it."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused

from .. import notices
from ..enums import SEAT_TRANSITIONS, UNIT_ROLES, Role, SeatState, UnitVerb
from ..models import Event, Membership, Person, Unit
from ..queries import people_with
from ..rules import can_consent, can_grant, granting_membership, needs_consent
from .events import record, tell


@transaction.atomic
def grant_membership(
    *,
    unit: Unit,
    person: Person,
    role: str,
    by: Person | None,
    ends_at: datetime | None = None,
    invited: bool = False,
) -> Membership:
    """Offer the person the role on exactly this unit, until `ends_at` (exclusive; None: until it is ended).

    It gives no right before `accept_seat`. `by=None` is the portal itself (a command, the demo); `invited`:
    the account is new, and the invitation tells its person. Raises Forbidden, and
    Refused where they hold it already or it waits for them.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    at = database_now()
    _may_give(by, person, unit, role, at)
    return _offer(unit, person, role, by, ends_at, at, invited=invited)


def _offer(
    unit: Unit, person: Person, role: str, by: Person | None, ends_at: datetime | None, at: datetime,
    replaces: Membership | None = None, invited: bool = False,
) -> Membership:  # fmt: skip
    """The rest of granting: the person is locked, and that `by` may grant is known."""
    if not person.is_active:
        raise Refused(_("This account is closed. An administrator can open it again."), code="account-closed")
    if unit.retired_at and unit.retired_at <= at:
        raise Refused(_("This unit is retired; nobody new joins it."), code="unit-retired")
    if ends_at is not None and ends_at <= at:
        raise Refused(_("The membership would end before it begins. Choose a later day."), code="ends-before-start")
    held = Membership.objects.not_ended_at(at).filter(person=person, unit=unit, role=role).first()
    facts = {"person": person.get_full_name(), "role": Role(role).label}
    if held is not None and held.state_at(at) in (SeatState.CONSENT, SeatState.OFFERED):
        said = _("%(person)s has been offered this seat (%(role)s) and has not answered yet.") % facts
        raise Refused(said, code="already-offered")
    if held is not None:
        raise Refused(_("%(person)s is already %(role)s of this unit.") % facts, code="already-member")
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                person=person, unit=unit, role=role, starts_at=at, ends_at=ends_at, granted_by=by, replaces=replaces,
                consent_needed=needs_consent(person, unit, role, by, at, instead=replaces),
            )  # fmt: skip
    except IntegrityError as error:  # the same grant at the same instant
        raise Refused(_("Somebody gave this role a moment ago. Load the page again."), code="already-member") from error
    event = _recorded(UnitVerb.GRANT, membership, by, at)
    if not (invited or person.has_usable_password()):
        next_link(person)  # a link handed out earlier opened fewer seats; whoever has it gets no further one with it
    tell(event, [*_consent_asked(membership, at), *notices.seat_offered(membership, by, _people_of(unit, at), invited)])
    return membership


@transaction.atomic
def accept_seat(*, membership: Membership, by: Person) -> Membership:
    """Take the seat: it gives its rights from now on, and the seat that it replaces ends in the same moment.

    Raises Forbidden to anybody but its person, Refused where it does not wait or its unit is retired.
    """
    membership = _locked(membership)
    return _accept(_own(membership, by), by, database_now())


def accept_first_seat(*, person: Person, key: int | None, by: Person, at: datetime) -> Membership | None:
    """The seat that the link of somebody's first password names, where it is theirs and still waits; no other.

    A part of `set_password`, which has locked the person.
    """
    found = Membership.objects.offered_at(at).filter(pk=key, person=person, unit__retired_at=None).first()
    waits = (
        found is not None and found.state_at(at) == SeatState.OFFERED
    )  # not where a second person must consent first
    return _accept(_locked(found), by, at) if found and waits else None


def _accept(membership: Membership, by: Person, at: datetime) -> Membership:
    _require(membership, UnitVerb.ACCEPT, at)
    if membership.unit.retired_at and membership.unit.retired_at <= at:
        raise Refused(_("This unit is retired; nobody new joins it."), code="unit-retired")
    membership.accepted_at = at
    membership.save(update_fields=["accepted_at"])
    event = _recorded(UnitVerb.ACCEPT, membership, by, at)
    tell(event, notices.seat_accepted(membership, _people_of(membership.unit, at)))
    replaced = membership.replaces and _locked(membership.replaces)
    if replaced and replaced.state_at(at) == SeatState.HELD:
        _end(replaced, UnitVerb.END, by, at, _("The role was changed."))
    return membership


@transaction.atomic
def consent_to_seat(*, membership: Membership, by: Person) -> Membership:
    """The second person: from now on the seat can be accepted. Raises Forbidden, and Refused where no consent is awaited."""
    membership, at = _consenting(membership, UnitVerb.CONSENT, by)
    membership.consented_at, membership.consented_by = at, by
    membership.save(update_fields=["consented_at", "consented_by"])
    event = _recorded(UnitVerb.CONSENT, membership, by, at)
    tell(event, notices.seat_consented(membership, by))
    return membership


@transaction.atomic
def refuse_seat(*, membership: Membership, by: Person) -> Membership:
    """The second person says no: the offer is over. Raises Forbidden, and Refused where no consent is awaited."""
    membership, at = _consenting(membership, UnitVerb.REFUSE, by)
    return _end(membership, UnitVerb.REFUSE, by, at)


def _consenting(membership: Membership, verb: UnitVerb, by: Person) -> tuple[Membership, datetime]:
    membership = _locked(membership)
    at = database_now()
    _require(membership, verb, at)
    if not can_consent(by, membership, at):
        raise Forbidden(
            _(
                "A second coordinator or an administrator consents; nobody whose account the giver or the person opened."
            ),
            code="no-second-person",
        )
    return membership, at


def _consent_asked(membership: Membership, at: datetime) -> list[notices.Message]:
    """To whoever may consent."""
    if not membership.consent_needed:
        return []
    coordinators = people_with(membership.unit, Role.COORDINATOR, at=at, upwards=True)
    administrators = Person.objects.filter(is_superuser=True, is_active=True)
    asked = [person for person in (*coordinators, *administrators) if can_consent(person, membership, at)]
    return [notices.consent_asked(membership, asked)]


@transaction.atomic
def decline_seat(*, membership: Membership, by: Person) -> Membership:
    """Refuse a seat that is offered. Raises Forbidden to anybody but its person, Refused where it does not wait."""
    membership = _own(_locked(membership), by)
    return _end(membership, UnitVerb.DECLINE, by, database_now())


@transaction.atomic
def leave_seat(*, membership: Membership, by: Person, reason: str = "") -> Membership:
    """Give up a seat of one's own, whoever gave it. Raises Forbidden to anybody else, Refused where it has ended."""
    membership = _own(_locked(membership), by)
    return _end(membership, UnitVerb.LEAVE, by, database_now(), reason)


@transaction.atomic
def end_membership(*, membership: Membership, by: Person | None, reason: str = "") -> Membership:
    """End the seat now, or take back its offer: whatever it allowed ends with it. Raises Forbidden, and Refused where it has ended."""
    membership = _locked(membership)
    at = database_now()
    _may_grant(by, membership.unit, membership.role, at)
    return _end(membership, UnitVerb.END, by, at, reason)


def _end(membership: Membership, verb: UnitVerb, by: Person | None, at: datetime, reason: str = "") -> Membership:
    _require(membership, verb, at)
    told = _people_of(membership.unit, at)  # before: who leaves a unit is told of by its people, not to themselves
    membership.ends_at = max(filter(None, (at, membership.starts_at, membership.accepted_at)))
    membership.save(update_fields=["ends_at"])
    event = _recorded(verb, membership, by, at, reason=reason)
    tell(event, notices.seat_ended(membership, verb, by, reason, told))
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: Person | None) -> Membership:
    """Offer the other role on the same unit; the present one ends when it is accepted, so that nobody is left without either."""
    membership = _locked(membership)
    at = database_now()
    if membership.role == role:
        raise Refused(_("This is the role they hold already."), code="same-role")
    _may_grant(by, membership.unit, membership.role, at)
    _may_give(by, membership.person, membership.unit, role, at)
    if membership.state_at(at) != SeatState.HELD:
        raise Refused(_("Only a seat that is in force changes into another one."), code="not-held")
    return _offer(membership.unit, membership.person, role, by, membership.ends_at, at, replaces=membership)


def _people_of(unit: Unit, at: datetime) -> list[Person]:
    """Who hears of the unit's seats: its head, its experts and its own coordinators."""
    return list(people_with(unit, *UNIT_ROLES, Role.COORDINATOR, at=at))


def _locked(membership: Membership) -> Membership:
    # The person first, as in `grant_membership`: two changes of one person's roles wait for each other.
    Person.objects.select_for_update().get(pk=membership.person_id)
    found = Membership.objects.select_for_update(of=("self",)).select_related(
        "unit", "person", "granted_by", "replaces"
    )
    return found.get(pk=membership.pk)


def _own(membership: Membership, by: Person) -> Membership:
    if membership.person_id != by.pk:
        raise Forbidden(_("A seat is accepted, declined or left by the person whose it is."), code="not-yours")
    return membership


def _require(membership: Membership, verb: UnitVerb, at: datetime) -> None:
    state = membership.state_at(at)
    if (state, verb) in SEAT_TRANSITIONS:
        return
    if state == SeatState.ENDED:
        raise Refused(_("This membership has already ended."), code="already-ended")
    if state == SeatState.CONSENT:
        said = _("This seat needs the consent of a second coordinator or an administrator before it can be accepted.")
        raise Refused(said, code="awaits-consent")
    if verb in (UnitVerb.CONSENT, UnitVerb.REFUSE):
        raise Refused(_("This seat waits for nobody’s consent."), code="no-consent-awaited")
    if state == SeatState.HELD:
        raise Refused(_("This seat is accepted already."), code="already-accepted")
    raise Refused(_("This seat has not been accepted yet. Decline it if you do not want it."), code="not-accepted")


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


def next_link(person: Person) -> int:
    """From now on only links that are made next set the password of this locked person; all earlier ones end."""
    person.link_number += 1
    person.save(update_fields=["link_number"])
    return person.link_number


def _recorded(verb: UnitVerb, membership: Membership, by: Person | None, at: datetime, **more) -> Event:
    return record(
        verb, noun="membership", key=membership.pk, at=at, by=by,
        membership=_acting_as(membership, by, at),
        path=membership.unit.path, unit_id=membership.unit_id,
        data={"person": membership.person_id, "role": membership.role, **{k: v for k, v in more.items() if v}},
    )  # fmt: skip


def _acting_as(membership: Membership, by: Person | None, at: datetime) -> Membership | None:
    """Who accepts, declines or leaves acts as the seat itself; who gives or takes, as the seat that allows it."""
    if by is None or by.pk == membership.person_id:
        return membership if by else None
    return granting_membership(by, membership.unit, at)
