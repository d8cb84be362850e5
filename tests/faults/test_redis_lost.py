"""Redis stopped, and Redis hung (it accepts and never answers): every page works, and not each of them waits for it."""

import socket
import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.urls import reverse
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from sajad_portal.celery import app
from sajad_portal.lib import doorbell
from sajad_portal.lib.caching import SoftRedisCache
from tests.calls import published_call

pytestmark = pytest.mark.django_db

TIMEOUT = 0.3


@pytest.fixture
def hung() -> Iterator[int]:
    """The port of a server that takes connections (the kernel does) and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


@pytest.fixture
def stopped() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture(params=["hung", "stopped"])
def lost(request: pytest.FixtureRequest) -> int:
    return request.getfixturevalue(request.param)


@pytest.fixture(autouse=True)
def _awake(monkeypatch) -> None:
    monkeypatch.setattr(SoftRedisCache, "asleep_until", 0.0)


def redis_at(port: int, backend: type = SoftRedisCache) -> dict:
    return {
        "default": {
            "BACKEND": f"{backend.__module__}.{backend.__qualname__}",
            "LOCATION": f"redis://127.0.0.1:{port}/0",
            "OPTIONS": {
                "socket_connect_timeout": TIMEOUT,
                "socket_timeout": TIMEOUT,
                "retry": Retry(NoBackoff(), 0),
            },
        }
    }


def test_the_front_page_a_service_its_times_and_the_agreement_on_paper_are_there(lost, settings, cast, client_for):
    settings.CACHES = redis_at(lost)
    call = published_call(cast)
    service = call.agreement.service
    pages = [
        reverse("sla:agreement_pdf", args=[call.agreement.pk]),
        reverse("reports:services"),
        reverse("reports:service", args=[service.slug]),
        "/",
    ]
    answers = {page: client_for(cast.sara).get(page, follow=True).status_code for page in pages}

    assert set(answers.values()) == {200}, answers


def test_the_first_question_waits_for_its_time_and_the_next_do_not_wait_at_all(hung, settings):
    settings.CACHES = redis_at(hung)
    begun = time.monotonic()
    first = cache.get("a", "nothing")
    between = time.monotonic()
    for _ in range(50):
        assert cache.get("a", "nothing") == "nothing"
        cache.set("a", 1)
    end = time.monotonic()

    assert first == "nothing"
    assert between - begun < TIMEOUT * 4
    assert end - between < TIMEOUT


def test_after_the_pause_it_is_asked_again(stopped, settings, monkeypatch, caplog):
    settings.CACHES = redis_at(stopped)
    cache.get("a")
    cache.get("a")
    monkeypatch.setattr(SoftRedisCache, "asleep_until", 0.0)
    cache.get("a")

    assert caplog.text.count("The cache does not answer") == 2


def test_every_question_has_an_answer_without_redis(stopped, settings):
    settings.CACHES = redis_at(stopped)

    assert cache.get_many(["a"]) == {}
    assert cache.set_many({"a": 1}) == ["a"]
    assert [cache.add("a", 1), cache.touch("a"), cache.delete("a"), cache.has_key("a")] == [False] * 4
    assert cache.delete_many(["a"]) is None
    assert cache.get_or_set("a", lambda: 5) == 5


def test_djangos_own_cache_lets_the_fault_through(lost, settings):
    """The twin."""
    settings.CACHES = redis_at(lost, RedisCache)
    with pytest.raises((RedisError, OSError)):
        cache.get("a")
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def test_a_doorbell_that_nobody_hears_costs_one_request_a_moment_and_the_next_nothing(lost):
    changes = {
        "task_always_eager": False,
        "broker_url": f"redis://127.0.0.1:{lost}/0",
        "broker_write_url": f"redis://127.0.0.1:{lost}/0",
        "broker_transport_options": {"socket_connect_timeout": TIMEOUT, "socket_timeout": TIMEOUT, "max_retries": 0},
    }
    before = {key: app.conf.get(key) for key in changes}
    app.conf.update(changes)
    app._pool = app.amqp._producer_pool = None
    try:
        begun = time.monotonic()
        doorbell.ring("units.tasks.send_notices")
        between = time.monotonic()
        for _ in range(20):
            doorbell.ring("units.tasks.send_notices")
        end = time.monotonic()
    finally:
        app.conf.update(before)
        app._pool = app.amqp._producer_pool = None

    assert between - begun < TIMEOUT * 8
    assert end - between < TIMEOUT
