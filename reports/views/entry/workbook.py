"""A report as a workbook: taken, filled in elsewhere, looked at as a difference, stored in one act."""

import hashlib

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import local_number
from sajad_portal.lib.sheets import xlsx_download
from units.pages.frame import SignedInRequest

from ...actions.drafts import refusal_of
from ...actions.locking import require
from ...actions.workbooks import bring_workbook
from ...files.report_workbook import MAX_BYTES, FilledWorkbook, OpenedWorkbook
from ...models import Report
from ...pages.workbook.difference import WorkbookDifference, brought_of, difference_of, require_own, unpacked_preview
from ...pages.workbook.write import report_workbook, workbook_name
from ...queries import asked_of, report_for
from ...queries.drafts import remarks_of
from ...rules import unit_membership
from ...xlsform import WorkbookRefused
from .tries import of_a_draft, to_the_report

CHOOSE, GONE = "choose:", "gone:"


@access("can_draft")
@of_a_draft
@never_cache
@require_http_methods(["GET", "POST"])
def workbook(request: SignedInRequest, code: str) -> HttpResponse:
    """GET: take the workbook, choose the file that came back. POST: the file, answered with what it would change."""
    at = database_now()
    report = report_for(request.user, code, at)
    if request.method != "POST":
        if not unit_membership(request.user, report, at):
            return to_the_report(request, report)
        return _page(request, report)
    _require_unit(request, report, at)
    upload = request.FILES.get("workbook")
    if upload is None:
        return _page(request, report, refusal=Refused(_("Choose the file first."), code="no-file", status=422))
    try:
        _require_open(report, at)
        data = upload.read(MAX_BYTES + 1)
        opened = OpenedWorkbook(data)
        require_own(report, opened.identity)
        filled = opened.read(asked_of(report))
    except Refused as refusal:
        return _page(request, report, refusal=refusal, file_name=upload.name or "")
    return _preview(request, report, filled, hashlib.sha256(data).hexdigest(), (upload.name or "")[:200])


@access("can_draft")
@of_a_draft
@never_cache
@require_GET
def workbook_file(request: SignedInRequest, code: str) -> HttpResponse:
    at = database_now()
    report = report_for(request.user, code, at)
    _require_unit(request, report, at)
    _require_open(report, at)
    return xlsx_download(report_workbook(report, at, remarks=remarks_of(report)), workbook_name(report))


@access("can_draft")
@of_a_draft
@require_POST
def workbook_store(request: SignedInRequest, code: str) -> HttpResponse:
    """The difference that was looked at is stored; where the draft has changed since, the new one is shown."""
    at = database_now()
    report = report_for(request.user, code, at)
    _require_unit(request, report, at)
    try:
        filled, sha256, name = unpacked_preview(request.POST.get("packed", ""))
    except Refused as refusal:
        return _page(request, report, refusal=refusal)
    choices = {key.removeprefix(CHOOSE): str(request.POST[key]) for key in request.POST if key.startswith(CHOOSE)}
    gone = {key.removeprefix(GONE) for key in request.POST if key.startswith(GONE)}
    found = difference_of(report, filled, at, sha256=sha256, file_name=name)
    try:
        outcome = bring_workbook(report=report, brought=brought_of(found, choices, gone), by=request.user)
    except Refused as refusal:
        if refusal.status == 403:
            raise
        return _preview(request, report, filled, sha256, name, refusal, choices)
    said = _("Stored from the workbook: %(fields)s answers, %(rows)s new rows; %(gone)s rows were taken out.")
    messages.success(request, said % {key: local_number(number) for key, number in vars(outcome).items()})
    return redirect("reports:report_edit", report.tracking_code)


def _require_unit(request: SignedInRequest, report: Report, at) -> None:
    require(unit_membership(request.user, report, at), _("Only the unit’s own experts and head change its report."))


def _require_open(report: Report, at) -> None:
    if refusal := refusal_of(report, at):
        raise refusal


def _preview(
    request: SignedInRequest, report: Report, filled: FilledWorkbook, sha256: str, name: str,
    refusal: Refused | None = None, choices: dict[str, str] | None = None,
) -> HttpResponse:  # fmt: skip
    at = database_now()
    report = report_for(request.user, report.tracking_code, at)
    found: WorkbookDifference = difference_of(report, filled, at, sha256=sha256, file_name=name)
    context = {
        **_head(report), "difference": found, "refusal": refusal, "choices": choices or {},
        "closed": refusal_of(report, at),
    }  # fmt: skip
    status = refusal.status if refusal else 422 if found.troubles else 200
    return render(request, "reports/entry/workbook_preview.html", context, status=status)


def _page(
    request: SignedInRequest, report: Report, *, refusal: Refused | None = None, file_name: str = ""
) -> HttpResponse:
    context = {
        **_head(report),
        "refusal": refusal,
        "errors": [error["message"] for error in refusal.errors] if isinstance(refusal, WorkbookRefused) else [],
        "file_name": file_name,
        "closed": refusal_of(report, database_now()),
        "megabytes": MAX_BYTES // 1024 // 1024,
    }
    return render(request, "reports/entry/workbook.html", context, status=refusal.status if refusal else 200)


def _head(report: Report) -> dict:
    return {
        "report": report,
        "call": report.call,
        "edit_url": reverse("reports:report_edit", args=[report.tracking_code]),
    }
