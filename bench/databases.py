"""Template databases, made once and kept: seeded again only where the migrations or the seeding changed."""

import hashlib
import sys
from pathlib import Path

import psycopg

from bench.server import BASE, run_python, tool_environment

PREFIX = "portal_bench_"
UNITS, CALLS = 100, 10
# How often the smallest (UNITS units, CALLS calls that are over, one open) stands in each size.
SIZES = {"1k": 1, "10k": 10, "100k": 100}
CALL_UNITS = 10_000
SECOND_UNITS = 2_000  # half of them have a report that is ready to be sent


def _digest() -> str:
    found = hashlib.sha256()
    seeding = [Path("reports/demo") / name for name in ("history.py", "figures.py", "seeding.py")]
    seeding += [Path("reports/xlsform") / name for name in ("sample_form.py", "sample_measures.py")]
    for path in [*sorted(BASE.glob("*/migrations/*.py")), *(BASE / p for p in seeding), *(BASE / "bench" / f"{name}.py" for name in ("copying", "seed", "grow"))]:  # fmt: skip
        found.update(path.read_bytes())
    return found.hexdigest()[:8]


class Databases:
    """On the server `base` (a URL without a database)."""

    def __init__(self, base: str):
        self.base, self.digest = base, _digest()

    def url(self, name: str) -> str:
        return f"{self.base}/{name}"

    def _do(self, *statements: str) -> None:
        with psycopg.connect(f"{self.base}/postgres") as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)

    def names(self) -> set[str]:
        with psycopg.connect(f"{self.base}/postgres") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
            return {name for (name,) in cursor.fetchall()}

    def drop(self, name: str) -> None:
        self._do(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def forget_old(self) -> None:
        for name in self.names():
            if not name.endswith(self.digest):
                self.drop(name)

    def template(self, what: str) -> str:
        """Name of the template `what` ("1k", "10k", "100k", "call", "second"), made where it is missing."""
        name = f"{PREFIX}{what}_{self.digest}"
        if name in self.names():
            return name
        half = f"{name}_half"
        self.drop(half)
        say(f"making {name}")
        if what in SIZES and SIZES[what] > 1:
            self._do(f'CREATE DATABASE "{half}" TEMPLATE "{self.template("1k")}"')
            self._run(half, "-m", "bench.grow", "--times", str(SIZES[what]))
        else:
            self._do(f"CREATE DATABASE \"{half}\" TEMPLATE template0 ENCODING 'UTF8'")
            self._run(half, "manage.py", "migrate", "--verbosity", "0")
            units, more = {"call": (CALL_UNITS, ["--over"]), "second": (SECOND_UNITS, [])}.get(what, (UNITS, []))
            calls = 1 if what in ("call", "second") else CALLS
            self._run(half, "-m", "bench.seed", "--units", str(units), "--calls", str(calls), *more)
        self._do(f'ALTER DATABASE "{half}" RENAME TO "{name}"')
        return name

    def copy(self, what: str, purpose: str = "work") -> str:
        """A fresh copy to measure on; URL."""
        name = f"{PREFIX}{what}_{purpose}_{self.digest}"
        self.drop(name)
        template = self.template(what)
        self._do(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def _run(self, name: str, *command: str) -> None:
        run_python(*command, environment=tool_environment(self.url(name)), quiet=False)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
