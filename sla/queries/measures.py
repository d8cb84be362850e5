"""Measured times to the initial result, by request type and Jalali month: what the agreement's performance clause publishes.

In public nothing is told of fewer than FEWEST requests, and nothing that is told gives such a figure by subtraction, neither
months from the year nor today's page from yesterday's: a month is published when it has ended; one with too few requests is
told together with the months after it, in one span; a span never changes again; and the year is the sum of whole spans.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean, median

from django.db.models import Q, QuerySet

from sajad_portal.lib.clock import start_of_day, tehran_date
from sajad_portal.lib.jalali import from_jalali, to_jalali

from ..models import ClockInterval, RequestType, Service, ServiceRequest
from .clocks import ended_by_time, worked, working_day

# Fewer requests than this could tell of one unit: their figures are withheld in public.
FEWEST = 5
SHOWN_MONTHS = 12

MeasuredMonth = tuple[int, int]  # Jalali year and month


@dataclass(frozen=True)
class Figures:
    """Working days from submission to the initial result, without the time in which the unit held the request.

    `within`: how many of `count` requests were answered within the target that each was opened under; `target`: the mean
    of those targets, mostly the one they share. None where nothing is published.
    """

    count: int = 0
    mean: float | None = None
    median: float | None = None
    p90: float | None = None
    within: int | None = None
    target: float | None = None

    @property
    def share(self) -> float | None:
        """Percent within the target."""
        return None if self.within is None else 100 * self.within / self.count


@dataclass(frozen=True)
class Span:
    """Months `first` to `last` of one request type, together at least FEWEST requests."""

    first: MeasuredMonth
    last: MeasuredMonth
    figures: Figures

    @property
    def starts(self):
        return from_jalali(*self.first, 1)

    @property
    def ends(self):
        return from_jalali(*self.last, 1)


@dataclass(frozen=True)
class Measured:
    """What is published of one request type: the last twelve months in whole, and span by span, the newest first.

    `target`: today's; the figures are measured by those that the requests were opened under (`Figures.target`).
    `withheld`: requests were answered, and so far too few of them to publish anything.
    """

    request_type: RequestType
    target: int
    figures: Figures = Figures()
    spans: list[Span] = field(default_factory=list)
    withheld: bool = False

    @property
    def count(self) -> int:
        return self.figures.count

    @property
    def mean(self) -> float | None:
        return self.figures.mean

    @property
    def median(self) -> float | None:
        return self.figures.median

    @property
    def p90(self) -> float | None:
        return self.figures.p90

    @property
    def share(self) -> float | None:
        return self.figures.share

    @property
    def had(self) -> float | None:
        """The target that the published requests were opened under, where it is not today's."""
        return None if self.figures.target == self.target else self.figures.target

    @property
    def met(self) -> bool | None:
        """Whether the mean, as it is printed with one decimal, lies within the target."""
        return None if self.mean is None or self.figures.target is None else round(self.mean, 1) <= self.figures.target

    @property
    def dependable(self) -> bool:
        """Whether nine of ten requests were answered within the target."""
        return self.p90 is not None and self.figures.target is not None and self.p90 <= self.figures.target

    @property
    def means(self) -> list[float | None]:
        """The spans' means, the oldest first: what a line is drawn through."""
        return [span.figures.mean for span in reversed(self.spans)]


def summary(times: Iterable[tuple[timedelta, int]]) -> Figures:
    """The figures over (working time, target in working days), each exact until it is divided. The percentile is the nearest
    rank."""
    times = sorted(times)
    if not times:
        return Figures()
    day = working_day()
    days = [time / day for time, _target in times]
    within = sum(time <= target * day for time, target in times)
    mean = round(fmean(target for _time, target in times), 1)
    target = int(mean) if mean.is_integer() else mean
    return Figures(len(days), fmean(days), median(days), days[math.ceil(0.9 * len(days)) - 1], within, target)


