"""A form as a unit meets it: page by page, in each of its languages, on a desk or on a phone, and as units of one kind are asked it."""

from dataclasses import replace

from csp.constants import SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.language import current_language
from units.pages.frame import SignedInRequest

from ...models import FormVersion
from ...pages.entry.languages import languages_named
from ...pages.entry.section import Field, GroupPart, every
from ...pages.entry.sheet import EntrySheet
from ...queries import form_of
from ...queries.forms import blank, told_apart, visible_form
from ...xlsform import FormDefinition, Question

PHONE = "phone"


@access("visible_forms")
@require_safe
def form_preview(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "reports/forms/preview.html", _context(request, visible_form(request.user, pk)))


@access("visible_forms")
@require_safe
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})  # type: ignore[arg-type]
def form_preview_frame(request: SignedInRequest, pk: int) -> HttpResponse:
    """The questions alone: what stands in the frame that is as narrow as a phone. It takes nothing, so nothing of it can be clicked
    in somebody else's name; and only a page of ours may frame it."""
    return render(request, "reports/forms/preview_frame.html", _context(request, visible_form(request.user, pk)))


def _context(request: HttpRequest, version: FormVersion) -> dict:
    whole = form_of(version)
    language = _language(request, whole)
    apart = [(source, name, values, _chosen(request, source, values)) for source, name, values in told_apart(whole)]
    facts = {source: chosen for source, _name, _values, chosen in apart if chosen}
    assessment = blank(version, database_now(), language, facts)
    definition = assessment.definition
    if not definition.pages:
        raise Http404
    page = definition.page(request.GET.get("page", "")) or definition.pages[0]
    sheet = EntrySheet(assessment, (page,), remarks={}, writable=False, language=language)
    for item in every(sheet.items):
        if not isinstance(item, GroupPart):
            item.fields[:] = [_told(definition.own_question(field.name), field) for field in item.fields]
    return {
        "version": version,
        "sheet": sheet,
        "report": None,
        "accept": "",
        "here": page.label_in(language),
        "languages": languages_named([code for code in whole.languages if code != "default"], language),
        "apart": apart,
        "width": PHONE if request.GET.get("width") == PHONE else "",
        "kept": [(name, request.GET[name]) for name in ("words", "width") if name in request.GET],
        "pages": [
            {"key": each.key, "label": each.label_in(language), "count": len(each.names), "current": each is page}
            for each in definition.pages
        ],
    }


def _chosen(request: HttpRequest, source: str, values: list[tuple[str, str]]) -> str:
    asked = request.GET.get(source, "")
    return asked if asked in dict(values) else ""


def _language(request: HttpRequest, definition: FormDefinition) -> str:
    """Of the form's words: as asked, else the portal's where the form has it, else the form's first."""
    asked, here = request.GET.get("words", ""), current_language()
    if asked in definition.languages:
        return asked
    known = [code for code in definition.languages if code != "default"]
    return here if here in known or not known or set(known) & set(dict(settings.LANGUAGES)) else known[0]


def _told(question: Question, field: Field) -> Field:
    """A reporter meets it only where its condition holds; whoever looks through the form is told so."""
    if not question.relevant:
        return field
    return replace(field, notice=_("Asked only under a condition."))
