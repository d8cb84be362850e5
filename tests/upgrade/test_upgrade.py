"""What a portal of an earlier commit stored is migrated by today's code and says what it said: README.md beside this file."""

import fcntl
import gzip
import importlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from .dumping import keys

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
DUMPS = sorted(path.name for path in HERE.iterdir() if (path / "sqlite" / "dump.sql.gz").exists())
VENDORS = [
    pytest.param((dump, vendor), marks=mark, id=f"{dump}-{vendor}")
    for dump in DUMPS
    for vendor, mark in (("sqlite", pytest.mark.sqlite), ("postgresql", pytest.mark.postgres))
]
# What a later version may add to without breaking what was there.
MAY_GROW = {"rows", "public", "instants"}


@dataclass(frozen=True)
class Portal:
    """A database and a folder of one's own, as a start of the portal would be given them. `when`: the instant of its clock."""

    var: Path
    when: datetime
    url: str

    def run(self, *command: str | Path) -> subprocess.CompletedProcess:
        """A process of today's code on the database."""
        offset = (self.when - datetime.now(UTC)).total_seconds()
        outside = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PGPASSWORD") if name in os.environ}
        own = {"VAR_DIR": str(self.var), "DATABASE_URL": self.url, "TEST_CLOCK_OFFSET": str(offset), **keys()}
        return subprocess.run(
            [sys.executable, *command],
            cwd=CHECKOUT,
            env=outside | own,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    def manage(self, *command: str) -> subprocess.CompletedProcess:
        return self.run("manage.py", *command)

    def look(self, *sections: str) -> dict:
        said = self.run(HERE / "look.py", *sections)
        assert said.returncode == 0, said.stderr[-3000:]
        return json.loads(said.stdout)

    def look_and_check(self, *sections: str) -> tuple[dict, tuple[int, str]]:
        """What look.py says, and what `checkinvariants --files` ends with and complains of; both at once."""
        with ThreadPoolExecutor(2) as pool:
            looking = pool.submit(self.look, *sections)
            checked = self.manage("checkinvariants", "--files")
            return looking.result(), (checked.returncode, checked.stderr)

    def verify_audit(self, *arguments: str) -> tuple[int, str, str]:
        done = self.manage("verifyaudit", *arguments)
        return done.returncode, done.stdout, done.stderr

    def try_to_change(self, statement: str) -> str:
        """The database's refusal; empty where it let it be done."""
        try:
            self.change(statement)
        except (sqlite3.DatabaseError, psycopg.Error) as refusal:
            return str(refusal)
        return ""

    def change(self, *statements: str) -> None:
        """SQL straight into the database, past every verb."""
        with self._connected() as connection:
            for statement in statements:
                connection.execute(statement)

    def ask(self, statement: str):
        """The first cell of the first row."""
        with self._connected() as connection:
            return connection.execute(statement).fetchone()[0]

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection | psycopg.Connection]:
        if self.url.startswith("sqlite"):
            connection = sqlite3.connect(self.var / "portal.sqlite3", isolation_level=None)
        else:
            connection = psycopg.connect(self.url, autocommit=True)
        with closing(connection):
            yield connection


# ------------------------------------------------------------------------------------------------------- loading a dump
@contextmanager
def loaded(folder: Path, var: Path, when: datetime) -> Iterator[Portal]:
    """The dump in a fresh database and its files in `var`; gone afterwards."""
    text = gzip.decompress((folder / "dump.sql.gz").read_bytes()).decode()
    with tarfile.open(folder / "media.tar.gz") as archive:
        archive.extractall(var / "media", filter="data")
    if folder.name == "sqlite":
        path = var / "portal.sqlite3"
        connection = sqlite3.connect(path)
        connection.executescript(f"PRAGMA synchronous=OFF;\n{text}")
        connection.close()
        yield Portal(var, when, f"sqlite:///{path}")
        return
    with own_database() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(text)
        yield Portal(var, when, url)


@contextmanager
def own_database() -> Iterator[str]:
    """An empty database on the server of this run, called so that the run sweeps it away should we be killed."""
    server, _slash, run = os.environ["DATABASE_URL"].split("?")[0].rpartition("/")
    name = f"test_{run}_upgrade_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield f"{server}/{name}"
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="module", params=VENDORS)
def upgraded(request, tmp_path_factory) -> dict:
    """What was `expected` of a dump, and what today's code makes of it; made once for all workers of a run."""
    dump, vendor = request.param
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    result = shared / f"{dump}-{vendor}.json"
    with result.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not result.exists():
            result.write_text(json.dumps(upgrade(HERE / dump / vendor, tmp_path_factory.mktemp(vendor))), "utf-8")
    return json.loads(result.read_text("utf-8"))


