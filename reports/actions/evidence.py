"""Putting evidence beside an indicator, and taking it out of the draft again."""

import secrets
from collections.abc import Container, Mapping
from pathlib import PurePath

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.files import FILMS, SOUNDS, Inspected, inspect
from sajad_portal.lib.jalali import to_jalali
from sajad_portal.lib.numbers import local_digits
from units.actions.events import record
from units.models import Person

from ..enums import ReportVerb
from ..models import Evidence, Report
from ..queries import asked_of
from ..queries.drafts import FILE, collect, editable_names
from ..queries.table_rows import is_there, table_of_name
from ..xlsform import FormDefinition, Question
from ..xlsform.tables import row_of
from .drafts import require_draft, section_row, touch
from .locking import lock_report, next_report_state
from .quotas import NoRoom, record_no_room, take_room

PICTURES = {".jpg", ".jpeg", ".png"}
KINDS = {".pdf", ".jpg", ".jpeg", ".png", ".zip", ".xlsx", ".docx", ".csv"}


def add_evidence(*, report: Report, indicator: str, upload: UploadedFile, by: Person) -> Evidence:
    """Store a file for an indicator, or for a file question (`file:<question>`: it replaces the one before).

    Refused, with nothing stored, for its size, its content, a copy of what is there, too many, no room for it (NoRoom), or a
    report that takes no changes. The file is written before the locks are taken, so that a slow disk keeps nobody waiting.
    """
    question = _asking(asked_of(report), indicator)
    found = inspect(upload, max_bytes=settings.EVIDENCE_MAX_BYTES, allowed=kinds_for(question))
    path = _store(upload, found.name)
    try:
        with transaction.atomic():
            evidence = _add(report, indicator, found, path, by)
    except BaseException as error:
        default_storage.delete(path)
        if isinstance(error, NoRoom):
            record_no_room(report=report, of_call=error.of_call, by=by)
        raise
    return evidence


def kinds_for(question: Question | None) -> set[str]:
    """The endings of files that it takes; None is evidence of an indicator."""
    wanted = question.parameters.get("accept", "") if question else ""
    return {"audio": SOUNDS, "video": FILMS}.get(wanted, KINDS)


def _asking(definition: FormDefinition, key: str) -> Question | None:
    return definition.question(key.removeprefix(FILE)) if key.startswith(FILE) else None


def _store(upload: UploadedFile, name: str) -> str:
    """Under a name that nobody can guess: the name people gave it is only a column."""
    year, month, _day = to_jalali(tehran_date(database_now()))
    upload.seek(0)
    return default_storage.save(
        f"evidence/{year}/{month:02}/{secrets.token_hex(16)}{PurePath(name).suffix.lower()}", File(upload.file)
    )


def _add(report: Report, indicator: str, found: Inspected, path: str, by: Person) -> Evidence:
    report, at = lock_report(report)
    membership = require_draft(report, by, at)
    state = next_report_state(report, "draft")
    definition = asked_of(report)
    draft = collect(report, definition=definition)
    _check_indicator(definition, indicator, editable_names(report, definition), draft.answers)
    _check_picture(definition, indicator, found)
    present = draft.files_of(indicator)
    if any(item.sha256 == found.sha256 for item in present):
        raise Refused(_("“%(name)s” is already here.") % {"name": found.name}, code="already-there")
    if not indicator.startswith(FILE) and len(present) >= settings.EVIDENCE_MAX_FILES:
        raise Refused(
            _("There are %(n)s files here already, which is the most. Remove one, or pack them into one ZIP.")
            % {"n": local_digits(len(present))},
            code="too-many",
        )
    if indicator.startswith(FILE):
        for item in present:
            item.removed_at, item.removed_by = at, by
            item.save(update_fields=["removed_at", "removed_by"])
    evidence = Evidence.objects.create(
        replaces=take_room(report, indicator, found.size, at),
        report=report, indicator=indicator, name=found.name, file=path, media_type=found.media_type, size=found.size,
        sha256=found.sha256, uploaded_at=at, uploaded_by=by,
    )  # fmt: skip
    if report.quota_reached_at is not None:
        report.quota_reached_at = None
        report.save(update_fields=["quota_reached_at"])
    if indicator.startswith(FILE):
        _answer_file(report, definition, indicator, str(evidence.pk), at, by)
    touch(report, state, at)
    _record(ReportVerb.ADD_EVIDENCE, report, evidence, at, by, membership)
    return evidence


