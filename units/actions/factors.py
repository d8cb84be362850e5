"""Second factors: set up, proved, removed. allauth stores them and checks keys; who tries, how often and with which code is ours."""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.national_code import decrypt, encrypt
from sajad_portal.lib.text import latin_digits, normalise

from ..enums import UnitVerb
from ..models import Person
from ..notices import factors as notices
from ..queries.factors import APP, CODES, KEY, SECOND
from ..rules import must_have_factor
from .events import record, tell
from .throttle import count_attempt, forget_attempts, throttle_key

TRIES, WINDOW = 5, timedelta(minutes=15)
STEP = 30  # seconds that a code of an app stands
TOLERANCE = 1  # steps that a telephone's clock may be off, either way
MOST_KEYS = 10
LONGEST_NAME = 60


# ------------------------------------------------------------------------------------------- setting up
def add_app(*, person: Person, secret: str, code: str, by: Person) -> Authenticator:
    """The app that holds `secret` becomes the person's factor, because it shows the right code now.

    Recovery codes are made where there are none. Raises Forbidden for somebody else; Refused (`too-many-tries`, `wrong-code`,
    `has-app`).
    """
    _insist_own(person, by)
    key = throttle_key("factor", str(person.pk))
    count_attempt(key, TRIES, WINDOW).insist()
    step = _step_of(secret, code, database_now())
    if step is None:
        raise wrong_code()
    with transaction.atomic():
        _lock(person)
        if Authenticator.objects.filter(user=person, type=APP).exists():
            raise Refused(_("There is an app already. Remove it before you set up another one."), code="has-app")
        factor = Authenticator.objects.create(user=person, type=APP, data={"secret": encrypt(secret), "step": step})
        _added(factor, person)
    forget_attempts(key)
    return factor


def add_key(*, person: Person, name: str, credential: dict, by: Person) -> Authenticator:
    """A security key that has answered (`webauthn.complete_registration` has looked at it). Raises Forbidden; Refused."""
    _insist_own(person, by)
    with transaction.atomic():
        _lock(person)
        number = Authenticator.objects.filter(user=person, type=KEY).count()
        if number >= MOST_KEYS:
            raise Refused(_("There are enough keys. Remove one that you no longer use."), code="enough-keys")
        data = {"name": _checked_name(name), "credential": credential}
        factor = Authenticator.objects.create(user=person, type=KEY, data=data)
        _added(factor, person)
    return factor


@transaction.atomic
def rename_key(*, factor: Authenticator, name: str, by: Person) -> Authenticator:
    """Raises Forbidden; Refused for what is no key, and without a name."""
    factor = _locked(factor, by)
    if factor.type != KEY:
        raise Refused(_("Only a security key has a name."), code="no-key")
    before, factor.data["name"] = factor.data["name"], _checked_name(name)
    if factor.data["name"] == before:
        return factor
    factor.save(update_fields=["data"])
    data = {"name": [before, factor.data["name"]]}
    record(UnitVerb.RENAME_FACTOR, noun="person", key=by.pk, at=database_now(), by=by, data=data)
    return factor


@transaction.atomic
def remove_factor(*, factor: Authenticator, by: Person) -> None:
    """With the last one the recovery codes go too. Raises Forbidden; Refused for the last one of who must have one."""
    factor = _locked(factor, by)
    at = database_now()
    if factor.type == CODES:
        raise Refused(_("Recovery codes are replaced by new ones, not removed."), code="codes")
    last = not Authenticator.objects.filter(user=by, type__in=SECOND).exclude(pk=factor.pk).exists()
    if last and must_have_factor(by, at):
        raise Refused(
            _("Your role needs a second factor. Set up another one first, then remove this one."), code="last-factor"
        )
    told = {"kind": factor.type, "name": name_of(factor)}
    factor.delete()
    if last:
        Authenticator.objects.filter(user=by).delete()
    event = record(UnitVerb.REMOVE_FACTOR, noun="person", key=by.pk, at=at, by=by, data=told)
    tell(event, notices.factor_was_removed(by, told["name"]))


@transaction.atomic
def renew_codes(*, person: Person, by: Person) -> Authenticator:
    """New recovery codes; the former ones work no more. Raises Forbidden; Refused without a factor."""
    _insist_own(person, by)
    _lock(person)
    if not Authenticator.objects.filter(user=person, type__in=SECOND).exists():
        raise Refused(_("Set up an app or a key first; recovery codes stand in for it."), code="no-factor")
    Authenticator.objects.filter(user=person, type=CODES).delete()
    codes = RecoveryCodes.activate(person).instance
    event = record(UnitVerb.RENEW_CODES, noun="person", key=person.pk, at=database_now(), by=by)
    tell(event, notices.codes_were_renewed(person))
    return codes


