"""Setting the portal up: what stands and what is next."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from units.pages.frame import SignedInRequest

from ...pages.setup.steps import setup_parts
from ...rules.setup import can_see_setup


@access("can_see_setup")
@require_safe
def setup(request: SignedInRequest) -> HttpResponse:
    at = database_now()
    if not can_see_setup(request.user, at):
        raise Forbidden(_("The portal is set up by administrators and by coordinators of a provider."))
    parts = setup_parts(request.user, at)
    steps = [step for part in parts for step in part.steps]
    context = {
        "parts": parts,
        "next": next((step for step in steps if step.next), None),
        "done": sum(step.done for step in steps),
        "total": len(steps),
        "others": [step for step in steps if not step.done and not step.mine and not step.waits],
    }
    return render(request, "reports/setup/page.html", context)
