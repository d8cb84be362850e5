"""What was paid, what is under way, and what is owed back."""

from django.db.models import Case, F, Sum, When

from ..enums import LIVE_PAYMENTS, EntryKind
from ..models import LedgerEntry, Payment, ServiceRequest

CAME_IN = (EntryKind.CREDIT, EntryKind.SURPLUS)


def live_attempt(request: ServiceRequest) -> Payment | None:
    """The attempt that may still pay the request."""
    return Payment.objects.filter(request=request, state__in=LIVE_PAYMENTS).first()


def is_paid(request: ServiceRequest) -> bool:
    """Whether nothing is owed: the fee is in the ledger, or there is none."""
    return not request.price_rials or request.paid_at is not None


def balance(request: ServiceRequest) -> int:
    """Rials that the ledger holds for the request: credits + surpluses − reversals − refunds."""
    signed = Case(When(kind__in=CAME_IN, then=F("rials")), default=-F("rials"))
    return LedgerEntry.objects.filter(request=request).aggregate(total=Sum(signed))["total"] or 0
