"""Workers and beat say that they live, and cheaply."""

import pytest
from celery.beat import Scheduler
from django.db import DatabaseError

from sajad_portal.celery import app
from sajad_portal.timetable import Timetable
from units.actions.heartbeats import say_alive
from units.enums import BackgroundPart
from units.models import Heartbeat
from units.tasks import say_alive_as_worker

pytestmark = pytest.mark.django_db


def parts() -> list[str]:
    return list(Heartbeat.objects.order_by("part").values_list("part", flat=True))


def test_each_part_has_one_row_with_its_last_word(clock):
    say_alive(part=BackgroundPart.WORKER)
    first = Heartbeat.objects.get().at
    clock.move(minutes=1)
    say_alive(part=BackgroundPart.WORKER)

    assert parts() == ["worker"]
    assert (Heartbeat.objects.get().at - first).total_seconds() >= 60


def test_a_worker_speaks_by_doing_a_task():
    say_alive_as_worker.delay()

    assert parts() == ["worker"]


def test_a_database_that_does_not_take_it_ends_nobody(monkeypatch):
    def broken(**given):
        raise DatabaseError("gone")

    monkeypatch.setattr(Heartbeat.objects, "update_or_create", broken)

    assert say_alive(part=BackgroundPart.BEAT) is False


@pytest.fixture
def timetable(monkeypatch) -> Timetable:
    scheduler = Timetable(app)
    monkeypatch.setattr(scheduler, "apply_entry", lambda entry, producer=None: None)
    monkeypatch.setattr(Timetable, "producer", None)
    monkeypatch.setattr("sajad_portal.timetable.close_old_connections", lambda: None)
    return scheduler


def test_beat_speaks_as_it_ticks_and_not_at_every_tick(timetable, monkeypatch):
    said = []
    monkeypatch.setattr("units.actions.heartbeats.say_alive", lambda *, part: said.append(part))
    for _ in range(30):
        timetable.tick()

    assert said == [BackgroundPart.BEAT]


def test_a_beat_that_hangs_at_the_broker_is_silent(timetable, monkeypatch):
    def hang(*args, **kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr(Scheduler, "tick", hang)
    with pytest.raises(ConnectionError):
        timetable.tick()

    assert parts() == []
