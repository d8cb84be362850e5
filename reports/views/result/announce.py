"""Announcing results: what is ready, choosing, seeing what follows, and doing or ordering it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import DECIDING, access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.lists import Column, Listing
from sajad_portal.lib.numbers import local_digits
from sla.queries import days_deadline
from units.pages.frame import SignedInRequest
from units.queries.heartbeats import worker_silent_since

from ...actions.announcement_orders import order_announcement
from ...actions.announcing import announce_results
from ...enums import AnnouncedWhich
from ...models import AnnouncementOrder, Call, Report
from ...queries import call_for, form_of
from ...queries.lines import is_barred
from ...queries.results import ReadyRow, announce_filters, ready_rows, reports_of_call
from ...queries.review import counts_by_filter, search_reports
from ...rules import can_decide, can_decide_in, can_manage_call
from ...rules.calls import can_oversee_call
from ..calls.frame import call_frame

SIZE = 50
AT_ONCE = 100  # more than so many are announced in the background
SHOWN_REFUSED = 200
TOLD_FOR = timedelta(days=3)  # how long the page of results points at an order that has ended
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


@access("can_oversee_call", fresh=DECIDING)
def announce(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    call = call_for(request.user, pk, at)
    if not can_oversee_call(request.user, call, at):
        raise Forbidden(_("Results are announced by coordinators of the provider."))
    if request.method == "POST":
        return _announce(request, call, at)
    filters = announce_filters(call)
    reports = reports_of_call(call, at)
    counts = counts_by_filter(reports, filters)
    listed, labels = RESULTS.of(request), _labels()
    options = [(name, labels[name], counts[name]) for name in SHOWN]
    shown = listed.choose("show", _("Filter"), options, default="ready", narrows=False)
    words = listed.search(_("Unit’s name or code"))
    page = listed.page(search_reports(reports.filter(filters[shown]), words), size=SIZE)
    manages = can_manage_call(request.user, call, at)
    may_announce = shown in ("ready", "missed") and can_decide_in(request.user, call, at)
    context = {
        **call_frame(request.user, call, at, "announce"),
        "listing": listed,
        "page": page,
        "rows": _rows(request, page.items, at),
        "show": shown,
        "may_announce": may_announce,
        "bulk": [{"label": _("Announce the ticked"), "icon": "s-announced", "main": True}],
        "everyone": {"name": "everything", "value": shown, "label": _("Announce all of these")} if manages else None,
        **_order_of(call, at),
    }
    return render(request, "reports/result/announce.html", context)


def _rows(request: SignedInRequest, reports: Iterable[Report], at: datetime) -> list[ReadyRow]:
    """Who reports for a unit learns its result when the unit does, whatever else they are at headquarters."""
    rows = ready_rows(list(reports))
    for row in rows:
        row.barred = is_barred(request.user, row.report, at)
        row.beyond = not row.barred and not can_decide(request.user, row.report, at)
        if row.barred and row.version is None:
            row.waiting_for = []
            row.total = row.total if row.missed else None
    return rows


def _order_of(call: Call, at: datetime) -> dict:
    """The newest order of the call, as long as somebody may still want to know of it."""
    orders = call.announcement_orders.select_related("requested_by").defer("reports", "refused")
    lately = Q(ended_at__gt=at - TOLD_FOR) | Q(failed_at__gt=at - TOLD_FOR)
    newest = orders.filter(AnnouncementOrder.OPEN | lately).order_by("-requested_at").first()
    return {"order": newest, "state": newest and newest.state_at(at)}


def _announce(request: SignedInRequest, call: Call, at: datetime) -> HttpResponse:
    """First the page that says what will happen; with `step=confirmed`, the deed: report by report, or many as an order."""
    if not can_decide_in(request.user, call, at):
        raise Forbidden(_("Only a coordinator of the provider announces results."))
    reports, confirmed = reports_of_call(call, at), request.POST.get("step") == "confirmed"
    which = request.POST.get("everything")
    if which in AnnouncedWhich.values:
        reports = reports.filter(announce_filters(call)[which])
        standing = call.announcement_orders.filter(AnnouncementOrder.OPEN, which=which).first()
        if standing:
            return redirect("reports:announce_order", call.pk, standing.key)
        count = reports.count()
        if count > AT_ONCE:
            return _order(request, call, which) if confirmed else _ask(request, call, at, which, count)
    else:
        reports = reports.filter(tracking_code__in=request.POST.getlist("report"))
    rows = _rows(request, reports.order_by("unit_sort_key", "pk")[:AT_ONCE], at)
    if not rows:
        messages.warning(request, _("No report was chosen. Tick the ones to announce."))
        return redirect("reports:announce", call.pk)
    if confirmed:
        return _do(request, call, rows)
    ready = [row for row in rows if row.is_ready]
    context = {
        **_consequences(request, call, at, len(ready), sum(row.missed for row in ready)),
        "rows": ready,
        "left_out": [row for row in rows if not row.is_ready],
    }
    return render(request, "reports/result/confirm.html", context)


def _consequences(request: SignedInRequest, call: Call, at: datetime, count: int, missed: int) -> dict:
    return {
        **call_frame(request.user, call, at, ""),
        "count": count,
        "missed": missed,
        "objection_until": days_deadline(at, call.objection_days),
        "first": call.first_announced_at is None,
        "scored": form_of(call.form_version).is_scored,
    }


def _ask(request: SignedInRequest, call: Call, at: datetime, which: str, count: int) -> HttpResponse:
    """What ordering will do: how many, under which filter, and that it goes on without whoever ordered it."""
    missed = count if which == AnnouncedWhich.MISSED else 0
    context = _consequences(request, call, at, count, missed) | {"which": AnnouncedWhich(which)}
    return render(request, "reports/result/order_confirm.html", context)


def _order(request: SignedInRequest, call: Call, which: str) -> HttpResponse:
    order = order_announcement(call=call, which=which, by=request.user)
    return redirect("reports:announce_order", call.pk, order.key)


@access("can_oversee_call")
@require_safe
def announce_order(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    """How far an order is; while it is carried out, the page asks again every few seconds."""
    at = database_now()
    call = call_for(request.user, pk, at)
    if not can_oversee_call(request.user, call, at):
        raise Forbidden(_("Results are announced by coordinators of the provider."))
    order = get_object_or_404(call.announcement_orders.select_related("requested_by").defer("reports"), key=key)
    context = {
        **call_frame(request.user, call, at, ""),
        "order": order,
        "state": order.state_at(at),
        "refused": order.refused[:SHOWN_REFUSED],
        "left": order.total - order.done,
        "silent_since": worker_silent_since(at),
    }
    template = "reports/result/order_state.html" if request.htmx else "reports/result/order.html"
    return render(request, template, context)


def _do(request: SignedInRequest, call: Call, rows: list[ReadyRow]) -> HttpResponse:
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
