"""An empty database is made by squashed migrations, one of an earlier release by those that they replace: both are the same."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parent.parent
STEP_BY_STEP = """
from django.db.migrations import loader
read = loader.MigrationLoader.load_disk
def without_squashed(self):
    read(self)
    self.disk_migrations = {name: found for name, found in self.disk_migrations.items() if not found.replaces}
loader.MigrationLoader.load_disk = without_squashed
import runpy
runpy.run_path("manage.py", run_name="__main__")
"""


def tables_made(folder: Path, *command: str) -> dict[tuple[str, str], list[str]]:
    """Kind and name of all there is in a new database → its SQL in parts; the order of columns says nothing."""
    told = {"PATH": os.environ["PATH"], "READ_DOT_ENV": "0", "DEMO": "1", "VAR_DIR": str(folder)}
    subprocess.run([sys.executable, *command, "migrate", "-v0"], cwd=BASE, env=told, check=True, timeout=900)
    with closing(sqlite3.connect(folder / "portal.sqlite3")) as database:
        rows = database.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
    return {
        (kind, name): sorted(part.strip(" ()") for part in re.sub(r"\s+", " ", sql).split(", "))
        for kind, name, sql in rows
    }


@pytest.mark.full
@pytest.mark.sqlite
def test_an_empty_database_is_made_as_the_migrations_one_by_one_make_it(tmp_path):
    at_once = tables_made(tmp_path / "once", "manage.py")
    step_by_step = tables_made(tmp_path / "steps", "-c", STEP_BY_STEP)

    assert len(step_by_step) > 400
    assert at_once.keys() == step_by_step.keys()
    assert at_once == step_by_step
