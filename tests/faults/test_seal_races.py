"""An Event whose id is smaller commits after one whose id is larger, on PostgreSQL: the sealer waits for it. The twin does not."""

import threading

import pytest
from django.db import connection, transaction

from reports.actions import sealing
from reports.actions.sealing import seal_rows
from reports.queries.seals import broken_seals, seal_figures
from sajad_portal.lib.clock import database_now
from units.actions.events import record
from units.enums import UnitVerb
from units.models import Event, Person

from .races import Runner, spin_until

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


class Slow:
    """A transaction that has written its Event and does not end yet."""

    def __init__(self, by: int):
        self.by, self.wrote, self.may_end = by, threading.Event(), threading.Event()

    def run(self) -> int:
        with transaction.atomic():
            event = tell(Person.objects.get(pk=self.by))
            self.wrote.set()
            assert self.may_end.wait(60)
        return event.pk


def tell(by: Person) -> Event:
    return record(UnitVerb.RENAME, noun="unit", key=1, at=database_now(), by=by)


@pytest.fixture
def slow(cast):
    """It has drawn its id; a colleague has written and committed after it."""
    runner, slow = Runner(), Slow(cast.laleh.pk)
    runner.start(slow.run)
    assert slow.wrote.wait(60)
    with transaction.atomic():
        tell(cast.omid)
    yield slow, runner
    slow.may_end.set()
    runner.join()


def waiting_sealers() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%%virtualtransaction%%'"
            " AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


def test_the_sealer_waits_for_whoever_has_drawn_a_smaller_id(slow):
    late, runner = slow
    runner.start(seal_rows)
    spin_until(lambda: waiting_sealers() == 1)

    late.may_end.set()
    pk, sealed = runner.join()

    assert (pk, sealed) == (Event.objects.order_by("-pk")[1].pk, Event.objects.count())
    assert list(broken_seals()) == []


def test_without_waiting_what_commits_late_looks_put_in(slow, monkeypatch):
    late, runner = slow
    monkeypatch.setattr(sealing, "_writers", lambda: set())
    seal_rows()

    late.may_end.set()
    pk = runner.join()[0]

    assert list(broken_seals()) == [f"event {pk}: not sealed where it stands, so put in later"]


def test_a_writer_that_does_not_end_leaves_the_rest_unsealed_and_the_figures_say_so(slow, monkeypatch):
    monkeypatch.setattr(sealing, "PATIENCE", 0.2)

    assert seal_rows() == 0
    assert seal_figures().waiting == Event.objects.count()


def test_two_sealers_at_once_make_one_chain(cast):
    with transaction.atomic():
        for _number in range(20):
            tell(cast.laleh)
    runner = Runner()
    for _number in range(3):
        runner.start(seal_rows)

    assert sum(runner.join()) == Event.objects.count()
    assert list(broken_seals()) == []
