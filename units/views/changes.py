"""Changing the tree: new units, names, places, ends."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused

from ..actions.units import create_unit, move_unit, reinstate_unit, rename_unit
from ..forms.units import PlaceForm, UnitForm, initial_of
from ..models import Unit
from ..pages.frame import SignedInRequest
from ..queries.tree import visible_units
from ..rules import can_create_unit, can_manage_unit
from .units import unit_for

FIELDS = {"bad-code": "code", "code-taken": "code", "name-taken": "name", "no-name": "name"}


@access("can_create_unit")
@require_http_methods(["GET", "POST"])
def new_unit(request: SignedInRequest, code: str = "") -> HttpResponse:
    """Below the unit of this code; without one, a new root."""
    parent = unit_for(request.user, code) if code else None
    if not can_create_unit(request.user, parent, database_now()):
        raise Forbidden(_("Units are added by a coordinator of the unit above; a new root by an administrator."))
    form = UnitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            unit = create_unit(**form.cleaned_data, parent=parent, by=request.user)
        except Refused as refusal:
            form.add_error(FIELDS.get(refusal.code), str(refusal))
        else:
            messages.success(request, _("“%(unit)s” was added.") % {"unit": unit.name})
            return redirect("units:unit", unit.code)
    context = {"form": form, "unit": None, "parent": parent}
    return render(request, "units/edit.html", context, status=400 if form.errors else 200)


def _managed(request: SignedInRequest, code: str) -> Unit:
    unit = unit_for(request.user, code)
    if not can_manage_unit(request.user, unit, database_now()):
        raise Forbidden(_("The tree of units is changed by a coordinator of the unit or of one above it."))
    return unit


@access("can_manage_unit")
@require_http_methods(["GET", "POST"])
def edit_unit(request: SignedInRequest, code: str) -> HttpResponse:
    """Name and kind here; place and end are forms of their own on the same page."""
    unit = _managed(request, code)
    form = UnitForm(request.POST or None, initial=initial_of(unit), unit=unit)
    if request.method == "POST" and form.is_valid():
        try:
            rename_unit(unit=unit, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.add_error(FIELDS.get(refusal.code), str(refusal))
        else:
            messages.success(request, _("The unit was saved."))
            return redirect("units:unit", unit.code)
    context = {"form": form, "unit": unit, "parent": unit.parent, "place": PlaceForm(auto_id="place_%s")}
    return render(request, "units/edit.html", context, status=400 if form.errors else 200)


def _named(request: SignedInRequest, code: str) -> Unit | None:
    """The unit of a typed code, within reach. Raises Refused for one that is not there."""
    if not code:
        return None
    found = visible_units(request.user).filter(code__iexact=code).first()
    if found is None:
        raise Refused(_("There is no unit with the code %(code)s in your reach.") % {"code": code}, code="no-unit")
    return found


@access("can_manage_unit")
@require_POST
def move(request: SignedInRequest, code: str) -> HttpResponse:
    unit = _managed(request, code)
    form = PlaceForm(request.POST)
    form.is_valid()
    moved = move_unit(unit=unit, parent=_named(request, form.cleaned_data.get("code", "")), by=request.user)
    messages.success(request, _("“%(unit)s” was moved, with everything below it.") % {"unit": moved.name})
    return redirect("units:unit", unit.code)


@access("can_manage_unit")
@require_POST
def reinstate(request: SignedInRequest, code: str) -> HttpResponse:
    unit = _managed(request, code)
    reinstate_unit(unit=unit, by=request.user)
    messages.success(request, _("“%(unit)s” works again.") % {"unit": unit.name})
    return redirect("units:unit", unit.code)
