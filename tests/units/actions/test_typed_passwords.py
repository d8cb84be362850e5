"""A password is tried as typed, then in its normal form: one try, about one password's time, and old hashes hold."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, check_password, make_password

from tests.factories import PASSWORD, make_person
from units.actions.people import set_password
from units.actions.sign_in import NAME_HERE
from units.models import Person, Throttle

pytestmark = pytest.mark.django_db
LATIN, PERSIAN = "anar-daneh-1405", "anar-daneh-۱۴۰۵"


def person_of(hashed: str) -> Person:
    """Somebody whose hash an earlier version stored: of what was typed."""
    person = make_person("zahra", "زهرا نوری")
    Person.objects.filter(pk=person.pk).update(password=hashed)
    return person


def sign_in(client, password: str, **headers):
    return client.post("/sign-in/", {"name": "zahra", "password": password}, **headers)


@pytest.fixture
def hashes(monkeypatch) -> list[str]:
    """What has been hashed since."""
    encode, hashed = MD5PasswordHasher.encode, []
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashed.append(password) or encode(self, password, salt),
    )
    return hashed


@pytest.mark.parametrize("typed", [PERSIAN, "anar-daneh-١٤٠٥", f" {LATIN} ", "anar\u200c-daneh-1405\u200c", LATIN])
def test_with_whatever_keyboard_it_is_typed(client, typed):
    person_of(make_password(LATIN))

    assert sign_in(client, typed).status_code == 302


@pytest.mark.parametrize("stored", [PERSIAN, f" {LATIN}", "كيك-زرد-آلو-1405"])
def test_an_old_hash_of_what_was_typed_holds_and_is_stored_anew(client, stored):
    person = person_of(make_password(stored))

    assert sign_in(client, stored).status_code == 302

    person.refresh_from_db()
    assert client.session["_auth_user_id"] == str(person.pk)
    assert not check_password(stored, person.password)
    assert person.check_password(stored)


def test_after_that_every_keyboard_writes_it(client):
    person_of(make_password(PERSIAN))
    assert sign_in(client, LATIN).status_code == 400
    assert sign_in(client, PERSIAN).status_code == 302

    client.logout()

    assert sign_in(client, LATIN).status_code == 302


def test_the_session_that_stored_it_anew_stays(client):
    person_of(make_password(PERSIAN))
    sign_in(client, PERSIAN)

    assert client.get("/account/").status_code == 200


def test_the_two_forms_are_one_try(client):
    person_of(make_password(LATIN))
    for _ in range(NAME_HERE):
        assert sign_in(client, "نادرست۱۲۳").status_code == 400

    assert sign_in(client, "نادرست۱۲۳").status_code == 429
    assert sorted(Throttle.objects.values_list("count", flat=True)) == [NAME_HERE, NAME_HERE, NAME_HERE + 1]


def test_who_types_plain_signs_pays_for_one_hash(client, hashes):
    person_of(make_password(LATIN))
    hashes.clear()

    sign_in(client, LATIN)

    assert hashes == [LATIN]


def test_who_types_persian_digits_pays_for_two(client, hashes):
    person_of(make_password(LATIN))
    hashes.clear()

    sign_in(client, PERSIAN)

    assert hashes == [PERSIAN, LATIN]


def test_a_wrong_password_of_persian_digits_costs_two_and_a_plain_one_one(client, hashes):
    person_of(make_password(LATIN))
    hashes.clear()
    sign_in(client, "wrong-1405")
    assert hashes == ["wrong-1405"]

    hashes.clear()
    sign_in(client, "wrong-۱۴۰۵")

    assert hashes == ["wrong-۱۴۰۵", "wrong-1405"]


def test_a_password_that_is_set_is_stored_in_its_normal_form(cast):
    set_password(person=cast.sara, password=f" {PERSIAN}", by=cast.sara)

    cast.sara.refresh_from_db()
    assert check_password(LATIN, cast.sara.password)


def test_a_password_changed_while_the_old_one_is_tried_is_not_overwritten(client, monkeypatch):
    person = person_of(make_password(PERSIAN))
    from units.actions import sign_in as module

    changed = make_password("another-one-1405")

    def change_first(normal: str) -> str:
        Person.objects.filter(pk=person.pk).update(password=changed)
        return make_password(normal)

    monkeypatch.setattr(module, "make_password", change_first)

    sign_in(client, PERSIAN)

    person.refresh_from_db()
    assert person.password == changed
    assert client.get("/account/").status_code == 302


def test_the_present_password_may_be_typed_in_any_form_too(client_for, cast):
    Person.objects.filter(pk=cast.sara.pk).update(password=make_password(PASSWORD))
    cast.sara.refresh_from_db()

    answer = client_for(cast.sara).post(
        "/account/password/",
        {"current": PASSWORD.replace("1405", "۱۴۰۵"), "new": f"{LATIN} ", "again": PERSIAN},
    )

    assert answer.status_code == 302
