"""People as an administrator looks for them, and the sessions of one."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from sajad_portal.lib.mobile import bare_number, mobile_number
from sajad_portal.lib.national_code import clean_national_code, hashes_of, valid_national_code

from ..enums import Role, UnitVerb
from ..models import AccountSession, Event, Membership, Person


def accounts_visible_to(person) -> QuerySet[Person]:
    """Every account, for an administrator; for others none: they see people by their seats."""
    return Person.objects.all() if person.is_superuser and person.is_active else Person.objects.none()


def accounts_matching(accounts: QuerySet[Person], words: str) -> QuerySet[Person]:
    """By name or user name, word by word; by a mobile number or the whole national code, in any digits and spelling.

    A national code is found whole or not at all: what is stored of it for looking up is a keyed hash.
    """
    number = bare_number(words)
    code = clean_national_code(number)
    found = Q(pk__in=accounts.matching(words).values("pk"))  # type: ignore[attr-defined]
    if valid_national_code(code):
        found |= Q(national_code_hash__in=hashes_of(code))
    if mobile := mobile_number(words):
        found |= Q(mobile=mobile)
    elif number.isascii() and number.isdigit() and len(number) >= 4:
        found |= Q(mobile__contains=number)
    return accounts.filter(found) if words.strip() else accounts


def sessions_of(person: Person, at: datetime) -> list[AccountSession]:
    """Those that go on, the one used last first."""
    return list(AccountSession.objects.going_on_at(at).filter(person=person).order_by("-last_seen_at", "-pk"))


def seats_of_account(person: Person, at: datetime) -> list[Membership]:
    """What the person holds or is offered, whether or not the account is open; `is_valid` tells them apart."""
    current = Membership.objects.current_at(at).filter(person=person)
    return list(current.select_related("unit").order_by("unit__sort_key", "pk"))


def headed_alone(person: Person, at: datetime) -> list[Membership]:
    """The seats of head of which nobody else with an open account holds the same: without the person nobody signs there."""
    heads = Membership.objects.valid_at(at).filter(role=Role.HEAD)
    others = heads.filter(unit=OuterRef("unit"), person__is_active=True).exclude(person=person)
    return list(heads.filter(~Exists(others), person=person).select_related("unit").order_by("unit__sort_key"))


def closing_of(person: Person) -> Event | None:
    """When, by whom and why the account was closed last."""
    about = Event.objects.filter(noun="person", key=str(person.pk), verb=UnitVerb.CLOSE)
    return about.select_related("person").order_by("-pk").first()


def events_of_account(person: Person) -> list[Event]:
    """What happened to the account, newest first, without its sign-ins."""
    about = Event.objects.filter(noun="person", key=str(person.pk)).exclude(verb=UnitVerb.SIGN_IN)
    return list(about.select_related("person").order_by("-pk")[:20])
