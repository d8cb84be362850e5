"""Which units are bound by which version of the agreement, and what their heads answered."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from sla.enums import AgreementState
from sla.models import Acceptance, AgreementVersion, Service
from sla.queries.agreements import coverage_counts, covered_units

from .scope import Scope, Window


@dataclass(frozen=True)
class ServiceCoverage:
    """The version in force of one service over the units within the scope: {sla.enums.Coverage: how many}."""

    agreement: AgreementVersion
    counts: dict[str, int]

    @property
    def units(self) -> int:
        return sum(self.counts.values())


def coverage_of(scope: Scope, at: datetime) -> list[ServiceCoverage]:
    """One entry a service that concerns a unit within the scope. A query a service, and there are few."""
    newest = {
        version.service_id: version
        for version in AgreementVersion.objects.filter(state=AgreementState.PUBLISHED)
        .select_related("service__provider")
        .order_by("number")
    }
    services = Service.objects.order_by("title").values_list("pk", flat=True)
    found = [
        ServiceCoverage(newest[pk], coverage_counts(covered_units(newest[pk], at).filter(scope.of("path"))))
        for pk in services
        if pk in newest and scope.service in (None, newest[pk].service)
    ]
    return [coverage for coverage in found if coverage.units]


def answers_in(scope: Scope, window: Window) -> QuerySet[Acceptance]:
    return Acceptance.objects.filter(scope.of("unit__path", "agreement__service"), window.of("at"))
