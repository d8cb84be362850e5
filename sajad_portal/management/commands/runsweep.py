"""`runsweep`: what a worker would do, once and in this process: for the hour in which no worker runs."""

import importlib

from django.core.management.base import BaseCommand, CommandError

from sajad_portal.sweeps import PARTS, SWEEPS
from units.actions.heartbeats import say_alive


class Command(BaseCommand):
    help = (
        "Runs a sweep once, here and now. Sweeps take turns under locks of the database: a worker that runs beside it does no harm. "
        "Without a name: lists them."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", nargs="*", help="such as closings, notices, seal")

    def handle(self, *args, **options):
        tasks = {part: task for task, part in PARTS.items()}
        if not options["name"]:
            for part, task in tasks.items():
                self.stdout.write(f"{part:<11} {task}, every {SWEEPS[task]} s")
            return
        if strange := [name for name in options["name"] if name not in tasks]:
            raise CommandError(f"No sweep is called {', '.join(strange)}. There are: {', '.join(tasks)}.")
        for name in options["name"]:
            module, _dot, function = tasks[name].rpartition(".")
            done = getattr(importlib.import_module(module), function)()
            say_alive(part=name)
            self.stdout.write(f"{name}: {int(done or 0)}")
