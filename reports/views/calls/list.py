"""The list of calls, and writing a call's draft."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from sajad_portal.lib import periods
from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.language import Words
from sajad_portal.lib.lists import Column, Listing, matching
from sla.models import Service
from sla.pages.apart import ServicesApart
from units.models import Person
from units.pages.frame import SignedInRequest
from units.queries.tree import visible_units

from ...actions.calls import create_call, edit_call
from ...actions.cloning import clone_for_next_period
from ...enums import CallPhase
from ...forms.calls import CallForm
from ...models import Call
from ...queries import call_for, visible_calls
from ...queries.calls import Numbers, audience_of, audience_units, numbers_of, phase_counts, within_reach
from ...queries.services import services_for_calls
from ...rules import can_prepare_calls
from ...rules.calls import can_edit_call

# How many units the page shows: of those asked, of those found, and as suggestions for a subtree.
PREVIEWED, FOUND, ROOTS = 25, 20, 300
CALLS = Listing(
    Column("call", gettext_lazy("Call"), fixed=True),
    Column("service", gettext_lazy("Service"), optional=True),
    Column("period", gettext_lazy("Period"), by=("period_starts", "-closes_at"), falls=True),
    Column("phase", gettext_lazy("Phase")),
    Column("opens", gettext_lazy("Opens"), by=("opens_at",), falls=True, optional=True),
    Column("closes", gettext_lazy("Closes"), by=("closes_at",), falls=True),
    Column("review", gettext_lazy("Reviewing ends"), by=("review_until",), falls=True, optional=True),
    Column("submitted", gettext_lazy("Submitted")),
    sort="-closes",
)


@access("visible_calls")
@require_safe
def calls(request: SignedInRequest) -> HttpResponse:
    at, apart = database_now(), ServicesApart()
    listed = CALLS.of(request, also=apart.also)
    words = listed.search(_("Title or period code"))
    found = matching(visible_calls(request.user).with_phase(at), words, "title", "period_code")
    found = apart.narrowed(listed, found, "agreement__service")
    phase = listed.choose("phase", _("Phase"), _phases(phase_counts(found), request.GET.get("phase", "")))
    page = listed.page(found.filter(phase=phase) if phase else found, size=20)
    numbers = numbers_of(page, request.user, at)
    context = {
        "listing": listed,
        "page": page,
        "rows": [_row(call, numbers[call.pk]) for call in page],
        "can_prepare": can_prepare_calls(request.user, at),
    }
    return render(request, "reports/calls/list.html", context)


def _row(call: Call, numbers: Numbers) -> dict:
    """`only`: the status of the one report, where the reader sees no other of the call."""
    period = periods.label(call.period_kind, call.period_starts, call.period_ends)
    return {"call": call, "period": period, "numbers": numbers, "only": next(iter(numbers.states), "")}


def _phases(counts: dict[str, int], chosen: str) -> list[tuple[str, Words, int]]:
    shown = [(phase.value, phase.label, counts.get(phase, 0)) for phase in CallPhase if phase in (*counts, chosen)]
    return [("", _("All"), sum(counts.values())), *shown]


@access("can_prepare_calls")
def call_new(request: SignedInRequest) -> HttpResponse:
    at = database_now()
    if not can_prepare_calls(request.user, at):
        raise Forbidden(_("Only a coordinator writes calls."))
    offered = services_for_calls(request.user)
    named = request.POST.get("service") or request.GET.get("service")
    service = next((one for one in offered if one.slug == named or len(offered) == 1), None)
    if service is None and offered:
        return render(request, "reports/calls/service.html", {"services": offered})
    return _written(request, at, service, call=None)


@access("can_edit_call")
def call_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    call = call_for(request.user, pk, at)
    if not can_edit_call(request.user, call, at):
        raise Forbidden(_("A published call is not edited; it is extended, closed early or cancelled on its page."))
    return _written(request, at, call.service, call=call)


def _written(request: SignedInRequest, at: datetime, service: Service | None, *, call: Call | None) -> HttpResponse:
    """The page of the form. Sent with `find` it searches for units, with `audience` it shows who would be asked; either
    way whatever is still missing elsewhere is not held up, and nothing is stored."""
    visible = visible_units(request.user)
    units = visible.active_at(at)
    posted = _with_ticked(request) if request.method == "POST" else None
    form = CallForm(posted, at=at, units=units, visible=visible, service=service, call=call)
    roots = units.filter(children__isnull=False).distinct()[:ROOTS]
    context: dict = {"form": form, "call": call, "service": service, "roots": roots, "words": ""}
    if request.method != "POST":
        return render(request, "reports/calls/edit.html", context)
    valid = form.is_valid()
    if "find" in request.POST or "audience" in request.POST:
        readable = form.only_audience_errors()
        words = request.POST.get("words", "").strip()
        context.update(
            words=words, searched=bool(words), found=units.matching(words).in_order()[:FOUND] if words else []
        )
        if readable and "audience" in request.POST:
            agreement = form.cleaned_data.get("agreement")
            asked = audience_units(form.audience, agreement, at)
            named = within_reach(asked, request.user)[:PREVIEWED]
            context.update(audience=audience_of(asked, request.user), asked=named, agreement=agreement)
        return render(request, "reports/calls/edit.html", context)
    if valid:
        try:
            done = _store(form, call, request.user)
            messages.success(request, _("The draft is stored. Nobody is told until it is published."))
            return redirect("reports:call", done.pk)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return render(request, "reports/calls/edit.html", context, status=422)


def _with_ticked(request: SignedInRequest) -> QueryDict:
    """What was posted, the units ticked among the search's results written under those that were there."""
    data = request.POST.copy()
    data["units"] = "\n".join(filter(None, [data.get("units", "").strip(), *data.getlist("pick")]))
    return data


def _store(form: CallForm, call: Call | None, by: Person) -> Call:
    return edit_call(call=call, by=by, **form.values()) if call else create_call(by=by, **form.values())


@require_POST
@access("can_prepare_calls")
def call_clone(request: SignedInRequest, pk: int) -> HttpResponse:
    call = call_for(request.user, pk, database_now())
    copy = clone_for_next_period(call=call, by=request.user)
    messages.success(request, _("A draft for the next period was made of it, with its dates moved. Look it through."))
    return redirect("reports:call_edit", copy.pk)
