"""Who may see what. Every list and every fetch starts here."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects

from sajad_portal.lib.clock import database_now, last_reading
from sajad_portal.lib.national_code import clean_national_code, hashes_of, valid_national_code
from sajad_portal.lib.text import latin_digits, normalise

from ..enums import UNIT_ROLES, Role, UnitVerb
from ..models import Event, Membership, Person, Succession, Unit
from ..models.querysets import AWAITS_CONSENT, MembershipQuerySet


def person_named(typed: str) -> Person | None:
    """The account with this national code or user name, in any digits and either case; active or not."""
    name = latin_digits(normalise(typed))
    code = clean_national_code(name)
    if valid_national_code(code):
        return Person.objects.filter(national_code_hash__in=hashes_of(code)).first()
    return Person.objects.filter(username__iexact=name).first() if name else None


def memberships_of(person, at: datetime | None = None) -> list[Membership]:
    """The person's valid memberships with their units, kept on the person object: one query for each instant `at` that
    rules ask about, because a page asks many rules as of the same one. Without `at`: as of what the clock said last, kept
    for the request. `only_seat` on the person: a program acts for them, and may nothing but in this one seat.
    """
    if not getattr(person, "is_authenticated", False) or not person.is_active:
        return []
    if at is not None:
        only = getattr(person, "only_seat", None)
        valid = _seats_of(person, at)[0]
        return valid if only is None else [seat for seat in valid if seat.pk == only]
    if not hasattr(person, "_memberships"):
        person._memberships = memberships_of(person, last_reading() or database_now())
    return person._memberships


def seats_offered_to(person, at: datetime) -> list[Membership]:
    """The seats that wait for the person to accept or decline them, with units and givers; read with `memberships_of`."""
    offered = _seats_of(person, at)[1] if person.is_active else []
    prefetch_related_objects(offered, "granted_by")
    return offered


def seats_to_consent_to(person, at: datetime) -> list[Membership]:
    """All seats of others that wait for somebody's consent; `rules.can_consent` says whose."""
    if not person.is_active:
        return []
    waiting = Membership.objects.not_ended_at(at).filter(AWAITS_CONSENT).exclude(person=person)
    return list(waiting.select_related("unit", "granted_by", "person", "deputy_for__person").order_by("pk"))


def reporting_seats_of(person, at: datetime) -> list[Membership]:
    """The seats as expert or head that took effect by `at`, ended ones too: the person's own, and those of everybody they
    stand in for. Read with `memberships_of`."""
    givers = [seat.deputy_for.person for seat in _all_seats(person, at) if seat.deputy_for is not None]
    return [seat for holder in (person, *givers) for seat in _seats_of(holder, at)[3]]


def seats_to_come(person, at: datetime) -> list[Membership]:
    """The seats that the person has accepted and that give no right yet, because their time begins later."""
    return _seats_of(person, at)[2] if person.is_active else []


def seats_that_bind(person, at: datetime | None = None) -> list[Membership]:
    """What conflicts of interest are asked about: all valid seats of the person, and those of everybody they stand in for."""
    own = _all_seats(person, at)
    givers = [seat.deputy_for.person for seat in own if seat.deputy_for is not None]
    return [*own, *(seat for giver in givers for seat in memberships_of(giver, at))]


def _all_seats(person, at: datetime | None) -> list[Membership]:
    """The valid ones whatever the person acts in now: a program that is bound to one seat escapes no conflict of another."""
    if getattr(person, "only_seat", None) is None or not person.is_active:
        return memberships_of(person, at)
    return _seats_of(person, at or last_reading() or database_now())[0]


def stands_in_for(person, role: str, at: datetime) -> dict[int, Membership]:
    """{person: the deputy's seat}: in whose place the person acts in this role."""
    seats = [seat for seat in memberships_of(person, at) if seat.role == role]
    return {seat.deputy_for.person_id: seat for seat in seats if seat.deputy_for is not None}


Seats = tuple[list[Membership], ...]


