"""Predicates over people and units. They only read."""

from datetime import datetime

from .enums import UNIT_ROLES, Role
from .models import Membership, Person, Unit
from .queries import ancestor_ids, memberships_of


def membership_on(person, unit: Unit | int, roles, at: datetime) -> Membership | None:
    """The membership with which the person holds one of `roles` on exactly this unit, given whole or by its key."""
    key = unit if isinstance(unit, int) else unit.pk
    return next((m for m in memberships_of(person, at) if m.unit_id == key and m.role in roles), None)


def membership_over(person, path: str, roles, at: datetime) -> Membership | None:
    """The membership with which the person holds one of `roles` on the unit of this path or on one above it."""
    above = set(ancestor_ids(path))
    return next((m for m in memberships_of(person, at) if m.unit_id in above and m.role in roles), None)


def grantable_roles(person, unit: Unit, at: datetime) -> set[str]:
    """Which roles the person may hand out on this unit: a head names experts of their unit; a coordinator, all roles of the subtree."""
    if person.is_superuser or membership_over(person, unit.path, {Role.COORDINATOR}, at):
        return set(Role.values)
    if membership_on(person, unit, {Role.HEAD}, at):
        return {Role.REPORTER}
    return set()


def can_grant(person, unit: Unit, role: str, at: datetime) -> bool:
    """Whether the person may give, and therefore end, this role on this unit."""
    return role in grantable_roles(person, unit, at)


def granting_membership(person, unit: Unit, at: datetime) -> Membership | None:
    """The membership with which the person manages people of this unit; None for an administrator."""
    return membership_over(person, unit.path, {Role.COORDINATOR}, at) or membership_on(person, unit, {Role.HEAD}, at)


def can_manage_unit(person, unit: Unit, at: datetime) -> bool:
    """Rename, move, retire: a coordinator of the unit or of one above it, or an administrator."""
    return person.is_superuser or bool(membership_over(person, unit.path, {Role.COORDINATOR}, at))


def can_create_unit(person, parent: Unit | None, at: datetime) -> bool:
    """Below a unit that they coordinate; a new root only by an administrator."""
    return person.is_superuser or (parent is not None and can_manage_unit(person, parent, at))


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


def reports_in_line(person, unit_path: str, at: datetime) -> bool:
    """Whether the person reports for this unit, one above or one below it: then they review nothing of it."""
    above = set(ancestor_ids(unit_path))
    return any(
        m.unit_id in above or m.unit.path.startswith(unit_path)
        for m in memberships_of(person, at)
        if m.role in UNIT_ROLES
    )
