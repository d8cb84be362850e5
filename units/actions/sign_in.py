"""Signing in: what is counted before a password is looked at."""

import logging
from datetime import timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.address import client_address
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import format_time
from sajad_portal.lib.numbers import local_number
from sajad_portal.lib.passwords import normal_password
from sajad_portal.lib.text import latin_digits, normalise

from ..models import Person
from ..queries import person_named
from ..queries.devices import known_device, tokens_of
from .throttle import Tally, count_attempt, forget_attempts, give_back, throttle_key

logger = logging.getLogger(__name__)
WINDOW = timedelta(minutes=15)
# A browser in which the person has signed in before, and nothing else that anybody does.
DEVICE = 5
# All other browsers: one name from one address; one name from anywhere (a closed name is also a way to keep somebody out, so it
# is wide); one address for all names (a whole office stands behind one).
NAME_HERE, NAME_ANYWHERE, ADDRESS = 5, 50, 100


class SignInRefused(Refused):
    """`message` says what happened, `advice` what is left to try."""

    def __init__(self, message: str, advice: str, *, code: str, status: int):
        super().__init__(message, code=code, status=status)
        self.advice = advice


def check_sign_in(*, request: HttpRequest, name: str, password: str) -> Person:
    """The person with this user name or national code and this password. Raises SignInRefused.

    The try is counted before the password is looked at: of any number of simultaneous guesses only so many are looked at.
    A browser that the person has signed in with before has a count of its own, which nobody else can use up, and uses up no
    other (after OWASP, “Slow Down Online Guessing Attacks with Device Cookies”).
    """
    address = client_address(request)
    known = person_named(name)
    device = known_device(known, tokens_of(request), database_now())
    # By the person where there is one: otherwise the national code would be a second set of tries.
    who = f"#{known.pk}" if known else latin_digits(normalise(name)).casefold()
    own = throttle_key("sign-in-device", str(device.pk)) if device else throttle_key("sign-in", who, address)
    shared = [] if device else [throttle_key("sign-in-any", who), throttle_key("sign-in-from", address)]
    limits = [DEVICE] if device else [NAME_HERE, NAME_ANYWHERE, ADDRESS]
    tallies = []
    for key, limit in zip([own, *shared], limits, strict=True):
        tally = count_attempt(key, limit, WINDOW)
        if not tally.allowed:
            # The wider counts stay as they are, or one address could close a name for everybody.
            logger.warning("Sign-in from %s is closed.", address)
            raise _closed(tally, known_device=device is not None)
        tallies.append(tally)
    if known is not None and not known.is_active:  # one look at the password, as for everybody
        if known.check_password(password):
            raise _account_closed()
        raise _wrong(min(tally.left for tally in tallies))
    person = authenticate(request, username=name, password=password)
    if person is None:
        logger.info("A wrong password from %s.", address)
        raise _wrong(min(tally.left for tally in tallies))
    forget_attempts(own)
    for key in shared:  # the tries of others stay counted
        give_back(key)
    _store_normal_form(person, password)
    return person


def _store_normal_form(person: Person, typed: str) -> None:
    """Hashes of earlier versions are of what was typed then. From now on the person may type it with any keyboard."""
    normal = normal_password(typed)
    if normal == typed or not person.holds_as_typed:
        return
    hashed = make_password(normal)
    # A second sign-in at the same time does the same, and a password may be changed meanwhile: the first one counts.
    if Person.objects.filter(pk=person.pk, password=person.password).update(password=hashed):
        person.password = hashed
        return
    stored = Person.objects.values_list("password", flat=True).get(pk=person.pk)
    if check_password(normal, stored):
        person.password = stored


def _wrong(left: int) -> SignInRefused:
    minutes = local_number(WINDOW.seconds // 60)
    if left:
        advice = ngettext(
            "You can try %(n)s more time; then sign-in closes for %(minutes)s minutes.",
            "You can try %(n)s more times; then sign-in closes for %(minutes)s minutes.",
            left,
        ) % {"n": local_number(left), "minutes": minutes}
    else:
        advice = _("Sign-in is now closed for %(minutes)s minutes. If you forgot the password, set a new one.") % {
            "minutes": minutes
        }
    return SignInRefused(_("The name or the password is not right."), advice, code="wrong-password", status=400)


def _account_closed() -> SignInRefused:
    """Said only to who knows the password: others are not told whose account is closed."""
    said = _("This account is closed, so nobody signs in with it.")
    return SignInRefused(said, _("An administrator can open it again."), code="account-closed", status=403)


def _closed(tally: Tally, *, known_device: bool) -> SignInRefused:
    advice = _("There were too many wrong tries. Wait until then, or set a new password by e-mail.")
    if not known_device:
        advice += " " + _("A browser in which you have signed in before is not closed by the tries of others.")
    return SignInRefused(
        _("Sign-in is closed until %(time)s.") % {"time": format_time(tally.until)},
        advice,
        code="too-many-tries",
        status=429,
    )
