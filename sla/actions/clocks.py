"""Service requests and their clocks. Parts of other verbs, not verbs: each is called inside the transaction of the act
(a submission, a return, an announcement) that moves the clock, which checks who may and appends the Event.

The clock runs while the provider holds the request. Each part may be called twice: the second call changes nothing.
An instant that lies before the last recorded one (a clock that jumped back) counts as that one: no stretch is negative.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import DateTimeField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from sajad_portal.lib.clock import tehran_date
from units.models import Unit

from ..models import AgreementVersion, ClockInterval, RequestType, ServiceRequest, TariffRow


def open_request(
    *, unit: Unit, request_type: RequestType, agreement: AgreementVersion, price_rials: int, at: datetime,
    tariff: TariffRow | None = None,
) -> ServiceRequest:  # fmt: skip
    """A request under this version at this frozen price; its clock does not run yet. `tariff`: the row of the price."""
    units = [unit]
    return open_requests(
        units=units, request_type=request_type, agreement=agreement, price_rials=price_rials, at=at, tariff=tariff
    )[0]


def open_requests(
    *, units: Sequence[Unit], request_type: RequestType, agreement: AgreementVersion, price_rials: int, at: datetime,
    tariff: TariffRow | None = None,
) -> list[ServiceRequest]:  # fmt: skip
    """One request for each unit, in the order of the units, all under the same terms: version, price, target of the day."""
    target = request_type.target_on(tehran_date(at))
    return ServiceRequest.objects.bulk_create(
        [
            ServiceRequest(
                unit=unit,
                request_type=request_type,
                agreement=agreement,
                price_rials=price_rials,
                tariff=tariff,
                target_working_days=target,
                created_at=at,
            )
            for unit in units
        ],
        batch_size=1000,
    )


def start_clock(request: ServiceRequest, at: datetime) -> None:
    """From `at` on the provider holds the request. Nothing happens where the clock runs, has stopped or is void."""
    fresh = ServiceRequest.objects.select_for_update().get(pk=request.pk)
    if fresh.stopped_at or fresh.voided_at:
        return
    ends = list(fresh.intervals.values_list("ends_at", flat=True))
    if None in ends:
        return
    ClockInterval.objects.create(request=fresh, starts_at=max(at, fresh.created_at, *filter(None, ends)))


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
        stopped_at=_not_before_last(at)
    )


def stop_clocks(request_ids: Sequence[int], at: datetime) -> None:
    """The same for many at once: a call whose results come out together."""
    for start in range(0, len(request_ids), 1000):
        some = request_ids[start : start + 1000]
        running = ClockInterval.objects.filter(request__in=some, ends_at=None)
        running.update(ends_at=Greatest(F("starts_at"), Value(at, DateTimeField())))
        waiting = ServiceRequest.objects.filter(pk__in=some, stopped_at=None, voided_at=None)
        waiting.update(stopped_at=_not_before_last(at))


def void_clocks(request_ids: Sequence[int], at: datetime) -> None:
    """The same for many at once: a cancelled call's."""
    for start in range(0, len(request_ids), 1000):
        some = request_ids[start : start + 1000]
        running = ClockInterval.objects.filter(request__in=some, ends_at=None)
        running.update(ends_at=Greatest(F("starts_at"), Value(at, DateTimeField())))
        ServiceRequest.objects.filter(pk__in=some, voided_at=None).update(voided_at=_not_before_last(at))


def _not_before_last(at: datetime) -> Greatest:
    """`at`, or the last instant that the request's clock has recorded: the end of a request lies after all of its time."""
    last = ClockInterval.objects.filter(request=OuterRef("pk"), ends_at__isnull=False).order_by("-ends_at")
    moment = DateTimeField()
    ended = Coalesce(Subquery(last.values("ends_at")[:1]), F("created_at"), output_field=moment)
    return Greatest(Value(at, moment), F("created_at"), ended, output_field=moment)


def _running(request: ServiceRequest) -> QuerySet[ClockInterval]:
    return ClockInterval.objects.filter(request=request, ends_at=None)
