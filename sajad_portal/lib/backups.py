"""A backup: a folder with the database as its own tools write it, each file of the store, and a list of hashes over both.

    database.dump      PostgreSQL: pg_dump's custom format; SQLite: the database itself
    files/…            named as in the store
    manifest.json      what is here, by hash and size, and what a portal must have to take it back

A folder that was not finished keeps the ending `.unfinished` and is no backup. Nothing in it is readable without its keys where
the portal stores ciphertext; the keys themselves are never in it.
"""

import hashlib
import hmac
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection

FORMAT = 1
MANIFEST, DATABASE, FILES = "manifest.json", "database.dump", "files"
_PIECE = 1024 * 1024
# What DATABASE_URL may say of a connection, as PostgreSQL's own tools are told it.
_LIBPQ = {
    "HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE",
}  # fmt: skip
_LIBPQ_OPTIONS = {
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
    "service": "PGSERVICE", "passfile": "PGPASSFILE",
}  # fmt: skip


class BackupRefused(Exception):
    """Nothing was stored. `lines`: a sentence each."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


# ------------------------------------------------------------------------------------------------------ writing
def write_backup(folder: Path, facts: dict[str, Any], *, previous: Path | None = None) -> dict[str, Any]:
    """Make `folder`, which must not be there yet, and return its manifest, of which `facts` is a part.

    Files first, then the database, then the files that came meanwhile: what the dump names is here. `previous`: an earlier backup
    on the same disk; a file that it holds under the same name and size is linked, not copied (a stored file never changes).
    """
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    for taken in (folder, unfinished):
        if taken.exists():
            raise BackupRefused(f"{taken} is there already. Name a folder that is not.")
    unfinished.mkdir(parents=True, mode=0o700)
    files: dict[str, dict[str, Any]] = {}
    _copy_new(unfinished / FILES, files, previous)
    _dump_database(unfinished / DATABASE)
    _copy_new(unfinished / FILES, files, previous)
    manifest = {
        "format": FORMAT,
        "database": {"vendor": connection.vendor, **_fingerprint(unfinished / DATABASE)},
        "key": mark_of(settings.FIELD_KEY),
        **facts,
        "files": files,
    }
    with (unfinished / MANIFEST).open("w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(folder)
    return manifest


def mark_of(key: str) -> str:
    """Tells whether a key is the one of a backup, and nothing about it."""
    return hmac.digest(key.encode(), b"the key of a backup", hashlib.sha256).hex()


def _copy_new(target: Path, files: dict[str, dict[str, Any]], previous: Path | None) -> None:
    for name in _stored():
        if name in files:
            continue
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # taken away since the list was read: a draft's, which no dump names
            files[name] = _link(name, place, previous) or _copy(name, place)


def _link(name: str, place: Path, previous: Path | None) -> dict[str, Any] | None:
    if previous is None:
        return None
    earlier = previous / FILES / name
    if not earlier.is_file() or earlier.stat().st_size != default_storage.size(name):
        return None
    os.link(earlier, place)
    return _fingerprint(place)


def _copy(name: str, place: Path) -> dict[str, Any]:
    with default_storage.open(name, "rb") as source, place.open("wb") as target:
        shutil.copyfileobj(source, target, _PIECE)
        target.flush()
        os.fsync(target.fileno())
    return _fingerprint(place)


def _stored(folder: str = "") -> Iterator[str]:
    """The name of each file of the store."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield str(PurePosixPath(folder) / name)
    for name in sorted(folders):
        yield from _stored(str(PurePosixPath(folder) / name))


def _fingerprint(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "size": path.stat().st_size}


def _dump_database(place: Path) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(place)])
        return
    _run_tool("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={place}")


def _run_tool(*command: str) -> None:
    """One of PostgreSQL's own tools on the portal's database, as the owner of the tables where there is one. The password goes
    through its environment, never through what `ps` shows."""
    said = {**connection.settings_dict, **settings.MIGRATION_DATABASE}
    options = connection.settings_dict.get("OPTIONS", {})
    told = {libpq: str(said[ours]) for ours, libpq in _LIBPQ.items() if said.get(ours)}
    told |= {libpq: str(options[ours]) for ours, libpq in _LIBPQ_OPTIONS.items() if options.get(ours)}
    try:
        done = subprocess.run(  # noqa: S603 nothing of it was typed by a person of the portal
            command, env={**os.environ, **told}, capture_output=True, text=True
        )
    except FileNotFoundError:
        raise BackupRefused(f"{command[0]} is not installed here: it is in Debian's postgresql-client.") from None
    if done.returncode:
        raise BackupRefused(f"{command[0]} ended with {done.returncode}:", *done.stderr.strip().splitlines()[-10:])


# ------------------------------------------------------------------------------------------------------ reading
def read_manifest(folder: Path) -> dict[str, Any]:
    """What the backup says of itself. Raises BackupRefused where it is none that this portal can take."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        raise BackupRefused(f"{folder} is no finished backup: it has no {MANIFEST}.") from None
    except ValueError:
        raise BackupRefused(f"{folder / MANIFEST} cannot be read: it was changed or cut off.") from None
    if manifest.get("format") != FORMAT:
        raise BackupRefused(f"The backup is of format {manifest.get('format')}; this portal reads {FORMAT}.")
    if manifest["database"]["vendor"] != connection.vendor:
        raise BackupRefused(
            f"The backup is of {manifest['database']['vendor']}, DATABASE_URL names {connection.vendor}: each goes into its own kind."
        )
    if manifest["key"] not in map(mark_of, (settings.FIELD_KEY, *settings.FIELD_KEY_FALLBACKS)):
        raise BackupRefused(
            "FIELD_KEY is not the key of this backup: every national code in it would be lost. Set the key that was in use when "
            "it was made, or name it in FIELD_KEY_FALLBACKS and run rotatefieldkey afterwards."
        )
    return manifest


def damage(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """A line for each part that is not as it was written. All of it is read."""
    found = []
    parts = {DATABASE: manifest["database"]} | {f"{FILES}/{name}": said for name, said in manifest["files"].items()}
    for name, said in parts.items():
        if not (folder / name).is_file():
            found.append(f"{name}: missing")
        elif _fingerprint(folder / name)["sha256"] != said["sha256"]:
            found.append(f"{name}: not as it was written")
    return found


def require_empty() -> None:
    """Raises BackupRefused where the database has tables or the store has files: a restore overwrites nothing."""
    if connection.introspection.table_names():
        raise BackupRefused(
            "The database is not empty. A backup goes into an empty one: make one, or drop the tables of this one first."
        )
    if first := next(_stored(), None):
        raise BackupRefused(f"The store of files is not empty (it has {first}). A backup goes into an empty one.")


def load_database(folder: Path) -> None:
    """Fill the empty database. PostgreSQL takes all of it in one transaction."""
    if connection.vendor == "sqlite":
        target = Path(connection.settings_dict["NAME"])
        connection.close()
        for left in ("", "-wal", "-shm"):
            target.with_name(target.name + left).unlink(missing_ok=True)
        shutil.copyfile(folder / DATABASE, target)
        return
    connection.close()
    _run_tool(
        "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
        f"--dbname={_name_of_database()}", str(folder / DATABASE),
    )  # fmt: skip


def _name_of_database() -> str:
    return str({**connection.settings_dict, **settings.MIGRATION_DATABASE}["NAME"])


def load_files(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        with (folder / FILES / name).open("rb") as source:
            stored = default_storage.save(name, File(source))
        if stored != name:
            raise BackupRefused(f"The store gave {name} another name ({stored}); it was not empty.")
