"""Where every coordinator of the provider is in a unit's line, an administrator names somebody outside it."""

import pytest
from django.urls import reverse

from reports.actions.calls import excuse_unit, extend_call, extend_unit
from reports.actions.deciders import end_decider, name_decider
from reports.invariants import broken
from reports.queries.namings import deciders_of, undecided
from reports.rules import can_decide
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.calls import at_closing, published_call, report_of
from tests.factories import make_membership, make_person
from units.enums import Role
from units.models import Event, Notice

pytestmark = pytest.mark.django_db
WHY = "همهٔ راهبران در خط این واحدند."


@pytest.fixture
def call(cast):
    return published_call(cast)


@pytest.fixture
def alone(cast, call):
    """Laleh, the only coordinator, comes to report for unit A."""
    make_membership(cast.laleh, cast.a, Role.REPORTER)
    return call


def name(cast, call, person=None, by=None):
    return name_decider(unit=cast.a, service=call.service, person=person or cast.omid, by=by or cast.admin, reason=WHY)


def test_nobody_decides_and_the_sentence_says_whom_to_ask(cast, alone):
    with pytest.raises(Forbidden) as refusal:
        excuse_unit(report=report_of(alone, cast.a), by=cast.laleh, reason=WHY)

    assert refusal.value.code == "in-line"
    assert "راهبر سامانه" in str(refusal.value)


def test_who_is_named_decides_about_that_unit_and_no_other(cast, alone):
    name(cast, alone)

    extended = extend_unit(report=report_of(alone, cast.a), until=at_closing(alone, days=2), by=cast.omid, reason=WHY)
    assert extended.extension_until == at_closing(alone, days=2)
    assert Event.objects.filter(verb="extend", noun="report").latest("id").membership.person == cast.omid
    with pytest.raises(Forbidden):
        extend_unit(report=report_of(alone, cast.b), until=at_closing(alone, days=2), by=cast.omid, reason=WHY)
    with pytest.raises(Forbidden):
        extend_call(call=alone, closes_at=at_closing(alone, days=2), by=cast.omid, reason=WHY)
    assert list(broken()) == []


def test_the_administrator_reads_on_the_desk_that_nobody_can_decide_until_somebody_is_named(cast, alone, client_for):
    page = reverse("reports:unit_decider", args=[cast.a.code])
    assert page in client_for(cast.admin).get(reverse("reports:desk")).content.decode()

    name(cast, alone)

    assert page not in client_for(cast.admin).get(reverse("reports:desk")).content.decode()
    assert undecided(database_now()) == []
    assert Notice.objects.filter(person=cast.omid, event__verb="name_decider").exists()


def test_by_the_page_an_administrator_names_and_ends(cast, alone, client_for):
    admin, page = client_for(cast.admin), reverse("reports:unit_decider_of", args=[cast.a.code, alone.service.pk])
    prefix = f"s{alone.service.pk}"
    assert cast.omid.get_full_name() in admin.get(reverse("reports:unit_decider", args=[cast.a.code])).content.decode()

    admin.post(page, {f"{prefix}-person": cast.omid.pk, f"{prefix}-reason": WHY})
    assert can_decide(cast.omid, report_of(alone, cast.a), database_now()) is True

    admin.post(page, {f"{prefix}-reason": WHY})
    cast.omid.__dict__.pop("_namings", None)
    assert can_decide(cast.omid, report_of(alone, cast.a), database_now()) is False


def test_only_an_administrator_names(cast, alone, client_for):
    with pytest.raises(Forbidden):
        name(cast, alone, by=cast.laleh)
    assert client_for(cast.laleh).get(reverse("reports:unit_decider", args=[cast.a.code])).status_code == 403


def test_nobody_is_named_where_a_coordinator_is_outside_the_line(cast, call):
    with pytest.raises(Refused) as refusal:
        name(cast, call)
    assert refusal.value.code == "not-needed"


@pytest.mark.parametrize("who", ["sara", "stranger", "admin", "laleh", "nader"])
def test_named_is_somebody_with_a_judging_seat_outside_the_line(who, cast, alone):
    with pytest.raises(Refused) as refusal:
        name(cast, alone, person=getattr(cast, who))
    assert refusal.value.code == "unfit"


def test_who_comes_into_the_line_after_being_named_decides_no_more(cast, alone):
    name(cast, alone)
    make_membership(cast.omid, cast.a_child, Role.REPORTER)

    assert can_decide(cast.omid, report_of(alone, cast.a), database_now()) is False
    assert [row.unit for row in undecided(database_now())] == [cast.a]


def test_the_end_of_a_naming_leaves_what_was_decided(cast, alone):
    name(cast, alone)
    extend_unit(report=report_of(alone, cast.a), until=at_closing(alone, days=2), by=cast.omid, reason=WHY)

    end_decider(unit=cast.a, service=alone.service, by=cast.admin, reason=WHY)

    assert report_of(alone, cast.a).extension_until == at_closing(alone, days=2)
    with pytest.raises(Forbidden):
        excuse_unit(report=report_of(alone, cast.a), by=cast.omid, reason=WHY)
    assert deciders_of(report_of(alone, cast.a), database_now()) == []


def test_where_every_coordinator_is_in_the_line_of_some_unit_a_call_can_still_be_extended(cast, call):
    second = make_person("second", "زهرا دوم")
    make_membership(second, cast.provider, Role.COORDINATOR)
    make_membership(cast.laleh, cast.a, Role.REPORTER)
    with pytest.raises(Forbidden):
        extend_call(call=call, closes_at=at_closing(call, days=2), by=cast.laleh, reason=WHY)

    make_membership(second, cast.b, Role.REPORTER)
    assert extend_call(
        call=call, closes_at=at_closing(call, days=2), by=cast.laleh, reason=WHY
    ).closes_at == at_closing(call, days=2)
