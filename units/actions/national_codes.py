"""Whoever asks whether somebody has this national code is recorded; the code itself is nowhere in the record."""

from datetime import timedelta

from django.db import transaction

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.mobile import bare_number
from sajad_portal.lib.national_code import clean_national_code, hashes_of, keyed_hash, valid_national_code

from ..enums import UnitVerb
from ..models import Event, Person
from .events import record
from .throttle import count_attempt, throttle_key

NOBODY = "0"  # the key of an Event about an account that was not found
HOUR = timedelta(hours=1)


def record_search(*, words: str, by: Person) -> bool:
    """Part of looking for accounts: where the words are a whole national code, who asked and whom it found. Whether it was
    recorded: once an hour for a person and a code, so that the pages of one search are one. RuntimeError in a transaction."""
    code = clean_national_code(bare_number(words))
    if not valid_national_code(code):
        return False
    if not count_attempt(throttle_key("national-code", str(by.pk), code), 1, HOUR).allowed:
        return False
    with transaction.atomic():
        record_code(code=code, by=by, where="people")
    return True


def record_code(*, code: str, by: Person, where: str) -> Event:
    """Part of a verb that tells whether somebody has this code. `where`: in which search. The data holds a keyed hash."""
    found = Person.objects.filter(national_code_hash__in=hashes_of(code)).values_list("pk", flat=True).first()
    return record(
        UnitVerb.SEEK_NATIONAL_CODE, noun="person", key=found or NOBODY, at=database_now(), by=by,
        data={"code": keyed_hash(code), "where": where},
    )  # fmt: skip


def record_file(*, codes: int, rows: int, by: Person) -> Event:
    """Part of looking at a file of people: how many national codes it asked about."""
    return record(
        UnitVerb.SEEK_NATIONAL_CODE, noun="person", key=NOBODY, at=database_now(), by=by,
        data={"codes": codes, "rows": rows, "where": "file"},
    )  # fmt: skip
