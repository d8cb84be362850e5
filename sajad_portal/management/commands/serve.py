"""The embedded start: everything under one command, on SQLite, without Redis. Production uses deploy/ instead."""

import fcntl
import http.client
import importlib
import os
import shutil
import socket
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.urls import get_resolver

from bank_simulator.__main__ import serve as run_bank
from sajad_portal import translations
from sajad_portal.celery import app as celery
from sajad_portal.supervisor import Supervisor, end_with_parent

WEB_THREADS = 8
WORKER_THREADS = 2
FIRST_ANSWER = 60.0  # seconds the web server has to answer for the first time


class Command(BaseCommand):
    help = "Migrate, fill the demo on the first start, then run web server, Celery worker and beat until Ctrl-C."
    requires_system_checks: list[str] = []

    def handle(self, *args, **options):
        host, port = os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 8000)
        if settings.PRODUCTION:
            raise CommandError("This is the embedded start. Set DEMO=1, or use the units in deploy/ for production.")
        end_with_parent(os.getppid())
        with _alone():
            _check_port(host, port)
            if settings.PAYMENT_GATEWAY == "simulator":
                _choose_bank_port(host)
            _empty_queue()
            self._prepare()
            self._supervise(host, port)
        self._say("stopped, nothing is left running; the data is kept")

    def _say(self, text: str) -> None:
        try:
            self.stdout.write(f"portal: {text}")
            self.stdout.flush()
        except OSError:  # the terminal is gone; that must not keep us from ending the children
            return

    # ------------------------------------------------------------------ before
    def _prepare(self) -> None:
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        if translations.is_stale():
            translations.compile_catalogue()
        unfinished = Path(settings.VAR_DIR) / "demo-unfinished"
        if unfinished.exists() and settings.SQLITE:
            self._say("the first filling was interrupted: beginning it again")
            _remove_database()
        executor = MigrationExecutor(connection)
        if set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations):
            raise CommandError(
                f"The data in {settings.VAR_DIR} was made by another version of the portal, which this one cannot bring up "
                "to date. Move that folder away to start afresh, or set VAR_DIR to another one."
            )
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self._say("bringing the database up to date")
            call_command("migrate", interactive=False, verbosity=0)
        if settings.DEMO and "seeddemo" in get_commands() and not apps.get_model("units", "Unit").objects.exists():
            self._say("first start: filling in the demo")
            unfinished.touch()
            call_command("seeddemo")
            unfinished.unlink()
        # What the children are to find loaded; and no open connection, for they are forked.
        get_resolver().url_patterns  # noqa: B018 reading it imports every view
        connections.close_all()
        warnings.filterwarnings("ignore", "You're running the worker with superuser")  # a demo may well be root's
        # kombu moves a message through the scratch folder; a rename is whole only within one file system.
        tempfile.tempdir = str(Path(settings.VAR_DIR) / "scratch")
        Path(tempfile.tempdir).mkdir(exist_ok=True)

    # ----------------------------------------------------------------- running
    def _supervise(self, host: str, port: int) -> None:
        supervisor = Supervisor(self._say)
        supervisor.listen()
        self._start_web(supervisor, host, port)
        answers = self._answers(supervisor, host, port)
        if not supervisor.stopping:
            self._start_tasks(supervisor)  # after the first page: both cores belong to it
        if answers:
            self._welcome(host, port)
        supervisor.run()

    def _start_web(self, supervisor: Supervisor, host: str, port: int) -> None:
        supervisor.add("web server", partial(_web_server, f"{host}:{port}"))
        if settings.PAYMENT_GATEWAY == "simulator":
            books = Path(settings.VAR_DIR) / "bank.sqlite3"
            supervisor.add("bank simulator", partial(run_bank, host, settings.BANK_PORT, books, settings.BANK_SECRET))

    def _start_tasks(self, supervisor: Supervisor) -> None:
        supervisor.add("worker", _worker)
        # A child of its own: `worker -B` leaves an orphan beat when the worker is killed.
        supervisor.add("beat", _beat)

    def _answers(self, supervisor: Supervisor, host: str, port: int) -> bool:
        """Wait for the first page; False when the end was asked for or nothing answered."""
        last = time.monotonic() + FIRST_ANSWER
        while time.monotonic() < last:
            try:
                web = http.client.HTTPConnection(_reachable(host), port, timeout=10)
                web.request("GET", "/")
                status = web.getresponse().status
                web.close()
                if status < 500:
                    return True
                self._say(f"the web server answers with {status}; its log above says why")
                return False
            except OSError:
                supervisor.look_after()
            if supervisor.pause(0.1):
                return False
        self._say(f"the web server did not answer in {FIRST_ANSWER:.0f} s; its log above says why")
        return False

    def _welcome(self, host: str, port: int) -> None:
        lines = ["", f"  The portal is at http://{_reachable(host)}:{port}/   (Ctrl-C ends it)"]
        if settings.PAYMENT_GATEWAY == "simulator":
            lines.append(f"  The simulated bank is at {settings.BANK_URL}/   (fees lead there; no money moves)")
        lines.append("")
        people = _demo_people() if settings.DEMO else []
        if people:
            names = max(len(person["username"]) for person in people)
            secrets = max(len(person["password"]) for person in people)
            lines.append("  Demo people (user name, password, role):")
            lines += [
                f"    {p['username']:<{names}}  {p['password']:<{secrets}}  {p.get('role', ''):<12} {p.get('name', '')}"
                for p in people
            ]
            lines.append("")
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def _web_server(address: str) -> None:
    sys.argv = [
        "gunicorn", "sajad_portal.wsgi", "--bind", address, "--worker-class", "gthread", "--workers", "1",
        "--threads", str(WEB_THREADS), "--timeout", "120", "--graceful-timeout", "4", "--log-level", "warning",
        "--no-control-socket", "--logger-class", "sajad_portal.web_log.WebLog",
    ]  # fmt: skip
    importlib.import_module("gunicorn.app.wsgiapp").run()


