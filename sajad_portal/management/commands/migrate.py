"""`migrate` as Django's; with MIGRATION_DATABASE_URL as the owner of the tables, who then grants what the portal needs to run."""

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connection

from sajad_portal.lib.roles import grant_to_runner, owner_of_tables


class Command(migrate.Command):
    def handle(self, *args, **options) -> None:
        if not settings.MIGRATION_DATABASE:
            super().handle(*args, **options)
            return
        role = connection.settings_dict["USER"]
        with owner_of_tables(settings.MIGRATION_DATABASE):
            super().handle(*args, **options)
            grant_to_runner(role)
