"""Announcing results: what is ready, choosing, seeing what follows, and doing it."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.lists import Column, Listing
from sajad_portal.lib.numbers import local_digits
from sla.queries import days_deadline

from ..actions.announcing import announce_results
from ..models import Call, Report
from ..queries import call_for
from ..queries_results import ReadyRow, announce_filters, ready_rows, reports_of_call
from ..queries_review import counts_of, search_reports
from ..rules import can_manage_call, conflicted
from ..rules_calls import can_oversee_call
from .framing import frame

SIZE = 50
MOST = 500
SHOWN = ("ready", "missed", "reviewing", "announced")
RESULTS = Listing(
    Column("unit", gettext_lazy("Unit"), by=("unit_sort_key",), fixed=True),
    Column("state", gettext_lazy("State"), fixed=True),
    Column("total", gettext_lazy("Total"), fixed=True, css="num"),
    Column("remarks", gettext_lazy("Remarks"), fixed=True),
    sort="unit",
)


def _labels() -> dict[str, str]:
    return {
        "ready": _("Ready"),
        "missed": _("Missed"),
        "reviewing": _("In reviewing"),
        "announced": _("Announced"),
    }


@access("can_oversee_call")
def announce(request: HttpRequest, pk: int) -> HttpResponse:
    at = database_now()
    call = call_for(request.user, pk, at)
    if not can_oversee_call(request.user, call, at):
        raise Forbidden(_("Results are announced by coordinators of the provider."))
    if request.method == "POST":
        return _announce(request, call, at)
    filters = announce_filters()
    reports = reports_of_call(call, at)
    counts = counts_of(reports, filters)
    listed, labels = RESULTS.of(request), _labels()
    options = [(name, labels[name], counts[name]) for name in SHOWN]
    shown = listed.choose("show", _("Filter"), options, default="ready", narrows=False)
    words = listed.search(_("Unit’s name or code"))
    page = listed.page(search_reports(reports.filter(filters[shown]), words), size=SIZE)
    may_announce = shown in ("ready", "missed") and can_manage_call(request.user, call, at)
    context = {
        **frame(request.user, call, at, "announce"),
        "listing": listed,
        "page": page,
        "rows": _rows(request, page.items, at),
        "show": shown,
        "may_announce": may_announce,
        "bulk": [{"label": _("Announce the ticked"), "icon": "s-announced", "main": True}],
        "everyone": {"name": "everything", "value": shown, "label": _("Announce all of these")},
    }
    return render(request, "reports/result/announce.html", context)


def _rows(request: HttpRequest, reports: Iterable[Report], at: datetime) -> list[ReadyRow]:
    """Who reports for a unit learns its result when the unit does, whatever else they are at headquarters."""
    rows = ready_rows(list(reports))
    for row in rows:
        row.barred = conflicted(request.user, row.report, at)
        if row.barred and row.version is None and not row.missed:
            row.total = None
    return rows


def _announce(request: HttpRequest, call: Call, at: datetime) -> HttpResponse:
    """First the page that says what will happen; with `step=confirmed`, the deed, report by report."""
    if not can_manage_call(request.user, call, at):
        raise Forbidden(_("Only a coordinator of the provider announces results."))
    reports = reports_of_call(call, at).order_by("unit_sort_key", "pk")
    filters = announce_filters()
    if request.POST.get("everything") in ("ready", "missed"):
        reports = reports.filter(filters[request.POST["everything"]])
    else:
        reports = reports.filter(tracking_code__in=request.POST.getlist("report"))
    rows = _rows(request, reports[:MOST], at)
    if not rows:
        messages.warning(request, _("No report was chosen. Tick the ones to announce."))
        return redirect("reports:announce", call.pk)
    if request.POST.get("step") == "confirmed":
        return _do(request, call, rows)
    context = {
        **frame(request.user, call, at, ""),
        "rows": [row for row in rows if row.is_ready],
        "left_out": [row for row in rows if not row.is_ready],
        "missed": sum(row.missed for row in rows if row.is_ready),
        "objection_until": days_deadline(at, call.objection_days),
        "first": call.first_announced_at is None,
    }
    return render(request, "reports/result/confirm.html", context)


def _do(request: HttpRequest, call: Call, rows: list[ReadyRow]) -> HttpResponse:
    done = announce_results(reports=[row.report for row in rows], by=request.user)
    announced = sum(a.version is not None for a in done)
    if announced:
        messages.success(
            request,
            ngettext("%(n)s result is announced.", "%(n)s results are announced.", announced)
            % {"n": local_digits(announced)},
        )
    for refused in [a for a in done if a.refusal][:5]:
        messages.error(request, f"{refused.report.unit_name}: {refused.refusal}")
    return redirect("reports:announce", call.pk)
