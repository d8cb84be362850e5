"""The bank's statement of a day beside the ledger: running it, and what it found."""

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from sajad_portal.lib.access import access
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.lists import Column, Listing
from sajad_portal.lib.tables import FileRefused
from sla.actions.reconciliation import reconcile_day
from sla.models import Payment, Reconciliation
from sla.pages.apart import ServicesApart
from units.pages.frame import SignedInRequest

from ...forms.payments import StatementForm
from ...queries.payments import can_see_reconciliations, decided_services, visible_reconciliations
from .frame import tabs_of

MAX_BYTES = 5 * 1024 * 1024
SIZE = 20
CLEAN, DIFFERING = "clean", "differing"
RUNS = Listing(
    Column("day", gettext_lazy("Day"), by=("day", "-at"), falls=True, fixed=True),
    Column("service", gettext_lazy("Service"), optional=True),
    Column("outcome", gettext_lazy("Outcome")),
    Column("lines", gettext_lazy("Lines"), by=("lines", "-at"), falls=True, css="num"),
    Column("matched", gettext_lazy("Matched"), by=("matched", "-at"), falls=True, css="num"),
    Column("statement", gettext_lazy("Statement")),
    Column("compared", gettext_lazy("Compared"), by=("at",), falls=True),
    sort="-compared",
)


@access("can_see_reconciliations")
@require_http_methods(["GET", "POST"])
def reconciliation(request: SignedInRequest) -> HttpResponse:
    """GET: earlier comparisons, `?run=` one of them. POST: compare a day with the file, or with what the bank sends."""
    if not can_see_reconciliations(request.user):
        raise Forbidden(_("Reconciling is for coordinators of the provider and for auditors."))
    services = decided_services(request.user)
    form = StatementForm(request.POST or None, request.FILES or None, services=services)
    error = None
    if request.method == "POST":
        if not services:
            raise Forbidden(_("Reconciling is for coordinators of the provider."))
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                found = reconcile_day(
                    service=form.cleaned_data.get("service") or services[0], day=form.cleaned_data["day"], by=request.user,
                    data=file.read(MAX_BYTES) if file else None, name=file.name if file else "",
                )  # fmt: skip
            except Refused as refusal:
                error = refusal
            else:
                return redirect(f"{reverse('reports:reconciliation')}?run={found.pk}")
    return _page(request, form, error, decides=bool(services))


def _page(request: SignedInRequest, form: StatementForm, error: Refused | None, *, decides: bool) -> HttpResponse:
    runs = visible_reconciliations(request.user)
    apart = ServicesApart()
    listed = RUNS.of(request, also=apart.also)
    runs = apart.narrowed(listed, runs, "service")
    every = [("", _("All")), (CLEAN, _("in agreement")), (DIFFERING, _("with differences"))]
    outcome = listed.choose("outcome", _("Outcome"), every)
    clean = Q(differences=[])
    page = listed.page(runs.filter(clean if outcome == CLEAN else ~clean) if outcome else runs, size=SIZE)
    wanted = request.GET.get("run", "")
    shown = runs.filter(pk=int(wanted)).first() if wanted.isascii() and wanted.isdigit() and len(wanted) < 15 else None
    shown = shown or (page.items[0] if page.items and not wanted else None)
    context = {
        "tabs": tabs_of(request, "reconciliation"),
        "listing": listed,
        "page": page,
        "decides": decides,
        "form": form,
        "shown": shown,
        "differences": _differences(shown) if shown else [],
        "error": error,
        "problems": error.problems if isinstance(error, FileRefused) else [],
    }
    status = error.status if error else 422 if form.errors else 200
    return render(request, "reports/payments/reconciliation.html", context, status=status)


def _differences(shown: Reconciliation) -> list[dict]:
    words = {
        "only_bank": _("only at the bank"),
        "only_ledger": _("only in the ledger"),
        "amount": _("another amount"),
        "order": _("another order number"),
        "terminal": _("another terminal"),
    }
    orders = [row["order_id"] for row in shown.differences]
    known = set(Payment.objects.filter(order_id__in=orders).values_list("order_id", flat=True))
    return [
        {**row, "words": words.get(row["kind"], row["kind"]), "known": row["order_id"] in known}
        for row in shown.differences
    ]
