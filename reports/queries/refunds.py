"""Which money is owed back: what was paid for a report that never came, and what the bank will not return by itself."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from sla.enums import GeneralState, PaymentState
from sla.models import GeneralRequest, Payment, Refund
from units.queries.lines import line_seats, of_its_line

from ..enums import ReportStatus
from ..models import ExtensionRequest, Report, Revision
from .lines import barred_reports

# Announced without a revision is a miss that was given its result of zero.
MISSED = (ReportStatus.MISSED, ReportStatus.ANNOUNCED, ReportStatus.CONTESTED, ReportStatus.FINAL)
ENDED = (ReportStatus.CANCELLED, ReportStatus.EXCUSED, *MISSED)


def owed_back(at: datetime) -> QuerySet[Payment]:
    """Payments whose money is owed back at `at`, whether or not a refund is proposed.

    A cancelled call's fees, also where something was submitted; a fee of a report that was missed, or excused with nothing
    submitted; of an extension request that was never decided; of a general request that was withdrawn; and money that paid nothing and that the bank keeps.
    """
    submitted = Exists(Revision.objects.filter(report=OuterRef("pk")))
    reports = Report.objects.with_status(at)
    void = reports.filter(Q(status=ReportStatus.CANCELLED) | Q(~submitted, status__in=[ReportStatus.EXCUSED, *MISSED]))
    undecided = ExtensionRequest.objects.filter(
        decided_at=None, report__in=reports.filter(status__in=ENDED).values("pk")
    )
    return Payment.objects.filter(
        Q(state=PaymentState.PAID, request__in=void.values("request"))
        | Q(state=PaymentState.PAID, request__in=undecided.values("request"))
        | Q(state=PaymentState.PAID, request__general__state=GeneralState.WITHDRAWN)
        | Q(state=PaymentState.SURPLUS, next_try_at__isnull=True)
    )


def refundable(at: datetime) -> QuerySet[Payment]:
    """What is owed back and has no refund under way: the list from which coordinators propose. Oldest first."""
    live = Refund.objects.filter(payment=OuterRef("pk"), declined_at=None)
    return (
        owed_back(at)
        .filter(~Exists(live))
        .select_related("request__unit", "request__request_type", "request__report", "request__general", "begun_by")
        .order_by("settled_at", "pk")
    )


def barred_requests(person, at: datetime, requests: Iterable[int]) -> set[int]:
    """Of these service requests, those about reports, or of units, in whose line the person is or was: somebody else decides
    their money."""
    ids = list(requests)
    if not line_seats(person, at):
        return set()
    reports = Report.objects.filter(barred_reports(person, at), request__in=ids).values_list("request_id", flat=True)
    asked = ExtensionRequest.objects.filter(barred_reports(person, at, "report__"), request__in=ids)
    general = GeneralRequest.objects.filter(request__in=ids).select_related("unit", "request")
    mine = [g.opened.pk for g in general if of_its_line(person, g.unit, None, at, since=g.filed_at)]
    return {*reports, *asked.values_list("request_id", flat=True), *mine}
