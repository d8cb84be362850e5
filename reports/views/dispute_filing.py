"""Filing: contesting a result, a question of interpretation, an offer of another result."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.templatetags.portal import language
from sla import rules
from sla.actions.disputes import file_dispute
from sla.actions.offers import make_offer
from sla.attachments import megabytes
from sla.dispute_end import REACH, DisputeEnd, compute
from sla.enums import Subject
from sla.models import AgreementVersion, Dispute
from sla.queries import dispute_for, filing_units, visible_agreements, working_calendar

from ..actions.objections import OfferRefused, contest_result, offer_result
from ..actions.results import last_announced
from ..dispute_page import report_of
from ..forms.disputes import InterpretationForm
from ..offer_sheet import read_typed, sheet_of
from ..queries import report_for
from ..rules import can_contest


def _end_if_filed(agreement: AgreementVersion, at) -> DisputeEnd:
    """When negotiation would end if it were filed now: what the page promises before anybody files."""
    day = tehran_date(at)
    return compute(at, agreement.dispute_rule, working_calendar(day, day + REACH))


@access("can_contest")
def contest(request: HttpRequest, code: str) -> HttpResponse:
    at = database_now()
    report = report_for(request.user, code, at)
    context = {
        "report": report,
        "result": last_announced(report),
        "end": _end_if_filed(report.call.agreement, at),
        "may": can_contest(request.user, report, at),
        "open": Dispute.objects.filter(objection__report=report, outcome="").first(),
        "megabytes": megabytes(),
        "typed": "",
        "trouble": "",
    }
    status = 200
    if request.method == "POST":
        text, files = request.POST.get("text", ""), request.FILES.getlist("files")
        try:
            dispute = contest_result(report=report, text=text, by=request.user, files=files)
        except Forbidden:
            raise
        except Refused as refusal:
            context.update(typed=text, trouble=str(refusal))
            status = max(422, refusal.status) if refusal.status != 409 else 422
        else:
            messages.success(request, _("Your objection is filed; the organization has been told."))
            return redirect("reports:dispute", dispute.pk)
    return render(request, "reports/disputes/contest.html", context, status=status)


@access("can_file_disputes")
def dispute_new(request: HttpRequest) -> HttpResponse:
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
    context = {"form": form, "end": _end_if_filed(newest, at) if newest else None, "megabytes": megabytes()}
    return render(request, "reports/disputes/new.html", context, status=422 if form.errors else 200)


@access("can_offer")
def dispute_offer(request: HttpRequest, pk: int) -> HttpResponse:
    at = database_now()
    dispute = dispute_for(request.user, pk, at)
    if rules.side_of(request.user, dispute, at) is None:
        raise Forbidden(_("Offers are made by the head of the unit and by coordinators of the provider."))
    report = report_of(dispute, at)
    text, trouble, errors = request.POST.get("text", ""), "", {}
    if request.method == "POST":
        try:
            if report is None:
                make_offer(dispute=dispute, text=text, by=request.user)
            else:
                typed = read_typed(report, request.POST)
                offer_result(dispute=dispute, typed=typed, text=text, by=request.user)
        except OfferRefused as refusal:
            trouble, errors = str(refusal), refusal.errors
        except Refused as refusal:
            if refusal.code not in ("no-change", "empty-text"):
                raise
            trouble = str(refusal)
        else:
            messages.success(request, _("Your offer is on the table; the other side has been told."))
            return redirect("reports:dispute", pk)
    context = {
        "dispute": dispute,
        "report": report,
        "sheet": sheet_of(report, request.POST, errors, language()) if report else None,
        "text": text,
        "trouble": trouble,
        "by_provider": rules.side_of(request.user, dispute, at)[0] == "provider",
        "over_result": dispute.subject == Subject.RESULT,
    }
    return render(request, "reports/disputes/offer.html", context, status=422 if trouble else 200)
