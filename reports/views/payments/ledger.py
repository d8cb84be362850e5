"""Payments: a unit's statement, the ledger of all, one attempt with its receipt."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.jalali import format_date
from sajad_portal.lib.lists import Column, Listed, Listing
from sajad_portal.lib.paging import page_of
from sajad_portal.lib.pdf import pdf_of
from sla.enums import EntryKind, PaymentState
from sla.pages.apart import ServicesApart
from units.pages.frame import SignedInRequest
from units.queries.successions import inherited_by

from ...forms.payments import LedgerFilterForm
from ...pages.payments.attempt import MARKS, attempt_view, receipt_of_payment
from ...queries.payments import (
    GROUPS,
    SIGNS,
    StatementRow,
    Wanted,
    can_oversee_money,
    due_of,
    free_count,
    matter_of,
    money_totals,
    money_units,
    narrowed_payments,
    own_money,
    payment_counts,
    payment_for,
    priced_requests,
    statement_row,
    visible_entries,
    visible_payments,
)
from .frame import tabs_of

_AMOUNT = gettext_lazy("Amount, rials")
OF_SERVICE = "request__request_type__service"
ATTEMPTS = Listing(
    Column("unit", gettext_lazy("Unit and order"), by=("request__unit__sort_key", "-begun_at"), fixed=True),
    Column("for", gettext_lazy("For")),
    Column("service", gettext_lazy("Service"), optional=True),
    Column("amount", _AMOUNT, by=("amount_rials", "-begun_at"), falls=True, css="num"),
    Column("state", gettext_lazy("State")),
    Column("begun", gettext_lazy("Begun"), by=("begun_at",), falls=True),
    Column("reference", gettext_lazy("Bank reference")),
    sort="-begun",
)
MOVEMENTS = Listing(
    Column("at", gettext_lazy("When"), by=("at",), falls=True, fixed=True),
    Column("kind", gettext_lazy("Movement")),
    Column("amount", _AMOUNT, by=("rials", "-at"), falls=True, css="num"),
    Column("unit", gettext_lazy("Unit and order"), by=("request__unit__sort_key", "-at")),
    Column("for", gettext_lazy("For")),
    Column("service", gettext_lazy("Service"), optional=True),
    Column("reference", gettext_lazy("Bank reference")),
    sort="-at",
)


@access("can_see_money")
@require_GET
def payments(request: SignedInRequest) -> HttpResponse:
    """Headquarters gets the ledger of attempts, a unit its own statement."""
    if not can_oversee_money(request.user):
        return statement(request)
    form, wanted = wanted_of(request)
    found = narrowed_payments(visible_payments(request.user), wanted, at="begun_at")
    listed, found = _listed(ATTEMPTS, form, wanted, found, request)
    group = listed.choose("state", _("Filter by state"), _groups(payment_counts(found)))
    if group:
        found = found.filter(state__in=GROUPS[group])
    page = listed.page(found, size=30)
    context = {
        "tabs": tabs_of(request, "payments"),
        "form": form,
        "listing": listed,
        "page": page,
        "rows": [(payment, matter_of(payment.request), MARKS[PaymentState(payment.state)]) for payment in page],
        "totals": money_totals(visible_entries(request.user).filter(payment__in=found.values("pk"))),
        "export": _query(request),
    }
    return render(request, "reports/payments/ledger.html", context)


@access("can_see_money")
@require_GET
def movements(request: SignedInRequest) -> HttpResponse:
    """Every movement of money, as the ledger holds it."""
    if not can_oversee_money(request.user):
        raise Forbidden(_("The ledger is for coordinators of the provider and for auditors."))
    form, wanted = wanted_of(request)
    found = narrowed_payments(visible_entries(request.user), wanted, at="at", payment="payment__")
    listed, found = _listed(MOVEMENTS, form, wanted, found, request)
    totals = money_totals(found)
    kind = listed.choose("kind", _("Filter by kind"), [("", _("All")), *EntryKind.choices])
    page = listed.page(found.filter(kind=kind) if kind else found, size=30)
    context = {
        "tabs": tabs_of(request, "movements"),
        "form": form,
        "listing": listed,
        "page": page,
        "rows": [(entry, matter_of(entry.request), SIGNS[EntryKind(entry.kind)] * entry.rials) for entry in page],
        "totals": totals,
        "export": _query(request, kind=kind),
    }
    return render(request, "reports/payments/movements.html", context)


@access("can_see_money")
@require_GET
def statement(request: SignedInRequest) -> HttpResponse:
    """What the person's own units were asked to pay, what they paid, and what went back."""
    units = money_units(request.user)
    if not units:
        raise Forbidden(_("Payments are shown to the units that pay, to coordinators of the provider and to auditors."))
    whose = own_money(request.user)
    requests = priced_requests(whose)
    page = page_of(requests, request, by=("-created_at", "-pk"), size=20)
    context = {
        "tabs": tabs_of(request, "statement"),
        "units": units,
        "page": page,
        "rows": [_with_marks(statement_row(row)) for row in page],
        "totals": money_totals(visible_entries(request.user).filter(own_money(request.user, "request__"))),
        "due": due_of(whose),
        "free": free_count(whose),
        "several": len(units) > 1 or bool(inherited_by(request.user)),
        "names_service": ServicesApart().several,
    }
    return render(request, "reports/payments/statement.html", context)


@access("payment_for")
@require_GET
def payment(request: SignedInRequest, order_id: str) -> HttpResponse:
    """One attempt: what is known of it, and what can be done now."""
    at = database_now()
    found = payment_for(request.user, order_id)
    context = {"payment": found, **attempt_view(found, request.user, at)}
    return render(request, "reports/payments/attempt.html", context)


@access("payment_for")
@require_GET
def payment_receipt(request: SignedInRequest, order_id: str) -> HttpResponse:
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


def wanted_of(request: SignedInRequest) -> tuple[LedgerFilterForm, Wanted]:
    """What was typed into the filter; a day that cannot be read narrows nothing and says so under its field."""
    form = LedgerFilterForm(request.GET)
    form.is_valid()
    typed = form.cleaned_data
    return form, Wanted(typed.get("q") or "", typed.get("first"), typed.get("last"))


def _listed(
    listing: Listing, form: LedgerFilterForm, wanted: Wanted, rows: QuerySet, request: SignedInRequest
) -> tuple[Listed, QuerySet]:
    """The listing, saying what the ledger's own form narrows, and the rows of the service that is chosen."""
    apart = ServicesApart()
    listed = listing.of(request, also=apart.also)
    for name, value in (("q", wanted.words), ("first", wanted.first), ("last", wanted.last)):
        shown = value if isinstance(value, str) else value and format_date(value, "numeric")
        listed.narrowed_by(form.fields[name].label, shown, name)
    return listed, apart.narrowed(listed, rows, OF_SERVICE, menu=False)


def _query(request: SignedInRequest, **more: str) -> str:
    """The filters of this page, for the addresses of its export."""
    params = request.GET.copy()
    for name, value in more.items():
        params[name] = value
    for name in ("after", "before"):
        params.pop(name, None)
    return params.urlencode()
