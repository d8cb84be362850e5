"""One's own seats: accepting and declining what is offered, leaving what is held."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sajad_portal.lib.access import DECIDING, access
from sajad_portal.lib.clock import database_now

from ..actions.memberships import accept_seat, consent_to_seat, decline_seat, leave_seat, refuse_seat
from ..forms.people import ReasonForm
from ..models import Membership
from ..pages.frame import SignedInRequest
from ..rules import can_consent


def _own_seat(request: SignedInRequest, pk: int) -> Membership:
    """A seat of somebody else does not exist here."""
    return get_object_or_404(Membership.objects.select_related("unit"), pk=pk, person=request.user)


def _facts(seat: Membership) -> dict[str, str]:
    return {"role": seat.title, "unit": seat.unit.name}


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


def _awaiting(request: SignedInRequest, pk: int) -> Membership:
    """A seat that waits for this person's consent; any other does not exist here."""
    seat = get_object_or_404(Membership.objects.select_related("unit", "person", "granted_by"), pk=pk)
    if not can_consent(request.user, seat, database_now()):
        raise Http404
    return seat


@access("can_consent", fresh=DECIDING)
@require_POST
def consent(request: SignedInRequest, pk: int) -> HttpResponse:
    seat = consent_to_seat(membership=_awaiting(request, pk), by=request.user)
    facts = {**_facts(seat), "person": seat.person.get_full_name()}
    messages.success(request, _("You consented: %(person)s can accept the seat of %(role)s in %(unit)s now.") % facts)
    return redirect("reports:desk")


@access("can_consent", fresh=DECIDING)
@require_POST
def refuse(request: SignedInRequest, pk: int) -> HttpResponse:
    seat = refuse_seat(membership=_awaiting(request, pk), by=request.user)
    facts = {**_facts(seat), "person": seat.person.get_full_name()}
    messages.success(request, _("You refused the seat of %(person)s as %(role)s in %(unit)s.") % facts)
    return redirect("reports:desk")
