"""What every test may ask for, and what every test is held to.

Undefined template variables fail, append-only tables can be emptied between tests (here and nowhere else), tests that
need PostgreSQL are left out on SQLite, files go to a scratch folder.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client

from sajad_portal.lib import clock as portal_clock

BASE = Path(__file__).resolve().parent.parent
NAMED_PARTS = ("browser", "redis", "postgres", "full")

# Playwright's event loop lives in the test's thread; Django would refuse the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

pytest_plugins = ["tests.people", "tests.plugins.browser", "tests.plugins.worker"]


def pytest_configure(config: pytest.Config) -> None:
    scratch = Path(os.environ.get("VAR_DIR") or tempfile.mkdtemp(prefix="portal-test-"))
    settings.VAR_DIR = scratch
    settings.MEDIA_ROOT = scratch / f"media-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CELERY_TASK_ALWAYS_EAGER = True
    settings.CELERY_TASK_EAGER_PROPAGATES = True
    settings.TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = _FailOnUndefined("%s")
    if settings.SQLITE:
        # A file, not memory: threads, WAL and "locked" then behave as they do in the embedded start.
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(scratch / "test.sqlite3")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = []
    for item in items:
        if "browser" in Path(item.path).relative_to(BASE / "tests").parts[:-1]:
            item.add_marker(pytest.mark.browser)
        item.user_properties += [("part", name) for name in NAMED_PARTS if item.get_closest_marker(name)]
        if settings.SQLITE and item.get_closest_marker("postgres"):
            left_out.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


# ------------------------------------------------------------------------------------ templates
class UndefinedVariable(Exception):
    """A template of ours printed a variable that nobody gave it."""


class _FailOnUndefined(str):
    """Django asks `"%s" in string_if_invalid`, then formats it with the name of the missing variable."""

    def __mod__(self, variable: object) -> str:
        context = sys._getframe(1).f_locals.get("context")
        template = getattr(getattr(context, "render_context", None), "template", None)
        origin = str(getattr(getattr(template, "origin", None), "name", ""))
        if origin.startswith(str(BASE)) and "/.venv/" not in origin:
            raise UndefinedVariable(f"{{{{ {variable} }}}} in {origin}")
        return ""


# ------------------------------------------------------------------------------------- database
def _empty_tables(operations: BaseDatabaseOperations, sql_list: list[str]) -> None:
    """Empty every table that holds a row, suspending the append-only triggers inside one transaction.

    DELETE instead of TRUNCATE: on tables this small it is ten times faster, and one way serves both databases.
    """
    database = operations.connection
    tables = database.introspection.django_table_names(only_existing=True, include_views=False)
    with transaction.atomic(using=database.alias), database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute("SET LOCAL lock_timeout = '30s'")
        parts = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {operations.quote_name(name)})" for name in tables]
        cursor.execute(" UNION ALL ".join(parts))
        filled = [name for (name,) in cursor.fetchall()]
        with _triggers_suspended(cursor, database.vendor, filled):
            for name in filled:
                cursor.execute(f"DELETE FROM {operations.quote_name(name)}")


@contextmanager
def _triggers_suspended(cursor, vendor: str, tables: list[str]) -> Iterator[None]:
    if vendor == "postgresql":
        cursor.execute(
            "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND c.relname = ANY(%s)",
            [tables],
        )
        guarded = [name for (name,) in cursor.fetchall()]
        for name in guarded:
            cursor.execute(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with pending checks cannot be altered
        for name in guarded:
            cursor.execute(f'ALTER TABLE "{name}" ENABLE TRIGGER USER')
    else:
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = [(name, sql) for name, table, sql in cursor.fetchall() if table in tables]
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _, sql in triggers:
            cursor.execute(sql)


@pytest.fixture(scope="session", autouse=True)
def _append_only_tables_can_be_emptied() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", _empty_tables)
        yield


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """Throttles count in the cache; no test may meet another's count."""
    yield
    cache.clear()


@pytest.fixture
def on_postgres() -> bool:
    return connection.vendor == "postgresql"


# ----------------------------------------------------------------------------------------- time
class MovableClock:
    """Moves `database_now()` of this process; a live server and an embedded worker share the process, so they follow."""

    def __init__(self, stack: ExitStack):
        self._stack = stack

    def move(self, **by: float) -> None:
        """`clock.move(days=3)`; back with a negative number."""
        self._stack.enter_context(portal_clock.shifted(timedelta(**by)))

    def move_to(self, at: datetime) -> None:
        """Make the portal's time `at`, from where it runs on."""
        self._stack.enter_context(portal_clock.shifted(at - portal_clock.database_now()))

    def now(self) -> datetime:
        return portal_clock.database_now()


@pytest.fixture
def clock() -> Iterator[MovableClock]:
    with ExitStack() as stack:
        yield MovableClock(stack)


# --------------------------------------------------------------------------------------- people
@pytest.fixture
def client_for() -> Callable[..., Client]:
    """`client_for(sara).get(...)`: a browser without JavaScript in which that person is signed in."""

    def sign_in(person, **headers: str) -> Client:
        client = Client(headers=headers or None)
        client.force_login(person)
        return client

    return sign_in
