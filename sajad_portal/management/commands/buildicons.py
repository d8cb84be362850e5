"""Writes static/vendor/icons.svg; set-up calls it after npm."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sajad_portal.lib.icons import NAMES, sprite


class Command(BaseCommand):
    help = "Join our glyphs and the Bootstrap icons that the pages use into static/vendor/icons.svg."
    requires_system_checks = []

    def handle(self, *args, **options):
        icons = Path(settings.BASE_DIR) / "node_modules" / "bootstrap-icons" / "icons"
        target = Path(settings.BASE_DIR) / "static" / "vendor" / "icons.svg"
        try:
            drawing = sprite(icons)
        except FileNotFoundError as error:
            raise CommandError(
                f"{error.filename} is missing: run `npm ci` first, or correct static/icons/names.txt."
            ) from error
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(drawing)
        self.stdout.write(f"{len(NAMES)} icons in {target.relative_to(settings.BASE_DIR)}")
