"""Waking a worker. The row is the order and a sweep finds it anyway, so that a bell nobody hears costs nothing but time."""

import logging
import time

from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)

PAUSE = (
    15.0  # seconds in which no bell is rung after one that failed: not every request waits for a broker that is gone
)

_silent_until = 0.0


def ring(task: str) -> None:
    """Ask for one run of a sweep, after the commit. A broker may fail in any way; whoever rang has done their part.

    `task`: its dotted name, as the timetable in the settings names it; a verb stands below the tasks and imports none.
    """
    global _silent_until
    bell = import_string(task)
    if time.monotonic() < _silent_until:
        return
    try:
        bell.delay()
    except Exception:
        _silent_until = time.monotonic() + PAUSE
        logger.warning("The broker did not take the doorbell of %s; the sweep will do the work.", task)
