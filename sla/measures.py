"""Measured times to the initial result, by request type: what the agreement's performance clause publishes."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median

from sajad_portal.lib.clock import tehran_date

from .clocks import hours
from .models import ClockInterval, RequestType, Service
from .queries import working_calendar
from .workdays import WorkingSums

YEAR = timedelta(days=365)
# Fewer requests than this could tell of one unit: their figures are withheld in public.
FEWEST = 5


@dataclass(frozen=True)
class Measured:
    """Working days from submission to the initial result, without the time in which the unit held the request.

    `mean`, `median`, `p90` are None where nothing is published: no request ended, or fewer than FEWEST (`withheld`).
    """

    request_type: RequestType
    count: int
    mean: float | None = None
    median: float | None = None
    p90: float | None = None

    @property
    def withheld(self) -> bool:
        return 0 < self.count < FEWEST

    @property
    def target(self) -> int:
        return self.request_type.target_working_days

    @property
    def met(self) -> bool | None:
        """Whether the mean, as it is printed with one decimal, lies within the target."""
        return None if self.mean is None else round(self.mean, 1) <= self.target


def measured_times(service: Service, at: datetime) -> list[Measured]:
    """One entry a request type of the service, over the requests whose clock stopped in the 365 days before `at`."""
    found = ClockInterval.objects.filter(
        request__request_type__service=service,
        request__voided_at=None,
        request__stopped_at__gt=at - YEAR,
        request__stopped_at__lte=at,
        ends_at__isnull=False,
    )
    rows = list(found.values_list("request__request_type_id", "request_id", "starts_at", "ends_at"))
    days: dict[int, dict[int, float]] = {}
    if rows:
        first, last = tehran_date(min(row[2] for row in rows)), tehran_date(max(row[3] for row in rows))
        sums = WorkingSums(first, last, working_calendar(first, last), hours())
        whole_day = timedelta(hours=hours()[1] - hours()[0])
        for type_id, request_id, start, end in rows:
            of_type = days.setdefault(type_id, {})
            of_type[request_id] = of_type.get(request_id, 0.0) + sums.between(start, end) / whole_day
    return [
        _summary(request_type, sorted(days.get(request_type.pk, {}).values()))
        for request_type in service.request_types.order_by("pk")
    ]


def _summary(request_type: RequestType, times: list[float]) -> Measured:
    if len(times) < FEWEST:
        return Measured(request_type, len(times))
    nearest_rank = times[math.ceil(0.9 * len(times)) - 1]
    return Measured(request_type, len(times), fmean(times), median(times), nearest_rank)
