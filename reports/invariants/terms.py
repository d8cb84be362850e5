"""What services, their targets, the working week and the organisation must hold."""

from collections.abc import Iterator

from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.clock import tehran_date
from sla.enums import SINGLE_KINDS
from sla.models import Dispute, RequestTarget, RequestType, Service, ServiceRequest, TariffRow, WorkingWeek

from ..models import Call, CallDocument, Report
from .saying import holds


@holds(_("Each service has the request types by which the portal itself files."))
def services_have_their_types() -> Iterator[str]:
    """The portal itself files by them: without one, asking for more time or contesting fails."""
    for kind in SINGLE_KINDS:
        counted = Service.objects.annotate(n=Count("request_types", filter=Q(request_types__kind=kind)))
        for slug in counted.exclude(n=1).order_by("pk").values_list("slug", flat=True):
            yield f"service {slug}: it has no request type of the kind {kind}"


@holds(_("A working week and a target hold from the day on which they were set, or later."))
def changes_hold_from_their_day_on() -> Iterator[str]:
    """A week or a target that began before it was set would have moved what was measured already."""
    for week in WorkingWeek.objects.order_by("pk"):
        if week.starts < tehran_date(week.set_at):
            yield f"working_week {week.pk}: it holds from {week.starts}, before the day on which it was set"
    for target in RequestTarget.objects.order_by("pk"):
        if target.starts < tehran_date(target.set_at):
            yield f"request_target {target.pk}: it holds from {target.starts}, before the day on which it was set"


@holds(_("A request has a target that its type once had."))
def requests_have_a_target_of_their_type() -> Iterator[str]:
    """What a request was opened under is what its type was made with, or what was set for it later."""
    for kind in RequestType.objects.prefetch_related("targets").order_by("pk"):
        known = {kind.target_working_days, *(target.working_days for target in kind.targets.all())}
        strange = ServiceRequest.objects.filter(request_type=kind).exclude(target_working_days__in=known)
        for pk, days in strange.order_by("pk").values_list("pk", "target_working_days"):
            yield f"service_request {pk}: its type never had a target of {days} working days"


@holds(_("All that a call, a request, a dispute, a tariff or a pinned document is made of belongs to one service."))
def services_are_kept_apart() -> Iterator[str]:
    """A call, a request, a dispute, a tariff, a pinned document: all that one is made of belongs to one service."""
    service = "agreement__service"
    rows = [
        ("call", Call.objects.exclude(request_type__service=F(service)), "its request type is another service’s than its agreement"),
        ("call", Call.objects.exclude(tariff=None).exclude(tariff__request_type=F("request_type")), "its tariff is another type’s"),
        ("service_request", ServiceRequest.objects.exclude(request_type__service=F(service)), "its type is another service’s than its agreement"),
        ("service_request", ServiceRequest.objects.exclude(tariff=None).exclude(tariff__request_type=F("request_type")), "its tariff is another type’s"),
        ("tariff_row", TariffRow.objects.exclude(request_type__service=F("table__service")), "its type is another service’s than its table"),
        ("pinned_document", CallDocument.objects.exclude(document__service=F(f"call__{service}")), "it is another service’s than its call"),
        ("dispute", Dispute.objects.exclude(request__agreement=F("agreement")), "its request is under another agreement"),
        ("report", Report.objects.exclude(request__agreement=F("call__agreement"), request__request_type=F("call__request_type")), "its request is under other terms than its call"),
    ]  # fmt: skip
    for noun, broken, said in rows:
        for pk in broken.order_by("pk").values_list("pk", flat=True):
            yield f"{noun} {pk}: {said}"


TERM_CHECKS = (
    services_have_their_types,
    changes_hold_from_their_day_on,
    requests_have_a_target_of_their_type,
    services_are_kept_apart,
)
