"""Extension requests: the head asks, the coordinator decides."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.deadlines import until
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.lists import Column, Listing
from sajad_portal.lib.text import search_key
from sla.enums import Decision, Subject
from sla.queries.payments import is_paid
from units.enums import Role
from units.pages.frame import SignedInRequest

from ...actions.deciding import why_not_decider
from ...actions.extensions import ask_extension, decide_extension
from ...forms.call_changes import ExtensionAskForm, ExtensionDecisionForm
from ...models import ExtensionRequest
from ...notices.extensions import decided_in_words
from ...pages.disputes.links import links_of
from ...pages.payments.fees import fee_of_extension
from ...queries import call_for, report_for, reports_at, visible_reports
from ...queries.lines import is_barred
from ...queries.prices import price_of_asking
from ...rules import can_ask_extension, can_decide, unit_membership
from ...rules.deadlines import deadline
from .frame import call_frame

SIZE = 50
DECIDED = Listing(
    Column("unit", gettext_lazy("Unit"), by=("report__unit_sort_key",), fixed=True),
    Column("until", gettext_lazy("Asked until"), by=("asked_until", "report__unit_sort_key")),
    Column("decision", gettext_lazy("Decision")),
    Column("decided", gettext_lazy("Decided"), by=("decided_at",), falls=True),
    sort="-decided",
)


@access("visible_reports")
@require_safe
def extensions(request: SignedInRequest, pk: int) -> HttpResponse:
    """The requests of one call: those that wait first."""
    at = database_now()
    call = call_for(request.user, pk, at)
    reports = reports_at(at).filter(visible_reports(request.user), call=call)
    found = ExtensionRequest.objects.filter(report__in=reports.values("pk")).select_related(
        "report__call", "asked_by", "membership__deputy_for__person"
    )
    waiting = list(found.filter(ExtensionRequest.FEE_SETTLED, decided_at=None).order_by("asked_at", "pk"))
    listed = DECIDED.of(request)
    decided = found.filter(decided_at__isnull=False)
    if decision := listed.choose("decision", _("Decision"), [("", _("All")), *Decision.choices]):
        decided = decided.filter(decision=decision)
    for word in search_key(listed.search(_("Name or code of the unit"))).split():
        decided = decided.filter(report__unit__search_key__contains=word)
    context = call_frame(request.user, call, at, "extensions") | {
        "waiting": waiting,
        "listing": listed,
        "decided": [(asked, decided_in_words(asked)) for asked in listed.page(decided, size=SIZE)],
    }
    return render(request, "reports/calls/extensions.html", context)


@access("can_read")
def extension_ask(request: SignedInRequest, code: str) -> HttpResponse:
    """The head's page: asking, and what became of earlier requests. Others of the unit read it."""
    at = database_now()
    report = report_for(request.user, code, at)
    can_ask = can_ask_extension(request.user, report, at)
    earlier = list(
        report.extension_requests.select_related("asked_by", "membership__deputy_for__person", "request").order_by(
            "-pk"
        )
    )
    open_one = next((asked for asked in earlier if asked.decided_at is None), None)
    form = ExtensionAskForm(request.POST or None) if can_ask and not open_one else None
    if request.method == "POST":
        if not can_ask:
            raise Forbidden(_why_not(request.user, report, at))
        if form is not None and form.is_valid():
            try:
                given = form.cleaned_data
                asked = ask_extension(report=report, until=given["until"], reason=given["reason"], by=request.user)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _filed(asked))
                return redirect("reports:extension_ask", report.tracking_code)
    links = links_of(request.user, report, at)
    context = {
        "report": report,
        "form": form,
        "deadline": deadline(report),
        "fee_link": links.get((Subject.FEE, open_one.request_id)) if open_one else None,
        "fee": fee_of_extension(open_one, report, request.user, at) if open_one else None,
        "asking": price_of_asking(report, at) if form is not None else None,
        "earlier": [
            (asked, until(asked.asked_until), decided_in_words(asked), links.get((Subject.EXTENSION, asked.pk)))
            for asked in earlier
        ],
        "why_not": "" if form else _why_not(request.user, report, at),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "reports/calls/extension_ask.html", context, status=status)


def _filed(asked: ExtensionRequest) -> str:
    if is_paid(asked.request):
        return _("Your request is with the coordinator. You are told of the decision.")
    return _("Your request is filed. Pay its fee; then the coordinator is told and decides.")


def _why_not(person, report, at) -> str:
    if not unit_membership(person, report, at, {Role.HEAD}):
        return _("Only the head of the unit asks for more time.")
    if report.extension_requests.filter(decided_at=None).exists():
        return _("Your request waits for the coordinator’s decision.")
    return _("No extension can be asked for as the report stands.")


@access("can_decide")
def extension(request: SignedInRequest, pk: int) -> HttpResponse:
    """The coordinator's page of one request."""
    at = database_now()
    asked = (
        ExtensionRequest.objects.select_related("report", "asked_by", "membership__deputy_for__person", "decided_by")
        .filter(pk=pk)
        .first()
    )
    if asked is None:
        raise Http404
    report = report_for(request.user, asked.report.tracking_code, at)
    call = call_for(request.user, report.call_id, at)
    decides = can_decide(request.user, report, at)
    form = ExtensionDecisionForm(request.POST or None, asked=asked) if decides and not asked.decided_at else None
    if request.method == "POST":
        if not decides:
            raise why_not_decider(request.user, report, at)
        if form is None:
            raise Forbidden(_("A coordinator of the provider decides, and only once."))
        if form.is_valid():
            try:
                decide_extension(
                    asked=asked, granted_until=form.granted_until(), reason=form.cleaned_data["reason"], by=request.user
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The decision is recorded and the unit is told."))
                return redirect("reports:extensions", call.pk)
    context = call_frame(request.user, call, at, "extensions") | {
        "asked": asked,
        "report": report,
        "asked_words": until(asked.asked_until),
        "deadline_words": until(deadline(report)),
        "form": form,
        "decision": decided_in_words(asked),
        "barred": why_not_decider(request.user, report, at) if is_barred(request.user, report, at) else "",
        "link": links_of(request.user, report, at).get((Subject.EXTENSION, asked.pk)),
    }
    return render(
        request, "reports/calls/extension.html", context, status=422 if form is not None and form.errors else 200
    )
