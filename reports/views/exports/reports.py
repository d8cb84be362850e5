"""Taking reports away as a file: those of a call, or those that the list of reports shows."""

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.language import current_language
from sajad_portal.lib.sheets import Sheet, csv_response
from units.pages.frame import SignedInRequest

from ...actions.exports import request_export
from ...enums import CallState, ReportStatus, Timeliness
from ...models import Call, Export
from ...pages.report_export.columns import CODEBOOK
from ...pages.report_export.content import reports_to_export
from ...pages.report_export.files import codebook_of
from ...queries import call_for, form_of
from ...queries.calls import FILTERS
from ...rules import can_manage_call
from ...rules.exports import EMPTY_WORKBOOKS, REPORTS_CSV, REPORTS_JSONL, REPORTS_ROWS, REPORTS_XLSX
from ..analysis.frame import may_order_report
from ..calls.frame import call_frame
from ..report.list import calls_offered
from .page import export_rows

FORMATS = {"csv": REPORTS_CSV, "xlsx": REPORTS_XLSX, "jsonl": REPORTS_JSONL, "rows": REPORTS_ROWS}
WORKBOOKS = "workbooks"  # of one call, all of its units; no filter narrows them
SHOWN = 5
LONGEST = 100


@access("visible_calls")
def call_export(request: SignedInRequest, pk: int) -> HttpResponse:
    """Order the call's reports that the person may see, as the table on its page is filtered."""
    at = database_now()
    call = _published(request, pk, at)
    parameters = {"call": call.pk, **_filter(request.GET, {*FILTERS, *ReportStatus.values})}
    if request.method == "POST" and request.POST.get("format") == WORKBOOKS:
        export = request_export(
            kind=EMPTY_WORKBOOKS, parameters={"call": call.pk}, language=current_language(), by=request.user
        )
        return redirect("reports:export", export.key)
    if request.method == "POST":
        return _order(request, parameters)
    context = call_frame(request.user, call, at, "call_export")
    context["may_hand_out"] = can_manage_call(request.user, call, at)
    plain = call.first_announced_at is not None and not call.form_version.indicator_count
    context["period_report"] = plain and may_order_report(request.user)
    return render(request, "reports/exports/of_call.html", context | _offer(request, parameters, at))


@access("visible_reports")
def list_export(request: SignedInRequest) -> HttpResponse:
    """Order what the list of reports shows under the same filter."""
    parameters: dict = {"list": True, **_filter(request.GET, set(ReportStatus.values))}
    if request.GET.get("deadline") in Timeliness.values:
        parameters["deadline"] = request.GET["deadline"]
    for call in calls_offered(request):
        if request.GET.get("call") == str(call.pk):
            parameters["call"] = call.pk
        if request.GET.get("period") == call.period_code:
            parameters["period"] = call.period_code
    if request.method == "POST":
        return _order(request, parameters)
    return render(request, "reports/exports/of_list.html", _offer(request, parameters, database_now()))


@access("visible_calls")
@require_safe
def call_codebook(request: SignedInRequest, pk: int) -> HttpResponse:
    """What each column of the call's file means; in the workbook it is the last sheet."""
    call = _published(request, pk, database_now())
    head = [name for name, _number in CODEBOOK]
    return csv_response(Sheet("codebook", _("Codebook"), head, codebook_of(call)), f"codebook-call-{call.pk}")


def _published(request: SignedInRequest, pk: int, at) -> Call:
    call = call_for(request.user, pk, at)
    if call.state == CallState.DRAFT:
        raise Http404
    return call


def _filter(given: QueryDict, known: set[str]) -> dict[str, str]:
    status, words = given.get("status", ""), given.get("q", "").strip()[:LONGEST]
    return {**({"status": status} if status in known else {}), **({"q": words} if words else {})}


def _order(request: SignedInRequest, parameters: dict) -> HttpResponse:
    kind = FORMATS.get(request.POST.get("format", ""))
    if kind is None:
        raise Http404
    export = request_export(kind=kind, parameters=parameters, language=current_language(), by=request.user)
    return redirect("reports:export", export.key)


def _has_tables(call: int) -> bool:
    return bool(form_of(Call.objects.select_related("form_version").get(pk=call).form_version).tables)


def _offer(request: SignedInRequest, parameters: dict, at) -> dict:
    """What the order would hold, and the person's last orders of the kind."""
    mine = Export.objects.filter(requested_by=request.user, kind__in=[*FORMATS.values(), EMPTY_WORKBOOKS]).order_by(
        "-requested_at"
    )
    return {
        "count": reports_to_export(request.user, parameters, at).order_by().count(),
        "filtered": bool({"status", "deadline", "q", "period"} & parameters.keys()),
        "one_form": "call" in parameters,
        "has_tables": "call" in parameters and _has_tables(parameters["call"]),
        "rows": export_rows(request, mine[:SHOWN]),
    }
