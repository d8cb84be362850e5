"""`importform FILE [--json]`: a workbook becomes a form version; with --json it is only read and told."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from reports.actions.beside import inspected_from_disk
from reports.actions.forms import check_size, import_form, read_form
from reports.xlsform import WorkbookRefused
from reports.xlsform.unsupported import file_told, without_told


class Command(BaseCommand):
    help = "Reads an XLSForm workbook. Stores it as the next version of its form; with --json stores nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.xlsx|FILE.xls")
        parser.add_argument(
            "--with",
            dest="beside",
            action="append",
            default=[],
            metavar="FILE",
            help="a list of choices (.csv, .xml, .geojson) or a picture that the workbook names; once for each",
        )
        parser.add_argument("--json", action="store_true", help="store nothing; print what the workbook holds")

    def handle(self, *args, file: str, **options) -> None:
        path = Path(file)
        try:
            check_size(path.stat().st_size)
            data = path.read_bytes()
            beside = inspected_from_disk({each.name: each.read_bytes() for each in map(Path, options["beside"])})
        except WorkbookRefused as refusal:
            self._refuse(refusal)
        except OSError as error:
            raise CommandError(
                _("The file %(path)s cannot be read: %(reason)s")
                % {"path": error.filename or path, "reason": error.strerror}
            ) from error
        try:
            if options["json"]:
                self._print(read_form(data, name=path.name, files=beside).summary())
                return
            version = import_form(data=data, name=path.name, by=None, files=beside)
        except WorkbookRefused as refusal:
            self._refuse(refusal)
        told = {
            "title": version.title,
            "form": version.form.code,
            "number": version.number,
            "questions": version.summary["questions"],
            "indicators": version.indicator_count,
        }
        self.stdout.write(
            _("%(title)s (%(form)s): version %(number)s, %(questions)s questions, %(indicators)s indicators.") % told
        )
        for item in version.summary["unsupported"]:
            why = (
                without_told(item.get("without", ""))
                or file_told(item.get("file", ""))
                or _("the portal cannot show it.")
            )
            self.stdout.write(
                _("Row %(row)s, “%(name)s” (%(type)s): %(told)s")
                % {"row": item["row"], "name": item["name"], "type": item["type"], "told": why}
            )
        for warning in version.summary["warnings"]:
            self.stdout.write(warning)
        if missing := version.summary.get("missing_files"):
            self.stdout.write(
                _("Files are missing: %(names)s. Give them with --with, or add them on the form's page.")
                % {"names": ", ".join(missing)}
            )
        if version.confirmed_at is None:
            self.stdout.write(
                _("Questions that matter cannot be shown: a coordinator confirms the form in the portal.")
            )

    def _print(self, data: dict) -> None:
        self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2))

    def _refuse(self, refusal: WorkbookRefused) -> None:
        self._print({"errors": refusal.errors})
        raise SystemExit(2)
