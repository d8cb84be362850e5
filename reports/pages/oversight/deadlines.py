"""How the reports of a period stood to their deadlines, whatever became of them since."""

from datetime import datetime

from django.db.models import Count, QuerySet

from ...enums import CallState, Timeliness
from ...models import Report
from ...queries.reports import of_timeliness
from .scope import Scope, Window


def deadlines_in(scope: Scope, window: Window, at: datetime, timing: str = "") -> QuerySet[Report]:
    """The reports whose deadline, their unit's extension counted, lies in the period, and that have come, missed it or were
    excused; with `timing` (Timeliness) those that stood so."""
    found = (
        Report.objects.with_last_moment()
        .with_timeliness(at)
        .filter(
            scope.of("unit__path", "call__agreement__service"), window.of("deadline"), call__state=CallState.PUBLISHED
        )
        # No deadline lies before its call's closing: of calls that close later nothing is looked at.
        .filter(call__closes_at__lt=window.ends)
    )
    return of_timeliness(found, timing) if timing in Timeliness.values else found.exclude(timeliness="")


def deadlines_of(scope: Scope, window: Window, at: datetime) -> list[tuple[str, str, int]]:
    """[(timing, its word, how many reports)]"""
    counts = dict(deadlines_in(scope, window, at).order_by().values_list("timeliness").annotate(Count("pk")))
    return [(value, str(label), counts.get(value, 0)) for value, label in Timeliness.choices]
