"""The embedded start as a stranger meets it: one command, and nothing left running however it ends."""

import contextlib
import os
import pty
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.shortcuts import resolve_url

from .plugins.database import migrated_copy

BASE = Path(settings.BASE_DIR)
PATIENCE = 60

# A database is made although no test here opens it: its copy is what a start finds.
pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


class Start:
    """`manage.py serve` on a data folder of its own, in a session of its own, as a terminal would start it."""

    def __init__(self, folder: Path):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = folder / "log"
        self.command = [sys.executable, "manage.py", "serve"]
        # DEBUG, not DEMO: how the demo is filled in is another test's business.
        self.environment = os.environ | {
            "DEBUG": "1",
            "VAR_DIR": str(folder),
            "PORT": str(self.port),
            "READ_DOT_ENV": "0",
        }
        self.terminal, their_end = pty.openpty()
        self.process = subprocess.Popen(
            self.command,
            cwd=BASE,
            env=self.environment,
            stdin=their_end,
            stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # The suite itself may run under nohup, which a start respects.
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        )
        os.close(their_end)

    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, answer: Callable[[], bool]) -> None:
        last = time.monotonic() + PATIENCE
        while not answer():
            assert time.monotonic() < last, self.said()
            time.sleep(0.05)

    def descendants(self) -> list[int]:
        """Processes that run on our data folder, whoever their parent is by now."""
        mine = f"VAR_DIR={self.folder}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mine in entry.read_bytes().split(b"\0"):
                    found.append(int(entry.parent.name))
            except OSError:
                continue
        return [pid for pid in found if pid != self.process.pid]

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.said()
        # supervisor apart: gunicorn's two, the worker, beat, the simulated bank
        return "The portal is at" in self.said() and len(self.descendants()) >= 5


@pytest.fixture
def start(tmp_path: Path, django_db_setup: None) -> Iterator[Start]:
    shutil.copyfile(migrated_copy(), tmp_path / "portal.sqlite3")
    begun = Start(tmp_path)
    begun.wait_for(begun.is_up)
    yield begun
    for pid in [*begun.descendants(), begun.process.pid]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    begun.process.wait()


ENDINGS = {
    "Ctrl-C": lambda start: start.process.send_signal(signal.SIGINT),
    "a terminal that closes": lambda start: os.close(start.terminal),
    "kill -9": lambda start: start.process.kill(),
}


@pytest.mark.parametrize("how", ENDINGS)
def test_nothing_is_left_running_however_it_ends(start, how):
    ENDINGS[how](start)

    start.wait_for(lambda: start.process.poll() is not None and not start.descendants())

    assert start.process.returncode == (-signal.SIGKILL if how == "kill -9" else 0)


def test_while_it_runs_it_answers_refuses_a_second_start_and_starts_again_what_died(start):
    page = urllib.request.urlopen(f"http://127.0.0.1:{start.port}{resolve_url(settings.LOGIN_URL)}", timeout=10)
    assert page.status == 200
    sheet = re.search(rb'href="([^"]+portal\.rtl-[^"]+\.css)"', page.read())[1].decode()
    kept = urllib.request.urlopen(
        urllib.request.Request(f"http://127.0.0.1:{start.port}{sheet}", headers={"Accept-Encoding": "gzip"}), timeout=10
    )
    assert (kept.headers["Content-Encoding"], kept.headers["Cache-Control"]) == (
        "gzip",
        "max-age=315360000, public, immutable",
    )

    again = subprocess.run(start.command, cwd=BASE, env=start.environment, capture_output=True, text=True)
    assert (again.returncode, "already runs" in again.stderr) == (1, True)

    before = start.descendants()

    os.kill(max(before), signal.SIGKILL)
    start.wait_for(lambda: "starting it again" in start.said() and len(start.descendants()) >= len(before))

    assert start.process.poll() is None


def test_data_of_another_version_is_left_alone_and_the_way_out_is_said(tmp_path, django_db_setup):
    data = tmp_path / "portal.sqlite3"
    shutil.copyfile(migrated_copy(), data)
    with contextlib.closing(sqlite3.connect(data)) as found, found:
        found.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('sla', '0099_of_tomorrow', '2026-11-22')"
        )
        before = list(found.iterdump())

    environment = os.environ | {"DEBUG": "1", "VAR_DIR": str(tmp_path), "PORT": "0", "READ_DOT_ENV": "0"}
    command = [sys.executable, "manage.py", "serve"]
    said = subprocess.run(command, cwd=BASE, env=environment, capture_output=True, text=True, timeout=PATIENCE)

    assert (said.returncode, "another version of the portal" in said.stderr) == (1, True), said.stderr
    with contextlib.closing(sqlite3.connect(data)) as found:
        assert list(found.iterdump()) == before
