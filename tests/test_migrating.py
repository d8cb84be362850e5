"""`migrate` lets others pass: it waits for a lock for seconds, steps back, and tries again."""

from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import migrate
from django.db import connection, transaction

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def holder():
    """Somebody who works on a table."""
    where = connection.settings_dict
    with psycopg.connect(
        host=where["HOST"], port=where["PORT"] or 5432, user=where["USER"], password=where["PASSWORD"], dbname=where["NAME"]
    ) as other:  # fmt: skip
        other.execute("LOCK TABLE units_once IN ROW EXCLUSIVE MODE")
        yield other
        other.rollback()


@pytest.fixture
def step(monkeypatch, settings):
    """In place of the migrations: one that needs the table for itself. How often it began."""
    settings.MIGRATION_LOCK_TIMEOUT, settings.MIGRATION_TRIES = 1, 3
    begun: list[int] = []

    def handle(*_args, **_options) -> None:
        begun.append(1)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE units_once IN ACCESS EXCLUSIVE MODE")

    monkeypatch.setattr(migrate.Command, "handle", lambda *args, **options: handle())
    yield begun
    connection.close()  # with its lock_timeout


def test_while_a_table_is_in_use_it_steps_back_and_goes_on_when_it_is_free(holder, step, monkeypatch):
    pauses: list[float] = []

    def others_pass(seconds: float) -> None:
        pauses.append(seconds)
        holder.rollback()

    monkeypatch.setattr("sajad_portal.management.commands.migrate.time.sleep", others_pass)

    call_command("migrate", stderr=StringIO())

    assert (len(step), len(pauses)) == (2, 1)


def test_it_gives_up_with_a_sentence(holder, step, monkeypatch):
    monkeypatch.setattr("sajad_portal.management.commands.migrate.time.sleep", lambda _seconds: None)

    with pytest.raises(CommandError, match="A table was in use for 3 tries"):
        call_command("migrate", stderr=StringIO())

    assert len(step) == 3
