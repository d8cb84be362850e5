"""The end of a service: what is still open of it, and the button."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.models import Service
from sla.rules import can_edit_service
from units.pages.frame import SignedInRequest

from ...actions.services import close_service, reopen_service
from ...forms.call_changes import CallReasonForm
from ...queries.services import what_is_open


@access("can_edit_service")
@require_http_methods(["GET", "POST"])
def service_close(request: SignedInRequest, slug: str) -> HttpResponse:
    """Closes an open service, opens a closed one."""
    service = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    at = database_now()
    if not can_edit_service(request.user, service, at):
        raise Forbidden(_("Only a coordinator of the providing unit closes the service."))
    form = CallReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verb = reopen_service if service.closed_at else close_service
        try:
            verb(service=service, by=request.user, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The service is open again.") if service.closed_at else _("The service is closed."))  # fmt: skip
            return redirect("reports:service", slug)
    context = {"service": service, "form": form, "in_use": [] if service.closed_at else what_is_open(service, at)}
    return render(request, "reports/services/close.html", context, status=422 if form.errors else 200)
