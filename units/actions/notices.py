"""Reading notices, and claiming what is to be mailed. No Event: that a notice was read or sent stands on the notice."""

from datetime import datetime, timedelta

from django.db.models import F

from sajad_portal.lib.clock import database_now, tehran_date

from ..enums import Channel
from ..models import Digest, Notice, Person
from ..notices import LINK_VERBS
from ..queries.notices import notices_of

# A claim lasts until the next attempt is due, far longer than a mail server may take (settings.EMAIL_TIMEOUT).
BACKOFF = (5, 15, 60, 180, 360, 720, 1440)  # minutes after the first, second, … attempt
MAX_ATTEMPTS = len(BACKOFF)


def mark_read(*, notice: Notice, by: Person) -> None:
    """Once; a notice of somebody else is not touched."""
    notices_of(by).filter(pk=notice.pk, read_at__isnull=True).update(read_at=database_now())


def mark_all_read(*, by: Person, up_to: int | None = None) -> int:
    """Every unread notice of the person, up to the id they had in view: what came meanwhile stays unread."""
    unread = notices_of(by).filter(read_at__isnull=True)
    if up_to is not None:
        unread = unread.filter(pk__lte=up_to)
    return unread.update(read_at=database_now())


def claim_mail(notice: Notice, at: datetime) -> bool:
    """Claim one attempt at mailing the notice; False where another worker has it, or it is sent.

    The conditional UPDATE is the race's judge: of any number of sweeps that read the same row, one finds `attempts` as
    it read it. Whoever dies after the claim is followed by another attempt when the backoff ends.
    """
    wait = timedelta(minutes=BACKOFF[min(notice.attempts, MAX_ATTEMPTS - 1)])
    return bool(
        Notice.objects.filter(pk=notice.pk, sent_at__isnull=True, attempts=notice.attempts).update(
            attempts=F("attempts") + 1, next_attempt_at=at + wait
        )
    )


def note_sent(notices: list[Notice]) -> None:
    Notice.objects.filter(pk__in=[n.pk for n in notices], channel=Channel.EMAIL, sent_at__isnull=True).update(
        sent_at=database_now()
    )


def claim_digest(person: Person, at: datetime) -> Digest | None:
    """Claim the person's digest of this Tehran day; None where it is claimed already."""
    digest, created = Digest.objects.get_or_create(person=person, day=tehran_date(at), defaults={"sent_at": at})
    return digest if created else None


def give_up_digest(digest: Digest) -> None:
    """The mail server refused: free the day, so that a later sweep tries again."""
    digest.delete()


def give_up_mails(person: Person) -> int:
    """What was not mailed to this person by now is not mailed any more: the account is closed. On the portal it stands."""
    return _unsent(person).update(attempts=MAX_ATTEMPTS)


def give_up_links(person: Person) -> int:
    """The same for mails whose links are void, before they leave."""
    return _unsent(person).filter(event__noun="person", event__verb__in=LINK_VERBS).update(attempts=MAX_ATTEMPTS)


def _unsent(person: Person):
    return Notice.objects.filter(person=person, channel=Channel.EMAIL, sent_at__isnull=True, attempts__lt=MAX_ATTEMPTS)
