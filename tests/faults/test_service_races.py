"""A service is closed while a call is written for it or published: one of the two, and the twins without the lock."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest

from reports.actions import calls, services
from reports.actions.calls import EDITABLE, create_call, publish_call
from reports.actions.services import close_service
from reports.invariants import broken
from reports.models import Call
from sajad_portal.lib.errors import Refused
from sla.models import Service
from tests.calls import make_call

from .test_announcing_races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def meeting(monkeypatch):
    """Whoever has looked whether they may waits a moment for the other to have looked too; under the lock the other cannot."""
    both = Barrier(2)

    def then_meet(look):
        def looked(*args):
            found = look(*args)
            with suppress(BrokenBarrierError):
                both.wait(1)
            return found

        return looked

    monkeypatch.setattr(services, "what_is_open", then_meet(services.what_is_open))
    monkeypatch.setattr(calls, "_check_terms", then_meet(calls._check_terms))


def written(cast) -> dict:
    """A call as it would be written; none is there."""
    draft = make_call(cast)
    fields = {name: getattr(draft, name) for name in EDITABLE}
    draft.delete()
    return fields


def closing(cast):
    return close_service(service=Service.objects.get(), by=cast.laleh, reason="پایان کار")


@pytest.mark.usefixtures("meeting")
@pytest.mark.parametrize("turn", range(3))
def test_a_call_is_written_or_its_service_closed_and_never_both(cast, turn):
    fields = written(cast)

    given = at_once(lambda: create_call(by=cast.laleh, **fields), lambda: closing(cast))

    refused = [each for each in given if isinstance(each, Refused)]
    assert len(refused) == 1
    assert refused[0].code in ("service-closed", "service-in-use")
    assert Call.objects.exists() == (Service.objects.get().closed_at is None)
    assert list(broken()) == []


@pytest.mark.usefixtures("meeting")
def test_without_the_lock_a_closed_service_has_a_new_call(cast, monkeypatch):
    """The twin: the writer holds nobody."""
    fields = written(cast)
    monkeypatch.setattr(calls, "hold_service", lambda pk: None)

    at_once(lambda: create_call(by=cast.laleh, **fields), lambda: closing(cast))

    assert Call.objects.exists()
    assert Service.objects.get().closed_at is not None


@pytest.mark.usefixtures("meeting")
def test_a_call_that_is_published_keeps_its_service_open(cast):
    call = make_call(cast)

    published, refused = at_once(lambda: publish_call(call=call, by=cast.laleh), lambda: closing(cast))

    assert published.published_at
    assert refused.code == "service-in-use"
    assert list(broken()) == []
