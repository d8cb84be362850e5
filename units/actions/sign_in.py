"""Signing in: what is counted before a password is looked at."""

import logging
from datetime import timedelta

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.address import client_address
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import format_time
from sajad_portal.lib.numbers import local_number
from sajad_portal.lib.text import latin_digits, normalise

from ..models import Person
from ..queries import person_named
from .throttle import Tally, count_attempt, forget_attempts, give_back, throttle_key

logger = logging.getLogger(__name__)
WINDOW = timedelta(minutes=15)
# One name from one address; one name from anywhere (a closed name is also a way to keep somebody out, so it is wide);
# one address for all names (a whole office stands behind one).
NAME_HERE, NAME_ANYWHERE, ADDRESS = 5, 50, 100


class SignInRefused(Refused):
    """`message` says what happened, `advice` what is left to try."""

    def __init__(self, message: str, advice: str, *, code: str, status: int):
        super().__init__(message, code=code, status=status)
        self.advice = advice


def check_sign_in(*, request: HttpRequest, name: str, password: str) -> Person:
    """The person with this user name or national code and this password. Raises SignInRefused.

    The try is counted before the password is looked at: of any number of simultaneous guesses only so many are looked
    at. The right password forgets the name's tries and takes its own back from the address's count.
    """
    address = client_address(request)
    known = person_named(name)
    # By the person where there is one: otherwise the national code would be a second set of tries.
    who = f"#{known.pk}" if known else latin_digits(normalise(name)).casefold()
    here, anywhere = throttle_key("sign-in", who, address), throttle_key("sign-in-any", who)
    source = throttle_key("sign-in-from", address)
    tallies = []
    for key, limit in ((here, NAME_HERE), (anywhere, NAME_ANYWHERE), (source, ADDRESS)):
        tally = count_attempt(key, limit, WINDOW)
        if not tally.allowed:
            # The wider counts stay as they are, or one address could close a name for everybody.
            logger.warning("Sign-in from %s is closed.", address)
            raise _closed(tally)
        tallies.append(tally)
    person = authenticate(request, username=name, password=password)
    if person is None:
        logger.info("A wrong password from %s.", address)
        raise _wrong(min(tally.left for tally in tallies))
    for key in (here, anywhere):
        forget_attempts(key)
    give_back(source)
    return person


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


def _closed(tally: Tally) -> SignInRefused:
    return SignInRefused(
        _("Sign-in is closed until %(time)s.") % {"time": format_time(tally.until)},
        _("There were too many wrong tries. Wait until then, or set a new password by e-mail."),
        code="too-many-tries",
        status=429,
    )
