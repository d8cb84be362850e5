"""Administrators who close each other at once, and a sign-in at the moment of closing; and the twins without the lock."""

from threading import Barrier

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from reports.invariants import broken
from sajad_portal.lib.errors import Refused
from tests.factories import make_person
from units.actions import accounts, session_store
from units.actions.accounts import close_account
from units.models import AccountSession, Event, Person

from .races import Runner

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
WHY = "آزمون هم‌زمانی"


@pytest.fixture
def pair(cast) -> tuple[Person, Person]:
    return cast.admin, make_person("admin2", "راهبر دوم", is_superuser=True, is_staff=True)


def close_each_other(pair) -> list[str]:
    """What the two got: the code of a refusal, or closed."""
    together, runner = Barrier(2), Runner()

    def close(person: Person, by: Person) -> Person:
        together.wait()
        return close_account(person=person, reason=WHY, by=by)

    one, other = pair
    runner.start(close, one, other)
    runner.start(close, other, one)
    return sorted(each.code if isinstance(each, Refused) else "closed" for each in runner.join())


def open_administrators() -> int:
    return Person.objects.filter(is_superuser=True, is_active=True).count()


@pytest.mark.parametrize("turn", range(5))
def test_of_the_last_two_administrators_who_close_each_other_one_stays(pair, turn):
    assert close_each_other(pair) == ["closed", "not-an-administrator"]
    assert open_administrators() == 1
    assert Event.objects.filter(noun="person", verb="close").count() == 1
    assert list(broken()) == []


def test_without_the_lock_both_are_closed_and_the_invariants_say_so(pair, monkeypatch):
    both_have_read = Barrier(2)

    def read_only(person, by):
        found = Person.objects.get(pk=person.pk)
        both_have_read.wait()
        return found

    monkeypatch.setattr(accounts, "_locked", read_only)
    monkeypatch.setattr(accounts, "_open_administrators", _read_by_both(accounts._open_administrators))
    assert close_each_other(pair) == ["closed", "closed"]
    assert open_administrators() == 0
    assert any("every administrator’s account is closed" in line for line in broken())


def _read_by_both(read):
    """Nobody writes before both have asked who is open."""
    asked = Barrier(2)

    class Asked:
        def __init__(self):
            self.found = read()

        def exclude(self, **where):
            self.found = self.found.exclude(**where)
            return self

        def exists(self) -> bool:
            found = self.found.exists()
            asked.wait()
            return found

    return Asked


# --------------------------------------------------------------------------------------- a sign-in meanwhile
def session_of(person: Person) -> session_store.SessionStore:
    """A session just begun, not stored yet."""
    session = session_store.SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    return session


@pytest.mark.parametrize("turn", range(5))
def test_a_sign_in_at_the_moment_of_closing_leaves_no_session_that_goes_on(cast, turn):
    together, runner = Barrier(2), Runner()
    session = session_of(cast.sara)
    runner.start(lambda: (together.wait(), session.save()))
    runner.start(lambda: (together.wait(), close_account(person=cast.sara, reason=WHY, by=cast.admin)))
    runner.join()

    assert AccountSession.objects.filter(person=cast.sara, ended_at=None).count() == 0
    assert list(broken()) == []


def test_without_asking_under_the_lock_the_session_outlives_the_closing(cast, monkeypatch):
    seen, closed = Barrier(2), Barrier(2)

    def begin(store, agent):
        person = Person.objects.get(pk=cast.sara.pk)  # open still
        seen.wait()
        closed.wait()
        store._row, at = object(), session_store.database_now()
        AccountSession.objects.create(
            person=person, key_hash=session_store.key_hash(store.session_key), started_at=at, last_seen_at=at
        )

    monkeypatch.setattr(session_store.SessionStore, "_begin", begin)
    runner, session = Runner(), session_of(cast.sara)
    runner.start(session.save)
    runner.start(lambda: (seen.wait(), close_account(person=cast.sara, reason=WHY, by=cast.admin), closed.wait()))
    runner.join()

    assert AccountSession.objects.filter(person=cast.sara, ended_at=None).count() == 1
    assert any("goes on" in line for line in broken())
