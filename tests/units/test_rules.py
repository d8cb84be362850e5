"""The matrix of granting as one table: who gives what, where, to whom; and what such a seat still needs.

The five ways that once worked stand at the end, each as it was tried.
"""

from datetime import timedelta
from itertools import product

import pytest

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.factories import make_membership, make_person, make_service, make_unit
from tests.granting import GRANTING, make_giver, make_places, row_of, units_of, what_comes_of
from units.actions.deputies import name_deputy
from units.actions.memberships import accept_seat, consent_to_seat, grant_membership, refuse_seat
from units.actions.people import (
    NewPerson,
    ask_for_reset,
    confirm_person,
    create_person,
    invite_person,
    renew_invitation,
    set_password,
)
from units.enums import Role
from units.models import Membership, Person, Unit
from units.queries import memberships_of, reach
from units.rules import can_consent, is_second_person

pytestmark = pytest.mark.django_db
R = Role


@pytest.fixture
def places(cast) -> dict[str, Unit]:
    return make_places(cast)


@pytest.fixture
def services(cast):
    """The provider provides, so that its coordinators and auditors are what they are called."""
    return make_service(cast)


@pytest.mark.parametrize("who", GRANTING)
def test_the_matrix_of_granting(cast, places, who):
    by = make_giver(cast, places, who)

    assert row_of(who, by, places) == GRANTING[who]


@pytest.mark.parametrize("who", GRANTING)
def test_nobody_in_the_matrix_gives_to_themselves(cast, places, who):
    by = make_giver(cast, places, who)

    for unit, role in product(units_of(who, places), Role):
        assert what_comes_of(by, unit, role, by) == "-"


# ----------------------------------------------------------------------------------------------------- both sides
BOTH_SIDES = [
    # holds, where; is given, where; needs consent
    (R.REVIEWER, "provider", R.REPORTER, "own", True),
    (R.COORDINATOR, "provider", R.REPORTER, "below", True),
    (R.COORDINATOR, "provider", R.HEAD, "own", True),
    (R.REPORTER, "own", R.REVIEWER, "provider", True),
    (R.HEAD, "below", R.COORDINATOR, "own", True),
    (R.HEAD, "provider", R.REVIEWER, "own", True),  # whose unit stands above is in the line too
    (R.AUDITOR, "provider", R.REPORTER, "own", False),
    (R.REPORTER, "own", R.HEAD, "own", False),
    (R.REVIEWER, "sibling", R.REPORTER, "own", False),
    (R.REVIEWER, "provider", R.COORDINATOR, "own", False),
    (R.REVIEWER, "superior", R.REPORTER, "own", True),
    (R.REPORTER, "own", R.REVIEWER, "superior", True),
    (R.REPORTER, "superior", R.REVIEWER, "own", True),
    (R.HEAD, "superior", R.COORDINATOR, "below", True),
    (R.REPORTER, "retired", R.REVIEWER, "own", False),
    (R.REPORTER, "retired", R.REVIEWER, "superior", True),
]


@pytest.mark.parametrize("accepted", [True, False], ids=["held", "waiting"])
@pytest.mark.parametrize(("held", "there", "given", "here", "needs"), BOTH_SIDES)
def test_who_would_judge_and_report_in_one_line_needs_a_second_persons_word(
    cast, places, held, there, given, here, needs, accepted
):
    person = make_person(name="دو سویه")
    seat = make_membership(person, places[there], held)
    if not accepted:
        Membership.objects.filter(pk=seat.pk).update(accepted_at=None)

    assert grant_membership(unit=places[here], person=person, role=given, by=cast.laleh).consent_needed is needs
    Membership.objects.filter(person=person).exclude(pk=seat.pk).delete()
    assert grant_membership(unit=places[here], person=person, role=given, by=cast.admin).consent_needed is False


