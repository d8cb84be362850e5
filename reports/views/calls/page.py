"""A call: its page with the numbers that matter, who is asked, its history and snapshots."""

from datetime import datetime

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.lists import Column, Listed, Listing
from sajad_portal.lib.paging import Page, page_of
from units.pages.frame import SignedInRequest

from ...enums import CallState, Timeliness
from ...models import Call, ExtensionRequest, Snapshot
from ...pages.calls import history as call_history
from ...queries import call_for
from ...queries.calls import (
    STATUS_ORDER,
    Audience,
    asked_already,
    audience_of,
    audience_units,
    history_of,
    narrowed_reports,
    numbers_of,
    reports_of,
    unit_names,
    within_reach,
)
from ...queries.lines import hides_reviewers
from ...queries.open_matters import lost_reports
from ...rules.calls import can_edit_call, can_oversee_call
from .frame import call_frame, filters, tiles
from .units import bulk_actions, remind_everyone

REPORTS = Listing(
    Column("unit", gettext_lazy("Unit"), by=("unit_sort_key",), fixed=True),
    Column("state", gettext_lazy("State"), by=("status_order", "unit_sort_key"), adds={"status_order": STATUS_ORDER}),
    Column("submitted", gettext_lazy("Submitted"), by=("submitted_at",), falls=True, blank=True),
    Column("deadline", gettext_lazy("Deadline"), by=("deadline", "unit_sort_key"), optional=True),
    Column("saved", gettext_lazy("Last saved"), by=("last_saved_at",), falls=True, blank=True, optional=True),
    Column("code", gettext_lazy("Tracking code"), optional=True),
    sort="unit",
)
ASKED = Listing(
    Column("unit", gettext_lazy("Unit"), by=("sort_key",), fixed=True),
    Column("code", gettext_lazy("Code"), by=("code",), fixed=True),
    Column("kind", gettext_lazy("Kind"), by=("kind__sort_key", "sort_key"), fixed=True),
    Column("people", gettext_lazy("People"), by=("has_head", "has_people", "sort_key"), fixed=True),
    Column("agreement", gettext_lazy("Agreement"), by=("has_accepted", "sort_key"), fixed=True),
    sort="unit",
)
MISSING = Listing(
    Column("unit", gettext_lazy("Unit"), by=("unit_sort_key",), fixed=True),
    Column("then", gettext_lazy("Then")),
    Column("now", gettext_lazy("Now"), by=("status_order", "unit_sort_key"), adds={"status_order": STATUS_ORDER}),
    Column("code", gettext_lazy("Tracking code")),
    sort="unit",
)
SIZE = 50
AUDIENCE_FILTERS = {"headless": {"has_head": False}, "unaccepted": {"has_accepted": False}}


