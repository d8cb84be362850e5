"""Addresses and forms filled with what no person types: no page fails over it, on either database."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client

from tests.test_access import PLACEHOLDER

from .doors import Door, doors, plausible
from .world import World, make_world

# Every address for everybody: minutes, not seconds.
pytestmark = pytest.mark.full

ASKED = re.compile(r"\.GET(?:\.get\(|\.getlist\(|\[)\s*[\"']([\w-]+)[\"']")
SENT = re.compile(r"\.POST(?:\.get\(|\.getlist\(|\[)\s*[\"']([\w:-]+)[\"']")
# What stands in an address where a number, a word, a text is expected.
HOSTILE = {
    "described": ("kinds", "attributes"),
    "int": ("0", "9223372036854775807", "9223372036854775808", "9" * 400),
    "slug": ("x" * 900, "-"),
    "str": ("%00", "%FF%FE", "%ED%A0%80", "..%5C..%5C", "%7B%7B7*7%7D%7D", "x" * 3000, "%E2%80%AE%DB%B9"),
}
HOSTILE["unit"] = HOSTILE["str"]
NULL = "a\x00b"
VALUES = {
    "a long number": "9" * 5000,
    "a power": "1e999999",
    "no number": "NaN",
    "Persian nines": "۹" * 3000,
    "below zero": "-1",
    "a far day": "9999/12/30",
    "a list": '[["t9999-12-31T23:59:59-23:00"]]',
    "a template": "{{7*7}}{% now %}%s%(x)s",
}


def words_of(pattern: re.Pattern) -> list[str]:
    """Every name that some view reads from an address or a form."""
    sources = [
        path.read_text() for app in ("units", "sla", "reports") for path in Path(settings.BASE_DIR, app).rglob("*.py")
    ]
    return sorted({name for source in sources for name in pattern.findall(source)})


@pytest.fixture
def world(cast) -> World:
    return make_world(cast)


@pytest.fixture
def people(world, client_for) -> list[Client]:
    """Who gets furthest behind the doors: the provider's coordinator and the head of the unit."""
    clients = [client_for(world.cast.laleh), client_for(world.cast.reza)]
    for client in clients:
        client.raise_request_exception = False
    return clients


def quiet(door: Door) -> bool:
    return "sign-out" not in door.path and not door.path.startswith("/admin/")


def test_numbers_and_texts_that_nothing_has_are_not_found(world, people):
    found = []
    for door in filter(quiet, doors(world)):
        kinds = {match[1] or "str" for match in PLACEHOLDER.finditer(door.route)}
        turns = max([len(HOSTILE[kind]) for kind in kinds], default=0)
        for turn in range(turns):
            given = {kind: values[turn % len(values)] for kind, values in HOSTILE.items()}
            path = PLACEHOLDER.sub(lambda match, given=given: given[match[1] or "str"], door.route)
            asked = (people[turn % 2].get(path), people[turn % 2].post(path))
            found += [(path[:60], answer.status_code) for answer in asked if answer.status_code >= 500]

    assert found == []


def given(names: list[str], turn: int) -> dict[str, str]:
    """Nonsense under every name: null characters by themselves (they end a request early), then each name in turn another."""
    values = list(VALUES.values())
    if turn == 0:
        return dict.fromkeys(names, NULL)
    return {name: values[(place + 3 * turn) % len(values)] for place, name in enumerate(names)}


@pytest.mark.parametrize("turn", range(4))
def test_no_page_fails_over_what_stands_in_its_address(world, people, turn):
    query = urlencode(given([*words_of(ASKED), "after", "before"], turn))
    found = [
        (door.path, status)
        for place, door in enumerate(filter(quiet, doors(world, turn)))
        if (status := people[(place + turn) % 2].get(f"{door.path}?{query}").status_code) >= 500
    ]

    assert found == []


@pytest.mark.parametrize("turn", range(4))
def test_no_form_fails_over_what_is_sent(world, people, turn):
    body = given(sorted({*words_of(SENT), *plausible(world)}), turn)
    found = [
        (door.path, status)
        for place, door in enumerate(filter(quiet, doors(world, turn)))
        if (status := people[(place + turn) % 2].post(door.path, body).status_code) >= 500
    ]

    assert found == []


def test_another_charset_than_ours_smuggles_nothing_in(world, people):
    """In UTF-7 `+2AA-` is half a surrogate pair: neither database stores it, and no page prints it."""
    for method, code in ((people[0].get, 200), (people[0].post, 405)):
        answer = method("/units/?q=%2B2AA-", headers={"Content-Type": "text/plain; charset=utf-7"})
        assert answer.status_code == code
    form = '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n+2AA-\r\n--b--\r\n'
    address = f"/units/{world.cast.a.code}/edit/"
    answer = people[0].generic("POST", address, form.encode(), "multipart/form-data; boundary=b; charset=utf-7")

    assert answer.status_code == 400
    assert "+2AA-" in answer.content.decode()
