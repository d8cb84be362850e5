"""The shape in which each app says who is told what, in which words; and what people and units tell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from ..enums import Channel, UnitVerb
from ..models import Membership, Person, Unit

# Events whose mail carries a link that sets the password; made when the mail is sent, never stored.
LINK_VERBS = frozenset({UnitVerb.INVITE, UnitVerb.ASK_FOR_RESET})


@dataclass(frozen=True)
class Message:
    """`words()` gives (subject, body) in the language active when it is called; `tell` calls it once a language."""

    people: Iterable[Person]
    words: Callable[[], tuple[str, str]]
    url: str = ""
    urgent: bool = False


def channels_of(person: Person) -> list[Channel]:
    """By which ways a message reaches the person."""
    return [Channel.PORTAL] + ([Channel.EMAIL] if person.email else [])


def _who(by: Person | None) -> str:
    return by.get_full_name() if by else _("The portal")


def membership_granted(membership: Membership, by: Person | None) -> list[Message]:
    """Nothing to somebody who is being invited: the invitation says it."""
    if by == membership.person or not membership.person.has_usable_password():
        return []

    def words():
        facts = {"by": _who(by), "role": membership.get_role_display(), "unit": membership.unit.name}
        return (
            _("You are now %(role)s of %(unit)s") % facts,
            _("%(by)s gave you the role of %(role)s in “%(unit)s”. What waits for you there is on your desk.") % facts,
        )

    return [Message([membership.person], words, url=reverse("reports:desk"))]


def membership_ended(membership: Membership, by: Person | None, reason: str) -> list[Message]:
    if by == membership.person:
        return []

    def words():
        facts = {"by": _who(by), "role": membership.get_role_display(), "unit": membership.unit.name}
        body = _("%(by)s ended your role of %(role)s in “%(unit)s”. What it allowed has ended with it.") % facts
        return (
            _("Your role of %(role)s in %(unit)s has ended") % facts,
            f"{body}\n{_('Reason')}: {reason}" if reason else body,
        )

    return [Message([membership.person], words, url=reverse("reports:desk"))]


def invited(person: Person, unit: Unit, by: Person | None) -> list[Message]:
    def words():
        facts = {"by": _who(by), "unit": unit.name, "name": person.username}
        return (
            _("You are invited to the performance portal, for %(unit)s") % facts,
            _(
                "%(by)s has opened an account for you in “%(unit)s”. Your user name is %(name)s; your national code works too."
            )
            % facts,
        )

    return [Message([person], words, url=reverse("reports:desk"), urgent=True)]


def reset_asked(person: Person) -> list[Message]:
    def words():
        return (
            _("Setting a new password"),
            _(
                "Somebody, probably you, asked for a new password for your account. If it was not you, do nothing: your password stays as it is."
            ),
        )

    return [Message([person], words, url=reverse("units:account"), urgent=True)]


def password_was_set(person: Person) -> list[Message]:
    def words():
        return (
            _("Your password was changed"),
            _(
                "The password of your account was changed and your other sessions have ended. If it was not you, tell an administrator at once."
            ),
        )

    return [Message([person], words, url=reverse("units:account"), urgent=True)]
