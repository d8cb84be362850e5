"""Links into an account: who gets one, which is the valid one, and the one seat that a first password accepts."""

import re

import pytest
from django.utils.http import urlsafe_base64_encode

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from tests.factories import make_membership, national_code
from units.actions.memberships import end_membership, grant_membership
from units.actions.people import (
    Invitation,
    NewPerson,
    ask_for_reset,
    create_person,
    invite_person,
    renew_invitation,
    set_password,
)
from units.enums import Role
from units.models import Event, Membership, Notice, Person
from units.notices.links import PasswordLink, password_link, read_password_link
from units.notices.mail import notice_mail
from units.queries import memberships_of, seats_offered_to

pytestmark = pytest.mark.django_db
GOOD = "zard-alu-1405-sard"


def somebody(**told) -> NewPerson:
    return NewPerson(**{"username": "zahra", "first_name": "زهرا", "last_name": "نوری", **told})


@pytest.fixture
def coordinator_to_be(cast) -> Invitation:
    """Somebody whom Laleh invited to the provider as coordinator, without e-mail; no password is set yet."""
    return invite_person(unit=cast.provider, role=Role.COORDINATOR, new=somebody(), by=cast.laleh)


@pytest.mark.parametrize("named", [{"username": "zahra"}, {"username": "", "national_code": national_code(9)}])
def test_inviting_an_account_that_waits_brings_a_seat_and_no_link(cast, named):
    invite_person(
        unit=cast.provider, role=Role.COORDINATOR, new=somebody(national_code=national_code(9)), by=cast.laleh
    )

    invitation = invite_person(unit=cast.a, role=Role.REPORTER, new=somebody(**named), by=cast.reza)

    assert (invitation.created, invitation.link) == (False, "")
    assert Event.objects.filter(verb="invite").count() == 1


def test_who_may_not_give_every_seat_of_an_account_gets_no_link_to_it(cast, coordinator_to_be):
    seat = invite_person(unit=cast.a, role=Role.REPORTER, new=somebody(), by=cast.reza).membership

    with pytest.raises(Forbidden):
        renew_invitation(membership=seat, by=cast.reza)
    assert renew_invitation(membership=seat, by=cast.laleh)


def test_a_waiting_seat_counts_as_much_as_a_valid_one(cast):
    person = create_person(new=somebody(), by=None)
    seat = make_membership(person, cast.a, Role.REPORTER)
    above = make_membership(person, cast.provider, Role.REVIEWER, accepted_at=None)
    with pytest.raises(Forbidden):
        renew_invitation(membership=seat, by=cast.reza)

    end_membership(membership=above, by=cast.laleh)

    assert renew_invitation(membership=seat, by=cast.reza)


def test_the_second_door_shows_no_link_either(cast, coordinator_to_be, client_for):
    seat = invite_person(unit=cast.a, role=Role.REPORTER, new=somebody(), by=cast.reza).membership

    answer = client_for(cast.reza).post(f"/units/KHB/people/{seat.pk}/link/")

    assert answer.status_code == 403
    assert "/password/" not in answer.content.decode()


def test_a_newer_link_ends_the_older_ones(cast, coordinator_to_be):
    newer = renew_invitation(membership=coordinator_to_be.membership, by=cast.laleh)

    assert link_of(coordinator_to_be.link) is None
    assert link_of(newer).person == coordinator_to_be.person


def test_a_link_made_before_another_seat_was_offered_ends(cast):
    """Who opens an account under the name of somebody who will be given more does not get that with the old link."""
    invitation = invite_person(unit=cast.a, role=Role.REPORTER, new=somebody(), by=cast.reza)

    grant_membership(unit=cast.provider, person=invitation.person, role=Role.REVIEWER, by=cast.laleh)

    assert link_of(invitation.link) is None


