"""Programs, as the coordinators of their service keep them: admitted, given a token, shut out."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sajad_portal.lib.access import DECIDING, access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from units.enums import Role
from units.models import Unit
from units.pages.frame import SignedInRequest
from units.queries import memberships_of

from ...actions.clients import Admitted, admit_client, renew_token, revoke_client
from ...enums import ClientScope
from ...forms.clients import ClientForm, TokenForm, WebhookForm
from ...models import Client, Service
from ...queries.clients import (
    client_seats,
    events_of_client,
    general_terms,
    has_accepted_terms,
    visible_clients,
    webhooks_of,
    with_seats,
)
from ...rules.clients import can_see_clients, keeping_membership

FIELDS = {"no-name": "name", "no-scope": "scopes", "expires-in-the-past": "expires_at", "whose-program": "organisation", "no-terms": "service"}  # fmt: skip
EVENTS = 30


@access("can_see_clients")
@never_cache
@require_safe
def clients(request: SignedInRequest) -> HttpResponse:
    """Every program of the services that the person coordinates; they are few."""
    _insist(request)
    at = database_now()
    found = with_seats(visible_clients(request.user, at).order_by("revoked_at", "name", "pk"), at)
    rows = [{"client": client, "state": client.state_at(at), "seats": len(client.in_force)} for client in found[:200]]
    return render(request, "sla/clients/list.html", {"rows": rows, "keeps": _kept_services(request).exists()})


@access("keeping_membership", fresh=DECIDING)
@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_variables("admitted")
def client_new(request: SignedInRequest) -> HttpResponse:
    """The token stands on the page that answers the form, and nowhere else."""
    services = _kept_services(request)
    if not services.exists():
        raise Forbidden(_("Only a coordinator of the providing unit admits programs."))
    units = Unit.objects.active_at(database_now()).order_by("depth", "sort_key")
    form = ClientForm(request.POST or None, services=services, units=units, initial={"service": services.first()})
    if request.method == "POST" and form.is_valid():
        try:
            admitted = admit_client(by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(FIELDS.get(refusal.code), str(refusal))
        else:
            return _with_token(request, admitted)
    return render(request, "sla/clients/new.html", {"form": form}, status=422 if form.errors else 200)


@access("can_see_clients")
@never_cache
@require_safe
def client(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "sla/clients/page.html", client_context(request, found_client(request, pk)))


@access("keeping_membership", fresh=DECIDING)
@never_cache
@require_POST
@sensitive_variables("admitted")
def client_token(request: SignedInRequest, pk: int) -> HttpResponse:
    found = found_client(request, pk)
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            admitted = renew_token(client=found, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            if refusal.status == 403:
                raise
            form.add_error(FIELDS.get(refusal.code) if refusal.code == "expires-in-the-past" else None, str(refusal))
        else:
            return _with_token(request, admitted)
    return render(request, "sla/clients/page.html", {**client_context(request, found), "form": form}, status=422)


@access("keeping_membership")
@require_POST
def client_revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    revoke_client(client=found_client(request, pk), by=request.user)
    messages.success(request, _("The program is shut out. Its token opens nothing any more."))
    return redirect("sla:client", pk)


@sensitive_variables()
def _with_token(request: SignedInRequest, admitted: Admitted) -> HttpResponse:
    return render(
        request, "sla/clients/page.html", {**client_context(request, admitted.client), "token": admitted.token}
    )


def client_context(request: SignedInRequest, found: Client) -> dict:
    at = database_now()
    terms = general_terms(found.service)
    return {
        "client": found,
        "client_state": found.state_at(at),
        "scopes": [ClientScope(scope).label for scope in found.scopes],
        "terms": terms,
        "terms_accepted": has_accepted_terms(found, terms),
        "seats": client_seats(found, at),
        "events": list(events_of_client(found)[:EVENTS]),
        "keeps": keeping_membership(request.user, found.service, at) is not None and found.revoked_at is None,
        "form": TokenForm(),
        "token": "",
        "webhooks": webhooks_of(found),
        "webhook_form": WebhookForm(),
        "secret": "",
    }


def _insist(request: SignedInRequest) -> None:
    if not can_see_clients(request.user):
        raise Forbidden(_("Programs are seen by coordinators of a provider and by administrators."))


def found_client(request: SignedInRequest, pk: int) -> Client:
    found = visible_clients(request.user, database_now()).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _kept_services(request: SignedInRequest) -> QuerySet[Service]:
    at = database_now()
    providers = [m.unit_id for m in memberships_of(request.user, at) if m.role == Role.COORDINATOR]
    return Service.objects.filter(provider__in=providers, closed_at=None).order_by("title", "pk")
