"""What the public page of a service tells about its calls."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from sla.models import Service

from ..enums import NOT_ASKED, CallPhase, ReportState
from ..models import Call


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
