"""Service clocks played again: every stretch in which a clock ran follows from what was done, from the first start to the stop.

By the rules of `sla/actions/clocks.py`: an instant before the last recorded one counts as that one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sla.enums import AgreementVerb, Side
from sla.models import ClockInterval, GeneralRequest, RequestMessage, ServiceRequest
from units.models import Event

from ..enums import ReportState, ReportVerb
from ..models import ExtensionRequest, Report
from .saying import Check, holds, instant_of

V = ReportVerb
STARTS = (V.SUBMIT, V.LAPSE_RETURN, V.WITHDRAW_RETURN)
PAUSES = (V.RECALL, V.RETURN, V.EXCUSE, V.ANNOUNCE)
# Where a submission that was taken back counts again, its clock ran from the last moment on.
TAKES_UP = (V.START_REVIEW, V.RETURN, V.ANNOUNCE)
Stretches = list[tuple[datetime, datetime | None]]


class _Clock:
    """What the stretches of a request must be."""

    def __init__(self, created: datetime) -> None:
        self.created = created
        self.ran: list[tuple[datetime, datetime]] = []
        self.since: datetime | None = None

    def start(self, at: datetime) -> None:
        if self.since is None:
            self.since = max(at, self.created, *(end for _start, end in self.ran))

    def pause(self, at: datetime) -> None:
        if self.since is not None:
            self.ran.append((self.since, max(at, self.since)))
            self.since = None

    @property
    def stretches(self) -> Stretches:
        return [*self.ran] if self.since is None else [*self.ran, (self.since, None)]


def _stored(only: Q) -> dict[int, Stretches]:
    found: dict[int, Stretches] = defaultdict(list)
    rows = ClockInterval.objects.filter(only).order_by("request_id", "starts_at", "id")
    for request, starts, ends in rows.values_list("request_id", "starts_at", "ends_at").iterator(chunk_size=5000):
        found[request].append((starts, ends))
    return found


@holds(
    _(
        "The clock of a report ran from its submission to its result, less returns and submissions taken back: as its Events say."
    )
)
def clocks_of_reports_ran_as_told() -> Iterator[str]:
    stored = _stored(Q(request__report__isnull=False))
    rows = Report.objects.values_list(
        "tracking_code", "request", "request__created_at", "state", "call__cancelled_at"
    ).iterator(chunk_size=5000)
    reports = {code: (request, created, state, cancelled) for code, request, created, state, cancelled in rows}
    events = Event.objects.filter(noun="report", verb__in={*STARTS, *PAUSES, *TAKES_UP}).order_by("key", "id")
    told = events.values_list("key", "verb", "at", "data").iterator(chunk_size=5000)
    for code, acts in groupby(told, key=itemgetter(0)):
        if code not in reports:
            continue
        request, created, state, cancelled = reports.pop(code)
        found = stored.pop(request, [])
        clock = _replayed(acts, created, found)
        if state == ReportState.CANCELLED and cancelled:
            clock.pause(cancelled)
        if clock.stretches != found:
            yield f"report {code}: its clock did not run as its events say"
    for code, (request, *_rest) in reports.items():
        if stored.get(request):
            yield f"report {code}: its clock ran, and no event started it"


def _replayed(acts: Iterable[tuple], created: datetime, found: Stretches) -> _Clock:
    clock = _Clock(created)
    for _code, verb, at, data in acts:
        if verb in TAKES_UP and clock.since is None and clock.ran and len(found) > len(clock.ran):
            since = found[len(clock.ran)][0]
            if since <= max(at, clock.ran[-1][1]):
                clock.start(since)
        if verb in STARTS:
            clock.start(instant_of(data["due_at"]) or at if verb == V.LAPSE_RETURN else at)
        elif verb in PAUSES:
            clock.pause(at)
    return clock


@holds(
    _(
        "The clock of any other request ran from its filing, or from its fee, to its answer, less the time of questions to the unit."
    )
)
def clocks_of_other_requests_ran_as_told() -> Iterator[str]:
    """One that costs, and whose clock never ran, waits for its fee or for the sweep that starts it; until an event says so."""
    stored = _stored(Q(request__report__isnull=True))
    messages: dict[int, list[tuple]] = defaultdict(list)
    for general, side, at in RequestMessage.objects.order_by("pk").values_list("general", "side", "at"):
        messages[general].append((side, at))
    general_requests = list(GeneralRequest.objects.exclude(request=None).values_list("pk", "request"))
    threads = {request: messages[pk] for pk, request in general_requests}
    waived = _waivings()
    waivings = {request: waived[pk] for pk, request in general_requests if pk in waived}
    taken_up = _taken_up()
    rows = ServiceRequest.objects.filter(report__isnull=True).order_by("pk")
    columns = ("pk", "created_at", "price_rials", "paid_at", "stopped_at", "voided_at")
    for pk, created, price, paid, stopped, voided in rows.values_list(*columns).iterator(chunk_size=5000):
        found = stored.get(pk, [])
        if price and not found:
            if pk in taken_up:
                yield f"request {pk}: its fee came and started its clock, of which nothing is left"
            continue
        clock = _Clock(created)
        # A fee that went back leaves no instant: then what is stored is believed.
        clock.start((paid or found[0][0]) if price else waivings.get(pk, created))
        for side, at in threads.get(pk, []):
            (clock.pause if side == Side.PROVIDER else clock.start)(at)
        if (end := stopped or voided) is not None:
            clock.pause(end)
        if clock.stretches != found:
            yield f"request {pk}: its clock did not run from its filing to its answer"


def _taken_up() -> set[int]:
    """The service requests whose fee has come and started their clock, as events say."""
    keys = Event.objects.filter(noun="general_request", verb=AgreementVerb.SETTLE_REQUEST).values_list("key", flat=True)
    general = GeneralRequest.objects.filter(pk__in={int(key) for key in keys})
    told = Event.objects.filter(noun="report", verb=V.ASK_EXTENSION_PAID).values_list("data", flat=True)
    asked = ExtensionRequest.objects.filter(pk__in={data["request"] for data in told})
    return {*general.values_list("request", flat=True), *asked.values_list("request", flat=True)}


def _waivings() -> dict[int, datetime]:
    """{general request: the instant from which it costs nothing}, of those whose fee was waived by agreement."""
    events = Event.objects.filter(noun="general_request", verb=AgreementVerb.LOWER_FEE).order_by("id")
    return {int(key): at for key, at, data in events.values_list("key", "at", "data") if data["after"] == 0}


REPLAY_CHECKS: tuple[Check, ...] = (clocks_of_reports_ran_as_told, clocks_of_other_requests_ran_as_told)
