"""What a service clock shows: calendar time and working time, without the stretches in which the unit held the request,
and how that stands to the target that the request was opened under.

Nothing here is stored: working time is counted from the intervals and the calendar when somebody looks. A closure that was
announced late is in every clock that runs, at once; a clock that had stopped keeps the time that it showed
(`WorkingCalendar.known_at`). Deadlines are stored when they are handed out and not counted here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from django.db.models import Max, prefetch_related_objects

from sajad_portal.lib.clock import tehran_date

from ..calendar.workdays import WorkingCalendar, WorkingSums, after_working_time, working_time
from ..enums import DisputeStatus, Verdict
from ..models import Dispute, ServiceRequest
from . import working_calendar
from .weeks import first_hours

Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Elapsed:
    calendar: timedelta
    working: timedelta  # within working hours of working days, in hours of the first working day
    running: bool

    @property
    def working_days(self) -> float:
        """Working time in working days."""
        return self.working / working_day()


@dataclass(frozen=True)
class Reading:
    """One request's clock against its target. `elapsed` is None where the clock never ran or is void.

    `runs_out`: the instant at which the target would be used up if the clock runs on; None where it stands or has.
    """

    verdict: Verdict
    target_days: int
    elapsed: Elapsed | None = None
    runs_out: datetime | None = None

    @property
    def used_days(self) -> float:
        return self.elapsed.working_days if self.elapsed else 0.0

    @property
    def days_left(self) -> float:
        """Working days until the target; negative: over it."""
        return self.target_days - self.used_days

    @property
    def scale(self) -> float:
        """How far a bar of the used days reaches, so that what lies over the target is seen too."""
        return max(self.target_days, self.used_days) * 1.1

    @property
    def whole_days(self) -> int:
        return int(self.days_left)

    @property
    def days_over(self) -> float:
        return -self.days_left

    @property
    def whole_over(self) -> int:
        return int(self.days_over)

    @property
    def tone(self) -> str:
        """How a clock that runs is coloured."""
        near = self.verdict == Verdict.RUNNING and self.days_left <= 2
        return "due-now" if self.verdict == Verdict.OVERDUE or (near and self.days_left <= 1) else "due-soon" if near else ""  # fmt: skip


def working_day() -> timedelta:
    """How long a whole working day counts, whatever its own hours are (`WorkingCalendar`)."""
    start, end = first_hours()
    return timedelta(hours=end - start)


def elapsed(
    request: ServiceRequest, at: datetime, calendar: WorkingCalendar | None = None, resumed: datetime | None = None
) -> Elapsed | None:
    """What the request's clock shows at `at`; None where it never ran or is void.

    Reads `request.intervals` (prefetch it for lists, and give one `calendar` that covers them all). `resumed`: since when
    a clock runs again by time alone, which no task has recorded yet.
    """
    found = _stretches(request, at, resumed)
    if request.voided_at is not None or not found:
        return None
    if calendar is None:
        calendar = working_calendar(tehran_date(found[0][0]), tehran_date(found[-1][1]))
    if request.stopped_at:
        calendar = calendar.known_at(request.stopped_at)
    return Elapsed(
        calendar=sum((end - start for start, end in found), timedelta()),
        working=sum((working_time(start, end, calendar) for start, end in found), timedelta()),
        running=_is_running(request, at, resumed),
    )


def _stretches(request: ServiceRequest, at: datetime, resumed: datetime | None) -> list[Stretch]:
    """[start, end) in UTC, in order, as of `at`. What begins after `at` (a clock that jumped back) has no length yet."""
    at = at.astimezone(UTC)
    found = []
    for interval in request.intervals.all():
        start = interval.starts_at.astimezone(UTC)
        end = min(interval.ends_at.astimezone(UTC), at) if interval.ends_at else at
        found.append((start, max(start, end)))
    if resumed is not None and _stands(request):
        start = max([resumed.astimezone(UTC), *(end for _start, end in found[-1:])])
        found.append((start, max(start, at)))
    return found


def _stands(request: ServiceRequest) -> bool:
    return not (request.stopped_at or request.voided_at or any(i.ends_at is None for i in request.intervals.all()))


def _is_running(request: ServiceRequest, at: datetime, resumed: datetime | None) -> bool:
    return any(i.ends_at is None or i.ends_at > at for i in request.intervals.all()) or (
        resumed is not None and _stands(request)
    )


# ----------------------------------------------------------------------------------------------- against the target
def read_clocks(
    requests: Iterable[ServiceRequest],
    at: datetime,
    *,
    resumed: Mapping[int, datetime] | None = None,
    ended: Mapping[int, datetime] | None = None,
) -> dict[int, Reading]:
    """{request id: how its clock stands}: three queries for one and for fifty.

    What time alone did and nobody has recorded yet: `resumed` {request id: since when its clock runs again}, `ended`
    {request id: when it stopped}.
    """
    requests, resumed, ended = list(requests), resumed or {}, ended or {}
    prefetch_related_objects(requests, "intervals")
    begun = [i.starts_at for request in requests for i in request.intervals.all()]
    if not begun:
        return {request.pk: Reading(_idle(request), request.target_working_days) for request in requests}
    longest = max(request.target_working_days for request in requests)
    calendar = working_calendar(
        tehran_date(min(begun)), tehran_date(max(at, *begun)) + timedelta(days=60 + 3 * longest)
    )
    return {r.pk: _read(r, at, calendar, resumed.get(r.pk), ended.get(r.pk)) for r in requests}


def _idle(request: ServiceRequest) -> Verdict:
    return Verdict.VOID if request.voided_at else Verdict.IDLE


def _read(
    request: ServiceRequest, at: datetime, calendar: WorkingCalendar, resumed: datetime | None, ended: datetime | None
) -> Reading:
    target = request.target_working_days
    known = calendar.known_at(ended) if ended else calendar
    shown = elapsed(request, min(at, ended) if ended else at, known, resumed)
    if shown is None:
        return Reading(_idle(request), target)
    left = target * working_day() - shown.working
    if request.stopped_at or ended:
        return Reading(verdict_of(shown.working, target), target, replace(shown, running=False))
    if left < timedelta():
        return Reading(Verdict.OVERDUE, target, shown)
    if not shown.running:
        return Reading(Verdict.PAUSED, target, shown)
    return Reading(Verdict.RUNNING, target, shown, after_working_time(at, left, calendar))


def ended_by_time(at: datetime) -> dict[int, datetime]:
    """{request id: when its clock stopped} of disputes whose month has passed with a view that stands, and whose end no task
    has recorded yet."""
    found = Dispute.objects.with_status(at).filter(outcome="", status=DisputeStatus.FINAL)
    rows = found.annotate(last=Max("positions__at")).values_list("request_id", "final_at", "last")
    return {request_id: max(final_at, last) for request_id, final_at, last in rows}


def verdict_of(working: timedelta, target_days: int) -> Verdict:
    """Of a request that was answered: the last moment of the target's last working hour still meets it."""
    return Verdict.MET if working <= target_days * working_day() else Verdict.MISSED


def worked(stretches: Mapping[int, Sequence[Stretch]]) -> dict[int, timedelta]:
    """{request id: working time of its stretches, the last of which ended with its answer}: one query and constant time a
    stretch, for figures over many requests."""
    instants = [at for of_one in stretches.values() for stretch in of_one for at in stretch]
    if not instants:
        return dict.fromkeys(stretches, timedelta())
    first, last = tehran_date(min(instants)), tehran_date(max(instants))
    calendar, found = working_calendar(first, last), {}
    kept: dict[frozenset[date], WorkingSums] = {}
    for pk, of_one in stretches.items():
        known = calendar.known_at(max(end for _start, end in of_one)) if of_one else calendar
        days = frozenset(known.late)  # by these alone the calendars differ
        sums = kept.get(days) or kept.setdefault(days, WorkingSums(first, last, known))
        found[pk] = sum((sums.between(start, end) for start, end in of_one), timedelta())
    return found
