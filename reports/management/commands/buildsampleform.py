"""`buildsampleform OUT.xlsx`: writes the sample guide, a workbook of 39 indicators to begin one's own form from."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from reports.xlsform.sample_form import build


class Command(BaseCommand):
    help = "Writes the sample form, an XLSForm workbook of 39 indicators."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", metavar="OUT.xlsx")

    def handle(self, *args, out: str, **options) -> None:
        data = build()
        try:
            Path(out).write_bytes(data)
        except OSError as error:
            raise CommandError(
                _("The file %(path)s cannot be written: %(reason)s") % {"path": out, "reason": error.strerror}
            ) from error
        self.stdout.write(_("The sample form was written to %(path)s.") % {"path": out})