def upgrade(folder: Path, var: Path) -> dict:
    """Load, migrate, look; then alter one answer past every verb and look again. Nothing of it stays."""
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    with loaded(folder, var, datetime.fromisoformat(expected["at"])) as portal:
        migrated = portal.manage("migrate", "--verbosity=0")
        assert migrated.returncode == 0, migrated.stderr[-3000:]
        found = {"expected": expected}
        found["seen"], found["consistent"] = portal.look_and_check()
        found["refused"] = portal.try_to_change("UPDATE units_event SET verb = 'other' WHERE id = 1")
        found["sealed"] = portal.verify_audit("--seal")
        found["altered"] = alter_an_answer(portal)
        found["seen after"], found["consistent after"] = portal.look_and_check("receipts")
        found["sealed after"] = portal.verify_audit()
    shutil.rmtree(var, ignore_errors=True)
    return found


def alter_an_answer(portal: Portal) -> str:
    """One answer more in one revision, as somebody with the database's own tools would write it; its receipt code."""
    one = "WHERE id = (SELECT min(id) FROM reports_revision)"
    code = portal.ask(f"SELECT receipt_code FROM reports_revision {one}")
    if portal.url.startswith("sqlite"):
        portal.change(
            "DROP TRIGGER reports_revision_no_update",
            f"UPDATE reports_revision SET answers = json_set(answers, '$.other', '1') {one}",
        )
    else:
        portal.change(
            "ALTER TABLE reports_revision DISABLE TRIGGER USER",
            f"UPDATE reports_revision SET answers = jsonb_set(answers, '{{other}}', '\"1\"') {one}",
            "ALTER TABLE reports_revision ENABLE TRIGGER USER",
        )
    return code


# ------------------------------------------------------------------------------------------------------------ comparing
def lost(expected: dict, seen: dict) -> dict:
    """{section: {key: (what was, what is)}} of all that is not as it was; empty where everything survived."""
    found = {}
    for section in sorted(expected.keys() - {"at", "raw"}):
        changed = {
            key: (value, seen[section].get(key))
            for key, value in expected[section].items()
            if not survives(section, key, value, seen[section].get(key))
        }
        if section not in MAY_GROW:
            changed |= {key: (None, seen[section][key]) for key in seen[section].keys() - expected[section].keys()}
        found |= {section: changed} if changed else {}
    return found


# What a page gave as an example of a code is no figure of a report.
EXAMPLES = {"1405Q1-7K3M-92QX-4TBA-0C8D"}


# What a page of then said otherwise, and what exactly stands in its place: the points of areas with one place and now with two, as
# the rest of their page; the closing of a call at 00:00 of the 13th, now the end of the 12th, which is the same instant.
AREAS = {"۲۲٫۰": "۲۲٫۰۰", "۷۰٫۰": "۷۰٫۰۰"}
MISSED = {"۰٫۰": "۰٫۰۰"}
CLOSING = {"۱۳": "۱۲", "۰۰:۰۰": "۱۲"}
TOLD_ANEW = {
    "/reports/1405M05-N1WP-335A-11M7/result/": AREAS,
    "/reports/1405M05-XPX9-XF3Y-ATE3/result/": AREAS,
    "/reports/1405M05-YH8V-QBWT-9H4P/result/": MISSED,
    "/reports/1405Q2-FXED-KCM8-711H/receipt/": CLOSING,
    "/reports/1405M05-4PAT-25K7-5Y3P/result/": AREAS,
    "/reports/1405M05-8VGW-1TDM-JASD/result/": AREAS,
    "/reports/1405M05-NWB3-E6J3-5BRZ/result/": MISSED,
    "/reports/1405Q2-1D5B-7AVN-VMMP/receipt/": CLOSING,
}


def survives(section: str, key: str, was, now) -> bool:
    if section == "public" and now is not None:
        anew = TOLD_ANEW.get(key, {})
        gone = set(was["figures"]) - EXAMPLES - set(now["figures"])
        return was["status"] == now["status"] and gone == set(anew) and set(anew.values()) <= set(now["figures"])
    if section == "instants" and now is not None:
        return set(was) <= set(now)
    return was == now