# ------------------------------------------------------------------------------------------------------- consents
@pytest.fixture
def samira(cast) -> Person:
    """The provider's second coordinator."""
    person = make_person("samira", "سمیرا نوری")
    make_membership(person, cast.provider, R.COORDINATOR)
    return person


@pytest.fixture
def awaited(cast, services, samira) -> Membership:
    """A coordinator's seat at the provider, offered to Pouya by Laleh."""
    return grant_membership(unit=cast.provider, person=cast.stranger, role=R.COORDINATOR, by=cast.laleh)


def test_a_seat_is_not_accepted_before_the_consent_and_is_afterwards(cast, awaited, samira):
    with pytest.raises(Refused) as refused:
        accept_seat(membership=awaited, by=cast.stranger)
    assert refused.value.code == "awaits-consent"

    consent_to_seat(membership=awaited, by=samira)
    accept_seat(membership=awaited, by=cast.stranger)

    assert [m.role for m in memberships_of(cast.stranger, database_now())] == [R.COORDINATOR]


def test_who_refuses_ends_the_offer(cast, awaited, samira):
    refuse_seat(membership=awaited, by=samira)

    with pytest.raises(Refused):
        accept_seat(membership=awaited, by=cast.stranger)


@pytest.mark.parametrize("name", ["laleh", "stranger", "omid", "nader", "reza", "sara"])
def test_neither_who_gave_it_nor_who_gets_it_nor_anybody_below_consents(cast, awaited, name):
    with pytest.raises(Forbidden):
        consent_to_seat(membership=awaited, by=getattr(cast, name))

    assert Membership.objects.get(pk=awaited.pk).consented_at is None


def test_an_administrator_consents(cast, awaited):
    assert consent_to_seat(membership=awaited, by=cast.admin).consented_by == cast.admin


def test_a_consent_is_given_once(cast, awaited, samira):
    consent_to_seat(membership=awaited, by=samira)

    with pytest.raises(Refused) as refused:
        consent_to_seat(membership=awaited, by=cast.admin)
    assert refused.value.code == "no-consent-awaited"


def test_a_coordinator_of_the_lower_unit_alone_does_not_consent_for_a_judge_from_above(cast, services, samira):
    local = make_person(name="راهبر محلی")
    make_membership(local, cast.a, R.COORDINATOR)
    seat = grant_membership(unit=cast.a, person=cast.omid, role=R.REPORTER, by=cast.reza)

    assert not can_consent(local, seat, database_now())
    assert can_consent(samira, seat, database_now())


# --------------------------------------------------------------------------------------------------- second persons
def opened_by(by: Person, username: str) -> Person:
    return create_person(new=NewPerson(username=username, first_name="عروسک", last_name="خیمه"), by=by)


def test_an_account_that_somebody_opened_is_no_second_person_for_them_nor_they_for_it(cast):
    puppet = opened_by(cast.laleh, "puppet")

    assert not is_second_person(puppet, cast.laleh)
    assert not is_second_person(cast.laleh, puppet)
    assert not is_second_person(cast.laleh, cast.laleh)
    assert is_second_person(puppet, cast.omid)


def test_an_account_that_a_puppet_opened_is_no_second_person_either(cast):
    second = opened_by(opened_by(cast.laleh, "puppet"), "puppet2")

    assert not is_second_person(second, cast.laleh)


def test_a_confirmed_person_is_a_person_of_their_own(cast):
    puppet = opened_by(cast.laleh, "puppet")
    for nobody in (cast.laleh, puppet, cast.omid):
        with pytest.raises(Forbidden):
            confirm_person(person=puppet, by=nobody)

    confirm_person(person=puppet, by=cast.admin)

    assert is_second_person(puppet, cast.laleh)
    with pytest.raises(Refused):
        confirm_person(person=puppet, by=cast.admin)


