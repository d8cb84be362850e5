"""Several sign-ins of one person at once: no more browsers are kept than one person may have."""

import threading

import pytest
from django.db.models import QuerySet

from tests.faults.races import Runner
from units.actions.devices import DEVICES_A_PERSON, remember_device
from units.models import KnownDevice, Person

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
AT_ONCE = 6


@pytest.fixture
def sara(cast) -> Person:
    """Known by all browsers but one that she may have."""
    for _ in range(DEVICES_A_PERSON - 1):
        remember_device(person=cast.sara, tokens=[], by=cast.sara)
    return cast.sara


def sign_in_at_once(person: Person) -> int:
    """In new browsers; how many are known afterwards."""
    runner = Runner()
    for _ in range(AT_ONCE):
        runner.start(lambda: remember_device(person=person, tokens=[], by=person))
    runner.join()
    return KnownDevice.objects.filter(person=person).count()


def test_sign_ins_at_once_leave_as_many_as_are_kept(sara):
    assert sign_in_at_once(sara) == DEVICES_A_PERSON


def test_without_the_lock_they_leave_more(sara, monkeypatch):
    """The twin. Each has stored its own before any looks which to keep, and nothing is committed before all are done."""
    stored, done = threading.Barrier(AT_ONCE), threading.Barrier(AT_ONCE)
    create, delete = KnownDevice.objects.create, QuerySet.delete

    def create_and_meet(**fields) -> KnownDevice:
        device = create(**fields)
        stored.wait(30)
        return device

    def delete_and_meet(rows: QuerySet) -> tuple[int, dict[str, int]]:
        gone = delete(rows)
        done.wait(30)
        return gone

    monkeypatch.setattr(KnownDevice.objects, "create", create_and_meet)
    monkeypatch.setattr(QuerySet, "delete", delete_and_meet)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *_how, **_more: rows)

    assert sign_in_at_once(sara) == DEVICES_A_PERSON - 1 + AT_ONCE
