"""Refunds: what is owed back, what waits for a second person, what is to be paid out, what has ended."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sajad_portal.lib.access import DECIDING, access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.paging import page_of
from sla.models import Refund
from sla.pages.apart import ServicesApart
from units.pages.frame import SignedInRequest
from units.rules import is_second_person

from ...actions.refunds import consent_refund, decline_refund, propose_refund, record_payout
from ...queries.payments import ABOUT, can_oversee_money, matter_of, money_within, payment_for, why_owed
from ...queries.refunds import barred_requests, refundable
from ...rules.payments import decides_money
from .frame import tabs_of

MOST = 50  # proposals that wait; more of them at once would want paging
PEOPLE = ("proposed_by", "consented_by", "paid_out_by", "declined_by")


@access("can_oversee_money")
@require_GET
def refunds(request: SignedInRequest) -> HttpResponse:
    return _page(request)


def _page(request: SignedInRequest, error: Refused | None = None) -> HttpResponse:
    if not can_oversee_money(request.user):
        raise Forbidden(_("Refunds are for coordinators of the provider and for auditors."))
    at, person = database_now(), request.user
    owed = refundable(at).filter(money_within(person, "request__")).select_related(*_about("request__"))
    page = page_of(owed, request, by=("settled_at", "pk"), size=20)
    live = _refunds(person).filter(declined_at=None, paid_out_at=None)
    waiting = list(live.filter(consented_at=None).order_by("proposed_at", "pk")[:MOST])
    proposers = {refund.proposed_by for refund in waiting} if decides_money(person, at) else set()
    ended = _refunds(person).filter(Q(declined_at__isnull=False) | Q(paid_out_at__isnull=False))
    done = page_of(ended, request, by=("-pk",), size=10, prefix="done_")
    context = {
        "tabs": tabs_of(request, "refunds"),
        "decides": decides_money(person, at),
        "page": page,
        "owed": _owed(page, person, at),
        "proposed": _told(waiting, person, at),
        "no_seconds": {one.pk for one in proposers if one != person and not is_second_person(person, one)},
        "agreed": _told(live.filter(consented_at__isnull=False).order_by("consented_at", "pk")[:MOST], person, at),
        "done_page": done,
        "done": _told(done, person, at),
        "error": error,
        "names_service": ServicesApart().several,
    }
    return render(request, "reports/payments/refunds.html", context, status=error.status if error else 200)


def _about(prefix: str) -> list[str]:
    names = ("unit", "request_type__service", "agreement__service__provider", *ABOUT)
    return [f"{prefix}{name}" for name in names]


def _refunds(person):
    return Refund.objects.filter(money_within(person, "payment__request__")).select_related(
        "payment", *PEOPLE, *_about("payment__request__")
    )


def _told(refunds, person, at: datetime) -> list[tuple]:
    """With what it is about, whether the person proposed it, and whether they are barred from deciding it."""
    found = list(refunds)
    barred = barred_requests(person, at, [one.payment.request_id for one in found])
    return [
        (one, matter_of(one.payment.request), one.proposed_by_id == person.pk, one.payment.request_id in barred)
        for one in found
    ]


def _owed(payments, person, at: datetime) -> list[tuple]:
    found = list(payments)
    barred = barred_requests(person, at, [payment.request_id for payment in found])
    return [(one, matter_of(one.request), why_owed(one), one.request_id in barred) for one in found]


@access("can_oversee_money", fresh=DECIDING)
@require_POST
def refund_propose(request: SignedInRequest, order_id: str) -> HttpResponse:
    payment = payment_for(request.user, order_id)
    return _do(
        request,
        lambda: propose_refund(payment=payment, reason=request.POST.get("reason", ""), by=request.user),
        _("The refund is proposed; another coordinator has been asked to agree."),
    )


@access("can_oversee_money", fresh=DECIDING)
@require_POST
def refund_consent(request: SignedInRequest, pk: int) -> HttpResponse:
    refund = _found(request, pk)
    return _do(
        request,
        lambda: consent_refund(refund=refund, by=request.user),
        _("The refund is agreed. Record its reference once it is paid out."),
    )


@access("can_oversee_money", fresh=DECIDING)
@require_POST
def refund_decline(request: SignedInRequest, pk: int) -> HttpResponse:
    refund = _found(request, pk)
    return _do(
        request,
        lambda: decline_refund(refund=refund, reason=request.POST.get("reason", ""), by=request.user),
        _("The refund is declined."),
    )


@access("can_oversee_money", fresh=DECIDING)
@require_POST
def refund_payout(request: SignedInRequest, pk: int) -> HttpResponse:
    refund = _found(request, pk)
    return _do(
        request,
        lambda: record_payout(refund=refund, reference=request.POST.get("reference", ""), by=request.user),
        _("The paying out is in the ledger, and the unit has been told."),
    )


def _found(request: SignedInRequest, pk: int) -> Refund:
    return get_object_or_404(_refunds(request.user), pk=pk)


def _do(request: SignedInRequest, act: Callable[[], Refund], said: str) -> HttpResponse:
    try:
        act()
    except Forbidden:
        raise
    except Refused as refusal:
        return _page(request, refusal)
    messages.success(request, said)
    return redirect("reports:refunds")
