"""`backup FOLDER`: the database and the files, with their hashes and the head of the seal; the portal goes on meanwhile."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from sajad_portal.lib.backups import BackupRefused, write_backup
from sajad_portal.lib.clock import database_now

from ...queries.seals import last_seal


class Command(BaseCommand):
    help = "Write the database and the files into a new folder, with a list of hashes; the portal goes on meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="is made; must not be there yet")
        parser.add_argument(
            "--previous", type=Path, metavar="FOLDER",
            help="an earlier backup on the same disk: files that it has are linked, not copied again",
        )  # fmt: skip

    def handle(self, *args, folder: Path, previous: Path | None, **options) -> None:
        head = last_seal()
        facts = {
            "at": database_now().isoformat(),
            "head": f"{head.number}:{head.sha256}" if head else "",
            "migrations": sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()),
        }
        try:
            manifest = write_backup(folder, facts, previous=previous)
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        size = manifest["database"]["size"] + sum(file["size"] for file in manifest["files"].values())
        self.stdout.write(
            f"backup={folder} files={len(manifest['files'])} bytes={size} head={manifest['head'] or 'none'}"
        )
