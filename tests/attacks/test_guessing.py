"""Guessing passwords, from one address or from everywhere, with or without the cookie of a known browser: who is kept out by it,
and how many guesses were looked at.
"""

from dataclasses import dataclass

import pytest
from django.core.signing import TimestampSigner, get_cookie_signer
from django.test import Client

from tests.factories import PASSWORD, make_person
from units.actions.devices import remember_device
from units.actions.sign_in import ADDRESS, DEVICE, NAME_ANYWHERE, NAME_HERE
from units.models import Person
from units.queries.devices import COOKIE, SALT

pytestmark = pytest.mark.django_db
OFFICE, HOME, AFAR = "10.1.1.1", "10.2.2.2", "10.6.6.6"
KEPT_OUT, LET_IN = 429, 302


def attempt(client: Client, name: str, password: str, address: str) -> int:
    return client.post("/sign-in/", {"name": name, "password": password}, REMOTE_ADDR=address).status_code


def known_browser(person: Person) -> Client:
    """A browser in which the person has signed in before; signed out since."""
    client = Client()
    assert attempt(client, person.username, PASSWORD, HOME) == LET_IN
    client.post("/sign-out/")
    return client


# ------------------------------------------------------------------------------- who is kept out by what others do
def one_address_many_people(address: str) -> None:
    for number in range(ADDRESS + 1):
        attempt(Client(), f"name{number}", "wrong", address)


def one_address_one_person(address: str) -> None:
    for _ in range(NAME_HERE + 1):
        attempt(Client(), "sara", "wrong", address)


def many_addresses_one_person(_address: str) -> None:
    for number in range(NAME_ANYWHERE + 1):
        attempt(Client(), "sara", "wrong", f"10.9.{number}.1")


@dataclass(frozen=True)
class Attack:
    """An attack from an address, and what becomes of Sara with the right password: in a known browser, in a new one, each at
    the office and at home."""

    guesses: object
    origin: str
    known: dict[str, int]
    new: dict[str, int]


