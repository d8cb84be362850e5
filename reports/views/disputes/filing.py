"""Filing: contesting a result or another act, a question of interpretation; and offers of how a dispute ends."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sajad_portal.lib.access import DECIDING, access
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.language import current_language
from sla import rules
from sla.actions.disputes import file_dispute
from sla.actions.offers import make_offer
from sla.actions.request_decisions import OFFERED, offer_decision
from sla.actions.request_fees import offer_lower_fee
from sla.calendar.dispute_end import REACH, DisputeEnd, compute
from sla.enums import Side, Subject
from sla.files.attachments import megabytes
from sla.models import AgreementVersion, Dispute, GeneralRequest
from sla.queries import dispute_for, filing_units, visible_agreements, working_calendar
from sla.queries.requests import FEE, general_request_of
from sla.rules.requests import is_unpaid_fee
from units.pages.frame import SignedInRequest

from ...actions.contests import contest_act
from ...actions.dispute_offers import offer_act
from ...actions.objection_lines import LinesRefused
from ...actions.objections import OfferRefused, contest_result, offer_result
from ...actions.results import last_announced
from ...forms.disputes import IN_WORDS, ActOfferForm, InterpretationForm
from ...models import Report
from ...pages.disputes.act import act_facts
from ...pages.disputes.closed import why_not_contest, why_not_contest_act
from ...pages.disputes.lines import TickSheet, offers_with_versions, proposal_for, read_lines, tick_sheet, words_to_keep
from ...pages.disputes.links import contestable_by
from ...pages.disputes.offer import Proposal, read_typed, sheet_of
from ...queries import report_for
from ...queries.disputes import report_of
from ...queries.objection_lines import lines_of
from ...rules import can_contest, contesting_side, side_over_report
from ...rules.contestable_acts import act_of
from ...rules.disputes import can_contest_act
from ...rules.offered_acts import possible_acts

# Where on the form of an offer a refusal belongs.
FIELD_OF = {"not-possible": "act", "not-later": "until", "not-lower": "rials", "empty-text": "text"}


def _end_if_filed(agreement: AgreementVersion, at) -> DisputeEnd:
    """When negotiation would end if it were filed now: what the page promises before anybody files."""
    day = tehran_date(at)
    return compute(at, agreement.dispute_rule, working_calendar(day, day + REACH))


@access("can_contest")
def contest(request: SignedInRequest, code: str) -> HttpResponse:
    at = database_now()
    report = report_for(request.user, code, at)
    result, acting = last_announced(report), contesting_side(request.user, report, at)
    sheet = None
    if result is not None and acting is not None and acting[0] == Side.RECIPIENT:
        sheet = partial(tick_sheet, report, result, at)
    context = {
        "report": report,
        "agreement": report.call.agreement,
        "result": result,
        "sheet": sheet,
        "until": report.objection_until,
        "may": can_contest(request.user, report, at),
        "why_not": why_not_contest(request.user, report, at),
        "dispute": Dispute.objects.filter(objection__report=report).order_by("-filed_at").first(),
        "back": reverse("reports:report_result", args=[code]),
        "acting": acting,
    }

    def file(given: dict) -> Dispute:
        lines = read_lines(request.POST, request.FILES)
        return contest_result(report=report, by=request.user, lines=lines, **given)

    return filing_page(request, context, at, file)


@access("can_contest_act")
def contest_other(request: SignedInRequest, code: str, subject: str, key: int) -> HttpResponse:
    """An extension not granted, a return, a fee, a missed deadline."""
    at = database_now()
    report = report_for(request.user, code, at)
    act = act_of(report, subject, key, at)
    if act is None:
        raise Http404
    context = {
        "report": report,
        "agreement": report.call.agreement,
        "act": act,
        "facts": act_facts(report, subject, key),
        "until": act.until,
        "may": can_contest_act(request.user, act, report, at),
        "why_not": why_not_contest_act(request.user, act, report, at),
        "dispute": act.dispute,
        "back": reverse("reports:report", args=[code]),
        "acting": side_over_report(request.user, report, at),
    }
    file = partial(contest_act, report=report, subject=subject, key=key, by=request.user)
    return filing_page(request, context, at, lambda given: file(**given))


def filing_page(
    request: SignedInRequest, context: dict, at: datetime, file: Callable[[dict], Dispute],
    template: str = "reports/disputes/contest.html",
) -> HttpResponse:  # fmt: skip
    """The page on which an act is contested; a refusal keeps what was typed, and so does “preview”, which works out what is at
    stake and files nothing. `context`: `agreement`, under which it stands, `acting`, `sheet` where indicators can be ticked, and
    the props of the template."""
    acting, sheet = context.pop("acting"), context.pop("sheet", None)
    errors: Mapping[str, Mapping[str, str]] = {}
    context = {
        "act": None,
        "result": None,
        "facts": [],
        "end": _end_if_filed(context["agreement"], at),
        "by_provider": bool(acting) and acting[0] == Side.PROVIDER,
        "megabytes": megabytes(),
        "typed": "",
        "trouble": "",
        **context,
    }
    status = 200
    if request.method == "POST" and sheet and "preview" in request.POST:
        context["typed"] = request.POST.get("text", "")
    elif request.method == "POST":
        given = {"text": request.POST.get("text", ""), "files": request.FILES.getlist("files")}
        try:
            dispute = file(given)
        except Forbidden:
            raise
        except Refused as refusal:
            errors = refusal.errors if isinstance(refusal, LinesRefused) else {}
            context.update(typed=given["text"] if context["may"] else words_to_keep(request.POST), trouble=str(refusal))
            status = max(422, refusal.status) if refusal.status != 409 else 422
        else:
            messages.success(request, _("Your objection is filed; the other side has been told."))
            return redirect("reports:dispute", dispute.pk)
    data = request.POST if request.method == "POST" else request.GET
    ticking = sheet(data, errors, current_language()) if sheet and context["may"] else TickSheet([])
    context["lines"], context["together"] = ticking.lines, ticking.together
    context["first_lines"] = [line for line in context["lines"] if line.is_first]
    context["other_lines"] = [line for line in context["lines"] if not line.is_first]
    context["wrong"] = [line for line in context["lines"] if line.errors]
    return render(request, template, context, status=status)


@access("can_file_disputes")
def dispute_new(request: SignedInRequest) -> HttpResponse:
    at = database_now()
    if not rules.can_file_disputes(request.user, at):
        raise Forbidden(
            _(
                "A dispute is filed by the head of a unit or by a coordinator of the provider. Ask the head of your unit."
            )
        )
    agreements = visible_agreements(request.user).filter(state="published").prefetch_related("sections")
    form = InterpretationForm(
        request.POST or None,
        agreements=agreements.order_by("service__title", "-number"),
        units=filing_units(request.user, at),
        initial={"section": request.GET.get("section", ""), "unit": request.GET.get("unit", "")},
    )
    if request.method == "POST" and form.is_valid():
        agreement_pk, _colon, key = form.cleaned_data["section"].partition(":")
        try:
            dispute = file_dispute(
                unit=form.chosen_unit, agreement=agreements.get(pk=int(agreement_pk)), section=key,
                text=form.cleaned_data["text"], by=request.user, files=request.FILES.getlist("files"),
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The dispute is filed; the other side has been told."))
            return redirect("reports:dispute", dispute.pk)
    newest = agreements.order_by("-published_at").first()
    context = {
        "form": form,
        "end": _end_if_filed(newest, at) if newest else None,
        "megabytes": megabytes(),
        "contestable": contestable_by(request.user, at),
    }
    return render(request, "reports/disputes/new.html", context, status=422 if form.errors else 200)


@access("can_offer", fresh=DECIDING)
def dispute_offer(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    dispute = dispute_for(request.user, pk, at)
    acting = rules.side_of(request.user, dispute, at)
    if acting is None:
        raise Forbidden(_("Offers are made by the head of the unit and by coordinators of the provider."))
    context = {"dispute": dispute, "by_provider": acting[0] == Side.PROVIDER, "side": acting[0]}
    report = report_of(dispute, at)
    if report is not None and rules.is_over_a_result(dispute):
        return _offer_result(request, context, report)
    if (general := general_request_of(dispute)) is not None:
        return _offer_other(request, context, None, _acts_over(dispute, general))
    return _offer_other(request, context, report, possible_acts(dispute, report) if report else [])


def _acts_over(dispute: Dispute, general: GeneralRequest) -> Sequence[str]:
    """What an offer over a request may carry: another decision, or a lower fee as long as it is not paid."""
    if dispute.subject == Subject.REQUEST:
        return OFFERED
    return [FEE] if is_unpaid_fee(general) else []


def _offer_result(request: SignedInRequest, context: dict, report: Report) -> HttpResponse:
    """Another result: the values that would be verified instead."""
    dispute, text, trouble, errors = context["dispute"], request.POST.get("text", ""), "", {}
    if request.method == "POST":
        try:
            typed = read_typed(report, request.POST)
            offer_result(dispute=dispute, typed=typed, text=text, by=request.user)
        except OfferRefused as refusal:
            trouble, errors = str(refusal), refusal.errors
        except Refused as refusal:
            if refusal.code not in ("no-change", "empty-text"):
                raise
            trouble = str(refusal)
        else:
            return _offered(request, dispute)
    sheet = sheet_of(report, request.POST, errors, current_language(), _proposal(dispute, report, context["side"]))
    context |= {"report": report, "sheet": sheet, "form": None, "text": text, "trouble": trouble}
    return render(request, "reports/disputes/offer.html", context, status=422 if trouble else 200)


def _proposal(dispute: Dispute, report: Report, side: str) -> Proposal | None:
    """What the form starts with; None where no result stands."""
    version = last_announced(report)
    if version is None:
        return None
    versions = {str(each.pk): each for each in report.results.select_related("revision")}
    return proposal_for(side, lines_of(dispute), version, offers_with_versions(dispute, versions))


def _offer_other(request: SignedInRequest, context: dict, report: Report | None, acts: Sequence[str]) -> HttpResponse:
    """In words, or with an act that accepting performs."""
    dispute = context["dispute"]
    form = ActOfferForm(request.POST or None, acts=acts)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if given["act"] in OFFERED:
                offer_decision(dispute=dispute, decision=given["act"], text=given["text"], by=request.user)
            elif given["act"] == FEE and report is None:
                offer_lower_fee(dispute=dispute, rials=given.get("rials"), text=given["text"], by=request.user)
            elif given["act"] != IN_WORDS:
                offer_act(
                    dispute=dispute, act=given["act"], text=given["text"], by=request.user, until=given.get("until"),
                    rials=given.get("rials"),
                )  # fmt: skip
            else:
                make_offer(dispute=dispute, text=given["text"], by=request.user)
        except Refused as refusal:
            if refusal.code not in FIELD_OF:
                raise
            form.add_error(FIELD_OF[refusal.code], str(refusal))
        else:
            return _offered(request, dispute)
    context |= {"report": report, "sheet": None, "form": form, "text": "", "trouble": ""}
    return render(request, "reports/disputes/offer.html", context, status=422 if form.errors else 200)


def _offered(request: SignedInRequest, dispute: Dispute) -> HttpResponse:
    messages.success(request, _("Your offer is on the table; the other side has been told."))
    return redirect("reports:dispute", dispute.pk)
