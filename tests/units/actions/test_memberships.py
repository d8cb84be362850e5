"""Roles: who may give them, who accepts, what ends with them, what the trail says."""

from datetime import timedelta

import pytest

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.factories import make_membership, make_person
from units.actions.memberships import (
    accept_seat,
    change_role,
    decline_seat,
    end_membership,
    grant_membership,
    leave_seat,
)
from units.enums import Role, SeatState
from units.models import Event, Membership, Notice, Unit
from units.queries import memberships_of, people_with, seats_offered_to
from units.queries.lines import in_line_of
from units.queries.tree import visible_units

pytestmark = pytest.mark.django_db


def roles(person) -> list[tuple[str, str]]:
    return [(m.role, m.unit.code) for m in memberships_of(person, database_now())]


def test_a_head_names_an_expert_of_their_unit(cast):
    membership = grant_membership(unit=cast.a, person=cast.stranger, role=Role.REPORTER, by=cast.reza)

    event = Event.objects.get(noun="membership")
    assert roles(cast.stranger) == []
    assert (event.verb, event.key, event.person, event.unit_id) == ("grant", str(membership.pk), cast.reza, cast.a.pk)
    assert event.membership == cast.membership(cast.reza)


@pytest.mark.parametrize("role", [Role.HEAD, Role.REVIEWER, Role.COORDINATOR, Role.AUDITOR])
def test_a_head_gives_no_other_role(cast, role):
    with pytest.raises(Forbidden):
        grant_membership(unit=cast.a, person=cast.stranger, role=role, by=cast.reza)


def test_a_head_names_nobody_below_or_beside_their_unit(cast):
    for unit in (cast.a_child, cast.b, cast.provider):
        with pytest.raises(Forbidden):
            grant_membership(unit=unit, person=cast.stranger, role=Role.REPORTER, by=cast.reza)


@pytest.mark.parametrize("role", Role.values)
def test_a_coordinator_gives_every_role_in_their_subtree(cast, role):
    seat = grant_membership(unit=cast.a_child, person=cast.stranger, role=role, by=cast.laleh)
    accept_seat(membership=seat, by=cast.stranger)

    assert roles(cast.stranger) == [(role, "KHB-IMN")]


def test_a_coordinator_of_one_unit_gives_nothing_above_it(cast):
    local = make_person("local")
    make_membership(local, cast.a, Role.COORDINATOR)

    with pytest.raises(Forbidden):
        grant_membership(unit=cast.provider, person=cast.stranger, role=Role.REPORTER, by=local)


@pytest.mark.parametrize("name", ["sara", "omid", "nader", "stranger"])
def test_nobody_else_gives_roles(cast, name):
    with pytest.raises(Forbidden):
        grant_membership(unit=cast.a, person=cast.stranger, role=Role.REPORTER, by=getattr(cast, name))


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("name", ["reza", "laleh", "admin"])
def test_nobody_gives_a_seat_to_themselves(cast, name, role):
    person = getattr(cast, name)

    for unit in cast.units:
        with pytest.raises(Forbidden):
            grant_membership(unit=unit, person=person, role=role, by=person)

    assert Membership.objects.filter(person=person, accepted_at=None).count() == 0


def test_nobody_changes_their_own_seat_into_another(cast):
    with pytest.raises(Forbidden) as refused:
        change_role(membership=cast.membership(cast.laleh), role=Role.AUDITOR, by=cast.laleh)

    assert refused.value.code == "to-oneself"


def test_the_same_role_is_not_given_twice(cast):
    with pytest.raises(Refused) as refused:
        grant_membership(unit=cast.a, person=cast.sara, role=Role.REPORTER, by=cast.laleh)

    assert refused.value.code == "already-member"


def test_a_role_with_an_end_is_not_given_twice_either(cast):
    until = database_now().replace(year=database_now().year + 1)
    grant_membership(unit=cast.a, person=cast.stranger, role=Role.AUDITOR, by=cast.laleh, ends_at=until)

    with pytest.raises(Refused):
        grant_membership(unit=cast.a, person=cast.stranger, role=Role.AUDITOR, by=cast.laleh)


def test_an_ended_role_may_be_given_again(cast):
    end_membership(membership=cast.membership(cast.sara), by=cast.reza)
    grant_membership(unit=cast.a, person=cast.sara, role=Role.REPORTER, by=cast.reza)

    assert Membership.objects.filter(person=cast.sara).count() == 2


def test_a_membership_is_valid_until_its_very_end_and_no_longer(cast):
    end = database_now()
    Membership.objects.filter(person=cast.sara).update(ends_at=end)

    assert roles_at(cast.sara, end) == []
    assert roles_at(cast.sara, end.replace(microsecond=0) if end.microsecond else end) == (
        [Role.REPORTER] if end.microsecond else []
    )


