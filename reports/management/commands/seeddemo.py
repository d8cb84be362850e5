"""`seeddemo [--units N --calls M]`: the demo, or N×M reports for measuring. Refused in production and on a portal in use."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from units.models import Unit

from ...demo.seeding import seed, seed_large


class Command(BaseCommand):
    help = "Fill an empty portal with the demo; with --units and --calls, with that many finished reports."

    def add_arguments(self, parser):
        parser.add_argument("--units", type=int, default=0, help="finished reports of this many units …")
        parser.add_argument("--calls", type=int, default=0, help="… on this many past calls, instead of the demo")

    def handle(self, *args, units: int = 0, calls: int = 0, **options):
        if settings.PRODUCTION:
            raise CommandError("A production portal takes no demo data: its people have known passwords.")
        if Unit.objects.exists():
            raise CommandError("This portal has units already. The demo goes into an empty one.")
        if bool(units) != bool(calls):
            raise CommandError("--units and --calls go together.")
        log = self.stdout.write if options["verbosity"] else lambda line: None
        if units:
            seed_large(units, calls, log)
        else:
            seed(log)