# ------------------------------------------------------------------------------------------------------------ the tests
@pytest.mark.full_on_sqlite
def test_everything_that_was_stored_survives_the_upgrade(upgraded):
    assert lost(upgraded["expected"], upgraded["seen"]) == {}


@pytest.mark.full_on_sqlite
def test_every_hash_is_still_that_of_what_it_was_taken_over(upgraded):
    seen = upgraded["seen"]
    pairs = {
        **{code: row[4:6] for code, row in seen["receipts"].items()},
        **{code: row[5:7] for code, row in seen["results"].items()},
        **{pk: row[1:3] for pk, row in seen["agreements"].items()},
        **{name: row[0:2] for name, row in (seen["files"] | seen["forms"]).items()},
    }

    assert len(pairs) > 250
    assert {key: pair for key, pair in pairs.items() if pair[0] != pair[1]} == {}


@pytest.mark.full_on_sqlite
def test_the_upgraded_portal_is_consistent(upgraded):
    assert upgraded["consistent"] == [0, ""]


@pytest.mark.full_on_sqlite
def test_whoever_could_sign_in_still_can_and_stays_signed_in(upgraded):
    seen = upgraded["seen"]
    assert set(seen["people"]["signs in"].values()) == {True}
    assert seen["people"]["changed"] == [True, False]  # the new password, by national code; not the one before
    assert seen["session"] == {"status": 200, "name": True}


@pytest.mark.full_on_sqlite
def test_what_was_recorded_then_is_told_in_words_on_every_page(upgraded):
    raw = upgraded["seen"]["raw"]
    assert len(raw) > 40
    assert {path: names for path, names in raw.items() if names} == {}


@pytest.mark.full_on_sqlite
def test_the_append_only_tables_came_with_their_triggers(upgraded):
    assert "units_event is append-only" in upgraded["refused"]


@pytest.mark.full_on_sqlite
def test_all_that_was_recorded_before_there_was_a_seal_is_sealed(upgraded):
    code, said, broken = upgraded["sealed"]
    figures = dict(part.split("=") for part in said.split())

    assert (code, broken) == (0, "")
    assert int(figures["rows"]) > 2000
    assert (figures["unsealed_events"], figures["unsealed_age"]) == ("0", "0s")


@pytest.mark.full_on_sqlite
def test_one_altered_answer_breaks_the_seal(upgraded):
    code, _said, broken = upgraded["sealed after"]
    assert (code, [line.split()[0] for line in broken.splitlines()]) == (1, ["revision"])


@pytest.mark.full_on_sqlite
def test_one_altered_answer_is_noticed(upgraded):
    """The control: what would be green whatever happened would be no test."""
    expected = {"receipts": upgraded["expected"]["receipts"]}

    assert lost(expected, upgraded["seen"]) == {}
    assert list(lost(expected, upgraded["seen after"])["receipts"]) == [upgraded["altered"]]
    code, said = upgraded["consistent after"]
    assert code == 1
    assert [line.split()[0] for line in said.splitlines()] == ["revision"]


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        (["۲۲٫۰۰", "۷۰٫۰۰", "۹۲٫۰۰"], True),
        (["۲۲٫۰۴", "۷۰٫۰۰", "۹۲٫۰۰"], False),  # rounds to what stood there, and is another figure
        (["۷۰٫۰۰", "۹۲٫۰۰"], False),
        (["۲۲٫۰", "۲۲٫۰۰", "۷۰٫۰۰", "۹۲٫۰۰"], False),  # told as before again: the table is out of date
    ],
)
def test_a_page_may_tell_otherwise_only_what_the_table_says_exactly(figures, told):
    page = "/reports/1405M05-N1WP-335A-11M7/result/"
    then = {"status": "contested", "figures": ["۲۲٫۰", "۷۰٫۰", "۹۲٫۰۰"]}

    assert survives("public", page, then, {"status": "contested", "figures": figures}) is told


# --------------------------------------------------------------------------------------------------------- the next dump
def test_the_story_of_the_next_dump_tells_with_verbs_that_are_there():
    assert importlib.import_module("tests.upgrade.story").tell


@pytest.mark.full
@pytest.mark.sqlite
def test_a_dump_of_today_can_be_made(tmp_path):
    outside = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "VAR_DIR", "REDIS_URL")
    }

    made = subprocess.run(
        [sys.executable, HERE / "dumping.py", tmp_path], cwd=CHECKOUT, env=outside, capture_output=True, text=True
    )

    assert made.returncode == 0, made.stderr[-3000:]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dump.sql.gz", "expected.json", "media.tar.gz"]
