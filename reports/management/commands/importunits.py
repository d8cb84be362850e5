"""`importunits FILE`: the tree of units out of one file, whole or not at all. `--dry-run` only says what it would do."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from reports.pages.units.preview import UnitsPreview, preview_of
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.tables import FileRefused
from units.actions.imports import import_units, look_at_units
from units.models import Person, Unit


class Command(BaseCommand):
    help = "Creates, renames, moves and brings back units: code,name,kind,parent_code and attribute:NAME, in any order of rows."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="CSV (UTF-8, UTF-16, cp1256) or .xlsx")
        parser.add_argument(
            "--under", metavar="CODE", default="", help="the unit below which rows without a parent hang"
        )
        parser.add_argument(
            "--retire-missing",
            action="store_true",
            help="retire what lies below --under (or below the file's own roots) and is not in the file",
        )
        parser.add_argument(
            "--create-kinds", action="store_true", help="add the kinds and attributes that the file brings"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="store nothing; say what would change, and what hangs on it"
        )
        parser.add_argument("--by", metavar="USERNAME", default="", help="who does it; without it, the portal")
        parser.add_argument("--language", choices=["fa", "en"], default="fa", help="of what is said (default: fa)")
        parser.add_argument("--json", action="store_true", help="print the figures or the problems as one JSON object")

    def handle(self, *args, file: Path, **options):
        with translation.override(options["language"]):
            self._import(file, options)

    def _import(self, file: Path, options: dict) -> None:
        try:
            data = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        under = self._find(Unit, "code__iexact", options["under"])
        by = self._find(Person, "username__iexact", options["by"])
        given = {"data": data, "by": by, "under": under, "retire_missing": options["retire_missing"]}
        try:
            if options["dry_run"]:
                self._tell(preview_of(look_at_units(**given), database_now()), options["json"])
                return
            outcome = import_units(**given, create_kinds=options["create_kinds"])
        except FileRefused as refusal:
            if options["json"]:
                rows = [{"row": p.row, "column": p.column, "message": p.message} for p in refusal.problems]
                self.stdout.write(json.dumps({"errors": rows}, ensure_ascii=False))
            else:
                for problem in refusal.problems:
                    self.stderr.write(str(problem))
            raise CommandError(str(refusal), returncode=2) from refusal
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        figures = vars(outcome)
        line = json.dumps(figures) if options["json"] else " ".join(f"{name}={n}" for name, n in figures.items())
        self.stdout.write(line)

    def _tell(self, preview: UnitsPreview, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(preview.as_json(), ensure_ascii=False))
            return
        self.stdout.write(" ".join(f"{name}={n}" for name, n in preview.figures.items()))
        for kind in preview.plan.new_kinds:
            said = _("New kind of unit: %(name)s (%(code)s)") % {"name": kind.name, "code": kind.code}
            self.stdout.write(said)
        for new in preview.plan.new_attributes:
            self.stdout.write(_("New attribute: %(name)s (%(code)s)") % {"name": new.name, "code": new.code})
        for header in preview.plan.passed_over:
            self.stdout.write(_("Column “%(name)s” is not read.") % {"name": header})
        for group in preview.groups:
            for line in group.lines:
                self.stdout.write(f"{group.title}: {line.code} {line.name}. {line.words} {line.hangs}".strip())

    def _find(self, model, field: str, value: str):
        if not value:
            return None
        found = model.objects.filter(**{field: value}).first()
        if found is None:
            raise CommandError(f"{value}: not found")
        return found