def _check_indicator(
    definition: FormDefinition, indicator: str, allowed: Container[str] | None, written: Mapping[str, str]
) -> None:
    if indicator.startswith(FILE):
        name = indicator.removeprefix(FILE)
        question, table = definition.question(name), table_of_name(definition, name)
        known = bool(question and question.takes_file) and (table is not None) == bool(question and question.table)
        if known and table and not is_there(definition, table, row_of(name), written):
            raise Refused(_("This row is not here any more: a colleague took it out. Reload the page."), code="no-row")
    else:
        found = definition.indicator(indicator)
        known = bool(found and not found.source)
    if not known:
        raise Refused(_("This form has no such indicator. Reload the page."), code="no-indicator")
    if allowed is not None and indicator not in allowed:
        raise Refused(
            _("Only what the remarks name can be corrected now; this stays as it was submitted."), code="not-remarked"
        )


def _check_picture(definition: FormDefinition, indicator: str, found: Inspected) -> None:
    question = _asking(definition, indicator)
    if question and question.takes_picture and PurePath(found.name).suffix.lower() not in PICTURES:
        raise Refused(
            _("This question asks for a picture and “%(name)s” is none. Choose a file that ends in: %(known)s.")
            % {"name": found.name, "known": " ".join(sorted(PICTURES))},
            code="not-a-picture",
        )


def _answer_file(report: Report, definition: FormDefinition, indicator: str, value: str, at, by: Person) -> None:
    """A file question's answer is the key of its file."""
    question = definition.question(indicator.removeprefix(FILE))
    if question is None:
        return
    row = section_row(report, definition, question.section, at=at, by=by)
    row.version += 1
    row.answers = {**row.answers, question.name: {"v": value, "n": row.version, "by": by.pk, "at": at.isoformat()}}
    row.saved_at, row.saved_by = at, by
    row.save()


@transaction.atomic
def remove_evidence(*, report: Report, evidence: Evidence, by: Person) -> Evidence:
    """Take a file out of the draft. Row and file stay for a day, and for ever where a revision or a round of signing names
    them (`actions/files.py`). A second click changes nothing."""
    report, at = lock_report(report)
    membership = require_draft(report, by, at)
    evidence = Evidence.objects.select_for_update().get(pk=evidence.pk, report=report)
    if evidence.removed_at is not None:
        return evidence
    state = next_report_state(report, "draft")
    definition = asked_of(report)
    draft = collect(report, definition=definition)
    _check_indicator(definition, evidence.indicator, editable_names(report, definition), draft.answers)
    evidence.removed_at, evidence.removed_by = at, by
    evidence.save(update_fields=["removed_at", "removed_by"])
    if evidence.indicator.startswith(FILE):
        _answer_file(report, definition, evidence.indicator, "", at, by)
    touch(report, state, at)
    _record(ReportVerb.REMOVE_EVIDENCE, report, evidence, at, by, membership)
    return evidence


def _record(verb: ReportVerb, report: Report, evidence: Evidence, at, by: Person, membership) -> None:
    record(
        verb, noun="report", key=report.tracking_code, at=at, by=by, membership=membership,
        path=report.unit_path, unit_id=report.unit_id, call_id=report.call_id,
        data={"evidence": evidence.pk, "indicator": evidence.indicator, "sha256": evidence.sha256},
    )  # fmt: skip
