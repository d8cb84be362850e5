"""Whoever a test signs in has just proved who they are, however far it moves the clock; `stale` makes it long ago."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.signals import user_logged_in
from django.test import Client

from sajad_portal.lib.clock import database_now
from units.actions.proof import PROVED, note_proof

AGES_FROM_NOW = datetime(2500, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="session")
def proof_of_forced_sign_ins() -> Iterator[None]:
    """`client.force_login` passes no step of ours that would note it. A sign-in by the page notes its own time after this."""

    def note(request, **_told) -> None:
        request.session[PROVED] = AGES_FROM_NOW.timestamp()

    user_logged_in.connect(note, dispatch_uid="tests.proof")
    yield
    user_logged_in.disconnect(dispatch_uid="tests.proof")


@pytest.fixture
def stale() -> Callable[..., Client]:
    """`stale(client, hours=1)`: the last proof of whoever is signed in there is so old; without an age, none is known."""

    def make(client: Client, **ago: float) -> Client:
        session = client.session
        if ago:
            note_proof(session, database_now() - timedelta(**ago))
        else:
            session.pop(PROVED, None)
        session.save()
        return client

    return make