def _seats_of(person, at: datetime) -> Seats:
    """(valid, offered, to come, as expert or head and begun): one narrow query, because every page and every verb asks for
    it. A seat of one's own comes before a deputy's, so that nobody acts for another where they may act themselves."""
    kept = getattr(person, "_memberships_at", None)
    if kept is None or kept[0] != at:
        heir = Succession.objects.standing().filter(successor=OuterRef("unit"))
        told = Membership.objects.told_at(at).filter(person=person).annotate(takes_over=Exists(heir))
        own = sorted(told.select_related("unit"), key=lambda seat: (seat.deputy_for_id is not None, seat.pk))
        for seat in own:
            seat.person, seat.is_valid = person, seat.lasts and seat.has_begun
        prefetch_related_objects([seat for seat in own if seat.deputy_for_id], "deputy_for__person")
        valid = [seat for seat in own if seat.is_valid]
        offered = [seat for seat in own if seat.lasts and seat.accepted_at is None]
        to_come = [seat for seat in own if seat.lasts and not seat.has_begun and seat.accepted_at is not None]
        reporting = [seat for seat in own if seat.has_begun and seat.role in UNIT_ROLES]
        kept = person._memberships_at = (at, (valid, offered, to_come, reporting))
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


def possible_deputies(seat: Membership, at: datetime) -> QuerySet[Person]:
    """Of whom the seat's person may name one: the people of its unit, but no second head for a head."""
    held = Membership.objects.valid_at(at).filter(unit=seat.unit_id, deputy_for=None, person__is_active=True)
    heads = held.filter(role=seat.role).values("person_id") if seat.role == Role.HEAD else []
    found = Person.objects.filter(pk__in=held.values("person_id")).exclude(pk=seat.person_id).exclude(pk__in=heads)
    return found.order_by("sort_key", "id")


def heads_beside(unit: Unit, person: Person | None, at: datetime) -> MembershipQuerySet:
    """Seats of the unit's heads, held or offered, that another head would stand beside; without deputies and the person's own."""
    found = Membership.objects.not_ended_at(at).filter(unit=unit, role=Role.HEAD, deputy_for=None)
    if person is not None:
        found = found.exclude(person=person)
    return found.select_related("person", "unit").order_by("starts_at", "id")


def deputies_of(seat: Membership, at: datetime) -> MembershipQuerySet:
    """The seats that stand in for this one, or will, or wait to be accepted."""
    found = Membership.objects.not_ended_at(at).filter(deputy_for=seat)
    return found.select_related("person", "unit", "deputy_for__person").order_by("starts_at", "id")


def known_people(viewer, people: Iterable[int], at: datetime) -> set[int]:
    """Of these people those whom the viewer may know: themselves, whoever holds or held a seat that the viewer sees, and
    whoever got their account there or from the viewer. Of anybody else an invitation says nothing but that it waits."""
    people = set(people)
    if viewer.is_superuser or not people:
        return people
    seats = Membership.objects.filter(person__in=people, accepted_at__isnull=False)
    found = set(seats.filter(reach(viewer, field="unit__path", at=at)).values_list("person_id", flat=True))
    return found | ({viewer.pk} & people) | _opened_near(people - found, Q(person=viewer) | reach(viewer, at=at))


def known_in(unit: Unit, person: Person) -> bool:
    """Whether everybody of the unit may know the person, by a seat or an account that the unit or its subtree gave."""
    seats = Membership.objects.filter(person=person, accepted_at__isnull=False, unit__path__startswith=unit.path)
    return seats.exists() or bool(_opened_near({person.pk}, Q(path__startswith=unit.path)))


def _opened_near(people: set[int], where: Q) -> set[int]:
    keys = [str(pk) for pk in people]
    opened = Event.objects.filter(where, noun="person", key__in=keys, verb__in=[UnitVerb.CREATE, UnitVerb.INVITE])
    return {int(key) for key in opened.values_list("key", flat=True)} if keys else set()


def ancestor_ids(path: str) -> list[int]:
    """Unit ids from the root down to the unit itself, out of a path `1.5.9.`."""
    return [int(part) for part in path.split(".") if part]
