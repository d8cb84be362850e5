"""What a call and a report cost, each with the row that says so."""

from datetime import datetime

from sla.enums import RequestKind
from sla.queries.tariffs import Price, fiscal_year, price_of, price_of_filing, price_of_request

from ..models import Call, ExtensionRequest, Report


def price_of_call(call: Call, at: datetime) -> Price:
    """As publishing froze it; for a draft, as it would be frozen at `at`."""
    if call.published_at is None:
        return price_of_filing(call.request_type, at)
    return price_of(call.tariff, fiscal_year(call.published_at))


def price_of_report(report: Report) -> Price:
    """What its unit pays before submitting; the call's, also for a unit that was asked later."""
    return price_of_request(report.request, report.call.published_at)


def price_of_asking(report: Report, at: datetime) -> Price | None:
    """What asking for more time would cost if it were filed at `at`. None where the service has no such request."""
    kinds = report.call.service.request_types.filter(kind=RequestKind.EXTENSION)
    request_type = kinds.order_by("id").first()
    return price_of_filing(request_type, at) if request_type else None


def price_of_extension(asked: ExtensionRequest) -> Price:
    return price_of_request(asked.request)
