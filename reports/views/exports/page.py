"""Files that are made in the background: ordering the report of a period, how far each is, and fetching it."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.files import file_response
from sajad_portal.lib.language import current_language
from units.pages.frame import SignedInRequest
from units.queries.heartbeats import worker_silent_since

from ...actions.exports import fetch_export, request_export
from ...enums import ExportState
from ...models import Export
from ...queries import call_for
from ...queries.analysis import reported_calls
from ...rules.exports import PERIOD_PDF, PERIOD_XLSX
from ..analysis.frame import analysis_frame, may_order_report
from ..calls.frame import call_frame

SHOWN = 20
ENDINGS = {"pdf": PERIOD_PDF, "xlsx": PERIOD_XLSX}


def export_rows(request: SignedInRequest, exports) -> list[tuple[Export, ExportState]]:
    at = database_now()
    return [(export, export.state_at(at)) for export in exports]


@access("may_order_report")
def period_report(request: SignedInRequest, pk: int) -> HttpResponse:
    """Order the report of the call's period as a paper or a workbook, and see those that were ordered."""
    call = reported_calls(request.user).filter(pk=pk).first()
    if call is None:
        raise Http404
    if not may_order_report(request.user):
        raise Forbidden(_("The report of a period is for headquarters."))
    if request.method == "POST":
        kind = ENDINGS.get(request.POST.get("ending", ""))
        if kind is None:
            raise Http404
        export = request_export(kind=kind, parameters={"call": call.pk}, language=current_language(), by=request.user)
        return redirect("reports:export", export.key)
    mine = Export.objects.filter(requested_by=request.user, kind__in=ENDINGS.values(), parameters__call=call.pk)
    rows = export_rows(request, mine.order_by("-requested_at")[:SHOWN])
    if not call.form_version.indicator_count:
        at = database_now()
        context = {**call_frame(request.user, call_for(request.user, pk, at), at, "call_export"), "rows": rows}
        return render(request, "reports/exports/plain_period.html", context)
    context = {**analysis_frame(request, call, "period_report"), "rows": rows}
    return render(request, "reports/analysis/period_report.html", context)


@access("own_export")
@require_GET
def exports(request: SignedInRequest) -> HttpResponse:
    """The person's own files, the newest first."""
    mine = Export.objects.filter(requested_by=request.user).order_by("-requested_at")[:SHOWN]
    return render(request, "reports/exports/list.html", {"rows": export_rows(request, mine)})


@access("own_export")
@require_GET
def export(request: SignedInRequest, key: str) -> HttpResponse:
    """How far it is; while it is being made, the page asks again every few seconds."""
    found = get_object_or_404(Export, key=key, requested_by=request.user)
    at = database_now()
    context = {"export": found, "state": found.state_at(at), "silent_since": worker_silent_since(at)}
    template = "reports/exports/state.html" if request.htmx else "reports/exports/page.html"
    return render(request, template, context)


@access("own_export")
@require_GET
def export_file(request: SignedInRequest, key: str) -> FileResponse:
    """The file, for whoever ordered it and as long as they may see what is in it."""
    found = get_object_or_404(Export, key=key, requested_by=request.user)
    found = fetch_export(export=found, by=request.user)
    return file_response(found.file, name=found.name, media_type=found.media_type)


@access("own_export")
@require_POST
def export_again(request: SignedInRequest, key: str) -> HttpResponse:
    """The same order once more."""
    found = get_object_or_404(Export, key=key, requested_by=request.user)
    fresh = request_export(kind=found.kind, parameters=found.parameters, language=current_language(), by=request.user)
    messages.success(request, _("The file is ordered again."))
    return redirect("reports:export", fresh.key)
