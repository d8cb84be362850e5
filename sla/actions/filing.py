"""What every request that is filed has in common, whatever it asks for: its price is frozen by the tariffs of the day, its
clock starts at once or when its fee has come, and stops with the answer. Parts of verbs, as clocks.py: a request for more
time, a dispute and a general request are each filed, settled and answered through these.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from units.actions.events import claim_once
from units.models import Unit

from ..gateways import require_gateway
from ..models import AgreementVersion, ClockInterval, RequestType, ServiceRequest
from ..queries.payments import is_paid
from ..queries.tariffs import tariff_for
from .clocks import open_request, start_clock, stop_clock, void_clocks


def file_under(
    *, unit: Unit, request_type: RequestType, agreement: AgreementVersion, at: datetime, free: bool = False
) -> ServiceRequest:
    """A request under these terms. Refused (`no-gateway`) where it costs and nothing can be paid. `free`: never charged."""
    tariff = None if free else tariff_for(request_type, at)
    price = tariff.rials if tariff else 0
    require_gateway(price)
    request = open_request(
        unit=unit, request_type=request_type, agreement=agreement, price_rials=price, at=at, tariff=tariff
    )
    if is_paid(request):  # else the clock starts once the fee has come
        start_clock(request, at)
    return request


def settled_requests(only: Iterable[int] | None = None) -> QuerySet[ServiceRequest]:
    """Whose fee has come, and of which nobody has said so yet: not answered, not void, a clock that never ran.

    `only`: among these ids."""
    ran = ClockInterval.objects.filter(request=OuterRef("pk"))
    found = ServiceRequest.objects.filter(
        ~Exists(ran), price_rials__gt=0, paid_at__isnull=False, stopped_at=None, voided_at=None
    )
    return found if only is None else found.filter(pk__in=list(only))


def take_up(request: ServiceRequest, at: datetime) -> bool:
    """The fee has come: the clock runs from that instant. Whether this caller is the one who tells of it; once only.

    Whoever calls holds the matter's row, and has asked whether it is still open."""
    request.refresh_from_db(fields=["paid_at", "voided_at", "stopped_at"])
    if request.paid_at is None or request.voided_at or request.stopped_at:
        return False
    if not claim_once(f"request:{request.pk}:settled", at):
        return False
    start_clock(request, request.paid_at)
    return True


def answer(request: ServiceRequest, at: datetime) -> None:
    """The answer is given: what the clock shows now is what gets published."""
    stop_clock(request, at)


def call_off(request: ServiceRequest, at: datetime) -> None:
    """Withdrawn: no answer is owed, and its time is in no figure. Locks the request: a settlement under way is before or
    after this, and money that comes after it is not taken as the fee."""
    ServiceRequest.objects.select_for_update().get(pk=request.pk)
    void_clocks([request.pk], at)
