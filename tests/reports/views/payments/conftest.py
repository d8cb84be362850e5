"""A call that costs a fee, unit A's report in it, and the fee paid."""

import pytest

from reports.models import Call
from sla.models import Payment
from tests.calls import report_of
from tests.payments import paid_report, priced_call


@pytest.fixture
def call(cast, bank) -> Call:
    return priced_call(cast, extension=400_000)


@pytest.fixture
def report(call, cast):
    return report_of(call, cast.a)


@pytest.fixture
def paid(cast, call, bank) -> Payment:
    return paid_report(cast, call, bank)[1]
