"""Many invitations out of one file. Each row is the verb of an invitation, by whoever brings the file and with their rights;
whole or not at all."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.tables import FileProblem, FileRefused

from ..enums import Role
from ..files.people import PeopleRow, read_people
from ..models import Membership, Person, Unit
from ..queries import known_people
from ..rules import can_bring_people
from .national_codes import record_file
from .people import Invitation, NewPerson, find_person, invite_person


class Came(StrEnum):
    """What a row of the file makes."""

    OPENED = "opened"  # an account, and its seat waits for the first password
    OFFERED = "offered"  # a seat to somebody who has an account
    UNCHANGED = "unchanged"  # held, or waiting already


@dataclass(frozen=True)
class BroughtPerson:
    """One row and what came of it. Of a person who is not known to who brings the file `name` is what was typed.

    `link`: to be handed over where there is no e-mail; `waits`: a second person must consent before it can be accepted.
    """

    number: int
    name: str
    username: str
    unit: Unit
    role: str
    came: Came
    by_mail: bool = False
    waits: bool = False
    link: str = ""

    @property
    def role_name(self) -> str:
        return str(Role(self.role).label)


@dataclass(frozen=True)
class BroughtPeople:
    """`fingerprint`: of what would be done, without what is made anew each time."""

    rows: list[BroughtPerson]
    fingerprint: str

    def count(self, came: Came) -> int:
        return sum(row.came == came for row in self.rows)

    @property
    def links(self) -> list[BroughtPerson]:
        return [row for row in self.rows if row.link]


def look_at_people(*, data: bytes, by: Person) -> BroughtPeople:
    """What `bring_people` would do: it is done and undone, so that every rule has been asked. Raises as that one does."""
    with transaction.atomic():
        found = _brought(data, by)
        transaction.set_rollback(True)
    with transaction.atomic():
        if codes := sum(bool(row.national_code) for row in read_people(data)):
            record_file(codes=codes, rows=len(found.rows), by=by)
    return found


def bring_people(*, data: bytes, by: Person, seen: str = "") -> BroughtPeople:
    """Invite everybody in the file. A seat that is held or waits stays as it is; who has an account keeps it as it is.

    `seen`: the fingerprint of the preview that was looked at; Refused (`changed-since`) where the portal has changed since.
    Raises Forbidden to who gives no seats at all; FileRefused with the row of everything that a rule or a verb refuses.
    """
    with transaction.atomic():
        found = _brought(data, by)
        if seen and found.fingerprint != seen:
            said = _("The portal has changed since the preview. Look at it again: nothing was stored.")
            raise Refused(said, code="changed-since", status=409)
    return found


def _brought(data: bytes, by: Person) -> BroughtPeople:
    at = database_now()
    if not can_bring_people(by, at):
        raise Forbidden(_("People join a unit through its head, or a coordinator of it or of a unit above it."))
    rows = read_people(data)
    problems = [problem for row in rows for problem in row.problems]
    if problems:
        raise FileRefused(problems)
    _lock_those_known(rows)
    codes = {code for row in rows for code in (row.unit, row.unit.upper(), row.unit.lower())}
    units = {unit.code.casefold(): unit for unit in Unit.objects.active_at(at).filter(code__in=codes)}
    done = []
    for row in rows:
        try:
            with transaction.atomic():  # so that the next row is looked at too
                done.append(_row(row, units.get(row.unit.casefold()), by, at))
        except ValidationError as error:
            problems.append(FileProblem(row.number, "", " ".join(error.messages)))
        except Refused as refusal:
            problems.append(FileProblem(row.number, COLUMN_OF.get(refusal.code, ""), str(refusal)))
    if problems:
        raise FileRefused(problems)
    # A new account’s name may be made up, and then it is another one each time.
    who = [row.username if row.came != Came.OPENED else "" for row in done]
    told = "\n".join(f"{r.number} {n} {r.unit.pk} {r.role} {r.came} {r.waits}" for r, n in zip(done, who, strict=True))
    return BroughtPeople(done, hashlib.sha256(data + told.encode()).hexdigest())


# Which column a refusal of the verb is about.
COLUMN_OF = {
    "may-not-grant": "role", "no-unit": "unit", "no-name": "first_name", "bad-name": "first_name", "bad-mobile": "mobile",
    "bad-username": "username", "name-taken": "username", "national-code-length": "national_code",
    "national-code-control": "national_code", "unit-retired": "unit",
}  # fmt: skip


def _lock_those_known(rows: list[PeopleRow]) -> None:
    """In one order, so that two files with the same people wait for each other and do not deadlock."""
    names = {row.username.casefold() for row in rows if row.username}
    found = Person.objects.filter(username__in=names).order_by("pk")
    list(found.select_for_update(no_key=True).values_list("pk", flat=True))


def _row(row: PeopleRow, unit: Unit | None, by: Person, at: datetime) -> BroughtPerson:
    if unit is None:
        raise Refused(_("There is no unit with the code %(code)s.") % {"code": row.unit}, code="no-unit")
    new = NewPerson(**row.about)
    person = find_person(new.username, new.national_code)
    seats = Membership.objects.not_ended_at(at).filter(unit=unit, role=row.role, deputy_for=None)
    standing = seats.filter(person=person).first() if person else None
    if standing and known_people(by, [standing.person_id], at):
        return _told(row, unit, Came.UNCHANGED, standing.person, standing)
    found: Invitation = invite_person(unit=unit, role=row.role, new=new, by=by)
    came = Came.OPENED if found.created else Came.UNCHANGED if standing else Came.OFFERED
    return _told(row, unit, came, found.person if found.known else None, found.membership, found.link)


def _told(
    row: PeopleRow, unit: Unit, came: Came, person: Person | None, seat: Membership, link: str = ""
) -> BroughtPerson:
    name = person.get_full_name() if person else f"{row.first_name} {row.last_name}".strip()
    return BroughtPerson(
        row.number, name, person.username if person else row.username, unit, row.role, came,
        by_mail=came == Came.OPENED and not link, waits=seat.consent_needed and seat.consented_at is None, link=link,
    )  # fmt: skip
