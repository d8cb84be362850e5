"""Files made in the background: ordered once, made by whichever worker claims them, kept for a while, then deleted.

How a worker claims an order and shows that it is alive: background.py.
"""

import hashlib
import json
import logging
import secrets
import tempfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.codes import new_code
from sajad_portal.lib.doorbell import ring
from sajad_portal.lib.errors import Forbidden, Refused, promised
from sajad_portal.lib.numbers import local_digits
from sajad_portal.lib.stores import disk_full, is_full
from units.actions.events import record, tell
from units.models import Person

from ..enums import ReportVerb
from ..models import Export
from ..models.background import ATTEMPTS
from ..notices.exports import export_ready
from ..rules.exports import EXPORT_KINDS, is_within, read_scope
from .background import Beats, ClaimLost, claim_order, claimed_order, due_orders

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=3)
MOST_OPEN = 4  # of one person at a time


# --------------------------------------------------------------------------------------------------------- ordering
def request_export(*, kind: str, parameters: dict, language: str, by: Person) -> Export:
    """Order a file. The same order twice, while the first is not made, is one export.

    Forbidden where the kind is not for this person; Refused with too many orders open.
    """
    found = EXPORT_KINDS[kind]
    try:
        with transaction.atomic():
            at = database_now()
            if not found.may_have(by, parameters, at):
                raise Forbidden(_("This file is for those who may read all that stands in it."))
            if Export.objects.filter(Export.OPEN, requested_by=by).count() >= MOST_OPEN:
                _same_or_too_many(found.key, parameters, language, by)
            with translation.override(language):
                title = found.title(parameters)
            export = Export.objects.create(
                key=new_code(), kind=kind, title=title[:250], parameters=parameters, language=language,
                fingerprint=order_fingerprint(kind, parameters, language), scope=read_scope(by, at), requested_at=at, requested_by=by,
            )  # fmt: skip
            record(
                ReportVerb.REQUEST_EXPORT,
                noun="export",
                key=export.key,
                at=at,
                by=by,
                data={"kind": kind, **parameters},
            )
            transaction.on_commit(_ring)
    except IntegrityError:
        return Export.objects.get(
            Export.OPEN, requested_by=by, fingerprint=order_fingerprint(kind, parameters, language)
        )
    return export


def _same_or_too_many(kind: str, parameters: dict, language: str, by: Person) -> None:
    same = Export.objects.filter(
        Export.OPEN, requested_by=by, fingerprint=order_fingerprint(kind, parameters, language)
    )
    if not same.exists():
        raise Refused(
            _("%(n)s files are being made for you already. Order this one when one of them is ready.")
            % {"n": local_digits(MOST_OPEN)},
            code="too-many-exports",
        )


