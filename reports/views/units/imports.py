"""A file of units: chosen, previewed with what hangs on the units that change, and stored as it was looked at."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.numbers import local_number
from sajad_portal.lib.tables import FileRefused
from units.actions.imports import import_units, look_at_units
from units.enums import AttributeType
from units.files.units import MAX_BYTES
from units.models import Unit
from units.pages.frame import SignedInRequest
from units.queries.import_kinds import Answers
from units.queries.tree import visible_units
from units.rules import can_import_units, can_keep_kinds

from ...forms.units import UnitFileForm, UnitPreviewForm, answers_about_kinds, hidden_of
from ...pages.units.preview import preview_of


def _importer(request: SignedInRequest) -> None:
    if not can_import_units(request.user, database_now()):
        raise Forbidden(
            _("A file of units is brought by an administrator, or by a coordinator for the units below theirs.")
        )


@access("can_import_units")
@require_http_methods(["GET", "POST"])
def units_import(request: SignedInRequest) -> HttpResponse:
    """GET: choose a file. POST: the file, answered with its preview or its problems."""
    _importer(request)
    if request.method != "POST":
        return _page(request, UnitFileForm(initial={"under": request.GET.get("under", "")[:60]}))
    form = UnitFileForm(request.POST)
    file = request.FILES.get("file")
    if not form.is_valid() or file is None:
        missing = Refused(_("Choose the file first."), code="no-file", status=422)
        return _page(request, form, None if file else missing)
    return _preview(request, form, file.read(MAX_BYTES + 1), file.name or "", None)


@access("can_import_units")
@require_POST
def units_import_store(request: SignedInRequest) -> HttpResponse:
    """The preview that was looked at is stored; where the portal has changed since, the new preview is shown."""
    _importer(request)
    form = UnitPreviewForm(request.POST)
    if not form.is_valid():
        broken = Refused(_("The preview is broken. Choose the file again."), code="bad-preview", status=400)
        return _page(request, UnitFileForm(), broken)
    clean, answers = form.cleaned_data, answers_about_kinds(request.POST)
    if "look" in request.POST:  # the answers about kinds have changed what is shown
        return _preview(request, form, clean["packed"], clean["name"], answers)
    try:
        outcome = import_units(
            data=clean["packed"], by=request.user, under=_under(request, clean["under"]),
            retire_missing=clean["retire_missing"], create_kinds="create_kinds" in request.POST, answers=answers,
            seen=clean["seen"],
        )  # fmt: skip
    except Refused as refusal:
        if refusal.status == 403:
            raise
        return _preview(request, form, clean["packed"], clean["name"], answers, refusal)
    said = _(
        "%(created)s units were added, %(renamed)s renamed or described anew, %(moved)s moved, %(retired)s retired."
    )
    messages.success(request, said % {name: local_number(number) for name, number in vars(outcome).items()})
    return redirect("units:units")


def _under(request: SignedInRequest, code: str) -> Unit | None:
    if not code:
        return None
    found = visible_units(request.user).filter(code__iexact=code).first()
    if found is None:
        raise Refused(_("There is no unit with the code %(code)s in your reach.") % {"code": code}, code="no-unit")
    return found


def _preview(
    request: SignedInRequest,
    form: UnitFileForm,
    data: bytes,
    name: str,
    answers: Answers | None,
    refusal: Refused | None = None,
) -> HttpResponse:
    clean = form.cleaned_data
    try:
        plan = look_at_units(
            data=data, by=request.user, under=_under(request, clean["under"]), retire_missing=clean["retire_missing"],
            answers=answers,
        )  # fmt: skip
    except Refused as problem:
        if problem.status == 403:
            raise
        return _page(request, UnitFileForm(initial=clean), problem)
    hidden = hidden_of(plan, data, name, clean["under"], clean["retire_missing"])
    context = {
        "preview": preview_of(plan, database_now()),
        "name": name,
        "form": hidden,
        "storable": bool(hidden["packed"]),
        "may_bring": not plan.brings or can_keep_kinds(request.user),
        "types": AttributeType.choices,
        "refusal": refusal,
    }
    return render(request, "reports/units/preview.html", context, status=refusal.status if refusal else 200)


def _page(request: SignedInRequest, form: UnitFileForm, refusal: Refused | None = None) -> HttpResponse:
    context = {
        "form": form,
        "refusal": refusal,
        "problems": refusal.problems if isinstance(refusal, FileRefused) else [],
        "megabytes": MAX_BYTES // 1024 // 1024,
    }
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "reports/units/import.html", context, status=status)
