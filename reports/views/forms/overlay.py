"""Indicators laid over a form: a page where a coordinator says of its questions what is measured, and how it is scored."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.language import current_language
from units.pages.frame import SignedInRequest

from ...actions.overlay import lay_indicators
from ...forms.overlay import LaidFormSet, laid_lines
from ...queries import form_of, visible_calls
from ...queries.forms import visible_form
from ...rules import can_prepare_calls
from ...xlsform import WorkbookRefused
from ...xlsform.overlay import measurable


@access("can_prepare_calls")
def form_overlay(request: SignedInRequest, pk: int) -> HttpResponse:
    if not can_prepare_calls(request.user, database_now()):
        raise Forbidden(_("Only a coordinator says what a form measures."))
    version = visible_form(request.user, pk)
    definition = form_of(version)
    lines = laid_lines(definition, current_language(), request.POST or None)
    refused: list[str] = []
    if request.method == "POST" and lines.is_valid():
        try:
            made = lay_indicators(version=version, laid=lines.laid(), by=request.user)
        except WorkbookRefused as refusal:
            refused = _beside(lines, refusal)
        else:
            messages.success(request, _("This version of the form has the indicators. Its workbook can be downloaded."))
            return redirect("reports:form", made.pk)
    context = {
        "version": version,
        "lines": lines,
        "refused": refused,
        "measurable": measurable(definition),
        "by_portal": [each for each in definition.indicators if each.source],
        "opened": visible_calls(request.user).filter(form_version=version, opens_at__lte=database_now()).exists(),
    }
    return render(request, "reports/forms/overlay.html", context, status=422 if request.method == "POST" else 200)


def _beside(lines: LaidFormSet, refusal: WorkbookRefused) -> list[str]:
    """Each error to the field that it is about; what belongs to none is told above."""
    rest = []
    for error in refusal.errors:
        name = (error["column"] or "").rpartition(":")[2]
        code = error.get("code")
        form = next((f for f in lines.forms if f.is_laid and code and f.cleaned_data["code"] == code), None)
        if form is not None and name in form.fields:
            form.add_error(name, error["message"])
        else:
            rest.append(error["message"])
    return rest
