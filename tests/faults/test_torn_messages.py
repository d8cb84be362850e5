"""The embedded start's broker is files: one that is torn ends no worker, and beat keeps no file that could be."""

import json

import pytest
from celery import Celery
from kombu import Connection
from kombu.transport import filesystem

from sajad_portal.celery import app
from sajad_portal.embedded_broker import ForgivingTransport
from sajad_portal.timetable import Timetable


@pytest.fixture
def folders(tmp_path):
    for name in ("in", "done", "control"):
        (tmp_path / name).mkdir()
    return {
        "data_folder_in": str(tmp_path / "in"),
        "data_folder_out": str(tmp_path / "in"),
        "processed_folder": str(tmp_path / "done"),
        "control_folder": str(tmp_path / "control"),
    }


@pytest.fixture
def bell(tmp_path) -> str:
    """A queue of this test alone: kombu knows the bindings of its process, wherever their folders lie."""
    return f"bell-{tmp_path.name}"


def queue_of(bell: str, folders, transport: type):
    return Connection("filesystem://", transport=transport, transport_options=folders).SimpleQueue(bell)


TORN = [b"", b'{"body": "', b"null", b"{}", b"\xff\xfe", b'["body", "headers", "properties"]']


@pytest.mark.parametrize("torn", TORN, ids=str)
def test_a_torn_message_is_thrown_away_and_the_next_is_heard(torn, bell, folders, tmp_path):
    (tmp_path / "in" / f"0_torn.{bell}.msg").write_bytes(torn)
    queue = queue_of(bell, folders, ForgivingTransport)
    queue.put({"ring": 1})

    message = queue.get(timeout=5)
    message.ack()

    assert message.payload == {"ring": 1}
    assert list((tmp_path / "in").iterdir()) == []


def test_kombus_own_transport_ends_whoever_meets_one(bell, folders, tmp_path):
    """The twin."""
    (tmp_path / "in" / f"0_torn.{bell}.msg").write_bytes(b"")
    queue = queue_of(bell, folders, filesystem.Transport)
    with pytest.raises(json.JSONDecodeError):
        queue.get(timeout=5)


@pytest.mark.parametrize("torn", [b"", b'[["bell"'])
def test_a_torn_table_of_an_exchange_loses_no_message(torn, bell, folders, tmp_path):
    queue = queue_of(bell, folders, ForgivingTransport)
    (tmp_path / "control" / f"{bell}.exchange").write_bytes(torn)
    queue.put({"ring": 2})

    message = queue.get(timeout=5)
    message.ack()

    assert message.payload == {"ring": 2}


def test_a_worker_that_starts_beside_a_torn_table_writes_it_anew(bell, folders, tmp_path):
    (tmp_path / "control" / f"{bell}.exchange").write_bytes(b"")
    queue_of(bell, folders, ForgivingTransport)

    assert json.loads((tmp_path / "control" / f"{bell}.exchange").read_bytes())[0][2] == bell


def test_the_portal_uses_it_where_its_broker_is_files():
    assert isinstance(Connection("filesystem://localhost").transport, ForgivingTransport)


def test_beat_lets_every_sweep_run_at_its_start_however_long_its_interval(tmp_path, monkeypatch):
    """A beat that was restarted every ten minutes never reached the end of twelve hours."""
    monkeypatch.chdir(tmp_path)
    sent = []
    scheduler = Timetable(app)
    monkeypatch.setattr(scheduler, "apply_entry", lambda entry, producer=None: sent.append(entry.task))
    monkeypatch.setattr(Timetable, "producer", None)
    monkeypatch.setattr(Timetable, "_say_alive", lambda self: None)
    for _ in range(len(app.conf.beat_schedule) * 2):
        scheduler.tick()

    assert sorted(sent) == sorted(app.conf.beat_schedule)
    assert list(tmp_path.iterdir()) == [], "it keeps no file"


def test_the_stock_timetable_would_wait_for_the_whole_interval(monkeypatch):
    """The twin: Celery's own, without a notebook."""
    from celery.beat import Scheduler

    other = Celery("other", set_as_current=False)
    other.conf.update(beat_schedule={"far": {"task": "far", "schedule": 43_200}}, result_expires=None)
    sent = []
    scheduler = Scheduler(other)
    monkeypatch.setattr(scheduler, "apply_entry", lambda entry, producer=None: sent.append(entry.task))
    scheduler.tick()

    assert sent == []
