"""Who gives which seat, where, to whom: the table, and the world in which it is tried (`tests/units/test_rules.py`).

Below the provider stands the superior unit; below that own (with one below it), its sibling and one that is retired.
"""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from units.actions.memberships import grant_membership
from units.enums import Role, SeatState
from units.models import Person, Unit
from units.queries import memberships_of

from .factories import LONG_AGO, make_membership, make_person, make_service, make_unit
from .people import Cast

R = Role
PLACES = ("own", "below", "sibling", "superior", "provider")
ROLES = (R.REPORTER, R.HEAD, R.REVIEWER, R.COORDINATOR, R.AUDITOR)
ACCOUNTS = ("existing", "waiting", "closed")

# What comes of it. A group is a role, in the order of ROLES; a letter is an account, in the order of ACCOUNTS:
# "-" forbidden; "o" offered, it waits for its person; "c" offered, and awaits a second person's consent first;
# "x" refused, the account is closed; "r" refused, the unit is retired.
NONE = "--- --- --- --- ---"
EXPERT = "oox --- --- --- ---"
EVERY = "oox oox oox oox oox"
PROVIDER = "oox oox oox ccx ccx"  # coordinators and auditors of the provider
RETIRED = "rrx rrx rrx rrx rrx"
GRANTING = {
    #                                own      below   sibling  superior provider
    "reporter":                     (NONE,    NONE,   NONE,    NONE,    NONE),
    "head":                         (EXPERT,  NONE,   NONE,    NONE,    NONE),
    "deputy of a head":             (NONE,    NONE,   NONE,    NONE,    NONE),
    "reviewer":                     (NONE,    NONE,   NONE,    NONE,    NONE),
    "reviewer of the provider":     (NONE,    NONE,   NONE,    NONE,    NONE),
    "auditor":                      (NONE,    NONE,   NONE,    NONE,    NONE),
    "auditor of the provider":      (NONE,    NONE,   NONE,    NONE,    NONE),
    "coordinator":                  (EVERY,   EVERY,  NONE,    NONE,    NONE),
    "coordinator whose seat waits": (NONE,    NONE,   NONE,    NONE,    NONE),
    "coordinator whose seat ended": (NONE,    NONE,   NONE,    NONE,    NONE),
    "coordinator in two subtrees":  (EVERY,   EVERY,  EVERY,   NONE,    NONE),
    "coordinator and head apart":   (EVERY,   EVERY,  EXPERT,  NONE,    NONE),
    "coordinator of the superior":  (EVERY,   EVERY,  EVERY,   EVERY,   NONE),
    "coordinator of the provider":  (EVERY,   EVERY,  EVERY,   EVERY,   PROVIDER),
    "coordinator of a retired unit": (RETIRED, NONE,  NONE,    NONE,    NONE),
    "head of a retired unit":       ("rrx --- --- --- ---", NONE, NONE, NONE, NONE),
    "administrator":                (EVERY,   EVERY,  EVERY,   EVERY,   EVERY),
    "nobody":                       (NONE,    NONE,   NONE,    NONE,    NONE),
}  # fmt: skip


# ------------------------------------------------------------------------------------------------------- the world
def make_places(cast: Cast) -> dict[str, Unit]:
    """The cast's units with a superior between unit A, unit B and the provider, which provides a service."""
    make_service(cast, documents=False)
    superior = make_unit("MAV", "معاونت دانشجویی", parent=cast.provider)
    for unit, parent in ((cast.a, superior), (cast.b, superior), (cast.a_child, cast.a)):
        unit.parent, unit.depth, unit.path = parent, parent.depth + 1, f"{parent.path}{unit.pk}."
        unit.save()
    retired = make_unit("OLD", "ادارهٔ پیشین", parent=superior, retired_at=database_now() - timedelta(days=1))
    return {
        "own": cast.a, "below": cast.a_child, "sibling": cast.b, "superior": superior, "provider": cast.provider,
        "retired": retired,
    }  # fmt: skip


