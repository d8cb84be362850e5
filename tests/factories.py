"""Makers of rows for tests, straight into the tables: quick, and without the verbs under test.

Everybody adds the maker of their own noun. A maker takes what matters to the test and fills in the rest.
"""

from datetime import UTC, datetime
from itertools import count

from django.contrib.auth.hashers import make_password

from sajad_portal.lib.secrets import encrypt, keyed_hash, valid_national_code
from units.enums import Role, UnitKind
from units.models import Membership, Person, Unit

# Long before any call, so that a membership is valid at every instant a test asks about.
LONG_AGO = datetime(2015, 3, 21, tzinfo=UTC)
PASSWORD = "namak-o-felfel-1405"

_numbers = count(1)


# ------------------------------------------------------------------------------- people and units
def national_code(number: int) -> str:
    """A valid national code for each number from 1 up, always the same one."""
    body = f"{number * 7919 % 10**9:09d}"
    return next(code for last in range(10) if valid_national_code(code := f"{body}{last}"))


def build_person(username: str, name: str = "", **fields) -> Person:
    """A person not yet stored; `name` is “first last”. Signs in with PASSWORD."""
    first, _space, last = (name or f"کاربر {username}").partition(" ")
    person = Person(
        username=username, first_name=first, last_name=last, created_at=LONG_AGO,
        password=make_password(PASSWORD), **{"email": f"{username}@example.ir", **fields},
    )  # fmt: skip
    person.refresh_keys()
    return person


def make_person(username: str = "", name: str = "", *, code: str = "", **fields) -> Person:
    """A stored person. `code` is a national code."""
    person = build_person(username or f"person{next(_numbers)}", name, **fields)
    if code:
        person.national_code_cipher, person.national_code_hash = encrypt(code), keyed_hash(code)
    person.save()
    return person


def make_unit(
    code: str = "", name: str = "", *, parent: Unit | None = None, kind=UnitKind.DEPARTMENT, **fields
) -> Unit:
    code = code or f"U{next(_numbers)}"
    unit = Unit(code=code, name=name or f"واحد {code}", kind=kind, parent=parent, **fields)
    unit.depth = parent.depth + 1 if parent else 0
    unit.save()
    unit.path = f"{parent.path if parent else ''}{unit.pk}."
    unit.save(update_fields=["path"])
    return unit


def make_membership(person: Person, unit: Unit, role: Role, **fields) -> Membership:
    if hasattr(person, "_memberships"):
        del person._memberships  # kept for the length of a request; a test's person lives longer
    return Membership.objects.create(person=person, unit=unit, role=role, **{"starts_at": LONG_AGO, **fields})
