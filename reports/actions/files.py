"""Files that nobody needs leave the store."""

from django.core.files.storage import default_storage

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import promised

from ..models import Evidence, Revision
from ..queries.files import ORPHANED_AFTER, discarded_evidence, unnamed_files


def remove_orphans() -> int:
    """A sweep: delete what no row names, and evidence that left its draft before anybody was asked to sign; how many files.

    Both only after a day. It may run twice, late, or never: a row goes before its file, and a file whose row is gone is
    found the next time.
    """
    before = database_now() - ORPHANED_AFTER
    removed = 0
    for evidence in discarded_evidence(before).order_by("pk"):
        # Evidence that was taken out never comes back; who deletes the row deletes the file.
        if not _is_named(evidence) and Evidence.objects.filter(pk=evidence.pk, removed_at__lt=before).delete()[0]:
            default_storage.delete(promised(evidence.file.name, "add_evidence"))
            removed += 1
    for name in list(unnamed_files(before)):
        default_storage.delete(name)
        removed += 1
    return removed


def _is_named(evidence: Evidence) -> bool:
    """Whether a revision names it after all. Instants say that none does; its hash is for ever, so it is asked as well."""
    kept = Revision.objects.filter(report=evidence.report_id).values_list("evidence", flat=True)
    return any(item["id"] == evidence.pk or item["sha256"] == evidence.sha256 for items in kept for item in items)
