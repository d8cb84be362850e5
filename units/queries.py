"""Who may see what. Every list and every fetch starts here."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q, QuerySet

from sajad_portal.lib.clock import database_now

from .enums import Channel, Role
from .models import Digest, Event, Membership, Notice, Person, Unit


def memberships_of(person, at: datetime | None = None) -> list[Membership]:
    """The person's valid memberships with their units, one query a request (kept on the person object)."""
    if not getattr(person, "is_authenticated", False) or not person.is_active:
        return []
    if at is not None:
        return list(Membership.objects.valid_at(at).filter(person=person).select_related("unit"))
    if not hasattr(person, "_memberships"):
        person._memberships = list(
            Membership.objects.valid_at(database_now()).filter(person=person).select_related("unit").order_by("id")
        )
    return person._memberships


def reach(person, roles: Iterable[str] | None = None, *, field: str = "path", at: datetime | None = None) -> Q:
    """A Q over `field` (a unit path): what lies in the subtree of one of the person's memberships in `roles` (all: None)."""
    wanted = set(roles) if roles is not None else set(Role.values)
    found = Q(pk__in=[])
    for path in {m.unit.path for m in memberships_of(person, at) if m.role in wanted}:
        found |= Q(**{f"{field}__startswith": path})
    return found


def visible_units(person) -> QuerySet[Unit]:
    """The subtree of each membership; everything for a superuser, who sets the tree up."""
    if person.is_superuser:
        return Unit.objects.all()
    return Unit.objects.filter(reach(person))


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


def ancestor_ids(path: str) -> list[int]:
    """Unit ids from the root down to the unit itself, out of a path `1.5.9.`."""
    return [int(part) for part in path.split(".") if part]


def notices_of(person) -> QuerySet[Notice]:
    return Notice.objects.filter(person=person, channel=Channel.PORTAL).order_by("-id")


def mails_due(at: datetime, *, urgent: bool, max_attempts: int) -> QuerySet[Notice]:
    """Unsent mails to people who can get one, oldest first, with person and event."""
    return (
        Notice.objects.filter(
            channel=Channel.EMAIL, sent_at__isnull=True, urgent=urgent, next_attempt_at__lte=at,
            attempts__lt=max_attempts, person__is_active=True,
        )
        .exclude(person__email="")
        .select_related("person", "event")
        .order_by("id")
    )  # fmt: skip


def people_without_digest(due: QuerySet[Notice], day: date) -> QuerySet[Person]:
    """Whose mails are due and who had no digest on this Tehran day yet."""
    had = Digest.objects.filter(day=day).values("person_id")
    return Person.objects.filter(pk__in=due.order_by().values("person_id")).exclude(pk__in=had).order_by("id")


def history(noun: str, key) -> QuerySet[Event]:
    return Event.objects.filter(noun=noun, key=str(key)).select_related("person", "membership").order_by("id")