def units_of(who: str, places: dict[str, Unit]) -> list[Unit]:
    """The table's columns for this giver; the own unit of somebody of a retired one is that."""
    own = places["retired" if who.endswith("of a retired unit") else "own"]
    return [own, *(places[place] for place in PLACES[1:])]


def make_giver(cast: Cast, places: dict[str, Unit], who: str) -> Person:
    """A person with the seats that the name says, and no other."""
    if who == "administrator":
        return cast.admin
    person = make_person(name="دهندهٔ سمت")
    for place, role, more in SEATS[who](cast):
        make_membership(person, places[place], role, **more)
    return person


def _deputy_of_a_head(cast: Cast) -> list[tuple]:
    end = database_now() + timedelta(days=9)
    return [("own", R.REPORTER, {}), ("own", R.HEAD, {"deputy_for": cast.membership(cast.reza), "ends_at": end})]


def _seats(*seats: tuple) -> Callable[[Cast], list[tuple]]:
    return lambda cast: [(place, role, more[0] if more else {}) for place, role, *more in seats]


SEATS: dict[str, Callable[[Cast], list[tuple]]] = {
    "reporter": _seats(("own", R.REPORTER)),
    "head": _seats(("own", R.HEAD)),
    "deputy of a head": _deputy_of_a_head,
    "reviewer": _seats(("own", R.REVIEWER)),
    "reviewer of the provider": _seats(("provider", R.REVIEWER)),
    "auditor": _seats(("own", R.AUDITOR)),
    "auditor of the provider": _seats(("provider", R.AUDITOR)),
    "coordinator": _seats(("own", R.COORDINATOR)),
    "coordinator whose seat waits": _seats(("provider", R.COORDINATOR, {"accepted_at": None})),
    "coordinator whose seat ended": _seats(("provider", R.COORDINATOR, {"ends_at": LONG_AGO + timedelta(days=9)})),
    "coordinator in two subtrees": _seats(("own", R.COORDINATOR), ("sibling", R.COORDINATOR)),
    "coordinator and head apart": _seats(("own", R.COORDINATOR), ("sibling", R.HEAD)),
    "coordinator of the superior": _seats(("superior", R.COORDINATOR)),
    "coordinator of the provider": _seats(("provider", R.COORDINATOR)),
    "coordinator of a retired unit": _seats(("retired", R.COORDINATOR)),
    "head of a retired unit": _seats(("retired", R.HEAD)),
    "nobody": _seats(),
}


def make_receivers() -> dict[str, Person]:
    """Somebody without a seat for each state of an account."""
    people = {account: make_person(name="گیرندهٔ سمت", is_active=account != "closed") for account in ACCOUNTS}
    people["waiting"].set_unusable_password()
    people["waiting"].save()
    return people


# --------------------------------------------------------------------------------------------------------- trying
def what_comes_of(by: Person, unit: Unit, role: Role, person: Person) -> str:
    """The mark of one grant, which is undone."""
    with transaction.atomic():
        try:
            seat = grant_membership(unit=unit, person=person, role=role, by=by)
        except Forbidden:
            return "-"
        except Refused as refused:
            return {"account-closed": "x", "unit-retired": "r"}.get(refused.code, refused.code)
        at = database_now()
        state, rights = seat.state_at(at), memberships_of(person, at)
        transaction.set_rollback(True)
    assert rights == [], "an offer gives a right"
    return {SeatState.OFFERED: "o", SeatState.CONSENT: "c"}[state]


def row_of(who: str, by: Person, places: dict[str, Unit]) -> tuple[str, ...]:
    """The table's row for this giver, as the portal answers."""
    receivers = make_receivers()
    return tuple(
        " ".join("".join(what_comes_of(by, unit, role, receivers[a]) for a in ACCOUNTS) for role in ROLES)
        for unit in units_of(who, places)
    )
