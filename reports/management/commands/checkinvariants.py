"""`checkinvariants`: exit 0 and one line of figures, or exit 1 and each broken row."""

import sys
import time

from django.core.management.base import BaseCommand
from django.utils import translation

from ... import invariants


class Command(BaseCommand):
    help = "Prove the stored data consistent: deadlines, histories, hashes, latches, snapshots, clocks, disputes, requests, money, seats, terms."

    def add_arguments(self, parser):
        parser.add_argument(
            "--files",
            action="store_true",
            help="also read every file of evidence, disputes, requests, documents and forms, compare its hash, and name files that have no row",
        )
        parser.add_argument(
            "--list", action="store_true", help="check nothing; print what is checked, a sentence a line"
        )
        parser.add_argument(
            "--language", choices=["fa", "en"], default="fa", help="of the sentences of --list (default: fa)"
        )
        parser.add_argument("--progress", action="store_true", help="say after each check how long it took")

    def handle(self, *args, files: bool, progress: bool, **options):
        checks = invariants.every_check(files=files)
        if options["list"]:
            with translation.override(options["language"]):
                for check in invariants.every_check(files=True):
                    self.stdout.write(str(check.sentence))
            return
        broken = 0
        for number, check in enumerate(checks, 1):
            began = time.process_time()
            for row in check():
                broken += 1
                self.stderr.write(row)
            if progress:
                self.stdout.write(f"{number}/{len(checks)} {check.name} {time.process_time() - began:.1f}s")
                self.stdout.flush()
        if broken:
            sys.exit(1)
        self.stdout.write(" ".join(f"{noun}={count}" for noun, count in invariants.figures().items()))
