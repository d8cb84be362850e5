"""Tracking a report by its code: for anybody who holds it, without signing in."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.address import client_address
from sajad_portal.lib.clock import database_now
from units.actions.throttle import count_attempt, throttle_key

from ...pages.public.status import tracked_report as find

TRIES, WINDOW = 30, timedelta(minutes=10)


def count_try(request: HttpRequest, kind: str) -> None:
    """Codes cannot be guessed in a lifetime; the count keeps a guesser from burdening the portal. Refused (429) beyond it."""
    count_attempt(throttle_key(kind, client_address(request)), TRIES, WINDOW).insist()


@access("public")
@never_cache
@require_GET
def track(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("code", "").strip()[:80]
    found = None
    if typed:
        count_try(request, "track")
        found = find(typed, database_now())
    context = {"typed": typed, "found": found}
    return render(request, "reports/public/track.html", context, status=404 if typed and not found else 200)
