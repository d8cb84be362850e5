"""Predicates over people and units. They only read."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from sajad_portal.lib.clock import tehran_date

from .enums import DEPUTISED_ROLES, HEADQUARTERS_ROLES, UNIT_ROLES, Role, UnitVerb
from .models import Event, FactorReset, Membership, Person, Succession, Unit
from .queries import ancestor_ids, memberships_of
from .queries.organisation import organisation
from .queries.successions import inherited_by


def membership_on(person, unit: Unit | int, roles, at: datetime) -> Membership | None:
    """The membership with which the person holds one of `roles` on exactly this unit, given whole or by its key."""
    key = unit if isinstance(unit, int) else unit.pk
    return next((m for m in memberships_of(person, at) if m.unit_id == key and m.role in roles), None)


def acting_membership(person, unit: Unit | int, call_id: int | None, roles, at: datetime) -> Membership | None:
    """With which the person acts for the unit in the matters of one call (None: of no call): a seat on exactly this unit, or
    on the one to which they were handed when the unit ended."""
    key = unit if isinstance(unit, int) else unit.pk
    return membership_on(person, key, roles, at) or _inheriting(
        person, roles, at, lambda matter: (matter.unit_id, matter.call_id) == (key, call_id)
    )


def answering_membership(person, unit: Unit, roles, at: datetime) -> Membership | None:
    """The same for what belongs to the unit and to no single call, such as its acceptance of an agreement: whoever acts for it
    in any call."""
    return membership_on(person, unit, roles, at) or _inheriting(
        person, roles, at, lambda matter: matter.unit_id == unit.pk
    )


def _inheriting(person, roles, at: datetime, concerns: Callable[[Succession], bool]) -> Membership | None:
    heirs = {matter.successor_id for matter in inherited_by(person, at) if concerns(matter)}
    return next((m for m in memberships_of(person, at) if m.unit_id in heirs and m.role in roles), None)


def membership_over(person, path: str, roles, at: datetime) -> Membership | None:
    """The membership with which the person holds one of `roles` on the unit of this path or on one above it."""
    above = set(ancestor_ids(path))
    return next((m for m in memberships_of(person, at) if m.unit_id in above and m.role in roles), None)


def own_membership_over(person, path: str, roles, at: datetime) -> Membership | None:
    """The same without deputies' seats: where it counts what the person is, not for whom they act."""
    found = membership_over(person, path, roles, at)  # one's own come first
    return found if found and found.deputy_for is None else None


def grantable_roles(person, unit: Unit, at: datetime) -> set[str]:
    """Which roles the person may hand out on this unit: a head names experts of their unit; a coordinator, all roles of the subtree."""
    if person.is_superuser or membership_over(person, unit.path, {Role.COORDINATOR}, at):
        return set(Role.values)
    return {Role.REPORTER} if _as_head(person, unit, at) else set()


def _as_head(person, unit: Unit, at: datetime) -> Membership | None:
    """A head's own seat: a deputy gives no seats."""
    found = membership_on(person, unit, {Role.HEAD}, at)
    return found if found and found.deputy_for is None else None


def can_set_up_portal(person) -> bool:
    """Whose portal this is, and what no unit stands above: an administrator's."""
    return bool(person.is_authenticated and person.is_active and person.is_superuser)


def can_grant(person, unit: Unit, role: str, at: datetime) -> bool:
    """Whether the person may give, and therefore end, this role on this unit."""
    return role in grantable_roles(person, unit, at)


def granting_membership(person, unit: Unit, at: datetime) -> Membership | None:
    """The membership with which the person manages people of this unit; None for an administrator."""
    return membership_over(person, unit.path, {Role.COORDINATOR}, at) or _as_head(person, unit, at)


def can_name_deputy(person, seat: Membership, at: datetime) -> bool:
    """A head or a reviewer, for a valid seat of their own; who stands in for somebody passes that on to nobody."""
    return seat.role in DEPUTISED_ROLES and seat.deputy_for_id is None and seat in memberships_of(person, at)


