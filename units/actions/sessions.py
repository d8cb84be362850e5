"""Ending sessions: one, or all of a person at once."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused

from ..enums import UnitVerb
from ..models import AccountSession, Person
from ..notices import accounts as notices
from ..rules import administers
from .events import record, tell

# A row outlives Django's own of its session, which it says is over.
KEPT_FOR = max(timedelta(days=30), 2 * timedelta(seconds=settings.SESSION_COOKIE_AGE))


@transaction.atomic
def end_session(*, session: AccountSession, by: Person) -> AccountSession:
    """End one of one's own sessions. Raises Forbidden to anybody else, Refused where it is over."""
    session = AccountSession.objects.select_for_update().get(pk=session.pk)
    if session.person_id != by.pk:
        raise Forbidden(_("Everybody ends only their own sessions."), code="not-yours")
    if session.ended_at is not None:
        raise Refused(_("This session has ended already."), code="already-ended")
    session.ended_at = max(database_now(), session.started_at)
    session.save(update_fields=["ended_at"])
    record(
        UnitVerb.END_SESSIONS, noun="person", key=by.pk, at=session.ended_at, by=by,
        data={"sessions": 1, "session": session.pk},
    )  # fmt: skip
    return session


@transaction.atomic
def end_sessions(*, person: Person, by: Person) -> Person:
    """End all sessions of the person: their own, or anybody's by an administrator. Raises Forbidden.

    Who ends their own goes on with `update_session_auth_hash` and the person that comes back.
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if person.pk != by.pk and not administers(by):
        raise Forbidden(_("Sessions of others are ended by an administrator."), code="not-an-administrator")
    at = database_now()
    ended = end_all(person, at)
    event = record(UnitVerb.END_SESSIONS, noun="person", key=person.pk, at=at, by=by, data={"sessions": ended})
    if person.pk != by.pk:
        tell(event, notices.sessions_were_ended(person))
    return person


def end_all(person: Person, at: datetime) -> int:
    """A part of a verb that has locked the person: what their browsers hold is worth nothing from now on. How many rows ended."""
    person.session_number += 1
    person.save(update_fields=["session_number"])
    return end_rows(person, at)


def end_rows(person: Person, at: datetime) -> int:
    """The same where the sessions end because the password changes."""
    going_on = AccountSession.objects.going_on_at(at).filter(person=person).count()
    AccountSession.objects.filter(person=person, ended_at__isnull=True, started_at__lte=at).update(ended_at=at)
    return going_on


@transaction.atomic
def end_every_session() -> int:
    """After a restore: a backup brings back sessions that were ended since. How many rows ended."""
    at = database_now()
    Person.objects.update(session_number=F("session_number") + 1)
    ended = AccountSession.objects.going_on_at(at).count()
    AccountSession.objects.filter(ended_at__isnull=True).update(ended_at=Greatest(F("started_at"), at))
    Session.objects.all().delete()
    return ended


def forget_old_sessions() -> int:
    """Sessions whose time is over, and the rows beside them; how many rows."""
    SessionStore.clear_expired()
    return AccountSession.objects.filter(last_seen_at__lt=database_now() - KEPT_FOR).delete()[0]
