"""The shape in which each app says who is told what, in which words; and what people and units tell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import tehran_date
from sajad_portal.lib.deadlines import until
from sajad_portal.lib.jalali import format_date

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


def seat_offered(
    membership: Membership, by: Person | None, people: Iterable[Person], invited: bool, named: bool
) -> list[Message]:
    """To the person, unless they are `invited` (the invitation says it), and to the people of the unit; these hear the name
    where they may know the person (`named`), else when the seat is accepted."""

    def words():
        facts = _facts(membership, by)
        return (
            _("You are offered a seat: %(role)s of %(unit)s") % facts,
            _(
                "%(by)s offers you the role of %(role)s in “%(unit)s”. It gives you no right before you accept it, on your desk or in your account."
            )
            % facts,
        )

    def theirs():
        facts = _facts(membership, by, named)
        return (
            _("%(person)s is offered the seat of %(role)s in %(unit)s") % facts,
            _(
                "%(by)s offers it. It takes effect when %(person)s accepts. If it should not be, tell %(by)s or a coordinator."
            )
            % facts,
        )

    person = [] if invited else [membership.person]
    return [
        Message(person, words, url=reverse("reports:desk"), urgent=True),
        Message(_others(people, membership, by), theirs, url=_of_unit(membership)),
    ]


def consent_asked(membership: Membership, people: Iterable[Person]) -> Message:
    """To whoever may consent to a seat that needs a second person."""

    def words():
        facts = _facts(membership, membership.granted_by)
        return (
            _("Your consent is asked: %(person)s as %(role)s of %(unit)s") % facts,
            _("%(by)s offers this seat. It takes effect only with a second person’s consent; answer on your desk.")
            % facts,
        )

    return Message(list(people), words, url=reverse("reports:desk"), urgent=True)


def seat_consented(membership: Membership, by: Person, others: Iterable[Person]) -> list[Message]:
    """To the person, who can accept now, and to others who may know of it."""

    def words():
        facts = _facts(membership, by)
        return (
            _("%(by)s consented to the seat of %(role)s in %(unit)s") % facts,
            _("The seat takes effect when %(person)s accepts it.") % facts,
        )

    return [Message([membership.person, *others], words, url=reverse("reports:desk"))]


def seat_accepted(membership: Membership, people: Iterable[Person]) -> list[Message]:
    """To who gave it and to the people of the unit."""

    def words():
        facts = _facts(membership, membership.granted_by)
        return (
            _("%(person)s is now %(role)s of %(unit)s") % facts,
            _("%(by)s gave the seat and %(person)s accepted it.") % facts,
        )

    return [Message(_others([*_giver(membership), *people], membership), words, url=_of_unit(membership))]


def seat_ended(
    membership: Membership, verb: UnitVerb, by: Person | None, reason: str, people: Iterable[Person], named: bool
) -> list[Message]:
    """Declined, left or taken: to its person where another did it, to the people of the unit, and to who gave it; these hear
    only that an offer is over where they may not know the person (`named`)."""

    def words():
        facts = _facts(membership, by)
        if verb == UnitVerb.REFUSE:
            return _(
                "The seat of %(role)s in %(unit)s that was offered to you was refused by a second person"
            ) % facts, ""
        body = _("%(by)s ended your role of %(role)s in “%(unit)s”. What it allowed has ended with it.") % facts
        return _("Your role of %(role)s in %(unit)s has ended") % facts, _with_reason(body, reason)

    def theirs():
        facts = _facts(membership, by)
        if not named:
            return _("An offer of the seat of %(role)s in %(unit)s is over; it was not accepted") % facts, ""
        if verb == UnitVerb.REFUSE:
            return _("%(by)s refused the seat of %(person)s as %(role)s in %(unit)s") % facts, ""
        if verb == UnitVerb.DECLINE:
            return _("%(person)s declined the seat of %(role)s in %(unit)s") % facts, ""
        if verb == UnitVerb.LEAVE:
            said = _("%(person)s left the seat of %(role)s in %(unit)s") % facts
            return said, _with_reason(_("What it allowed has ended with it."), reason)
        said = _("The seat of %(person)s as %(role)s in %(unit)s was ended") % facts
        return said, _with_reason(_("%(by)s ended it. What it allowed has ended with it.") % facts, reason)

    person = [] if by == membership.person else [membership.person]
    giver = _giver(membership) if verb != UnitVerb.END else []
    return [
        Message(person, words, url=reverse("reports:desk")),
        Message(_others([*giver, *people], membership, by), theirs, url=_of_unit(membership)),
    ]


def seat_dates_changed(membership: Membership, by: Person, reason: str, people: Iterable[Person]) -> list[Message]:
    """To its person and to the people of the unit."""

    def dates() -> str:
        start, end = format_date(tehran_date(membership.starts_at)), membership.ends_at
        if end is None:
            return _("It holds from %(start)s until somebody ends it.") % {"start": start}
        return _("It holds from %(start)s until %(end)s.") % {"start": start, "end": until(end)}

    def words():
        said = _("The dates of your seat as %(role)s of %(unit)s were changed") % _facts(membership, by)
        return said, _with_reason(dates(), reason)

    def theirs():
        said = _("The dates of the seat of %(person)s as %(role)s in %(unit)s were changed") % _facts(membership, by)
        return said, _with_reason(dates(), reason)

    return [
        Message([membership.person], words, url=reverse("units:account")),
        Message(_others(people, membership, by), theirs, url=_of_unit(membership)),
    ]


def seat_reminded(membership: Membership, by: Person) -> list[Message]:
    """To the person alone: the offer still waits."""
    return [seat_offered(membership, by, [], invited=False, named=True)[0]]


def _facts(membership: Membership, by: Person | None, named: bool = True) -> dict[str, str]:
    return {
        "by": _who(by),
        "person": membership.person.get_full_name() if named else _("Somebody"),
        "role": membership.title,
        "unit": membership.unit.name,
    }


def _others(people: Iterable[Person], membership: Membership, by: Person | None = None) -> list[Person]:
    return [person for person in people if person not in (membership.person, by)]


def _giver(membership: Membership) -> list[Person]:
    return [membership.granted_by] if membership.granted_by else []


def _of_unit(membership: Membership) -> str:
    return reverse("units:unit", args=[membership.unit.code])


def _with_reason(body: str, reason: str) -> str:
    return f"{body}\n{_('Reason')}: {reason}" if reason else body


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
