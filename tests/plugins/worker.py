"""Celery on a real Redis, in a database number and under a key prefix of our own."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import redis

URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
PREFIX = f"portal-test-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-"


@pytest.fixture
def redis_server() -> Iterator[redis.Redis]:
    """The server itself; our keys are gone before and after."""
    server = redis.Redis.from_url(URL, socket_connect_timeout=3)
    try:
        server.ping()
    except redis.RedisError as error:
        pytest.fail(f"This test needs a Redis at {URL}: {error}")
    _forget(server)
    yield server
    _forget(server)
    server.close()


def _forget(server: redis.Redis) -> None:
    for key in server.scan_iter(f"{PREFIX}*"):
        server.delete(key)


@contextmanager
def _broker_is_redis() -> Iterator:
    from sajad_portal.celery import app

    changes = {
        "task_always_eager": False,
        "broker_url": URL,
        "broker_write_url": URL,
        "broker_read_url": URL,
        "broker_transport_options": {"global_keyprefix": PREFIX, "polling_interval": 0.05},
    }
    before = {key: app.conf.get(key) for key in changes}
    app.conf.update(changes)
    _forget_connections(app)
    try:
        yield app
    finally:
        app.conf.update(before)
        _forget_connections(app)


def _forget_connections(app) -> None:
    if app._pool is not None:
        app._pool.force_close_all()
    app._pool = None
    app.amqp._producer_pool = None


@pytest.fixture
def redis_worker(redis_server, transactional_db) -> Iterator:
    """A worker that takes from Redis what `.delay()` puts there; the rest of the suite runs tasks eagerly."""
    from celery.contrib.testing.worker import start_worker

    with _broker_is_redis() as app, start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=20):
        yield app


@pytest.fixture
def becomes_true() -> Callable[..., bool]:
    """`assert becomes_true(question)`: asks until the answer is yes, for at most some seconds."""

    def ask(question: Callable[[], object], seconds: float = 10) -> bool:
        last = time.monotonic() + seconds
        while not (answer := bool(question())) and time.monotonic() < last:
            time.sleep(0.02)
        return answer

    return ask
