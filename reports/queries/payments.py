"""Payments as pages show them: a unit's statement, the ledger with its filters and totals, one attempt."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now, end_of_day, last_reading, start_of_day
from sajad_portal.lib.codes import ORDER_GROUPS, TRACKING_GROUPS, clean_code, search_words
from sla.enums import ENDED_PAYMENTS, LIVE_PAYMENTS, EntryKind, PaymentState, RequestKind
from sla.models import LedgerEntry, Payment, Reconciliation, Service, ServiceRequest
from sla.queries import provider_units
from sla.queries.requests import own_requests
from sla.queries.tariffs import Price, price_of_request
from units.enums import UNIT_ROLES, Role
from units.models import Unit
from units.queries import memberships_of, reach
from units.queries.naming import Naming, namings_of
from units.queries.successions import inherited

P = PaymentState
# What the list of attempts is narrowed to, by the word in the address.
GROUPS = {
    "paid": (P.PAID,),
    "waiting": LIVE_PAYMENTS,
    "unpaid": ENDED_PAYMENTS,
    "back": (P.SURPLUS, P.REVERSED, P.REFUNDED),
}
LONG_UNKNOWN = timedelta(minutes=15)
ABOUT = ("report__call", "extension_request__report__call", "general__request_type")


# ------------------------------------------------------------------------------------------------ whose money one sees
def money_units(person) -> list[Unit]:
    """The units whose statement is the person's own: those they report for or head."""
    return list({m.unit_id: m.unit for m in memberships_of(person) if m.role in UNIT_ROLES}.values())


def can_oversee_money(person) -> bool:
    """Others' money: coordinators of a provider and auditors, and for those units whoever is named to decide about some."""
    return can_see_reconciliations(person) or bool(_named_for(person))


def can_see_reconciliations(person) -> bool:
    """What the bank says of a whole service: coordinators of its provider, and auditors."""
    held = memberships_of(person)
    if any(m.role == Role.AUDITOR for m in held):
        return True
    units = provider_units(person)
    return bool(units) and Service.objects.filter(provider__in=units).exists()


def decided_services(person) -> list[Service]:
    """The services for whose provider the person speaks: theirs to refund and to reconcile."""
    return list(Service.objects.filter(provider__in=provider_units(person)).order_by("title", "pk"))


def money_within(person, prefix: str = "") -> Q:
    """A Q over service requests (`prefix` leads to them): those whose payments the person sees."""
    seen = (
        own_money(person, prefix)
        | Q(**{f"{prefix}agreement__service__provider__in": provider_units(person)})
        | reach(person, {Role.AUDITOR}, field=f"{prefix}unit__path")
    )
    for naming in _named_for(person):
        provider, unit = f"{prefix}agreement__service__provider", f"{prefix}unit"
        seen |= Q(**{provider: naming.provider_id, unit: naming.unit_id})
    return seen


def _named_for(person) -> list[Naming]:
    return namings_of(person, last_reading() or database_now())


def own_money(person, prefix: str = "") -> Q:
    """The same, of what the person's own units pay: theirs, and what was handed to them by a unit that has ended."""
    return (
        Q(**{f"{prefix}unit__in": [unit.pk for unit in money_units(person)]})
        | inherited(person, unit=f"{prefix}report__unit", call=f"{prefix}report__call")
        | _inherited_extensions(person, prefix)
        | own_requests(person, prefix=f"{prefix}general__")
    )


def _inherited_extensions(person, prefix: str) -> Q:
    asked = f"{prefix}extension_request__report"
    return inherited(person, unit=f"{asked}__unit", call=f"{asked}__call")


# -------------------------------------------------------------------------------------------- what it is paid for
@dataclass(frozen=True)
class Matter:
    """What a request is about: words, where its page is, the code by which people know it, and whose it is."""

    title: str
    url: str
    code: str
    kind: str
    service: str


def matter_of(request: ServiceRequest) -> Matter:
    """Of a request loaded with ABOUT."""
    report, service = getattr(request, "report", None), request.request_type.service.title_here
    if report is not None:
        address = reverse("reports:report", args=[report.tracking_code])
        return Matter(report.call.title, address, report.tracking_code, RequestKind.PERIODIC_REPORT, service)
    asked = getattr(request, "extension_request", None)
    if asked is not None:
        report = asked.report
        address = reverse("reports:extension_ask", args=[report.tracking_code])
        title = _("More time: %(call)s") % {"call": report.call.title}
        return Matter(title, address, report.tracking_code, RequestKind.EXTENSION, service)
    general = getattr(request, "general", None)
    address = reverse("reports:request", args=[general.pk]) if general is not None else ""
    return Matter(str(request.request_type.title_here), address, "", request.request_type.kind, service)


# ------------------------------------------------------------------------------------------------ a unit's statement
@dataclass(frozen=True)
class StatementRow:
    """One request that costs something, with its attempts, the newest first. `balance`: what the provider holds of it."""

    request: ServiceRequest
    matter: Matter
    price: Price
    standing: str  # paid, waiting, refunded, void, due
    attempts: list[Payment]
    balance: int


def priced_requests(whose: Q) -> QuerySet[ServiceRequest]:
    """What these (`own_money`) were asked to pay for. Free requests are no matter of money."""
    attempts = Prefetch("payments", Payment.objects.order_by("-pk"))
    return (
        ServiceRequest.objects.filter(whose, price_rials__gt=0)
        .select_related("unit", "request_type__service", "tariff__table", *ABOUT)
        .prefetch_related(attempts, "ledger")
    )


def statement_row(request: ServiceRequest) -> StatementRow:
    attempts = list(request.payments.all())
    balance = sum(entry.rials * SIGNS[EntryKind(entry.kind)] for entry in request.ledger.all())
    return StatementRow(
        request, matter_of(request), price_of_request(request), _standing(request, attempts), attempts, balance
    )


