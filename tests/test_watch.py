"""What those who run the portal see of it, with the processes that deploy/ starts: gunicorn, Celery, PostgreSQL, Redis."""

import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from reports.actions.closing import record_closings
from sajad_portal.lib.clock import database_now
from sajad_portal.sweeps import PARTS, SWEEPS
from tests.calls import published_call, with_closing
from tests.deployed import TOKEN, Deployed
from tests.faults.races import spin_until
from tests.people import make_cast
from tests.test_alerts import wait_for_a_mail_server
from units.enums import BackgroundPart
from units.models import Heartbeat

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def deployed(tmp_path, redis_server) -> Iterator[Deployed]:
    found = Deployed(tmp_path / "portal")
    yield found
    found.end()


def test_every_sweep_has_a_short_name_of_its_own():
    assert PARTS.keys() == SWEEPS.keys()
    assert len({*PARTS.values(), *BackgroundPart.values}) == len(PARTS) + len(BackgroundPart)
    assert [part for part in PARTS.values() if len(part) > Heartbeat._meta.get_field("part").max_length] == []


def test_a_web_server_says_that_it_lives_works_and_what_it_does_to_those_only_who_may_know(deployed):
    deployed.start_web()

    assert deployed.get("/healthz")[:2] == (200, "ok\n")
    assert json.loads(deployed.get("/readyz")[1]) == {"ready": True, "faults": {}}
    assert deployed.figures()["portal_database_up"] == 1
    for path in ("/healthz", "/readyz", "/metrics"):
        status, text, headers = deployed.as_client(path)
        assert (status, "portal_" in text, '"ready"' in text) == (404, False, False), "a stranger behind the proxy"
        assert deployed.as_client(path, Authorization="Bearer wrong-token-0123456789")[0] == 404
        status, _text, headers = deployed.as_client(path, Authorization=f"Bearer {TOKEN}")
        assert status == 200
        assert "Set-Cookie" not in headers


def test_requests_are_counted_by_view_and_status_over_all_workers(deployed):
    deployed.start_web()
    for _ in range(12):  # some of each worker
        assert deployed.as_client("/desk/")[0] == 302
    deployed.as_client("/no/such/page/")
    figures = deployed.figures()

    assert figures['portal_requests_total{status="302",view="reports:desk"}'] == 12
    assert figures['portal_request_seconds_count{view="reports:desk"}'] == 12
    assert figures['portal_requests_total{status="404",view="none"}'] == 1
    assert figures["portal_web_workers"] == 2


def test_a_worker_that_is_killed_takes_no_count_along(deployed):
    deployed.start_web()
    for _ in range(8):
        deployed.as_client("/desk/")
    master = deployed.processes["portal-web"].pid
    children = Path(f"/proc/{master}/task/{master}/children")
    workers = children.read_text().split()
    os.kill(int(workers[0]), signal.SIGKILL)
    spin_until(lambda: len(set(children.read_text().split()) - set(workers)) == 1)
    spin_until(lambda: deployed.get("/healthz")[0] == 200)
    for _ in range(8):
        deployed.as_client("/desk/")

    assert deployed.figures()['portal_requests_total{status="302",view="reports:desk"}'] == 16
    assert len(list((deployed.folder / "var" / "metrics" / "web").glob("counter_*.db"))) <= 2


@pytest.mark.long
def test_one_that_is_to_end_is_red_first_and_answers_meanwhile(tmp_path, redis_server):
    deployed = Deployed(tmp_path / "portal", DRAIN_SECONDS="4")
    try:
        deployed.start_web()
        web = deployed.processes["portal-web"]
        web.send_signal(signal.SIGTERM)
        spin_until(lambda: deployed.get("/readyz")[0] == 503)

        assert json.loads(deployed.get("/readyz")[1])["faults"].keys() == {"draining"}
        assert deployed.as_client("/desk/")[0] == 302, "who still comes is served"
        assert web.wait(40) == 0
        assert list((deployed.folder / "var").glob("draining-*")) == []
    finally:
        deployed.end()


@pytest.mark.long
@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"DATABASE_URL": "postgres://portal@127.0.0.1:1/portal"}, "database"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "redis"),
        ({"MEDIA_ROOT": "/proc/nowhere"}, "media"),
        ({"DISK_RESERVE_MB": "999999999"}, "media"),
    ],
    ids=["database", "redis", "media", "room"],
)
def test_what_is_lost_is_named_at_once_and_figures_come_without_it(tmp_path, redis_server, changes, part):
    deployed = Deployed(tmp_path / "portal", **changes)
    try:
        deployed.start_web()
        status, said, _headers = deployed.get("/readyz")

        assert (status, [*json.loads(said)["faults"]]) == (503, [part])
        assert deployed.get("/healthz")[0] == 200
        figures = deployed.figures()
        assert figures["portal_database_up"] == (part != "database")
        assert figures["portal_redis_up"] == (part != "redis")
    finally:
        deployed.end()


