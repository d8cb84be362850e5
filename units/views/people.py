"""The people of a unit: inviting them, changing and ending their roles."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sajad_portal.lib.access import DECIDING, access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused

from ..actions.memberships import change_role, end_membership
from ..actions.people import NewPerson, confirm_person, invite_person, renew_invitation, send_again
from ..actions.seat_dates import change_dates
from ..actions.throttle import count_attempt, throttle_key
from ..enums import Role, SeatState
from ..forms.people import DatesForm, InviteForm, ReasonForm, RoleForm
from ..models import Membership, Person, Unit
from ..notices.links import lifetime_of
from ..pages.frame import SignedInRequest
from ..pages.history import told
from ..queries import deputies_of, heads_beside, known_people
from ..queries.events import events_of_member
from ..queries.tree import seats_on, visible_units
from ..rules import (
    can_confirm_person,
    can_manage_unit,
    can_name_deputy,
    can_open_account,
    can_see_to_seat,
    grantable_roles,
)
from .units import unit_for

INVITATIONS, HOUR = 60, timedelta(hours=1)  # invitations and links that one person sends
AGAIN, DAY = 3, timedelta(days=1)  # how often one offer is sent again


@access("grantable_roles", fresh=DECIDING)
@never_cache
@require_http_methods(["GET", "POST"])
def invite(request: SignedInRequest, code: str) -> HttpResponse:
    """The link of a new person without e-mail is in the answer to the POST: shown once, kept nowhere."""
    unit = unit_for(request.user, code)
    roles = grantable_roles(request.user, unit, database_now())
    if not roles:
        raise Forbidden(_("People join a unit through its head, or a coordinator of it or of a unit above it."))
    form = InviteForm(request.POST or None, roles=roles, initial={"role": request.GET.get("role", "")})
    if request.method == "POST" and form.is_valid():
        clean = dict(form.cleaned_data)
        seat = {name: clean.pop(name) for name in ("role", "starts_at", "ends_at")}
        new = NewPerson(**clean)
        count_attempt(throttle_key("invite", str(request.user.pk)), INVITATIONS, HOUR).insist()
        try:
            invitation = invite_person(unit=unit, new=new, by=request.user, **seat)
        except Refused as refusal:
            form.add_error(_field_of(refusal), str(refusal))
        else:
            role = Role(invitation.membership.role).label
            lifetime = lifetime_of(invitation.membership.pk)
            context = {"unit": unit, "invitation": invitation, "role": role, "lifetime": lifetime}
            return render(request, "units/invited.html", context)
    heads = heads_beside(unit, None, database_now()) if Role.HEAD in roles else []
    context = {"unit": unit, "form": form, "other_heads": heads}
    return render(request, "units/invite.html", context, status=400 if form.errors else 200)


def _field_of(refusal: Refused) -> str | None:
    places = {
        "no-name": "first_name", "name-taken": "username", "ends-before-start": "ends_at",
        "starts-in-the-past": "starts_at",
    }  # fmt: skip
    return places.get(refusal.code)


def membership_for(request: SignedInRequest, code: str, pk: int) -> tuple[Unit, Membership]:
    unit = unit_for(request.user, code)
    rows = Membership.objects.select_related("person", "granted_by", "unit", "deputy_for__person")
    return unit, get_object_or_404(rows, pk=pk, unit=unit)


@access("visible_units")
@never_cache
@require_safe
def member(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """One person in one role of the unit, and what can be done about it."""
    unit, membership = membership_for(request, code, pk)
    return _member_page(request, unit, membership)


def _member_page(
    request: SignedInRequest, unit: Unit, membership: Membership, status: int = 200, **more
) -> HttpResponse:
    at = database_now()
    person = membership.person
    roles = grantable_roles(request.user, unit, at)
    state, manages = membership.state_at(at), can_manage_unit(request.user, unit, at)
    hidden = membership.accepted_at is None and not known_people(request.user, [person.pk], at)
    sees_to = can_see_to_seat(request.user, membership, at)
    if hidden and not sees_to:
        raise Http404
    if state == SeatState.CONSENT and not manages and person != request.user:
        state = SeatState.OFFERED  # why it waits says what the person does elsewhere
    elsewhere = (
        Membership.objects.valid_at(at)
        .filter(person=person, unit__in=visible_units(request.user))
        .exclude(pk=membership.pk)
        .select_related("unit")
        .order_by("id")
    )
    context = {
        "unit": unit,
        "membership": membership,
        "person": person,
        "hidden": hidden,
        "state": state,
        "may_end": state != SeatState.ENDED and sees_to,
        "may_send": state in (SeatState.CONSENT, SeatState.OFFERED) and sees_to and person != request.user,
        "may_change": (
            state == SeatState.HELD
            and membership.role in roles
            and person != request.user
            and membership.deputy_for is None
        ),
        "may_name": can_name_deputy(request.user, membership, at),
        "dates_form": _dates_form(request, membership, at),
        "deputies": deputies_of(membership, at),
        "may_confirm": not hidden and can_confirm_person(request.user, person),
        "may_open": not hidden and can_open_account(request.user, person, at),
        "elsewhere": [] if hidden else elsewhere,
        "role_form": RoleForm(roles=roles - {membership.role}),
        "other_heads": heads_beside(unit, person, at) if Role.HEAD in roles and membership.role != Role.HEAD else [],
        "reason_form": ReasonForm(),
        "told": told(events_of_member(membership, account=not hidden), request.user, at, manages=manages),
        "link": "",
        "lifetime": None,
    }
    return render(request, "units/member.html", {**context, **more}, status=status)


def _dates_form(request: SignedInRequest, membership: Membership, at: datetime, typed=None) -> DatesForm | None:
    """None where the person may not move the dates."""
    own = membership.person_id == request.user.pk
    if own or membership.state_at(at) == SeatState.ENDED or not can_see_to_seat(request.user, membership, at):
        return None
    initial = {"starts_at": membership.starts_at, "ends_at": membership.ends_at}
    begun, deputy = membership.starts_at <= at, membership.deputy_for is not None
    return DatesForm(typed, initial=initial, begun=begun, deputy=deputy)


@access("can_see_to_seat", fresh=DECIDING)
@never_cache
@require_POST
def member_dates(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """What does not fit comes back as typed, with the reason at its field."""
    unit, membership = membership_for(request, code, pk)
    form = _dates_form(request, membership, database_now(), request.POST)
    if form is None:
        raise Forbidden(_("Who gives a seat moves its dates; nobody their own."))
    if form.is_valid():
        clean = {"starts_at": membership.starts_at, **form.cleaned_data}
        try:
            change_dates(membership=membership, by=request.user, **clean)
        except Refused as refusal:
            field = {"starts-in-the-past": "starts_at", "longer-needs-consent": None}.get(refusal.code, "ends_at")
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The dates of the seat were changed."))
            return redirect("units:member", unit.code, pk)
    return _member_page(request, unit, membership, status=400, dates_form=form)


@access("grantable_roles", fresh=DECIDING)
@require_POST
def member_role(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    unit, membership = membership_for(request, code, pk)
    roles = grantable_roles(request.user, unit, database_now())
    if not roles:
        raise Forbidden(
            _("Roles are given by a coordinator of the unit or of one above it; a head names the unit’s experts.")
        )
    form = RoleForm(request.POST, roles=roles)
    if not form.is_valid():
        messages.error(request, _("Choose one of the roles that you can give here."))
        return redirect("units:member", unit.code, pk)
    changed = change_role(membership=membership, role=form.cleaned_data["role"], by=request.user)
    facts = {"person": changed.person.get_full_name(), "role": changed.get_role_display()}
    said = _("%(person)s is offered the seat of %(role)s; the present one ends when they accept.")
    messages.success(request, said % facts)
    return redirect("units:member", unit.code, changed.pk)


@access("can_see_to_seat", fresh=DECIDING)
@require_POST
def member_end(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    unit, membership = membership_for(request, code, pk)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    ended = end_membership(membership=membership, by=request.user, reason=reason)
    facts = {"person": ended.person.get_full_name(), "role": ended.title}
    said = _("%(person)s is no longer %(role)s; what the role allowed has ended.")
    if ended.accepted_at is None:
        said = _("The offer of the seat of %(role)s was taken back.")
    messages.success(request, said % facts)
    return redirect("units:unit", unit.code)


@access("can_open_account", fresh=DECIDING)
@never_cache
@require_POST
def member_link(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Sends the invitation again, or shows the link once where there is no e-mail."""
    unit, membership = membership_for(request, code, pk)
    count_attempt(throttle_key("invite", str(request.user.pk)), INVITATIONS, HOUR).insist()
    link = renew_invitation(membership=membership, by=request.user)
    if link:
        in_use = membership.person.has_usable_password()
        return _member_page(request, unit, membership, link=link, lifetime=lifetime_of(None if in_use else pk))
    messages.success(request, _("The link was mailed to %(person)s.") % {"person": membership.person.get_full_name()})
    return redirect("units:member", unit.code, pk)


