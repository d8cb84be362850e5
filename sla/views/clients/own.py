"""Programs that a person bound to a seat of their own: to bind another one, and to unbind."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sajad_portal.lib.access import DECIDING, access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from units.actions.throttle import count_attempt, throttle_key
from units.models import Membership
from units.pages.frame import SignedInRequest
from units.queries import memberships_of

from ...actions.clients import bind_client, unbind_client
from ...enums import ClientScope
from ...forms.clients import BindForm
from ...models import ClientSeat
from ...queries.clients import client_coded, clients_bound_by, seats_in_force

TRIES, IN = 20, 15  # codes that are none, in minutes


@access("signed-in", fresh=DECIDING)
@never_cache
@require_http_methods(["GET", "POST"])
def programs(request: SignedInRequest) -> HttpResponse:
    at = database_now()
    own = Membership.objects.filter(pk__in=[m.pk for m in memberships_of(request.user, at)]).select_related("unit")
    form = BindForm(request.POST or None, seats=own.order_by("pk"))
    if request.method == "POST" and form.is_valid() and _bound(request, form):
        messages.success(
            request, _("The program acts for you in this seat from now on. You may end it here at any time.")
        )
        return redirect("sla:programs")
    in_force = set(seats_in_force(at).filter(membership__person=request.user).values_list("pk", flat=True))
    rows = [
        {
            "seat": seat,
            "acts": seat.pk in in_force,
            "scopes": [ClientScope(scope).label for scope in seat.client.scopes],
        }
        for seat in clients_bound_by(request.user)
    ]
    context = {"form": form, "rows": rows, "has_seats": own.exists()}
    return render(request, "sla/clients/own.html", context, status=422 if form.errors else 200)


def _bound(request: SignedInRequest, form: BindForm) -> bool:
    count_attempt(throttle_key("bind", str(request.user.pk)), TRIES, timedelta(minutes=IN)).insist()
    found = client_coded(form.cleaned_data["code"])
    if found is None:
        form.add_error("code", _("No program has this code. Ask whoever runs the program for it."))
        return False
    try:
        bind_client(client=found, membership=form.cleaned_data["seat"], by=request.user)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


@access("signed-in")
@require_POST
def program_unbind(request: SignedInRequest, pk: int) -> HttpResponse:
    seat = get_object_or_404(ClientSeat.objects.select_related("client"), pk=pk, membership__person=request.user)
    unbind_client(seat=seat, by=request.user)
    messages.success(request, _("The program does not act for you any more."))
    return redirect("sla:programs")
