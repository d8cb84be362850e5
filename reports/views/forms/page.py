"""Forms: the list, the import of a workbook, a version's report, the workbook itself."""

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.files import TYPES, file_response
from sajad_portal.lib.language import current_language
from sajad_portal.lib.lists import Column, Listing, matching
from sla.pages.apart import ServicesApart
from units.pages.frame import SignedInRequest

from ...actions.beside import KINDS, inspected
from ...actions.forms import check_size, confirm_form, import_form
from ...pages.forms.changes import changes_of
from ...queries import form_of, visible_calls
from ...queries.form_scopes import parts_for_some
from ...queries.forms import areas_of, newest_forms, total_weight, visible_form, visible_forms
from ...rules import can_prepare_calls
from ...xlsform import WorkbookRefused
from ...xlsform.sample_form import build

SIZE = 50
OLD_EXCEL = "application/vnd.ms-excel"
USABLE, WAITING = "usable", "waiting"
STATES = [("", gettext_lazy("All")), (USABLE, gettext_lazy("Usable")), (WAITING, gettext_lazy("To be confirmed"))]
FORMS = Listing(
    Column("form", gettext_lazy("Form"), fixed=True),
    Column("code", gettext_lazy("Code"), by=("form__code",)),
    Column("version", gettext_lazy("Version"), by=("number", "-uploaded_at"), falls=True),
    Column("indicators", gettext_lazy("Indicators"), by=("indicator_count", "-uploaded_at"), falls=True),
    Column("calls", gettext_lazy("Calls"), by=("call_count", "-uploaded_at"), falls=True),
    Column("imported", gettext_lazy("Imported"), by=("uploaded_at",), falls=True),
    Column("guide", gettext_lazy("Guide")),
    sort="-imported",
)


@access("visible_forms")
@require_safe
def forms(request: SignedInRequest) -> HttpResponse:
    listed = FORMS.of(request)
    state = listed.choose("state", _("State"), STATES)
    found = newest_forms(request.user)
    if state:
        found = found.filter(confirmed_at__isnull=state == WAITING)
    page = listed.page(matching(found, listed.search(_("Title or code of the form")), "title", "form__code"), size=SIZE)
    context = {"listing": listed, "page": page, "can_import": can_prepare_calls(request.user, database_now())}
    return render(request, "reports/forms/list.html", context)


@access("can_prepare_calls")
def form_import(request: SignedInRequest) -> HttpResponse:
    if not can_prepare_calls(request.user, database_now()):
        raise Forbidden(_("Only a coordinator imports forms. Ask the coordinator of your unit to upload the workbook."))
    context: dict = {}
    upload = request.FILES.get("workbook")
    if request.method == "POST" and upload is None:
        context["missing"] = True
    elif upload is not None:
        try:
            check_size(upload.size or 0)
            beside = inspected(request.FILES.getlist("files"))
            version = import_form(data=upload.read(), name=upload.name or "", by=request.user, files=beside)
            return redirect("reports:form", version.pk)
        except WorkbookRefused as refusal:
            context.update(refusal=refusal, file_name=upload.name)
    status = 422 if context else 200
    return render(request, "reports/forms/import.html", {**context, "beside": ",".join(sorted(KINDS))}, status=status)


@require_POST
@access("can_prepare_calls")
def form_sample(request: SignedInRequest) -> HttpResponse:
    """The shipped sample becomes a form of this portal; a second time gives the version that is there."""
    version = import_form(data=build(), name="student-services.xlsx", by=request.user)
    messages.success(request, _("The sample form is imported. Download its workbook to change it and import it again."))
    return redirect("reports:form", version.pk)


@access("visible_forms")
@require_safe
def form(request: SignedInRequest, pk: int) -> HttpResponse:
    version = visible_form(request.user, pk)
    definition = form_of(version)
    context = {
        "version": version,
        "definition": definition,
        "summary": version.summary,
        "areas": areas_of(version, current_language()),
        "weight": total_weight(definition),
        "changes": changes_of(version, current_language()),
        "for_some": parts_for_some(version, current_language()),
        "matters": definition.needs_confirmation,
        "wanted": [*definition.missing_files, *definition.missing_media],
        "beside": ",".join(sorted(KINDS)),
        "versions": visible_forms(request.user).filter(form=version.form).defer("definition").order_by("-number"),
        "calls": visible_calls(request.user).filter(form_version=version).order_by("-opens_at")[:10],
        "names_service": ServicesApart().several,
        "can_import": can_prepare_calls(request.user, database_now()),
    }
    return render(request, "reports/forms/page.html", context)


@access("visible_forms")
@require_safe
def form_guide(request: SignedInRequest, pk: int) -> FileResponse:
    version = visible_form(request.user, pk)
    old = version.workbook_name.lower().endswith(".xls")
    return file_response(version.workbook, name=version.workbook_name, media_type=OLD_EXCEL if old else TYPES[".xlsx"])


@require_POST
@access("can_prepare_calls")
def form_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    version = confirm_form(version=visible_form(request.user, pk), by=request.user)
    messages.success(request, _("The form is confirmed; calls can be opened on it."))
    return redirect("reports:form", version.pk)
