"""What people are told: their notices, and the mails that are due."""

from datetime import date, datetime

from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ..enums import Channel
from ..models import Digest, Notice, Person


def notices_of(person) -> QuerySet[Notice]:
    return Notice.objects.filter(person=person, channel=Channel.PORTAL).order_by("-id")


def newest_notices(person, most: int) -> list[Notice]:
    """The person's last notices. How many are unread comes with them, so that `unread_of` need not ask."""
    mine = notices_of(person)
    unread = mine.filter(read_at__isnull=True).order_by().values("person").annotate(n=Count("pk")).values("n")
    found = list(mine.annotate(unread=Coalesce(Subquery(unread), 0))[:most])
    person._unread = found[0].unread if found else 0
    return [*found]


def unread_of(person) -> int:
    """How many notices wait to be read; kept on the person object, that is, for the request."""
    if not hasattr(person, "_unread"):
        person._unread = notices_of(person).filter(read_at__isnull=True).count()
    return person._unread


def mails_due(at: datetime, *, urgent: bool, max_attempts: int) -> QuerySet[Notice]:
    """Unsent mails to people who can get one, oldest first, with person and event."""
    return (
        Notice.objects.filter(
            channel=Channel.EMAIL, sent_at__isnull=True, urgent=urgent, next_attempt_at__lte=at,
            attempts__lt=max_attempts, person__is_active=True,
        )
        .exclude(person__email="")
        .select_related("person", "event")
        .order_by("id")
    )  # fmt: skip


def people_without_digest(due: QuerySet[Notice], day: date) -> QuerySet[Person]:
    """Whose mails are due and who had no digest on this Tehran day yet."""
    had = Digest.objects.filter(day=day).values("person_id")
    return Person.objects.filter(pk__in=due.order_by().values("person_id")).exclude(pk__in=had).order_by("id")
