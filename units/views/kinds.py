"""Kinds and attributes of units: what there is, and how an administrator keeps it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.errors import Forbidden, Refused

from ..actions.kinds import (
    change_attribute,
    change_kind,
    close_described,
    create_attribute,
    create_kind,
    reopen_described,
)
from ..forms.units import AttributeForm, KindForm
from ..models import UnitAttribute, UnitKind
from ..pages.frame import SignedInRequest
from ..queries.kinds import attributes_with_counts, kinds_with_counts
from ..rules import can_keep_kinds

FIELDS = {"bad-code": "code", "code-taken": "code", "no-name": "name", "name-taken": "name", "no-choices": "choices", "choice-in-use": "choices"}  # fmt: skip


def _keeper(request: SignedInRequest) -> None:
    if not can_keep_kinds(request.user):
        raise Forbidden(_("Kinds and attributes of units are kept by an administrator."))


def _found(noun: str, code: str) -> UnitKind | UnitAttribute:
    if noun == "kinds":
        return get_object_or_404(UnitKind, code=code)
    return get_object_or_404(UnitAttribute, code=code)


@access("can_keep_kinds")
@require_safe
def kinds(request: SignedInRequest) -> HttpResponse:
    _keeper(request)
    context = {"kinds": kinds_with_counts(), "attributes": attributes_with_counts()}
    return render(request, "units/kinds.html", context)


@access("can_keep_kinds")
@require_http_methods(["GET", "POST"])
def new_kind(request: SignedInRequest, noun: str) -> HttpResponse:
    """A new kind or a new attribute."""
    _keeper(request)
    form = (KindForm if noun == "kinds" else AttributeForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = (create_kind if noun == "kinds" else create_attribute)(**form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.add_error(FIELDS.get(refusal.code), str(refusal))
        else:
            messages.success(request, _("“%(name)s” was added.") % {"name": made.name_here})
            return redirect("units:kinds")
    return _form(request, form, noun, None)


@access("can_keep_kinds")
@require_http_methods(["GET", "POST"])
def edit_kind(request: SignedInRequest, noun: str, code: str) -> HttpResponse:
    """Name and choices. The code and an attribute's type stay."""
    _keeper(request)
    found = _found(noun, code)
    told = {"name": found.name, "name_en": found.name_en}
    if isinstance(found, UnitAttribute):
        form: KindForm = AttributeForm(
            request.POST or None, new=False, initial=told | {"choices": "\n".join(found.choices)}
        )
    else:
        form = KindForm(request.POST or None, new=False, initial=told)
    if request.method == "POST" and form.is_valid():
        try:
            _change(found, form, request)
        except Refused as refusal:
            form.add_error(FIELDS.get(refusal.code), str(refusal))
        else:
            messages.success(request, _("“%(name)s” was saved.") % {"name": form.cleaned_data["name"]})
            return redirect("units:kinds")
    return _form(request, form, noun, found)


def _change(found: UnitKind | UnitAttribute, form: KindForm, request: SignedInRequest) -> None:
    if isinstance(found, UnitAttribute):
        change_attribute(attribute=found, **form.cleaned_data, by=request.user)
    else:
        change_kind(kind=found, **form.cleaned_data, by=request.user)


def _form(request: SignedInRequest, form: KindForm, noun: str, found) -> HttpResponse:
    context = {"form": form, "noun": noun, "found": found}
    return render(request, "units/kind.html", context, status=400 if form.errors else 200)


@access("can_keep_kinds")
@require_POST
def close_kind(request: SignedInRequest, noun: str, code: str) -> HttpResponse:
    _keeper(request)
    found = _found(noun, code)
    close_described(described=found, by=request.user)
    messages.success(request, _("“%(name)s” is closed. Units that have it keep it.") % {"name": found.name_here})
    return redirect("units:kinds")


@access("can_keep_kinds")
@require_POST
def reopen_kind(request: SignedInRequest, noun: str, code: str) -> HttpResponse:
    _keeper(request)
    found = _found(noun, code)
    reopen_described(described=found, by=request.user)
    messages.success(request, _("Units may get “%(name)s” again.") % {"name": found.name_here})
    return redirect("units:kinds")
