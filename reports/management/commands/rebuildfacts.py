"""`rebuildfacts`: the facts of analysis, written again out of the announced results."""

from django.core.management.base import BaseCommand

from ...actions.facts import rebuild_facts
from ...models import Call


class Command(BaseCommand):
    help = (
        "Write the facts that analysis reads again, out of the announced results. Safe at any time, while people work."
    )

    def add_arguments(self, parser):
        parser.add_argument("--call", type=int, help="only this call (its number)")

    def handle(self, *args, call: int | None = None, **options):
        calls = Call.objects.filter(first_announced_at__isnull=False).order_by("pk")
        if call is not None:
            calls = calls.filter(pk=call)
        self.stdout.write(f"{rebuild_facts(calls.iterator())} results")
