"""The worker and beat themselves, as in production on a real Redis, killed with −9 while they have their hands full: once they
are started again nothing is lost, doubled or late, and meanwhile every page says what is so.

A mail is the one thing that a killed worker may send twice: it had left, and nobody was there to write that down. At most
one for each process that was killed with a mail in its hand, and never one less.
"""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email import message_from_string, policy
from pathlib import Path

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.urls import reverse

from reports.actions.announcement_orders import order_announcement
from reports.actions.calls import publish_call
from reports.invariants import broken
from reports.models import AnnouncementOrder, Report, ResultVersion, Snapshot
from reports.queries import reports_at
from sajad_portal.lib import doorbell
from sajad_portal.lib.clock import database_now
from tests.calls import make_call, published_call, with_closing
from tests.factories import make_membership, make_person, make_unit
from tests.people import make_cast
from tests.plugins.worker import PREFIX, URL
from units.enums import Role
from units.models import Event, Notice
from units.queries.heartbeats import silences

from .races import spin_until

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db(transaction=True)]

BASE = Path(__file__).resolve().parent.parent.parent
UNITS = 60
CHILDREN = 2
OUTAGE = timedelta(hours=1)  # longer than any claim of a dead worker, and than the wait before a mail is tried again
STANDS_STILL = "کارهای پس‌زمینهٔ سامانه متوقف است"


class Background:
    """A worker and a beat; `offset` is how far the portal's time is ahead when they are started."""

    def __init__(self, folder: Path):
        self.folder, self.offset, self.killed = folder, 0.0, 0
        self.processes: list[subprocess.Popen] = []

    def start(self) -> None:
        where = connection.settings_dict
        login = f"{where['USER']}:{where['PASSWORD']}" if where["PASSWORD"] else where["USER"]
        environment = {
            **os.environ, "READ_DOT_ENV": "0", "DEBUG": "1", "VAR_DIR": str(self.folder), "REDIS_URL": "", "CELERY_BROKER_URL": URL,
            "REDIS_PREFIX": PREFIX, "EMAIL_URL": f"filemail:///{self.folder / 'mail'}", "TEST_CLOCK_OFFSET": str(self.offset),
            "DATABASE_URL": f"postgres://{login}@{where['HOST']}:{where['PORT'] or 5432}/{where['NAME']}",
        }  # fmt: skip
        celery = [sys.executable, "-m", "celery", "--app", "sajad_portal"]
        log = (self.folder / "log").open("a")
        for what in (["worker", "--concurrency", str(CHILDREN), "--loglevel", "WARNING"], ["beat", "--pidfile="]):
            self.processes.append(
                subprocess.Popen(
                    [*celery, *what], cwd=BASE, env=environment, stdout=log, stderr=log, start_new_session=True
                )
            )
        log.close()

    def kill(self) -> None:
        """−9 to all of them at once: the worker, its children, beat. No one has time for a word."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        for process in self.processes:
            process.wait()
        self.killed += len(self.processes) and CHILDREN
        self.processes.clear()

    def mails(self) -> Counter:
        """{(to whom, about what): how often it left}"""
        found: Counter = Counter()
        for path in (self.folder / "mail").iterdir():
            for text in path.read_text("utf-8").split("-" * 79):
                mail = message_from_string(text.strip(), policy=policy.default)
                if mail["To"]:
                    found[str(mail["To"]), str(mail["Subject"]).strip()] += 1  # folding leaves a blank
        return found


@pytest.fixture
def background(tmp_path, redis_server, monkeypatch) -> Iterator[Background]:
    monkeypatch.setattr(doorbell, "_silent_until", float("inf"))  # no bell: this process would do the work itself
    (tmp_path / "mail").mkdir()
    found = Background(tmp_path)
    yield found
    found.kill()


def kill_when(background: Background, condition) -> None:
    """Start them, and kill them as soon as it is so."""
    background.start()
    spin_until(condition)
    background.kill()


@pytest.fixture
def world():
    """(cast, a call that sixty units have missed, one that is open and closes in half an hour)."""
    cast = make_cast()
    units = [make_unit(parent=cast.provider) for _ in range(UNITS)]
    for unit in units:
        make_membership(make_person(), unit, Role.HEAD)
    now, asked = database_now(), {"audience": {"units": [unit.pk for unit in units]}, "grace": timedelta(0)}
    old = published_call(cast, **asked)
    new = publish_call(
        call=make_call(cast, service=old.service, title="دومی", closes_at=now + OUTAGE / 2, **asked), by=cast.laleh
    )
    return cast, with_closing(old, now), new


def mailed() -> int:
    return Notice.objects.filter(channel="email", sent_at__isnull=False).count()


def to_mail():
    return Notice.objects.filter(channel="email", urgent=True, sent_at__isnull=True)


def stale_session() -> str:
    """What only the sweep of twice a day removes: beat keeps no notebook, and gets to it all the same."""
    session = SessionStore()
    session.set_expiry(-60)
    session.save()
    return session.session_key


@pytest.mark.long
def test_killed_with_their_hands_full_twice_they_lose_double_and_delay_nothing(world, background, clock, client_for):
    cast, old, new = world

    def desk_says_so() -> bool:
        return STANDS_STILL in client_for(cast.laleh).get(reverse("reports:desk")).content.decode()

    def hour_passes() -> None:
        clock.move(seconds=OUTAGE.total_seconds())
        background.offset += OUTAGE.total_seconds()

    # In the middle of mailing what the closing tells sixty units.
    kill_when(background, lambda: mailed() >= 5)
    assert to_mail().exists()
    hour_passes()
    assert desk_says_so()
    assert {report.status for report in reports_at(database_now()).filter(call=new)} == {"missed"}, "true without them"

    # With an order of sixty results in their hands.
    order = order_announcement(call=old, which="missed", by=cast.laleh)
    open_order = AnnouncementOrder.objects.filter(pk=order.pk, ended_at__isnull=True)
    kill_when(background, lambda: open_order.filter(beat_at__isnull=False).exists())
    assert open_order.exists()
    hour_passes()
    stale = stale_session()

    background.start()
    spin_until(lambda: not open_order.exists())
    spin_until(lambda: Snapshot.objects.count() == 2)
    spin_until(lambda: not to_mail().exists())
    spin_until(lambda: not silences(database_now()))
    spin_until(lambda: not Session.objects.filter(session_key=stale).exists())

    assert not desk_says_so()
    order.refresh_from_db()
    assert (order.announced, order.refused) == (UNITS, [])
    results = Counter(ResultVersion.objects.values_list("report", flat=True))
    assert results == Counter(Report.objects.filter(call=old).values_list("pk", flat=True))
    assert {snapshot.call_id: snapshot.as_of for snapshot in Snapshot.objects.all()} == {
        old.pk: old.closes_at, new.pk: new.closes_at,
    }  # fmt: skip
    told = Counter(Event.objects.filter(verb__in=["close", "end_announcement_order"]).values_list("verb", "key"))
    assert told == {
        ("close", str(old.pk)): 1, ("close", str(new.pk)): 1, ("end_announcement_order", str(old.pk)): 1,
    }  # fmt: skip
    wanted = Counter(Notice.objects.filter(channel="email", urgent=True).values_list("person__email", "subject"))
    sent = background.mails()
    assert wanted - sent == Counter()
    doubled = {mail: times - wanted[mail] for mail, times in sent.items() if mail in wanted and times > wanted[mail]}
    assert sum(doubled.values()) <= background.killed
    assert list(broken()) == []
