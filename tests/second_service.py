"""A second service beside a world's, of the same provider, with types, tariffs, agreement, documents and calls of its own.

Whatever a person can read of it carries MARK: a page about the first service on which the word stands has mixed them.
"""

from dataclasses import dataclass
from datetime import timedelta

from reports.actions.calls import publish_call
from reports.actions.extensions import ask_extension
from reports.actions.objections import contest_result
from reports.actions.results import announce_result
from reports.models import Call, ExtensionRequest, Report
from sajad_portal.lib.clock import database_now
from sla.actions.request_types import add_request_type
from sla.enums import PaymentState
from sla.models import Dispute, Payment, Service

from .calls import accept, fill, make_call, report_of
from .factories import make_service, make_tariffs
from .people import Cast
from .reviews import reviewed_report

MARK = "ژرفاسنجی"
PRICE = 7_654_321


@dataclass(frozen=True)
class Second:
    service: Service
    calls: dict[str, Call]
    reports: dict[str, Report]
    asked: ExtensionRequest
    payment: Payment
    dispute: Dispute

    @property
    def codes(self) -> list[str]:
        """By what its things are called where no title stands."""
        return [*(report.tracking_code for report in self.reports.values()), self.payment.order_id, self.service.slug]


def fill_second_service(cast: Cast) -> Second:
    """Unit A has an open report, half written, and asks for more time; another one is announced and contested. Its fee is
    paid. The form is the first service's: forms belong to no service."""
    service = make_service(cast, slug="second", card={"title": f"{MARK} خدمات", "description": f"{MARK} واحدها"})
    make_tariffs(service, periodic_report=PRICE)
    add_request_type(service=service, code="deep", title=f"گزارش {MARK}", target_working_days=3, by=cast.laleh)
    calls = {name: _call(cast, service, name) for name in ("open", "contested")}
    for call in calls.values():
        accept(call, cast.a, cast.reza)
    payments = {name: _pay(cast, report_of(call, cast.a), name) for name, call in calls.items()}
    opened = fill(report_of(calls["open"], cast.a), cast.sara)
    until = calls["open"].closes_at + timedelta(days=5)
    asked = ask_extension(report=opened, until=until, reason=f"{MARK} طول کشید.", by=cast.reza)
    contested = reviewed_report(cast, calls["contested"])
    announce_result(report=contested, by=cast.laleh)
    dispute = contest_result(report=report_of(calls["contested"], cast.a), text=f"{MARK} نشده است.", by=cast.reza)
    reports = {name: report_of(call, cast.a) for name, call in calls.items()}
    return Second(service, calls, reports, asked, payments["open"], dispute)


def _call(cast: Cast, service: Service, name: str) -> Call:
    call = make_call(cast, service=service, title=f"{MARK}، {name}", audience={"units": [cast.a.pk]})
    return publish_call(call=call, by=cast.laleh)


def _pay(cast: Cast, report: Report, name: str) -> Payment:
    """As if the bank had said so."""
    at = database_now()
    payment = Payment.objects.create(
        request=report.request, order_id=f"ORDER-OF-SECOND-{name.upper()}", amount_rials=PRICE, gateway="simulator", terminal="1",
        token=f"token-{name}", state=PaymentState.PAID, begun_at=at, begun_by=cast.reza,
        membership=cast.membership(cast.reza), expires_at=at, redirected_at=at, settled_at=at, received_rials=PRICE,
        reference=f"reference-{name}",
    )  # fmt: skip
    report.request.paid_at = at
    report.request.save(update_fields=["paid_at"])
    return payment
