"""What must be true of service clocks, and of what reports, requests for more time and disputes made of them. Read by
`checkinvariants`.

An instant before the last recorded one (a clock that jumped back) counts as that one, so every comparison here allows it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, Max, Min, Q
from django.utils.translation import gettext_lazy as _

from sla.models import ClockInterval, Dispute, ServiceRequest
from units.models import Event

from ..enums import IN_REVIEW, NOT_ASKED, UNSUBMITTED, ReportState, ReportVerb
from ..models import ExtensionRequest, Report, ReturnRound
from .saying import holds

S = ReportState
WITH_THE_UNIT = (*UNSUBMITTED, S.RETURNED)
Stretch = tuple[datetime, datetime | None]


@holds(_("The stretches of a clock do not overlap."))
def clocks_do_not_overlap() -> Iterator[str]:
    of, before = None, None  # the request, and the end of the interval before; None where that is open
    rows = ClockInterval.objects.order_by("request_id", "starts_at", "id")
    for request_id, pk, starts, ends in rows.values_list("request_id", "pk", "starts_at", "ends_at").iterator():
        if request_id == of and (before is None or starts < before):
            yield f"clock {pk}: overlaps the interval before it"
        of, before = request_id, ends


@holds(_("A clock runs within the life of its request."))
def clocks_lie_within_their_request() -> Iterator[str]:
    """From its creation to its stop; nothing runs on after it stopped or became void."""
    early = ClockInterval.objects.filter(starts_at__lt=F("request__created_at"))
    for pk in early.values_list("pk", flat=True):
        yield f"clock {pk}: begins before its request"
    over = Q(request__stopped_at__isnull=False) | Q(request__voided_at__isnull=False)
    for pk in ClockInterval.objects.filter(over, ends_at=None).values_list("pk", flat=True):
        yield f"clock {pk}: runs on after its request stopped"
    late = ClockInterval.objects.filter(
        Q(ends_at__gt=F("request__stopped_at")) | Q(ends_at__gt=F("request__voided_at"))
    )
    for pk in late.values_list("pk", flat=True):
        yield f"clock {pk}: ends after its request stopped"
    for pk in ServiceRequest.objects.filter(voided_at__lt=F("created_at")).values_list("pk", flat=True):
        yield f"request {pk}: void before it was made"


@holds(_("The clock of a report runs while headquarters holds it, and stands still while the unit does."))
def clocks_run_while_headquarters_holds() -> Iterator[str]:
    running = Q(request__intervals__ends_at__isnull=True, request__intervals__isnull=False)
    held = Report.objects.filter(state__in=IN_REVIEW).exclude(running)
    for code in held.values_list("tracking_code", flat=True):
        yield f"report {code}: headquarters holds it and its clock stands still"
    with_unit = Report.objects.filter(running, state__in=WITH_THE_UNIT)
    for code in with_unit.values_list("tracking_code", flat=True):
        yield f"report {code}: the unit holds it and its clock runs"


@holds(_("The clock of a report stops at its first announcement, and is void where it was excused or cancelled."))
def clocks_stop_once_and_for_all() -> Iterator[str]:
    """At the first announcement; void where excused or cancelled, and nowhere else."""
    announced = Report.objects.annotate(
        first=Min("results__announced_at", filter=Q(results__announced_at__isnull=False))
    ).values_list("tracking_code", "state", "first", "request_id", "request__stopped_at", "request__voided_at")
    ends = _last_ends()
    for code, state, first, request_id, stopped, voided in announced.iterator(chunk_size=5000):
        if first is None and stopped is not None:
            yield f"report {code}: its clock stopped without a result"
        if first is not None and (stopped is None or stopped not in (first, ends.get(request_id))):
            yield f"report {code}: its clock did not stop at the first announcement"
        if (voided is not None) != (state in NOT_ASKED):
            yield f"report {code}: is {state}, and its clock is {'void' if voided else 'not void'}"


def _last_ends() -> dict[int, datetime]:
    """{request id: the end of its last interval}, of requests that stopped."""
    stopped = ClockInterval.objects.filter(request__stopped_at__isnull=False).order_by()
    return dict(stopped.values_list("request_id").annotate(Max("ends_at")))


@holds(_("The clock of a request for more time stops with its decision, that of a dispute with its end."))
def clocks_of_other_requests_end_with_them() -> Iterator[str]:
    """A request for more time stops when it is decided, a dispute when it has an outcome."""
    decided = Q(decided_at__isnull=False)
    open_ = Q(request__stopped_at__isnull=True)
    for pk in ExtensionRequest.objects.filter(decided & open_ | ~decided & ~open_).values_list("pk", flat=True):
        yield f"extension request {pk}: its clock and its decision disagree"
    for pk in Dispute.objects.filter(~Q(outcome="") & open_ | Q(outcome="") & ~open_).values_list("pk", flat=True):
        yield f"dispute {pk}: its clock and its outcome disagree"


@holds(_("The clock of a report pauses for each of its returns, and for nothing else but submissions taken back."))
def returns_are_pauses() -> Iterator[str]:
    """Each return stops the clock at its instant and what ends it starts the clock again; no other pauses than returns and
    submissions that were taken back."""
    stretches: dict[int, list[Stretch]] = defaultdict(list)
    rows = ClockInterval.objects.filter(request__report__isnull=False).order_by("request_id", "starts_at", "id")
    for request_id, starts, ends in rows.values_list("request_id", "starts_at", "ends_at").iterator(chunk_size=5000):
        stretches[request_id].append((starts, ends))
    rounds: dict[int, list[ReturnRound]] = defaultdict(list)
    for round_ in ReturnRound.objects.select_related("report").defer("remarks").iterator(chunk_size=2000):
        rounds[round_.report.request_id].append(round_)
        if not _is_pause(round_, stretches[round_.report.request_id]):
            yield f"return {round_.pk}: the clock of report {round_.report.tracking_code} did not pause for it"
    recalls = Counter(Event.objects.filter(noun="report", verb=ReportVerb.RECALL).values_list("key", flat=True))
    reports = Report.objects.filter(request__in=[pk for pk, found in stretches.items() if len(found) > 1])
    for code, request_id in reports.values_list("tracking_code", "request_id"):
        if len(stretches[request_id]) > 1 + len(rounds[request_id]) + recalls[code]:
            yield f"report {code}: its clock paused more often than it was returned or taken back"


def _is_pause(round_: ReturnRound, stretches: list[Stretch]) -> bool:
    ended = round_.answered_at or round_.lapsed_at or round_.withdrawn_at
    for place, (starts, ends) in enumerate(stretches):
        if ends is None or ends != max(round_.returned_at, starts):
            continue
        following = stretches[place + 1][0] if place + 1 < len(stretches) else None
        if (ended is None) == (following is None) and (ended is None or following == max(ended, ends)):
            return True
    return False


CLOCK_CHECKS = (
    clocks_do_not_overlap,
    clocks_lie_within_their_request,
    clocks_run_while_headquarters_holds,
    clocks_stop_once_and_for_all,
    clocks_of_other_requests_end_with_them,
    returns_are_pauses,
)