@dataclass(frozen=True)
class AnsweredRequest:
    """One request that got its answer `at`, and the working time that took, beside the target it was opened under."""

    request_id: int
    type_id: int
    target: int
    at: datetime
    working: timedelta

    @property
    def time(self) -> tuple[timedelta, int]:
        return self.working, self.target

    @property
    def month(self) -> MeasuredMonth:
        return to_jalali(tehran_date(self.at))[:2]


def answered(requests: QuerySet[ServiceRequest], at: datetime, *, before: datetime, since: datetime | None = None) -> list[AnsweredRequest]:  # fmt: skip
    """Those of `requests` whose clock ran and stopped in [since, before), as of `at`. Three queries, however many."""
    ended = {pk: end for pk, end in ended_by_time(at).items() if end < before and (since is None or end >= since)}
    stopped = Q(request__stopped_at__lt=before, ends_at__isnull=False)
    if since is not None:
        stopped &= Q(request__stopped_at__gte=since)
    found = ClockInterval.objects.filter(
        stopped | Q(request__in=list(ended)), request__in=requests.order_by(), request__voided_at=None
    )
    stretches: dict[int, list] = defaultdict(list)
    about: dict[int, tuple[int, int, datetime]] = {}
    for pk, type_id, target, stopped_at, start, end in found.values_list(
        "request_id", "request__request_type_id", "request__target_working_days", "request__stopped_at", "starts_at", "ends_at"
    ):  # fmt: skip
        about[pk] = type_id, target, stopped_at or ended[pk]
        stretches[pk].append((start, max(start, end or ended[pk])))
    return [AnsweredRequest(pk, *about[pk], time) for pk, time in worked(stretches).items()]


def measured_times(service: Service, at: datetime) -> list[Measured]:
    """One entry a request type of the service, over the requests whose clock stopped before the Jalali month of `at`."""
    year, month, _day = to_jalali(tehran_date(at))
    this_month = start_of_day(from_jalali(year, month, 1))
    ended: dict[int, dict[MeasuredMonth, list[tuple[timedelta, int]]]] = defaultdict(lambda: defaultdict(list))
    for one in answered(ServiceRequest.objects.filter(request_type__service=service), at, before=this_month):
        ended[one.type_id][one.month].append(one.time)
    oldest, today = _minus(SHOWN_MONTHS, (year, month)), tehran_date(at)
    types = service.request_types.prefetch_related("targets").order_by("pk")
    return [_published(kind, kind.target_on(today), ended.get(kind.pk, {}), oldest) for kind in types]


def _published(
    request_type: RequestType,
    target: int,
    by_month: Mapping[MeasuredMonth, Sequence[tuple[timedelta, int]]],
    oldest: MeasuredMonth,
) -> Measured:
    shown = [pool for pool in spans_of(by_month) if pool[-1] >= oldest]
    spans = [
        Span(months[0], months[-1], summary([t for month in months for t in by_month.get(month, ())]))
        for months in reversed(shown)
    ]
    everything = [time for months in shown for month in months for time in by_month.get(month, ())]
    return Measured(request_type, target, summary(everything), spans, withheld=bool(by_month) and not spans)


def spans_of(by_month: Mapping[MeasuredMonth, Sequence]) -> list[list[MeasuredMonth]]:
    """Runs of months that hold at least FEWEST requests each, oldest first. What is too few at the end waits.

    They begin with the first month that has a request, so that they are the same whenever somebody looks.
    """
    spans: list[list[MeasuredMonth]] = []
    pool: list[MeasuredMonth] = []
    for month in sorted(by_month):
        pool.append(month)
        if sum(len(by_month[one]) for one in pool) >= FEWEST:
            spans.append(pool)
            pool = []
    return spans


def _minus(months: int, month: MeasuredMonth) -> MeasuredMonth:
    place = month[0] * 12 + month[1] - 1 - months
    return place // 12, place % 12 + 1
