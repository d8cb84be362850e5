"""The service card as its keeper edits it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from units.pages.frame import SignedInRequest

from ... import rules
from ...actions.services import EDITABLE, edit_service, marked
from ...forms import ServiceForm
from ...models import Service


@access("can_edit_service")
def service_edit(request: SignedInRequest, slug: str) -> HttpResponse:
    service = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    if not rules.can_edit_service(request.user, service, database_now()):
        raise Forbidden(_("Only a coordinator of the providing unit keeps the service card."))
    form = ServiceForm(request.POST or None, initial={name: getattr(service, name) for name in EDITABLE})
    if request.method == "POST" and form.is_valid():
        try:
            edit_service(service=service, by=request.user, seen=request.POST.get("seen", ""), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The service card is saved."))
            return redirect("reports:service", slug)
    context = {"service": service, "form": form, "seen": marked(service)}
    return render(request, "sla/services/edit.html", context, status=422 if form.errors else 200)
