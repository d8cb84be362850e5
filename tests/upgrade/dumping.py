"""Makes a dump of the portal in the present folder's checkout, seeded, with the story of story.py, and what it says.

    cd CHECKOUT && [DATABASE_URL=postgres://…/EMPTY] python …/tests/upgrade/dumping.py FOLDER

writes dump.sql.gz, media.tar.gz and expected.json of one database into FOLDER. PostgreSQL wants `pg_dump` on the PATH.
README.md says when.
"""

import gzip
import importlib
import io
import os
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import types
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

HERE, CHECKOUT = Path(__file__).resolve().parent, Path.cwd()
BANK_SECRET = "the-bank-of-a-dump"


def keys() -> dict[str, str]:
    """What every process that reads a dump needs besides its database: the demo's mode and the keys it was made with."""
    return {
        "DEMO": "1", "READ_DOT_ENV": "0", "LOG_LEVEL": "ERROR",
        "SECRET_KEY": "no-secret-it-signs-the-sessions-of-a-dump-for-tests-0123456789",
        "FIELD_KEY": "no-secret-it-encrypts-the-codes-of-a-dump-for-tests-0123456789",
    }  # fmt: skip


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as var, bank() as (url, choose):
        os.environ |= {"VAR_DIR": var, **keys(), "BANK_URL": url, "BANK_SECRET": BANK_SECRET}
        sys.path.insert(0, str(CHECKOUT))
        manage("migrate", "-v0")
        manage("seeddemo")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")
        import django

        django.setup()
        story().tell(choose)
        dump(folder, Path(var))
        from django.db import connection

        connection.close()
        look = [sys.executable, HERE / "look.py"]
        said = subprocess.run(look, check=True, capture_output=True, text=True, cwd=CHECKOUT).stdout
        (folder / "expected.json").write_text(f"{said}\n", "utf-8")


def manage(*command: str) -> None:
    subprocess.run([sys.executable, "manage.py", *command], check=True, cwd=CHECKOUT)


def story() -> types.ModuleType:
    """The story beside this file, also where the checkout is another one."""
    package = types.ModuleType("telling")
    package.__path__ = [str(HERE)]
    sys.modules["telling"] = package
    return importlib.import_module("telling.story")


# ------------------------------------------------------------------------------------------------------------ the dump
def dump(folder: Path, var: Path) -> None:
    from django.conf import settings

    database = settings.DATABASES["default"]
    text = sqlite_text(Path(database["NAME"])) if settings.SQLITE else postgres_text(os.environ["DATABASE_URL"])
    (folder / "dump.sql.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as archive:
        for path in sorted((var / "media").rglob("*")):
            if path.is_file():
                entry = tarfile.TarInfo(path.relative_to(var / "media").as_posix())
                entry.size = path.stat().st_size
                archive.addfile(entry, io.BytesIO(path.read_bytes()))
    (folder / "media.tar.gz").write_bytes(gzip.compress(body.getvalue(), 9, mtime=0))


def sqlite_text(path: Path) -> str:
    with sqlite3.connect(path) as connection:
        return "\n".join(connection.iterdump()) + "\n"


def postgres_text(url: str) -> str:
    """Rows as INSERTs, without owners and privileges, and without what only psql understands."""
    command = ["pg_dump", "--inserts", "--rows-per-insert=200", "--no-owner", "--no-privileges", url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return "".join(
        line for line in text.splitlines(keepends=True) if not line.startswith(("\\restrict", "\\unrestrict"))
    )


# ------------------------------------------------------------------------------------------------------------ the bank
@contextmanager
def bank():
    command = [sys.executable, "-m", "bank_simulator", "--port", "0", "--data", ":memory:", "--secret", BANK_SECRET]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    url = process.stdout.readline().removeprefix("bank: ").strip().rstrip("/")
    opener = urllib.request.build_opener(_StayHere)

    def choose(payment, outcome: str) -> None:
        body = urllib.parse.urlencode({"outcome": outcome, "times": 1}).encode()
        with suppress(urllib.error.HTTPError):  # the way back to the portal, which nobody follows here
            opener.open(f"{url}/pay/{payment.token}", data=body, timeout=10).close()

    yield url, choose
    process.kill()
    process.wait()


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl):
        return None


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
