"""What the portal keeps, and for how long."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from units.enums import KeepingVerb
from units.models import Event
from units.pages.frame import SignedInRequest
from units.rules import can_set_up_portal

from ...pages.keeping import kept_groups

LAST = 20


@access("can_set_up_portal")
@require_safe
def keeping(request: SignedInRequest) -> HttpResponse:
    if not can_set_up_portal(request.user):
        raise Forbidden(_("What the portal keeps is shown to administrators."))
    removed = Event.objects.filter(noun="keeping", verb=KeepingVerb.REMOVE_PASSED).order_by("-pk")[:LAST]
    context = {"groups": kept_groups(database_now()), "removed": removed}
    return render(request, "reports/setup/keeping.html", context)
