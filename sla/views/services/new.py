"""A new service, by an administrator."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from units.models import Unit
from units.pages.frame import SignedInRequest
from units.queries.organisation import organisation
from units.rules import can_set_up_portal

from ...actions.services import create_service
from ...forms.services import NewServiceForm
from ...text.first_terms import REQUEST_TYPES

FIELDS = {"bad-slug": "slug", "bad-code": "code", "unit-retired": "provider"}
# The field of the form by the code of the type.
DAYS = {"periodic-report": "report_days", "extension": "extension_days", "objection": "objection_days"}


@access("can_set_up_portal")
def service_new(request: SignedInRequest) -> HttpResponse:
    if not can_set_up_portal(request.user):
        raise Forbidden(_("A service is created by an administrator."))
    units = Unit.objects.active_at(database_now()).order_by("depth", "sort_key")
    shipped = {DAYS[code]: days for code, _kind, _title, _title_en, days in REQUEST_TYPES}
    form = NewServiceForm(request.POST or None, units=units, initial={"window": organisation().window, **shipped})
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        targets = {code: typed.pop(field) for code, field in DAYS.items()}
        try:
            service = create_service(by=request.user, targets=targets, **typed)
        except Refused as refusal:
            form.add_error(FIELDS.get(refusal.code), str(refusal))
        else:
            messages.success(request, _("The service is created. Its coordinators keep it from now on."))
            return redirect("reports:service", service.slug)
    return render(request, "sla/services/new.html", {"form": form}, status=422 if form.errors else 200)
