"""What deadlines did, recorded. Each is true at once for every reader (models/status.py); these sweeps latch it and tell people.

Every sweep may run twice, late, or never: it takes the lock, looks again, and changes only what nobody has recorded.
"""

from datetime import datetime

from django.db import transaction

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.locks import hold_call
from units.actions.events import record, tell

from .. import notices
from ..enums import CallPhase, CallState, ReportState, ReportStatus, ReportVerb
from ..models import Call, Report, Revision, Snapshot
from ..queries import reports_at
from ..queries.results import final_instant
from .locking import lock_report
from .returns import lapse_return


def record_openings() -> int:
    """Record each published call whose opening has passed, and tell its units. Returns how many this run recorded."""
    done = 0
    at = database_now()
    for call in Call.objects.published().filter(opens_at__lte=at, opening_recorded_at__isnull=True):
        with transaction.atomic():
            # The conditional UPDATE is the claim: a second worker changes 0 rows.
            claimed = Call.objects.published().filter(pk=call.pk, opening_recorded_at__isnull=True, opens_at__lte=at)
            if claimed.update(opening_recorded_at=at) != 1:
                continue
            event = _of_call(ReportVerb.OPEN, call, at, {"opens_at": call.opens_at.isoformat()})
            tell(event, notices.call_opened(call, at))
            done += 1
    return done


def record_closings() -> int:
    """Latch the last moments that have passed and append a completeness snapshot for each. Returns reports latched."""
    at = database_now()
    waiting = set(Report.objects.due(at).order_by().values_list("call_id", flat=True))
    ended = Call.objects.with_phase(at).filter(phase=CallPhase.CLOSED, snapshots__isnull=True)
    return sum(record_closing(call_id) for call_id in sorted(waiting | set(ended.values_list("pk", flat=True))))


def record_closing(call_id: int) -> int:
    """One call's share of `record_closings`. Holds the call alone, so that the snapshot equals what was accepted."""
    with transaction.atomic():
        hold_call(call_id)
        at = database_now()  # after the wait: submitters that held the call have committed
        call = Call.objects.with_phase(at).get(pk=call_id)
        if call.state != CallState.PUBLISHED:
            return 0
        due = list(Report.objects.due(at).filter(call=call).order_by("id").values_list("pk", "last_moment"))
        moments = {moment for _pk, moment in due}
        if call.phase == CallPhase.CLOSED and not call.snapshots.exists():
            moments.add(call.grace_ends_at)  # also where every unit has an extension: it names those still open
        for moment in sorted(moments):
            ids = [pk for pk, own in due if own == moment]
            Report.objects.filter(pk__in=ids).update(closed_for=moment)
            _take_snapshot(call, moment, ids, at)
    return len(due)


def _take_snapshot(call: Call, moment: datetime, closed_ids: list[int], at: datetime) -> Snapshot:
    """Completeness as it stood at `moment`; tells the units that missed it and the coordinators."""
    submitted, missed, still_open = [], [], []
    last_revisions = _last_revisions(call, moment)
    reports = Report.objects.filter(call=call).asked().with_last_moment().order_by("id")
    for pk, code, own_moment in reports.values_list("pk", "tracking_code", "last_moment"):
        if pk in last_revisions:
            submitted.append([code, last_revisions[pk]])
        elif own_moment > moment:
            still_open.append(code)
        else:
            missed.append(code)
    snapshot = Snapshot.objects.create(
        call=call, number=call.snapshots.count() + 1, as_of=moment, taken_at=at, submitted=submitted, missed=missed, open=still_open
    )  # fmt: skip
    figures = {
        "as_of": moment.isoformat(),
        "closed": len(closed_ids),
        "submitted": len(submitted),
        "missed": len(missed),
        "open": len(still_open),
    }
    event = _of_call(ReportVerb.CLOSE, call, at, figures)
    just_missed = Report.objects.filter(pk__in=closed_ids, revisions__isnull=True)
    tell(event, notices.call_closed(call, len(missed), len(submitted), just_missed, at))
    return snapshot


def _last_revisions(call: Call, moment: datetime) -> dict[int, str]:
    """Report id → hash of its last first-submission revision before `moment` (answers to a return are not of the call's window)."""
    found = Revision.objects.filter(report__call=call, correction_round=0, submitted_at__lt=moment).order_by("number")
    return dict(found.values_list("report_id", "sha256"))


def _of_call(verb: ReportVerb, call: Call, at: datetime, data: dict):
    provider = call.service.provider
    return record(
        verb,
        noun="call",
        key=call.pk,
        at=at,
        by=None,
        path=provider.path,
        unit_id=provider.pk,
        call_id=call.pk,
        data=data,
    )


def record_lapsed_corrections() -> int:
    """A return that was not answered by its deadline: the last revision stands, review resumes, the pause ends at the deadline."""
    done = 0
    for report in Report.objects.filter(state=ReportState.RETURNED, correction_due_at__lte=database_now()).order_by(
        "id"
    ):
        with transaction.atomic():
            fresh, at = lock_report(report)
            if fresh.state != ReportState.RETURNED or fresh.correction_due > at:
                continue  # answered, or recorded by another worker, while this one waited
            lapse_return(fresh, at)
            done += 1
    return done


def _of_report(verb: ReportVerb, report: Report, at: datetime, data: dict):
    return record(
        verb, noun="report", key=report.tracking_code, at=at, by=None, path=report.unit_path, unit_id=report.unit_id,
        call_id=report.call_id, data=data,
    )  # fmt: skip


def record_final_results() -> int:
    """Latch `final_at` where time or a dispute's end made a result final, and tell the unit. Returns how many."""
    done = 0
    now = database_now()
    ready = reports_at(now).filter(state=ReportState.ANNOUNCED, final_at__isnull=True, status=ReportStatus.FINAL)
    for report in ready.order_by("id"):
        with transaction.atomic():
            fresh, at = lock_report(report)
            if fresh.final_at is not None or fresh.status != ReportStatus.FINAL:
                continue
            latch_final(fresh, at)
            done += 1
    return done


def latch_final(report: Report, at: datetime) -> None:
    """Part of a verb: record the instant at which the result became final. The report is locked and final by status."""
    report.final_at = final_instant(report)
    report.save(update_fields=["final_at"])
    event = _of_report(ReportVerb.FINAL, report, at, {"final_at": report.final_at.isoformat()})
    tell(event, notices.result_final(report, at))