def _worker() -> None:
    celery.start([
        "--quiet", "worker", "--pool", "threads", "--concurrency", str(WORKER_THREADS), "--without-gossip",
        "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING",
    ])  # fmt: skip


def _beat() -> None:
    celery.start(["--quiet", "beat", "--pidfile", "", "--loglevel", "WARNING"])


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 compared, not bound


def _demo_people() -> list[dict[str, str]]:
    try:
        return list(importlib.import_module("reports.demo.people").DEMO_PEOPLE)
    except ModuleNotFoundError:
        return []


def _check_port(host: str, port: int, other: str = "PORT") -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used ({error.strerror}). Try: make serve {other}={port + 1}"
            ) from error


def _choose_bank_port(host: str) -> None:
    """The port after the portal's, or the next free one; what was asked for by name must be free."""
    if os.environ.get("BANK_PORT") or os.environ.get("BANK_URL"):
        return _check_port(host, settings.BANK_PORT, "BANK_PORT")
    for port in range(settings.BANK_PORT, settings.BANK_PORT + 50):
        with suppress(CommandError):
            _check_port(host, port)
            break
    address = settings.BANK_URL.rpartition(":")[0] + f":{port}"
    allowed = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"]
    allowed[allowed.index(settings.BANK_URL)] = address
    settings.BANK_PORT, settings.BANK_URL = port, address
    return None


@contextmanager
def _alone() -> Iterator[None]:
    """One embedded start per data folder: two would share a database file and a queue."""
    with (Path(settings.VAR_DIR) / "serve.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CommandError(
                f"The portal already runs on {settings.VAR_DIR} (process {lock.read().strip()})."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _remove_database() -> None:
    """Only ever called on a half-filled demo: the file says so."""
    connections.close_all()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{settings.DATABASES['default']['NAME']}{suffix}").unlink(missing_ok=True)


def _empty_queue() -> None:
    """The broker's files are doorbells that nobody waits for any more: a new start begins without them.

    A torn file would otherwise be met again and again, and bindings of workers that are gone would pile up.
    """
    if settings.CELERY_BROKER_URL.startswith("filesystem"):
        queue = Path(settings.VAR_DIR) / "queue"
        for folder in ("in", "done", "control"):
            shutil.rmtree(queue / folder, ignore_errors=True)
            (queue / folder).mkdir(parents=True)
