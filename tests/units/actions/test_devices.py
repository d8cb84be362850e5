"""Browsers that are known again: what the cookie holds, what is stored of it, how many and for how long."""

from datetime import timedelta

import pytest

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from tests.factories import PASSWORD, make_person
from tests.links import set_by_link
from units.actions.devices import DEVICES_A_PERSON, forget_old_devices, remember_device
from units.models import KnownDevice
from units.notices.links import password_link
from units.queries.devices import COOKIE, PEOPLE_A_BROWSER, known_device

pytestmark = pytest.mark.django_db


def sign_in(client, name="sara"):
    return client.post("/sign-in/", {"name": name, "password": PASSWORD})


def is_known(person, tokens) -> bool:
    return known_device(person, tokens, database_now()) is not None


def test_signing_in_leaves_a_cookie_that_scripts_do_not_read_and_that_lasts(client, cast, settings):
    cookie = sign_in(client).cookies[COOKIE]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == settings.KNOWN_DEVICE_AGE.total_seconds() == 180 * 86400


def test_so_does_signing_in_in_place(client, cast):
    answer = client.post("/sign-in/", {"name": "sara", "password": PASSWORD}, HTTP_X_IN_PLACE="1")

    assert (answer.status_code, COOKIE in answer.cookies) == (204, True)


def test_so_does_a_password_that_a_link_set(client, cast):
    answer = set_by_link(client, password_link(cast.sara), "zard-alu-1405-sard")

    assert COOKIE in answer.cookies


def test_a_wrong_password_leaves_none(client, cast):
    answer = client.post("/sign-in/", {"name": "sara", "password": "wrong"})

    assert COOKIE not in answer.cookies
    assert KnownDevice.objects.count() == 0


def test_what_is_stored_makes_no_browser_known(cast):
    (token,) = remember_device(person=cast.sara, tokens=[], by=cast.sara)
    stored = KnownDevice.objects.get().key

    assert token not in stored
    assert is_known(cast.sara, [token])
    assert not is_known(cast.sara, [stored, stored[:24]])


def test_a_browser_is_known_to_whom_it_let_in_and_to_nobody_else(cast):
    tokens = remember_device(person=cast.sara, tokens=[], by=cast.sara)

    assert is_known(cast.sara, tokens)
    assert not is_known(cast.mina, tokens)
    assert not is_known(None, tokens)


def test_one_browser_is_known_to_several_people(cast):
    tokens = remember_device(person=cast.sara, tokens=[], by=cast.sara)
    tokens = remember_device(person=cast.mina, tokens=tokens, by=cast.mina)

    assert is_known(cast.sara, tokens)
    assert is_known(cast.mina, tokens)
    assert len(tokens) == KnownDevice.objects.count() == 2


def test_who_signs_in_again_keeps_the_token(cast, clock):
    first = remember_device(person=cast.sara, tokens=[], by=cast.sara)
    clock.move(days=1)

    assert remember_device(person=cast.sara, tokens=first, by=cast.sara) == first
    assert KnownDevice.objects.get().used_at > database_now() - timedelta(hours=1)


def test_a_person_has_so_many_known_browsers_and_the_longest_unused_goes(cast, clock):
    browsers = []
    for _ in range(DEVICES_A_PERSON + 1):
        clock.move(minutes=1)
        browsers.append(remember_device(person=cast.sara, tokens=[], by=cast.sara))

    assert [is_known(cast.sara, tokens) for tokens in browsers] == [False] + [True] * DEVICES_A_PERSON


def test_a_cookie_holds_so_many_people_and_the_longest_unused_goes():
    people, tokens = [make_person() for _ in range(PEOPLE_A_BROWSER + 1)], []
    for person in people:
        tokens = remember_device(person=person, tokens=tokens, by=person)

    assert [is_known(person, tokens) for person in people] == [False] + [True] * PEOPLE_A_BROWSER


def test_a_browser_is_forgotten_when_nobody_has_signed_in_there_for_long(cast, clock, settings):
    tokens = remember_device(person=cast.sara, tokens=[], by=cast.sara)
    clock.move(days=179)
    assert (is_known(cast.sara, tokens), forget_old_devices()) == (True, 0)

    clock.move(days=2)

    assert not is_known(cast.sara, tokens)
    assert forget_old_devices() == 1


def test_nobody_makes_a_browser_known_for_somebody_else(cast):
    with pytest.raises(Forbidden):
        remember_device(person=cast.sara, tokens=[], by=cast.mina)
