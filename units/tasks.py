"""Celery's doors to the outbox. Each is a sweep over the database: it may run twice, late or never."""

from celery import shared_task

from .actions.devices import forget_old_devices
from .actions.heartbeats import say_alive
from .actions.outbox import send_day_digests, send_urgent
from .actions.sessions import forget_old_sessions
from .actions.throttle import forget_old_attempts
from .enums import BackgroundPart


@shared_task(ignore_result=True)
def say_alive_as_worker() -> bool:
    """A worker that does this does its other work too."""
    return say_alive(part=BackgroundPart.WORKER)


@shared_task(ignore_result=True)
def send_notices() -> int:
    """Mail what cannot wait."""
    return send_urgent()


@shared_task(ignore_result=True)
def send_digests() -> int:
    """From eight in the morning in Tehran: one mail a person with what the day before brought."""
    return send_day_digests()


@shared_task(ignore_result=True)
def tidy() -> int:
    """Once a day: sessions, throttle counts and known devices whose time is over."""
    forget_old_sessions()
    return forget_old_attempts() + forget_old_devices()
