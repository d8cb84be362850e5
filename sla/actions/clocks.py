"""Service requests and their clocks. Parts of other verbs, not verbs: each is called inside the transaction of the act
(a submission, a return, an announcement) that moves the clock, which checks who may and appends the Event.

The clock runs while the provider holds the request. Each part may be called twice: the second call changes nothing.
An instant that lies before the last recorded one (a clock that jumped back) counts as that one: no stretch is negative.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import DateTimeField, F, QuerySet, Value
from django.db.models.functions import Greatest

from units.models import Unit

from ..models import AgreementVersion, ClockInterval, RequestType, ServiceRequest


def open_request(
    *, unit: Unit, request_type: RequestType, agreement: AgreementVersion, price_rials: int, at: datetime
) -> ServiceRequest:
    """A request under this version at this frozen price; its clock does not run yet."""
    return open_requests(units=[unit], request_type=request_type, agreement=agreement, price_rials=price_rials, at=at)[
        0
    ]


def open_requests(
    *, units: Sequence[Unit], request_type: RequestType, agreement: AgreementVersion, price_rials: int, at: datetime
) -> list[ServiceRequest]:
    """One request for each unit, in the order of the units, all under the same terms."""
    return ServiceRequest.objects.bulk_create(
        [
            ServiceRequest(
                unit=unit, request_type=request_type, agreement=agreement, price_rials=price_rials, created_at=at
            )
            for unit in units
        ],
        batch_size=1000,
    )


def start_clock(request: ServiceRequest, at: datetime) -> None:
    """From `at` on the provider holds the request. Nothing happens where the clock runs, has stopped or is void."""
    fresh = ServiceRequest.objects.select_for_update().get(pk=request.pk)
    if fresh.stopped_at or fresh.voided_at or _running(fresh).exists():
        return
    last = fresh.intervals.order_by("-ends_at").values_list("ends_at", flat=True).first()
    ClockInterval.objects.create(request=fresh, starts_at=max(at, last or at, fresh.created_at))


def pause_clock(request: ServiceRequest, at: datetime) -> None:
    """From `at` on the unit holds the request."""
    for interval in _running(request):
        interval.ends_at = max(at, interval.starts_at)
        interval.save(update_fields=["ends_at"])


# A pause ends as a clock starts: one rule, two words.
resume_clock = start_clock


def stop_clock(request: ServiceRequest, at: datetime) -> None:
    """The initial result is out: what the clock shows now is what gets published. A later call moves nothing."""
    pause_clock(request, at)
    ServiceRequest.objects.filter(pk=request.pk, stopped_at=None, voided_at=None).update(
        stopped_at=max(at, request.created_at)
    )


def void_clock(request: ServiceRequest, at: datetime) -> None:
    """Excused or cancelled: the time counts for nothing."""
    void_clocks([request.pk], at)


def void_clocks(request_ids: Sequence[int], at: datetime) -> None:
    """The same for many at once: a cancelled call's."""
    for start in range(0, len(request_ids), 1000):
        some = request_ids[start : start + 1000]
        running = ClockInterval.objects.filter(request__in=some, ends_at=None)
        running.update(ends_at=Greatest(F("starts_at"), Value(at, DateTimeField())))
        ServiceRequest.objects.filter(pk__in=some, voided_at=None).update(voided_at=at)


def _running(request: ServiceRequest) -> QuerySet[ClockInterval]:
    return ClockInterval.objects.filter(request=request, ends_at=None)
