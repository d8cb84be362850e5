"""The heads of the seal, day by day: for anybody who wants to hold the portal to its record."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access

from ...queries.seals import heads_of_days

DAYS = 60


@access("public")
@require_GET
def seals(request: HttpRequest) -> HttpResponse:
    return render(request, "reports/public/seals.html", {"heads": heads_of_days(DAYS)})
