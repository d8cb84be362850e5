"""Seats begin and end on days that are typed and changed."""

from datetime import timedelta

import pytest

from sajad_portal.lib.clock import database_now, end_of_day, start_of_day, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from tests.factories import make_membership
from units.actions.memberships import accept_seat, end_membership, grant_membership
from units.actions.seat_dates import change_dates
from units.enums import Role, SeatState
from units.models import Event, Membership, Notice
from units.queries import memberships_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_seat_that_begins_later_is_accepted_now_and_gives_its_rights_then(cast, clock):
    seat = grant_membership(
        unit=cast.a, person=cast.stranger, role=Role.REPORTER, by=cast.reza, starts_at=database_now() + 2 * DAY
    )
    accept_seat(membership=seat, by=cast.stranger)

    assert memberships_of(cast.stranger, database_now()) == []
    clock.move(days=3)
    assert memberships_of(cast.stranger, database_now()) == [seat]


def test_a_seat_that_begins_later_can_be_taken_back_at_once(cast):
    at = database_now()
    seat = grant_membership(unit=cast.a, person=cast.stranger, role=Role.REPORTER, by=cast.reza, starts_at=at + DAY)
    accept_seat(membership=seat, by=cast.stranger)

    assert end_membership(membership=seat, by=cast.reza).state_at(database_now()) == SeatState.ENDED


def test_today_means_now_and_yesterday_is_refused(cast):
    today = start_of_day(tehran_date(database_now()))
    give = {"unit": cast.a, "person": cast.stranger, "role": Role.REPORTER, "by": cast.reza}

    with pytest.raises(Refused) as refused:
        grant_membership(**give, starts_at=today - DAY)
    assert refused.value.code == "starts-in-the-past"
    seat = accept_seat(membership=grant_membership(**give, starts_at=today), by=cast.stranger)
    assert memberships_of(cast.stranger, database_now()) == [seat]


def test_a_seat_may_follow_the_one_that_ends(cast):
    end = database_now() + DAY
    give = {"unit": cast.a, "person": cast.stranger, "role": Role.REPORTER, "by": cast.reza}
    grant_membership(**give, ends_at=end)

    with pytest.raises(Refused):
        grant_membership(**give, starts_at=end - timedelta(hours=1))
    assert grant_membership(**give, starts_at=end).starts_at == end


def move(seat: Membership, by, *, ends_at, starts_at=None) -> Membership:
    return change_dates(membership=seat, starts_at=starts_at or seat.starts_at, ends_at=ends_at, by=by)


def test_the_end_is_moved_recorded_and_told(cast):
    seat = cast.membership(cast.sara)
    end = end_of_day(tehran_date(database_now()) + DAY)

    assert move(seat, cast.reza, ends_at=end).ends_at == end
    event = Event.objects.get(verb="change_dates")
    assert event.data["to"][1] == end.isoformat()
    assert Notice.objects.filter(event=event, person=cast.sara, channel="portal").exists()


def test_the_same_dates_again_change_nothing(cast):
    move(cast.membership(cast.sara), cast.reza, ends_at=None)

    assert not Event.objects.filter(verb="change_dates").exists()


@pytest.mark.parametrize("who", ["sara", "mina", "omid", "kamran"])
def test_nobody_moves_their_own_dates_nor_those_of_others(cast, who):
    with pytest.raises(Forbidden):
        move(cast.membership(cast.sara), getattr(cast, who), ends_at=database_now() + DAY)


def test_an_end_that_is_past_and_another_first_day_are_refused(cast):
    seat = cast.membership(cast.sara)

    with pytest.raises(Refused) as refused:
        move(seat, cast.reza, ends_at=database_now() - DAY)
    assert refused.value.code == "ends-before-start"
    with pytest.raises(Refused) as refused:
        move(seat, cast.reza, starts_at=database_now() + DAY, ends_at=None)
    assert refused.value.code == "begun"


def test_a_longer_time_needs_the_consent_that_a_new_seat_would_need(cast):
    make_membership(cast.omid, cast.a, Role.REPORTER, ends_at=database_now() + DAY)
    seat = Membership.objects.select_related("unit").get(person=cast.omid, unit=cast.a)

    with pytest.raises(Refused) as refused:
        move(seat, cast.reza, ends_at=database_now() + 5 * DAY)
    assert refused.value.code == "longer-needs-consent"
    assert move(seat, cast.reza, ends_at=database_now() + DAY / 2).ends_at < seat.ends_at
    move(seat, cast.admin, ends_at=None)
