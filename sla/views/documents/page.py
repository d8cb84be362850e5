"""Documents of a service: its slots with their versions, and the files themselves."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.files import INLINE, file_response
from units.pages.frame import SignedInRequest, actor

from ... import rules
from ...actions.documents import publish_document, upload_document
from ...files.attachments import megabytes
from ...forms import DocumentForm
from ...models import Document, Service
from ...queries import shelves_of


@access("public")
def documents(request: HttpRequest, slug: str) -> HttpResponse:
    """Published versions for everybody, drafts and the form for who keeps them."""
    service = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    may = rules.can_manage_documents(request.user, service, database_now())
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and not may:
        raise Forbidden(_("Only a coordinator of the providing unit keeps its documents."))
    if request.method == "POST" and form.is_valid():
        try:
            upload_document(service=service, by=actor(request), **form.cleaned_data)
        except Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, _("The file is stored. Publish it when it is ready; published versions stay."))
            return redirect("sla:documents", slug)
    found = service.documents.select_related("uploaded_by").newest_first()
    if not may:
        found = found.published()
    context = {"service": service, "shelves": shelves_of(found), "form": form, "may": may, "megabytes": megabytes()}
    return render(request, "sla/documents/page.html", context, status=422 if form.errors else 200)


@access("is_provider_coordinator")
@require_POST
def document_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    document = publish_document(document=_found(request, pk), by=request.user)
    messages.success(request, _("Version %(number)s is public.") % {"number": document.number})
    return redirect("sla:documents", document.service.slug)


@access("public")
@require_GET
def document_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The document in the page, its particulars, and its other versions."""
    document = _found(request, pk)
    versions = document.service.documents.filter(slot=document.slot).order_by("-number")
    if not rules.can_manage_documents(request.user, document.service, database_now()):
        versions = versions.published()
    context = {
        "document": document,
        "service": document.service,
        "versions": versions,
        "newest": next((version.pk for version in versions if version.published_at), None),
        "is_image": document.media_type.startswith("image/"),
        "is_shown": document.media_type in INLINE,
    }
    return render(request, "sla/documents/view.html", context)


@access("public")
@require_GET
def document_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file: saved, or with `?show` in the browser's own sandbox where its type allows."""
    document = _found(request, pk)
    name = f"{document.title}-{document.number}.{document.extension}"
    return file_response(document.file, name=name, media_type=document.media_type, inline="show" in request.GET)


def _found(request: HttpRequest, pk: int) -> Document:
    """Published documents are everybody's; a draft exists only for who keeps them."""
    document = get_object_or_404(Document.objects.select_related("service__provider"), pk=pk)
    if document.published_at is None and not rules.can_manage_documents(request.user, document.service, database_now()):
        raise Http404
    return document
