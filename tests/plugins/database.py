"""Test databases: made quickly, and emptied between tests although some of their tables only grow.

Only here may the append-only triggers be suspended; the product has no switch for it.
"""

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.base.operations import BaseDatabaseOperations

BASE = Path(__file__).resolve().parent.parent.parent
READY_MADE = BASE / "var" / "tests"


# ---------------------------------------------------------------------------------------- made quickly
def migrated_copy() -> Path:
    """Where the empty, migrated SQLite file of exactly these migrations is kept between runs."""
    digest = hashlib.sha256(django.__version__.encode())
    made_with = [BASE / "sajad_portal" / "lib" / name for name in ("triggers.py", "many_tables.py")]
    for path in [*sorted(BASE.glob("*/migrations/*.py")), *made_with]:
        digest.update(path.read_bytes())
    return READY_MADE / f"migrated-{digest.hexdigest()[:16]}.sqlite3"


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """On SQLite a copy of the migrated file lies ready; Django is to take it as it is."""
    return bool(settings.SQLITE or request.config.getvalue("reuse_db"))


@pytest.fixture(scope="session")
def _ready_made(django_db_modify_db_settings: None) -> None:
    if settings.SQLITE:
        target = Path(settings.DATABASES["default"]["TEST"]["NAME"])
        target.unlink(missing_ok=True)
        if migrated_copy().exists():
            shutil.copyfile(migrated_copy(), target)


@pytest.fixture(scope="session")
def django_db_setup(_ready_made: None, django_db_setup: None, django_db_blocker) -> None:
    copy = migrated_copy()
    if not settings.SQLITE:
        # No test pulls the plug of the server: a commit need not wait for its disk.
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{connection.settings_dict["NAME"]}" SET synchronous_commit = off')
        connection.close()
    if settings.SQLITE and not copy.exists():
        READY_MADE.mkdir(parents=True, exist_ok=True)
        half = copy.with_suffix(f".{os.getpid()}")
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(half)])
        for old in READY_MADE.glob("migrated-*.sqlite3"):
            old.unlink(missing_ok=True)
        half.replace(copy)


# -------------------------------------------------------------------------------- emptied between tests
def empty_tables(operations: BaseDatabaseOperations, sql_list: list[str]) -> None:
    """Empty every table that holds a row, suspending the append-only triggers inside one transaction.

    DELETE instead of TRUNCATE: on tables this small it is ten times faster, and one way serves both databases.
    """
    _wait_for_the_live_server()
    database = operations.connection
    tables = database.introspection.django_table_names(only_existing=True, include_views=False)
    with transaction.atomic(using=database.alias), database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute("SET LOCAL lock_timeout = '30s'")
        parts = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {operations.quote_name(name)})" for name in tables]
        cursor.execute(" UNION ALL ".join(parts))
        filled = [name for (name,) in cursor.fetchall()]
        with triggers_suspended(cursor, database.vendor, filled):
            for name in filled:
                cursor.execute(f"DELETE FROM {operations.quote_name(name)}")


def _wait_for_the_live_server(seconds: float = 10) -> None:
    """A page that a test has closed may still be saving; its row would come in between two of our DELETEs."""
    last = time.monotonic() + seconds
    while any("process_request_thread" in t.name for t in threading.enumerate()) and time.monotonic() < last:
        time.sleep(0.02)


@contextmanager
def triggers_suspended(cursor, vendor: str, tables: list[str]) -> Iterator[None]:
    if vendor == "postgresql":
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with pending checks cannot be altered
        cursor.execute(
            "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND c.relname = ANY(%s)",
            [tables],
        )
        guarded = [name for (name,) in cursor.fetchall()]
        for name in guarded:
            cursor.execute(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in guarded:
            cursor.execute(f'ALTER TABLE "{name}" ENABLE TRIGGER USER')
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
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
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", empty_tables)
        yield
