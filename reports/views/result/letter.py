"""The letter of a result: on screen, and as PDF."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sajad_portal.lib import periods
from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.language import current_language
from sajad_portal.lib.pdf import pdf_of
from units.pages.frame import SignedInRequest

from ...pages.payments.fees import fee_of_report
from ...pages.result.letter import letter_of
from ...pages.result.page import result_view
from ...queries import form_of, report_for
from ...queries.results import peers_of, versions_of
from .page import chosen_version


def _context(request: SignedInRequest, code: str) -> dict:
    """The letter of the version asked for. 404 for a stranger; Refused where nothing is announced yet."""
    at = database_now()
    report = report_for(request.user, code, at)
    versions = versions_of(report)
    if not versions:
        raise Refused(
            _("No result is announced yet, so there is no letter. You are told when it is."), code="no-result"
        )
    version, call = chosen_version(request, versions), report.call
    peers = peers_of(report)
    return {
        "report": report,
        "call": call,
        "period": periods.label(call.period_kind, call.period_starts, call.period_ends),
        "version": version,
        "letter": letter_of(report, version, versions[-1], current_language()),
        "result": result_view(version, form_of(call.form_version), current_language(), peers, None, names=False),
        "peers": peers,
        "fee": fee_of_report(report, request.user, at),
    }


@access("can_read")
@require_GET
def letter_page(request: SignedInRequest, code: str) -> HttpResponse:
    return render(request, "letters/page.html", _context(request, code))


@access("can_read")
@require_GET
def letter(request: SignedInRequest, code: str) -> HttpResponse:
    context = _context(request, code)
    pdf = pdf_of("letters/pdf.html", context, "css/pdf/letter.css")
    version = context["version"]
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = (
        f'inline; filename="result-{context["report"].tracking_code}-{version.number}.pdf"'
    )
    response["Cache-Control"] = "private, no-store"
    return response
