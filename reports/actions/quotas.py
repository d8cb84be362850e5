"""Room for evidence: counting a file in, saying that there is no room, giving more."""

from datetime import datetime
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import local_digits
from units.actions.events import claim_once, record, tell
from units.models import Membership, Person

from ..enums import CallState, ReportVerb
from ..models import Call, Evidence, EvidenceTotal, Report
from ..notices import quotas as notices
from ..queries.quotas import (
    Room,
    call_limits,
    call_total,
    discarded_of,
    replaceable,
    stored_room,
    unit_limits,
)
from ..rules import unit_membership
from ..rules.quotas import can_raise_quotas, quota_membership
from .locking import lock_call, lock_report, require

MOST_MB, MOST_FILES = 10_000_000, 10_000_000  # what a column holds, with room to spare


class NoRoom(Refused):
    """No room for the file; `of_call`: the call's is used up, not the unit's own."""

    def __init__(self, room: Room, *, of_call: bool, provider: str):
        self.of_call = of_call
        told = {
            "used": local_digits(-(-room.size // (1024 * 1024))),
            "most": local_digits(room.most_mb),
            "files": local_digits(room.files),
            "most_files": local_digits(room.most_files),
            "provider": provider,
        }
        if of_call:
            words = _(
                "There is no room for this file: the units of this call hold %(used)s of %(most)s MB and %(files)s of %(most_files)s files together. The coordinators of “%(provider)s” have been told and can give more room at once; then attach the file again. Your answers are kept."
            )
        else:
            words = _(
                "There is no room for this file: your unit holds %(used)s of %(most)s MB and %(files)s of %(most_files)s files in this call. Remove a file that is not needed, or wait a moment: the coordinators of “%(provider)s” have been told and can give more room at once. Your answers are kept."
            )
        super().__init__(words % told, code="no-room-in-call" if of_call else "no-room-of-unit")


# ------------------------------------------------------------------------------------------------- counting a file in
def hold_total(call_id: int) -> EvidenceTotal:
    """Part of a verb: the call's total, held until the transaction ends. Taken before a row of evidence is added or deleted.

    A call's first is counted. Whoever counted differently before it stood had to add it as well, and one of the two is
    refused by its key: that one reads the row of the other, once that is committed.
    """
    held = EvidenceTotal.objects.select_for_update()
    if found := held.filter(call=call_id).first():
        return found
    EvidenceTotal.objects.bulk_create([EvidenceTotal(call_id=call_id, **call_total(call_id))], ignore_conflicts=True)
    return held.get(call=call_id)


def take_room(report: Report, indicator: str, size: int, at: datetime) -> Evidence | None:
    """Part of `add_evidence`, under the report's lock: count the file in. The file whose place it takes, where there is no
    room otherwise; NoRoom where there is none at all.

    What left the draft unnamed makes room at once instead of after a day.
    """
    if not stored_room(report).takes(size):
        _discard(report, at)
    unit = stored_room(report)
    total = hold_total(report.call_id)
    if not _of_call(report.call, total).takes(size):
        _discard(report, at)
        total.refresh_from_db()
    call = _of_call(report.call, total)
    replaced = None
    if not (unit.takes(size) and call.takes(size)):
        replaced = replaceable(report, indicator)
        if replaced is None:
            provider = report.call.service.provider.name
            raise NoRoom(call if unit.takes(size) else unit, of_call=unit.takes(size), provider=provider)
    _count(total, size, 1)
    return replaced


def _of_call(call: Call, total: EvidenceTotal) -> Room:
    return Room(total.size, total.files, *call_limits(call))


def _discard(report: Report, at: datetime) -> None:
    for evidence in discarded_of(report, at).order_by("pk"):
        if name := forget_evidence(evidence):
            transaction.on_commit(partial(default_storage.delete, name))


def forget_evidence(evidence: Evidence) -> str:
    """Part of a verb or sweep, in its transaction: the row of what was taken out goes, where no revision names it, and is
    counted out. The file to delete once that is committed; nothing where the row stays, or another row names the file."""
    if is_named(evidence):
        return ""
    total = hold_total(evidence.report.call_id)
    # Evidence that was taken out never comes back; who deletes the row deletes the file.
    if not Evidence.objects.filter(pk=evidence.pk, removed_at__isnull=False).delete()[0]:
        return ""
    _count(total, -evidence.size, -1)
    name = str(evidence.file.name)
    return "" if Evidence.objects.filter(file=name).exists() else name


def is_named(evidence: Evidence) -> bool:
    """Whether a revision names it after all. Instants say that none does; its hash is for ever, so it is asked as well."""
    kept = evidence.report.revisions.values_list("evidence", flat=True)
    return any(item["id"] == evidence.pk or item["sha256"] == evidence.sha256 for items in kept for item in items)


def _count(total: EvidenceTotal, size: int, files: int) -> None:
    total.size += size
    total.files += files
    total.save(update_fields=["size", "files"])


# ------------------------------------------------------------------------------------------------------ none is left
@transaction.atomic
def record_no_room(*, report: Report, of_call: bool, by: Person) -> None:
    """A file found no room: the coordinators hear it once, until more is given or a file fits again."""
    report, at = lock_report(report)
    if report.quota_reached_at is not None:
        return
    report.quota_reached_at = at
    report.save(update_fields=["quota_reached_at"])
    event = _record_of_report(
        ReportVerb.REACH_QUOTA, report, at, by, unit_membership(by, report, at), {"of_call": of_call}
    )
    # Told once for so much room, not for each file: nobody's mailbox is filled by who tries again and again.
    whose, room = ("call", call_limits(report.call)) if of_call else ("unit", unit_limits(report.call, report))
    key = f"no-room:{whose}:{report.call_id if of_call else report.pk}:{room[0]}:{room[1]}"
    if claim_once(key, at):
        tell(event, notices.no_room(report, of_call, at))


# -------------------------------------------------------------------------------------------------------- giving more
@transaction.atomic
def raise_unit_quota(*, report: Report, mb: int, files: int, by: Person) -> Report:
    """Give one unit more room, at once. A second click changes nothing; less than it has is refused."""
    report, at = lock_report(report)
    membership = _may_raise(report.call, by, at, report)
    before = unit_limits(report.call, report)
    if (mb, files) == before:
        return report
    _check_more(before, (mb, files))
    report.quota_mb, report.quota_files, report.quota_reached_at = mb, files, None
    report.save(update_fields=["quota_mb", "quota_files", "quota_reached_at"])
    event = _record_of_report(
        ReportVerb.RAISE_QUOTA, report, at, by, membership, {"before": list(before), "after": [mb, files]}
    )
    tell(event, notices.more_room(report, at))
    return report


@transaction.atomic
def raise_call_quotas(*, call: Call, unit_mb: int, unit_files: int, mb: int, files: int, by: Person) -> Call:
    """Give every unit of the call, and all together, more room, at once. Units that found none are told.

    What a single unit was given beyond that stays. A second click changes nothing; less than there is is refused.
    """
    call, at = lock_call(call)
    membership = _may_raise(call, by, at)
    before, after = (*unit_limits(call), *call_limits(call)), (unit_mb, unit_files, mb, files)
    if after == before:
        return call
    _check_more(before, after)
    call.unit_quota_mb, call.unit_quota_files, call.quota_mb, call.quota_files = after
    call.save(update_fields=["unit_quota_mb", "unit_quota_files", "quota_mb", "quota_files"])
    reports = Report.objects.filter(call=call)
    reports.filter(quota_mb__lt=unit_mb).update(quota_mb=unit_mb)
    reports.filter(quota_files__lt=unit_files).update(quota_files=unit_files)
    waiting = reports.filter(quota_reached_at__isnull=False)
    event = record(
        ReportVerb.RAISE_QUOTA, noun="call", key=call.pk, at=at, by=by, membership=membership,
        path=call.service.provider.path, unit_id=call.service.provider_id, call_id=call.pk,
        data={"before": list(before), "after": list(after)},
    )  # fmt: skip
    tell(event, notices.more_room_in_call(call, waiting, at))
    waiting.update(quota_reached_at=None)
    return call


def _may_raise(call: Call, by: Person, at: datetime, report: Report | None = None) -> Membership | None:
    require(
        can_raise_quotas(by, call, at, report),
        _(
            "Only a coordinator of the provider who reports for no unit in this unit’s line, or an administrator, gives more room."
        ),
    )
    if call.state != CallState.PUBLISHED:
        raise Refused(_("This call takes no files now, so that more room would change nothing."), code="wrong-state")
    return quota_membership(by, call, at, report)


def _check_more(before: tuple[int, ...], after: tuple[int, ...]) -> None:
    if any(now < then for then, now in zip(before, after, strict=True)):
        raise Refused(_("Room can only be added. Write for each at least what there is already."), code="less-room")


def _record_of_report(verb: ReportVerb, report: Report, at, by: Person, membership: Membership | None, data: dict):
    return record(
        verb, noun="report", key=report.tracking_code, at=at, by=by, membership=membership,
        path=report.unit_path, unit_id=report.unit_id, call_id=report.call_id, data=data,
    )  # fmt: skip
