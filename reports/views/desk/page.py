"""What waits for somebody, by deadline; nothing else."""

from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sla.pages.apart import ServicesApart
from units.enums import Role
from units.models import Membership
from units.pages.frame import SignedInRequest
from units.queries import memberships_of, seats_offered_to, seats_to_consent_to
from units.queries.heartbeats import silences
from units.queries.notices import newest_notices
from units.queries.successions import inherited_by
from units.rules import can_consent

from ...pages.desk.administrator import administrator_items
from ...pages.desk.headquarters import headquarters_desk
from ...pages.desk.items import Seats, in_order
from ...pages.desk.requests import request_items
from ...pages.desk.review import review_desk, settle_items
from ...pages.desk.services import name_services
from ...pages.desk.unit import unit_desk
from ...queries.setup import awaits_first_call
from ..review.queue import QUEUE

ACTING_AS = "acting_as"
NOTICES = 4
WEEK = timedelta(days=7)


@access("signed-in")
@require_safe
def desk(request: SignedInRequest) -> HttpResponse:
    """`?as=<membership>` filters it, for the session; `?as=all` ends that. It filters only: no right depends on it."""
    at = database_now()
    held = memberships_of(request.user, at)
    if "as" in request.GET:
        _choose(request, held, request.GET["as"])
        return redirect("reports:desk")
    chosen = next((m for m in held if m.pk == request.session.get(ACTING_AS)), None)
    seats = Seats(tuple([chosen] if chosen else held), tuple(inherited_by(request.user, at)))
    unit = unit_desk(request.user, seats, at)
    headquarters = headquarters_desk(request.user, seats, at)
    waiting = [
        *administrator_items(request.user, at),
        *unit.items,
        *request_items(request.user, seats, at),
        *settle_items(request.user, seats, at),
        *(headquarters.items if headquarters else []),
    ]
    apart = ServicesApart()
    items = name_services(in_order(waiting), apart)
    context = {
        "at": at,
        "unit": unit,
        "hero": unit.hero,
        "review": review_desk(request.user, seats, at),
        "queue": QUEUE.excerpt(),
        "headquarters": headquarters,
        "items": items,
        "names_service": apart.several,
        "this_week": sum(item.due is not None and item.due < at + WEEK for item in items),
        "choices": _choices(held, chosen),
        "chosen": chosen,
        "held": held,
        "offers": seats_offered_to(request.user, at),
        "consents": [s for s in seats_to_consent_to(request.user, at) if can_consent(request.user, s, at)],
        "notices": newest_notices(request.user, NOTICES),
        "setting_up": awaits_first_call(request.user, at),
        "silences": silences(at) if request.user.is_superuser or seats.has(Role.COORDINATOR) else [],
    }
    return render(request, "reports/desk/page.html", context)


def _choose(request: SignedInRequest, held: list[Membership], wanted: str) -> None:
    found = next((m for m in held if str(m.pk) == wanted), None)
    if found and len(held) > 1:
        request.session[ACTING_AS] = found.pk
    else:
        request.session.pop(ACTING_AS, None)


def _choices(held: list[Membership], chosen: Membership | None) -> list[dict]:
    """Whose desk to show; nothing to choose for who holds one role."""
    if len(held) < 2:
        return []
    everything = {"url": "?as=all", "label": _("All your roles"), "count": None, "current": chosen is None}
    return [everything] + [
        {
            "url": f"?{urlencode({'as': m.pk})}",
            "label": f"{m.title} · {m.unit.name}",
            "count": None,
            "current": m == chosen,
        }
        for m in held
    ]
