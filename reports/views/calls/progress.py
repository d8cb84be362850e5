"""How far a call is: by unit, by section, against time, and whom to call. The first keeps itself up to date while open."""

import hashlib
import json
from dataclasses import replace
from itertools import compress

from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.language import current_language
from sajad_portal.lib.lists import Column, Listed, Listing
from units.models import Event
from units.pages.frame import SignedInRequest
from units.queries.tree import visible_units

from ...enums import CallPhase, CallState
from ...models import Call
from ...pages.progress.pace import chart_of, earlier_calls, paces, standing_now
from ...pages.progress.people import not_submitted, with_contacts
from ...pages.progress.sections import STATES, reports_under, section_rows, sections_of
from ...pages.progress.tree import branch_of
from ...queries import visible_calls
from ...queries.calls import STATUS_ORDER, last_reminder, narrowed_reports
from ...queries.desk import headless, unaccepted
from ...rules.calls import can_oversee_call
from .frame import call_frame, tiles
from .units import bulk_actions

LIVE = (CallPhase.OPEN, CallPhase.GRACE)
ROWS = 30
UNIT = Column("unit", gettext_lazy("Unit"), by=("unit_sort_key",), fixed=True)
LACKS = [
    ("head", gettext_lazy("Nobody who can sign at closing")),
    ("acceptance", gettext_lazy("The agreement is not accepted")),
]
SILENT = Listing(
    UNIT,
    Column("state", gettext_lazy("State"), by=("status_order", "unit_sort_key"), adds={"status_order": STATUS_ORDER}),
    Column("saved", gettext_lazy("Last saved"), by=("activity", "unit_sort_key")),
    Column("people", gettext_lazy("People")),
    sort="saved",
)


@access("can_oversee_call")
@require_safe
def call_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    call = _call(request, pk, at)
    context = _framed(request, call, at, "call_progress") | _live(request, call, at)
    return render(request, "reports/calls/progress/page.html", context)


@access("can_oversee_call")
@require_safe
def progress_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the page asks for every half minute. 304 where nothing happened: three statements, none of them a count."""
    at = database_now()
    call = _call(request, pk, at)
    etag = _etag(request, call, at)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        unchanged["ETag"] = etag
        return unchanged
    context = call_frame(request.user, call, at, "") | _live(request, call, at)
    answer = render(request, "reports/calls/progress/live.html", context)
    answer["ETag"] = etag
    return answer


@access("can_oversee_call")
@require_safe
def progress_sections(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    call = _call(request, pk, at)
    sections = sections_of(call, current_language())
    listed = Listing(UNIT, *(Column(f"section-{name}", label) for name, label in sections), sort="unit").of(request)
    words, under = listed.search(_("Unit’s name or code")), _within(listed)
    page = listed.page(narrowed_reports(reports_under(call, request.user, at, under), words=words), size=ROWS)
    shown = [listed.shows[f"section-{name}"] for name, _label in sections]
    rows = section_rows(call, page)
    context = _framed(request, call, at, "progress_sections") | {
        "listing": listed,
        "rows": [replace(row, cells=[*compress(row.cells, shown)]) for row in rows],
        "legend": STATES.values(),
    }
    return render(request, "reports/calls/progress/sections.html", context)


@access("can_oversee_call")
@require_safe
def progress_pace(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    call = _call(request, pk, at)
    found = paces([call, *earlier_calls(call, request.user)], request.user, at)
    now, before, count = standing_now(found)
    context = _framed(request, call, at, "progress_pace") | {
        "paces": found,
        "chart": chart_of(found),
        "now": now,
        "many_before": count > 1,
        "before": before,
    }
    return render(request, "reports/calls/progress/pace.html", context)


@access("can_oversee_call")
@require_safe
def progress_people(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    call = _call(request, pk, at)
    listed = SILENT.of(request)
    words, under = listed.search(_("Unit’s name or code")), _within(listed)
    lacks = listed.choose("lacks", _("What they lack"), [("", _("Anything")), *LACKS], menu=True)
    found = narrowed_reports(not_submitted(call, request.user, at, under), words=words)
    if lacks:
        found = found.filter(headless(at) if lacks == "head" else unaccepted())
    page = listed.page(found, size=ROWS)
    context = _framed(request, call, at, "progress_people")
    context |= {
        "listing": listed,
        "rows": with_contacts(page, at),
        "reminded": last_reminder(call),
        "under": under,
        "bulk": bulk_actions(context),
        "everyone": _everyone(context),
    }
    return render(request, "reports/calls/progress/people.html", context)


def _within(listed: Listed) -> str:
    """The id of the unit to whose subtree a link narrows the list; "" for none that the person may see."""
    asked = listed.request.GET.get("under", "")
    known = asked.isascii() and asked.isdigit() and len(asked) < 10
    unit = visible_units(listed.request.user).filter(pk=asked).first() if known else None
    listed.narrowed_by(_("Unit and all below it"), unit.name if unit else "", "under", typed=False)
    return asked if unit else ""


def _everyone(frame: dict) -> dict | None:
    """One more button of the bar: all within the unit, on whichever page of the list."""
    if "remind" not in frame["offered"]:
        return None
    url = reverse("reports:call_units", args=[frame["call"].pk, "remind"])
    return {"name": "everyone", "value": "1", "label": _("Remind all that have not submitted"), "url": url}


def _call(request: SignedInRequest, pk: int, at) -> Call:
    """The call with `last_event`, by which an open page knows that something happened: all that moves it is recorded."""
    latest = Event.objects.filter(call_id=OuterRef("pk")).order_by("-id").values("pk")[:1]
    found = visible_calls(request.user).with_phase(at).annotate(last_event=Subquery(latest)).filter(pk=pk).first()
    if found is None or found.state == CallState.DRAFT:
        raise Http404
    if not can_oversee_call(request.user, found, at):
        raise Forbidden(_("These figures are for headquarters. Your unit’s report is on the call’s page."))
    return found


def _framed(request: SignedInRequest, call: Call, at, part: str) -> dict:
    every = [
        ("call_progress", _("By unit")),
        ("progress_sections", _("By section")),
        ("progress_pace", _("Against time")),
        ("progress_people", _("Whom to call")),
    ]
    parts = [
        {"url": reverse(f"reports:{name}", args=[call.pk]), "label": label, "count": None, "current": name == part}
        for name, label in every
    ]
    return call_frame(request.user, call, at, "call_progress") | {"parts": parts}


def _live(request: SignedInRequest, call: Call, at) -> dict:
    branch = branch_of(call, request, at)
    return {
        "branch": branch,
        "tiles": tiles(call, branch.here.numbers, linked=branch.is_top),
        "reminded": last_reminder(call) if branch.here.numbers.waiting else None,
        "poll": call.phase in LIVE,
        "seen": json.dumps({"If-None-Match": _etag(request, call, at)}),
        "asked_for": request.GET.urlencode(),
    }


def _etag(request: SignedInRequest, call: Call, at) -> str:
    """Time moves a report at a closing (the phase) or at a day's end; everything else leaves an event.

    The page differs by who reads it, in which language, and where in the tree.
    """
    where = request.GET.urlencode()
    parts = (call.pk, call.last_event, call.phase, tehran_date(at), request.user.pk, current_language(), where)
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'
