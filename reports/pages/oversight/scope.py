"""Over which units somebody watches, and in which period of the Jalali calendar."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Q

from sajad_portal.lib import periods
from sajad_portal.lib.clock import end_of_day, start_of_day, tehran_date
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import to_jalali
from sajad_portal.lib.periods import Period, PeriodKind
from sla.models import ServiceRequest
from units.queries import memberships_of

from ...queries.lines import names_hidden
from ...rules.oversight import OVERSEEING

# What the page offers; an address may name a month or a half-year too.
KINDS = (PeriodKind.YEAR, PeriodKind.HALF, PeriodKind.QUARTER, PeriodKind.MONTH)


@dataclass(frozen=True)
class Scope:
    """`paths`: the subtrees that are watched; `everything`: an administrator reads all. `names` tells which. `unnamed`:
    reports whose reviewers the reader does not learn."""

    paths: tuple[str, ...]
    names: tuple[str, ...]
    everything: bool = False
    unnamed: Callable[[str], Q] = lambda prefix: Q(pk__in=[])

    def of(self, field: str) -> Q:
        """A Q over `field`, a unit path."""
        if self.everything:
            return Q()
        found = Q(pk__in=[])
        for path in self.paths:
            found |= Q(**{f"{field}__startswith": path})
        return found


def oversight_scope(person, at: datetime) -> Scope:
    """The subtrees of the memberships with which the person audits or coordinates; what they do elsewhere adds nothing."""
    units = {m.unit_id: m.unit for m in memberships_of(person, at) if m.role in OVERSEEING}.values()
    tops = [u for u in units if not any(u.path != other.path and u.path.startswith(other.path) for other in units)]
    return Scope(
        tuple(u.path for u in tops),
        tuple(u.name for u in tops),
        everything=person.is_superuser,
        unnamed=lambda prefix: names_hidden(person, at, prefix),
    )


@dataclass(frozen=True)
class Window:
    """[starts, ends): a period of the Jalali calendar, as instants in Tehran."""

    period: Period

    @property
    def code(self) -> str:
        return self.period.code

    @property
    def label(self) -> str:
        return self.period.label()

    @property
    def starts(self) -> datetime:
        return start_of_day(self.period.starts)

    @property
    def ends(self) -> datetime:
        return end_of_day(self.period.ends)

    def of(self, field: str) -> Q:
        """A Q: the instant `field` lies within."""
        return Q(**{f"{field}__gte": self.starts, f"{field}__lt": self.ends})


def window_of(code: str, at: datetime) -> Window:
    """The period that a code names (1405-Y, 1405-Q2, 1405-H1, 1405-M03); this year where it names none of these."""
    try:
        period = periods.from_code(code)
    except (Refused, OverflowError):
        period = None
    if period is None or period.kind not in KINDS:
        period = periods.containing(PeriodKind.YEAR, tehran_date(at))
    return Window(period)


def year_choices(scope: Scope, window: Window, at: datetime) -> list[dict]:
    """For components/filters.html: the years since the first request, the newest first."""
    first = ServiceRequest.objects.filter(scope.of("unit__path")).aggregate(first=Min("created_at"))["first"]
    this_year, chosen = to_jalali(tehran_date(at))[0], to_jalali(window.period.starts)[0]
    oldest = min(to_jalali(tehran_date(first))[0] if first else this_year, chosen)
    years = range(max(this_year, chosen), oldest - 1, -1)
    return _choices(
        (periods.regular(PeriodKind.YEAR, year) for year in years), lambda p: to_jalali(p.starts)[0] == chosen
    )


def part_choices(window: Window) -> list[dict]:
    """The whole chosen year and its quarters; the month or half that an address names."""
    year = to_jalali(window.period.starts)[0]
    parts = [
        periods.regular(PeriodKind.YEAR, year),
        *(periods.regular(PeriodKind.QUARTER, year, n) for n in (1, 2, 3, 4)),
    ]
    if window.code not in {part.code for part in parts}:
        parts.append(window.period)
    return _choices(parts, lambda part: part.code == window.code)


def _choices(found: Iterable[Period], is_current) -> list[dict]:
    return [
        {"url": f"?period={period.code}", "label": period.label(), "count": None, "current": is_current(period)}
        for period in found
    ]
