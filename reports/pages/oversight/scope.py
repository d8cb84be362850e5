"""Over which units somebody watches, and in which period of the Jalali calendar."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Min, Q
from django.utils.translation import gettext as _

from sajad_portal.lib import periods
from sajad_portal.lib.clock import end_of_day, start_of_day, tehran_date
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import to_jalali
from sajad_portal.lib.periods import Period, PeriodKind
from sla.models import RequestType, Service, ServiceRequest
from sla.pages.apart import ServicesApart
from units.queries import memberships_of

from ...queries.lines import names_hidden
from ...rules.oversight import OVERSEEING

# What the page offers; an address may name a month or a half-year too.
KINDS = (PeriodKind.YEAR, PeriodKind.HALF, PeriodKind.QUARTER, PeriodKind.MONTH)


@dataclass(frozen=True)
class Scope:
    """`paths`: the subtrees that are watched; `everything`: an administrator reads all. `names` tells which. `unnamed`:
    reports whose reviewers the reader does not learn. `service`: the only one that is watched; None for all of `services`."""

    paths: tuple[str, ...]
    names: tuple[str, ...]
    everything: bool = False
    unnamed: Callable[[str], Q] = lambda prefix: Q(pk__in=[])
    services: tuple[Service, ...] = ()
    service: Service | None = None

    def of(self, field: str, service: str = "") -> Q:
        """A Q over `field`, a unit path, and over `service`, what leads to the service."""
        served = Q(**{service: self.service}) if service and self.service else Q()
        if self.everything:
            return served
        found = Q(pk__in=[])
        for path in self.paths:
            found |= Q(**{f"{field}__startswith": path})
        return found & served

    @property
    def several(self) -> bool:
        """Whether things of more than one service stand beside each other: then each says whose it is."""
        return self.service is None and len(self.services) > 1

    @property
    def more(self) -> str:
        """What keeps the service in an address."""
        return f"&service={self.service.slug}" if self.service else ""

    def called(self, request_type: RequestType) -> str:
        """A type's name, with its service where the reader could take it for another's."""
        title, service = request_type.title_here, request_type.service.title_here
        return f"{title}، {service}" if self.several else title


def oversight_scope(person, at: datetime, service: str = "") -> Scope:
    """The subtrees of the memberships with which the person audits or coordinates; what they do elsewhere adds nothing.
    `service`: the slug of the only one that is asked for."""
    apart = ServicesApart()
    units = {m.unit_id: m.unit for m in memberships_of(person, at) if m.role in OVERSEEING}.values()
    tops = [u for u in units if not any(u.path != other.path and u.path.startswith(other.path) for other in units)]
    return Scope(
        tuple(u.path for u in tops),
        tuple(u.name for u in tops),
        everything=person.is_superuser,
        unnamed=lambda prefix: names_hidden(person, at, prefix),
        services=tuple(apart.services),
        service=apart.called(service),
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

    def is_past(self, at: datetime) -> bool:
        """Whether it has ended: what waits or runs at `at` is no part of it."""
        return self.ends <= at

    def last_day(self, at: datetime) -> date:
        """Of the window as far as it has come."""
        return min(self.period.ends, tehran_date(at))

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


def service_choices(scope: Scope, window: Window) -> list[dict]:
    """All, and each; nothing where there is one."""
    if len(scope.services) < 2:
        return []
    offered = [("", str(_("All services"))), *((one.slug, one.title_here) for one in scope.services)]
    chosen = scope.service.slug if scope.service else ""
    return [
        {"url": f"?period={window.code}{f'&service={slug}' if slug else ''}", "label": label, "count": None, "current": slug == chosen}
        for slug, label in offered
    ]  # fmt: skip


def year_choices(scope: Scope, window: Window, at: datetime) -> list[dict]:
    """For components/filters.html: the years since the first request, the newest first."""
    first = ServiceRequest.objects.filter(scope.of("unit__path", "request_type__service")).aggregate(
        first=Min("created_at")
    )["first"]
    this_year, chosen = to_jalali(tehran_date(at))[0], to_jalali(window.period.starts)[0]
    oldest = min(to_jalali(tehran_date(first))[0] if first else this_year, chosen)
    years = range(max(this_year, chosen), oldest - 1, -1)
    return _choices(
        scope, (periods.regular(PeriodKind.YEAR, year) for year in years), lambda p: to_jalali(p.starts)[0] == chosen
    )


def part_choices(scope: Scope, window: Window) -> list[dict]:
    """The whole chosen year and its quarters; the month or half that an address names."""
    year = to_jalali(window.period.starts)[0]
    parts = [
        periods.regular(PeriodKind.YEAR, year),
        *(periods.regular(PeriodKind.QUARTER, year, n) for n in (1, 2, 3, 4)),
    ]
    if window.code not in {part.code for part in parts}:
        parts.append(window.period)
    return _choices(scope, parts, lambda part: part.code == window.code)


def _choices(scope: Scope, found: Iterable[Period], is_current) -> list[dict]:
    return [
        {
            "url": f"?period={period.code}{scope.more}",
            "label": period.label(),
            "count": None,
            "current": is_current(period),
        }
        for period in found
    ]
