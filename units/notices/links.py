"""Links that let a person set a password: valid for PASSWORD_RESET_TIMEOUT, once, and not after the password has changed."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from ..models import Person


def password_link(person: Person) -> str:
    """A fresh link, absolute. Made when it is shown or mailed and stored nowhere: a copy of the database opens no account."""
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    path = reverse("units:password_set", args=[uid, default_token_generator.make_token(person)])
    return f"{settings.SITE_URL}{path}"


def person_of_link(uid: str, token: str) -> Person | None:
    """Whose link it is; None for a wrong, used or expired one, and for a closed account."""
    try:
        key = int(urlsafe_base64_decode(uid).decode())
    except (ValueError, OverflowError):
        return None
    person = Person.objects.filter(pk=key, is_active=True).first() if key < 2**63 else None
    return person if person and default_token_generator.check_token(person, token) else None
