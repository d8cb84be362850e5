"""The portal's own reminders: of deadlines that come near, and to heads in whose unit nobody has written.

Each report's own deadline decides, its unit's extension counted. A reminder has an instant, some days before the deadline,
and leaves in the last working hour before that instant; what the scheduler slept through is not made up for afterwards,
the nearer reminder follows. A deadline that moves has instants of its own; who was told of it within the last working hour (an
extension, an opening, a late asking) knows it, and is not told again.

Every sweep may run twice, late, or never: it claims each reminder by a row that exists once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.locks import hold_call
from sla.queries import ReminderHour, reminder_hour
from units.actions.events import claim_once, record, tell
from units.models import Event

from .. import notices
from ..enums import UNSUBMITTED, CallState, ReportState, ReportVerb
from ..models import Call, Report
from ..models.querysets import ReportQuerySet

REMIND_BEFORE = (timedelta(days=1), timedelta(days=3))
REMIND_HEADS_BEFORE = timedelta(days=5)
MOVED = (ReportVerb.EXTEND, ReportVerb.CLOSE_EARLY)


def remind_of_deadlines() -> int:
    """Remind units before their deadline and before a correction's, once for each deadline and distance; heads earlier still,
    where nobody has written. Returns how many reminders this run made."""
    at = database_now()
    hour = reminder_hour(at)
    done = 0
    for call_id, due, before in _near(_unsent(at, hour), at, hour):
        done += _remind_units(call_id, due, before, at, hour)
    untouched = _unsent(at, hour).filter(state=ReportState.NOT_STARTED)
    for call_id, due, before in _near(untouched, at, hour, (REMIND_HEADS_BEFORE,)):
        done += _remind_heads(call_id, due, before, hour)
    return done + _remind_of_corrections(at, hour)


def _unsent(at: datetime, hour: ReminderHour) -> ReportQuerySet:
    """What can still be submitted and has not been, but for those whose people were told of the deadline just now."""
    just_now = Event.objects.filter(at__gt=hour.since)
    own = just_now.filter(noun="report", verb=ReportVerb.EXTEND, key=OuterRef("tracking_code"))
    whole = just_now.filter(noun="call", verb__in=MOVED, call_id=OuterRef("call_id"))
    told = Q(Exists(own)) | Q(Exists(whole), extension_until__isnull=True)
    return (
        Report.objects.before_result(at)
        .filter(call__state=CallState.PUBLISHED, status__in=UNSUBMITTED, is_open=True)
        .filter(call__opens_at__lte=hour.since, request__created_at__lte=hour.since)
        .exclude(told)
    )


def _near(
    reports: ReportQuerySet, at: datetime, hour: ReminderHour, distances=REMIND_BEFORE
) -> Iterator[tuple[int, datetime, timedelta]]:
    """(call, deadline, distance) whose instant lies within the hour; of one deadline the nearest distance only."""
    seen: set[tuple[int, datetime]] = set()
    for before in distances:
        # No deadline lies before its call's closing: of calls that close later nothing is looked at.
        near = reports.filter(
            deadline__gt=at + before, deadline__lt=hour.until + before, call__closes_at__lt=hour.until + before
        )
        for call_id, due in near.order_by("call_id", "deadline").values_list("call_id", "deadline").distinct():
            if (call_id, due) not in seen:
                seen.add((call_id, due))
                yield call_id, due, before


def _claim(what: str, due: datetime, before: timedelta, at: datetime) -> bool:
    return claim_once(f"remind:{what}:{due:%Y%m%d%H%M%S}:{before.days}", at)


def _remind_units(call_id: int, due: datetime, before: timedelta, at: datetime, hour: ReminderHour) -> int:
    with transaction.atomic():
        if not _claim(f"call:{call_id}", due, before, at):
            return 0
        call = _call(call_id)
        reports = Report.objects.filter(
            pk__in=list(_unsent(at, hour).filter(call=call, deadline=due).values_list("pk", flat=True))
        )
        event = _of_call(ReportVerb.REMIND, call, at, {"due_at": due.isoformat(), "units": reports.count()})
        tell(event, notices.deadline_near(call, reports, due, at))
    return 1


def _remind_heads(call_id: int, due: datetime, before: timedelta, hour: ReminderHour) -> int:
    with transaction.atomic():
        # Against whoever extends, cancels, excuses or begins to write meanwhile: nobody is told what is true no more.
        hold_call(call_id)
        at = database_now()
        # Asked and opened by the instant: in a shorter time nobody is behind.
        early = Q(request__created_at__lte=due - before, call__opens_at__lte=due - before)
        untouched = _unsent(at, hour).filter(early, call=call_id, deadline=due, state=ReportState.NOT_STARTED)
        reports = Report.objects.filter(pk__in=list(untouched.values_list("pk", flat=True)))
        if not reports or not _claim(f"heads:{call_id}", due, before, at):
            return 0
        call = _call(call_id)
        told = notices.nothing_written(call, reports, due, at)
        if not told:
            return 0
        tell(_of_call(ReportVerb.REMIND_HEADS, call, at, {"due_at": due.isoformat()}), told)
    return 1


def _remind_of_corrections(at: datetime, hour: ReminderHour) -> int:
    done = 0
    seen: set[int] = set()
    told = Event.objects.filter(noun="report", verb=ReportVerb.RETURN, key=OuterRef("tracking_code"), at__gt=hour.since)
    for before in REMIND_BEFORE:
        found = Report.objects.select_related("unit", "call").filter(
            ~Exists(told),
            state=ReportState.RETURNED,
            correction_due_at__gt=at + before,
            correction_due_at__lt=hour.until + before,
        )
        for report in found.exclude(pk__in=seen):
            seen.add(report.pk)
            with transaction.atomic():
                if _claim(f"correction:{report.pk}", report.correction_due, before, at):
                    event = record(
                        ReportVerb.REMIND, noun="report", key=report.tracking_code, at=at, by=None, path=report.unit_path,
                        unit_id=report.unit_id, call_id=report.call_id, data={"due_at": report.correction_due.isoformat()},
                    )  # fmt: skip
                    tell(event, notices.correction_near(report, at))
                    done += 1
    return done


def _call(pk: int) -> Call:
    return Call.objects.select_related("agreement__service__provider").get(pk=pk)


def _of_call(verb: ReportVerb, call: Call, at: datetime, data: dict) -> Event:
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