def test_a_puppet_consents_to_no_seat_that_its_maker_gives(cast, services):
    puppet = opened_by(cast.laleh, "puppet")
    make_membership(puppet, cast.provider, R.COORDINATOR)
    seat = grant_membership(unit=cast.provider, person=cast.stranger, role=R.AUDITOR, by=cast.laleh)

    assert not can_consent(puppet, seat, database_now())


# ---------------------------------------------------------------------------------------------------- the five ways
def test_first_way_a_head_takes_over_an_account_that_waits(cast, services):
    made = invite_person(
        unit=cast.provider,
        role=R.COORDINATOR,
        new=NewPerson("new.c", first_name="نو", last_name="راهبر"),
        by=cast.laleh,
    )
    invited = invite_person(unit=cast.a, role=R.REPORTER, new=NewPerson("new.c"), by=cast.reza)

    assert invited.link == ""
    with pytest.raises(Forbidden):
        renew_invitation(membership=Membership.objects.get(person=made.person, unit=cast.a), by=cast.reza)


def test_second_way_a_coordinator_makes_herself_head(cast, services):
    with pytest.raises(Forbidden):
        grant_membership(unit=cast.a, person=cast.laleh, role=R.HEAD, by=cast.laleh)


def test_second_way_a_coordinator_makes_another_head_of_a_unit_below(cast, services, samira):
    seat = grant_membership(unit=cast.a, person=samira, role=R.HEAD, by=cast.laleh)

    with pytest.raises(Refused):
        accept_seat(membership=seat, by=samira)
    assert not can_consent(cast.laleh, seat, database_now())
    assert set(seat_told(seat)) >= {"reza", "sara"}


def seat_told(seat: Membership) -> list[str]:
    from units.models import Notice

    told = Notice.objects.filter(event__noun="membership", event__key=str(seat.pk), channel="portal")
    return list(told.values_list("person__username", flat=True))


@pytest.mark.parametrize("name", ["omid", "laleh"])
def test_third_way_a_head_knocks_out_who_judges_the_report(cast, services, samira, name):
    person = getattr(cast, name)
    seat = grant_membership(unit=cast.a, person=person, role=R.REPORTER, by=cast.reza)

    assert seat.consent_needed
    assert [m.unit for m in memberships_of(person, database_now())] == [cast.provider]


def test_fourth_way_a_puppet_coordinator_waits_for_somebody_elses_word(cast, services):
    made = invite_person(
        unit=cast.provider, role=R.COORDINATOR, new=NewPerson("sock", first_name="نخ", last_name="عروسک"), by=cast.laleh
    )
    set_password(person=made.person, password="zard-alu-1405-sard", by=made.person, how="link", seat=made.membership.pk)

    assert memberships_of(Person.objects.get(username="sock"), database_now()) == []
    assert not can_consent(cast.laleh, made.membership, database_now())


def test_a_relative_two_subtrees_an_outsiders_seat_waits_in_each(cast, services):
    other = make_unit("UNI", "دانشگاه")
    person = make_person(name="دو شاخه")
    make_membership(person, other, R.REVIEWER)

    assert not grant_membership(unit=cast.a, person=person, role=R.REPORTER, by=cast.reza).consent_needed


def test_a_relative_a_retired_unit_takes_nobody(cast, services):
    cast.a.retired_at = database_now() - timedelta(days=1)
    cast.a.save()

    with pytest.raises(Refused):
        grant_membership(unit=cast.a, person=cast.stranger, role=R.HEAD, by=cast.admin)


# ------------------------------------------------------------------------------------------------------ their relatives
def test_two_accounts_that_one_person_opened_are_no_two_persons(cast):
    one, two = opened_by(cast.laleh, "puppet"), opened_by(cast.laleh, "puppet2")

    assert not is_second_person(one, two)
    confirm_person(person=one, by=cast.admin)
    assert is_second_person(one, two)