def can_see_to_seat(person, seat: Membership, at: datetime) -> bool:
    """Whether the person may end the seat and move its dates: who may give its role there, and who named this deputy."""
    named = seat.deputy_for is not None and seat.deputy_for.person_id == person.pk
    return named or can_grant(person, seat.unit, seat.role, at)


def can_manage_unit(person, unit: Unit, at: datetime) -> bool:
    """Rename, move, retire: a coordinator of the unit or of one above it, or an administrator."""
    return person.is_superuser or bool(membership_over(person, unit.path, {Role.COORDINATOR}, at))


def can_import_units(person, at: datetime) -> bool:
    """An administrator, and who coordinates a unit, for what lies below it."""
    return person.is_superuser or any(m.role == Role.COORDINATOR for m in memberships_of(person, at))


def can_bring_people(person, at: datetime) -> bool:
    """A file of people: whoever may give a seat anywhere. Which ones, each row asks anew (`can_grant`)."""
    if not (person.is_authenticated and person.is_active):
        return False
    held = [m for m in memberships_of(person, at) if m.deputy_for_id is None or m.role == Role.COORDINATOR]
    return person.is_superuser or any(m.role in (Role.COORDINATOR, Role.HEAD) for m in held)


def can_create_unit(person, parent: Unit | None, at: datetime) -> bool:
    """Below a unit that they coordinate; a new root only by an administrator."""
    return person.is_superuser or (parent is not None and can_manage_unit(person, parent, at))


def can_keep_kinds(person) -> bool:
    """Kinds and attributes of units: an administrator, because they are the same for every unit."""
    return person.is_superuser and person.is_active


def can_open_account(person, other: Person, at: datetime) -> bool:
    """Whether the person may hand `other` a link that sets the password.

    For somebody who never had one: whoever may give each of their seats, those that wait among them, because who has the
    link has them all. A password that is in use is its owner's; only an
    administrator helps where it is lost and there is no e-mail.
    """
    if person.is_superuser:
        return not other.is_superuser or other.pk == person.pk
    if other.has_usable_password() or not other.is_active or other.is_superuser:
        return False
    seats = Membership.objects.not_ended_at(at).filter(person=other).select_related("unit")
    return bool(seats) and all(can_grant(person, seat.unit, seat.role, at) for seat in seats)


# ------------------------------------------------------------------------------------------------------- accounts
def administers(person) -> bool:
    """Whether the person looks after accounts: an administrator whose own is open."""
    return bool(person.is_superuser and person.is_active)


def can_correct_address(person, other: Person) -> bool:
    """Mobile and e-mail of somebody else who is no administrator: with the e-mail goes the way to a new password."""
    return administers(person) and person.pk != other.pk and not other.is_superuser


def can_close_account(person, other: Person) -> bool:
    """Nobody closes themselves; that one administrator stays open, `close_account` sees to under its lock."""
    return administers(person) and person.pk != other.pk and other.is_active


# ------------------------------------------------------------------------------------------------- second factors
def is_asked_for_factor(person, at: datetime) -> bool:
    """Whether the organisation wants a second factor of the person, now or from a day to come: who judges, speaks for the
    provider, oversees or administers. Nobody in the demo, whose passwords stand in the manual."""
    if settings.DEMO or organisation().factor_from is None:
        return False
    return bool(person.is_superuser) or any(seat.role in HEADQUARTERS_ROLES for seat in memberships_of(person, at))


def must_have_factor(person, at: datetime) -> bool:
    """The same, from the organisation's day on."""
    first = organisation().factor_from
    return first is not None and first <= tehran_date(at) and is_asked_for_factor(person, at)


def can_propose_factor_reset(person, other: Person) -> bool:
    """An administrator, for somebody else whose account is open."""
    return administers(person) and person.pk != other.pk and other.is_active


def can_confirm_factor_reset(person, reset: FactorReset) -> bool:
    """Another administrator, who counts as a second person to who proposed it and to whose factor it is."""
    others = (reset.proposed_by, reset.person)
    return administers(person) and reset.ended_at is None and all(is_second_person(person, other) for other in others)


