"""The reports that a person may see."""

from datetime import datetime

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.lists import Column, Listing
from sajad_portal.lib.periods import label
from sla.pages.apart import ServicesApart
from units.pages.frame import SignedInRequest

from ...enums import UNSUBMITTED, CallState, ReportStatus, Timeliness
from ...models import Call, Report
from ...queries import visible_calls, visible_reports
from ...queries.reports import of_status, of_timeliness, reports_listed, search_listed

RECENT_CALLS, SIZE = 30, 50

DUE = Column("due", gettext_lazy("Due"))
STATUS = Column("status", gettext_lazy("Status"))
CODE = Column("code", gettext_lazy("Tracking code"), optional=True)
# What sorts reads off an index, however many reports there are.
EVERY_CALL = Listing(
    Column("unit", gettext_lazy("Unit"), by=("unit__sort_key", "-call_id"), fixed=True),
    Column("call", gettext_lazy("Call"), by=("call_id", "unit_sort_key"), falls=True),
    Column("service", gettext_lazy("Service"), optional=True),
    Column("period", gettext_lazy("Period")),
    STATUS,
    DUE,
    Column("submitted", gettext_lazy("Submitted")),
    CODE,
    sort="-call",
)
# The reports of one call are few enough to sort by anything; that call's name and period stand over the list.
ONE_CALL = Listing(
    Column("unit", gettext_lazy("Unit"), by=("unit_sort_key",), fixed=True),
    Column("call", gettext_lazy("Call"), optional=True),
    Column("service", gettext_lazy("Service"), optional=True),
    Column("period", gettext_lazy("Period"), optional=True),
    STATUS,
    DUE,
    Column("submitted", gettext_lazy("Submitted"), by=("submitted_at",), falls=True, blank=True),
    CODE,
    sort="unit",
)


@access("visible_reports")
@require_GET
def reports(request: SignedInRequest) -> HttpResponse:
    """Filtered by status, period, call and words of the unit's name; the newest call first."""
    at = database_now()
    calls = calls_offered(request)
    apart = ServicesApart()
    listing = ONE_CALL if _asked(request) in {call.pk for call in calls} else EVERY_CALL
    listed = listing.of(request, also=apart.also)
    words = listed.search(_("Name or code of the unit"))
    call = listed.choose("call", _("Call"), [("", _("All calls")), *((str(c.pk), c.title) for c in calls)], menu=True)
    period = listed.choose("period", _("Period"), [("", _("All periods")), *_periods(calls)], menu=True)
    found = search_listed(_found(request, at, calls, call, period), words)
    found = apart.narrowed(listed, found, "call__agreement__service")
    timing = listed.choose(
        "deadline", _("Against the deadline"), [("", _("On time or not")), *Timeliness.choices], menu=True
    )
    if timing:
        found = of_timeliness(found, timing)
    # Counting reads every row that is counted: only those of one call.
    counts = _counts(found) if call else None
    statuses = _statuses(counts, request.GET.get("status", ""))
    status = listed.choose("status", _("Status"), statuses, menu=counts is None)
    page = listed.page(of_status(found, status) if status else found, size=SIZE)
    one = next((c for c in calls if str(c.pk) == call), None)
    context = {"listing": listed, "page": page, "rows": [_row(report) for report in page], "one": one}
    return render(request, "reports/report/list.html", context)


def _asked(request: SignedInRequest) -> int:
    """The call that the address names; 0 for none."""
    text = request.GET.get("call", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def calls_offered(request: SignedInRequest) -> list[Call]:
    """Those to choose from: the newest ones, and the one that was asked for."""
    found = visible_calls(request.user).exclude(state=CallState.DRAFT).order_by("-period_starts", "-pk")
    calls = list(found[:RECENT_CALLS])
    asked = _asked(request)
    if asked and asked not in {call.pk for call in calls}:
        calls += found.filter(pk=asked)
    return calls


def _found(request: SignedInRequest, at: datetime, calls: list[Call], call: str, period: str) -> QuerySet[Report]:
    """A period is named by its calls, so that the index on the call serves it, too."""
    found = reports_listed(at).filter(visible_reports(request.user))
    if not (call or period):
        return found
    ids = [c.pk for c in calls if call in ("", str(c.pk)) and period in ("", c.period_code)]
    return found.filter(call_id=ids[0]) if len(ids) == 1 else found.filter(call_id__in=ids)


def _counts(found: QuerySet[Report]) -> dict[str, int]:
    """{status: how many}, "" for all; under `missed` whatever missed its deadline, with a result of 0 as well (`of_status`)."""
    counts: dict[str, int] = {"": 0}
    for status, timing, n in found.order_by().values_list("status", "timeliness").annotate(n=Count("pk")):
        for key in {"", status, *({ReportStatus.MISSED.value} if timing == Timeliness.MISSED else ())}:
            counts[key] = counts.get(key, 0) + n
    return counts


def _statuses(counts: dict[str, int] | None, chosen: str) -> list[tuple[str, str, int | None]]:
    """In the order of a report's life; where they are counted, those that occur."""
    every = [(str(value), str(words)) for value, words in ReportStatus.choices]
    if counts is None:
        return [("", _("All statuses"), None), *((value, words, None) for value, words in every)]
    shown = [(value, words, counts.get(value, 0)) for value, words in every if value in (*counts, chosen)]
    return [("", _("All"), counts[""]), *shown]


def _periods(calls: list[Call]) -> list[tuple[str, str]]:
    return list({c.period_code: label(c.period_kind, c.period_starts, c.period_ends) for c in calls}.items())


def _row(report: Report) -> dict:
    """`due` is the instant that matters now, where one does."""
    call = report.call
    due = None
    if report.status == ReportStatus.RETURNED:
        due = report.correction_due_at
    elif report.is_open and report.status in UNSUBMITTED:
        due = report.deadline
    period = label(call.period_kind, call.period_starts, call.period_ends)
    timing = Timeliness(report.timeliness) if report.timeliness else None
    return {"report": report, "call": call, "period": period, "due": due, "timing": timing}
