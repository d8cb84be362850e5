"""Figures of periods before the portal: a file chosen, previewed and brought in; which files came before it."""

import hashlib

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.carried import packed_file, unpacked_file
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.numbers import local_number
from sajad_portal.lib.tables import FileRefused
from sla.models import Service
from sla.rules import is_provider_coordinator
from units.pages.frame import SignedInRequest

from ...actions.history import HistoryPlan, bring_history, look_at_history
from ...files.history import MAX_BYTES
from ...queries.history import history_files

SHOWN = 200  # lines of a preview


def _service(request: SignedInRequest, slug: str) -> Service:
    service = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    if not is_provider_coordinator(request.user, service, database_now()):
        raise Forbidden(_("Only a coordinator of the providing unit brings in earlier figures."))
    return service


@access("is_provider_coordinator")
@require_http_methods(["GET", "POST"])
def service_history(request: SignedInRequest, slug: str) -> HttpResponse:
    """GET: what was brought in, choose a file. POST: the file, answered with its preview or its problems."""
    service = _service(request, slug)
    if request.method != "POST":
        return _page(request, service)
    file = request.FILES.get("file")
    if file is None:
        return _page(request, service, Refused(_("Choose the file first."), code="no-file", status=422))
    return _preview(request, service, file.read(MAX_BYTES + 1), file.name or "")


@access("is_provider_coordinator")
@require_POST
def service_history_store(request: SignedInRequest, slug: str) -> HttpResponse:
    """The preview that was looked at is brought in."""
    service = _service(request, slug)
    data = unpacked_file(request.POST.get("packed", ""), MAX_BYTES)
    if data is None:
        broken = Refused(_("The preview is broken. Choose the file again."), code="bad-preview", status=400)
        return _page(request, service, broken)
    name, replaces = request.POST.get("name", "")[:200], request.POST.get("replaces", "")
    try:
        file = bring_history(
            data=data, name=name, sha256=hashlib.sha256(data).hexdigest(), service=service,
            replaces=int(replaces) if replaces.isascii() and replaces.isdigit() and len(replaces) < 18 else None,
            by=request.user,
        )  # fmt: skip
    except Refused as refusal:
        if refusal.status == 403:
            raise
        return _preview(request, service, data, name, refusal)
    messages.success(request, _("%(n)s figures were brought in.") % {"n": local_number(file.figures)})
    return redirect("reports:service_history", slug)


def _preview(
    request: SignedInRequest, service: Service, data: bytes, name: str, refusal: Refused | None = None
) -> HttpResponse:
    try:
        plan: HistoryPlan = look_at_history(data=data, service=service, by=request.user)
    except Refused as problem:
        if problem.status == 403:
            raise
        return _page(request, service, problem)
    context = {
        "service": service, "plan": plan, "lines": plan.lines[:SHOWN], "name": name, "packed": packed_file(data),
        "refusal": refusal,
    }  # fmt: skip
    return render(request, "reports/services/history_preview.html", context, status=refusal.status if refusal else 200)


def _page(request: SignedInRequest, service: Service, refusal: Refused | None = None) -> HttpResponse:
    context = {
        "service": service,
        "files": history_files(service)[:SHOWN],
        "refusal": refusal,
        "problems": refusal.problems if isinstance(refusal, FileRefused) else [],
        "megabytes": MAX_BYTES // 1024 // 1024,
    }
    return render(request, "reports/services/history.html", context, status=refusal.status if refusal else 200)
