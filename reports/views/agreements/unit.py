"""An agreement as one unit stands to it: its acceptance, and how long it is in force for each of its reports."""

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.lists import Column, Listing, matching
from sajad_portal.lib.pdf import pdf_of, pdf_response
from sla.enums import AgreementState
from sla.models import AgreementVersion
from sla.queries import acceptance_of, agreement_answers, agreement_for
from sla.rules import can_answer_agreement
from units.models import Unit
from units.pages.frame import SignedInRequest
from units.queries.successions import inherited_units
from units.queries.tree import visible_units

from ...models import Report
from ...pages.report.force import force_of, reports_under_agreement
from ...queries import visible_reports

SIZE = 20
REPORTS = Listing(
    Column("call", gettext_lazy("Call"), by=("call__closes_at",), falls=True, fixed=True),
    Column("force", gettext_lazy("Force")),
    Column("code", gettext_lazy("Tracking code")),
    sort="-call",
)
ON_PAPER = 100  # reports that the paper lists, the latest first


@access("visible_units")
@require_GET
def agreement_of_unit(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    at = database_now()
    version, unit = _found(request, pk, code)
    listed = REPORTS.of(request)
    found = matching(_reports(request, version, unit), listed.search(_("Title of the call")), "call__title")
    context = {
        **_terms(version, unit),
        "listing": listed,
        "forces": [force_of(report, at) for report in listed.page(found, size=SIZE)],
        "may_answer": can_answer_agreement(request.user, version, unit, at),
    }
    return render(request, "reports/agreements/unit.html", context)


@access("visible_units")
@require_GET
def agreement_of_unit_pdf(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    """The text with the unit's own acceptance and the force for its reports, as they stand now."""
    at = database_now()
    version, unit = _found(request, pk, code)
    reports = _reports(request, version, unit).order_by("-call__closes_at", "-pk")[:ON_PAPER]
    context = {
        **_terms(version, unit),
        "sections": version.sections.all(),
        "forces": [force_of(report, at) for report in reports],
        "at": at,
    }
    pdf = pdf_of("reports/agreements/pdf.html", context, "css/pdf/agreement.css")
    return pdf_response(pdf, f"agreement-{version.service.slug}-{version.number}-{unit.code}.pdf")


def _reports(request: SignedInRequest, version: AgreementVersion, unit: Unit) -> QuerySet[Report]:
    """Those that the person may see: of a unit that has ended perhaps only what was handed to theirs."""
    return reports_under_agreement(version, unit).filter(visible_reports(request.user))


def _found(request: SignedInRequest, pk: int, code: str) -> tuple[AgreementVersion, Unit]:
    """404 for who may not see the unit, and for a draft: nobody stands to a text that is not published."""
    version = agreement_for(request.user, pk)
    if version.state != AgreementState.PUBLISHED:
        raise Http404
    theirs = [unit.pk for unit in inherited_units(request.user, database_now())]
    return version, get_object_or_404(visible_units(request.user) | Unit.objects.filter(pk__in=theirs), code=code)


def _terms(version: AgreementVersion, unit: Unit) -> dict:
    return {
        "agreement": version,
        "unit": unit,
        "acceptance": acceptance_of(unit, version),
        "answers": agreement_answers(unit, version),
    }
