"""Predicates over people and units. They only read."""

from datetime import datetime

from .enums import Role
from .models import Membership, Unit
from .queries import ancestor_ids, memberships_of

MANAGING = {Role.HEAD, Role.COORDINATOR}


def membership_on(person, unit: Unit, roles, at: datetime) -> Membership | None:
    """The membership with which the person holds one of `roles` on exactly this unit."""
    return next((m for m in memberships_of(person, at) if m.unit_id == unit.pk and m.role in roles), None)


def membership_over(person, path: str, roles, at: datetime) -> Membership | None:
    """The membership with which the person holds one of `roles` on the unit of this path or on one above it."""
    above = set(ancestor_ids(path))
    return next((m for m in memberships_of(person, at) if m.unit_id in above and m.role in roles), None)


def can_manage_people(person, unit: Unit, at: datetime) -> bool:
    """A head of exactly this unit, a coordinator over it, or an administrator (first accounts)."""
    if person.is_superuser:
        return True
    return bool(
        membership_on(person, unit, {Role.HEAD}, at) or membership_over(person, unit.path, {Role.COORDINATOR}, at)
    )


def grantable_roles(person, unit: Unit, at: datetime) -> set[str]:
    """Which roles the person may hand out on this unit: a head names experts of their unit; a coordinator, all roles of the subtree."""
    if person.is_superuser or membership_over(person, unit.path, {Role.COORDINATOR}, at):
        return set(Role.values)
    if membership_on(person, unit, {Role.HEAD}, at):
        return {Role.REPORTER}
    return set()


def reports_in_line(person, unit_path: str, at: datetime) -> bool:
    """Whether the person reports for this unit, one above or one below it: then they review nothing of it."""
    above = set(ancestor_ids(unit_path))
    return any(
        m.unit_id in above or m.unit.path.startswith(unit_path)
        for m in memberships_of(person, at)
        if m.role in (Role.REPORTER, Role.HEAD)
    )
