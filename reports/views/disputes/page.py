"""Disputes: the list, the page with its thread, what the two sides do there."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from sajad_portal.lib.access import DECIDING, access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.files import file_response
from sajad_portal.lib.language import current_language
from sajad_portal.lib.lists import Column, Listing
from sajad_portal.lib.text import search_key
from sla import rules
from sla.actions.dispute_ends import withdraw_dispute
from sla.actions.disputes import state_position, write_message
from sla.actions.offers import accept_offer, decline_offer, take_back_offer
from sla.actions.request_decisions import accept_decision_offer
from sla.actions.request_fees import accept_lower_fee
from sla.enums import ENDED_DISPUTE, OPEN_DISPUTE, Subject
from sla.models import Dispute, DisputeFile, Offer
from sla.pages.apart import ServicesApart
from sla.queries import dispute_for, visible_disputes
from sla.queries.requests import DECISION, FEE
from units.pages.frame import SignedInRequest

from ...actions.dispute_offers import accept_act_offer
from ...actions.objection_lines import LinesRefused, answer_objection
from ...actions.objections import accept_result_offer, write_as_reviewer
from ...enums import LineAnswer
from ...pages.disputes.lines import read_answers
from ...pages.disputes.page import dispute_context, writes_as_reviewer
from ...queries.objection_lines import lines_of

SIZE = 30
_SUBJECT = Column("subject", gettext_lazy("Subject"), fixed=True)
_UNIT = Column("unit", gettext_lazy("Unit"), by=("unit__sort_key", "-filed_at"))
_SERVICE = Column("service", gettext_lazy("Service"), optional=True)
_FILED = Column("filed", gettext_lazy("Filed"), by=("filed_at",), falls=True)
_STATE = Column("state", gettext_lazy("State"))
OPEN_ONES = Listing(
    _SUBJECT,
    _UNIT,
    _SERVICE,
    _FILED,
    _STATE,
    Column("end", gettext_lazy("End of negotiation"), by=("final_at",)),
    sort="end",
)
ENDED_ONES = Listing(
    _SUBJECT,
    _UNIT,
    _SERVICE,
    _FILED,
    _STATE,
    Column("end", gettext_lazy("Ended"), by=("over_at",), falls=True),
    sort="-end",
)


@access("visible_disputes")
@require_safe
def disputes(request: SignedInRequest) -> HttpResponse:
    """Open ones by their end, ended ones the last first; narrowed by state, subject and words of the unit’s name."""
    at = database_now()
    found = visible_disputes(request.user).with_status(at).annotate(over_at=Coalesce("ended_at", "final_at"))
    ended = request.GET.get("show") == "ended"
    counts = found.aggregate(
        open=Count("pk", filter=Q(status__in=OPEN_DISPUTE)), ended=Count("pk", filter=Q(status__in=ENDED_DISPUTE))
    )
    apart = ServicesApart()
    listed = (ENDED_ONES if ended else OPEN_ONES).of(request, also=apart.also)
    words = listed.search(_("Name or code of the unit"))
    states = [(s.value, s.label) for s in (ENDED_DISPUTE if ended else OPEN_DISPUTE)]
    status = listed.choose("status", _("State"), [("", _("Every state")), *states], menu=True)
    subject = listed.choose("subject", _("Subject"), [("", _("Every subject")), *Subject.choices], menu=True)
    rows = found.filter(status__in=[status] if status else ENDED_DISPUTE if ended else OPEN_DISPUTE)
    rows = apart.narrowed(listed, rows, "agreement__service")
    if subject:
        rows = rows.filter(subject=subject)
    for word in search_key(words).split():
        rows = rows.filter(unit__search_key__contains=word)
    context = {
        "listing": listed,
        "page": listed.page(rows, size=SIZE),
        "tabs": [
            {"url": "?show=open", "label": _("Open"), "count": counts["open"], "current": not ended},
            {"url": "?show=ended", "label": _("Ended"), "count": counts["ended"], "current": ended},
        ],
        "ended": ended,
        "can_file": rules.can_file_disputes(request.user, at),
    }
    return render(request, "reports/disputes/list.html", context)


@access("visible_disputes")
@require_safe
def dispute(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    return _page(request, dispute_for(request.user, pk, at), at)


def _page(
    request: SignedInRequest, found: Dispute, at, *, status: int = 200, data=None, errors=None, **typed
) -> HttpResponse:
    """The page; after a refusal with what was typed and why it was not taken."""
    context = dispute_context(request.user, found, at, current_language(), data=data, errors=errors)
    context |= {"typed": "", "typed_position": "", "trouble": "", "position_trouble": "", "lines_trouble": "", **typed}
    return render(request, "reports/disputes/page.html", context, status=status)


@access("can_write")
@require_POST
def dispute_write(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    found = dispute_for(request.user, pk, at)
    text, files = request.POST.get("text", ""), request.FILES.getlist("files")
    write = write_as_reviewer if writes_as_reviewer(request.user, found, at) else write_message
    try:
        write(dispute=found, text=text, by=request.user, files=files)
    except Forbidden:
        raise
    except Refused as refusal:
        at = database_now()
        return _page(request, dispute_for(request.user, pk, at), at, status=422, typed=text, trouble=str(refusal))
    messages.success(request, _("Your message is in the thread."))
    return redirect("reports:dispute", pk)


@access("can_answer_lines", fresh=DECIDING)
@require_POST
def answer_contested(request: SignedInRequest, pk: int) -> HttpResponse:
    """The provider answers contested indicators, one or all; what is refused comes back as typed."""
    at = database_now()
    found = dispute_for(request.user, pk, at)
    codes = [line.indicator for line in lines_of(found)]
    try:
        lines = answer_objection(dispute=found, answers=read_answers(request.POST, codes), by=request.user)
    except Forbidden:
        raise
    except Refused as refusal:
        at, errors = database_now(), refusal.errors if isinstance(refusal, LinesRefused) else {}
        found = dispute_for(request.user, pk, at)
        return _page(request, found, at, status=422, data=request.POST, errors=errors, lines_trouble=str(refusal))
    messages.success(request, _("Your answers stand beside the lines; the unit has been told."))
    taken = any(line.answer in (LineAnswer.ACCEPTED, LineAnswer.PARTLY) for line in lines)
    if taken and all(line.answered_at for line in lines) and rules.can_offer(request.user, found, database_now()):
        return redirect("reports:dispute_offer", pk)
    return redirect(f"{reverse('reports:dispute', args=[pk])}#lines")


@access("can_answer_offer", fresh=DECIDING)
@require_POST
def dispute_answer(request: SignedInRequest, pk: int, number: int, action: str) -> HttpResponse:
    found = dispute_for(request.user, pk, database_now())
    offer = get_object_or_404(found.offers.select_related("dispute"), number=number)
    if action == "accept":
        _accept(offer)(offer=offer, by=request.user)
        messages.success(request, _("The offer is accepted; the dispute has ended by agreement."))
    elif action == "decline":
        decline_offer(offer=offer, by=request.user, reply=request.POST.get("reply", ""))
        messages.success(request, _("The offer is declined; negotiation goes on."))
    elif action == "take-back":
        take_back_offer(offer=offer, by=request.user)
        messages.success(request, _("The offer is off the table."))
    else:
        raise Http404
    return redirect("reports:dispute", pk)


def _accept(offer: Offer) -> Callable:
    """The verb that also does what the offer carries."""
    if offer.act_noun == rules.RESULT:
        return accept_result_offer
    if offer.act_noun == DECISION:
        return accept_decision_offer
    if offer.act_noun == FEE and offer.dispute.call_id is None:
        return accept_lower_fee
    return accept_act_offer if offer.act_noun else accept_offer


@access("can_withdraw")
@require_POST
def dispute_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    withdraw_dispute(dispute=dispute_for(request.user, pk, database_now()), by=request.user)
    messages.success(request, _("The dispute is withdrawn; what was contested stands."))
    return redirect("reports:dispute", pk)


@access("can_state_position", fresh=DECIDING)
@require_POST
def dispute_position(request: SignedInRequest, pk: int) -> HttpResponse:
    found = dispute_for(request.user, pk, database_now())
    text = request.POST.get("text", "")
    try:
        state_position(dispute=found, text=text, by=request.user)
    except Refused as refusal:
        if refusal.code != "empty-text":
            raise
        return _page(request, found, database_now(), status=422, typed_position=text, position_trouble=str(refusal))
    messages.success(request, _("The provider’s view is recorded."))
    return redirect("reports:dispute", pk)


@access("visible_disputes")
@require_safe
def dispute_file(request: SignedInRequest, pk: int, file_pk: int) -> FileResponse:
    found = dispute_for(request.user, pk, database_now())
    stored = get_object_or_404(DisputeFile, pk=file_pk, message__dispute=found)
    return file_response(stored.file, name=stored.name, media_type=stored.media_type, inline="show" in request.GET)
