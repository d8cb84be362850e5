"""The ledger for other programs: what the page shows under its filters, as CSV and as XLSX."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.jalali import format_date
from sajad_portal.lib.sheets import Sheet, csv_response, xlsx_response
from sla.enums import EntryKind
from sla.models import LedgerEntry, Payment
from sla.pages.apart import ServicesApart
from units.pages.frame import SignedInRequest

from ...queries.payments import GROUPS, SIGNS, matter_of, narrowed_payments, visible_entries, visible_payments
from ...rules.payments import can_see_money
from .ledger import OF_SERVICE, wanted_of


@access("can_see_money")
@require_GET
def payments_csv(request: SignedInRequest) -> HttpResponse:
    """Attempts with what became of them; `?kind=` given, or the ledger asked for, its movements."""
    _only_who_sees(request)
    sheet = _movements(request) if "kind" in request.GET else _attempts(request)
    return csv_response(sheet, _name(sheet.key))


@access("can_see_money")
@require_GET
def payments_xlsx(request: SignedInRequest) -> HttpResponse:
    """Both: attempts on one sheet, movements on the other."""
    _only_who_sees(request)
    return xlsx_response([_attempts(request), _movements(request)], _name("payments"))


def _only_who_sees(request: SignedInRequest) -> None:
    if not can_see_money(request.user):
        raise Forbidden(_("Payments are shown to the units that pay, to coordinators of the provider and to auditors."))


def _of_service(request: SignedInRequest, rows: QuerySet) -> QuerySet:
    chosen = ServicesApart().called(request.GET.get("service", ""))
    return rows.filter(**{OF_SERVICE: chosen}) if chosen else rows


def _attempts(request: SignedInRequest) -> Sheet:
    _form, wanted = wanted_of(request)
    found = _of_service(request, narrowed_payments(visible_payments(request.user), wanted, at="begun_at"))
    group = request.GET.get("state", "")
    if group in GROUPS:
        found = found.filter(state__in=GROUPS[group])
    header = [
        _("Begun"), _("Unit"), _("Code of the unit"), _("For"), _("Service"), _("Tracking code"), _("Order number"),
        _("Amount, rials"), _("State"), _("Reason"), _("Arrived, rials"), _("Confirmed by the bank"),
        _("Bank reference"), _("Terminal"), _("Begun by"),
    ]  # fmt: skip
    return Sheet("payments", _("Payments"), header, list(_attempt_rows(found.order_by("begun_at", "pk"))))


def _attempt_rows(payments: QuerySet[Payment]) -> Iterator[list]:
    for payment in payments.iterator(chunk_size=2000):
        unit, matter = payment.request.unit, matter_of(payment.request)
        yield [
            payment.begun_at, unit.name, unit.code, matter.title, matter.service, matter.code, payment.order_id, payment.amount_rials,
            payment.get_state_display(), payment.get_reason_display(), payment.received_rials, payment.settled_at,
            payment.reference, payment.terminal, payment.begun_by.get_full_name(),
        ]  # fmt: skip


def _movements(request: SignedInRequest) -> Sheet:
    _form, wanted = wanted_of(request)
    found = _of_service(request, narrowed_payments(visible_entries(request.user), wanted, at="at", payment="payment__"))
    kind = request.GET.get("kind", "")
    if kind in EntryKind.values:
        found = found.filter(kind=kind)
    header = [
        _("When"), _("Movement"), _("Amount, rials"), _("Unit"), _("Code of the unit"), _("For"), _("Service"), _("Tracking code"),
        _("Order number"), _("Bank reference"), _("By"),
    ]  # fmt: skip
    return Sheet("ledger", _("Ledger"), header, list(_movement_rows(found.order_by("at", "pk"))))


def _movement_rows(entries: QuerySet[LedgerEntry]) -> Iterator[list]:
    for entry in entries.iterator(chunk_size=2000):
        unit, matter = entry.request.unit, matter_of(entry.request)
        yield [
            entry.at, entry.get_kind_display(), SIGNS[EntryKind(entry.kind)] * entry.rials, unit.name, unit.code,
            matter.title, matter.service, matter.code, entry.payment.order_id, entry.payment.reference,
            entry.by.get_full_name() if entry.by else _("the portal"),
        ]  # fmt: skip


def _name(key: str, at: datetime | None = None) -> str:
    return f"{key}-{format_date(at or database_now(), 'numeric', 'en').replace('/', '')}"
