"""What is stored under FIELD_KEY, and whether it can be read."""

from django.db.models import Q

from sajad_portal.lib.national_code import can_be_read, is_of_key, keyed_hash

from ..models import Person

SAMPLE = 3  # of the oldest and of the newest: after a restore all of them are of one key


def with_code():
    return Person.objects.exclude(national_code_cipher="")


def wrong_field_key() -> str:
    """A sentence where FIELD_KEY and its fallbacks read nothing of what is stored; "" where they do, or nothing is stored."""
    stored = with_code().order_by("pk").values_list("national_code_cipher", flat=True)
    found = [*stored[:SAMPLE], *stored.reverse()[:SAMPLE]]
    if not found or any(can_be_read(cipher) for cipher in found):
        return ""
    return (
        "FIELD_KEY is not the key under which the national codes of this database are stored: put the right one into the "
        "environment (after a restore, the one of the portal that was backed up), or the earlier one into FIELD_KEY_FALLBACKS."
    )


def is_under_key(person: Person) -> bool:
    """Whether ciphertext and look-up hash are FIELD_KEY's own."""
    if not is_of_key(person.national_code_cipher):
        return False
    return person.national_code_hash == keyed_hash(person.national_code)


def found_twice(person: Person, code: str) -> Person | None:
    """Somebody else who has this code under FIELD_KEY already."""
    return Person.objects.filter(~Q(pk=person.pk), national_code_hash=keyed_hash(code)).first()
