"""A production portal on an empty database, in processes of its own: no app's `demo` is imported, from `migrate` over the first call to
an announced result and a contested request (`first_day.py`)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.jalali import format_date
from tests.calls import PDF
from tests.forms import small_form

BASE = Path(__file__).resolve().parent.parent
SAMPLE = BASE / "deploy" / "setup.sample.yaml"
PASSWORD = "first-day-of-the-portal"  # noqa: S105

# What a stranger's processes do, one after the other in one process, so that whatever is imported is seen at the end.
STORY = """
import os, sys
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.test import Client
assert settings.PRODUCTION and not settings.DEMO
call_command("migrate", verbosity=0)
from units.models import Membership, Person
from units.actions.memberships import accept_seat
call_command("createadmin", no_input=True, username="admin", first_name="Admin", last_name="Portal")
call_command("setup", "setup.yaml", language="en")
for seat in Membership.objects.filter(accepted_at=None):
    accept_seat(membership=seat, by=seat.person)
call_command("setup", "setup.yaml", language="en")
from reports.models import Call
from sla.models import Service
assert Call.objects.get().published_at and Service.objects.count() == 1
for name in ("admin", "laleh"):
    client = Client(HTTP_HOST="portal.example.ir")
    client.force_login(Person.objects.get(username=name))
    for path in ("/desk/", "/setup/", "/organisation/" if name == "admin" else "/services/performance/types/", "/calls/",
                 "/services/performance/", "/agreements/", "/calendar/", "/forms/", "/oversight/", "/analysis/"):
        answer = client.get(path, secure=True, follow=True)
        assert answer.status_code in (200, 403), (name, path, answer.status_code)
from tests import first_day
first_day.live()
before = first_day.rows()
call_command("setup", "setup.yaml", language="en")
after = first_day.rows()
assert [table for table in before if before[table] != after[table]] == [] and len(before) > 60, len(before)
call_command("checkinvariants", files=True)
call_command("verifyaudit", seal=True)
print("demo:", sorted(name for name in sys.modules if ".demo" in name))
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    day = format_date(tehran_date(database_now()), "numeric", "en")
    text = SAMPLE.read_text().replace("opens: 1405/10/01", f"opens: {day}")
    text = text.replace("closes: 1405/10/30", "closes: 1420/10/30")
    text = text.replace("review_until: 1405/12/15", "review_until: 1421/01/15").replace(
        "form: sample", "form: small.xlsx"
    )
    (tmp_path / "setup.yaml").write_text(text)
    (tmp_path / "small.xlsx").write_bytes(small_form())
    (tmp_path / "units.sample.csv").write_text((SAMPLE.parent / "units.sample.csv").read_text())
    for slot in ("workflow", "directive", "bylaw"):
        (tmp_path / f"{slot}.sample.pdf").write_bytes(PDF + slot.encode())
    return tmp_path


@pytest.fixture
def database() -> Iterator[dict[str, str]]:
    """What names an empty database to the processes. On PostgreSQL beside the test's, of a role that owns it; another runs the
    portal."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield {}
        return
    server, _slash, name = url.partition("?")[0].rpartition("/")
    own, owner, runner = (f"{name}_first_day{role}" for role in ("", "_owner", "_runner"))
    host = server.rpartition("@")[2].rpartition("/")[2]
    with psycopg.connect(f"{server}/postgres".replace("postgres://", "postgresql://"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)')
        for role in (owner, runner):
            connection.execute(f'DROP ROLE IF EXISTS "{role}"')
            connection.execute(f'CREATE ROLE "{role}" LOGIN')
        connection.execute(f'CREATE DATABASE "{own}" OWNER "{owner}"')
        yield {
            "DATABASE_URL": f"postgres://{runner}@{host}/{own}",
            "MIGRATION_DATABASE_URL": f"postgres://{owner}@{host}/{own}",
        }
        connection.execute(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)')
        connection.execute(f'DROP ROLE "{runner}"')
        connection.execute(f'DROP ROLE "{owner}"')


def live_the_first_period(folder: Path, database: dict[str, str]) -> subprocess.CompletedProcess:
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(BASE), "DJANGO_SETTINGS_MODULE": "sajad_portal.settings",
        "READ_DOT_ENV": "0", "PRODUCTION": "1", "SECRET_KEY": f"{PASSWORD}-signs-{PASSWORD}", "VAR_DIR": str(folder / "var"),
        "FIELD_KEY": f"{PASSWORD}-encrypts-{PASSWORD}", "CELERY_BROKER_URL": "filesystem://localhost",
        "DATABASE_URL": f"sqlite:///{folder / 'var' / 'portal.sqlite3'}",
        "ALLOWED_HOSTS": "portal.example.ir", "SITE_URL": "https://portal.example.ir", "ADMIN_PASSWORD": PASSWORD,
        "EMAIL_URL": "dummymail://", **database,
    }  # fmt: skip
    (folder / "var" / "staticfiles").mkdir(parents=True)
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0"], cwd=BASE, env=environment, check=True
    )
    return subprocess.run(
        [sys.executable, "-c", STORY], cwd=folder, env=environment, capture_output=True, text=True, timeout=500
    )


# What somebody with the role that runs the portal would do to rewrite what was recorded, and what PostgreSQL says.
REWRITING = {
    "UPDATE units_event SET verb = 'other'": "permission denied for table units_event",
    "DELETE FROM reports_seal": "permission denied for table reports_seal",
    "TRUNCATE sla_acceptance": "permission denied for table sla_acceptance",
    "ALTER TABLE reports_resultversion DISABLE TRIGGER USER": "must be owner of table reports_resultversion",
    "DROP TRIGGER units_event_no_change ON units_event": "must be owner of relation units_event",
    "CREATE OR REPLACE FUNCTION units_event_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'": (
        "permission denied for schema public"
    ),
    "ALTER TABLE reports_revision ADD COLUMN other int": "must be owner of table reports_revision",
    "SET session_replication_role = replica": 'permission denied to set parameter "session_replication_role"',
    "DELETE FROM django_migrations": "permission denied for table django_migrations",
}


def refusals(url: str) -> dict[str, str]:
    said = {}
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in REWRITING:
            try:
                connection.execute(statement)
            except psycopg.Error as refusal:
                said[statement] = str(refusal).splitlines()[0]
    return said


@pytest.mark.django_db
@pytest.mark.full_on_sqlite
def test_an_empty_production_portal_goes_from_a_file_to_its_first_result_and_first_contested_request_without_any_demo(
    folder, database
):
    done = live_the_first_period(folder, database)

    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-1] == "demo: []"
    if database:
        assert refusals(database["DATABASE_URL"]) == REWRITING
        # Whoever owns the tables is kept from it by the triggers alone, and may drop those: that is why there are two.
        assert list(refusals(database["MIGRATION_DATABASE_URL"]).values())[:3] == [
            "units_event is append-only", "reports_seal is append-only", "sla_acceptance is append-only",
        ]  # fmt: skip
