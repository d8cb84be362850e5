"""Verifying a letter by its code: for anybody who holds the letter, without signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.language import current_language

from ...pages.public.status import verified_letter as find
from ...pages.result import letter
from .track import count_try


@access("public")
@never_cache
@require_GET
def verify(request: HttpRequest) -> HttpResponse:
    """Asks for the code; what was typed becomes an address that can be passed on."""
    typed = request.GET.get("code", "").strip()[:80]
    if typed and "/" not in typed:
        return redirect("reports:verify_code", typed)
    return render(request, "reports/public/verify.html", {"typed": typed, "found": None})


@access("public")
@never_cache
@require_GET
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    count_try(request, "verify")
    found = find(code, database_now())
    context = {"typed": code[:80], "found": found}
    if found:
        context["fingerprint"] = letter.version_fingerprint(found.version)
        context["status"] = letter.status_sentence(found.report, found.version, found.standing, current_language())
    return render(request, "reports/public/verify.html", context, status=200 if found else 404)