def note_codes_kept(*, codes: Authenticator, by: Person) -> None:
    """The person has put them away; from now on no page shows them. No Event: that they were made is recorded."""
    _insist_own(codes.user, by)
    codes.wrap().mark_as_viewed()


def name_of(factor: Authenticator) -> str:
    return factor.data["name"] if factor.type == KEY else str(_("an app with codes"))


def _added(factor: Authenticator, person: Person) -> None:
    if not Authenticator.objects.filter(user=person, type=CODES).exists():
        RecoveryCodes.activate(person)
    data = {"kind": factor.type, "name": name_of(factor)}
    event = record(UnitVerb.ADD_FACTOR, noun="person", key=person.pk, at=database_now(), by=person, data=data)
    tell(event, notices.factor_was_added(person, data["name"]))


def _insist_own(person: Person, by: Person) -> None:
    if person.pk != by.pk:
        raise Forbidden(_("Everybody sees to their own second factor."), code="not-yours")


def _lock(person: Person) -> None:
    """Two pages that set up a factor at once wait for each other."""
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)


def _locked(factor: Authenticator, by: Person) -> Authenticator:
    _insist_own(factor.user, by)
    _lock(by)
    found = Authenticator.objects.select_for_update().filter(pk=factor.pk).first()
    if found is None:
        raise Refused(_("This factor was removed already."), code="no-factor")
    return found


def _checked_name(typed: str) -> str:
    name = normalise(typed)[:LONGEST_NAME]
    if not name:
        raise Refused(_("Give the key a name by which you know it again."), code="no-name")
    return name


# ------------------------------------------------------------------------------------------- proving
def prove_code(*, person: Person, code: str) -> Authenticator:
    """The factor whose code this is: of the app, or a recovery code, each good once. Raises Refused (`too-many-tries`, `wrong-code`).

    The try is counted before the code is looked at, as with passwords.
    """
    key = throttle_key("factor", str(person.pk))
    tally = count_attempt(key, TRIES, WINDOW)
    tally.insist()
    with transaction.atomic():
        _lock(person)
        factor = _taken(person, code, database_now())
    if factor is None:
        if not tally.left:
            _note_closed(person)
        raise wrong_code(tally.left)
    forget_attempts(key)
    return factor


def count_key_try(person: Person) -> None:
    """Raises Refused where too many tries failed."""
    count_attempt(throttle_key("factor", str(person.pk)), TRIES, WINDOW).insist()


def note_key_used(*, factor: Authenticator) -> None:
    """A security key has answered: the tries before it are forgotten."""
    forget_attempts(throttle_key("factor", str(factor.user_id)))
    factor.record_usage()


def _taken(person: Person, code: str, at: datetime) -> Authenticator | None:
    typed = "".join(latin_digits(normalise(code)).split()).replace("-", "")
    for factor in Authenticator.objects.filter(user=person, type__in=[APP, CODES]).order_by("pk").select_for_update():
        if factor.type == APP:
            step = _step_of(decrypt(factor.data["secret"]), typed, at)
            if step is not None and step > factor.data.get("step", 0):  # no code is good twice, nor one before it
                factor.data["step"] = step
                factor.last_used_at = at
                factor.save(update_fields=["data", "last_used_at"])
                return factor
        elif factor.wrap().validate_code(typed):
            factor.refresh_from_db()
            factor.last_used_at = at
            factor.save(update_fields=["last_used_at"])
            left = len(factor.wrap().get_unused_codes())
            event = record(UnitVerb.USE_CODE, noun="person", key=person.pk, at=at, by=person, data={"left": left})
            tell(event, notices.code_was_used(person, left))
            return factor
    return None


def _step_of(secret: str, code: str, at: datetime) -> int | None:
    """The step whose code this is. A secret that no key reads (it is empty then) has no codes at all."""
    typed = "".join(latin_digits(normalise(code)).split())
    now = int(at.timestamp()) // STEP
    if not secret:
        return None
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        if constant_time_compare(typed, format_hotp_value(hotp_value(secret, step))):
            return step
    return None


@transaction.atomic
def _note_closed(person: Person) -> None:
    event = record(UnitVerb.CLOSE_FACTOR, noun="person", key=person.pk, at=database_now(), by=None)
    tell(event, notices.factor_was_closed(person))


def wrong_code(left: int | None = None) -> Refused:
    said = _("This code is not right, or it was used already. Wait for the next one and type it.")
    if left == 0:
        said = _("This code is not right. There were too many tries; wait a quarter of an hour.")
    return Refused(said, code="wrong-code", status=400)