def _standing(request: ServiceRequest, attempts: list[Payment]) -> str:
    if any(attempt.state == P.REFUNDED for attempt in attempts):
        return "refunded"
    if request.paid_at:
        return "paid"
    if any(attempt.is_live for attempt in attempts):
        return "waiting"
    return "void" if request.voided_at else "due"


def due_of(whose: Q) -> int:
    """Rials that these still owe, for whatever may still be paid."""
    owed = ServiceRequest.objects.filter(whose, price_rials__gt=0, paid_at=None, voided_at=None, stopped_at=None)
    return owed.aggregate(sum=Sum("price_rials"))["sum"] or 0


def free_count(whose: Q) -> int:
    return ServiceRequest.objects.filter(whose, price_rials=0).count()


# -------------------------------------------------------------------------------------------------------- the ledger
@dataclass(frozen=True)
class Wanted:
    """How the ledger is narrowed. Days are both included, in Tehran."""

    words: str = ""
    first: date | None = None
    last: date | None = None


def visible_payments(person) -> QuerySet[Payment]:
    return (
        Payment.objects.filter(money_within(person, "request__"))
        .select_related(
            "request__unit", "request__request_type__service", "begun_by", *(f"request__{name}" for name in ABOUT)
        )
        .order_by()
    )


def visible_entries(person) -> QuerySet[LedgerEntry]:
    return (
        LedgerEntry.objects.filter(money_within(person, "request__"))
        .select_related(
            "request__unit", "request__request_type__service", "payment", "by", *(f"request__{name}" for name in ABOUT)
        )
        .order_by()
    )


def narrowed_payments(rows: QuerySet, wanted: Wanted, *, at: str, payment: str = "") -> QuerySet:
    """`at`: the field that the days are about; `payment`: what leads from a row to its payment."""
    if wanted.first:
        rows = rows.filter(**{f"{at}__gte": start_of_day(wanted.first)})
    if wanted.last:
        rows = rows.filter(**{f"{at}__lt": end_of_day(wanted.last)})
    for word in search_words(wanted.words):
        rows = rows.filter(
            Q(request__unit__search_key__contains=word)
            | Q(**{f"{payment}order_id__icontains": clean_code(word, groups=ORDER_GROUPS)})
            | Q(**{f"{payment}reference__icontains": word})
            | Q(request__report__tracking_code__icontains=clean_code(word, groups=TRACKING_GROUPS))
        )
    return rows


def payment_counts(payments: QuerySet[Payment]) -> dict[str, int]:
    """{group: how many}, with "" for all."""
    states = dict(payments.order_by().values_list("state").annotate(n=Count("pk")))
    return {"": sum(states.values())} | {
        group: sum(states.get(state, 0) for state in members) for group, members in GROUPS.items()
    }


SIGNS = {EntryKind.CREDIT: 1, EntryKind.SURPLUS: 1, EntryKind.REVERSAL: -1, EntryKind.REFUND: -1}


@dataclass(frozen=True)
class MoneyTotals:
    """Rials of a selection: fees, money without a claim to it, what went back, and what is left."""

    fees: int = 0
    surplus: int = 0
    back: int = 0

    @property
    def held(self) -> int:
        return self.fees + self.surplus - self.back


def money_totals(entries: QuerySet[LedgerEntry]) -> MoneyTotals:
    sums = dict(entries.order_by().values_list("kind").annotate(n=Sum("rials")))
    back = sums.get(EntryKind.REVERSAL, 0) + sums.get(EntryKind.REFUND, 0)
    return MoneyTotals(sums.get(EntryKind.CREDIT, 0), sums.get(EntryKind.SURPLUS, 0), back)


# -------------------------------------------------------------------------------------------------------- one attempt
def payment_for(person, order_id: str) -> Payment:
    """The attempt that the person may see. Http404 for everybody else."""
    found = visible_payments(person).select_related(
        "request__unit", "request__request_type__service", "request__tariff__table", "begun_by", "membership__unit", "membership__deputy_for__person",
        "request__agreement__service__provider", *(f"request__{name}" for name in ABOUT),
    )  # fmt: skip
    payment = found.filter(order_id=clean_code(order_id, groups=ORDER_GROUPS)).first()
    if payment is None:
        raise Http404
    return payment


def latest_attempt(request: ServiceRequest) -> Payment | None:
    """The attempt that tells how the fee stands: the one that paid, else the newest."""
    attempts = list(request.payments.order_by("-pk")[:20])
    return next((one for one in attempts if one.state == P.PAID), attempts[0] if attempts else None)


# ------------------------------------------------------------------------------------------ owed back, and compared
def why_owed(payment: Payment) -> str:
    """Why a payment of `queries.payments.refundable` is owed back: words to begin the proposal's reason with."""
    if payment.state == P.SURPLUS:
        return payment.get_reason_display()
    request = payment.request
    if getattr(request, "general", None) is not None:
        return _("The request was withdrawn after its fee was paid.")
    if request.voided_at:
        return _("The call was cancelled, or the unit excused, after the fee was paid.")
    if getattr(request, "extension_request", None) is not None:
        return _("The request for more time was never decided.")
    return _("The report was missed after its fee was paid.")


def visible_reconciliations(person) -> QuerySet[Reconciliation]:
    """Of the services whose provider the person coordinates, or audits."""
    auditing = Q(pk__in=[])
    for membership in memberships_of(person):
        if membership.role == Role.AUDITOR:
            auditing |= Q(service__provider__path__startswith=membership.unit.path)
    mine = Q(service__provider__in=provider_units(person))
    return Reconciliation.objects.filter(mine | auditing).select_related("by", "service").order_by("-pk")
