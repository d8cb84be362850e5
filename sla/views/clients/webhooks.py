"""What a program is told at which addresses: added, paused, resumed, taken away on the program's page."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.errors import Refused
from units.pages.frame import SignedInRequest

from ...actions.webhooks import add_webhook, pause_webhook, remove_webhook, resume_webhook
from ...forms.clients import WebhookForm
from ...models import Webhook
from .page import client_context, found_client

ACTS = {"pause": pause_webhook, "resume": resume_webhook, "remove": remove_webhook}
SAID = {
    "pause": gettext_lazy("Nothing is sent to this address until you resume it."),
    "resume": gettext_lazy("The address is told again."),
    "remove": gettext_lazy("The address is told nothing any more."),
}


@access("keeping_membership")
@never_cache
@require_POST
@sensitive_variables("added")
def webhook_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """The secret stands on the page that answers the form, and nowhere else."""
    client = found_client(request, pk)
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            added = add_webhook(client=client, address=form.cleaned_data["address"], by=request.user)
        except Refused as refusal:
            if refusal.status == 403:
                raise
            form.add_error("address", str(refusal))
        else:
            return render(request, "sla/clients/page.html", {**client_context(request, client), "secret": added.secret})
    context = {**client_context(request, client), "webhook_form": form}
    return render(request, "sla/clients/page.html", context, status=422)


@access("keeping_membership")
@require_POST
def webhook_act(request: SignedInRequest, pk: int, webhook_pk: int, action: str) -> HttpResponse:
    client = found_client(request, pk)
    webhook = Webhook.objects.filter(pk=webhook_pk, client=client).first()
    if webhook is None or action not in ACTS:
        raise Http404
    ACTS[action](webhook=webhook, by=request.user)
    messages.success(request, SAID[action])
    return redirect("sla:client", pk)