def roles_at(person, at) -> list[str]:
    return [m.role for m in memberships_of(person, at)]


def test_the_rights_of_a_head_end_with_the_membership(cast):
    end_membership(membership=cast.membership(cast.reza), by=cast.laleh, reason="مأموریت")

    assert not people_with(cast.a, Role.HEAD, at=database_now()).exists()
    assert Event.objects.get(verb="end").data["reason"] == "مأموریت"


def test_a_membership_ends_once(cast):
    membership = cast.membership(cast.sara)
    end_membership(membership=membership, by=cast.reza)

    with pytest.raises(Refused) as refused:
        end_membership(membership=membership, by=cast.reza)

    assert refused.value.code == "already-ended"


def test_a_head_does_not_end_the_role_of_another_head(cast):
    with pytest.raises(Forbidden):
        end_membership(membership=cast.membership(cast.reza), by=cast.reza)


def test_changing_a_role_leaves_nobody_without_one(cast):
    changed = change_role(membership=cast.membership(cast.sara), role=Role.HEAD, by=cast.laleh)
    assert roles(cast.sara) == [(Role.REPORTER, "KHB")]

    accept_seat(membership=changed, by=cast.sara)

    assert roles(cast.sara) == [(Role.HEAD, "KHB")]
    assert list(Event.objects.order_by("id").values_list("verb", flat=True)) == ["grant", "accept", "end"]


def test_a_refused_change_of_role_changes_nothing(cast):
    with pytest.raises(Forbidden):
        change_role(membership=cast.membership(cast.sara), role=Role.HEAD, by=cast.reza)

    assert roles(cast.sara) == [(Role.REPORTER, "KHB")]
    assert Event.objects.count() == 0


def test_nobody_joins_a_retired_unit(cast):
    cast.a_child.retired_at = database_now()
    cast.a_child.save()

    with pytest.raises(Refused) as refused:
        grant_membership(unit=cast.a_child, person=cast.stranger, role=Role.HEAD, by=cast.laleh)

    assert refused.value.code == "unit-retired"


def test_who_gets_a_role_is_told(cast):
    grant_membership(unit=cast.a, person=cast.stranger, role=Role.REPORTER, by=cast.reza)

    notice = Notice.objects.filter(person=cast.stranger, channel="portal").get()
    assert notice.subject == "سمت «کارشناس واحد» در «اداره کل خوابگاه‌ها» به شما پیشنهاد شده است"


def test_reach_is_the_subtree_of_every_membership(cast):
    assert {u.code for u in visible_units(cast.sara)} == {"KHB", "KHB-IMN"}
    assert {u.code for u in visible_units(cast.laleh)} == {"ORG", "KHB", "KHB-IMN", "TGZ"}
    assert list(visible_units(cast.stranger)) == []


def test_who_reports_above_or_below_reviews_nothing_in_that_line(cast):
    at = database_now()

    assert in_line_of(cast.sara, cast.a.path, at)
    assert in_line_of(cast.sara, cast.a_child.path, at)
    assert in_line_of(cast.sara, cast.provider.path, at)
    assert not in_line_of(cast.sara, cast.b.path, at)
    assert not in_line_of(cast.omid, cast.a.path, at)


# ------------------------------------------------------------------------------------------ accepting, declining, leaving
@pytest.fixture
def offer(cast) -> Membership:
    """The seat of an expert in unit A, offered by its head to Pouya, who has not answered."""
    return grant_membership(unit=cast.a, person=cast.stranger, role=Role.REPORTER, by=cast.reza)


def told(verb: str) -> dict[str, str]:
    """{user name: subject} of what the portal told of the newest event of this verb."""
    event = Event.objects.filter(noun="membership", verb=verb).latest("id")
    return dict(event.notices.filter(channel="portal").values_list("person__username", "subject"))


def test_a_seat_gives_nothing_before_it_is_accepted(cast, offer):
    at = database_now()

    assert list(visible_units(cast.stranger)) == []
    assert not people_with(cast.a, Role.REPORTER, at=at).filter(pk=cast.stranger.pk).exists()
    assert not in_line_of(cast.stranger, cast.a.path, at)
    assert [seat.pk for seat in seats_offered_to(cast.stranger, at)] == [offer.pk]


def test_an_accepted_seat_is_valid_from_that_instant_on(cast, offer):
    accepted = accept_seat(membership=offer, by=cast.stranger).accepted_at

    assert roles_at(cast.stranger, accepted - timedelta(microseconds=1)) == []
    assert roles_at(cast.stranger, accepted) == [Role.REPORTER]
    assert seats_offered_to(cast.stranger, accepted) == []
    assert Event.objects.get(verb="accept").membership == offer


