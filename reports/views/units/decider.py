"""Who decides about one unit's reports where every coordinator of the provider is in its line: an administrator names them."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.models import Service
from units.models import Person, Unit
from units.pages.frame import SignedInRequest
from units.queries.tree import visible_units

from ...actions.deciders import end_decider, name_decider
from ...forms.deciders import EndNamingForm, NamingForm
from ...queries.namings import nameable_people, naming_of, needs_naming, services_of


@access("is_superuser")
def unit_decider(request: SignedInRequest, code: str, service_pk: int | None = None) -> HttpResponse:
    """A unit's services, each with whom it is named for it and a form; a post says of which service it is."""
    at = database_now()
    unit = get_object_or_404(visible_units(request.user), code__iexact=code)
    if not request.user.is_superuser:
        raise Forbidden(_("Only an administrator names who decides about a unit. Ask one."))
    asked = get_object_or_404(Service, pk=service_pk) if service_pk else None
    rows, status = [], 200
    for service in services_of(unit):
        row = _row(request, unit, service, at, posted=request.method == "POST" and service == asked)
        if row.get("done"):
            messages.success(request, row["done"])
            return redirect("reports:unit_decider", unit.code)
        status = 422 if row["form"] is not None and row["form"].errors else status
        rows.append(row)
    return render(request, "reports/units/decider.html", {"unit": unit, "rows": rows}, status=status)


def _row(request: SignedInRequest, unit: Unit, service: Service, at: datetime, *, posted: bool) -> dict:
    """A service as the page shows it; `done` says what a post has done."""
    naming = naming_of(unit, service, at)
    needed = needs_naming(unit, service, at)
    data = request.POST if posted else None
    form: NamingForm | EndNamingForm | None = None
    if naming:
        form = EndNamingForm(data, prefix=f"s{service.pk}")
    elif needed:
        form = NamingForm(data, people=nameable_people(unit, at), prefix=f"s{service.pk}")
    row: dict[str, Any] = {
        "service": service,
        "naming": naming,
        "named": Person.objects.get(pk=naming.person_id) if naming else None,
        "needed": needed,
        "form": form,
    }
    if posted and form is not None and form.is_valid():
        try:
            row["done"] = _act(request, unit, service, form)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return row


def _act(request: SignedInRequest, unit: Unit, service: Service, form: NamingForm | EndNamingForm) -> str:
    given = form.cleaned_data
    if isinstance(form, NamingForm):
        name_decider(unit=unit, service=service, person=given["person"], by=request.user, reason=given["reason"])
        words = _("%(person)s decides about the reports of this unit from now on, and is told.")
        return words % {"person": given["person"]}
    end_decider(unit=unit, service=service, by=request.user, reason=given["reason"])
    return _("The naming has ended; what was decided stands.")