@access("can_see_to_seat", fresh=DECIDING)
@never_cache
@require_POST
def member_again(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    unit, membership = membership_for(request, code, pk)
    return _sent_again(request, unit, [membership])


@access("grantable_roles", fresh=DECIDING)
@never_cache
@require_POST
def invitations_again(request: SignedInRequest, code: str) -> HttpResponse:
    """All that wait in the unit and that the person may send again."""
    unit, at = unit_for(request.user, code), database_now()
    if not grantable_roles(request.user, unit, at):
        raise Forbidden(_("An invitation is sent again by whoever may give the seat."))
    waiting = seats_on(unit, at).filter(accepted_at=None).exclude(person=request.user).select_related("unit")
    seats = [seat for seat in waiting if can_see_to_seat(request.user, seat, at)]
    if not seats:
        messages.info(request, _("No invitation waits here that you could send again."))
        return redirect("units:unit", unit.code)
    return _sent_again(request, unit, seats)


def _sent_again(request: SignedInRequest, unit: Unit, seats: list[Membership]) -> HttpResponse:
    """Each once more, as far as the sender and the receiver may be written to; links that no mail carries are shown once."""
    links, sent, later = [], 0, 0
    for seat in seats:
        if not _may_send(request.user, seat):
            later += 1
            continue
        try:
            link = send_again(membership=seat, by=request.user)
        except Refused:
            if len(seats) == 1:
                raise
            continue  # answered meanwhile
        sent += 1
        links += [(seat, link, lifetime_of(seat.pk))] if link else []
    context = {"unit": unit, "links": links, "mailed": sent - len(links), "later": later}
    return render(request, "units/sent_again.html", context, status=429 if later and not sent else 200)


def _may_send(sender: Person, seat: Membership) -> bool:
    tallies = [
        count_attempt(throttle_key("invite-again", str(seat.pk)), AGAIN, DAY),
        count_attempt(throttle_key("invite", str(sender.pk)), INVITATIONS, HOUR),
    ]
    return all(tally.allowed for tally in tallies)


@access("can_confirm_person", fresh=DECIDING)
@require_POST
def member_confirm(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    unit, membership = membership_for(request, code, pk)
    person = confirm_person(person=membership.person, by=request.user)
    messages.success(
        request, _("%(person)s is confirmed as a person of their own.") % {"person": person.get_full_name()}
    )
    return redirect("units:member", unit.code, pk)
