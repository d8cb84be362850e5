"""What the public page of a service tells about its calls, and what of a service is open."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import ngettext

from sajad_portal.lib.numbers import local_number
from sla.enums import OPEN_DISPUTE
from sla.models import Dispute, Service, ServiceRequest
from sla.queries import provider_units
from sla.queries.services import beside_service

from ..enums import NOT_ASKED, CallPhase, CallState, ReportState
from ..models import Call


def called(call: Call) -> str:
    """The call, as letters and notices name it."""
    return beside_service(call.title, call)


def open_calls(service: Service, at: datetime) -> QuerySet[Call]:
    """Calls of the service that take reports at `at`, with `asked` and `sent`; the one that closes first comes first."""
    return (
        Call.objects.with_phase(at)
        .filter(agreement__service=service, phase__in=[CallPhase.OPEN, CallPhase.GRACE])
        .annotate(
            asked=Count("reports", filter=~Q(reports__state__in=NOT_ASKED)),
            sent=Count(
                "reports", filter=Q(reports__submitted_at__isnull=False) & ~Q(reports__state=ReportState.EXCUSED)
            ),
        )
        .order_by("closes_at", "pk")
    )


def services_for_calls(person) -> list[Service]:
    """Those for which a call may be written, the person's own first: where they coordinate the provider."""
    own = set(provider_units(person))
    found = Service.objects.filter(closed_at=None).select_related("provider").order_by("title", "pk")
    return sorted(found, key=lambda service: service.provider_id not in own)


def what_is_open(service: Service, at: datetime) -> list[str]:
    """What keeps the service from being closed, in words; nothing where it may be."""
    calls = Call.objects.filter(agreement__service=service)
    drafts = calls.filter(state=CallState.DRAFT).count()
    running = calls.filter(state=CallState.PUBLISHED, closes_at__gt=at).count()
    unanswered = ServiceRequest.objects.filter(request_type__service=service, stopped_at=None, voided_at=None)
    requests = unanswered.exclude(dispute__isnull=False).count()
    disputes = Dispute.objects.with_status(at).filter(agreement__service=service, status__in=OPEN_DISPUTE).count()
    found = [
        (drafts, ngettext("%(n)s call in draft", "%(n)s calls in draft", drafts)),
        (running, ngettext("%(n)s open call", "%(n)s open calls", running)),
        (requests, ngettext("%(n)s request without an answer", "%(n)s requests without an answer", requests)),
        (disputes, ngettext("%(n)s open dispute", "%(n)s open disputes", disputes)),
    ]
    return [words % {"n": local_number(count)} for count, words in found if count]