def order_fingerprint(kind: str, parameters: dict, language: str) -> str:
    body = json.dumps([kind, parameters, language], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()


def _ring() -> None:
    ring("reports.tasks.make_exports")


# ----------------------------------------------------------------------------------------------------------- making
class TellProgress(Protocol):
    """`progress(done, total)`: tells how far it is, and stops the making where another worker has taken over."""

    def __call__(self, done: int, total: int) -> None: ...


# {kind: what writes the file of an order to a path}; the task brings it, for a verb knows no page.
Makers = Mapping[str, Callable[[Person, dict, Path, TellProgress], None]]


def make_exports(makers: Makers) -> int:
    """A sweep: make what is ordered and in nobody's hands, oldest first; how many were made."""
    made = 0
    for pk in due_orders(Export, database_now()).order_by("requested_at").values_list("pk", flat=True)[:50]:
        made += make_export(pk, makers)
    return made


def make_export(pk: int, makers: Makers) -> bool:
    """Claim one order and make its file. False where somebody else has it, or it could not be made."""
    if not claim_order(Export, pk):
        return False
    export = Export.objects.select_related("requested_by").get(pk=pk)
    if export.attempts > ATTEMPTS:
        _fail(export, _("The file could not be made. Order it again; if that fails too, tell the portal’s operators."))
        return False
    try:
        with translation.override(export.language), tempfile.TemporaryDirectory() as folder:
            return _make(export, Path(folder, "file"), makers[export.kind])
    except ClaimLost:
        return False
    except Refused as refusal:
        _fail(export, str(refusal))
    except Exception as error:
        if is_full(error):
            logger.error("No room left to make export %s: %s", export.key, error)
            _fail(export, str(disk_full()))
            return False
        # It stays claimed until its beat is old; then another attempt begins, ATTEMPTS in all.
        logger.exception("Export %s could not be made.", export.key)
    return False


def _make(export: Export, path: Path, write: Callable) -> bool:
    kind, by = EXPORT_KINDS[export.kind], export.requested_by
    at = database_now()
    if not by.is_active or not kind.may_have(by, export.parameters, at):
        _fail(export, _("The membership that this file was ordered with has ended."))
        return False
    scope = read_scope(by, at)
    write(by, export.parameters, path, Beats(export, at))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        stored = default_storage.save(f"exports/{secrets.token_hex(16)}{kind.ending}", File(file))
    try:
        kept = _finish(export, stored, path.stat().st_size, digest, scope)
    except BaseException:
        default_storage.delete(stored)
        raise
    if not kept:
        default_storage.delete(stored)
    return kept


def _finish(export: Export, stored: str, size: int, digest: str, scope: list[str]) -> bool:
    kind = EXPORT_KINDS[export.kind]
    with transaction.atomic():
        at = database_now()
        ready = claimed_order(export).update(
            ready_at=at, expires_at=at + KEPT_FOR, file=stored, name=kind.name(export.parameters), scope=scope,
            media_type=kind.media_type, size=size, sha256=digest, done=F("total"), beat_at=None,
        )  # fmt: skip
        if not ready:
            return False
        event = record(
            ReportVerb.MAKE_EXPORT,
            noun="export",
            key=export.key,
            at=at,
            by=None,
            data={"kind": export.kind, "sha256": digest},
        )
        tell(event, export_ready(export))
    return True


def _fail(export: Export, trouble: str) -> None:
    with transaction.atomic():
        at = database_now()
        if claimed_order(export).update(failed_at=at, trouble=trouble) == 1:
            record(ReportVerb.FAIL_EXPORT, noun="export", key=export.key, at=at, by=None, data={"trouble": trouble})


# --------------------------------------------------------------------------------------------- fetching and forgetting
def fetch_export(*, export: Export, by: Person) -> Export:
    """The export with its file, for whoever ordered it. Asked again: whose it is, whether the right still stands and all
    that went in is still within reach, whether it has expired."""
    with transaction.atomic():
        export = Export.objects.select_for_update().get(pk=export.pk)
        at = database_now()
        kind = EXPORT_KINDS.get(export.kind)
        if (
            export.requested_by_id != by.pk
            or kind is None
            or not kind.may_have(by, export.parameters, at)
            or not is_within(export.scope, read_scope(by, at))
        ):
            raise Forbidden(
                _(
                    "Your reach is no longer what it was when this file was made. Order it again; it will hold what you may see."
                )
            )
        if export.ready_at is None or export.expires_at is None:  # both or neither: export_ready_expires
            raise Refused(_("The file is not ready yet."), code="not-ready")
        if export.removed_at or at >= export.expires_at:
            raise Refused(_("The file has expired. Order it again."), code="expired")
        record(ReportVerb.FETCH_EXPORT, noun="export", key=export.key, at=at, by=by, data={"kind": export.kind})
    return export


def remove_exports() -> int:
    """A sweep: delete the files whose time is over; how many. Deleting twice deletes once."""
    removed = 0
    due = Export.objects.filter(ready_at__isnull=False, removed_at__isnull=True, expires_at__lte=database_now())
    for export in due.order_by("expires_at")[:500]:
        default_storage.delete(promised(export.file.name, "export_ready_has_file"))
        removed += Export.objects.filter(pk=export.pk, removed_at__isnull=True).update(
            removed_at=database_now(), file=""
        )
    return removed
