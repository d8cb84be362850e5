"""`checkinvariants` over services, targets, weeks and the organisation: each broken row is named."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from reports.invariants import broken
from reports.invariants.files import logo_is_on_disk
from reports.invariants.terms import services_are_kept_apart
from reports.models import Call, CallDocument
from sajad_portal.lib.clock import database_now, tehran_date
from sla.models import RequestTarget, RequestType, ServiceRequest, TariffRow, WorkingWeek
from tests.calls import published_call
from tests.factories import make_service, make_tariffs
from tests.plugins.database import triggers_suspended
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


# ------------------------------------------------------------------------------------------- more than one service
def crossings(cast):
    """(table, what puts a row of one service among the other's), each told of with the row itself."""
    call, other = published_call(cast), make_service(cast, slug="second")
    foreign, row = (
        other.request_types.get(code="periodic-report"),
        make_tariffs(call.service, periodic_report=0).rows.get(),
    )
    requests = ServiceRequest.objects.filter(unit=cast.a)
    return {
        "call": lambda: Call.objects.update(request_type=foreign),
        "service_request": lambda: requests.update(request_type=foreign),
        "tariff_row": lambda: TariffRow.objects.filter(pk=row.pk).update(request_type=foreign),
        "pinned_document": lambda: CallDocument.objects.filter(call=call, document__slot="bylaw").update(
            document=other.documents.get(slot="bylaw")
        ),
    }


@pytest.mark.parametrize("noun", ["call", "service_request", "tariff_row", "pinned_document"])
def test_what_is_made_of_two_services_is_named(cast, noun):
    change = crossings(cast)[noun]
    tables = ["reports_call", "sla_servicerequest", "sla_tariffrow"]
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        triggers_suspended(cursor, connection.vendor, tables),
    ):
        assert change() == 1

    assert noun in {line.partition(" ")[0] for line in services_are_kept_apart()}


@pytest.mark.parametrize("noun", ["call", "service_request"])
def test_the_database_refuses_to_make_something_of_two_services(cast, noun):
    change = crossings(cast)[noun]

    with pytest.raises(DatabaseError, match="of the service of its"), transaction.atomic():
        change()
    assert list(services_are_kept_apart()) == []


def test_the_database_refuses_a_tariff_of_another_services_type(cast):
    first, other = make_service(cast), make_service(cast, slug="second")
    table = make_tariffs(first)

    with pytest.raises(DatabaseError, match="type of its own service"), transaction.atomic():
        TariffRow.objects.create(table=table, request_type=other.request_types.first(), rials=1, line=2)


def test_a_second_type_of_a_kind_that_the_portal_files_by_is_refused(service):
    for kind in ("extension", "objection"):
        with pytest.raises(DatabaseError), transaction.atomic():
            RequestType.objects.create(service=service, kind=kind, code=f"{kind}-2", title="دوم", target_working_days=3)
