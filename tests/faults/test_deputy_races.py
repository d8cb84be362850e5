"""Two deputies named for one seat at the same instant, on PostgreSQL: one is named. The guard has a twin without it."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from reports.invariants import broken
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from tests.factories import make_membership, make_person
from tests.people import Cast
from units.actions import deputies, offering
from units.enums import Role
from units.models import Membership, Person
from units.models.querysets import MembershipQuerySet

from .races import Runner

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pair(cast) -> list[Person]:
    """Two experts of unit A."""
    other = make_person("hoda", "هدی نیک‌فر")
    make_membership(other, cast.a, Role.REPORTER)
    return [cast.sara, other]


def meet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have asked who is named already before either goes on, where nothing keeps one of them waiting."""
    together, real = threading.Barrier(2), offering.deputies_of

    class Asked:
        def __init__(self, found):
            self.found = found

        def exclude(self, **where):
            return Asked(self.found.exclude(**where))

        def overlapping(self, starts_at, ends_at):
            return Asked(self.found.overlapping(starts_at, ends_at))

        def first(self) -> Membership | None:
            found = self.found.first()
            with suppress(threading.BrokenBarrierError):  # the other one waits for the seat: that is the guard
                together.wait(1)
            return found

    monkeypatch.setattr(offering, "deputies_of", lambda seat, at: Asked(real(seat, at)))


def name_both(cast: Cast, pair: list[Person], *, apart: timedelta = timedelta(days=2)) -> list[str]:
    """What two open pages of Reza's got: the code of a refusal, or named. Each for five days, one `apart` days later."""
    runner, at = Runner(), database_now()
    for number, person in enumerate(pair):
        starts = at + apart * number
        runner.start(_name, cast.membership(cast.reza), person, starts, starts + timedelta(days=5), cast.reza.pk)
    return sorted(each.code if isinstance(each, Refused) else "named" for each in runner.join())


def _name(seat: Membership, person: Person, starts, ends, by: int) -> Membership:
    giver = Person.objects.get(pk=by)  # each request reads its own
    return deputies.name_deputy(membership=seat, person=person, starts_at=starts, ends_at=ends, by=giver)


def test_of_two_deputies_named_for_one_time_at_once_one_stays(cast, pair, monkeypatch):
    meet(monkeypatch)

    assert name_both(cast, pair) == ["deputy-named", "named"]
    assert Membership.objects.filter(deputy_for=cast.membership(cast.reza)).count() == 1
    assert list(broken()) == []


def test_for_times_that_do_not_meet_both_are_named(cast, pair, monkeypatch):
    meet(monkeypatch)

    assert name_both(cast, pair, apart=timedelta(days=5)) == ["named", "named"]
    assert list(broken()) == []


def test_without_the_lock_of_the_givers_seat_both_are_named(cast, pair, monkeypatch):
    meet(monkeypatch)
    monkeypatch.setattr(MembershipQuerySet, "select_for_update", lambda rows, **options: rows.all())

    assert name_both(cast, pair) == ["named", "named"]
    assert Membership.objects.filter(deputy_for=cast.membership(cast.reza)).count() == 2
