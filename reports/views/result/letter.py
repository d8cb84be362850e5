"""The letter of a result: on screen, and as PDF."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from units.pages.frame import SignedInRequest

from ...pages.result.paper import letter_context, letter_name, letter_pdf
from ...queries import report_for
from ...queries.results import versions_of
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
    return letter_context(report, versions, chosen_version(request, versions), request.user, at)


@access("can_read")
@require_GET
def letter_page(request: SignedInRequest, code: str) -> HttpResponse:
    return render(request, "letters/page.html", _context(request, code))


@access("can_read")
@require_GET
def letter(request: SignedInRequest, code: str) -> HttpResponse:
    context = _context(request, code)
    response = HttpResponse(letter_pdf(context), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{letter_name(context)}"'
    response["Cache-Control"] = "private, no-store"
    return response