def test_a_confirmed_account_whose_link_its_opener_saw_is_no_second_person_until_another_link_was_used(cast):
    new = NewPerson(username="sock", first_name="نخ", last_name="عروسک")
    made = invite_person(unit=cast.a, role=R.REPORTER, new=new, by=cast.laleh)
    assert made.link
    set_password(person=made.person, password="zard-alu-1405-sard", by=made.person, how="link")
    confirm_person(person=made.person, by=cast.admin)

    assert not is_second_person(made.person, cast.laleh)
    Person.objects.filter(pk=made.person.pk).update(email="sock@example.ir")
    ask_for_reset(name="sock")
    person = Person.objects.get(pk=made.person.pk)
    set_password(person=person, password="sib-e-sorkh-1405-shirin", by=person, how="link")
    assert is_second_person(person, cast.laleh)


def test_consent_is_decided_again_at_acceptance(cast, services, samira):
    seat = grant_membership(unit=cast.a, person=cast.stranger, role=R.REPORTER, by=cast.reza)
    assert not seat.consent_needed
    make_membership(
        cast.stranger, cast.provider, R.REVIEWER
    )  # came to them past the offer, by a move of units for example

    with pytest.raises(Refused) as refused:
        accept_seat(membership=seat, by=cast.stranger)

    assert refused.value.code == "awaits-consent"
    assert "samira" in seat_told(seat)
    consent_to_seat(membership=seat, by=samira)
    assert accept_seat(membership=seat, by=cast.stranger).accepted_at


DEPUTIES = [
    # who names; of which unit; who is named holds there; and elsewhere; needs consent
    ("reza", R.REPORTER, None, False),
    ("reza", R.AUDITOR, (R.REVIEWER, "provider"), True),
    ("reza", R.AUDITOR, (R.COORDINATOR, "provider"), True),
    ("reza", R.AUDITOR, (R.REVIEWER, "sibling"), False),
    ("omid", R.AUDITOR, None, False),
    ("omid", R.REPORTER, None, True),
    ("omid", R.AUDITOR, (R.REPORTER, "own"), True),
    ("omid", R.AUDITOR, (R.HEAD, "below"), True),
]


@pytest.mark.parametrize(("giver", "holds", "elsewhere", "needs"), DEPUTIES)
def test_a_relative_a_deputy_is_under_the_same_consents(cast, places, giver, holds, elsewhere, needs):
    by = getattr(cast, giver)
    seat = cast.membership(by)
    person = make_person(name="جانشین تازه")
    make_membership(person, seat.unit, holds)
    if elsewhere:
        make_membership(person, places[elsewhere[1]], elsewhere[0])
    at = database_now()

    named = name_deputy(membership=seat, person=person, starts_at=at, ends_at=at + timedelta(days=3), by=by)

    assert named.consent_needed is needs
    assert len(memberships_of(person, database_now())) == (2 if elsewhere else 1)


@pytest.mark.parametrize(
    "name", ["evil.com", "www.bank", "a.ir", "hesab-shoma-masdud-shod-alan", "https.bank", "x.example"]
)
def test_a_user_name_is_no_address_and_no_sentence(cast, name):
    with pytest.raises(Refused) as refused:
        invite_person(unit=cast.a, role=R.REPORTER, new=NewPerson(name, first_name="نو", last_name="کس"), by=cast.reza)
    assert refused.value.code == "bad-username"
    assert not Person.objects.filter(username=name).exists()


# ---------------------------------------------------------------------------------------------------- how far a seat reaches
def test_a_seat_reaches_below_its_unit_and_not_a_unit_whose_id_ends_like_it():
    """Paths are matched from their beginning: “7.” stands in “17.” too."""
    mine, other = make_unit("U-7", id=7), make_unit("U-17", id=17)
    below = make_unit("U-8", id=8, parent=mine)
    make_membership(person := make_person(), mine, Role.AUDITOR)

    assert (mine.path, other.path) == ("7.", "17.")
    assert set(Unit.objects.filter(reach(person))) == {mine, below}
    assert set(Unit.objects.under(mine)) == {mine, below}
