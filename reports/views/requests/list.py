"""General requests: the list, and what may be asked for."""

from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.lists import Column, Listing
from sajad_portal.lib.text import search_key
from sla.actions.requests import draft_request
from sla.enums import Decision, GeneralStatus
from sla.files.attachments import megabytes
from sla.models import GeneralRequest, RequestDecision
from sla.pages.apart import ServicesApart
from sla.queries.requests import visible_requests
from sla.rules.requests import can_draft_requests
from units.pages.frame import SignedInRequest

from ...forms.requests import RequestForm
from ...pages.requests.page import Askable, askable_by
from .room import note_no_room

SIZE = 30
REQUESTS = Listing(
    Column("type", gettext_lazy("Request"), fixed=True),
    Column("service", gettext_lazy("Service"), optional=True),
    Column("unit", gettext_lazy("Unit"), by=("unit__sort_key", "-drafted_at")),
    Column("begun", gettext_lazy("Begun"), by=("drafted_at",), falls=True),
    Column("state", gettext_lazy("State")),
    Column("decision", gettext_lazy("Decision")),
    sort="-begun",
)


@access("visible_requests")
@require_safe
def requests(request: SignedInRequest) -> HttpResponse:
    """Narrowed by state, type and words of the unit's name; the newest first."""
    at = database_now()
    found: QuerySet[GeneralRequest] = visible_requests(request.user)
    apart = ServicesApart()
    listed = REQUESTS.of(request, also=apart.also)
    found = apart.narrowed(listed, found, "request_type__service")
    for word in search_key(listed.search(_("Name or code of the unit"))).split():
        found = found.filter(unit__search_key__contains=word)
    kinds = found.order_by().values_list("request_type", "request_type__title").distinct()
    types = [(str(pk), title) for pk, title in sorted(kinds, key=lambda kind: kind[1])]
    kind = listed.choose("type", _("Type of request"), [("", _("All types")), *types], menu=True)
    if kind:
        found = found.filter(request_type=kind)
    counts = dict(found.order_by().values_list("status").annotate(n=Count("pk")))
    states = [(s.value, s.label, counts.get(s.value, 0)) for s in GeneralStatus]
    status = listed.choose("status", _("State"), [("", _("All"), sum(counts.values())), *states])
    page = listed.page(found.filter(status=status) if status else found, size=SIZE)
    made = {
        d.general_id: Decision(d.decision).label
        for d in RequestDecision.objects.filter(general__in=[g.pk for g in page]).order_by("number")
    }
    context = {
        "listing": listed,
        "page": page,
        "rows": [(general, made.get(general.pk, "")) for general in page],
        "can_draft": can_draft_requests(request.user, at),
    }
    return render(request, "reports/requests/list.html", context)


@access("can_draft_requests")
@require_http_methods(["GET", "POST"])
def request_new(request: SignedInRequest) -> HttpResponse:
    """What may be asked for; with `type` and `unit` the form of one. POST keeps a draft."""
    at = database_now()
    if not can_draft_requests(request.user, at):
        raise Forbidden(_("A request is written by the experts and heads of the unit."))
    choices = askable_by(request.user, at)
    chosen = _chosen(request, choices)
    if chosen is None and request.method == "POST":
        raise Http404
    if chosen is None:
        several = len({choice.unit.pk for choice in choices}) > 1
        return render(request, "reports/requests/types.html", {"choices": choices, "several": several})
    form = RequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            general = draft_request(
                unit=chosen.unit, request_type=chosen.kind, reason=form.cleaned_data["reason"], by=request.user,
                files=request.FILES.getlist("files"),
            )  # fmt: skip
        except Refused as refusal:
            note_no_room(refusal, chosen.unit, chosen.kind.service, request.user)
            form.add_error(None, str(refusal))
        else:
            return redirect("reports:request", general.pk)
    context = {
        "choice": chosen, "general": None, "kind": chosen.kind, "unit": chosen.unit, "form": form, "files": (),
        "megabytes": megabytes(),
    }  # fmt: skip
    return render(request, "reports/requests/write.html", context, status=422 if form.errors else 200)


def _chosen(request: SignedInRequest, choices: list[Askable]) -> Askable | None:
    wanted = request.GET.get("type", ""), request.GET.get("unit", "")
    return next((one for one in choices if (str(one.kind.pk), one.unit.code) == wanted), None)
