"""Payments: a unit's statement, the ledger of all, one attempt with its receipt."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.paging import choices, page_of
from sajad_portal.lib.pdf import pdf_of
from sla.enums import EntryKind, PaymentState

from ..forms.payments import LedgerFilterForm
from ..payment_page import MARKS, attempt_view, receipt_of_payment
from ..queries_money import (
    GROUPS,
    SIGNS,
    StatementRow,
    Wanted,
    counts_of,
    due_of,
    free_count,
    matter_of,
    narrowed,
    payment_for,
    priced_requests,
    statement_row,
    totals_of,
    visible_entries,
    visible_payments,
)
from ..rules_money import can_oversee_money, money_units
from .payments_frame import tabs_of


@access("can_see_money")
@require_GET
def payments(request: HttpRequest) -> HttpResponse:
    """Headquarters gets the ledger of attempts, a unit its own statement."""
    if not can_oversee_money(request.user):
        return statement(request)
    form, wanted = wanted_of(request)
    found = narrowed(visible_payments(request.user), wanted, at="begun_at")
    counts, group = counts_of(found), request.GET.get("state", "")
    if group in GROUPS:
        found = found.filter(state__in=GROUPS[group])
    page = page_of(found, request, by=("-begun_at", "-pk"), size=30)
    context = {
        "tabs": tabs_of(request, "payments"),
        "form": form,
        "page": page,
        "rows": [(payment, matter_of(payment.request), MARKS[PaymentState(payment.state)]) for payment in page],
        "choices": choices(request, "state", _groups(counts)),
        "totals": totals_of(visible_entries(request.user).filter(payment__in=found.values("pk"))),
        "narrowed": bool(wanted.words or wanted.first or wanted.last or group in GROUPS),
        "group": group if group in GROUPS else "",
        "export": _query(request),
    }
    return render(request, "reports/payments/ledger.html", context)


@access("can_see_money")
@require_GET
def movements(request: HttpRequest) -> HttpResponse:
    """Every movement of money, as the ledger holds it."""
    if not can_oversee_money(request.user):
        raise Forbidden(_("The ledger is for coordinators of the provider and for auditors."))
    form, wanted = wanted_of(request)
    found = narrowed(visible_entries(request.user), wanted, at="at", payment="payment__")
    totals = totals_of(found)
    kind = request.GET.get("kind", "")
    if kind in EntryKind.values:
        found = found.filter(kind=kind)
    page = page_of(found, request, by=("-at", "-pk"), size=30)
    context = {
        "tabs": tabs_of(request, "movements"),
        "form": form,
        "page": page,
        "rows": [(entry, matter_of(entry.request), SIGNS[EntryKind(entry.kind)] * entry.rials) for entry in page],
        "choices": choices(
            request, "kind", [("", _("All"), None), *((k.value, str(k.label), None) for k in EntryKind)]
        ),
        "totals": totals,
        "kind": kind if kind in EntryKind.values else "",
        "narrowed": bool(wanted.words or wanted.first or wanted.last or kind),
        "export": _query(request, kind=kind),
    }
    return render(request, "reports/payments/movements.html", context)


@access("can_see_money")
@require_GET
def statement(request: HttpRequest) -> HttpResponse:
    """What the person's own units were asked to pay, what they paid, and what went back."""
    units = money_units(request.user)
    if not units:
        raise Forbidden(_("Payments are shown to the units that pay, to coordinators of the provider and to auditors."))
    requests = priced_requests(units)
    page = page_of(requests, request, by=("-created_at", "-pk"), size=20)
    context = {
        "tabs": tabs_of(request, "statement"),
        "units": units,
        "page": page,
        "rows": [_with_marks(statement_row(row)) for row in page],
        "totals": totals_of(visible_entries(request.user).filter(request__unit__in=[unit.pk for unit in units])),
        "due": due_of(units),
        "free": free_count(units),
        "several": len(units) > 1,
    }
    return render(request, "reports/payments/statement.html", context)


@access("payment_for")
@require_GET
def payment(request: HttpRequest, order_id: str) -> HttpResponse:
    """One attempt: what is known of it, and what can be done now."""
    at = database_now()
    found = payment_for(request.user, order_id)
    context = {"payment": found, **attempt_view(found, request.user, at)}
    return render(request, "reports/payments/attempt.html", context)


@access("payment_for")
@require_GET
def payment_receipt(request: HttpRequest, order_id: str) -> HttpResponse:
    found = payment_for(request.user, order_id)
    if found.settled_at is None:
        raise Refused(_("Nothing arrived with this attempt, so there is no receipt."), code="no-receipt", status=404)
    pdf = pdf_of("reports/payments/receipt_pdf.html", receipt_of_payment(found), "css/pdf/letter.css")
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="payment-{found.order_id}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def _with_marks(row: StatementRow) -> tuple[StatementRow, list]:
    return row, [(attempt, MARKS[PaymentState(attempt.state)]) for attempt in row.attempts]


def _groups(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    words = {
        "": _("All"),
        "paid": _("Paid"),
        "waiting": _("Under way"),
        "unpaid": _("Not paid"),
        "back": _("Given back, or to be"),
    }
    return [(key, label, counts[key]) for key, label in words.items()]


def wanted_of(request: HttpRequest) -> tuple[LedgerFilterForm, Wanted]:
    """What was typed into the filter; a day that cannot be read narrows nothing and says so under its field."""
    form = LedgerFilterForm(request.GET)
    form.is_valid()
    typed = form.cleaned_data
    return form, Wanted(typed.get("q") or "", typed.get("first"), typed.get("last"))


def _query(request: HttpRequest, **more: str) -> str:
    """The filters of this page, for the addresses of its export."""
    params = request.GET.copy()
    for name, value in more.items():
        params[name] = value
    for name in ("after", "before"):
        params.pop(name, None)
    return params.urlencode()
