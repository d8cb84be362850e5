"""The service and the dispute of the tests of disputes, offers and ends."""

import pytest

from tests.factories import make_service
from tests.questions import FILED, file


@pytest.fixture
def service(cast):
    return make_service(cast)


@pytest.fixture
def dispute(cast, service, clock):
    clock.move_to(FILED)
    return file(cast, service)
