"""PostgreSQL that stands still: its host takes what is sent and acknowledges it, and no answer comes. A server of our own is
stopped by a signal; every page answers within a bound, and everything goes on when the server does."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.db.utils import ConnectionHandler
from django.test import RequestFactory

from sajad_portal.lib.refusals import busy, is_busy, is_unsure
from tests import services

from .races import PATIENCE, spin_until

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

BASE = Path(__file__).resolve().parent.parent.parent
SILENCE = 1.0
CONNECT = 2  # the least that psycopg takes


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, subprocess.Popen]]:
    with ExitStack() as ends:
        yield services.private_postgres(ends)


@contextmanager
def frozen(server: tuple[str, subprocess.Popen]) -> Iterator[None]:
    services.send_to_family(server[1], signal.SIGSTOP)
    try:
        yield
    finally:
        services.send_to_family(server[1], signal.SIGCONT)


@pytest.fixture
def own(server) -> Iterator:
    """Makes a connection to it, of the portal's kind, that has been used."""
    made = []

    def connected(silence: float | None = SILENCE):
        settings = {
            **connection.settings_dict, "HOST": "127.0.0.1", "PORT": server[0].rpartition(":")[2], "NAME": "postgres",
            "USER": "postgres", "PASSWORD": "", "SILENCE_TIMEOUT": silence,
            "OPTIONS": {**connection.settings_dict["OPTIONS"], "connect_timeout": CONNECT},
        }  # fmt: skip
        found = ConnectionHandler({"default": settings})["default"]
        found.inc_thread_sharing()
        made.append(found)
        assert answer_of(found) == 1
        return found

    yield connected
    for one in made:
        one.close()


def answer_of(database) -> int:
    with database.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone()[0]


def seconds_of(work) -> tuple[float, Exception | None]:
    begun, raised = time.monotonic(), None
    try:
        work()
    except Exception as error:
        raised = error
    return time.monotonic() - begun, raised


def test_a_statement_that_gets_no_answer_ends_in_time_and_as_busy(own, server):
    database = own()
    with frozen(server):
        waited, raised = seconds_of(lambda: answer_of(database))

    assert is_busy(raised)
    assert not is_unsure(raised)
    assert SILENCE <= waited < SILENCE + 1


def test_without_an_end_to_waiting_it_waits_as_long_as_the_server_stands(own, server):
    database, answers = own(silence=None), []
    thread = threading.Thread(target=lambda: answers.append(answer_of(database)), daemon=True)
    with frozen(server):
        thread.start()
        thread.join(SILENCE * 3)
        assert thread.is_alive()
    thread.join(PATIENCE)

    assert answers == [1]


def test_a_statement_that_takes_longer_than_the_silence_is_the_servers_to_end(own):
    """The bound of the settings is longer than `statement_timeout`; here it is the shorter one, and ends the wait."""
    database = own()
    with database.cursor() as cursor, pytest.raises(OperationalError, match="no answer"):
        cursor.execute("SELECT pg_sleep(3)")


def test_a_connection_that_was_kept_is_asked_no_longer_than_making_one_takes(own, server):
    database = own(silence=PATIENCE)
    database.health_check_enabled = True
    with frozen(server):
        waited, usable = seconds_of(lambda: database.is_usable())[0], database.connection is not None

    assert usable
    assert CONNECT <= waited < CONNECT + 1
    assert not database.is_usable()


def test_the_next_request_finds_the_server_again_when_it_goes_on(own, server):
    database = own()
    with frozen(server):
        seconds_of(lambda: answer_of(database))
    database.close_if_unusable_or_obsolete()

    assert answer_of(database) == 1


def test_of_a_commit_that_got_no_answer_nobody_is_told_that_nothing_was_changed(own, server):
    database = own()

    def change():
        database.set_autocommit(False)
        answer_of(database)
        with frozen(server):
            database.commit()

    raised = seconds_of(change)[1]
    page = busy(RequestFactory().post("/", {"q": "۷۲"}), raised).content.decode()

    assert is_unsure(raised)
    assert "هنوز معلوم نیست" in page
    assert "چیزی تغییر نکرد" not in page


# ------------------------------------------------------------------------------------------- a web server in front of it
def empty_portal(server: tuple[str, subprocess.Popen]) -> str:
    """Our own test database, copied there without its rows."""
    url = f"{server[0]}/postgres"
    where = connection.settings_dict
    source = {
        "PGHOST": where["HOST"],
        "PGPORT": str(where["PORT"]),
        "PGUSER": where["USER"],
        "PGPASSWORD": where["PASSWORD"],
    }
    source = {**os.environ, **{key: value for key, value in source.items() if value}}
    dump = subprocess.run(
        ["pg_dump", "--schema-only", "--no-owner", where["NAME"]], env=source, capture_output=True, check=True
    ).stdout
    subprocess.run(["psql", "-q", url], input=dump, capture_output=True, check=True)
    return url


@pytest.fixture
def web(server, db, tmp_path) -> Iterator[str]:
    """gunicorn, as in production but for https and the lengths of its waits."""
    port = services.free_port()
    environment = {
        **os.environ, "DATABASE_URL": empty_portal(server), "READ_DOT_ENV": "0", "VAR_DIR": str(tmp_path), "DEBUG": "1",
        "DB_STATEMENT_TIMEOUT": "2", "DB_SILENCE_TIMEOUT": "3", "DB_CONNECT_TIMEOUT": str(CONNECT), "REDIS_URL": "",
    }  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"127.0.0.1:{port}",
        "--threads",
        "8",
        "--worker-class",
        "gthread",
    ]
    process = subprocess.Popen(
        [*command, "--no-control-socket", "sajad_portal.wsgi"], cwd=BASE, env=environment, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        spin_until(lambda: page_at(address)[0] == 200)
        yield address
    finally:
        process.kill()
        process.wait()


def page_at(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read().decode()
    except OSError:
        return 0, ""


def test_pages_say_in_persian_that_the_portal_is_busy_and_go_on_with_the_server(web, server):
    found: list[tuple[float, int, str]] = []

    def visit():
        begun = time.monotonic()
        status, page = page_at(web)
        found.append((time.monotonic() - begun, status, page))

    threads = [threading.Thread(target=visit) for _ in range(16)]
    with frozen(server):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)

    assert [status for _, status, _ in found] == [503] * 16
    assert all("سامانه اکنون شلوغ است" in page for _, _, page in found)
    # Sixteen people before eight threads: two rounds of asking a kept connection (or one statement) and making a new one.
    assert max(waited for waited, _, _ in found) < 2 * (3 + CONNECT) + 2
    assert page_at(web)[0] == 200
