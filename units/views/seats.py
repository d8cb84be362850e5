"""One's own seats: accepting and declining what is offered, leaving what is held."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sajad_portal.lib.access import access

from ..actions.memberships import accept_seat, decline_seat, leave_seat
from ..forms.people import ReasonForm
from ..models import Membership
from ..pages.frame import SignedInRequest


def _own_seat(request: SignedInRequest, pk: int) -> Membership:
    """A seat of somebody else does not exist here."""
    return get_object_or_404(Membership.objects.select_related("unit"), pk=pk, person=request.user)


def _facts(seat: Membership) -> dict[str, str]:
    return {"role": seat.get_role_display(), "unit": seat.unit.name}


@access("signed-in")
@require_POST
def accept(request: SignedInRequest, pk: int) -> HttpResponse:
    seat = accept_seat(membership=_own_seat(request, pk), by=request.user)
    messages.success(request, _("You are now %(role)s of %(unit)s.") % _facts(seat))
    return redirect("reports:desk")


@access("signed-in")
@require_POST
def decline(request: SignedInRequest, pk: int) -> HttpResponse:
    seat = decline_seat(membership=_own_seat(request, pk), by=request.user)
    messages.success(request, _("You declined the seat of %(role)s in %(unit)s.") % _facts(seat))
    return redirect("reports:desk")


@access("signed-in")
@require_POST
def leave(request: SignedInRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    seat = leave_seat(membership=_own_seat(request, pk), by=request.user, reason=reason)
    messages.success(request, _("You left the seat of %(role)s in %(unit)s.") % _facts(seat))
    return redirect("units:account")
