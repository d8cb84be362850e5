"""Verbs over chosen units of a call: remind, extend, excuse. The table of reports posts what was ticked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.language import Words
from sajad_portal.lib.numbers import listed, local_digits
from sajad_portal.lib.text import normalise
from units.pages.frame import SignedInRequest

from ...actions.calls import excuse_unit
from ...actions.deciding import why_not_decider
from ...actions.extensions import extend_units
from ...actions.reminders import remind_units
from ...actions.time_limits import require_excusable, require_more_time_for_all
from ...enums import CallState
from ...forms.call_changes import CallReasonForm, NoteForm, UntilForm
from ...models import Call, Report
from ...pages.calls import consequences
from ...pages.calls.reminder import preview
from ...queries import call_for
from ...queries.calls import Numbers, chosen_reports, last_reminder
from ...rules import can_decide, can_decide_in, can_manage_call
from .changes import add_refusal, refuse_if_not
from .frame import call_frame

SHOWN = 100
SHOWN_LEFT_OUT = 6


def _excuse(call: Call, reports: Iterable[Report], by, given: dict) -> None:
    for report in reports:
        excuse_unit(report=report, by=by, reason=given["reason"])


@dataclass(frozen=True)
class UnitsAction:
    title: Words
    verb: Words
    done: Words
    form: type[forms.Form]
    consequence: Callable[..., list[str]]
    run: Callable[..., object]
    tone: str = "primary"
    check: Callable[..., object] | None = None  # as in `changes.Action`; takes the reports instead of the call


ACTIONS = {
    "remind": UnitsAction(
        gettext_lazy("Remind units"),
        gettext_lazy("Send the reminder"),
        gettext_lazy("The reminder stands in the portal; what goes by mail is sent in the background."),
        NoteForm,
        consequences.of_remind,
        lambda call, reports, by, given: remind_units(call=call, reports=reports, by=by, note=given["note"]),
    ),
    "extend": UnitsAction(
        gettext_lazy("Extend the deadline of chosen units"),
        gettext_lazy("Extend the deadline"),
        gettext_lazy("The deadline of the chosen units is extended and they are told."),
        UntilForm,
        consequences.of_extend_units,
        lambda call, reports, by, given: extend_units(
            call=call, reports=reports, by=by, until=given["until"], reason=given["reason"]
        ),
        check=lambda reports, given, at: require_more_time_for_all(reports, given["until"], at),
    ),
    "excuse": UnitsAction(
        gettext_lazy("Excuse units"),
        gettext_lazy("Excuse them"),
        gettext_lazy("The chosen units are excused and told."),
        CallReasonForm,
        consequences.of_excuse,
        _excuse,
        "danger",
        check=lambda reports, given, at: require_excusable(reports),
    ),
}


DECIDING = ("extend", "excuse")  # about each unit; a reminder decides nothing


def bulk_actions(frame: dict) -> list[dict]:
    """For components/list_bulk.html, of what `framing.frame` says of the call; each leads to `call_units`."""
    if not frame["decides"]:
        return []
    every = [
        ("remind", _("Remind"), "bell", frame["manages"] and "remind" in frame["offered"]),
        ("extend", _("Extend the deadline"), "calendar-plus", True),
        ("excuse", _("Excuse"), "person-dash", True),
    ]
    return [{"label": label, "icon": icon, "url": _url(frame, verb)} for verb, label, icon, shown in every if shown]


def remind_everyone(frame: dict, numbers: Numbers) -> dict | None:
    """One more button of the same bar: all that have not submitted, on whichever page of the list."""
    if not frame["manages"] or "remind" not in frame["offered"] or not numbers.waiting:
        return None
    label = _("Remind all %(n)s that have not submitted") % {"n": local_digits(numbers.waiting)}
    return {"name": "everyone", "value": "1", "url": _url(frame, "remind"), "label": label}


def _url(frame: dict, verb: str) -> str:
    return reverse("reports:call_units", args=[frame["call"].pk, verb])


@require_POST
@access("can_decide_in")
def call_units(request: SignedInRequest, pk: int, action: str) -> HttpResponse:
    """First post: the ticked units; then the form and the consequence; then, with `step=confirmed`, the verb."""
    chosen = ACTIONS.get(action)
    at = database_now()
    call = call_for(request.user, pk, at)
    if chosen is None or call.state != CallState.PUBLISHED:
        raise Http404
    decides = action in DECIDING
    refuse_if_not((can_decide_in if decides else can_manage_call)(request.user, call, at))
    everyone, under = "everyone" in request.POST, request.POST.get("under", "")
    codes = request.POST.getlist("report")
    reports = chosen_reports(call, request.user, at, codes, everyone=everyone, under=under)
    left_out = [report for report in reports if decides and not can_decide(request.user, report, at)]
    reports = [report for report in reports if report not in left_out]
    if not reports:
        if left_out:
            raise why_not_decider(request.user, left_out[0], at)
        messages.warning(request, _("Choose at least one unit in the table first."))
        return redirect("reports:call", call.pk)
    filled = request.POST.get("step", "")
    form = chosen.form(request.POST if filled else None)
    context = call_frame(request.user, call, at, "") | {
        "form": form,
        "action": chosen,
        "count": len(reports),
        "shown": reports[:SHOWN],
        "left_out": listed(report.unit_name for report in left_out[:SHOWN_LEFT_OUT]),
        # All that have not submitted are carried as that, not as thousands of codes.
        "kept": [("everyone", "1"), ("under", under)] if everyone else [("report", code) for code in codes],
    }
    context["reminded"] = last_reminder(call) if action == "remind" else None
    if filled and form.is_valid():
        given = form.cleaned_data
        confirmed, back = filled == "confirmed", "back" in request.POST
        try:
            if confirmed:
                chosen.run(call, reports, request.user, given)
            elif chosen.check and not back:
                chosen.check(reports, given, at)
        except Refused as refusal:
            add_refusal(form, refusal)
            return render(request, "reports/calls/units.html", context, status=422)
        if confirmed:
            messages.success(request, str(chosen.done))
            return redirect("reports:call", call.pk)
        if not back:
            context["sentences"] = chosen.consequence(call, reports, at, until_=given.get("until"))
            if action == "remind":
                context["preview"] = preview(call, reports, normalise(given["note"]), at)
    return render(request, "reports/calls/units.html", context, status=422 if form.errors else 200)
