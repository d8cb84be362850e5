"""What `checkinvariants` says of money that the database would not have let in."""

import pytest
from django.db import connection
from django.db.models import F

from reports.invariants.money import credits_are_single
from sla.actions.payments import open_attempt
from sla.enums import PaymentState
from sla.models import Payment
from tests.factories import make_service
from tests.payments import priced_requests
from units.enums import Role


@pytest.fixture
def attempts(cast, settings) -> list[Payment]:
    settings.PAYMENT_GATEWAY = "simulator"
    return [
        open_attempt(request=request, by=cast.reza, roles={Role.HEAD})
        for request in priced_requests(make_service(cast), cast.a, 2)
    ]


def test_a_reference_that_stands_for_two_orders_is_named(attempts):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX payment_reference_once")  # the guard off; the test's transaction puts it back
    Payment.objects.filter(pk__in=[each.pk for each in attempts]).update(
        reference="R-1",
        state=PaymentState.PAID,
        token="T",
        redirected_at=F("begun_at"),
        settled_at=F("begun_at"),
        received_rials=F("amount_rials"),
    )
    assert list(credits_are_single()) == ["payment: the reference R-1 of simulator stands for 2 orders"]
