"""One general request: its draft, its thread, what each side does there."""

from datetime import datetime

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.files import file_response
from sla.actions.request_decisions import contest_decision, decide_request, why_no_decider
from sla.actions.request_fees import contest_request_fee
from sla.actions.requests import (
    edit_request,
    file_request,
    remove_request_file,
    withdraw_general_request,
    write_about_request,
)
from sla.enums import GeneralStatus, Subject
from sla.files.attachments import megabytes
from sla.models import GeneralRequest, RequestFile
from sla.queries.requests import dispute_over, general_request_for, standing_decision
from sla.rules.requests import (
    asking_membership,
    can_contest_decision,
    can_contest_fee,
    can_edit_request,
    decision_side,
    request_decider,
)
from units.pages.frame import SignedInRequest

from ...forms.requests import DecisionForm, RequestForm
from ...pages.disputes.act import decision_facts, fee_facts
from ...pages.requests.page import asked_for, request_context
from ...rules.contestable_acts import fee_of
from ..disputes.filing import filing_page
from .room import note_no_room

# Refusals that belong beside what was typed; all others have a page of their own.
BESIDE = ("unit-ended", "no-reason", "no-files", "no-agreement", "not-accepted", "no-such-type", "no-gateway")


@access("visible_requests")
@require_safe
def general_request(request: SignedInRequest, pk: int) -> HttpResponse:
    return _request_page(request, general_request_for(request.user, pk))


def _request_page(request: SignedInRequest, general: GeneralRequest, *, status: int = 200, **more) -> HttpResponse:
    """The page; after a refusal with what was typed and why it was not taken."""
    context = request_context(request.user, general, database_now())
    form = DecisionForm() if context["can"].decide else None
    context |= {"form": form, "typed": "", "trouble": "", "not_filed": "", **more}
    return render(request, "reports/requests/page.html", context, status=status)


@access("can_edit_request")
@require_http_methods(["GET", "POST"])
def request_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    general = general_request_for(request.user, pk)
    _must_ask(request, general, at)
    if not can_edit_request(request.user, general, at):
        raise Refused(_("What was filed stays as it is. Write what you have to add into its thread."), code="filed")
    form = RequestForm(request.POST or None, initial={"reason": general.reason})
    if request.method == "POST" and form.is_valid():
        try:
            edit_request(
                general=general, reason=form.cleaned_data["reason"], by=request.user,
                files=request.FILES.getlist("files"),
            )  # fmt: skip
        except Forbidden:
            raise
        except Refused as refusal:
            note_no_room(refusal, general.unit, general.request_type.service, request.user)
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The draft is kept. The provider does not see it before it is filed."))
            return redirect("reports:request", pk)
    context = {
        "choice": asked_for(general.request_type, general.unit, at), "general": general, "kind": general.request_type, "unit": general.unit, "form": form,
        "files": general.files.all(), "megabytes": megabytes(),
    }  # fmt: skip
    return render(request, "reports/requests/write.html", context, status=422 if form.errors else 200)


def _must_ask(request: SignedInRequest, general: GeneralRequest, at: datetime) -> None:
    if asking_membership(request.user, general, at) is None:
        raise Forbidden(_("A request is written by the experts and heads of the unit."))


@access("can_file_request")
@require_POST
def request_send(request: SignedInRequest, pk: int) -> HttpResponse:
    general = general_request_for(request.user, pk)
    try:
        filed = file_request(general=general, by=request.user)
    except Refused as refusal:
        if refusal.code not in BESIDE:
            raise
        return _request_page(request, general, status=422, not_filed=str(refusal))
    if filed.status == GeneralStatus.UNPAID:
        messages.success(request, _("The request is filed. Pay its fee; then the provider is told and decides."))
    else:
        messages.success(request, _("The request is filed; the provider has been told."))
    return redirect("reports:request", pk)


