"""Many invitations out of one file: previewed, refused by row, stored whole, and the second time nothing new."""

import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.tables import FileRefused
from tests.factories import make_membership, make_person, make_service, national_code
from units.actions.people_file import Came, bring_people, look_at_people
from units.enums import Role
from units.files.people import read_people
from units.models import Event, Membership, Notice, Person

pytestmark = pytest.mark.django_db
HEADER = "کد واحد,سمت,نام کاربری,نام,نام خانوادگی,ایمیل\n"
FILE = (
    HEADER
    + "KHB,کارشناس واحد,zahra,زهرا,کاظمی,zahra@example.ir\nTGZ,مدیر واحد,Kamran,,,\nKHB,head,nima,نیما,راد,\nTGZ,ارزیاب,nima,نیما,راد,\n"
)


def came(found) -> list[str]:
    return [row.came for row in found.rows]


def stored() -> tuple:
    return Person.objects.count(), Membership.objects.count(), Event.objects.count(), Notice.objects.count()


def problems(data: str, by) -> list[tuple[int, str]]:
    before = stored()
    with pytest.raises(FileRefused) as refused:
        bring_people(data=data.encode(), by=by)
    assert stored() == before
    return [(problem.row, problem.column) for problem in refused.value.problems]


def test_the_preview_says_what_comes_of_each_row_and_stores_nothing(cast):
    before = stored()

    found = look_at_people(data=FILE.encode(), by=cast.laleh)

    assert came(found) == [Came.OPENED, Came.UNCHANGED, Came.OPENED, Came.OFFERED]
    assert [row.by_mail for row in found.rows] == [True, False, False, False]
    assert stored() == before


def test_everybody_is_invited_and_nobody_has_a_right_before_they_accept(cast):
    seen = look_at_people(data=FILE.encode(), by=cast.laleh).fingerprint

    done = bring_people(data=FILE.encode(), by=cast.laleh, seen=seen)

    assert [(row.username, row.unit.code) for row in done.links] == [("nima", "KHB")]
    seats = Membership.objects.filter(person__username__in=["zahra", "nima"]).order_by("pk")
    assert [(s.unit.code, s.role, s.accepted_at) for s in seats] == [
        ("KHB", Role.REPORTER, None), ("KHB", Role.HEAD, None), ("TGZ", Role.REVIEWER, None),
    ]  # fmt: skip
    assert cast.membership(cast.kamran).role == Role.HEAD
    assert Person.objects.get(username="zahra").has_usable_password() is False


def test_a_second_time_nothing_is_new(cast):
    bring_people(data=FILE.encode(), by=cast.laleh)
    before = stored()

    again = bring_people(data=FILE.encode(), by=cast.laleh)

    assert set(came(again)) == {Came.UNCHANGED}
    assert (again.links, stored()) == ([], before)


def test_each_row_that_cannot_be_is_told_with_its_number_and_nothing_is_stored(cast):
    text = HEADER + (
        "KHB,رئیس جمهور,a-person,ا,ب,\n,head,b-person,ا,ب,\nKHB,head,,ا,ب,\nNONE,head,c-person,ا,ب,\nKHB,head,d-person,,,\n"
        "KHB,reporter,e-person,ا,ب,\nKHB,reporter,E-Person,ا,ب,\n"
    )
    assert problems(text, cast.laleh) == [(2, "role"), (3, "unit"), (4, "username"), (8, "")]
    verbs = HEADER + "NONE,head,c-person,ا,ب,\nKHB,head,d-person,,,\nKHB,head,good-one,ا,ب,\n"
    assert problems(verbs, cast.laleh) == [(2, "unit"), (3, "first_name")]
    assert problems("نام,نام خانوادگی\nا,ب\n", cast.laleh) == [(1, "role"), (1, "unit"), (1, "username")]
    assert problems(HEADER, cast.laleh) == [(0, "")]


def test_a_file_loosens_nothing_of_who_may_give_which_seat(cast):
    own = HEADER + "KHB,reporter,zahra,زهرا,کاظمی,\n"
    assert came(bring_people(data=own.encode(), by=cast.reza)) == [Came.OPENED]
    others = HEADER + "KHB,head,nima,نیما,راد,\nTGZ,reporter,mona,مونا,راد,\nKHB,reporter,reza,,,\n"

    assert problems(others, cast.reza) == [(2, "role"), (3, "role"), (4, "")]  # and nobody gives themselves a seat
    for person in (cast.sara, cast.omid, cast.nader, cast.stranger):
        with pytest.raises(Forbidden):
            look_at_people(data=own.encode(), by=person)


def test_a_seat_that_needs_a_second_person_waits_for_it(cast):
    make_service(cast)
    text = HEADER + "ORG,coordinator,zahra,زهرا,کاظمی,\n"

    done = bring_people(data=text.encode(), by=cast.laleh)

    assert done.rows[0].waits
    assert Membership.objects.get(person__username="zahra").consented_at is None


def test_of_somebody_unknown_a_file_says_no_more_than_an_invitation(cast):
    other = make_person("hidden", "شخص ناشناس", email="")
    make_membership(cast.stranger, cast.a, Role.COORDINATOR)
    text = HEADER + "KHB,reporter,hidden,نام,دیگری,\n"

    row = bring_people(data=text.encode(), by=cast.stranger).rows[0]

    assert (row.name, row.came, row.link) == ("نام دیگری", Came.OFFERED, "")
    assert other.get_full_name() not in row.name


def test_what_was_looked_at_is_what_is_stored(cast):
    seen = look_at_people(data=FILE.encode(), by=cast.laleh).fingerprint
    make_person("zahra", "زهرا کاظمی")
    before = stored()

    with pytest.raises(Refused) as refused:
        bring_people(data=FILE.encode(), by=cast.laleh, seen=seen)

    assert (refused.value.code, stored()) == ("changed-since", before)


def test_a_workbook_with_a_national_code_that_lost_its_zeros_and_no_user_name(cast):
    code = next(code for n in range(2000, 2999) if (code := national_code(n)).startswith("0"))
    book = Workbook()
    book.active.append(["unit", "role", "national_code", "first_name", "last_name"])
    book.active.append(["KHB", "reporter", int(code), "زهرا", "کاظمی"])
    data = io.BytesIO()
    book.save(data)
    seen = look_at_people(data=data.getvalue(), by=cast.laleh).fingerprint

    bring_people(data=data.getvalue(), by=cast.laleh, seen=seen)

    assert came(bring_people(data=data.getvalue(), by=cast.laleh)) == [Came.UNCHANGED]


def test_the_sample_that_is_shipped_is_read(cast):
    rows = read_people((Path(__file__).parents[3] / "deploy" / "people.sample.csv").read_bytes())

    assert [(row.unit, row.role, row.username, row.problems) for row in rows] == [
        ("ORG", "coordinator", "laleh", []), ("ORG", "reviewer", "omid", []), ("DORM", "head", "reza", []),
        ("DORM", "reporter", "sara", []),
    ]  # fmt: skip
