"""A unit ends: what hangs on it before, and what becomes of what it left open after."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from units.actions.units import retire_unit
from units.models import Unit
from units.pages.frame import SignedInRequest
from units.queries.tree import seats_on, visible_units
from units.rules import can_manage_unit
from units.views.units import unit_for

from ...actions.successions import settle_left_open
from ...forms.units import EndingForm, LeftOpenForm
from ...pages.units.left_open import left_open_rows
from ...queries.open_matters import open_matters
from ...queries.requests import open_requests_of


def _managed(request: SignedInRequest, code: str, at: datetime) -> Unit:
    unit = unit_for(request.user, code)
    if not can_manage_unit(request.user, unit, at):
        raise Forbidden(_("The tree of units is changed by a coordinator of the unit or of one above it."))
    return unit


def _named(request: SignedInRequest, code: str) -> Unit | None:
    """The unit of a typed code, within reach. Raises Refused for one that is not there."""
    if not code:
        return None
    found = visible_units(request.user).filter(code__iexact=code).first()
    if found is None:
        raise Refused(_("There is no unit with the code %(code)s in your reach.") % {"code": code}, code="no-unit")
    return found


@access("can_manage_unit")
@require_http_methods(["GET", "POST"])
def retire(request: SignedInRequest, code: str) -> HttpResponse:
    """GET: what hangs on the unit. POST: it ends; what it left open is decided on the next page."""
    at = database_now()
    unit = _managed(request, code, at)
    form = EndingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            successor = _named(request, clean["code"])
            retire_unit(unit=unit, by=request.user, reason=clean["reason"], successor=successor)
        except Refused as refusal:
            if refusal.status == 403:
                raise
            form.add_error("reason" if refusal.code == "no-reason" else "code", str(refusal))
        else:
            messages.success(request, _("“%(unit)s” is retired. Its reports and history stay.") % {"unit": unit.name})
            left = open_matters([unit], database_now())
            return redirect("reports:unit_left_open" if left else "units:unit", unit.code)
    context = {
        "unit": unit,
        "form": form,
        "seats": seats_on(unit, at).count(),
        "below": unit.children.filter(retired_at__isnull=True).count(),
        "requests": open_requests_of([unit.pk], at).count(),
        "rows": left_open_rows(unit, request.user, at),
    }
    return render(request, "reports/units/retire.html", context, status=409 if form.errors else 200)


@access("can_manage_unit")
@require_http_methods(["GET", "POST"])
def left_open(request: SignedInRequest, code: str) -> HttpResponse:
    """What a retired unit left open, by call: handed to the successor, excused, or left."""
    at = database_now()
    unit = _managed(request, code, at)
    form = LeftOpenForm(request.POST or None, initial={"code": unit.successor.code if unit.successor else ""})
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            count = settle_left_open(
                unit=unit, fates=clean["fates"], by=request.user, reason=clean["reason"],
                successor=_named(request, clean["code"]),
            )  # fmt: skip
        except Refused as refusal:
            if refusal.status == 403:
                raise
            form.add_error(
                {"no-reason": "reason", "bad-successor": "code", "no-unit": "code"}.get(refusal.code), str(refusal)
            )
        else:
            said = (
                _("It is decided, and who acts now was told.") if count else _("Nothing was chosen; nothing changed.")
            )
            messages.success(request, said)
            return redirect("reports:unit_left_open", unit.code)
    context = {"unit": unit, "form": form, "rows": left_open_rows(unit, request.user, at)}
    return render(request, "reports/units/left_open.html", context, status=409 if form.errors else 200)
