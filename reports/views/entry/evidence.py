"""Evidence: put beside an indicator, taken out of the draft, looked at. Every file goes through `report_for` first."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.files import file_response
from units.pages.frame import SignedInRequest

from ...actions.evidence import add_evidence, remove_evidence
from ...actions.locking import require
from ...models import Evidence, Report
from ...pages.entry.page import entry_context, page_url
from ...queries import asked_of, report_for
from ...queries.drafts import FILE
from ...rules import unit_membership
from .tries import of_a_draft


@access("can_draft")
@of_a_draft
@require_POST
def add(request: SignedInRequest, code: str) -> HttpResponse:
    """One file for `?indicator=` (an indicator's code, or `file:<question>`)."""
    at = database_now()
    report = report_for(request.user, code, at)
    require(unit_membership(request.user, report, at), _("Only the unit’s own experts and head change its report."))
    key = request.GET.get("indicator", "")
    upload = next((request.FILES.get(name) for name in request.FILES), None)
    try:
        if upload is None:
            raise Refused(_("No file arrived. Choose it again."), code="no-file")
        add_evidence(report=report, indicator=key, upload=upload, by=request.user)
    except Refused as refusal:
        return _answer(request, report, key, refusal)
    return _answer(request, report, key)


@access("can_draft")
@of_a_draft
@require_POST
def remove(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    at = database_now()
    report = report_for(request.user, code, at)
    require(unit_membership(request.user, report, at), _("Only the unit’s own experts and head change its report."))
    evidence = get_object_or_404(report.evidence, pk=pk)
    try:
        remove_evidence(report=report, evidence=evidence, by=request.user)
    except Refused as refusal:
        return _answer(request, report, evidence.indicator, refusal)
    return _answer(request, report, evidence.indicator)


def _answer(request: SignedInRequest, report: Report, key: str, refusal: Refused | None = None) -> HttpResponse:
    """For a script the indicator's files with what they change; else back to the section."""
    definition = asked_of(report)
    indicator, question = definition.indicator(key), definition.question(key.removeprefix(FILE))
    thing = indicator or question
    page = definition.page_of(key if indicator else key.removeprefix(FILE))
    if not request.htmx or thing is None:
        if refusal:
            messages.error(request, refusal.message)
        return redirect(page_url(report, page, f"files-{key.replace(':', '-')}"))
    at = database_now()
    report = report_for(request.user, report.tracking_code, at)
    context = entry_context(request, report, page, at, definition=definition)
    card = next((card for card in context["sheet"].cards if indicator and card.code == indicator.code), None)
    field = next((f for f in context["sheet"].fields if question and f.name == question.name), None)
    shown = card or field
    context |= {
        "card": card,
        "key": key,
        "key_id": key.replace(":", "-"),
        "files": shown.files if shown else [],
        "wanted": card.evidence if card else field.label if field else "",
        "editable": shown.editable if shown else False,
        "accept": (field.accept if field else "") or context["accept"],
        "upload_error": refusal.message if refusal else "",
    }
    return render(request, "reports/entry/_files_answer.html", context, status=422 if refusal else 200)


def is_submitted(report: Report, found: Evidence) -> bool:
    """Whether a revision names the file. Until then it is part of the draft, which only the unit's own people see."""
    return any(
        item["id"] == found.pk for named in report.revisions.values_list("evidence", flat=True) for item in named
    )


@access("can_read")
@of_a_draft
@require_GET
def evidence(request: SignedInRequest, code: str, pk: int) -> FileResponse:
    """The file: saved to disk, or with `?inline=1` shown where its kind is harmless. Removed ones stay readable, because revisions name them."""
    at = database_now()
    report = report_for(request.user, code, at)
    found = get_object_or_404(report.evidence, pk=pk)
    if not unit_membership(request.user, report, at) and not is_submitted(report, found):
        raise Http404
    return file_response(
        found.file, name=found.name, media_type=found.media_type, inline=request.GET.get("inline") == "1"
    )
