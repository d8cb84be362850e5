"""Bringing what is stored under an earlier FIELD_KEY under the present one. No Event: nobody has another code than before."""

from dataclasses import dataclass, field

from allauth.mfa.models import Authenticator
from django.db import transaction

from sajad_portal.lib.national_code import can_be_read, decrypt, encrypt, is_of_key, keyed_hash

from ..models import Person
from ..queries.factors import SECRETS, with_secret
from ..queries.field_keys import found_twice, is_under_key, with_code


@dataclass
class Rotation:
    """What one portion, or all of them, came to. `unread`: whose code no key reads; `twice`: who has the code of somebody else."""

    changed: int = 0
    kept: int = 0
    unread: list[int] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    last: int = 0

    def __iadd__(self, other: "Rotation") -> "Rotation":
        self.changed += other.changed
        self.kept += other.kept
        self.unread += other.unread
        self.twice += other.twice
        self.last = other.last
        return self


@transaction.atomic
def rotate_field_key(*, after: int, portion: int) -> Rotation | None:
    """Ciphertext and look-up hash of the next people beyond the id `after`, together or not at all; None where there are no more.

    Whoever is under the present key already is left as is, so that it may be run twice, or again after it was stopped.
    """
    people = list(with_code().filter(pk__gt=after).order_by("pk").select_for_update()[:portion])
    if not people:
        return None
    done, changed = Rotation(last=people[-1].pk), []
    for person in people:
        code = person.national_code
        if not code:
            done.unread.append(person.pk)
        elif is_under_key(person):
            done.kept += 1
        elif found_twice(person, code):
            done.twice.append(person.pk)
        else:
            person.national_code_cipher, person.national_code_hash = encrypt(code), keyed_hash(code)
            changed.append(person)
    Person.objects.bulk_update(changed, ["national_code_cipher", "national_code_hash"])
    done.changed = len(changed)
    return done


@transaction.atomic
def rotate_factors(*, after: int, portion: int) -> Rotation | None:
    """The same for the secrets of second factors beyond the id `after`; `unread` and `last` are the factors' ids."""
    factors = list(with_secret().filter(pk__gt=after).order_by("pk").select_for_update()[:portion])
    if not factors:
        return None
    done, changed = Rotation(last=factors[-1].pk), []
    for factor in factors:
        field = SECRETS[Authenticator.Type(factor.type)]
        stored = factor.data[field]
        if is_of_key(stored):
            done.kept += 1
        elif not can_be_read(stored):
            done.unread.append(factor.pk)
        else:
            factor.data[field] = encrypt(decrypt(stored))
            changed.append(factor)
    Authenticator.objects.bulk_update(changed, ["data"])
    done.changed = len(changed)
    return done
