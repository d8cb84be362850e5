"""What people are told about their second factor, and administrators about a lost one."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from ..models import Person
from . import Message


def factor_was_added(person: Person, name: str) -> list[Message]:
    def words():
        said = _("From now on signing in asks for it: %(name)s. If that was not you, tell an administrator at once.")
        return _("A second factor was set up for your account"), said % {"name": name}

    return [Message([person], words, url=reverse("units:factors"), urgent=True)]


def factor_was_removed(person: Person, name: str) -> list[Message]:
    def words():
        said = _("Signing in no longer asks for it: %(name)s. If that was not you, tell an administrator at once.")
        return _("A second factor of your account was removed"), said % {"name": name}

    return [Message([person], words, url=reverse("units:factors"), urgent=True)]


def codes_were_renewed(person: Person) -> list[Message]:
    def words():
        said = _("The former ones no longer work. If that was not you, tell an administrator at once.")
        return _("New recovery codes were made for your account"), said

    return [Message([person], words, url=reverse("units:factors"), urgent=True)]


def code_was_used(person: Person, left: int) -> list[Message]:
    def words():
        said = _("That code is used up; %(left)s are left. If that was not you, tell an administrator at once.")
        return _("Somebody signed in to your account with a recovery code"), said % {"left": left}

    return [Message([person], words, url=reverse("units:factors"), urgent=True)]


def factor_was_closed(person: Person) -> list[Message]:
    def words():
        said = _(
            "Somebody gave your password and then wrong codes several times. If that was not you, change your password now."
        )
        return _("Wrong codes were given for your account"), said

    return [Message([person], words, url=reverse("units:password_change"), urgent=True)]


def reset_was_proposed(person: Person, by: Person, administrators: Iterable[Person]) -> list[Message]:
    """To the other administrators, and to the person: whoever did not lose anything should hear of it."""

    def to_confirm():
        facts = {"person": person.get_full_name(), "by": by.get_full_name()}
        said = _(
            "%(by)s proposes it. Make sure by telephone or in person that it is lost, then confirm or take it back."
        )
        return _("The second factor of %(person)s is to be removed") % facts, said % facts

    def to_the_person():
        said = _(
            "%(by)s proposes it because it is lost. If you have not asked for that, tell another administrator at once."
        )
        return _("Your second factor is to be removed"), said % {"by": by.get_full_name()}

    return [
        Message([person], to_the_person, url=reverse("units:factors"), urgent=True),
        Message(administrators, to_confirm, url=reverse("units:person", args=[person.pk]), urgent=True),
    ]


def factor_was_reset(person: Person, proposed_by: Person, confirmed_by: Person) -> list[Message]:
    def words():
        facts = {"one": proposed_by.get_full_name(), "other": confirmed_by.get_full_name()}
        said = _(
            "%(one)s proposed it and %(other)s confirmed it. You are signed out everywhere; sign in with your password and set up a new one."
        )
        return _("Your second factor was removed"), said % facts

    return [Message([person], words, url=reverse("units:factors"), urgent=True)]
