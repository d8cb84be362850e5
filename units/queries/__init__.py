"""Who may see what. Every list and every fetch starts here."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from sajad_portal.lib.clock import database_now, last_reading
from sajad_portal.lib.national_code import clean_national_code, keyed_hash, valid_national_code
from sajad_portal.lib.text import latin_digits, normalise

from ..enums import Role
from ..models import Membership, Person, Unit
from ..models.querysets import AWAITS_CONSENT


def person_named(typed: str) -> Person | None:
    """The account with this national code or user name, in any digits and either case; active or not."""
    name = latin_digits(normalise(typed))
    code = clean_national_code(name)
    if valid_national_code(code):
        return Person.objects.filter(national_code_hash=keyed_hash(code)).first()
    return Person.objects.filter(username__iexact=name).first() if name else None


def memberships_of(person, at: datetime | None = None) -> list[Membership]:
    """The person's valid memberships with their units, kept on the person object: one query for each instant `at` that
    rules ask about, because a page asks many rules as of the same one. Without `at`: as of what the clock said last, kept
    for the request.
    """
    if not getattr(person, "is_authenticated", False) or not person.is_active:
        return []
    if at is not None:
        return _seats_of(person, at)[0]
    if not hasattr(person, "_memberships"):
        person._memberships = memberships_of(person, last_reading() or database_now())
    return person._memberships


def seats_offered_to(person, at: datetime) -> list[Membership]:
    """The seats that wait for the person to accept or decline them, with units and givers; read with `memberships_of`."""
    return _seats_of(person, at)[1] if person.is_active else []


def seats_to_consent_to(person, at: datetime) -> list[Membership]:
    """All seats of others that wait for somebody's consent, read with `memberships_of`; `rules.can_consent` says whose."""
    return _seats_of(person, at)[2] if person.is_active else []


def _seats_of(person, at: datetime) -> tuple[list[Membership], list[Membership], list[Membership]]:
    """(valid, offered, of others and awaiting consent): one query, because every page asks for the first."""
    kept = getattr(person, "_memberships_at", None)
    if kept is None or kept[0] != at:
        current = Membership.objects.current_at(at).filter(Q(person=person) | AWAITS_CONSENT)
        found = list(current.select_related("unit", "granted_by", "person").order_by("id"))
        own = [seat for seat in found if seat.person_id == person.pk]
        valid, offered = ([seat for seat in own if seat.is_valid is wanted] for wanted in (True, False))
        kept = person._memberships_at = (at, (valid, offered, [seat for seat in found if seat.person_id != person.pk]))
    return kept[1]


def reach(person, roles: Iterable[str] | None = None, *, field: str = "path", at: datetime | None = None) -> Q:
    """A Q over `field` (a unit path): what lies in the subtree of one of the person's memberships in `roles` (all: None)."""
    wanted = set(roles) if roles is not None else set(Role.values)
    found = Q(pk__in=[])
    for path in {m.unit.path for m in memberships_of(person, at) if m.role in wanted}:
        found |= Q(**{f"{field}__startswith": path})
    return found


# As people of a unit are named: who answers for it first.
ROLES = (Role.HEAD, Role.COORDINATOR, Role.REPORTER, Role.REVIEWER, Role.AUDITOR)


def has_role(person, *roles: str) -> bool:
    """Whether any valid membership has one of the roles: what the navigation shows, never what a verb allows."""
    return any(m.role in roles for m in memberships_of(person))


def people_with(unit: Unit, *roles: str, at: datetime, upwards: bool = False) -> QuerySet[Person]:
    """People who hold one of the roles on exactly this unit at `at`; with `upwards` also on the units above it."""
    where = Q(unit=unit)
    if upwards:
        where |= Q(unit_id__in=ancestor_ids(unit.path))
    held = Membership.objects.valid_at(at).filter(where, role__in=roles)
    return Person.objects.filter(is_active=True, pk__in=held.values("person_id")).order_by("sort_key", "id")


def people_of_units(units: Iterable[int], *roles: str, at: datetime) -> dict[int, list[Person]]:
    """{unit id: who holds one of the roles on exactly that unit at `at`}, in one query."""
    held = Membership.objects.valid_at(at).filter(unit__in=list(units), role__in=roles, person__is_active=True)
    found: dict[int, list[Person]] = {}
    for membership in held.select_related("person").order_by("person__sort_key", "person_id", "id"):
        if membership.person not in found.setdefault(membership.unit_id, []):
            found[membership.unit_id].append(membership.person)
    return found


def ancestor_ids(path: str) -> list[int]:
    """Unit ids from the root down to the unit itself, out of a path `1.5.9.`."""
    return [int(part) for part in path.split(".") if part]