FREE, CLOSED = {OFFICE: LET_IN, HOME: LET_IN}, {OFFICE: KEPT_OUT, HOME: KEPT_OUT}
ATTACKS = {
    "many people, from the office": Attack(
        one_address_many_people, OFFICE, known=FREE, new={OFFICE: KEPT_OUT, HOME: LET_IN}
    ),
    "many people, from afar": Attack(one_address_many_people, AFAR, known=FREE, new=FREE),
    "Sara, from the office": Attack(
        one_address_one_person, OFFICE, known=FREE, new={OFFICE: KEPT_OUT, HOME: LET_IN}
    ),
    "Sara, from afar": Attack(one_address_one_person, AFAR, known=FREE, new=FREE),
    "Sara, from everywhere": Attack(many_addresses_one_person, "", known=FREE, new=CLOSED),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("place", [OFFICE, HOME], ids=["at the office", "at home"])
def test_who_is_kept_out(cast, name, place):
    attack, known = ATTACKS[name], known_browser(cast.sara)

    attack.guesses(attack.origin)

    assert attempt(known, "sara", PASSWORD, place) == attack.known[place]
    assert attempt(Client(), "sara", PASSWORD, place) == attack.new[place]


def test_after_an_attack_on_many_the_whole_office_works_on(cast):
    people = [cast.sara, cast.reza, cast.mina, cast.omid]
    browsers = [known_browser(person) for person in people]

    one_address_many_people(OFFICE)

    assert [attempt(b, p.username, PASSWORD, OFFICE) for b, p in zip(browsers, people, strict=True)] == [LET_IN] * 4


# --------------------------------------------------------------------------------- cookies that are not theirs
def signed(value: str) -> str:
    return get_cookie_signer(salt=COOKIE + SALT).sign(value)


FORGED = {
    "no cookie": lambda token: "",
    "a token without our signature": lambda token: token,
    "a signature by another key": lambda token: TimestampSigner(key="guessed", salt=COOKIE + SALT).sign(token),
    "a signature for another cookie": lambda token: get_cookie_signer(salt="language").sign(token),
    "our signature under an invented token": lambda token: signed("A" * 24),
    "a token cut short": lambda token: signed(token)[1:],
    "thousands of tokens": lambda token: signed(".".join(["A" * 24] * 2000 + [token])),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_cookie_is_no_cookie(cast, name):
    (token,) = remember_device(person=cast.sara, tokens=[], by=cast.sara)
    client = Client()
    client.cookies[COOKIE] = FORGED[name](token)
    many_addresses_one_person("")

    assert attempt(client, "sara", PASSWORD, HOME) == KEPT_OUT


def test_the_real_cookie_is_one(cast):
    """Or the table above would pass with no cookie accepted at all."""
    (token,) = remember_device(person=cast.sara, tokens=[], by=cast.sara)
    client = Client()
    client.cookies[COOKIE] = signed(token)
    many_addresses_one_person("")

    assert attempt(client, "sara", PASSWORD, HOME) == LET_IN


def test_a_browser_known_to_the_attacker_is_not_known_to_the_victim(cast):
    attacker = known_browser(make_person("attacker"))

    looked_at = [attempt(attacker, "sara", "wrong", f"10.9.{n}.1") for n in range(NAME_ANYWHERE + 5)].count(400)

    assert looked_at == NAME_ANYWHERE


def test_a_stolen_cookie_is_worth_its_own_few_guesses_from_wherever(cast):
    thief, other = known_browser(cast.sara), known_browser(cast.sara)

    answers = [attempt(thief, "sara", "wrong", f"10.9.{n}.1") for n in range(DEVICE + 20)]

    assert answers.count(400) == DEVICE
    assert attempt(other, "sara", PASSWORD, HOME) == LET_IN
    assert attempt(Client(), "sara", PASSWORD, HOME) == LET_IN


def test_with_every_known_browser_of_a_person_stolen_guesses_stay_bounded(cast):
    browsers = [known_browser(cast.sara) for _ in range(15)]

    looked_at = [attempt(thief, "sara", "wrong", AFAR) for thief in browsers for _ in range(DEVICE + 1)].count(400)

    # Ten are kept; the five forgotten ones are strangers at one address.
    assert looked_at == 10 * DEVICE + NAME_HERE


def test_the_right_password_in_a_new_browser_gives_strangers_no_new_guesses(cast):
    for number in range(NAME_ANYWHERE - 1):
        attempt(Client(), "sara", "wrong", f"10.9.{number}.1")
    assert attempt(Client(), "sara", PASSWORD, HOME) == LET_IN

    looked_at = [attempt(Client(), "sara", "wrong", f"10.8.{n}.1") for n in range(10)].count(400)

    assert looked_at == 1


# ----------------------------------------------------------------------------------------------- nobody learns who exists
@pytest.mark.parametrize("tries", [1, NAME_HERE, NAME_HERE + 1])
def test_known_unknown_and_waiting_names_are_answered_in_the_same_words(cast, tries):
    waiting = make_person("waiting")
    Person.objects.filter(pk=waiting.pk).update(password="!")
    said = set()
    for number, name in enumerate(("sara", "nobody", "waiting")):
        address = f"10.7.{number}.1"
        for _ in range(tries):
            answer = Client().post("/sign-in/", {"name": name, "password": "wrong"}, REMOTE_ADDR=address)
        refusal = answer.context["refusal"]
        said.add((answer.status_code, str(refusal), refusal.advice))

    assert len(said) == 1


@pytest.mark.parametrize("password", ["wrong-wrong", "گذرواژه۱۲۳۴"])
def test_an_unknown_name_costs_as_many_hashes_as_a_known_one(cast, password, monkeypatch):
    from django.contrib.auth.hashers import MD5PasswordHasher

    encode, hashed = MD5PasswordHasher.encode, []
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *told: hashed.append(1) or encode(*told))
    counts = set()
    for name in ("sara", "nobody"):
        hashed.clear()
        assert attempt(Client(), name, password, HOME) == 400
        counts.add(len(hashed))

    assert len(counts) == 1
