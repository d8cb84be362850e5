"""What of a portal's first day stands, read from the data: nothing of it is stored for its own sake."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from sajad_portal.lib.clock import tehran_date
from sajad_portal.lib.jalali import to_jalali
from sla.enums import PINNED_SLOTS, AgreementState, RequestKind
from sla.models import AgreementVersion, Service, TariffTable, WorkingWeek
from sla.queries import current_agreement, holidays_of, published_documents
from sla.queries.tariffs import fiscal_year, table_in_force
from units.enums import UNIT_ROLES, Role
from units.models import Membership, Organisation, Unit
from units.queries import memberships_of
from units.queries.organisation import stored_organisation

from ..models import Call, FormVersion


def published_calls(service: Service | OuterRef | None = None) -> QuerySet[Call]:
    calls = Call.objects.filter(published_at__isnull=False)
    return calls if service is None else calls.filter(agreement__service=service)


def awaits_first_call(person, at: datetime) -> bool:
    """Whether the person has a portal to set up: an administrator until a first call is published, a coordinator of a
    provider until each of its services has had one."""
    if person.is_superuser:
        return not published_calls().exists()
    units = [m.unit_id for m in memberships_of(person, at) if m.role == Role.COORDINATOR]
    if not units:
        return False
    services = Service.objects.filter(provider__in=units, closed_at=None)
    return services.exclude(Exists(published_calls(OuterRef("pk")))).exists()


@dataclass(frozen=True)
class PortalFacts:
    """What stands of the whole portal."""

    organisation: Organisation | None
    week_set: bool
    days_off: int
    year: int
    units: int
    roots: int


def portal_facts(at: datetime) -> PortalFacts:
    year = to_jalali(tehran_date(at))[0]
    units = Unit.objects.active_at(at)
    return PortalFacts(
        organisation=stored_organisation(),
        week_set=WorkingWeek.objects.exists(),
        days_off=holidays_of(year).count(),
        year=year,
        units=units.count(),
        roots=units.filter(parent=None).count(),
    )


@dataclass(frozen=True)
class ServiceFacts:
    """What stands of one service."""

    coordinators: int
    invited: int  # seats of coordinators that wait to be accepted
    reviewers: int
    units: int  # those below the provider
    headed: int
    staffed: int  # with somebody who reports
    types: int
    agreement: AgreementVersion | None
    draft: AgreementVersion | None
    papers: list[str]  # slots that are missing
    forms: int
    tariffs: TariffTable | None
    year: int
    call: Call | None
    draft_call: Call | None


def service_facts(service: Service, at: datetime) -> ServiceFacts:
    provider = service.provider
    held = Membership.objects.valid_at(at).filter(person__is_active=True)
    below = Unit.objects.active_at(at).under(provider).exclude(pk=provider.pk)
    coordinating = Membership.objects.filter(unit=provider, role=Role.COORDINATOR)
    present = {document.slot for document in published_documents(service)}
    heads = held.filter(unit=OuterRef("pk"), role=Role.HEAD)
    staff = held.filter(unit=OuterRef("pk"), role__in=UNIT_ROLES)
    year = fiscal_year(at)
    return ServiceFacts(
        coordinators=held.filter(unit=provider, role=Role.COORDINATOR).count(),
        invited=coordinating.offered_at(at).count(),
        reviewers=held.filter(unit__path__startswith=provider.path, role=Role.REVIEWER).count(),
        units=below.count(),
        headed=below.filter(Exists(heads)).count(),
        staffed=below.filter(Exists(staff)).count(),
        types=service.request_types.filter(kind=RequestKind.PERIODIC_REPORT, closed_at=None).count(),
        agreement=current_agreement(service),
        draft=service.agreement_versions.filter(state=AgreementState.DRAFT).first(),
        papers=[str(slot.label) for slot in PINNED_SLOTS if slot not in present],
        forms=FormVersion.objects.filter(confirmed_at__isnull=False).count(),
        tariffs=table_in_force(service, year),
        year=year,
        call=published_calls(service).order_by("published_at").first(),
        draft_call=Call.objects.filter(agreement__service=service, published_at=None).order_by("pk").first(),
    )


def services_to_set_up(person, at: datetime) -> list[Service]:
    """Those of a coordinator; for an administrator all of them. Closed ones are over."""
    services = Service.objects.filter(closed_at=None).select_related("provider").order_by("pk")
    if person.is_superuser:
        return list(services)
    units = [m.unit_id for m in memberships_of(person, at) if m.role == Role.COORDINATOR]
    return list(services.filter(provider__in=units))
