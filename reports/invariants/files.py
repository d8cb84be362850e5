"""What must be true of the store beside the database. Slow on large stores: `checkinvariants --files`."""

import hashlib
from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.clock import database_now
from sla.models import DisputeFile, Document, RequestFile
from units.models import Organisation

from ..models import Evidence, FormFile, FormVersion
from ..queries.files import ORPHANED_AFTER, unnamed_files
from .saying import Check, holds


def _on_disk(noun: str, rows: QuerySet, field: str = "file") -> Iterator[str]:
    """Each is there with the hash that its row keeps."""
    for row in rows.order_by("pk").iterator(chunk_size=500):
        try:
            with getattr(row, field).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            yield f"{noun} {row.pk}: its file is gone"
            continue
        if found != row.sha256:
            yield f"{noun} {row.pk}: its file has changed"


@holds(_("Every file of evidence is in the store and has not changed."))
def evidence_is_on_disk() -> Iterator[str]:
    yield from _on_disk("evidence", Evidence.objects.all())


@holds(_("Every file of a dispute is in the store and has not changed."))
def attachments_are_on_disk() -> Iterator[str]:
    yield from _on_disk("dispute file", DisputeFile.objects.all())


@holds(_("Every file of a general request is in the store and has not changed."))
def request_files_are_on_disk() -> Iterator[str]:
    yield from _on_disk("request file", RequestFile.objects.all())


@holds(_("Every document of a service is in the store and has not changed."))
def documents_are_on_disk() -> Iterator[str]:
    yield from _on_disk("document", Document.objects.all())


@holds(_("Every workbook that a form was read from is in the store and has not changed."))
def workbooks_are_on_disk() -> Iterator[str]:
    yield from _on_disk("form version", FormVersion.objects.defer("definition", "summary"), "workbook")


@holds(_("Every file beside a form’s workbook is in the store and has not changed."))
def files_beside_workbooks_are_on_disk() -> Iterator[str]:
    yield from _on_disk("form file", FormFile.objects.all())


@holds(_("The organisation’s logo is in the store."))
def logo_is_on_disk() -> Iterator[str]:
    for row in Organisation.objects.exclude(logo=""):
        if not row.logo.storage.exists(row.logo.name or ""):
            yield f"organisation {row.pk}: its logo {row.logo.name} is not in the store"


@holds(_("No file lies in the store that nothing names."))
def files_have_rows() -> Iterator[str]:
    """None that has stayed a day longer than the sweep leaves it."""
    for name in unnamed_files(database_now() - 2 * ORPHANED_AFTER):
        yield f"file {name}: nothing names it, and `remove_orphans` has not removed it"


FILE_CHECKS: tuple[Check, ...] = (
    evidence_is_on_disk,
    attachments_are_on_disk,
    request_files_are_on_disk,
    documents_are_on_disk,
    workbooks_are_on_disk,
    files_beside_workbooks_are_on_disk,
    logo_is_on_disk,
    files_have_rows,
)
