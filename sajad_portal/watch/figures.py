"""What stands in the database, in Redis and on the disk, as figures for /metrics. Each group is asked for by itself, so that one
server that is down costs its own figures only, and nothing is asked of a server that did not answer.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.db.models import Min, Q
from prometheus_client.core import GaugeMetricFamily, Metric
from redis.exceptions import RedisError

from reports.enums import CallPhase
from reports.models import Call, Report
from reports.pages.oversight.clocks import open_clocks
from reports.queries.seals import seal_figures
from sajad_portal.lib.clock import database_now
from sajad_portal.sweeps import PARTS, SWEEPS
from sla.enums import Verdict
from units.actions.notices import MAX_ATTEMPTS
from units.enums import BackgroundPart, Channel
from units.models import Heartbeat, Notice
from units.queries.notices import mails_due

from .brief import brief_database, brief_redis

CALLS_NAMED = 20
CLOCKS_KEPT = 300.0  # seconds: working time of each open request is counted anew
QUEUE = "celery"

Group = Callable[[datetime], Iterator[Metric]]


def gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"portal_{name}", words, value=value)


def labelled(name: str, words: str, label: str, found: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"portal_{name}", words, labels=[label])
    for key, value in found.items():
        family.add_metric([key], value)
    return family


def seconds(since: datetime | None, at: datetime) -> float:
    return (at - since).total_seconds() if since else 0.0


# ------------------------------------------------------------------------------------------------------------ database
def sweeps(at: datetime) -> Iterator[Metric]:
    last = dict(Heartbeat.objects.values_list("part", "at"))
    yield labelled(
        "heartbeat_age_seconds", "Since worker and beat last said that they live", "part",
        {part: seconds(last[part], at) for part in BackgroundPart.values if part in last},
    )  # fmt: skip
    yield labelled(
        "sweep_age_seconds", "Since a sweep last ended well, anywhere", "sweep",
        {task: seconds(last[part], at) for task, part in PARTS.items() if part in last},
    )  # fmt: skip
    yield labelled("sweep_period_seconds", "How often a sweep is to run", "sweep", dict(SWEEPS))


def outbox(at: datetime) -> Iterator[Metric]:
    waiting, oldest = {}, {}
    for kind, urgent in (("urgent", True), ("digest", False)):
        due = mails_due(at, urgent=urgent, max_attempts=MAX_ATTEMPTS).order_by()
        waiting[kind] = due.count()
        oldest[kind] = seconds(due.aggregate(first=Min("created_at"))["first"], at)
    given_up = Notice.objects.filter(channel=Channel.EMAIL, sent_at__isnull=True, attempts__gte=MAX_ATTEMPTS)
    yield labelled("outbox_mails", "Mails that are due and have not left", "kind", waiting)
    yield labelled("outbox_oldest_seconds", "How long the oldest of them has waited", "kind", oldest)
    yield gauge("outbox_given_up", "Mails that were tried so often that they are tried no more", given_up.count())


def closings(at: datetime) -> Iterator[Metric]:
    coming = Call.objects.published().filter(closes_at__gt=at).order_by("closes_at", "pk")
    yield labelled(
        "closing_seconds", f"Until a call closes; the {CALLS_NAMED} next", "call",
        {str(pk): -seconds(closes, at) for pk, closes in coming.values_list("pk", "closes_at")[:CALLS_NAMED]},
    )  # fmt: skip
    ended = Call.objects.with_phase(at).filter(phase=CallPhase.CLOSED, snapshots__isnull=True)
    moments = [
        ended.aggregate(first=Min("grace_ends_at"))["first"],
        Report.objects.due(at).order_by().aggregate(first=Min("last_moment"))["first"],
    ]
    late = max((seconds(moment, at) for moment in moments if moment), default=0.0)
    yield gauge("closing_late_seconds", "Since the oldest last moment that nobody has recorded yet", late)


def seal(at: datetime) -> Iterator[Metric]:
    found = seal_figures()
    yield gauge("seal_number", "Number of the last link of the seal", found.seals)
    yield gauge("seal_waiting", "Events that no link covers yet", found.waiting)
    yield gauge("seal_waiting_seconds", "How long the oldest of them has waited", seconds(found.waiting_since, at))


class _Everything:
    """The scope of oversight that leaves nothing out."""

    def of(self, *_paths: str) -> Q:
        return Q()


class _Kept:
    until = 0.0  # monotonic
    overdue: dict[str, float] = {}


def clocks(at: datetime) -> Iterator[Metric]:
    if time.monotonic() >= _Kept.until:
        found = dict.fromkeys((Verdict.RUNNING.value, Verdict.PAUSED.value, Verdict.OVERDUE.value), 0.0)
        for _request, reading in open_clocks(_Everything(), at).values():  # type: ignore[arg-type]
            if reading.verdict in found:
                found[str(reading.verdict)] += 1
        _Kept.overdue, _Kept.until = found, time.monotonic() + CLOCKS_KEPT
    yield labelled("service_clocks", "Open requests, by how their clock stands to its target", "verdict", _Kept.overdue)


OF_DATABASE: tuple[Group, ...] = (sweeps, outbox, closings, seal, clocks)


def from_database() -> Iterator[Metric]:
    begun, failed = time.monotonic(), {}
    try:
        with brief_database():
            at = database_now()
            for group in OF_DATABASE:
                try:
                    yield from list(group(at))
                except (DatabaseError, InterfaceError):
                    failed[group.__name__] = 1.0
                    if time.monotonic() - begun > 3:
                        break
        up = 1.0
    except (DatabaseError, InterfaceError):
        up = 0.0
    yield gauge("database_up", "Whether the database answered", up)
    yield labelled("figures_failed", "Groups of figures that the database did not give in time", "group", failed)


# ---------------------------------------------------------------------------------------------------- Redis, this host
def from_redis() -> Iterator[Metric]:
    client = brief_redis()
    if client is None:
        return
    try:
        waiting = float(client.llen(f"{settings.REDIS_PREFIX}{QUEUE}"))
        yield gauge("queue_messages", "Messages that wait for a worker", waiting)
        yield gauge("redis_up", "Whether Redis answered", 1)
    except (RedisError, OSError):
        yield gauge("redis_up", "Whether Redis answered", 0)
    finally:
        client.close()


def from_host() -> Iterator[Metric]:
    free, size = {}, {}
    for name, folder in (("media", settings.MEDIA_ROOT), ("var", settings.VAR_DIR)):
        try:
            usage = shutil.disk_usage(folder)
        except OSError:  # the folder is gone: no figure, and an alert upon that
            continue
        free[name], size[name] = float(usage.free), float(usage.total)
    yield labelled("disk_free_bytes", "Room left where files lie", "folder", free)
    yield labelled("disk_size_bytes", "Room in all where files lie", "folder", size)
    yield gauge("web_workers", "Web workers of this host", _siblings())


def _siblings() -> int:
    """How many processes gunicorn's master has; 1 where that cannot be read."""
    try:
        return len(Path(f"/proc/{os.getppid()}/task/{os.getppid()}/children").read_text().split()) or 1
    except OSError:
        return 1


class PortalFigures:
    """What Prometheus' library collects."""

    def collect(self) -> Iterator[Metric]:
        begun = time.monotonic()
        yield from from_host()
        yield from from_redis()
        yield from from_database()
        yield gauge("figures_seconds", "How long it took to collect these", time.monotonic() - begun)
