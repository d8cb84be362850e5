"""The room for files of a unit's general requests: what is taken, and more of it at the press of a button."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.request_room import raise_request_room, record_no_request_room
from sla.models import Service
from sla.queries.requests import file_room
from sla.rules.requests import can_give_room
from units.models import Person, Unit
from units.pages.frame import SignedInRequest
from units.views.units import unit_for

from ...forms.quotas import UnitQuotaForm
from ...queries.quotas import Room


@access("can_give_room")
@require_http_methods(["GET", "POST"])
def request_room(request: SignedInRequest, code: str) -> HttpResponse:
    at = database_now()
    unit = unit_for(request.user, code)
    if not can_give_room(request.user, unit, at):
        raise Forbidden(_("Room for files of requests is given by whoever decides about them."))
    held = file_room(unit)
    # Twice what the unit has, so that one press is enough.
    form = UnitQuotaForm(request.POST or None, initial={"mb": held.most_mb * 2, "count": held.most_files * 2})
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data
            raise_request_room(unit=unit, mb=given["mb"], files=given["count"], by=request.user)
        except Refused as refusal:
            if refusal.status == 403:
                raise
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("There is more room for %(unit)s now, and its people are told.") % {"unit": unit.name}
            )
            return redirect("reports:request_room", unit.code)
    room = Room(held.size, held.files, held.most_mb, held.most_files)
    context = {"unit": unit, "room": room, "form": form}
    return render(request, "reports/requests/room.html", context, status=422 if form.errors else 200)


def note_no_room(refusal: Refused, unit: Unit, service: Service, person: Person) -> None:
    """What a refused file leaves behind, once the verb that refused it is undone."""
    if refusal.code == "no-room":
        record_no_request_room(unit=unit, service=service, by=person)
