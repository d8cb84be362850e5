"""What a service clock shows: calendar time and working time, without the stretches in which the unit held the request."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from sajad_portal.lib.clock import tehran_date

from .models import ServiceRequest
from .queries import working_calendar
from .workdays import WorkingCalendar, working_time


@dataclass(frozen=True)
class Elapsed:
    calendar: timedelta
    working: timedelta  # within working hours of working days
    running: bool

    @property
    def working_days(self) -> float:
        """Working time in working days of the length that the settings give."""
        return self.working / timedelta(hours=hours()[1] - hours()[0])


def hours() -> tuple[int, int]:
    start, end = settings.WORKING_HOURS
    return start, end


def elapsed(request: ServiceRequest, at: datetime, calendar: WorkingCalendar | None = None) -> Elapsed | None:
    """What the request's clock shows at `at`; None where it never ran or is void.

    Reads `request.intervals` (prefetch it for lists, and give one `calendar` that covers them all).
    """
    stretches = [
        (i.starts_at, min(i.ends_at or at, at)) for i in request.intervals.all() if i.starts_at < (i.ends_at or at)
    ]
    if request.voided_at is not None or not stretches:
        return None
    if calendar is None:
        calendar = working_calendar(tehran_date(stretches[0][0]), tehran_date(stretches[-1][1]))
    return Elapsed(
        calendar=sum((end - start for start, end in stretches), timedelta()),
        working=sum((working_time(start, end, calendar, hours()) for start, end in stretches), timedelta()),
        running=any(i.ends_at is None for i in request.intervals.all()),
    )
