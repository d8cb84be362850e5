"""Everything that the page of oversight prints; its template decides nothing."""

from dataclasses import dataclass
from datetime import datetime

from sla.enums import Verdict
from sla.models import ServiceRequest
from sla.queries.clocks import Reading

from .acts import counted_acts, decisions_of, extensions_of, returns_of
from .clocks import answered_in, months_of, open_clocks, target_lines, target_totals
from .deadlines import deadlines_of
from .disputes import AGES, disputes_by_age, overdue_positions
from .lists import ABOUT_REQUEST, about
from .scope import Scope, Window, part_choices, service_choices, year_choices
from .terms import coverage_of

MOST = 8


@dataclass(frozen=True)
class Late:
    """One request past its target: where it stands, what it is about."""

    request: ServiceRequest
    reading: Reading
    type: str
    url: str
    words: str


def oversight_context(scope: Scope, window: Window, at: datetime) -> dict:
    """The same number of queries however many requests, returns and disputes there are. What stands now is told of a period
    that runs, never of one that is over."""
    past = window.is_past(at)
    opened = {} if past else open_clocks(scope, at)
    lines = target_lines(scope, answered_in(scope, window, at), opened.values(), window.last_day(at))
    positions = overdue_positions(scope, at)
    disputes = disputes_by_age(scope, window, at)
    acts = counted_acts(scope, window)
    return {
        "at": at,
        "past": past,
        "scope": scope,
        "window": window,
        "years": year_choices(scope, window, at),
        "services": service_choices(scope, window),
        "parts": part_choices(scope, window),
        "lines": lines,
        "months": months_of(lines),
        "totals": target_totals(lines),
        "late": _latest(scope, opened.values()),
        "positions": list(positions[:MOST]),
        "position_count": positions.count(),
        "deadlines": deadlines_of(scope, window, at),
        "returns": returns_of(scope, window, at),
        "extensions": extensions_of(scope, window),
        "decisions": decisions_of(scope, window),
        "acts": acts,
        "act_count": sum(n for _kind, _word, n in acts),
        "disputes": disputes,
        "dispute_count": sum(row.total for row in disputes),
        "ages": AGES,
        "coverage": [] if past else coverage_of(scope, at),
    }


def _latest(scope: Scope, opened) -> list[Late]:
    """The requests that are the longest past their target."""
    over = sorted(
        ((request, reading) for request, reading in opened if reading.verdict == Verdict.OVERDUE),
        key=lambda pair: pair[1].days_left,
    )[:MOST]
    related = ServiceRequest.objects.filter(pk__in=[request.pk for request, _reading in over])
    related = related.select_related(*ABOUT_REQUEST)
    whole = {request.pk: request for request in related}
    return [
        Late(whole[request.pk], reading, scope.called(whole[request.pk].request_type), *about(whole[request.pk]))
        for request, reading in over
    ]
