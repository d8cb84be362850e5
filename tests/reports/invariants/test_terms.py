"""`checkinvariants` over services, targets, weeks and the organisation: each broken row is named."""

from datetime import timedelta

import pytest

from reports.invariants import broken
from reports.invariants.terms import logo_is_on_disk
from sajad_portal.lib.clock import database_now, tehran_date
from sla.models import RequestTarget, RequestType, ServiceRequest, WorkingWeek
from tests.calls import published_call
from tests.factories import make_service
from units.models import Organisation

DAY = timedelta(days=1)


@pytest.fixture
def service(cast):
    return make_service(cast)


@pytest.mark.parametrize("kind", ["extension", "objection"])
def test_a_service_that_lacks_a_type_the_portal_files_by(service, kind):
    RequestType.objects.filter(kind=kind).delete()

    assert list(broken()) == [f"service {service.slug}: it has no request type of the kind {kind}"]


def test_a_week_and_a_target_that_reach_back(cast, service):
    at = database_now()
    yesterday = tehran_date(at) - DAY
    week = WorkingWeek.objects.create(starts=yesterday, weekend="4", opens=8, closes=16, set_at=at)
    kind = service.request_types.first()
    target = RequestTarget.objects.create(
        request_type=kind, working_days=3, starts=yesterday, set_at=at, set_by=cast.laleh
    )

    assert [row.partition(":")[0] for row in broken()] == [f"working_week {week.pk}", f"request_target {target.pk}"]


def test_a_request_whose_target_its_type_never_had(cast):
    published_call(cast)
    ServiceRequest.objects.filter(unit=cast.a).update(target_working_days=77)
    request = ServiceRequest.objects.get(unit=cast.a)

    assert list(broken()) == [f"service_request {request.pk}: its type never had a target of 77 working days"]


def test_a_logo_that_is_gone(cast):
    Organisation.objects.update(logo="organisation/gone.png", logo_sha256="0" * 64)

    assert list(logo_is_on_disk()) == ["organisation 1: its logo organisation/gone.png is not in the store"]
