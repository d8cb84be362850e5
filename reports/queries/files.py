"""What the store holds beside what the database names: files that nothing names, evidence that nobody ever put forward."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.apps import apps
from django.core.files.storage import default_storage
from django.db.models import Exists, F, FileField, OuterRef, QuerySet

from ..models import Evidence, Revision, SignOffRound

# Nobody's transaction is so old that it may still name a file of that age, however wrong one host's clock is.
ORPHANED_AFTER = timedelta(days=1)
AT_ONCE = 500


def file_fields() -> dict[str, list[FileField]]:
    """{folder of the store: the columns whose files lie there}. Folders of nobody's are left alone."""
    found: dict[str, list[FileField]] = {}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, FileField):
                found.setdefault(str(field.upload_to).partition("/")[0], []).append(field)
    return found


def unnamed_files(before: datetime) -> Iterator[str]:
    """Files last written before that instant that no row names.

    A folder of which the database names no file at all tells of a wrong database, or of a store that is being put back:
    nothing in it is called unnamed.
    """
    for folder, fields in file_fields().items():
        present = list(_files_in(folder))
        named = _named(present, fields)
        if named:
            yield from (name for name in present if name not in named and _written_before(name, before))


def _named(names: list[str], fields: list[FileField]) -> set[str]:
    found: set[str] = set()
    for field in fields:
        for start in range(0, len(names), AT_ONCE):
            rows = field.model._default_manager.filter(**{f"{field.name}__in": names[start : start + AT_ONCE]})
            found.update(rows.values_list(field.name, flat=True))
    return found


def _files_in(folder: str) -> Iterator[str]:
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in names)
    for name in folders:
        yield from _files_in(f"{folder}/{name}")


def _written_before(name: str, before: datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < before
    except FileNotFoundError:  # another sweep had it
        return False


def discarded_evidence(before: datetime) -> QuerySet[Evidence]:
    """Taken out of its draft before that instant, and never in it when somebody asked for a signature or submitted.

    What stood there then is named for ever: by a revision with its hash, by a round of signing, by what a return answers.
    """
    stood = {"report": OuterRef("report")}
    asked = SignOffRound.objects.filter(
        **stood, requested_at__gte=OuterRef("uploaded_at"), requested_at__lte=OuterRef("removed_at")
    )
    submitted = Revision.objects.filter(
        **stood, submitted_at__gte=OuterRef("uploaded_at"), submitted_at__lte=OuterRef("removed_at")
    )
    # A clock that was put back between the two would hide what stood there in between.
    sound = Evidence.objects.filter(removed_at__lt=before, removed_at__gte=F("uploaded_at"))
    return sound.exclude(Exists(asked)).exclude(Exists(submitted))
