"""A coordinator's verbs: what is needed is asked, the consequence told, and only then it is done.

Each page is one form in two steps that also work without a script: filled in, then confirmed (`step=confirmed`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.language import Words
from sla.queries import pinned_documents
from units.pages.frame import SignedInRequest
from units.queries.tree import visible_units

from ...actions import calls as verbs
from ...actions.time_limits import require_askable, require_earlier_closing, require_later_closing
from ...enums import CallState
from ...forms.call_changes import AskForm, CallReasonForm, CloseForm, UntilForm
from ...models import Call
from ...pages.calls import consequences
from ...pages.calls.before_publishing import warnings_before_publishing
from ...queries import call_for
from ...queries.calls import audience_of, audience_units, numbers_of
from ...rules import can_manage_call
from ...rules.calls import offered
from .frame import call_frame


@dataclass(frozen=True)
class Action:
    """One verb over a call as its page asks for it. `run` takes the call, the person and the cleaned form."""

    title: Words
    verb: Words
    done: Words
    form: type[forms.Form]
    consequence: Callable[..., list[str]]
    run: Callable[..., object]
    tone: str = "primary"
    check: Callable[..., object] | None = None  # what the verb will ask of what was typed; takes call, form, instant


# Where on a form a refusal belongs.
FIELD_OF = {
    "not-later": "until",
    "not-earlier": "until",
    "needs-deadline": "until",
    "retired": "unit",
    "asked-already": "unit",
}


def add_refusal(form: forms.Form, refusal: Refused) -> None:
    field = FIELD_OF.get(refusal.code, "")
    form.add_error(field if field in form.fields else None, str(refusal))


ACTIONS = {
    "open-early": Action(
        gettext_lazy("Open the call early"),
        gettext_lazy("Open now"),
        gettext_lazy("The call is open."),
        CallReasonForm,
        consequences.of_open_early,
        lambda call, by, given: verbs.open_early(call=call, by=by, reason=given["reason"]),
    ),
    "extend": Action(
        gettext_lazy("Extend the deadline for all"),
        gettext_lazy("Extend the deadline"),
        gettext_lazy("The deadline is extended and the units are told."),
        UntilForm,
        consequences.of_extend,
        lambda call, by, given: verbs.extend_call(call=call, by=by, closes_at=given["until"], reason=given["reason"]),
        check=lambda call, given, at: require_later_closing(call, given["until"], at),
    ),
    "close-early": Action(
        gettext_lazy("Close the call early"),
        gettext_lazy("Close the call"),
        gettext_lazy("The new closing stands and the units that have not submitted are told."),
        CloseForm,
        consequences.of_close_early,
        lambda call, by, given: verbs.close_early(call=call, by=by, closes_at=given["until"], reason=given["reason"]),
        "danger",
        check=lambda call, given, at: require_earlier_closing(call, given["until"], at),
    ),
    "ask": Action(
        gettext_lazy("Ask one more unit"),
        gettext_lazy("Ask the unit"),
        gettext_lazy("The unit is asked and has its tracking code."),
        AskForm,
        consequences.of_ask,
        lambda call, by, given: verbs.ask_unit(
            call=call, by=by, unit=given["unit"], until=given["until"], reason=given["reason"]
        ),
        check=lambda call, given, at: require_askable(call, given["unit"], given["until"], at),
    ),
    "cancel": Action(
        gettext_lazy("Cancel the call"),
        gettext_lazy("Cancel the call"),
        gettext_lazy("The call is cancelled and its reports are read-only."),
        CallReasonForm,
        consequences.of_cancel,
        lambda call, by, given: verbs.cancel_call(call=call, by=by, reason=given["reason"]),
        "danger",
    ),
}


def refuse_if_not(allowed: bool) -> None:
    if not allowed:
        raise Forbidden(_("Only a coordinator of the provider decides this."))


@access("can_manage_call")
def call_action(request: SignedInRequest, pk: int, action: str) -> HttpResponse:
    chosen = ACTIONS.get(action)
    at = database_now()
    call = call_for(request.user, pk, at)
    if chosen is None or call.state == CallState.DRAFT:
        raise Http404
    refuse_if_not(can_manage_call(request.user, call, at))
    if action not in offered(call):
        raise Refused(_("This is not possible now. The call’s page shows what is."), code="not-offered")
    more: dict[str, Any] = {"units": visible_units(request.user)} if chosen.form is AskForm else {}
    form = chosen.form(request.POST or None, **more)
    context = call_frame(request.user, call, at, "") | {"form": form, "action": chosen}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        confirmed = request.POST.get("step") == "confirmed"
        try:
            if confirmed:
                chosen.run(call, request.user, given)
            elif "back" not in request.POST and chosen.check:
                chosen.check(call, given, at)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            if confirmed:
                messages.success(request, str(chosen.done))
                return redirect("reports:call", call.pk)
            if "back" not in request.POST:
                context["sentences"] = _sentences(chosen, call, request.user, given, at)
    status = 422 if form.errors else 200
    return render(request, "reports/calls/action.html", context, status=status)


def _sentences(action: Action, call: Call, person, given: dict, at: datetime) -> list[str]:
    numbers = numbers_of([call], person, at)[call.pk]
    return action.consequence(call, numbers, at, unit=given.get("unit"), until_=given.get("until"))


@access("can_publish")
def call_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    """What publishing freezes, named; the button publishes. A second click meets a published call and changes nothing."""
    at = database_now()
    call = call_for(request.user, pk, at)
    refuse_if_not(can_manage_call(request.user, call, at))
    context = call_frame(request.user, call, at, "")
    if request.method == "POST":
        try:
            verbs.publish_call(call=call, by=request.user)
        except Refused as refusal:
            context["refusal"] = refusal
        else:
            messages.success(request, _("The call is published; every unit has its tracking code."))
            return redirect("reports:call", call.pk)
    elif call.state != CallState.DRAFT:
        return redirect("reports:call", call.pk)
    units = audience_units(call.audience, call.agreement, at)
    context.update(audience=audience_of(units, request.user), documents=[], warned=warnings_before_publishing(call, at))
    try:
        context["documents"] = pinned_documents(call.service)
    except Refused as refusal:
        context["refusal"] = refusal
    return render(request, "reports/calls/publish.html", context, status=422 if "refusal" in context else 200)
