"""What a worker says of its tasks: the heartbeat of each sweep, counts, one line where something was done or broke. Celery's own
two lines for each look at the database are not written: a worker that has nothing to do is quiet."""

import logging
import time
from contextlib import ExitStack
from typing import Any

from billiard.process import current_process
from celery import signals

from sajad_portal.lib.logs import doing
from sajad_portal.sweeps import PARTS
from units.actions.heartbeats import say_alive

from . import measures

logger = logging.getLogger(__name__)
_begun: dict[str, tuple[float, ExitStack]] = {}


def watch_tasks() -> None:
    """In a worker only: what a test or an embedded page runs by itself is no task of anybody."""
    signals.worker_process_init.connect(_take_place)
    signals.task_prerun.connect(_begin)
    signals.task_postrun.connect(_end)


def _take_place(**_said: Any) -> None:
    measures.take_place(str(getattr(current_process(), "index", "main")))


def _begin(task_id: str, task: Any, **_said: Any) -> None:
    stack = ExitStack()
    stack.enter_context(doing(task=task.name, request=task_id))
    _begun[task_id] = (time.monotonic(), stack)


def _end(task_id: str, task: Any, state: str | None = None, retval: Any = None, **_said: Any) -> None:
    begun, stack = _begun.pop(task_id, (time.monotonic(), ExitStack()))
    with stack:
        seconds, well = time.monotonic() - begun, state == "SUCCESS"
        measures.TASKS.labels(task.name, "done" if well else "failed").inc()
        measures.TASK_SECONDS.labels(task.name).observe(seconds)
        if not well:
            return
        if task.name in PARTS:
            say_alive(part=PARTS[task.name])
        if isinstance(retval, int) and not isinstance(retval, bool) and retval:
            logger.info("%s: %d in %.2f s", task.name, retval, seconds)