@access("visible_calls")
@require_safe
def call(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    found = call_for(request.user, pk, at)
    context = call_frame(request.user, found, at, "call")
    if found.state == CallState.DRAFT:
        context["audience"] = audience_of(audience_units(found.audience, found.agreement, at), request.user)
        return render(request, "reports/calls/draft.html", context)
    numbers = numbers_of([found], request.user, at)[found.pk]
    listed = REPORTS.of(request)
    lost = lost_reports(Q(call=found)).count() if context["oversees"] else 0
    page = _reports(listed, found, filters(numbers, request.GET.get("status", ""), lost), at)
    context.update(
        numbers=numbers,
        tiles=[tile for tile in tiles(found, numbers) if tile["value"] and tile["value"] != numbers.asked],
        listing=listed,
        page=page,
        rows=[(report, Timeliness(report.timeliness) if report.timeliness else None) for report in page],
        bulk=bulk_actions(context),
        everyone=remind_everyone(context, numbers),
        requests=0,
        events=[],
    )
    if context["oversees"]:
        context["requests"] = ExtensionRequest.objects.filter(report__call=found, decided_at=None).count()
        context["events"] = _steps(request, found, history_of(found, request.user, whole=True)[:3], at)
    return render(request, "reports/calls/page.html", context)


def _reports(listed: Listed, call: Call, states: list[tuple], at: datetime) -> Page:
    words = listed.search(_("Unit’s name or code"))
    status = listed.choose("status", _("State"), states)
    return listed.page(
        narrowed_reports(reports_of(call, listed.request.user, at), status=status, words=words), size=SIZE
    )


def _steps(request: SignedInRequest, call: Call, events, at: datetime) -> list[dict]:
    events = call_history.with_figures(call, list(events))
    names = not hides_reviewers(call, request.user, at)
    return call_history.call_steps(events, unit_names(call, events), names=names)


@access("visible_calls")
@require_safe
def call_history_page(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    found = call_for(request.user, pk, at)
    context = call_frame(request.user, found, at, "call_history")
    page = page_of(history_of(found, request.user, whole=context["oversees"]), request, by=("-pk",))
    context.update(page=page, steps=_steps(request, found, page, at))
    return render(request, "reports/calls/history.html", context)


@access("can_oversee_call")
@require_safe
def call_snapshots(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    found = call_for(request.user, pk, at)
    _only_overseers(request, found, at)
    context = call_frame(request.user, found, at, "call_snapshots")
    snapshots = list(found.snapshots.order_by("number"))
    number = request.GET.get("number", "")
    shown = next((one for one in snapshots if str(one.number) == number), snapshots[-1] if snapshots else None)
    if shown:
        context |= _missing(MISSING.of(request), found, shown, at)
    context.update(snapshots=snapshots, shown=shown)
    return render(request, "reports/calls/snapshots.html", context)


def _missing(listed: Listed, call: Call, shown: Snapshot, at: datetime) -> dict:
    """Who had not submitted when the snapshot was taken."""
    then = {"missed": shown.missed, "open": shown.open}
    every = [
        ("", _("All"), len(shown.missed) + len(shown.open)),
        ("missed", _("Missed"), len(shown.missed)),
        ("open", _("Still open"), len(shown.open)),
    ]
    asked = listed.choose("then", _("Then"), every)
    codes = then[asked] if asked else [*shown.missed, *shown.open]
    words = listed.search(_("Unit’s name or code"))
    reports = narrowed_reports(reports_of(call, listed.request.user, at), words=words).filter(tracking_code__in=codes)
    return {"listing": listed, "rows": listed.page(reports, size=SIZE), "missed": set(shown.missed)}


@access("can_oversee_call")
@require_safe
def call_audience(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    found = call_for(request.user, pk, at)
    if not can_edit_call(request.user, found, at):
        _only_overseers(request, found, at)
    units = (
        audience_units(found.audience, found.agreement, at)
        if found.state == CallState.DRAFT
        else asked_already(found, at)
    )
    context = call_frame(request.user, found, at, "call_audience") | {"audience": audience_of(units, request.user)}
    listed = ASKED.of(request)
    words = listed.search(_("Unit’s name or code"))
    chosen = listed.choose("only", _("Filter units"), _flags(context["audience"]))
    page = listed.page(
        within_reach(units, request.user)
        .select_related("kind")
        .filter(**AUDIENCE_FILTERS.get(chosen, {}))
        .matching(words)
    )
    context.update(listing=listed, page=page)
    return render(request, "reports/calls/audience.html", context)


def _flags(audience: Audience) -> list[tuple[str, str, int]]:
    return [
        ("", _("All"), audience.units),
        ("headless", _("Without a head"), audience.headless),
        ("unaccepted", _("Agreement not accepted"), audience.unaccepted),
    ]


def _only_overseers(request: SignedInRequest, call: Call, at) -> None:
    if not can_oversee_call(request.user, call, at):
        raise Forbidden(_("These figures are for headquarters. Your unit’s report is on the call’s page."))
