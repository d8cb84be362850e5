"""Where sessions are kept (settings.SESSION_ENGINE): Django's own store, with a row beside each session of somebody who has
signed in. The row says whose it is and whether it is over; a session that is over, or that nobody used for SESSION_IDLE,
opens as an empty one.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import OperationalError, transaction
from django.db.models import Subquery
from django.utils.crypto import constant_time_compare

from sajad_portal.lib.clock import DatabaseClock, as_told, database_now

from ..models import AccountSession, Person

logger = logging.getLogger(__name__)
# How exactly "last seen" is kept: a write a minute and session at most.
EXACT_TO = timedelta(minutes=1)
LONGEST_AGENT = 300


def key_hash(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()


@dataclass
class _Row:
    """What was read of an AccountSession with its session, and the portal's time then."""

    pk: int
    agent: str
    last_seen_at: datetime
    read_at: datetime


class SessionStore(DatabaseStore):
    """The name is Django's too: sessions stored before are read on."""

    def __init__(self, session_key: str | None = None):
        super().__init__(session_key)
        self._row: _Row | None = None

    def _get_session_from_db(self):
        """One query: the session, its row, and the clock."""
        row = AccountSession.objects.filter(key_hash=key_hash(self.session_key or ""))
        found = (
            self.model.objects.filter(session_key=self.session_key, expire_date__gt=DatabaseClock())
            .annotate(
                read_at=DatabaseClock(), row_pk=Subquery(row.values("pk")), row_agent=Subquery(row.values("agent")),
                row_seen_at=Subquery(row.values("last_seen_at")), row_ended_at=Subquery(row.values("ended_at")),
            )
            .first()
        )  # fmt: skip
        self._row = None
        if found is not None and found.row_pk is not None:
            read_at = as_told(found.read_at)
            lapsed = bool(settings.SESSION_IDLE) and found.row_seen_at + settings.SESSION_IDLE <= read_at
            if found.row_ended_at is not None or lapsed:
                found = None
            else:
                self._row = _Row(found.row_pk, found.row_agent, found.row_seen_at, read_at)
        if found is None:
            self._session_key = None
        return found

    def create(self):
        self._row = None
        super().create()

    def save(self, must_create=False):
        super().save(must_create)
        if self._row is None and self.get(SESSION_KEY):
            self._begin("")

    def delete(self, session_key=None):
        key = session_key or self.session_key
        super().delete(session_key)
        if key:
            AccountSession.objects.filter(key_hash=key_hash(key)).delete()

    def note_use(self, agent: str) -> None:
        """Somebody who has signed in did something. Nothing is lost where the database is too busy to note it."""
        agent = agent[:LONGEST_AGENT]
        if self.session_key is None or not self.get(SESSION_KEY):
            return
        try:
            if self._row is None:
                self._begin(agent)
            elif self._row.read_at - self._row.last_seen_at >= EXACT_TO or (agent and not self._row.agent):
                going_on = AccountSession.objects.filter(pk=self._row.pk, ended_at__isnull=True)
                going_on.filter(last_seen_at__lte=self._row.read_at).update(
                    last_seen_at=self._row.read_at, agent=self._row.agent or agent
                )
        except OperationalError as error:
            logger.warning("The use of a session was not noted: %s", str(error).partition("\n")[0])

    def _begin(self, agent: str) -> None:
        """The row of a session that has none: it was just begun, or before there were rows. Under the person's lock, so that
        no row is left behind of an account that is being closed, or of a session whose number is over.
        """
        with transaction.atomic():
            person = Person.objects.select_for_update(no_key=True).filter(pk=self[SESSION_KEY], is_active=True).first()
            if person is None or not constant_time_compare(
                self.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()
            ):
                return
            at = database_now()
            row, _made = AccountSession.objects.get_or_create(
                key_hash=key_hash(self.session_key or ""),
                defaults={"person": person, "agent": agent, "started_at": at, "last_seen_at": at},
            )
        self._row = _Row(row.pk, row.agent, row.last_seen_at, at)
