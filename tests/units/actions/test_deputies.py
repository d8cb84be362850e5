"""Naming a deputy: who names whom, when it holds, and what it does not give."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.factories import make_membership, make_person
from units.actions.deputies import name_deputy
from units.actions.memberships import accept_seat, end_membership, grant_membership, leave_seat
from units.actions.seat_dates import change_dates
from units.enums import Role, SeatState
from units.models import Event, Membership, Person
from units.queries import memberships_of
from units.queries.lines import in_line_of
from units.queries.tree import heads_of
from units.rules import grantable_roles, membership_on

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def name(cast, person=None, *, giver=None, by=None, starts=timedelta(), ends=WEEK) -> Membership:
    giver = giver or cast.membership(cast.reza)
    at = database_now()
    return name_deputy(
        membership=giver, person=person or cast.sara, starts_at=at + starts, ends_at=at + ends, by=by or giver.person
    )


@pytest.fixture
def deputy(cast) -> Membership:
    """Sara stands in for Reza, head of unit A, for a week; accepted."""
    return accept_seat(membership=name(cast), by=cast.sara)


def as_head(cast, person: Person) -> Membership | None:
    return membership_on(Person.objects.get(pk=person.pk), cast.a, {Role.HEAD}, database_now())


# --------------------------------------------------------------------------------------------------------- holding
def test_it_counts_nowhere_before_it_is_accepted(cast):
    seat = name(cast)

    assert seat.state_at(database_now()) == SeatState.OFFERED
    assert as_head(cast, cast.sara) is None
    accept_seat(membership=seat, by=cast.sara)
    assert as_head(cast, cast.sara) == seat


def test_it_ends_by_itself_on_its_day(cast, deputy, clock):
    clock.move(days=6)
    assert as_head(cast, cast.sara) == deputy
    clock.move(days=2)
    assert as_head(cast, cast.sara) is None
    assert deputy.state_at(database_now()) == SeatState.ENDED


def test_it_gives_no_right_before_its_first_day(cast, clock):
    accept_seat(membership=name(cast, starts=timedelta(days=2)), by=cast.sara)

    assert as_head(cast, cast.sara) is None
    clock.move(days=3)
    assert as_head(cast, cast.sara) is not None


def test_it_ends_with_the_givers_seat(cast, deputy):
    end_membership(membership=cast.membership(cast.reza), by=cast.laleh)

    assert as_head(cast, cast.sara) is None
    deputy = Membership.objects.select_related("deputy_for").get(pk=deputy.pk)
    assert deputy.state_at(database_now()) == SeatState.ENDED
    assert not Membership.objects.not_ended_at(database_now()).filter(pk=deputy.pk).exists()


def test_it_rests_while_the_givers_account_is_closed(cast, deputy):
    Person.objects.filter(pk=cast.reza.pk).update(is_active=False)

    assert as_head(cast, cast.sara) is None


def test_a_deputy_counts_among_those_who_can_sign(cast, deputy):
    assert heads_of([cast.a], database_now())[cast.a.pk] == [cast.reza, cast.sara]


def test_the_giver_and_the_deputy_may_end_it_and_so_may_who_gives_the_role(cast, deputy):
    with pytest.raises(Forbidden):
        end_membership(membership=deputy, by=cast.kamran)

    end_membership(membership=deputy, by=cast.reza)
    assert as_head(cast, cast.sara) is None
    again = accept_seat(membership=name(cast), by=cast.sara)
    leave_seat(membership=again, by=cast.sara)
    third = accept_seat(membership=name(cast), by=cast.sara)
    end_membership(membership=third, by=cast.laleh)
    assert as_head(cast, cast.sara) is None


# ---------------------------------------------------------------------------------------------------------- naming
@pytest.mark.parametrize("who", ["sara", "kamran", "laleh", "admin", "stranger"])
def test_only_the_seats_own_person_names(cast, who):
    with pytest.raises(Forbidden):
        name(cast, by=getattr(cast, who))


@pytest.mark.parametrize("who", ["sara", "laleh", "nader"])
def test_only_a_head_and_a_reviewer_name_one(cast, who):
    seat = cast.membership(getattr(cast, who))
    make_membership(cast.stranger, seat.unit, Role.REPORTER)

    with pytest.raises(Forbidden):
        name(cast, cast.stranger, giver=seat)


@pytest.mark.parametrize("who", ["mina", "stranger", "omid", "reza"])
def test_only_somebody_else_of_the_unit_is_named(cast, who):
    with pytest.raises(Refused) as refused:
        name(cast, getattr(cast, who))
    assert refused.value.code == "not-of-the-unit"


def test_a_second_head_is_no_deputy(cast):
    make_membership(cast.stranger, cast.a, Role.HEAD)

    with pytest.raises(Refused):
        name(cast, cast.stranger)


def test_a_deputy_names_no_deputy(cast, deputy):
    make_membership(cast.stranger, cast.a, Role.REPORTER)

    with pytest.raises(Forbidden):
        name(cast, cast.stranger, giver=deputy, by=cast.sara)


def test_a_deputy_gives_no_seats(cast, deputy):
    sara = Person.objects.get(pk=cast.sara.pk)

    assert grantable_roles(sara, cast.a, database_now()) == set()
    with pytest.raises(Forbidden):
        grant_membership(unit=cast.a, person=cast.stranger, role=Role.REPORTER, by=sara)


def test_one_is_named_for_a_time(cast):
    make_membership(cast.stranger, cast.a, Role.REPORTER)
    name(cast)

    with pytest.raises(Refused) as refused:
        name(cast, cast.stranger, starts=timedelta(days=1))
    assert refused.value.code == "deputy-named"
    assert name(cast, cast.stranger, starts=WEEK, ends=2 * WEEK).deputy_for.person == cast.reza


@pytest.mark.parametrize(("starts", "ends", "code"), [(-2, 7, "starts-in-the-past"), (3, 2, "ends-before-start"), (0, 9, "beyond-the-giver")])  # fmt: skip
def test_a_time_that_does_not_fit_is_refused(cast, starts, ends, code):
    Membership.objects.filter(person=cast.reza).update(ends_at=database_now() + timedelta(days=8))

    with pytest.raises(Refused) as refused:
        name(cast, starts=timedelta(days=starts), ends=timedelta(days=ends))
    assert refused.value.code == code


def test_a_deputy_who_would_judge_and_report_in_one_line_waits_for_a_second_persons_word(cast):
    make_membership(cast.stranger, cast.a, Role.AUDITOR)
    make_membership(cast.stranger, cast.provider, Role.REVIEWER)

    seat = name(cast, cast.stranger)

    assert seat.state_at(database_now()) == SeatState.CONSENT
    assert not in_line_of(cast.stranger, cast.a.path, database_now())
    with pytest.raises(Refused):
        accept_seat(membership=seat, by=cast.stranger)


def test_naming_is_recorded_and_the_unit_is_told(cast, deputy):
    event = Event.objects.get(noun="membership", key=str(deputy.pk), verb="name_deputy")

    assert (event.person, event.data["person"], event.data["deputy_for"]) == (cast.reza, cast.sara.pk, cast.reza.pk)
    assert event.membership == cast.membership(cast.reza)


# ------------------------------------------------------------------------------------------------------- conflicts
def test_a_deputy_has_both_persons_conflicts(cast):
    expert = make_person(name="کارشناس ستاد")
    make_membership(expert, cast.provider, Role.AUDITOR)
    make_membership(cast.omid, cast.b, Role.REPORTER)
    seat = name(cast, expert, giver=cast.membership(cast.omid))

    assert not in_line_of(expert, cast.b.path, database_now())
    accept_seat(membership=seat, by=expert)

    expert = Person.objects.get(pk=expert.pk)
    assert in_line_of(expert, cast.b.path, database_now())
    assert not in_line_of(expert, cast.a.path, database_now())


# ---------------------------------------------------------------------------------------------------- the database
def spoil(deputy: Membership, **fields) -> None:
    with transaction.atomic():
        Membership.objects.filter(pk=deputy.pk).update(**fields)


@pytest.mark.parametrize("what", ["unit", "role", "person", "end", "chain", "cast as giver"])
def test_the_database_refuses_what_is_no_deputy(cast, deputy, what):
    third = make_membership(make_person(), cast.a, Role.HEAD)
    wrong = {
        "unit": {"unit": cast.b}, "role": {"role": Role.REVIEWER}, "person": {"person": cast.reza}, "end": {"ends_at": None},
    }  # fmt: skip

    row, fields = {
        "chain": (third, {"deputy_for": deputy, "ends_at": database_now() + WEEK}),
        "cast as giver": (deputy.deputy_for, {"deputy_for": third, "ends_at": database_now() + WEEK}),
    }.get(what) or (deputy, wrong[what])

    with pytest.raises(DatabaseError):
        spoil(row, **fields)


def test_an_accepted_deputy_is_a_members_row_like_any(cast, deputy):
    assert [m.role for m in memberships_of(Person.objects.get(pk=cast.sara.pk), database_now())] == [
        Role.REPORTER,
        Role.HEAD,
    ]


def test_a_deputys_time_does_not_grow_into_the_next_ones(cast):
    first, hoda = name(cast), make_person("hoda", "هدی نیک‌فر")
    make_membership(hoda, cast.a, Role.REPORTER)
    name(cast, hoda, starts=WEEK, ends=2 * WEEK)
    end = first.ends_at

    with pytest.raises(Refused) as refused:
        change_dates(membership=first, starts_at=first.starts_at, ends_at=end + timedelta(days=1), by=cast.reza)

    assert refused.value.code == "deputy-named"
    assert Membership.objects.get(pk=first.pk).ends_at == end
