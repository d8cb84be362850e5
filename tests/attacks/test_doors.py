"""Every door of the portal, tried by everybody who has no business behind it: the routes come from the URL resolver."""

import pytest
from django.http import HttpResponse
from django.test import Client

from sajad_portal import urls
from sajad_portal.lib import refusals

from .doors import changed, doors, plausible, snapshot, unknown_routes
from .world import World, make_world

# Every address for everybody: minutes, not seconds.
pytestmark = pytest.mark.full

# A stranger who asks for it is told that it does not exist, or that nobody may do this with any of its kind.
SHUT = {404, 405}
# A reader who writes is refused; 302 is for pages that send everybody but the unit's own people to the page of the report.
# The interface asks for a token (401), whoever has signed in.
REFUSED = {401, 403, 404, 405}
# What everybody does with what is their own.
OWN = ("/account/", "/sign-out/", "/notices/read/", "/language/", "/sign-in/", "/password/")
# What is posted there changes nothing, so that whoever may read it may post it.
HARMLESS = {
    "/admin/password_change/",  # sends to the portal's own page
    "/payments/return/<str:order_id>/",  # asks the bank; what the payer's browser says is not believed
    "/reports/<str:code>/review/score/",  # the score as it would be
    "/analysis/calls/<int:pk>/what-if/",  # the league as it would be
}


@pytest.fixture
def world(cast) -> World:
    return make_world(cast)


@pytest.fixture(autouse=True)
def _an_address_that_takes_forms_only_says_so(settings):
    """Otherwise a reload of it leads to the page above, whoever asks and whatever stands there."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("PostedAddressMiddleware")]


@pytest.fixture(autouse=True)
def _nobody_reads_what_a_refusal_says(monkeypatch):
    """Thousands of them come back; their words are tested elsewhere."""
    monkeypatch.setattr(urls, "handler404", lambda request, exception: HttpResponse(status=404), raising=False)
    monkeypatch.setattr(refusals, "render", lambda request, template, context, status: HttpResponse(status=status))


def knock(client: Client, path: str, body: dict | None) -> int:
    return (client.get(path) if body is None else client.post(path, body)).status_code


def test_something_real_stands_behind_every_address_that_is_tried(world):
    assert unknown_routes(world) == []


def test_for_a_stranger_nothing_of_another_unit_exists(world, client_for):
    body, found = plausible(world), []
    for turn, (who, person) in enumerate(world.strangers.items()):
        client, before = client_for(person), snapshot()
        for door in (door for door in doors(world, turn) if door.of_a):
            found += [
                (who, method, door.path, status)
                for method, given in (("GET", None), ("POST", body))
                if (status := knock(client, door.path, given)) not in SHUT
            ]
        found += [(who, "changed", table) for table in changed(before)]

    assert found == []


def test_who_only_reads_is_refused_everything_that_changes_something(world, client_for):
    body, found = plausible(world), []
    for turn, (who, person) in enumerate(world.readers.items()):
        client, before = client_for(person), snapshot()
        found += [
            (who, door.route, status)
            for door in doors(world, turn)
            if not door.path.startswith(OWN)
            and (status := knock(client, door.path, body)) not in REFUSED
            and not (door.route in HARMLESS and status < 400)
        ]
        found += [(who, "changed", table) for table in changed(before)]

    assert sorted(set(found)) == []


def test_no_page_fails_who_reads_everything(world, client_for):
    client = client_for(world.cast.nader)
    walked = [door for turn in range(3) for door in doors(world, turn) if turn == 0 or not door.path.endswith(".pdf")]

    assert [(door.path, status) for door in walked if (status := knock(client, door.path, None)) >= 500] == []