@access("can_write_about")
@require_POST
def request_write(request: SignedInRequest, pk: int) -> HttpResponse:
    general, text = general_request_for(request.user, pk), request.POST.get("text", "")
    try:
        write_about_request(general=general, text=text, by=request.user, files=request.FILES.getlist("files"))
    except Forbidden:
        raise
    except Refused as refusal:
        note_no_room(refusal, general.unit, general.request_type.service, request.user)
        fresh = general_request_for(request.user, pk)
        return _request_page(request, fresh, status=422, typed=text, trouble=str(refusal))
    messages.success(request, _("Your message is in the thread."))
    return redirect("reports:request", pk)


@access("can_decide_request")
@require_POST
def request_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    general, form, at = general_request_for(request.user, pk), DecisionForm(request.POST), database_now()
    if request_decider(request.user, general, at) is None:
        raise why_no_decider(request.user, general, at)
    if not form.is_valid():
        return _request_page(request, general, status=422, form=form)
    decide_request(
        general=general, decision=form.cleaned_data["decision"], reason=form.cleaned_data["reason"], by=request.user
    )
    messages.success(request, _("The decision is recorded and the unit is told."))
    return redirect("reports:request", pk)


@access("can_withdraw_request")
@require_POST
def request_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    withdraw_general_request(general=general_request_for(request.user, pk), by=request.user)
    messages.success(request, _("The request is withdrawn; nothing is decided about it any more."))
    return redirect("reports:request", pk)


@access("can_contest_decision")
@require_http_methods(["GET", "POST"])
def request_contest(request: SignedInRequest, pk: int) -> HttpResponse:
    """A refusal or a part grant, within its days."""
    at = database_now()
    general = general_request_for(request.user, pk)
    made = standing_decision(general)
    if made is None or general.request is None:
        raise Refused(_("Nothing is decided about this request yet."), code="not-decided", status=404)
    context = {
        "general": general,
        "agreement": general.request.agreement,
        "act": {"subject": Subject.REQUEST, "name": Subject.REQUEST.label},
        "facts": decision_facts(general, made),
        "until": made.contest_until,
        "may": can_contest_decision(request.user, general, made, at),
        "open": dispute_over(made, at),
        "acting": decision_side(request.user, general, at),
    }
    return filing_page(
        request, context, at, lambda given: contest_decision(general=general, by=request.user, **given),
        "reports/requests/contest.html",
    )  # fmt: skip


@access("can_contest_fee")
@require_http_methods(["GET", "POST"])
def request_contest_fee(request: SignedInRequest, pk: int) -> HttpResponse:
    """The fee under which it was filed, within its days."""
    at = database_now()
    general = general_request_for(request.user, pk)
    act = fee_of(general, at)
    if act is None:
        raise Refused(_("This request has no fee that could be contested."), code="no-act", status=404)
    context = {
        "general": general,
        "agreement": general.opened.agreement,
        "act": act,
        "facts": fee_facts(general.opened),
        "until": act.until,
        "may": can_contest_fee(request.user, general, at),
        "open": act.dispute,
        "acting": decision_side(request.user, general, at),
    }
    return filing_page(
        request, context, at, lambda given: contest_request_fee(general=general, by=request.user, **given),
        "reports/requests/contest.html",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- files
@access("visible_requests")
@require_safe
def request_file(request: SignedInRequest, pk: int, file_pk: int) -> FileResponse:
    stored = _file_of(request, pk, file_pk)
    return file_response(stored.file, name=stored.name, media_type=stored.media_type, inline="show" in request.GET)


@access("can_edit_request")
@require_POST
def request_file_remove(request: SignedInRequest, pk: int, file_pk: int) -> HttpResponse:
    general = general_request_for(request.user, pk)
    _must_ask(request, general, database_now())
    stored = general.files.filter(pk=file_pk).first()
    if stored is not None:  # a second click finds it gone
        remove_request_file(file=stored, by=request.user)
    return redirect("reports:request_edit", pk)


def _file_of(request: SignedInRequest, pk: int, file_pk: int) -> RequestFile:
    general = general_request_for(request.user, pk)
    return get_object_or_404(RequestFile, pk=file_pk, general=general)
