"""People and their accounts."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sajad_portal.lib import national_code as secrets
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.codes import new_code
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.mobile import bare_number, mobile_number
from sajad_portal.lib.passwords import normal_password
from sajad_portal.lib.text import latin_digits, normalise

from .. import notices
from ..enums import UnitVerb
from ..models import Membership, Person, Unit
from ..notices.links import password_link
from ..queries import known_people, person_named
from ..rules import can_confirm_person, can_grant, can_open_account, can_see_to_seat, granting_membership
from .events import record, tell
from .memberships import accept_first_seat, grant_membership
from .national_codes import record_code
from .offering import ask_for_consent, locked_seat, next_link, record_seat, require_state
from .sessions import end_rows

USERNAME = re.compile(r"^(?=.*[a-z])[a-z0-9](?:[a-z0-9._-]{1,58})[a-z0-9]$")
# Words of letters and marks (ZWNJ within), joined by a space, a hyphen or an apostrophe; a dot only ends a word, so that
# no address is made.
NAME = re.compile(
    r"^(?:[^\W\d_]|[\u0300-\u036f\u064b-\u0655\u0670\u200c])+\.?(?:[ \-'’]+(?:[^\W\d_]|[\u0300-\u036f\u064b-\u0655\u0670\u200c])+\.?)*$"
)
# What mail programs make a link of: a name that ends like a domain, or begins like an address.
ADDRESS = re.compile(
    r"^(?:www|https?|ftp|mailto)[._:-]|@|/|\.(?:[a-z]{2}|com|net|org|info|biz|gov|edu|mil|int|app|dev|xyz|top|site|online|store"
    r"|shop|club|link|click|live|news|info|name|pro|tech|cloud|host|page|website|space|work|world|agency|support|email|mobi"
    r"|bank|finance|example|test|local|internal|onion|icu|vip|bid|win|loan|zip|mov|asia|press|today|digital|center|academy)$"
)
MOST_WORDS = 4


@dataclass(frozen=True)
class NewPerson:
    """What is known of somebody who gets an account. One of `username` and `national_code` is enough to find them."""

    username: str = ""
    national_code: str = ""
    first_name: str = ""
    last_name: str = ""
    mobile: str = ""
    email: str = ""
    language: str = "fa"


@dataclass(frozen=True)
class Invitation:
    """`link` is set where nobody can be mailed: it is shown to the inviter once, and stored nowhere. Of a person who is not
    `known` to the inviter nothing is said."""

    person: Person
    membership: Membership
    created: bool
    link: str = ""
    known: bool = True


def find_person(username: str = "", national_code: str = "") -> Person | None:
    """The account with this national code, else with this user name (upper or lower case). Raises Refused on a bad code."""
    if national_code.strip():
        return Person.objects.filter(
            national_code_hash__in=secrets.hashes_of(checked_national_code(national_code))
        ).first()
    name = latin_digits(normalise(username))
    return Person.objects.filter(username__iexact=name).first() if name else None


def checked_national_code(typed: str) -> str:
    code = secrets.clean_national_code(normalise(typed))
    if not (code.isascii() and code.isdigit() and len(code) == 10):
        raise Refused(_("A national code has ten digits. Check what you typed."), code="national-code-length")
    if not secrets.valid_national_code(code):
        raise Refused(
            _("The control digit of this national code does not fit; two digits may have changed places."),
            code="national-code-control",
        )
    return code


def checked_mobile(typed: str) -> str:
    """`09…` with eleven digits; empty stays empty. Raises Refused."""
    if not bare_number(typed):
        return ""
    if not (number := mobile_number(typed)):
        raise Refused(_("Write the mobile number as 09123456789."), code="bad-mobile")
    return number


def checked_name(typed: str) -> str:
    """A first or last name as it stands in results and mails. Raises Refused for what is no name: an address, a sentence."""
    name = normalise(typed)
    if len(name) > 60 or not NAME.match(name) or len(name.split()) > 6:
        raise Refused(
            _(
                "A name has letters, spaces, hyphens, apostrophes and dots after a letter, at most 60 of them; no digits, links or other signs."
            ),
            code="bad-name",
        )
    return name


def checked_username(typed: str) -> str:
    name = latin_digits(normalise(typed)).lower()
    if ADDRESS.search(name) or len(re.split(r"[._-]+", name)) > MOST_WORDS:
        said = _(
            "A user name is no address and no sentence: at most four words, and nothing that a mail would make a link of, such as .com or www. Write s-mohammadi, for example."
        )
        raise Refused(said, code="bad-username")
    if not USERNAME.match(name):
        raise Refused(
            _(
                "A user name has 3 to 60 Latin letters, digits, dots, dashes or underscores, with at least one letter; for example s.mohammadi."
            ),
            code="bad-username",
        )
    return name


@transaction.atomic
def create_person(*, new: NewPerson, by: Person | None, password: str = "", superuser: bool = False) -> Person:
    """An account without any right. Without a `password` nobody can sign in with it until a link sets one.

    `by=None` is the portal itself (a command). Raises Refused on a bad or taken user name, national code or mobile,
    ValidationError on a weak password.
    """
    code = checked_national_code(new.national_code) if new.national_code.strip() else ""
    username = checked_username(new.username) if new.username.strip() else f"p-{new_code(groups=2).lower()}"
    if not (normalise(new.first_name) and normalise(new.last_name)):
        raise Refused(_("Write the first name and the last name: results carry them."), code="no-name")
    at = database_now()
    person = Person(
        username=username, first_name=checked_name(new.first_name), last_name=checked_name(new.last_name), mobile=checked_mobile(new.mobile),
        email=new.email.strip(), language=new.language, created_at=at, is_superuser=superuser, is_staff=superuser,
        national_code_cipher=secrets.encrypt(code) if code else "",
        national_code_hash=secrets.keyed_hash(code) if code else None,
    )  # fmt: skip
    if password:
        validate_password(normal_password(password), person)
        person.set_password(password)
    else:
        person.set_unusable_password()
    if Person.objects.filter(username__iexact=username).exists():
        raise Refused(_("The user name “%(name)s” is taken. Choose another.") % {"name": username}, code="name-taken")
    taken = _("There is already an account with this user name or national code.")
    # While the key is changed, somebody with this code may still stand under the earlier one, where no constraint looks.
    if code and Person.objects.filter(national_code_hash__in=secrets.hashes_of(code)).exists():
        raise Refused(taken, code="taken")
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        raise Refused(taken, code="taken") from error
    record(
        UnitVerb.CREATE, noun="person", key=person.pk, at=at, by=by, data={"username": username, "superuser": superuser}
    )
    return person


@transaction.atomic
def invite_person(
    *,
    unit: Unit,
    role: str,
    new: NewPerson,
    by: Person,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Invitation:
    """Offer somebody a role on the unit, with an account if they have none. An existing account is left as it is: it gets a
    seat to accept, and no link, because a link opens every seat of it (`renew_invitation` asks about each).

    A new person with an e-mail gets the link by mail; without one the link comes back, to be handed over in person.
    Somebody whom the inviter may not know gives one answer, whatever their account is, also a second time. Raises Forbidden, and Refused as `create_person` and `grant_membership` do.
    """
    at = database_now()
    if not can_grant(by, unit, role, at):
        raise Forbidden(_("You cannot give this role on this unit."), code="may-not-grant")
    if not (new.username.strip() or new.national_code.strip()):
        raise Refused(_("Write a user name or a national code, so that the person can be found."), code="nobody-named")
    person = find_person(new.username, new.national_code)
    if new.national_code.strip():
        record_code(code=checked_national_code(new.national_code), by=by, where="invitation")
    created = person is None
    if person is None:
        person = create_person(new=new, by=by)
    known = created or person.pk == by.pk or bool(known_people(by, [person.pk], at))
    seat: dict[str, Any] = {
        "unit": unit,
        "person": person,
        "role": role,
        "by": by,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    if not known:
        return Invitation(person, _offer_to_unknown(**seat), False, known=False)
    membership = grant_membership(**seat, invited=created)
    return Invitation(person, membership, created, _invite(person, membership, by, at) if created else "")


def _offer_to_unknown(*, unit: Unit, person: Person, role: str, **seat: Any) -> Membership:
    """The same for every account: a closed one is offered the seat too, and an offer that waits stays as it is."""
    try:
        return grant_membership(unit=unit, person=person, role=role, unknown=True, **seat)
    except Refused as refused:
        if refused.code != "already-offered":
            raise
    waits = Membership.objects.offered_at(database_now()).filter(unit=unit, person=person, role=role, deputy_for=None)
    return waits.latest("pk")


@transaction.atomic
def send_again(*, membership: Membership, by: Person) -> str:
    """Tell the person again of a seat that waits, with a fresh link where they have no password and `by` may open the account;
    returns the link where there is no e-mail. Whoever must consent is told again too.

    Raises Forbidden to who may not give the seat, Refused where it does not wait.
    """
    seat = locked_seat(membership)
    at = database_now()
    if by.pk == seat.person_id or not can_see_to_seat(by, seat, at):
        raise Forbidden(_("An invitation is sent again by whoever may give the seat."), code="may-not-grant")
    require_state(seat, UnitVerb.REMIND, at)
    if not seat.person.has_usable_password() and can_open_account(by, seat.person, at):
        return _invite(seat.person, seat, by, at)
    event = record_seat(UnitVerb.REMIND, seat, by, at)
    waiting = [] if seat.consented_at else ask_for_consent(seat, at)
    tell(event, [*waiting, *notices.seat_reminded(seat, by)])
    return ""


@transaction.atomic
def renew_invitation(*, membership: Membership, by: Person) -> str:
    """Send the link again, for this seat; returns it where there is no e-mail. Raises Forbidden.

    For somebody who never set a password; an administrator may do it for anybody who lost theirs.
    """
    # No seat is given to them meanwhile.
    person = Person.objects.select_for_update(no_key=True).get(pk=membership.person_id)
    at = database_now()
    if not can_open_account(by, person, at):
        raise Forbidden(
            _(
                "This person has a password of their own. They can reset it by e-mail, or an administrator can hand them a link."
            ),
            code="has-password",
        )
    return _invite(person, membership, by, at)


def _invite(person: Person, membership: Membership, by: Person, at: datetime) -> str:
    """Mail the link, or return it where there is no e-mail. Its event names the seat that the mailed link accepts: none where
    a password is in use already, for then it is a reset.
    """
    unit, number = membership.unit, next_link(person)
    seat = None if person.has_usable_password() else membership.pk
    event = record(
        UnitVerb.INVITE, noun="person", key=person.pk, at=at, by=by, membership=granting_membership(by, unit, at),
        path=unit.path, unit_id=unit.pk, data={"by_mail": bool(person.email), "seat": seat, "link": number},
    )  # fmt: skip
    tell(event, notices.invited(person, unit, by))
    return "" if person.email else password_link(person, seat)


@transaction.atomic
def confirm_person(*, person: Person, by: Person) -> Person:
    """An administrator vouches that this is a person of their own: from now on they can be a second person to who opened
    their account. Raises Forbidden; Refused where nothing is to confirm.
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not by.is_superuser or by.pk == person.pk:
        raise Forbidden(_("An administrator confirms a person, and nobody themselves."), code="may-not-confirm")
    if not can_confirm_person(by, person):
        raise Refused(_("There is nothing to confirm: nobody else opened this account."), code="nothing-to-confirm")
    record(UnitVerb.CONFIRM, noun="person", key=person.pk, at=database_now(), by=by)
    return person