def test_a_mail_that_leaves_late_carries_the_link_of_its_own_event(cast):
    for _ in range(2):
        ask_for_reset(name="sara")
    old, new = Notice.objects.filter(person=cast.sara, channel="email").order_by("id").select_related("event", "person")

    assert link_of(mailed(old)) is None
    assert link_of(mailed(new)).person == cast.sara


def mailed(notice: Notice) -> str:
    """The link in the mail that the notice becomes."""
    return re.search(r"http\S+/password/\S+/\S+/", notice_mail(notice).body)[0]


# ------------------------------------------------------------------------------------ the first password
def held_by(person: Person) -> list[str]:
    return [f"{seat.role} {seat.unit.code}" for seat in memberships_of(person, database_now())]


def link_of(address: str) -> PasswordLink | None:
    return read_password_link(*address.rstrip("/").split("/")[-2:])


@pytest.fixture
def waiting(cast) -> tuple[Person, Membership, Membership]:
    """Somebody who never had a password, with a seat in unit A and one in unit B that both wait."""
    person = create_person(new=somebody(), by=None)
    return person, *(make_membership(person, unit, Role.REPORTER, accepted_at=None) for unit in (cast.a, cast.b))


def test_the_first_password_accepts_the_seat_that_its_link_names_and_no_other(waiting):
    person, first, second = waiting
    link = link_of(password_link(person, second.pk))

    set_password(person=link.person, password=GOOD, by=link.person, how="link", seat=link.seat)

    assert held_by(person) == ["reporter TGZ"]
    assert [seat.pk for seat in seats_offered_to(person, database_now())] == [first.pk]


def test_a_link_without_a_seat_accepts_none(waiting):
    person, *_seats = waiting
    link = link_of(password_link(person))

    set_password(person=person, password=GOOD, by=person, how="link", seat=link.seat)

    assert held_by(person) == []


def test_opening_a_link_or_signing_in_accepts_nothing(waiting, client):
    person, first, _second = waiting
    address = password_link(person, first.pk)
    client.get(address[address.index("/password/") :])
    set_password(person=person, password=GOOD, by=person, how="link")
    client.post("/sign-in/", {"name": person.username, "password": GOOD})

    assert client.session["_auth_user_id"] == str(person.pk)
    assert held_by(person) == []


def test_a_later_password_accepts_nothing(cast):
    seat = make_membership(cast.stranger, cast.a, Role.REPORTER, accepted_at=None)

    set_password(person=cast.stranger, password=GOOD, by=cast.stranger, how="link", seat=seat.pk)

    assert held_by(cast.stranger) == []


def test_the_first_password_accepts_no_seat_of_somebody_else_and_none_that_was_taken_back(cast, waiting):
    person, first, _second = waiting
    end_membership(membership=first, by=cast.laleh)
    foreign = make_membership(cast.stranger, cast.b, Role.HEAD, accepted_at=None)

    for seat in (first.pk, foreign.pk):
        Person.objects.filter(pk=person.pk).update(password="!")
        set_password(person=person, password=GOOD, by=person, how="link", seat=seat)

    assert held_by(person) == held_by(cast.stranger) == []


def test_the_seat_of_a_link_cannot_be_changed(waiting):
    person, first, second = waiting
    token = password_link(person, first.pk).rstrip("/").split("/")[-1]

    for named in (f"{person.pk}.{second.pk}", f"{person.pk}"):
        assert read_password_link(urlsafe_base64_encode(named.encode()), token) is None
    assert read_password_link(urlsafe_base64_encode(f"{person.pk}.{first.pk}".encode()), token).seat == first.pk


def test_the_mailed_link_names_the_seat_of_its_invitation(cast):
    invitation = invite_person(unit=cast.a, role=Role.REPORTER, new=somebody(email="z@example.ir"), by=cast.reza)
    notice = Notice.objects.get(person=invitation.person, channel="email", urgent=True)

    link = link_of(mailed(notice))

    assert (link.person, link.seat) == (invitation.person, invitation.membership.pk)