@pytest.mark.long
def test_servers_that_hang_cost_seconds_and_no_more(tmp_path, redis_server):
    """They take the connection (the kernel does) and never say a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        port = silent.getsockname()[1]
        deployed = Deployed(
            tmp_path / "portal",
            DATABASE_URL=f"postgres://portal@127.0.0.1:{port}/portal",
            REDIS_URL=f"redis://127.0.0.1:{port}/0",
        )
        try:
            deployed.start_web()
            for path in ("/healthz", "/readyz", "/metrics"):
                begun = time.monotonic()
                assert deployed.get(path)[0] in (200, 503)
                assert time.monotonic() - begun < 8, path
            figures = deployed.figures()
            assert (figures["portal_database_up"], figures["portal_redis_up"]) == (0, 0)
        finally:
            deployed.end()


def test_a_worker_counts_its_tasks_and_says_when_each_sweep_ended_and_is_quiet_otherwise(deployed):
    deployed.start_web()
    deployed.start("portal-worker", "--concurrency", "1")
    deployed.start("portal-beat")
    spin_until(lambda: Heartbeat.objects.filter(part__in=PARTS.values()).count() == len(PARTS))
    figures = deployed.figures()

    assert {re.sub(r'.*"(.*)".*', r"\1", name) for name in figures if name.startswith("portal_sweep_age")} == {*SWEEPS}
    assert max(value for name, value in figures.items() if name.startswith("portal_sweep_age")) < 60
    assert figures['portal_tasks_total{outcome="done",task="reports.tasks.record_closings"}'] >= 1
    assert figures['portal_heartbeat_age_seconds{part="beat"}'] < 60
    assert [
        line
        for line in deployed.lines("portal-worker")
        if line["logger"] in ("celery.app.trace", "celery.worker.strategy")
    ] == []
    assert deployed.raw("portal-beat") == ""


def test_closings_outbox_and_their_lateness_are_figures(deployed):
    cast = make_cast()
    soon = published_call(cast, grace=timedelta(0))
    with_closing(soon, database_now() + timedelta(hours=1))
    late = published_call(cast, grace=timedelta(0), service=soon.service)
    with_closing(late, database_now() - timedelta(minutes=10))
    assert record_closings() > 0
    late_too = published_call(cast, grace=timedelta(0), service=soon.service)
    with_closing(late_too, database_now() - timedelta(minutes=10))
    wait_for_a_mail_server(timedelta(minutes=5))
    deployed.start_web()
    figures = deployed.figures()

    assert 3500 < figures[f'portal_closing_seconds{{call="{soon.pk}"}}'] <= 3600
    assert f'portal_closing_seconds{{call="{late.pk}"}}' not in figures
    assert 600 <= figures["portal_closing_late_seconds"] < 700
    assert figures["portal_seal_waiting"] > 0
    assert figures['portal_outbox_mails{kind="urgent"}'] > 0
    assert 300 <= figures['portal_outbox_oldest_seconds{kind="urgent"}'] < 400


@pytest.fixture
def systemd(deployed, tmp_path) -> Iterator[socket.socket]:
    """Where systemd listens to what it started."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listens:
        listens.bind(str(tmp_path / "notify"))
        listens.settimeout(60)
        deployed.environment["NOTIFY_SOCKET"] = str(tmp_path / "notify")
        yield listens


@pytest.mark.parametrize("unit", ["portal-worker", "portal-beat"])
def test_systemd_is_told_that_a_process_is_ready_and_goes_on(deployed, systemd, unit):
    deployed.start(unit)

    assert sorted(systemd.recv(100).decode() for _ in range(2)) == ["READY=1", "WATCHDOG=1"]


@pytest.mark.long
def test_of_a_worker_that_stands_still_systemd_hears_nothing(deployed, systemd):
    worker = deployed.start("portal-worker")
    heard = {systemd.recv(100).decode() for _ in range(5)}  # every two seconds
    os.killpg(worker.pid, signal.SIGSTOP)
    systemd.settimeout(8)
    with pytest.raises(TimeoutError):
        for _said in iter(lambda: systemd.recv(100), b""):
            pass  # sent before it was stopped

    assert "WATCHDOG=1" in heard
