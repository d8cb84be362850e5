"""`setup FILE.yaml`: an organisation's first day out of one file, whole or not at all. `deploy/setup.sample.yaml` describes it."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.tables import FileRefused
from units.models import Person

from ...actions.setup import set_up
from ...files.setup import read_setup


class Command(BaseCommand):
    help = (
        "Sets the portal up out of a YAML file: organisation, calendar, units, people, services with their terms, the first "
        "call. A second run changes nothing; a refused file changes nothing either, and each problem is told with its line."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.yaml")
        parser.add_argument("--by", metavar="USERNAME", default="", help="the administrator who does it; needed if there are several")  # fmt: skip
        parser.add_argument("--language", choices=["fa", "en"], default="fa", help="of what is said (default: fa)")

    def handle(self, *args, file: Path, **options) -> None:
        with translation.override(options["language"]):
            self._set_up(file, options["by"])

    def _set_up(self, file: Path, username: str) -> None:
        try:
            data = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        by = self._administrator(username)
        try:
            outcome = set_up(plan=read_setup(data), by=by, folder=file.resolve().parent)
        except FileRefused as refusal:
            for problem in refusal.problems:
                self.stderr.write(f"{file}:{problem.row}: {problem.message}" if problem.row else f"{file}: {problem}")
            raise CommandError(_("Nothing was stored."), returncode=2) from refusal
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        for line in outcome.done or [_("Nothing was to be done.")]:
            self.stdout.write(line)
        for name, link in outcome.links:
            self.stdout.write(_("Hand over to %(name)s: %(link)s") % {"name": name, "link": link})
        for line in outcome.waiting:
            self.stdout.write(line)

    def _administrator(self, username: str) -> Person:
        found = Person.objects.filter(is_superuser=True, is_active=True)
        if username:
            found = found.filter(username__iexact=username)
        people = list(found[:2])
        if len(people) != 1:
            said = "Make an administrator first: manage.py createadmin." if not people else "Name the administrator: --by USERNAME."  # fmt: skip
            raise CommandError(said)
        return people[0]
