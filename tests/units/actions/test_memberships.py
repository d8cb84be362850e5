"""Roles: who may give them, what ends with them, what the trail says."""

import pytest

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.factories import make_membership, make_person
from units.actions.memberships import change_role, end_membership, grant_membership
from units.enums import Role
from units.models import Event, Membership, Notice
from units.queries import memberships_of, people_with
from units.queries.tree import visible_units
from units.rules import reports_in_line

pytestmark = pytest.mark.django_db


def roles(person) -> list[tuple[str, str]]:
    return [(m.role, m.unit.code) for m in memberships_of(person, database_now())]


def test_a_head_names_an_expert_of_their_unit(cast):
    membership = grant_membership(unit=cast.a, person=cast.stranger, role=Role.REPORTER, by=cast.reza)

    event = Event.objects.get(noun="membership")
    assert roles(cast.stranger) == [(Role.REPORTER, "KHB")]
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
    grant_membership(unit=cast.a_child, person=cast.stranger, role=role, by=cast.laleh)

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


def test_an_administrator_takes_a_role_only_through_the_trail(cast):
    assert memberships_of(cast.admin) == []

    grant_membership(unit=cast.provider, person=cast.admin, role=Role.COORDINATOR, by=cast.admin)

    assert Event.objects.get(verb="grant").person == cast.admin


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

    assert roles(cast.sara) == [(Role.HEAD, "KHB")]
    assert changed.role == Role.HEAD
    assert list(Event.objects.values_list("verb", flat=True)) == ["end", "grant"]


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
    assert notice.subject == "سمت «کارشناس واحد» در «اداره کل خوابگاه‌ها» به شما داده شد"


def test_reach_is_the_subtree_of_every_membership(cast):
    assert {u.code for u in visible_units(cast.sara)} == {"KHB", "KHB-IMN"}
    assert {u.code for u in visible_units(cast.laleh)} == {"ORG", "KHB", "KHB-IMN", "TGZ"}
    assert list(visible_units(cast.stranger)) == []


def test_who_reports_above_or_below_reviews_nothing_in_that_line(cast):
    at = database_now()

    assert reports_in_line(cast.sara, cast.a.path, at)
    assert reports_in_line(cast.sara, cast.a_child.path, at)
    assert reports_in_line(cast.sara, cast.provider.path, at)
    assert not reports_in_line(cast.sara, cast.b.path, at)
    assert not reports_in_line(cast.omid, cast.a.path, at)
