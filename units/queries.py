"""Who may see what. Every list and every fetch starts here."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber

from sajad_portal.lib.clock import database_now, last_reading
from sajad_portal.lib.national_code import clean_national_code, keyed_hash, valid_national_code
from sajad_portal.lib.text import latin_digits, normalise

from .enums import Channel, Role
from .models import Digest, Event, Membership, Notice, Person, Unit
from .models.querysets import MembershipQuerySet, UnitQuerySet


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
        kept = getattr(person, "_memberships_at", None)
        if kept is None or kept[0] != at:
            found = Membership.objects.valid_at(at).filter(person=person).select_related("unit").order_by("id")
            kept = person._memberships_at = (at, list(found))
        return kept[1]
    if not hasattr(person, "_memberships"):
        person._memberships = memberships_of(person, last_reading() or database_now())
    return person._memberships


def reach(person, roles: Iterable[str] | None = None, *, field: str = "path", at: datetime | None = None) -> Q:
    """A Q over `field` (a unit path): what lies in the subtree of one of the person's memberships in `roles` (all: None)."""
    wanted = set(roles) if roles is not None else set(Role.values)
    found = Q(pk__in=[])
    for path in {m.unit.path for m in memberships_of(person, at) if m.role in wanted}:
        found |= Q(**{f"{field}__startswith": path})
    return found


def visible_units(person) -> UnitQuerySet:
    """The subtree of each membership; everything for a superuser, who sets the tree up."""
    if person.is_superuser:
        return Unit.objects.all()
    return Unit.objects.filter(reach(person))


def top_units(person) -> UnitQuerySet:
    """Where the person's tree begins: the units of their memberships that lie below no other; for a superuser the roots."""
    if person.is_superuser:
        return Unit.objects.filter(parent__isnull=True)
    paths = {m.unit.path for m in memberships_of(person)}
    return Unit.objects.filter(path__in=[p for p in paths if not any(p != q and p.startswith(q) for q in paths)])


def with_counts(units: UnitQuerySet, at: datetime) -> UnitQuerySet:
    """Annotates `child_count` (active ones) and `people_count` (who hold a valid membership there)."""
    children = Unit.objects.filter(parent=OuterRef("pk")).active_at(at).order_by().values("parent")
    people = Membership.objects.valid_at(at).filter(unit=OuterRef("pk")).order_by().values("unit")
    return units.annotate(
        child_count=Coalesce(Subquery(children.annotate(n=Count("pk")).values("n")), 0),
        people_count=Coalesce(Subquery(people.annotate(n=Count("person", distinct=True)).values("n")), 0),
    )


def branches(parents: Iterable[Unit], at: datetime, limit: int) -> dict[int, list[Unit]]:
    """The first `limit` active children of each parent, with counts, in one query."""
    place = Window(RowNumber(), partition_by=F("parent"), order_by=[F("sort_key").asc(), F("id").asc()])
    rows = with_counts(Unit.objects.filter(parent__in=[p.pk for p in parents]).active_at(at), at)
    found: dict[int, list[Unit]] = {}
    for unit in rows.annotate(place=place).filter(place__lte=limit).order_by("sort_key", "id"):
        found.setdefault(unit.parent_id, []).append(unit)
    return found


def heads_of(units: Iterable[Unit], at: datetime) -> dict[int, list[Person]]:
    """The valid heads of each unit, in one query."""
    found: dict[int, list[Person]] = {}
    held = Membership.objects.valid_at(at).filter(
        unit__in=[u.pk for u in units], role=Role.HEAD, person__is_active=True
    )
    for membership in held.select_related("person").order_by("person__sort_key", "id"):
        found.setdefault(membership.unit_id, []).append(membership.person)
    return found


def ancestors_of(units: Iterable[Unit]) -> dict[int, list[Unit]]:
    """The units above each, from the root down, in one query."""
    above = {unit.pk: ancestor_ids(unit.path)[:-1] for unit in units}
    known = Unit.objects.in_bulk({pk for chain in above.values() for pk in chain})
    return {pk: [known[i] for i in chain if i in known] for pk, chain in above.items()}


# As people of a unit are named: who answers for it first.
ROLES = (Role.HEAD, Role.COORDINATOR, Role.REPORTER, Role.REVIEWER, Role.AUDITOR)


def members_of(unit: Unit, at: datetime) -> MembershipQuerySet:
    """Who works there now, heads first; `role_place`: where the role stands among ROLES."""
    places = [When(role=role, then=Value(place)) for place, role in enumerate(ROLES)]
    held = Membership.objects.valid_at(at).filter(unit=unit).select_related("person")
    return held.annotate(role_place=Case(*places)).order_by("role_place", "person__sort_key", "id")


def events_of_unit(unit: Unit) -> QuerySet[Event]:
    """What happened to the unit and to its people, newest first; not what its reports went through."""
    return (
        Event.objects.filter(unit_id=unit.pk, noun__in=["unit", "membership", "person"])
        .select_related("person")
        .order_by("-id")
    )


def events_of_member(membership: Membership) -> list[Event]:
    """What happened to this membership, and to the account while somebody of the unit saw to it."""
    about = Q(noun="membership", key=str(membership.pk)) | Q(
        noun="person", key=str(membership.person_id), unit_id=membership.unit_id
    )
    return list(Event.objects.filter(about).select_related("person").order_by("-id")[:20])


def sign_ins_of(person) -> QuerySet[Event]:
    return Event.objects.filter(noun="person", key=str(person.pk), verb="sign_in").order_by("-id")


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


def notices_of(person) -> QuerySet[Notice]:
    return Notice.objects.filter(person=person, channel=Channel.PORTAL).order_by("-id")


def newest_notices(person, most: int) -> list[Notice]:
    """The person's last notices. How many are unread comes with them, so that `unread_of` need not ask."""
    mine = notices_of(person)
    unread = mine.filter(read_at__isnull=True).order_by().values("person").annotate(n=Count("pk")).values("n")
    found = list(mine.annotate(unread=Coalesce(Subquery(unread), 0))[:most])
    person._unread = found[0].unread if found else 0
    return [*found]


def unread_of(person) -> int:
    """How many notices wait to be read; kept on the person object, that is, for the request."""
    if not hasattr(person, "_unread"):
        person._unread = notices_of(person).filter(read_at__isnull=True).count()
    return person._unread


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
