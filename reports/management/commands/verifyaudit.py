"""`verifyaudit`: exit 0 and one line of figures, or exit 1 and each row and link that is not as it was sealed."""

import re
import sys

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sajad_portal.lib.clock import database_now

from ...actions.sealing import seal_restore, seal_rows
from ...queries.seals import broken_seals, seal_figures

HEAD = re.compile(r"([0-9]+):([0-9a-fA-F]{64})")


def read_head(text: str) -> tuple[int, str]:
    """A head as it is made public. Raises CommandError."""
    if not (found := HEAD.fullmatch(text.strip())):
        raise CommandError(
            f"“{text}” is no published head: it is the number of a link, a colon and 64 hexadecimal digits."
        )
    return int(found[1]), found[2].lower()


class Command(BaseCommand):
    help = "Prove that nothing sealed was changed, removed, put in or moved: the audit trail, revisions, results, acceptances, ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--published", action="append", default=[], metavar="NUMBER:SHA256",
            help="a head that was made public (the page “Seal of the records”, a mail): the chain must still have it",
        )  # fmt: skip
        parser.add_argument(
            "--seal", action="store_true", help="first seal what waits, instead of leaving it to the worker"
        )
        parser.add_argument(
            "--restored-from", default="", metavar="BACKUP",
            help="tell in the chain that this database was restored, and from what; with --published, how much is missing",
        )  # fmt: skip

    def handle(self, *args, published: list[str], restored_from: str, seal: bool, **options) -> None:
        heads = [read_head(text) for text in published]
        if restored_from:
            told = seal_restore(source=restored_from, published=max((number for number, _sha in heads), default=0))
            self.stdout.write(
                f"restored from {restored_from}: {told.said['missing']} links published after it are missing"
            )
            return
        if seal:
            seal_rows()
        broken = 0
        for line in broken_seals(heads):
            broken += 1
            self.stderr.write(line)
        if broken:
            sys.exit(1)
        found, now = seal_figures(), database_now()
        age = max(0, int((now - found.waiting_since).total_seconds())) if found.waiting_since else 0
        self.stdout.write(
            f"seals={found.seals} rows={found.rows} unsealed_events={found.waiting} unsealed_age={age}s head={found.seals}:{found.head}"
        )
