"""What waits for somebody, by deadline; nothing else."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access


@access("signed-in")
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    return render(request, "reports/desk/page.html")
