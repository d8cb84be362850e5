"""`manage.py seedholidays 1405 1406`: put the official holidays of these Jalali years into the working calendar."""

from django.core.management.base import BaseCommand

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.jalali import to_jalali
from sla.actions.calendar import seed_holidays


class Command(BaseCommand):
    help = "Adds the official holidays of Jalali years (without years: last year to the year after next)."

    def add_arguments(self, parser):
        parser.add_argument("years", nargs="*", type=int)

    def handle(self, *args, years, **options):
        this_year = to_jalali(tehran_date(database_now()))[0]
        years = years or range(this_year - 1, this_year + 3)
        self.stdout.write(f"{seed_holidays(years=years, by=None)} days added.")
