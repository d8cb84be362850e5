"""Waking a worker. The row is the order and a sweep finds it anyway, so that a bell nobody hears costs nothing but time."""

import logging

from celery import Task

logger = logging.getLogger(__name__)


def ring(task: Task) -> None:
    """Ask for one run of a sweep, after the commit. A broker may fail in any way; whoever rang has done their part."""
    try:
        task.delay()
    except Exception:
        logger.warning("The broker did not take the doorbell of %s; the sweep will do the work.", task.name)
