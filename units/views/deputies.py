"""Naming somebody who stands in for a seat of one's own."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sajad_portal.lib.access import DECIDING, access
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import format_date

from ..actions.deputies import name_deputy
from ..forms.people import DeputyForm
from ..pages.frame import SignedInRequest
from ..queries import deputies_of, possible_deputies
from ..rules import can_name_deputy
from .people import membership_for

FIELDS = {
    "starts-in-the-past": "starts_at", "ends-before-start": "ends_at", "beyond-the-giver": "ends_at",
    "deputy-named": "starts_at", "not-of-the-unit": "person",
}  # fmt: skip


@access("can_name_deputy", fresh=DECIDING)
@require_http_methods(["GET", "POST"])
def deputy(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """The seat is the person's own; of anybody else's there is no such page."""
    unit, seat = membership_for(request, code, pk)
    at = database_now()
    if not can_name_deputy(request.user, seat, at):
        raise Http404
    people = possible_deputies(seat, at)
    form = DeputyForm(
        request.POST or None, people=people, initial={"starts_at": format_date(tehran_date(at), "numeric")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            named = name_deputy(membership=seat, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(FIELDS.get(refusal.code), str(refusal))
        else:
            said = _("%(person)s is offered to stand in for you; it takes effect when they accept.")
            messages.success(request, said % {"person": named.person.get_full_name()})
            return redirect("units:unit", unit.code)
    context = {"unit": unit, "membership": seat, "form": form, "people": people, "named": deputies_of(seat, at)}
    return render(request, "units/deputy.html", context, status=400 if form.errors else 200)
