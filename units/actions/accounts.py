"""What an administrator does about accounts: corrects, closes, opens again. What a person does about their own is in `people`."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.text import normalise

from ..enums import UnitVerb
from ..models import Person
from ..notices import accounts as notices
from ..rules import administers, can_correct_address
from .events import record, tell
from .notices import give_up_links, give_up_mails
from .offering import next_link
from .people import checked_mobile, checked_name
from .sessions import end_all


@transaction.atomic
def correct_account(
    *, person: Person, first_name: str, last_name: str, mobile: str, email: str, by: Person
) -> tuple[Person, list[str]]:
    """Name, mobile and e-mail as an administrator knows them to be; the person, and which fields changed.

    A new e-mail ends the links that went to the former one. Raises Forbidden; Refused on what is no name, number or address.
    """
    person = _locked(person, by)
    before = {field: getattr(person, field) for field in ("first_name", "last_name", "mobile", "email")}
    if not (normalise(first_name) and normalise(last_name)):
        raise Refused(_("Write the first name and the last name: results carry them."), code="no-name")
    after = {
        "first_name": checked_name(first_name),
        "last_name": checked_name(last_name),
        "mobile": checked_mobile(mobile),
        "email": _checked_email(email),
    }
    changed = sorted(field for field in after if after[field] != before[field])
    if {"mobile", "email"} & set(changed) and not can_correct_address(by, person):
        raise Forbidden(
            _("An administrator’s e-mail and mobile are theirs to change, on the page of their own account."),
            code="not-yours",
        )
    if not changed:
        return person, changed
    former = person.get_full_name()
    for field in changed:
        setattr(person, field, after[field])
    person.save(update_fields=[*changed, "search_key", "sort_key"])
    if "email" in changed:
        next_link(person)
        give_up_links(person)
    # The former name, because results carry names; of the rest which fields, not their values.
    named = {"name": [former, person.get_full_name()]} if {"first_name", "last_name"} & set(changed) else {}
    event = record(
        UnitVerb.CORRECT, noun="person", key=person.pk, at=database_now(), by=by, data={"changed": changed, **named}
    )
    if person.pk != by.pk:
        tell(event, notices.account_was_corrected(person, changed))
    return person, changed


@transaction.atomic
def close_account(*, person: Person, reason: str, by: Person) -> Person:
    """Nobody signs in with it any more, from now on: its sessions end, links into it and mails to it are void; its seats stay
    and give nothing until it is opened again.

    Two administrators who close each other at once wait for each other here, and the second is none any more.
    Raises Forbidden to who is no administrator, for oneself, and for the last open administrator; Refused where it is closed,
    and without a reason.
    """
    if not normalise(reason):
        raise Refused(_("Write why the account is closed; its history says so."), code="no-reason")
    person = _locked(person, by)
    if person.pk == by.pk:
        raise Forbidden(_("Nobody closes their own account. Another administrator does it."), code="oneself")
    if not person.is_active:
        raise Refused(_("This account is closed already."), code="already-closed")
    if person.is_superuser and not _open_administrators().exclude(pk=person.pk).exists():
        raise Forbidden(_("The last open administrator cannot be closed."), code="last-administrator")
    at = database_now()
    person.is_active = False
    person.save(update_fields=["is_active"])
    ended = end_all(person, at)
    next_link(person)
    give_up_mails(person)
    record(
        UnitVerb.CLOSE, noun="person", key=person.pk, at=at, by=by,
        data={"reason": normalise(reason)[:500], "sessions": ended},
    )  # fmt: skip
    return person


@transaction.atomic
def reopen_account(*, person: Person, by: Person) -> Person:
    """Its password and its seats hold again; sessions and links of before do not. Raises Forbidden, Refused where it is open."""
    person = _locked(person, by)
    if person.is_active:
        raise Refused(_("This account is open."), code="already-open")
    person.is_active = True
    person.save(update_fields=["is_active"])
    event = record(UnitVerb.REOPEN, noun="person", key=person.pk, at=database_now(), by=by)
    tell(event, notices.account_was_reopened(person))
    return person


def _locked(person: Person, by: Person) -> Person:
    """The person, with every administrator, in the order of their keys: who may act is asked again here, and stays so until
    the end. Not the keys' lock (`no_key`), which who records an event as one of them would wait for.
    """
    asked = Person.objects.filter(Q(is_superuser=True) | Q(pk__in=[person.pk, by.pk]))
    locked = {each.pk: each for each in asked.order_by("pk").select_for_update(no_key=True)}
    if not administers(locked[by.pk]):
        raise Forbidden(_("Accounts are looked after by administrators."), code="not-an-administrator")
    return locked[person.pk]


def _open_administrators():
    return Person.objects.filter(is_superuser=True, is_active=True)


def _checked_email(typed: str) -> str:
    email = typed.strip()
    try:
        if email:
            validate_email(email)
    except ValidationError as error:
        raise Refused(_("This is no e-mail address. Write it as name@example.ir."), code="bad-email") from error
    return email
