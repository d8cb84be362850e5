"""What `checkinvariants` sees of seats: one corruption a test, and its own row; what the database refuses by itself."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from reports.invariants import broken
from sajad_portal.lib.clock import database_now
from tests.factories import make_membership, make_person
from units.actions.deputies import name_deputy
from units.actions.events import record
from units.actions.memberships import accept_seat, consent_to_seat, grant_membership
from units.enums import Role, UnitVerb
from units.models import KnownDevice, Membership

pytestmark = pytest.mark.django_db


def test_a_seat_that_went_the_whole_way_is_whole(cast):
    make_membership(cast.stranger, cast.provider, Role.REVIEWER)
    seat = grant_membership(unit=cast.a, person=cast.stranger, role=Role.REPORTER, by=cast.reza)
    consent_to_seat(membership=seat, by=cast.laleh)
    accept_seat(membership=seat, by=cast.stranger)

    assert list(broken()) == []


def test_a_seat_that_was_accepted_past_the_verb_is_named(cast):
    seat = make_membership(cast.stranger, cast.a, Role.HEAD, accepted_at=database_now())

    assert list(broken()) == [f"membership {seat.pk}: accepted, and no event tells of it"]


def test_a_seat_that_somebody_else_accepted_is_named(cast):
    seat = make_membership(cast.stranger, cast.a, Role.HEAD)
    with transaction.atomic():
        record(UnitVerb.ACCEPT, noun="membership", key=seat.pk, at=database_now(), by=cast.laleh)

    assert list(broken()) == [f"membership {seat.pk}: accept by somebody else"]


def test_a_consent_past_the_verb_is_named(cast):
    seat = make_membership(
        cast.stranger, cast.a, Role.HEAD, accepted_at=None, consented_at=database_now(), consented_by=cast.laleh
    )

    assert list(broken()) == [f"membership {seat.pk}: consented to, and no event tells of it"]


@pytest.mark.parametrize(
    "changes",
    [
        lambda cast, at: {"consent_needed": True},
        lambda cast, at: {"consented_at": at, "consented_by": cast.stranger, "accepted_at": None},
        lambda cast, at: {"consented_at": at, "consented_by": cast.reza, "granted_by": cast.reza, "accepted_at": None},
        lambda cast, at: {"consented_at": at, "accepted_at": None},
        lambda cast, at: {"ends_at": at, "accepted_at": at + timedelta(microseconds=1)},
    ],
    ids=["accepted without consent", "its own person", "its giver", "nobody", "accepted after its end"],
)
def test_the_database_refuses_what_no_seat_can_be(cast, changes):
    seat = make_membership(cast.stranger, cast.a, Role.HEAD)

    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=seat.pk).update(**changes(cast, database_now()))


@pytest.fixture
def deputy(cast):
    at = database_now()
    seat = name_deputy(
        membership=cast.membership(cast.reza),
        person=cast.sara,
        starts_at=at,
        ends_at=at + timedelta(days=3),
        by=cast.reza,
    )
    return accept_seat(membership=seat, by=cast.sara)


def test_a_deputy_who_went_the_whole_way_is_whole(cast, deputy):
    with transaction.atomic():
        record(UnitVerb.RENAME, noun="unit", key=cast.a.pk, at=database_now(), by=cast.sara, membership=deputy)

    assert list(broken()) == []


def test_a_deputy_whom_nobody_named_is_named(cast):
    at = database_now()
    seat = make_membership(
        cast.sara, cast.a, Role.HEAD, ends_at=at + timedelta(days=3), deputy_for=cast.membership(cast.reza)
    )

    assert list(broken()) == [f"membership {seat.pk}: a deputy whom the seat's own person did not name"]


def test_two_deputies_of_one_seat_at_one_time_are_named_and_one_after_the_other_is_not(cast, deputy):
    other = make_person("hoda", "هدی نیک‌فر")
    make_membership(other, cast.a, Role.REPORTER)
    after = name_deputy(
        membership=cast.membership(cast.reza),
        person=other,
        starts_at=deputy.ends_at,
        ends_at=deputy.ends_at + timedelta(days=3),
        by=cast.reza,
    )
    assert list(broken()) == []

    Membership.objects.filter(pk=after.pk).update(starts_at=deputy.ends_at - timedelta(seconds=1))

    assert list(broken()) == [f"membership {deputy.pk}: seat {deputy.deputy_for_id} has two deputies at one time"]


def test_what_a_deputy_did_after_the_end_is_named(cast, deputy):
    at = database_now() + timedelta(days=4)
    with transaction.atomic():
        event = record(UnitVerb.RENAME, noun="unit", key=cast.a.pk, at=at, by=cast.sara, membership=deputy)

    assert list(broken()) == [f"event {event.pk}: rename in a deputy's seat outside its time"]


def test_more_known_browsers_than_are_kept_are_named(cast):
    for number in range(11):
        KnownDevice.objects.create(person=cast.sara, key=f"{number}", used_at=database_now())

    assert list(broken()) == [f"person {cast.sara.pk}: known by 11 browsers, at most 10 are kept"]
