"""`importunits FILE.csv`: the tree of units out of one file, whole or not at all."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from sajad_portal.lib.errors import Refused
from units.actions.imports import import_units
from units.files.units import FileRefused
from units.models import Person, Unit


class Command(BaseCommand):
    help = "Creates, renames, moves and brings back units: code,name,kind,parent_code in any order of rows."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--under", metavar="CODE", default="", help="the unit below which rows without a parent hang"
        )
        parser.add_argument(
            "--retire-missing",
            action="store_true",
            help="retire what lies below --under (or below the file's own roots) and is not in the file",
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
        try:
            outcome = import_units(data=data, by=by, under=under, retire_missing=options["retire_missing"])
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

    def _find(self, model, field: str, value: str):
        if not value:
            return None
        found = model.objects.filter(**{field: value}).first()
        if found is None:
            raise CommandError(f"{value}: not found")
        return found
