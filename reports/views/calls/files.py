"""The room for evidence in a call: what is taken, who found none, and more of it at the press of a button."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from units.pages.frame import SignedInRequest

from ...actions.quotas import raise_call_quotas, raise_unit_quota
from ...enums import CallState
from ...forms.quotas import CallQuotasForm, UnitQuotaForm
from ...models import Call, Report
from ...queries import call_for, reports_at, visible_reports
from ...queries.quotas import Room, call_limits, call_room, largest_holders, unit_limits
from ...rules import can_decide_in
from ...rules.calls import can_oversee_call
from ...rules.quotas import can_raise_quotas
from .frame import call_frame

NEARLY = 90  # of a hundred


@access("can_oversee_call")
@require_http_methods(["GET", "HEAD", "POST"])
def call_files(request: SignedInRequest, pk: int) -> HttpResponse:
    """A post with `report`, a tracking code, gives that unit more room; one without it every unit, and all together."""
    at = database_now()
    call = call_for(request.user, pk, at)
    if not can_oversee_call(request.user, call, at):
        raise Forbidden(_("These figures are for headquarters. Your unit’s report is on the call’s page."))
    if call.state == CallState.DRAFT:
        raise Http404
    bound, code = None, request.POST.get("report", "")
    if request.method == "POST":
        if not can_raise_quotas(request.user, call, at) and not can_decide_in(request.user, call, at):
            raise Forbidden(
                _(
                    "Only a coordinator of the provider who reports for no unit in this unit’s line, or an administrator, gives more room."
                )
            )
        bound = UnitQuotaForm(request.POST) if code else CallQuotasForm(request.POST)
        if bound.is_valid():
            try:
                done = _raise(request, call, code, bound, at)
            except Forbidden:
                raise
            except Refused as refusal:
                bound.add_error(None, str(refusal))
            else:
                messages.success(request, done)
                return redirect("reports:call_files", call.pk)
    raises = call.state == CallState.PUBLISHED and can_raise_quotas(request.user, call, at)
    context = call_frame(request.user, call, at, "call_files") | {
        "room": call_room(call),
        "limits": unit_limits(call),
        "raises": raises,
        "form": bound if bound is not None and not code else CallQuotasForm(initial=_now(call)),
        "unit_form": bound if code else None,
        "rows": [_row(request.user, report, call, at, raises, bound, code) for report in _holders(request, call, at)],
    }
    return render(request, "reports/calls/files.html", context, status=422 if bound is not None else 200)


def _raise(request: SignedInRequest, call: Call, code: str, form: forms.Form, at: datetime) -> str:
    given = form.cleaned_data
    if not code:
        raise_call_quotas(
            call=call, unit_mb=given["unit_mb"], unit_files=given["unit_count"], mb=given["mb"], files=given["count"],
            by=request.user,
        )  # fmt: skip
        return _("There is more room now; units that found none are told.")
    report = Report.objects.filter(visible_reports(request.user), call=call, tracking_code=code).first()
    if report is None:
        raise Http404
    raise_unit_quota(report=report, mb=given["mb"], files=given["count"], by=request.user)
    return _("There is more room for %(unit)s now, and its people are told.") % {"unit": report.unit_name}


def _now(call: Call) -> dict[str, int]:
    (unit_mb, unit_files), (mb, files) = unit_limits(call), call_limits(call)
    return {"unit_mb": unit_mb, "unit_count": unit_files, "mb": mb, "count": files}


def _holders(request: SignedInRequest, call: Call, at: datetime) -> list[Report]:
    return largest_holders(reports_at(at).filter(visible_reports(request.user), call=call))


def _row(person, report: Report, call: Call, at: datetime, raises: bool, bound: forms.Form | None, code: str) -> dict:
    """`form`: twice what the unit has, so that one press is enough; `open` where it is wanted now."""
    mb, files = unit_limits(call, report)
    form = None
    if raises and can_raise_quotas(person, call, at, report):
        mine = bound if bound is not None and code == report.tracking_code else None
        form = mine or UnitQuotaForm(initial={"mb": mb * 2, "count": files * 2}, auto_id=f"{report.pk}-%s")
    room = Room(report.held_size, report.held_files, mb, files)
    wanted = report.quota_reached_at is not None or room.percent >= NEARLY or (form is not None and form.is_bound)
    return {"report": report, "room": room, "form": form, "open": wanted}
