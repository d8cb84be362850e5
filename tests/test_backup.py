"""A backup that is taken while the portal runs comes back on an empty host with every row and file, and says what it is not."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from reports.actions.sealing import seal_rows
from reports.queries.seals import last_seal
from sajad_portal.lib import backups
from tests.calls import published_call
from tests.reviews import announced_report

BASE = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.django_db(transaction=True)  # pg_dump is another process
# What a restore changes by itself: sessions end, and the seal tells of it.
CHANGED = {"units_accountsession", "django_session", "reports_seal", "sqlite_sequence"}


@pytest.fixture
def portal(cast, clock) -> dict:
    """A portal with an announced result, and what it has sealed."""
    report, _result = announced_report(cast, published_call(cast))
    seal_rows()
    return {"report": report, "head": last_seal()}


@pytest.fixture
def small(db) -> Iterator[None]:
    """A portal with a file and nothing else to speak of."""
    default_storage.save("evidence/a.txt", ContentFile(b"a"))
    yield
    default_storage.delete("evidence/a.txt")


@pytest.fixture
def empty_host(tmp_path) -> Iterator[dict[str, str]]:
    """What a process of another portal is told: an empty database of its own, an empty store, the same keys."""
    told = {
        "PATH": os.environ["PATH"], "READ_DOT_ENV": "0", "DEBUG": "1", "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_KEY": settings.FIELD_KEY, "VAR_DIR": str(tmp_path / "host"),
    }  # fmt: skip
    if connection.vendor == "sqlite":
        yield told
        return
    url = os.environ["DATABASE_URL"]
    server, _slash, _name = url.rpartition("/")
    name = f"{connection.settings_dict['NAME']}_restored"
    with psycopg.connect(f"{server}/postgres".replace("postgres://", "postgresql://"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')
        yield {**told, "DATABASE_URL": f"{server}/{name}"}
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def manage(host: dict[str, str], *command: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *command], cwd=BASE, env=host, capture_output=True, text=True, timeout=300
    )


def rows(execute: Callable, tables: list[str]) -> dict[str, list[str]]:
    """All there is in these tables, in no order; how often the sessions of a person were ended is no part of it."""
    found = {}
    for name in tables:
        cursor = execute(f'SELECT * FROM "{name}"')
        counted = [column[0] == "session_number" for column in cursor.description]
        found[name] = sorted(
            repr([value for value, left in zip(row, counted, strict=True) if not left]) for row in cursor.fetchall()
        )
    return found


def rows_here(tables: list[str]) -> dict[str, list[str]]:
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return rows_in(f"sqlite:///{name}", tables)
    return rows_in(f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}", tables)


def rows_of(host: dict[str, str], tables: list[str]) -> dict[str, list[str]]:
    return rows_in(host.get("DATABASE_URL", f"sqlite:///{host['VAR_DIR']}/portal.sqlite3"), tables)


def rows_in(url: str, tables: list[str]) -> dict[str, list[str]]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            return rows(database.execute, tables)
    with psycopg.connect(url.replace("postgres://", "postgresql://")) as database:
        return rows(database.execute, tables)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def written(folder: Path, **options) -> dict:
    call_command("backup", str(folder), **options)
    return json.loads((folder / "manifest.json").read_text())


@pytest.mark.long
@pytest.mark.full_on_sqlite
def test_every_row_and_file_comes_back_on_an_empty_host_and_a_restore_overwrites_nothing(
    portal, empty_host, tmp_path, client, cast
):
    client.force_login(cast.sara)
    client.get("/desk/")
    head = portal["head"]
    manifest = written(tmp_path / "monday")
    assert manifest["head"] == f"{head.number}:{head.sha256}"
    tables = sorted(set(connection.introspection.table_names()) - CHANGED)

    done = manage(empty_host, "restore", str(tmp_path / "monday"), "--published", f"{head.number + 3}:{head.sha256}")

    assert done.returncode == 0, done.stderr
    assert "published_and_missing=3" in done.stdout
    assert len(tables) > 60
    assert rows_of(empty_host, tables) == rows_here(tables)
    assert files_of(Path(empty_host["VAR_DIR"]) / "media") == files_of(Path(settings.MEDIA_ROOT))
    assert len(manifest["files"]) > 1
    assert "sessions_ended=1" in done.stdout
    assert rows_of(empty_host, ["django_session"]) == {"django_session": []}
    sealed_here = rows_here(["reports_seal"])["reports_seal"]
    [told] = [row for row in rows_of(empty_host, ["reports_seal"])["reports_seal"] if row not in sealed_here]
    assert "restored" in told
    assert manage(empty_host, "verifyaudit", "--published", f"{head.number}:{head.sha256}").returncode == 0

    again = manage(empty_host, "restore", str(tmp_path / "monday"))

    assert again.returncode == 1
    assert "The database is not empty" in again.stderr


@pytest.mark.long
@pytest.mark.sqlite
@pytest.mark.parametrize("part", ["database.dump", "files/evidence/a.txt"])
def test_a_part_that_is_not_as_it_was_written_is_named(small, tmp_path, part):
    written(tmp_path / "monday")
    place = tmp_path / "monday" / part

    place.write_bytes(place.read_bytes()[:-1] + b"!")
    with pytest.raises(CommandError, match=f"(?s)nothing was stored.*{part}: not as it was written"):
        call_command("restore", str(tmp_path / "monday"))
    place.unlink()
    with pytest.raises(CommandError, match=f"(?s)nothing was stored.*{part}: missing"):
        call_command("restore", str(tmp_path / "monday"))


@pytest.mark.sqlite
def test_a_whole_backup_is_called_whole(small, tmp_path, capsys):
    written(tmp_path / "monday")
    capsys.readouterr()

    call_command("restore", str(tmp_path / "monday"), check=True)

    assert capsys.readouterr().out.startswith(f"whole: files={len(files_of(Path(settings.MEDIA_ROOT)))} ")


@pytest.mark.long
@pytest.mark.sqlite
def test_a_backup_of_a_newer_release_waits_for_that_release(small, tmp_path):
    written(tmp_path / "monday")
    place = tmp_path / "monday" / "manifest.json"
    manifest = json.loads(place.read_text())
    manifest["migrations"].append("reports.9999_of_tomorrow")
    place.write_text(json.dumps(manifest))

    with pytest.raises(CommandError, match="newer release than this one, which does not know reports.9999_of_tomorrow"):
        call_command("restore", str(tmp_path / "monday"))


@pytest.mark.long
@pytest.mark.sqlite
def test_a_backup_that_was_broken_off_is_no_backup(small, tmp_path, monkeypatch):
    def dies(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(backups, "_dump_database", dies)
    with pytest.raises(KeyboardInterrupt):
        call_command("backup", str(tmp_path / "monday"))

    assert [path.name for path in tmp_path.glob("monday*")] == ["monday.unfinished"]
    with pytest.raises(CommandError, match="no finished backup"):
        call_command("restore", str(tmp_path / "monday.unfinished"))


@pytest.mark.long
@pytest.mark.sqlite
def test_a_file_that_came_while_the_database_was_written_is_in_the_backup(small, tmp_path, monkeypatch):
    dump = backups._dump_database

    def meanwhile(place: Path) -> None:
        default_storage.save("evidence/late.txt", ContentFile(b"late"))
        dump(place)

    monkeypatch.setattr(backups, "_dump_database", meanwhile)
    try:
        assert "evidence/late.txt" in written(tmp_path / "monday")["files"]
    finally:
        default_storage.delete("evidence/late.txt")


@pytest.mark.long
@pytest.mark.sqlite
def test_the_next_backup_links_the_files_that_the_last_one_has(small, tmp_path):
    name = "evidence/a.txt"
    written(tmp_path / "monday")
    manifest = written(tmp_path / "tuesday", previous=tmp_path / "monday")

    first, second = (tmp_path / day / "files" / name for day in ("monday", "tuesday"))
    assert first.stat().st_ino == second.stat().st_ino
    assert set(manifest["files"]) == set(json.loads((tmp_path / "monday" / "manifest.json").read_text())["files"])


@pytest.mark.long
@pytest.mark.sqlite
def test_a_backup_is_for_nobody_else_to_read(small, tmp_path):
    written(tmp_path / "monday")
    assert (tmp_path / "monday").stat().st_mode & 0o077 == 0
    text = (tmp_path / "monday" / "manifest.json").read_text()
    assert settings.FIELD_KEY not in text
    assert settings.SECRET_KEY not in text


@pytest.mark.long
@pytest.mark.sqlite
def test_a_backup_of_before_the_key_was_changed_is_taken_with_the_earlier_key(small, tmp_path, settings):
    written(tmp_path / "monday")
    settings.FIELD_KEY, earlier = "z" * 50, settings.FIELD_KEY
    with pytest.raises(CommandError, match="FIELD_KEY is not the key"):
        call_command("restore", str(tmp_path / "monday"), check=True)

    settings.FIELD_KEY_FALLBACKS = [earlier]
    call_command("restore", str(tmp_path / "monday"), check=True)
