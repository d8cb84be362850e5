"""What people are told when an administrator did something about their account."""

from django.urls import reverse
from django.utils.translation import gettext as _

from ..models import Person
from . import Message

FIELDS = {"first_name": "name", "last_name": "name", "mobile": "mobile", "email": "email"}


def account_was_corrected(person: Person, changed: list[str]) -> list[Message]:
    """Which fields; their values stand on the page of the account."""

    def words():
        named = {"name": _("name"), "mobile": _("mobile"), "email": _("e-mail")}
        fields = dict.fromkeys(named[FIELDS[field]] for field in changed)
        said = _("An administrator corrected: %(fields)s. If that is not right, tell an administrator.")
        return _("Your account was corrected"), said % {"fields": _(", ").join(fields)}

    return [Message([person], words, url=reverse("units:account"), urgent=True)]


def account_was_reopened(person: Person) -> list[Message]:
    def words():
        said = _("You can sign in again with your password; what your seats allow holds again.")
        return _("Your account is open again"), said

    return [Message([person], words, url=reverse("units:account"), urgent=True)]


def sessions_were_ended(person: Person) -> list[Message]:
    def words():
        said = _(
            "An administrator signed you out everywhere. Sign in again with your password; nothing else has changed."
        )
        return _("Your sessions were ended"), said

    return [Message([person], words, url=reverse("units:sessions"))]
