"""Evidence: what is counted of it, and what took another file's place."""

from collections.abc import Iterator

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext_lazy as _

from ..models import Evidence, EvidenceTotal, Revision
from .saying import holds


@holds(_("The count of a call’s evidence is what is stored."))
def totals_are_what_is_stored() -> Iterator[str]:
    """A call whose evidence was never counted has no total; its first upload counts it."""
    stored = {
        row["report__call"]: (row["size"], row["files"])
        for row in Evidence.objects.order_by().values("report__call").annotate(size=Sum("size"), files=Count("pk"))
    }
    for call, size, files in EvidenceTotal.objects.values_list("call", "size", "files"):
        if (size, files) != stored.get(call, (0, 0)):
            yield f"evidence of call {call}: counted {files} with {size} bytes, stored are {stored.get(call, (0, 0))}"


@holds(_("A file that came without room stands in the place of one that a submission names."))
def replaced_files_are_of_revisions() -> Iterator[str]:
    """What came without room stands in the place of a file that a revision names and that left the draft."""
    beyond = Evidence.objects.filter(replaces__isnull=False)
    wrong = beyond.exclude(
        Q(report=F("replaces__report"), indicator=F("replaces__indicator"), replaces__removed_at__isnull=False)
    )
    for pk in wrong.values_list("pk", flat=True):
        yield f"evidence {pk}: took the place of a file of another report or indicator, or of one that stayed"
    for evidence in beyond:
        named = Revision.objects.filter(report=evidence.report_id).values_list("evidence", flat=True)
        if not any(item["id"] == evidence.replaces_id for items in named for item in items):
            yield f"evidence {evidence.pk}: took the place of a file that no revision names"


@holds(_("Every file that a submitted revision names is still there, as it was named."))
def named_files_are_there() -> Iterator[str]:
    stored = {
        pk: rest
        for pk, *rest in Evidence.objects.values_list("pk", "report", "sha256", "size").iterator(chunk_size=5000)
    }
    named = Revision.objects.exclude(evidence=[]).order_by("pk").values_list("pk", "report", "evidence")
    for pk, report, items in named.iterator(chunk_size=500):
        for item in items:
            if stored.get(item["id"]) != [report, item["sha256"], item["size"]]:
                yield f"revision {pk}: evidence {item['id']}, which it names, is gone or another"


EVIDENCE_CHECKS = (totals_are_what_is_stored, replaced_files_are_of_revisions, named_files_are_there)
