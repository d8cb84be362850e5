"""Whether this web server can do its work now, part by part: what /readyz says, and what `check --deploy` asks too."""

import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from redis.exceptions import RedisError

from .brief import brief_database, brief_redis


def drain_mark(master: int) -> Path:
    """Stands while the web server of that process is about to end (web_server.py)."""
    return settings.VAR_DIR / f"draining-{master}"


@cache
def _written_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def database() -> str:
    """What is wrong, in a sentence; "" where nothing is."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError) as error:
        return f"The database does not answer: {_first_line(error)}."
    return ""


def migrations() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = set(cursor.fetchall())
    except (DatabaseError, InterfaceError):
        return "The database has no tables yet: run manage.py migrate."
    missing = sorted(".".join(one) for one in _written_migrations() - applied)
    return f"{len(missing)} migrations are not applied, such as {missing[0]}: run manage.py migrate." if missing else ""


def broker() -> str:
    client = brief_redis()
    if client is None:
        return ""
    try:
        client.ping()
    except (RedisError, OSError) as error:
        return f"Redis does not answer: {_first_line(error)}."
    finally:
        client.close()
    return ""


def media() -> str:
    folder = settings.MEDIA_ROOT
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"1")
            file.flush()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return f"Nothing can be stored in MEDIA_ROOT, {folder}: {error.strerror}."
    if free < settings.DISK_RESERVE:
        return f"MEDIA_ROOT, {folder}, has {free // 2**20} MB left, fewer than DISK_RESERVE_MB."
    return ""


def static() -> str:
    """Pages name their style sheets by a list that `collectstatic` writes; without it each page is an error."""
    there = not settings.PRODUCTION or (settings.STATIC_ROOT / "staticfiles.json").exists()
    return "" if there else f"{settings.STATIC_ROOT} has no static files: run manage.py collectstatic."


def draining() -> str:
    return "This web server is about to end." if drain_mark(os.getppid()).exists() else ""


PARTS: dict[str, Callable[[], str]] = {
    "database": database,
    "migrations": migrations,
    "redis": broker,
    "media": media,
    "static": static,
}


def faults() -> dict[str, str]:
    """{part: what is wrong}; {} where the server can work. One that drains asks nobody else; without a database nothing more is
    asked of it."""
    if said := draining():
        return {"draining": said}
    found = {}
    try:
        with brief_database():
            found = {name: said for name in ("database", "migrations") if (said := PARTS[name]())}
    except (DatabaseError, InterfaceError) as error:
        found = {"database": f"The database does not answer: {_first_line(error)}."}
    if "database" in found:
        found.pop("migrations", None)
    return found | {name: said for name in ("redis", "media", "static") if (said := PARTS[name]())}


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
