"""Asking database and Redis within a bound of its own: whoever watches must not wait as long as a page may."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis
from django.conf import settings
from django.db import connections
from django.db.utils import ConnectionHandler
from redis.backoff import NoBackoff
from redis.retry import Retry

SECONDS = 2


@contextmanager
def brief_database() -> Iterator[None]:
    """Inside, this thread's `default` is a connection of its own that waits two seconds for anything and takes no lock that
    others wait for; it is closed at the end. DatabaseError where the database does not answer."""
    usual = connections["default"]
    if usual.vendor != "postgresql" or usual.in_atomic_block:
        yield
        return
    told = usual.settings_dict
    bounds = f"-c statement_timeout={SECONDS}s -c lock_timeout=1s -c default_transaction_read_only=on"
    options = {**told["OPTIONS"], "connect_timeout": SECONDS, "options": f"{told['OPTIONS']['options']} {bounds}"}
    own = ConnectionHandler({"default": {**told, "SILENCE_TIMEOUT": SECONDS, "CONN_MAX_AGE": 0, "OPTIONS": options}})[
        "default"
    ]
    connections["default"] = own
    try:
        yield
    finally:
        connections["default"] = usual
        own.close()


def brief_redis() -> redis.Redis | None:
    """A client of the broker that waits two seconds at most; None where the broker is none of Redis."""
    if not settings.CELERY_BROKER_URL.startswith(("redis", "unix", "socket")):
        return None
    return redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_connect_timeout=SECONDS, socket_timeout=SECONDS, retry=Retry(NoBackoff(), 0)
    )
