"""Files that nobody needs leave the store."""

from django.core.files.storage import default_storage
from django.db import transaction

from sajad_portal.lib.clock import database_now

from ..queries.files import ORPHANED_AFTER, discarded_evidence, unnamed_files
from .quotas import forget_evidence


def remove_orphans() -> int:
    """A sweep: delete what no row names, and evidence that left its draft before anybody was asked to sign; how many files.

    Both only after a day. It may run twice, late, or never: a row goes before its file, and a file whose row is gone is
    found the next time.
    """
    before = database_now() - ORPHANED_AFTER
    removed = 0
    for evidence in discarded_evidence(before).select_related("report").order_by("pk"):
        with transaction.atomic():
            name = forget_evidence(evidence)
        if name:
            default_storage.delete(name)
            removed += 1
    for name in list(unnamed_files(before)):
        default_storage.delete(name)
        removed += 1
    return removed
