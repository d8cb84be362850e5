"""The servers the suite needs: those that already listen on their standard ports, else private ones that end with us.

TEST_PRIVATE_SERVERS=1 starts private ones in any case.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg
import redis

REDIS_DATABASE = 9
ALWAYS_PRIVATE = os.environ.get("TEST_PRIVATE_SERVERS") == "1"


class PartMissing(Exception):
    """A part of the suite cannot run here; the message names what to install."""


def die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _install(*packages: str) -> None:
    names = " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise PartMissing(f"not found here; install (names as on Debian): {names}")
    print(f"tests: installing {names}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", "-qq", *command], env=quiet, capture_output=True, text=True)
        if done.returncode:
            raise PartMissing(f"apt-get {command[0]} failed for {names}: {done.stderr.strip()[-300:]}")


# ------------------------------------------------------------------------------------------ PostgreSQL
def _may_create_databases(url: str) -> bool:
    try:
        connection = psycopg.connect(url, connect_timeout=3)
    except psycopg.OperationalError:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        allowed = bool(cursor.fetchone()[0])
    connection.close()
    return allowed


def postgres_server(ends: ExitStack) -> str:
    """Base URL (no database) of a PostgreSQL on which we may create databases."""
    user = os.environ.get("PGUSER") or os.environ.get("USER") or "postgres"
    password = f":{os.environ['PGPASSWORD']}" if os.environ.get("PGPASSWORD") else ""
    names = dict.fromkeys([user, "root" if os.geteuid() == 0 else user, "postgres"])
    for name in () if ALWAYS_PRIVATE else names:
        base = f"postgres://{name}{password}@127.0.0.1:5432"
        if _may_create_databases(f"{base}/postgres"):
            return base
    return private_postgres(ends)[0]


def postgres_programs() -> Path:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    if found is None:
        _install("postgresql")
        return postgres_programs()
    return Path(found).resolve().parent


def private_postgres(ends: ExitStack) -> tuple[str, subprocess.Popen]:
    """A server of our own, for whoever must stop it: its base URL and its process."""
    programs = postgres_programs()
    folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="portal-pg-", ignore_cleanup_errors=True)))
    owner = {}
    if os.geteuid() == 0:  # initdb refuses root
        shutil.chown(folder, "postgres", "postgres")
        owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
    data, port = folder / "data", free_port()
    log = (folder / "log").open("w")
    ends.callback(log.close)
    made = subprocess.run(
        [programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
        cwd=folder, capture_output=True, text=True, **owner,
    )  # fmt: skip
    if made.returncode:
        raise PartMissing(f"initdb failed: {made.stderr.strip()[-500:]}")
    settings = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1",
         *(part for key, value in settings.items() for part in ("-c", f"{key}={value}"))],
        cwd=folder, stdout=log, stderr=log, preexec_fn=die_with_parent, **owner,
    )  # fmt: skip
    ends.callback(_end, server, signal.SIGINT)
    base = f"postgres://postgres@127.0.0.1:{port}"
    if not _becomes_true(lambda: _may_create_databases(f"{base}/postgres"), server):
        raise PartMissing(f"the private PostgreSQL did not start: {(folder / 'log').read_text()[-500:]}")
    return base, server


def send_to_family(server: subprocess.Popen, how: signal.Signals) -> None:
    """The signal to a server and to the processes that it has started (Linux)."""
    family = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    for pid in (server.pid, *map(int, family)):
        with suppress(ProcessLookupError):
            os.kill(pid, how)


def drop_databases(base: str, prefix: str) -> None:
    """Drop what a run left behind (a killed worker drops nothing)."""
    connection = psycopg.connect(f"{base}/postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    connection.close()


# ----------------------------------------------------------------------------------------------- Redis
def _pings(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url, socket_connect_timeout=2).ping())
    except redis.RedisError:
        return False


def redis_server(ends: ExitStack) -> str:
    """URL of a Redis, with a database number that is ours."""
    standard = f"redis://127.0.0.1:6379/{REDIS_DATABASE}"
    if not ALWAYS_PRIVATE and _pings(standard):
        return standard
    program = shutil.which("redis-server")
    if program is None:
        _install("redis-server")
        program = shutil.which("redis-server")
    folder = ends.enter_context(tempfile.TemporaryDirectory(prefix="portal-redis-", ignore_cleanup_errors=True))
    port = free_port()
    server = subprocess.Popen(
        [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", folder],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent,
    )  # fmt: skip
    ends.callback(_end, server, signal.SIGTERM)
    url = f"redis://127.0.0.1:{port}/{REDIS_DATABASE}"
    if not _becomes_true(lambda: _pings(url), server):
        raise PartMissing("the private Redis did not start")
    return url


# -------------------------------------------------------------------------------------------- Chromium
def find_chromium() -> str | None:
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def chromium() -> str:
    """Path of a real Chromium; Playwright's own download is not relied on."""
    if find_chromium() is None:
        _install("chromium")
    path = find_chromium()
    if path is None:
        raise PartMissing("no chromium on the PATH; install chromium or name it in CHROMIUM")
    return path


# ---------------------------------------------------------------------------------------------- ending
def _becomes_true(question, server: subprocess.Popen, seconds: float = 20) -> bool:
    last = time.monotonic() + seconds
    while time.monotonic() < last and server.poll() is None:
        if question():
            return True
        time.sleep(0.1)
    return False


def _end(server: subprocess.Popen, how: signal.Signals) -> None:
    if server.poll() is None:
        server.send_signal(how)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
