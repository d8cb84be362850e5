"""`checkinvariants`: exit 0 and one line of figures, or exit 1 and each broken row."""

import sys

from django.core.management.base import BaseCommand

from ... import invariants
from ...invariants import disputes as invariants_disputes
from ...invariants import requests as invariants_requests
from ...invariants import terms as invariants_terms


class Command(BaseCommand):
    help = "Prove the stored data consistent: deadlines, histories, hashes, latches, snapshots, clocks, disputes, requests, money, seats, terms."

    def add_arguments(self, parser):
        parser.add_argument(
            "--files",
            action="store_true",
            help="also read every file of evidence, disputes and requests, compare its hash, and name files that have no row",
        )

    def handle(self, *args, files: bool = False, **options):
        rows = list(invariants.broken())
        if files:
            rows += [*invariants.evidence_is_on_disk(), *invariants_disputes.attachments_are_on_disk()]
            rows += invariants_requests.request_files_are_on_disk()
            rows += invariants_terms.logo_is_on_disk()
            rows += invariants.files_have_rows()
        if rows:
            for row in rows:
                self.stderr.write(row)
            sys.exit(1)
        self.stdout.write(" ".join(f"{noun}={count}" for noun, count in invariants.figures().items()))