@pytest.mark.parametrize("name", ["reza", "laleh", "admin", "sara"])
@pytest.mark.parametrize("verb", [accept_seat, decline_seat, leave_seat])
def test_nobody_answers_for_somebody_else(cast, offer, verb, name):
    with pytest.raises(Forbidden):
        verb(membership=offer, by=getattr(cast, name))

    assert Membership.objects.get(pk=offer.pk).state_at(database_now()) == SeatState.OFFERED


def test_a_declined_seat_is_over_and_can_be_offered_again(cast, offer):
    decline_seat(membership=offer, by=cast.stranger)

    with pytest.raises(Refused):
        accept_seat(membership=offer, by=cast.stranger)
    assert roles(cast.stranger) == []
    assert grant_membership(unit=cast.a, person=cast.stranger, role=Role.REPORTER, by=cast.reza).pk != offer.pk


def test_a_seat_that_waits_is_not_offered_twice(cast, offer):
    with pytest.raises(Refused) as refused:
        grant_membership(unit=cast.a, person=cast.stranger, role=Role.REPORTER, by=cast.laleh)

    assert refused.value.code == "already-offered"


def test_a_seat_that_was_taken_back_cannot_be_accepted(cast, offer):
    end_membership(membership=offer, by=cast.reza)

    with pytest.raises(Refused) as refused:
        accept_seat(membership=offer, by=cast.stranger)
    assert refused.value.code == "already-ended"


def test_a_seat_on_a_unit_that_retired_meanwhile_cannot_be_accepted(cast, offer):
    Unit.objects.filter(pk=cast.a.pk).update(retired_at=database_now())

    with pytest.raises(Refused) as refused:
        accept_seat(membership=offer, by=cast.stranger)
    assert refused.value.code == "unit-retired"


def test_an_offer_whose_time_has_passed_is_over(cast):
    seat = make_membership(cast.stranger, cast.a, Role.AUDITOR, accepted_at=None, ends_at=database_now())

    with pytest.raises(Refused):
        accept_seat(membership=seat, by=cast.stranger)
    assert seats_offered_to(cast.stranger, database_now()) == []


def test_everybody_leaves_a_seat_of_their_own_whoever_gave_it(cast):
    leave_seat(membership=cast.membership(cast.omid), by=cast.omid, reason="بازنشستگی")

    assert roles(cast.omid) == []
    assert Event.objects.get(verb="leave").data["reason"] == "بازنشستگی"


def test_a_seat_that_waits_is_declined_and_not_left(cast, offer):
    with pytest.raises(Refused) as refused:
        leave_seat(membership=offer, by=cast.stranger)

    assert refused.value.code == "not-accepted"


@pytest.mark.parametrize(
    ("starts", "accepted", "ends"),
    [(s, a, e) for s in (-1, 0, 1) for a in (None, -1, 0, 1) for e in (None, -1, 0, 1)
     if e is None or (e >= s and e >= (a if a is not None else e))],
)  # fmt: skip
def test_the_state_of_a_seat_agrees_with_what_is_valid(cast, starts, accepted, ends):
    at = database_now()
    moment = lambda steps: None if steps is None else at + timedelta(microseconds=steps)  # noqa: E731
    seat = make_membership(
        cast.stranger,
        cast.a,
        Role.AUDITOR,
        starts_at=moment(starts),
        accepted_at=moment(accepted),
        ends_at=moment(ends),
    )
    state = seat.state_at(at)

    valid = Membership.objects.valid_at(at).filter(pk=seat.pk).exists()
    offered = Membership.objects.offered_at(at).filter(pk=seat.pk).exists()
    assert valid == (state == SeatState.HELD and seat.starts_at <= at and seat.accepted_at <= at)
    assert offered == (state == SeatState.OFFERED)
    current = {row.pk: row.is_valid for row in Membership.objects.current_at(at).filter(pk=seat.pk)}
    assert current == ({} if state == SeatState.ENDED else {seat.pk: valid})


def test_the_units_people_hear_of_each_step_of_a_seat(cast, offer):
    assert set(told("grant")) == {"pouya", "sara"}  # who gave it knows

    accept_seat(membership=offer, by=cast.stranger)
    assert set(told("accept")) == {"reza", "sara"}
    assert told("accept")["sara"] == "پویا بیگی اکنون کارشناس واحد در «اداره کل خوابگاه‌ها» است"

    leave_seat(membership=offer, by=cast.stranger)
    assert set(told("leave")) == {"reza", "sara"}


def test_who_loses_a_seat_and_the_units_people_are_told(cast):
    end_membership(membership=cast.membership(cast.reza), by=cast.laleh)

    assert set(told("end")) == {"reza", "sara"}


def test_an_outsider_who_offered_a_seat_hears_that_it_was_declined(cast):
    seat = grant_membership(unit=cast.a, person=cast.stranger, role=Role.HEAD, by=cast.laleh)
    decline_seat(membership=seat, by=cast.stranger)

    assert set(told("decline")) == {"laleh", "reza", "sara"}
