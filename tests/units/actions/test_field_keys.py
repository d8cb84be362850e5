"""FIELD_KEY is changed: codes are read and found under both keys until all of them are under the new one."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.national_code import encrypt, hashes_of, is_of_key, keyed_hash
from tests.factories import make_person
from units.actions.devices import remember_device
from units.actions.field_keys import rotate_field_key
from units.actions.people import NewPerson, create_person, find_person
from units.models import Person
from units.queries import person_named
from units.queries.accounts import accounts_matching
from units.queries.devices import known_device
from units.queries.field_keys import wrong_field_key

pytestmark = pytest.mark.django_db

CODES = ["0012345679", "0499370899", "0084575948", "1234567891"]
OLD, NEW = "the-old-key-0123456789-abcdefghijklmnop", "the-new-key-0123456789-abcdefghijklmnop"


@pytest.fixture
def people(settings) -> list[Person]:
    """Stored under the old key; the new one is in force, and the old one beside it."""
    settings.FIELD_KEY, settings.FIELD_KEY_FALLBACKS = OLD, []
    found = []
    for number, code in enumerate(CODES):
        person = make_person(username=f"with-code-{number}")
        person.national_code_cipher, person.national_code_hash = encrypt(code), keyed_hash(code)
        person.save()
        found.append(person)
    settings.FIELD_KEY, settings.FIELD_KEY_FALLBACKS = NEW, [OLD]
    return found


def stored() -> list[tuple[str, str]]:
    return list(
        Person.objects.exclude(national_code_cipher="").order_by("pk").values_list("national_code_cipher", "national_code_hash")
    )  # fmt: skip


def test_meanwhile_codes_are_read_found_and_given_to_nobody_else(people, settings):
    assert [person.national_code for person in people] == CODES
    assert person_named(CODES[0]) == people[0]
    assert find_person(national_code=CODES[1]) == people[1]
    assert list(accounts_matching(Person.objects.all(), "۰۰۸۴۵۷۵۹۴۸")) == [people[2]]
    with pytest.raises(Refused):
        create_person(new=NewPerson(username="twin", first_name="A", last_name="B", national_code=CODES[0]), by=None)


def test_the_command_brings_all_under_the_new_key_and_the_old_one_may_go(people, settings, capsys):
    call_command("rotatefieldkey", portion=3)
    settings.FIELD_KEY_FALLBACKS = []

    assert "4 national codes brought under FIELD_KEY, 0 were" in capsys.readouterr().out
    assert [
        person.national_code for person in Person.objects.filter(pk__in=[p.pk for p in people]).order_by("pk")
    ] == CODES
    assert [person_named(code) for code in CODES] == people
    assert [row[1] for row in stored()] == [keyed_hash(code) for code in CODES]


def test_run_again_it_changes_nothing(people, capsys):
    call_command("rotatefieldkey")
    before = stored()
    call_command("rotatefieldkey")

    assert stored() == before
    assert "0 national codes brought under FIELD_KEY, 4 were" in capsys.readouterr().out


def test_stopped_in_the_middle_it_goes_on(people):
    done = rotate_field_key(after=0, portion=2)

    assert (done.changed, done.last) == (2, people[1].pk)
    assert [is_of_key(cipher) for cipher, _hash in stored()] == [True, True, False, False]
    assert [person_named(code) for code in CODES] == people, "each by the key that it is under"
    call_command("rotatefieldkey")
    assert [is_of_key(cipher) for cipher, _hash in stored()] == [True] * 4


@pytest.mark.django_db(transaction=True)
def test_a_portion_that_fails_leaves_both_ciphertext_and_hash_as_they_were(people):
    before = stored()

    def fail_late(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith("UPDATE"):
            raise DatabaseError("the server went away")
        return result

    with connection.execute_wrapper(fail_late), pytest.raises(DatabaseError):
        rotate_field_key(after=0, portion=10)

    assert stored() == before


def test_a_code_that_no_key_reads_is_named_and_the_others_are_done(people, settings):
    lost = people[0]
    settings.FIELD_KEY = "a-key-that-nobody-knows-any-more-012345"
    Person.objects.filter(pk=lost.pk).update(national_code_cipher=encrypt(CODES[0]))
    settings.FIELD_KEY = NEW

    with pytest.raises(CommandError, match=f"1 cannot be read .* people {lost.pk}\\."):
        call_command("rotatefieldkey")
    assert [is_of_key(cipher) for cipher, _hash in stored()] == [False, True, True, True]


def test_one_code_twice_is_left_to_a_person_to_decide(people):
    twin = make_person(username="twin")
    Person.objects.filter(pk=twin.pk).update(
        national_code_cipher=encrypt(CODES[0]), national_code_hash=keyed_hash(CODES[0])
    )

    with pytest.raises(CommandError, match=f"1 stand for somebody .* people {people[0].pk}\\."):
        call_command("rotatefieldkey")


def test_a_browser_stays_known_and_is_kept_under_the_new_key_from_its_next_sign_in_on(people, settings):
    settings.FIELD_KEY = OLD
    tokens = remember_device(person=people[0], tokens=[], by=people[0])
    settings.FIELD_KEY = NEW

    assert known_device(people[0], tokens, database_now()) is not None
    assert remember_device(person=people[0], tokens=tokens, by=people[0]) == tokens
    settings.FIELD_KEY_FALLBACKS = []
    assert known_device(people[0], tokens, database_now()) is not None


def test_a_key_that_reads_nothing_of_what_is_stored_is_said_to_be_wrong(people, settings, caplog):
    assert wrong_field_key() == ""
    settings.FIELD_KEY_FALLBACKS = []

    assert "is not the key under which" in wrong_field_key()
    assert people[0].national_code == ""
    assert "cannot be read" in caplog.text
    Person.objects.all().update(national_code_cipher="", national_code_hash=None)
    assert wrong_field_key() == "", "an empty portal has no key that is wrong"


def test_the_present_key_is_asked_first(settings):
    settings.FIELD_KEY, settings.FIELD_KEY_FALLBACKS = NEW, [OLD]

    assert hashes_of("x") == [keyed_hash("x", NEW), keyed_hash("x", OLD)]
