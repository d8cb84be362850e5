"""What the processes of a host count: requests and tasks, how many and how long. Files in METRICS_DIR hold the counts, a process
a place in the pool (`slot`), so that a worker that is replaced goes on counting where the last one ended and no file is left over.
"""

import os

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
KINDS = ("web", "worker")


class _Place:
    """Of this process among those of its kind: gunicorn's hooks say it in the environment (web_server.py), Celery's by a call."""

    slot = os.environ.get("PORTAL_SLOT", "main")


def take_place(slot: str) -> None:
    _Place.slot = slot


def forget_worker_counts() -> None:
    """Before a worker starts: a file that was torn would be met by all that read it. gunicorn's master does the same of its own."""
    if settings.METRICS_DIR:
        for path in (settings.METRICS_DIR / "worker").glob("*.db"):
            path.unlink(missing_ok=True)


if settings.METRICS_DIR and settings.PROCESS in KINDS:
    _folder = settings.METRICS_DIR / settings.PROCESS
    _folder.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_folder)
    values.ValueClass = values.MultiProcessValue(lambda: _Place.slot)

_counted = CollectorRegistry()
REQUESTS = Counter(
    "portal_requests", "Answers, by the view that gave them and their status", ["view", "status"], registry=_counted
)
SECONDS = Histogram(
    "portal_request_seconds", "How long a view took to answer", ["view"], buckets=BUCKETS, registry=_counted
)
TASKS = Counter("portal_tasks", "Tasks that ended, and how", ["task", "outcome"], registry=_counted)
TASK_SECONDS = Histogram("portal_task_seconds", "How long a task took", ["task"], buckets=BUCKETS, registry=_counted)


def counted() -> list[CollectorRegistry]:
    """What this process counted, or, where the processes of a host count together, what all of them did."""
    if not settings.METRICS_DIR:
        return [_counted]
    registry = CollectorRegistry()
    for kind in KINDS:
        if (settings.METRICS_DIR / kind).is_dir():
            MultiProcessCollector(registry, path=str(settings.METRICS_DIR / kind))
    return [registry]
