"""Forms: the list, the import of a workbook, a version's report, its preview, the workbook itself."""

from dataclasses import replace

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.files import TYPES, file_response
from sajad_portal.lib.paging import page_of
from sajad_portal.lib.text import search_key
from sajad_portal.templatetags.portal import language

from ..actions.forms import check_size, confirm_form, import_form
from ..queries import form_of, visible_calls
from ..queries_forms import areas_of, blank, form_for, newest_forms, total_weight, visible_forms
from ..rules import can_prepare_calls
from ..xlsform import Question, WorkbookRefused
from .sheet import Field, Sheet


@access("visible_forms")
@require_safe
def forms(request: HttpRequest) -> HttpResponse:
    found = newest_forms(request.user)
    words = request.GET.get("q", "").strip()
    for word in search_key(words).split():
        found = found.filter(title__icontains=word) | found.filter(form__code__icontains=word)
    page = page_of(found, request, by=("title", "pk"))
    context = {"page": page, "words": words, "can_import": can_prepare_calls(request.user, database_now())}
    return render(request, "reports/forms/list.html", context)


@access("can_prepare_calls")
def form_import(request: HttpRequest) -> HttpResponse:
    if not can_prepare_calls(request.user, database_now()):
        raise Forbidden(_("Only a coordinator imports forms. Ask the coordinator of your unit to upload the workbook."))
    context: dict = {}
    if request.method == "POST":
        upload = request.FILES.get("workbook")
        try:
            if upload is None:
                context["missing"] = True
            else:
                check_size(upload.size)
                version = import_form(data=upload.read(), name=upload.name, by=request.user)
                return redirect("reports:form", version.pk)
        except WorkbookRefused as refusal:
            context.update(refusal=refusal, file_name=upload.name)
    status = 422 if context else 200
    return render(request, "reports/forms/import.html", context, status=status)


@access("visible_forms")
@require_safe
def form(request: HttpRequest, pk: int) -> HttpResponse:
    version = form_for(request.user, pk)
    definition = form_of(version)
    context = {
        "version": version,
        "definition": definition,
        "summary": version.summary,
        "areas": areas_of(version, language()),
        "weight": total_weight(definition),
        "matters": definition.needs_confirmation,
        "versions": visible_forms(request.user).filter(form=version.form).defer("definition").order_by("-number"),
        "calls": visible_calls(request.user).filter(form_version=version).order_by("-opens_at")[:10],
        "can_import": can_prepare_calls(request.user, database_now()),
    }
    return render(request, "reports/forms/page.html", context)


@access("visible_forms")
@require_safe
def form_preview(request: HttpRequest, pk: int) -> HttpResponse:
    version = form_for(request.user, pk)
    definition = form_of(version)
    sections = [section for section in definition.sections if definition.questions_of(section.name)]
    if not sections:
        raise Http404
    chosen = request.GET.get("section")
    shown = next((section for section in sections if section.name == chosen), sections[0])
    sheet = Sheet(blank(version, database_now(), language()), shown.name, remarks={}, writable=False)
    for item in sheet.items:
        item.fields[:] = [_told(definition.question(field.name), field) for field in item.fields]
    context = {
        "version": version,
        "sheet": sheet,
        "sections": [
            {
                "name": section.name,
                "label": section.label_in(language()) if section.name else _("Outside any section"),
                "count": len(definition.questions_of(section.name)),
                "current": section is shown,
            }
            for section in sections
        ],
    }
    return render(request, "reports/forms/preview.html", context)


def _told(question: Question, field: Field) -> Field:
    """A reporter meets it only where its condition holds; whoever looks through the form is told so."""
    if not question.relevant:
        return field
    return replace(field, hint=" ".join(filter(None, [field.hint, _("Asked only under a condition.")])))


@access("visible_forms")
@require_safe
def form_guide(request: HttpRequest, pk: int) -> FileResponse:
    version = form_for(request.user, pk)
    return file_response(version.workbook, name=version.workbook_name, media_type=TYPES[".xlsx"])


@require_POST
@access("can_prepare_calls")
def form_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    version = confirm_form(version=form_for(request.user, pk), by=request.user)
    messages.success(request, _("The form is confirmed; calls can be opened on it."))
    return redirect("reports:form", version.pk)
