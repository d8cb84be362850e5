"""Emptying the outbox: claim, send, note. What was claimed and not sent is tried again when its backoff ends."""

import logging
from datetime import datetime, time

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from sajad_portal.lib.clock import TEHRAN, database_now, tehran_date

from ..models import Notice, Person
from ..notices.mail import digest_mail, notice_mail
from ..queries.notices import mails_due, people_without_digest
from .notices import MAX_ATTEMPTS, claim_digest, claim_mail, give_up_digest, note_sent

logger = logging.getLogger(__name__)
BATCH = 200
DIGEST_HOUR = time(8)


def send_urgent(limit: int = BATCH) -> int:
    """Mail the urgent notices that are due, oldest first; how many left. Two sweeps at once share the work."""
    at = database_now()
    due = list(mails_due(at, urgent=True, max_attempts=MAX_ATTEMPTS)[:limit])
    if not due:
        return 0
    server = get_connection()
    sent = 0
    for notice in due:
        if claim_mail(notice, at) and _sent(server, notice_mail, notice, about=notice.person_id):
            note_sent([notice])
            sent += 1
    _hang_up(server)
    return sent


def send_day_digests(limit: int = BATCH) -> int:
    """One digest a person and Tehran day, from DIGEST_HOUR on; how many left.

    The Digest row is the claim on the day, the notices' own claims keep them out of everybody else's hands.
    """
    at = database_now()
    if at.astimezone(TEHRAN).time() < DIGEST_HOUR:
        return 0
    due = mails_due(at, urgent=False, max_attempts=MAX_ATTEMPTS)
    people = list(people_without_digest(due, tehran_date(at))[:limit])
    if not people:
        return 0
    server = get_connection()
    sent = sum(_send_digest(server, person, list(due.filter(person=person)), at) for person in people)
    _hang_up(server)
    return sent


def _send_digest(server: BaseEmailBackend, person: Person, rows: list[Notice], at: datetime) -> bool:
    digest = claim_digest(person, at)
    if digest is None:
        return False
    mine = [notice for notice in rows if claim_mail(notice, at)]
    if mine and _sent(server, digest_mail, person, mine, about=person.pk):
        note_sent(mine)
        return True
    give_up_digest(digest)
    return False


def _sent(server: BaseEmailBackend, write, *what, about: int | None = None) -> bool:
    """Whether the mail left. A mail that cannot be written or sent must not keep the others back."""
    try:
        return bool(server.send_messages([write(*what)]))
    except Exception:
        logger.warning("A mail to person %s was not sent; it will be tried again.", about, exc_info=True)
        return False


def _hang_up(server: BaseEmailBackend) -> None:
    try:
        server.close()
    except Exception:  # the mails are sent; a connection that does not end politely is no news
        logger.debug("The mail server closed the line first.", exc_info=True)
