"""`migrate` as Django's, but it waits for a lock for seconds only, and again; with MIGRATION_DATABASE_URL as the owner of the
tables, who then grants what the portal needs to run."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connection

from sajad_portal.lib.roles import grant_to_runner, owner_of_tables

PAUSE = 2.0  # seconds in which those who stood behind us pass
NO_LOCK = "55P03"


class Command(migrate.Command):
    def handle(self, *args, **options) -> None:
        if not settings.MIGRATION_DATABASE:
            self._migrate(args, options)
            return
        role = connection.settings_dict["USER"]
        with owner_of_tables(settings.MIGRATION_DATABASE):
            self._migrate(args, options)
            grant_to_runner(role)

    def _migrate(self, args: tuple, options: dict[str, Any]) -> None:
        """Each migration that has ended stays; the one that found no lock begins anew. CommandError after the last try."""
        for attempt in range(1, settings.MIGRATION_TRIES + 1):
            _wait_for_locks(settings.MIGRATION_LOCK_TIMEOUT)
            try:
                super().handle(*args, **options)
                return
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", getattr(error.__cause__, "pgcode", None)) != NO_LOCK:
                    raise
                if attempt == settings.MIGRATION_TRIES:
                    break
                self.stderr.write(f"A table is in use; trying again ({attempt} of {settings.MIGRATION_TRIES}).")
                time.sleep(PAUSE)
        raise CommandError(
            f"A table was in use for {settings.MIGRATION_TRIES} tries. What was migrated stays: run it again when the long work has ended."
        )


def _wait_for_locks(seconds: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{seconds}s"])