# ------------------------------------------------------------------------------------------------- second persons
def needs_consent(
    person: Person, unit: Unit, role: str, by: Person | None, at: datetime, instead: Membership | None = None
) -> bool:
    """Whether this seat needs a second person's consent before it can be accepted; never one that an administrator gives.

    A coordinator or an auditor of a unit that provides a service, and whoever would both judge and report in one line.
    `instead`: the seat that this one replaces.
    """
    if by is None or by.is_superuser:
        return False
    overseeing = role in (Role.COORDINATOR, Role.AUDITOR)
    if overseeing and _provides(unit):
        return True
    return bool(_opposite_seats(person, unit, role, at, instead))


def _provides(unit: Unit) -> bool:
    """Whether the unit offers a service. Services belong to an app that stands above; the settings name who knows."""
    return import_string(settings.WHO_PROVIDES)(unit)


def _opposite_seats(person: Person, unit: Unit, role: str, at: datetime, apart: Membership | None) -> list[Membership]:
    """Seats of the person, those that wait among them, on the other side of a judgement in the line of this unit."""
    judging = (Role.REVIEWER, Role.COORDINATOR)  # reports, or in the provider's name
    opposite = judging if role in UNIT_ROLES else UNIT_ROLES if role in judging else ()
    seats = Membership.objects.not_ended_at(at).filter(person=person, role__in=opposite).select_related("unit")
    return [
        seat
        for seat in seats
        if seat != apart and (seat.unit.path.startswith(unit.path) or unit.path.startswith(seat.unit.path))
    ]


def can_consent(person, seat: Membership, at: datetime) -> bool:
    """An administrator, or a coordinator over every unit that is concerned; a second person to giver and receiver."""
    if not (seat.consent_needed and seat.consented_at is None):
        return False
    if not person.is_superuser:
        seats = _opposite_seats(seat.person, seat.unit, seat.role, at, seat)
        paths = {seat.unit.path, *(other.unit.path for other in seats)}
        if not all(membership_over(person, path, {Role.COORDINATOR}, at) for path in paths):
            return False
    return all(other is None or is_second_person(person, other) for other in (seat.granted_by, seat.person))


def is_second_person(person: Person, other: Person) -> bool:
    """Whether the two count as two: neither opened the other's account, also through a third one, nor somebody both.

    It does not matter any more who opened an account once an administrator has confirmed its person and the password was
    set through a link that the opener did not see.
    """
    return not ({person.pk} | _openers(person)) & ({other.pk} | _openers(other))


def _openers(person: Person) -> set[int]:
    """Who opened the person's account (made it, or sent a link into it), who opened theirs, and so on."""
    found: set[int] = set()
    asked = {person.pk}
    while asked:
        keys = [str(key) for key in asked]
        about = Event.objects.filter(noun="person", key__in=keys, person__isnull=False)
        confirmed = set(about.filter(verb=UnitVerb.CONFIRM).values_list("key", flat=True))
        opened = about.filter(verb__in=[UnitVerb.CREATE, UnitVerb.INVITE]).exclude(person__is_superuser=True)
        openers: dict[str, set[int]] = {}
        for key, opener in opened.values_list("key", "person_id"):
            openers.setdefault(key, set()).add(opener)
        asked = {o for key, who in openers.items() for o in who if key not in confirmed or _saw_the_link(key, o)}
        asked -= found | {person.pk}
        found |= asked
    return found


def _saw_the_link(key: str, opener: int) -> bool:
    """Whether the password may be known to the opener: a link into the account was shown to them, and none that they did
    not see has set a password since. `link`: the number of a link in the events of showing and of using it."""
    about = Event.objects.filter(noun="person", key=key)
    shown = about.filter(verb=UnitVerb.INVITE, person=opener, data__by_mail=False)
    last = shown.order_by("-id").first()
    if last is None:
        return False
    seen = set(shown.values_list("data__link", flat=True))
    used = about.filter(verb=UnitVerb.SET_PASSWORD, data__how="link", id__gt=last.pk).values_list(
        "data__link", flat=True
    )
    return not any(link is not None and link not in seen for link in used)


def can_confirm_person(person, other: Person) -> bool:
    """An administrator vouches for somebody whose account others opened; not for themselves."""
    return person.is_superuser and person.is_active and person.pk != other.pk and bool(_openers(other))
