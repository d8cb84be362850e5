"""The reports that a person may see."""

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.paging import choices, page_of
from sajad_portal.lib.text import search_key

from ..enums import CallState, ReportStatus
from ..models import Call, Report
from ..periods import label
from ..queries import reports_at, visible_calls, visible_reports

BY = ("-call__period_starts", "-call_id", "unit__sort_key", "pk")
RECENT_CALLS = 30


@access("visible_reports")
@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """Filtered by status, period, call and words of the unit's name; the newest period first."""
    at = database_now()
    call, period = request.GET.get("call", ""), request.GET.get("period", "")
    words, status = request.GET.get("q", "").strip(), request.GET.get("status", "")
    found = reports_at(at).filter(visible_reports(request.user)).exclude(call__state=CallState.DRAFT)
    found = _narrowed(found, call, period, words)
    counts = dict(found.order_by().values_list("status").annotate(n=Count("pk")))
    if status in ReportStatus.values:
        found = found.filter(status=status)
    calls = list(
        visible_calls(request.user).exclude(state=CallState.DRAFT).order_by("-period_starts", "-pk")[:RECENT_CALLS]
    )
    page = page_of(found, request, by=BY, size=25)
    context = {
        "page": page,
        "rows": [_row(report) for report in page],
        "choices": choices(request, "status", _statuses(counts)),
        "calls": calls,
        "periods": _periods(calls),
        "chosen": {"call": call, "period": period, "status": status},
        "words": words,
        "narrowed": bool(call or period or words or status),
    }
    return render(request, "reports/report/list.html", context)


def _narrowed(found: QuerySet[Report], call: str, period: str, words: str) -> QuerySet[Report]:
    if call.isascii() and call.isdigit() and len(call) < 10:
        found = found.filter(call_id=int(call))
    if period:
        found = found.filter(call__period_code=period[:20])
    for word in search_key(words).split():
        found = found.filter(unit__search_key__contains=word)
    return found


def _statuses(counts: dict[str, int]) -> list[tuple[str, str, int | None]]:
    """Statuses that occur, in the order of a report's life, and all of them."""
    shown = [
        (value, str(ReportStatus(value).label), counts[value]) for value in ReportStatus.values if counts.get(value)
    ]
    return [("", _("All"), sum(counts.values())), *shown]


def _periods(calls: list[Call]) -> list[tuple[str, str]]:
    return list(
        {call.period_code: label(call.period_kind, call.period_starts, call.period_ends) for call in calls}.items()
    )


def _row(report: Report) -> dict:
    """`due` is the instant that matters now, where one does."""
    call = report.call
    due = None
    if report.status == ReportStatus.RETURNED:
        due = report.correction_due_at
    elif report.is_open and report.status in (
        ReportStatus.NOT_STARTED,
        ReportStatus.DRAFT,
        ReportStatus.AWAITING_SIGN_OFF,
    ):
        due = report.deadline
    period = label(call.period_kind, call.period_starts, call.period_ends)
    return {"report": report, "call": call, "period": period, "due": due}
