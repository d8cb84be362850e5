"""Files beside a form's workbook: added where they were missing, and shown on its pages."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.files import file_response
from units.pages.frame import SignedInRequest

from ...actions.beside import KINDS, inspected
from ...actions.forms import add_form_files
from ...queries.forms import visible_file, visible_form
from ...rules import can_prepare_calls
from ...xlsform import WorkbookRefused


@require_POST
@access("can_prepare_calls")
def add_files(request: SignedInRequest, pk: int) -> HttpResponse:
    """Files that the workbook names: with them it is the next version."""
    if not can_prepare_calls(request.user, database_now()):
        raise Forbidden(_("Only a coordinator adds files to a form. Ask the coordinator of your unit to add them."))
    version = visible_form(request.user, pk)
    uploads = request.FILES.getlist("files")
    if not uploads:
        messages.error(request, _("No file was chosen. Choose the files that the workbook names."))
        return redirect("reports:form", pk)
    try:
        added = add_form_files(version=version, files=inspected(uploads), by=request.user)
    except WorkbookRefused as refusal:
        context = {"refusal": refusal, "file_name": version.workbook_name, "beside": ",".join(sorted(KINDS))}
        return render(request, "reports/forms/import.html", context, status=422)
    if added == version:
        messages.warning(request, _("The workbook names none of these files, so nothing changed."))
    else:
        messages.success(request, _("The files are beside the workbook: this is the version with them."))
    return redirect("reports:form", added.pk)


@access("visible_forms")
@require_safe
def beside_file(request: SignedInRequest, sha256: str) -> FileResponse:
    found = visible_file(request.user, sha256)
    if found is None:
        raise Http404
    response = file_response(found.file, name=found.name, media_type=found.media_type, inline=True)
    response["Cache-Control"] = "private, max-age=86400"  # the address is that of the content
    return response
