"""The database's machine is lost between two backups: what deploy/README.md tells to type brings back all but the last minutes."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from tests import services
from tests.deploying import readme

pytestmark = [pytest.mark.postgres, pytest.mark.long]

BASE = Path(__file__).resolve().parent.parent
CONF = BASE / "deploy" / "postgresql" / "portal.conf"
DATA, CONF_D = "/var/lib/postgresql/15/main", "/etc/postgresql/15/main/conf.d"
PROMISED = 300  # seconds that may be lost
HANDED_ON = 3  # what `archive_timeout` is in the test


@dataclass
class Host:
    """A machine with PostgreSQL, in a folder: the README's paths lie below it, and `systemctl` is these two functions."""

    folder: Path
    port: int = field(default_factory=services.free_port)
    server: subprocess.Popen | None = None

    def __post_init__(self) -> None:
        self.programs = services.postgres_programs()
        self.owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        self.conf_d.mkdir(parents=True)
        self.data.parent.mkdir(parents=True)
        for path in (self.folder, *self.folder.rglob("*")):
            self._give(path)
        made = subprocess.run(
            [self.programs / "initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "-N"],
            cwd=self.folder, capture_output=True, text=True, **self.owner,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        # As on Debian: what is set stands under /etc, and a base backup has none of it.
        conf = self.conf_d.parent / "postgresql.conf"
        conf.write_text(
            f"data_directory = '{self.data}'\nhba_file = '{conf.parent}/pg_hba.conf'\n"
            f"ident_file = '{conf.parent}/pg_ident.conf'\ninclude_dir = 'conf.d'\n"
        )
        for name in ("pg_hba.conf", "pg_ident.conf"):
            shutil.move(self.data / name, conf.parent / name)
        (self.data / "postgresql.conf").unlink()
        self._give(conf)

    @property
    def data(self) -> Path:
        return self.folder / DATA.lstrip("/")

    @property
    def conf_d(self) -> Path:
        return self.folder / CONF_D.lstrip("/")

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/portal"

    def _give(self, path: Path) -> None:
        if self.owner:
            shutil.chown(path, "postgres", "postgres")

    def start(self) -> None:
        log = (self.folder / "log").open("a")
        self.server = subprocess.Popen(
            [self.programs / "postgres", "-c", f"config_file={self.conf_d.parent}/postgresql.conf", "-p", str(self.port),
             "-k", self.folder, "-h", "127.0.0.1", "-c", "fsync=off"],
            cwd=self.folder, stdout=log, stderr=log, preexec_fn=services.die_with_parent, **self.owner,
        )  # fmt: skip
        end = time.monotonic() + 60
        while not self.answers():
            assert self.server.poll() is None, (self.folder / "log").read_text()[-2000:]
            assert time.monotonic() < end, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.05)

    def answers(self) -> bool:
        """Recovery is over when it takes what is written."""
        try:
            return rows(self.url.replace("/portal", "/postgres"), "SELECT pg_is_in_recovery()") == [(False,)]
        except psycopg.OperationalError:
            return False

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        if self.server is not None and self.server.poll() is None:
            if how == signal.SIGKILL:
                services.send_to_family(self.server, how)
            else:
                self.server.send_signal(how)
            self.server.wait(30)

    def type(self, command: readme.Command) -> None:
        """One line of the README, on this machine."""
        line = command.line
        for path in (DATA, CONF_D, "/backups", "/srv/portal/media"):
            line = line.replace(path, f"{self.folder}{path}")
        line = line.replace("/opt/portal/current", str(BASE)).replace(str(CONF), str(self.folder / "portal.conf"))
        if not self.owner:
            line = re.sub(r"^su postgres -c", "bash -c", line).replace("-o postgres -g postgres", "")
        for part in line.split(" && "):
            if part.startswith("systemctl "):
                {"start": self.start, "stop": self.stop, "restart": self.restart}[part.split()[1]]()
                continue
            done = subprocess.run(
                part, shell=True, executable="/bin/bash", capture_output=True, text=True, cwd=self.folder,
                env={**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PATH": f"{self.programs}:{os.environ['PATH']}"},
            )  # fmt: skip
            assert done.returncode == 0, (part, done.stderr)

    def restart(self) -> None:
        self.stop()
        self.start()

    def manage(self, *command: str) -> str:
        told = {
            "PATH": os.environ["PATH"], "READ_DOT_ENV": "0", "DEBUG": "1", "SECRET_KEY": "s" * 60, "FIELD_KEY": "f" * 60,
            "VAR_DIR": str(self.folder / "var"), "DATABASE_URL": self.url,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=BASE, env=told, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def host() -> Iterator[Host]:
    folder = Path(tempfile.mkdtemp(prefix="portal-machine-"))
    (folder / "portal.conf").write_text(CONF.read_text().replace("/backups", f"{folder}/backups"))
    found = Host(folder)
    (folder / "srv/portal/media").mkdir(parents=True)
    with ExitStack() as ends:
        ends.callback(shutil.rmtree, folder)
        ends.callback(found.stop)
        found.start()
        yield found


def test_what_is_handed_on_may_be_no_older_than_promised():
    (seconds,) = re.findall(r"^archive_timeout = (\d+)", CONF.read_text(), re.M)
    assert int(seconds) <= PROMISED


def test_a_lost_machine_comes_back_with_all_but_the_last_minutes(host):
    with psycopg.connect(host.url.replace("/portal", "/postgres"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE portal")
    conf = host.folder / "portal.conf"
    conf.write_text(re.sub(r"^archive_timeout = \d+", f"archive_timeout = {HANDED_ON}", conf.read_text(), flags=re.M))
    conf.chmod(0o644)
    host.manage("migrate")
    for command in readme.of("Every five minutes")[:3]:
        host.type(command)

    with Writer(host.url):
        time.sleep(HANDED_ON * 2)
        (host.folder / "srv/portal/media/letter.pdf").write_bytes(b"a paper")
        host.type(readme.of("Every five minutes")[3])
        time.sleep(HANDED_ON * 2)
        host.stop(signal.SIGKILL)
        lost_at = time.time()
    (host.folder / "srv/portal/media/letter.pdf").unlink()

    began = time.monotonic()
    *commands, audit = readme.of("Back to five minutes ago")
    for command in commands:
        host.type(command)
    restored = time.monotonic() - began
    head = host.manage("verifyaudit").strip().rpartition("head=")[2]
    number = int(head.partition(":")[0])
    said = host.manage("verifyaudit", *audit_arguments(audit, f"{number + 2}:{head.partition(':')[2] or '0' * 64}"))

    kept = [n for (n,) in rows(host.url, "SELECT n FROM written ORDER BY n")]
    last = rows(host.url, "SELECT extract(epoch FROM max(at)) FROM written")[0][0]
    print(f"\nlost {lost_at - float(last):.1f} s of work ({HANDED_ON} s promised here), back after {restored:.1f} s")
    assert kept == list(range(1, len(kept) + 1))  # all up to an instant, none in between
    assert len(kept) > 20
    assert lost_at - float(last) < HANDED_ON + 2
    assert "are missing" in said
    assert host.manage("checkinvariants")
    assert (host.folder / "srv/portal/media/letter.pdf").read_bytes() == b"a paper"


def audit_arguments(command: readme.Command, published: str) -> list[str]:
    return [published if part == "NUMBER:SHA256" else part for part in shlex.split(command.line)[2:]]


def rows(url: str, query: str) -> list[tuple]:
    with psycopg.connect(url) as database:
        return database.execute(query).fetchall()


class Writer:
    """Writes a numbered row every 50 ms, each in a transaction of its own, until the server is gone."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.thread = threading.Thread(target=self._write)

    def _write(self) -> None:
        with suppress(psycopg.OperationalError), psycopg.connect(self.url, autocommit=True) as database:
            database.execute("CREATE TABLE written (n integer PRIMARY KEY, at timestamptz NOT NULL)")
            for n in range(1, 10_000):
                database.execute("INSERT INTO written VALUES (%s, %s)", [n, datetime.now(UTC)])
                time.sleep(0.05)

    def __enter__(self) -> "Writer":
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.thread.join(30)
