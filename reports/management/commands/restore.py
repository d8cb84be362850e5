"""`restore FOLDER`: a backup onto an empty database and an empty store, brought to this release, told in the seal, and proved."""

from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.migrations.loader import MigrationLoader

from sajad_portal.lib.backups import BackupRefused, damage, load_database, load_files, read_manifest, require_empty
from units.actions.sessions import end_every_session

from ...actions.sealing import seal_restore
from .verifyaudit import read_head


class Command(BaseCommand):
    help = "Fill an empty database and an empty store from a backup, migrate, tell the restore in the seal, and prove the data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="what `backup` made")
        parser.add_argument(
            "--published", default="", metavar="NUMBER:SHA256",
            help="the newest head that was made public (a mail, the page “Seal of the records”): how much is missing",
        )  # fmt: skip
        parser.add_argument("--check", action="store_true", help="only say whether the backup is whole; store nothing")

    def handle(self, *args, folder: Path, published: str, check: bool, **options) -> None:
        number = read_head(published)[0] if published else 0
        try:
            manifest = read_manifest(folder)
            _require_known(manifest["migrations"])
            if damaged := damage(folder, manifest):
                raise BackupRefused("The backup is damaged; nothing was stored.", *damaged)
            if check:
                self.stdout.write(f"whole: files={len(manifest['files'])} at={manifest['at']}")
                return
            require_empty()
            load_database(folder)
            load_files(folder, manifest["files"])
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        call_command("migrate", verbosity=0)
        ended = end_every_session()
        told = seal_restore(source=f"{folder.name}, {manifest['at']}", published=number)
        self.stdout.write(
            f"restored={folder.name} at={manifest['at']} files={len(manifest['files'])} sessions_ended={ended} "
            f"published_and_missing={told.said['missing']}"
        )
        call_command("checkinvariants", files=True, stdout=self.stdout, stderr=self.stderr)
        call_command("verifyaudit", stdout=self.stdout, stderr=self.stderr)


def _require_known(applied: list[str]) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := [name for name in applied if name not in known]:
        raise BackupRefused(
            f"The backup is of a newer release than this one, which does not know {', '.join(newer[:3])}. Install that release."
        )