@transaction.atomic
def change_profile(*, person: Person, mobile: str, email: str, language: str, by: Person) -> Person:
    """One's own mobile, e-mail and language. Raises Forbidden for anybody else, Refused on a bad mobile number."""
    if by.pk != person.pk:
        raise Forbidden(_("Everybody changes only their own profile."), code="not-yours")
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    before = {"mobile": person.mobile, "email": person.email, "language": person.language}
    after = {"mobile": checked_mobile(mobile), "email": email.strip(), "language": language}
    changed = sorted(field for field in after if after[field] != before[field])
    if not changed:
        return person
    for field in changed:
        setattr(person, field, after[field])
    person.save(update_fields=changed)
    # Which fields, not their values: the trail is read by more people than the profile.
    record(UnitVerb.CHANGE_PROFILE, noun="person", key=person.pk, at=database_now(), by=by, data={"changed": changed})
    return person


@transaction.atomic
def set_password(*, person: Person, password: str, by: Person, how: str = "change", seat: int | None = None) -> Person:
    """Set one's own password; `how`: change | link. Other sessions of the person end. Raises ValidationError if weak.

    The first password accepts the seat whose key the link named (`seat`), and no other; a later one accepts nothing.
    """
    if by.pk != person.pk:
        raise Forbidden(_("Everybody sets only their own password."), code="not-yours")
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not person.is_active:  # closed since the link, or the page, was opened
        raise Forbidden(_("This account is closed. An administrator can open it again."), code="account-closed")
    validate_password(normal_password(password), person)
    if person.check_password(password):
        raise ValidationError(_("This is the password you have now. Choose a new one."), code="same")
    first, at = not person.has_usable_password(), database_now()
    person.set_password(password)
    person.save(update_fields=["password"])
    end_rows(person, at)
    data = {"how": how} | ({"link": person.link_number} if how == "link" else {})
    event = record(UnitVerb.SET_PASSWORD, noun="person", key=person.pk, at=at, by=by, data=data)
    tell(event, notices.password_was_set(person))
    if first:
        accept_first_seat(person=person, key=seat, by=by, at=at)
    return person


@transaction.atomic
def ask_for_reset(*, name: str) -> int:
    """Mail a link to the address on file for this user name or national code; 0 where there is none.

    Nobody is signed in here, so nobody is `by`. The caller says the same in every case: whether an account exists is
    not told.
    """
    person = person_named(name)
    if person is None or not person.is_active or not person.email:
        return 0
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    data = {"link": next_link(person)}
    event = record(UnitVerb.ASK_FOR_RESET, noun="person", key=person.pk, at=database_now(), by=None, data=data)
    return tell(event, notices.reset_asked(person))


@transaction.atomic
def note_sign_in(*, person: Person, by: Person, address: str) -> None:
    """When and from where somebody signed in: the colleagues' page and the audit trail show it."""
    at = database_now()
    Person.objects.filter(pk=person.pk).update(last_seen_at=at)
    record(UnitVerb.SIGN_IN, noun="person", key=person.pk, at=at, by=by, data={"from": address})
