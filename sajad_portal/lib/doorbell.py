"""Waking a worker. The row is the order and a sweep finds it anyway, so that a bell nobody hears costs nothing but time."""

import logging

from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


def ring(task: str) -> None:
    """Ask for one run of a sweep, after the commit. A broker may fail in any way; whoever rang has done their part.

    `task`: its dotted name, as the timetable in the settings names it; a verb stands below the tasks and imports none.
    """
    bell = import_string(task)
    try:
        bell.delay()
    except Exception:
        logger.warning("The broker did not take the doorbell of %s; the sweep will do the work.", task)
