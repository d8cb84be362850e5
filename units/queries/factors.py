"""The second factors of a person, as allauth stores them: an app's secret, security keys, recovery codes."""

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from ..models import FactorReset, Person

APP, KEY, CODES = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES
# Recovery codes stand in for one of these and are none by themselves.
SECOND = (APP, KEY)
# What stands under FIELD_KEY in the data of each kind.
SECRETS = {APP: "secret", CODES: "seed"}


def factors_of(person: Person) -> list[Authenticator]:
    """All that is stored, the oldest first."""
    return list(Authenticator.objects.filter(user=person).order_by("pk"))


def has_factor(person: Person) -> bool:
    return Authenticator.objects.filter(user=person, type__in=SECOND).exists()


def codes_left(factors: list[Authenticator]) -> int | None:
    """How many recovery codes are unused; None where none were made."""
    return next((len(factor.wrap().get_unused_codes()) for factor in factors if factor.type == CODES), None)


def open_reset_of(person: Person) -> FactorReset | None:
    found = FactorReset.objects.filter(person=person, ended_at__isnull=True)
    return found.select_related("person", "proposed_by").first()


def administrators_without(person: Person) -> list[Person]:
    """Administrators other than the person."""
    return list(Person.objects.filter(is_superuser=True, is_active=True).exclude(pk=person.pk).order_by("pk"))


def with_secret() -> QuerySet[Authenticator]:
    """Rows of which something stands under FIELD_KEY."""
    return Authenticator.objects.filter(type__in=list(SECRETS))
